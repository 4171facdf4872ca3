# SPDX-License-Identifier: MPL-2.0
"""README's two commands on a Debian on which nothing is installed, made here by debootstrap.

How this machine reaches the registries, apt's sources and settings and pip's, is looked up when a
test runs. What runs has a mount and a process namespace of its own: it ends with it, mounts too.
"""

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from harness.sandbox import ROOT

pytestmark = [pytest.mark.long, pytest.mark.root_with("debootstrap")]

LIMIT_SECONDS = 3600
SILENT_AT_MOST_SECONDS = 5
BUSY_SECONDS = 2  # that a machine with more to do may be late
USER = 1000
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
NAMESPACES = ("unshare", "--mount", "--pid", "--fork", "--kill-child")
ENTER = """
mount -t proc proc "$1/proc" && mount -t devpts devpts "$1/dev/pts" || exit
exec chroot --userspec="$2" "$1" /bin/bash -c "cd /clone && $3"
"""


class BareMachine:
    def __init__(self, folder, suite, owner=0):
        self.root, self.owner = folder / "root", owner
        self.transcript = folder / "transcript"
        self.entered("debootstrap", "--variant=minbase", suite, self.root, mirror())
        reaches_the_registries(self.root)
        self.copy_clone()

    def copy_clone(self):
        for name in output("git", "ls-files", "-z").split("\0")[:-1]:
            if (ROOT / name).exists():
                target = self.root / "clone" / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, target)
        subprocess.run(["chown", "-R", str(self.owner), self.root / "clone", self.root / "home"], check=True)

    def run(self, command, user=0):
        """(exit code, [(seconds, line)]); the lines are in the transcript, too."""
        began = time.monotonic()
        lines = []
        with self.transcript.open("a") as transcript:
            transcript.write(f"\n$ {command}\n")
            child = self.start("sh", "-c", ENTER, "-", self.root, f"{user}:{user}", command, stdout=subprocess.PIPE)
            try:
                for line in child.stdout:
                    lines.append((time.monotonic() - began, line.rstrip("\n")))
                    transcript.write(f"{lines[-1][0]:7.1f}  {line}")
                    transcript.flush()
                return child.wait(), lines
            finally:
                end(child)

    def entered(self, *command):
        with self.transcript.open("a") as transcript:
            child = self.start(*command, stdout=transcript)
            try:
                assert child.wait(LIMIT_SECONDS) == 0, self.transcript.read_text()[-2000:]
            finally:
                end(child)

    @staticmethod
    def start(*command, stdout):
        return subprocess.Popen(
            ["timeout", "--foreground", str(LIMIT_SECONDS), *NAMESPACES, *command],
            env={"PATH": PATH, "HOME": "/home", "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def goes_offline(self):
        (self.root / "etc/resolv.conf").write_text("")
        (self.root / "etc/hosts").write_text("127.0.0.1 localhost\n")


def reaches_the_registries(root):
    """As this machine does."""
    (root / "etc/apt/apt.conf.d/99host").write_text(output("apt-config", "dump", "Acquire"))
    for path in ("/etc/resolv.conf", "/etc/hosts", "/etc/pip.conf"):
        if Path(path).exists():
            shutil.copy(path, f"{root}{path}")
    authorities = "/usr/local/share/ca-certificates"
    if Path(authorities).exists():
        shutil.copytree(authorities, f"{root}{authorities}", dirs_exist_ok=True)


def end(child):
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    if child.stdout:
        child.stdout.close()


def output(*command):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def mirror():
    """Where this machine has Debian's packages from."""
    sources = output("apt-get", "indextargets", "--format", "$(REPO_URI) $(ORIGIN) $(RELEASE)", "Created-By: Packages")
    return next(line.split()[0] for line in sources.splitlines() if re.search(r" Debian [a-z]+$", line))


def commands_of_readme():
    block = re.search(r"```sh\n(script/demo\b.*?)```", (ROOT / "README.md").read_text(), re.S)[1]
    return [line.partition("#")[0].strip() for line in block.splitlines() if line.startswith("script/")]


@pytest.fixture
def bare_machine(sandbox):
    made = []

    def make(suite, **options):
        made.append(sandbox.folder / "bare")
        made[0].mkdir()
        return BareMachine(made[0], suite, **options)

    yield make
    for folder in made:
        shutil.rmtree(folder / "root")  # nothing is mounted in it


def gaps(lines):
    """What was silent for too long before the demo itself begins: (seconds, the line after it)."""
    found, before = [], 0
    for at, line in lines:
        if at - before > SILENT_AT_MOST_SECONDS + BUSY_SECONDS:
            found.append((at - before, line))
        if "moves to another AWS account" in line:
            break
        before = at
    return found


@pytest.mark.parametrize("suite", ["bookworm", "trixie"])
def test_readmes_commands_are_all_that_root_needs(bare_machine, suite, request):
    machine = bare_machine(suite)
    wanted = request.config.getoption("--bare-machine")
    commands = wanted.split(";") if wanted else commands_of_readme()
    for command in commands:
        code, lines = machine.run(command.strip())
        last = [line for _at, line in lines[-20:]]
        assert code == 0, last
        assert not gaps(lines)
        if "script/test" in command:
            assert re.fullmatch(r"[1-9]\d* passed, 0 failed", last[-1]), last
        assert os.listdir(machine.root / "tmp") == []
    machine.goes_offline()
    code, lines = machine.run(commands[0])
    assert code == 0, lines[-20:]


def test_a_user_pastes_one_line_for_root_and_goes_on(bare_machine):
    machine = bare_machine("bookworm", owner=USER)
    code, lines = machine.run("script/demo", USER)
    assert code == 1
    (line,) = [line.strip() for _at, line in lines if line.startswith("    apt-get update && apt-get install")]
    assert machine.run(line)[0] == 0
    code, lines = machine.run("script/demo", USER)
    assert code == 0, lines[-20:]
