# SPDX-License-Identifier: MPL-2.0
"""What tests and demo stand on: nothing of the person's is seen by what they start, and script/test
counts honestly."""

import importlib.util
import os
import subprocess
import sys

import pytest
from harness.sandbox import BUILD, ROOT, Sandbox, find_terraform, use_overrides
from harness.terraform import Workspace

OF_A_PERSON = {
    "AWS_PROFILE": "mine",
    "AWS_ACCESS_KEY_ID": "AKIAMINE",
    "AWS_CA_BUNDLE": "/mine",
    "TF_CLI_ARGS": "-no-such-option",
    "TF_PLUGIN_CACHE_DIR": "/mine",
    "TF_DATA_DIR": "/mine",
    "HTTPS_PROXY": "http://mine:3128",
    "http_proxy": "http://mine:3128",
    "SSL_CERT_FILE": "/mine",
}


def test_what_is_started_sees_only_the_path_of_the_person(monkeypatch, sandbox):
    for name, value in OF_A_PERSON.items():
        monkeypatch.setenv(name, value)
    environment = sandbox.environment()
    assert environment["PATH"] == os.environ["PATH"]
    assert not any("mine" in value.lower() for value in environment.values())
    assert not set(environment) & set(OF_A_PERSON)
    own = [environment[n] for n in ("HOME", "TF_CLI_CONFIG_FILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")]
    assert all(path.startswith(str(BUILD)) for path in own)


def test_terraform_is_started_so_and_the_person_s_files_stay_unread(monkeypatch, sandbox, binaries, request):
    """A CLI configuration of the person that no Terraform would accept."""
    home = sandbox.subfolder("person")
    (home / ".terraformrc").write_text("not a configuration {")
    monkeypatch.setenv("HOME", str(home))
    for name, value in OF_A_PERSON.items():
        monkeypatch.setenv(name, value)
    use_overrides(sandbox, binaries)
    workspace = Workspace(sandbox.subfolder("workspace"), request.config.terraform, sandbox.environment())
    workspace.write("main.tf", 'output "x" { value = 1 }\n')
    workspace.apply()
    broken = subprocess.run([request.config.terraform, "version"], capture_output=True, text=True)
    assert "-no-such-option" in broken.stderr + broken.stdout or broken.returncode, "the person's would have broken it"
    assert os.listdir(home) == [".terraformrc"]


def test_a_sandbox_leaves_no_folder():
    sandbox = Sandbox("surroundings")
    sandbox.subfolder("a/b")
    sandbox.remove()
    assert not sandbox.folder.exists()


def test_a_terraform_that_is_not_there_is_named():
    with pytest.raises(SystemExit, match="/no/such/terraform"):
        find_terraform("/no/such/terraform")


# ---- script/test's count -------------------------------------------------------


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("script_test", ROOT / "script" / "test.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "text, counted",
    [
        ("def test_a(): pass\ndef test_b(): pass\n", (2, 0)),
        ("def test_a(): pass\ndef test_b(): assert 0\n", (2, 1)),
        ("import pytest\ndef test_a(): pytest.skip()\n", (1, 1)),
        ("import pytest\n@pytest.fixture\ndef f(): assert 0\ndef test_a(f): pass\n", (1, 1)),
        ("import no_such_module\n", (1, 1)),
        ("", (1, 1)),
    ],
    ids=["passed", "failed", "skipped", "fixture", "import", "none"],
)
def test_what_did_not_pass_counts_as_failed(script, sandbox, text, counted):
    tests, report = sandbox.folder / "test_some.py", sandbox.folder / "report.xml"
    tests.write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junit-xml={report}", tests]
    assert script.counted(command, report, sandbox) == counted


@pytest.mark.long
@pytest.mark.parametrize("selected, code, line", [("the_pinned_moto", 0, "1 passed, 0 failed"), ("no_such", 1, "0 passed, 1 failed")])
def test_the_closing_line(sandbox, selected, code, line):
    done = subprocess.run(
        [ROOT / "script" / "test", "simulator", "-k", selected],
        env=sandbox.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines()[-1] == line, done.stdout + done.stderr
    assert done.returncode == code
