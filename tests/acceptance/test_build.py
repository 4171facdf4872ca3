# SPDX-License-Identifier: MPL-2.0
"""script/build on machines that lack something.

A copy of it in a tree of its own, with a PATH on which the tools that look at the machine or change
it are fakes: nothing is installed or built.
"""

import shutil
import subprocess

import pytest
from harness.sandbox import ROOT

REAL_TOOLS = ("bash", "env", "dirname", "basename", "cat", "grep", "mkdir", "chmod")
SAYS_WHAT_IT_WAS_ASKED = 'echo "$(basename "$0") $*" >>"$ASKED"\n'


class Machine:
    """As it is, all is there: packages, terraform, cmake; and the caller is root."""

    def __init__(self, folder, environment):
        self.folder = folder
        self.tools = folder / "bin"
        self.asked_file = folder / "asked"
        self.asked_file.touch()
        self.environment = {**environment, "PATH": str(self.tools), "ASKED": str(self.asked_file)}
        self.tools.mkdir()
        for name in REAL_TOOLS:
            (self.tools / name).symlink_to(shutil.which(name))
        (folder / "tree" / "script").mkdir(parents=True)
        shutil.copy(ROOT / "script" / "build", folder / "tree" / "script")
        self.has("id", "echo 0")
        self.has("dpkg-query", "echo installed")
        for name in ("terraform", "cmake", "apt-get"):
            self.has(name, SAYS_WHAT_IT_WAS_ASKED)

    def has(self, name, text):
        path = self.tools / name
        path.write_text(f"#!{shutil.which('bash')}\n{text}\n")
        path.chmod(0o755)

    def has_no(self, *names):
        for name in names:
            (self.tools / name).unlink()

    def lacks_packages(self, *names):
        self.has("dpkg-query", f'case " {" ".join(names)} " in *" ${{@: -1}} "*) exit 1 ;; esac\necho installed')

    def build(self, *arguments):
        return subprocess.run(
            [self.folder / "tree" / "script" / "build", *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    @property
    def asked(self):
        return self.asked_file.read_text().splitlines()


@pytest.fixture
def machine(sandbox):
    return Machine(sandbox.subfolder("machine"), sandbox.environment())


def test_where_all_is_there_it_only_builds(machine):
    assert machine.build().returncode == 0
    assert [line.split()[0] for line in machine.asked] == ["cmake", "cmake"]


def test_missing_packages_are_installed_by_root(machine):
    machine.lacks_packages("ninja-build", "libmsgpack-dev")
    done = machine.build()
    assert done.returncode == 0, done.stderr
    assert "installing ninja-build libmsgpack-dev" in done.stdout
    assert machine.asked[:2] == [
        "apt-get update -q",
        "apt-get install -q -y --no-install-recommends ninja-build libmsgpack-dev",
    ]


def test_without_root_the_line_to_run_is_printed_and_nothing_is_changed(machine):
    machine.lacks_packages("ninja-build", "libmsgpack-dev")
    machine.has("id", "echo 1000")
    refused = machine.build()
    assert refused.returncode == 1
    assert "as root" in refused.stderr
    assert "\n    apt-get install --no-install-recommends ninja-build libmsgpack-dev\n" in refused.stderr
    assert machine.asked == []


def test_without_root_a_complete_machine_is_enough(machine):
    machine.has("id", "echo 1000")
    assert machine.build().returncode == 0


def test_no_debian_is_told_what_is_needed(machine):
    machine.has_no("dpkg-query")
    done = machine.build()
    assert done.returncode == 0
    assert "not a Debian system" in done.stdout and "libgrpc-dev" in done.stdout


@pytest.mark.parametrize("option, package", [("--with-lints", "cppcheck"), ("--preset=clang", "clang-19")])
def test_more_is_looked_for_where_more_is_done(machine, option, package):
    machine.lacks_packages(package)
    assert machine.build().returncode == 0 and not any("apt-get" in line for line in machine.asked)
    done = machine.build(*option.split("="))
    assert done.returncode == 0, done.stderr
    assert f"installing {package}" in done.stdout


def test_tofu_does_as_well_as_terraform(machine):
    machine.has_no("terraform")
    machine.has("tofu", "")
    assert machine.build().returncode == 0


def test_no_terraform_and_no_go_says_where_to_get_one(machine):
    machine.has_no("terraform")
    refused = machine.build()
    assert refused.returncode == 1
    assert "no terraform or tofu on PATH" in refused.stderr
    assert "https://developer.hashicorp.com/terraform/install" in refused.stderr
    assert "https://opentofu.org/docs/intro/install" in refused.stderr
    assert machine.asked == [], "nothing is built before one is there"


def test_no_terraform_but_go_builds_the_last_free_one_once(machine):
    machine.has_no("terraform")
    machine.has("go", SAYS_WHAT_IT_WAS_ASKED + 'mkdir -p "$GOBIN" && echo >"$GOBIN/terraform" && chmod +x "$GOBIN/terraform"')
    for _ in range(2):
        done = machine.build()
        assert done.returncode == 0, done.stderr
    assert [line for line in machine.asked if line.startswith("go")] == [
        "go install github.com/hashicorp/terraform@v1.5.7"
    ]
    assert (machine.folder / "tree" / "build" / "bin" / "terraform").exists()
