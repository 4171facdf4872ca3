# SPDX-License-Identifier: MPL-2.0
"""credential_process from outside: what the program is given, what comes of its errors, and its end."""

import contextlib
import fcntl
import json
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest
from harness.access.process import Process
from harness.access.way import KEYS
from harness.processes import wait_until_ended
from harness.sandbox import processes_of
from harness.world import OLD

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
LABEL = 'credential_process of the profile "work"'


class Program:
    """A script of the user, as credential_process of the profile that AWS_PROFILE names."""

    def __init__(self, copy, sandbox):
        self.copy, self.workspace, self.sandbox = copy, copy.workspace, sandbox
        self.path = sandbox.home / "keys.py"
        self.config = sandbox.home / "aws-config"
        keys = copy.world.accounts[OLD]
        document = {"Version": 1, "AccessKeyId": keys.access_key, "SecretAccessKey": keys.secret_key}
        self.good = f"print({json.dumps(document)!r})\n"
        for name in KEYS:
            self.workspace.environment.pop(name, None)
        self.workspace.environment["AWS_PROFILE"] = "work"

    def write(self, *lines, arguments=""):
        self.path.write_text("\n".join([f"#!{sys.executable}", "import json, os, signal, sys, time", *lines, ""]))
        self.path.chmod(0o755)
        self.command(f"{self.path} {arguments}".strip())

    def command(self, text):
        self.config.write_text(f"[profile work]\ncredential_process = {text}\n")

    def writes(self, expression):
        """It prints keys, and this into a file; read once that is there."""
        self.write(f"seen = {expression}", f"open({str(self.report)!r}, 'w').write(json.dumps(seen))", self.good)

    @property
    def report(self):
        return self.sandbox.home / "report.json"

    def reported(self):
        return json.loads(self.report.read_text())

    def refuse(self, *fragments):
        """A plan that fails, saying so; all that it left is searched for what must not be shown."""
        log = self.sandbox.home / "trace.log"
        trace = {"TF_LOG": "TRACE", "TF_LOG_PATH": str(log)}
        running = self.workspace.start("plan", "-json", environment=trace)
        outcome = running.wait()
        assert outcome.code == 1
        outcome.assert_error(*fragments)
        said = outcome.out + outcome.err + log.read_text("utf-8", "replace")
        assert SECRET not in said and "hush" not in said
        return outcome


@pytest.fixture
def program(cluster_copy, sandbox):
    made = Program(cluster_copy, sandbox)
    yield made
    for pid in processes_of(sandbox.folder):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, 9)


# ---- What it is given


def test_it_has_the_users_environment_and_nothing_of_the_plugins(program):
    program.writes("dict(os.environ)")
    mine = {"SSH_AUTH_SOCK": "/run/agent", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/bus", "PLUGIN_MINE": "1"}
    program.workspace.environment |= mine
    program.workspace.start("plan", "-json").wait()
    seen = program.reported()
    wanted = {name: program.workspace.environment[name] for name in (*mine, "PATH", "HOME", "AWS_PROFILE")}
    assert wanted.items() <= seen.items()
    assert [name for name in seen if name.startswith(("TF_PLUGIN", "PLUGIN_")) and name not in mine] == []


def test_it_has_three_descriptors_and_an_empty_standard_input(program):
    open_ones = "[number for number in os.listdir('/proc/self/fd') if os.path.exists(f'/proc/self/fd/{number}')]"
    program.writes(f"[sys.stdin.read(), os.readlink('/proc/self/fd/0'), sorted({open_ones})]")
    program.workspace.start("plan", "-json").wait()
    assert program.reported() == ["", "/dev/null", ["0", "1", "2"]]


def test_its_signals_are_as_a_shell_would_start_it(program):
    program.write(
        "import subprocess",
        "status = subprocess.run(['cat', '/proc/self/status'], capture_output=True, restore_signals=False).stdout",
        f"open({str(program.report)!r}, 'wb').write(status)",
        program.good,
    )
    program.workspace.start("plan", "-json").wait()
    status = dict(line.split(":\t") for line in program.report.read_text().splitlines())
    of_python = {signal.SIGPIPE, signal.SIGXFSZ}  # it ignores these by itself
    ignored = {n for n in range(1, 32) if int(status["SigIgn"], 16) & 1 << (n - 1)}
    assert int(status["SigBlk"], 16) == 0 and ignored <= of_python, status


def test_it_runs_where_terraform_does(program):
    program.writes("os.getcwd()")
    program.workspace.start("plan", "-json").wait()
    assert program.reported() == str(program.workspace.folder)


class Terminal:
    """A plan in a terminal of its own: what it shows, and keys to press."""

    def __init__(self, workspace):
        self.master, self.slave = pty.openpty()
        self.shown = ""
        self.terraform = subprocess.Popen(
            [workspace.terraform, "plan", "-no-color"],
            cwd=workspace.folder,
            env=workspace.environment,
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )

    def read_until(self, is_enough, seconds=60):
        deadline = time.monotonic() + seconds
        while not is_enough():
            assert time.monotonic() < deadline, self.shown
            if select.select([self.master], [], [], 0.05)[0]:
                self.shown += os.read(self.master, 4096).decode()

    def press(self, keys):
        os.write(self.master, keys)

    @property
    def has_echo(self):
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def wait(self):
        self.read_until(lambda: self.terraform.poll() is not None)
        self.read_until(lambda: not select.select([self.master], [], [], 0)[0])
        return self.terraform.returncode

    def close(self):
        if self.terraform.poll() is None:
            os.killpg(self.terraform.pid, signal.SIGKILL)
            self.terraform.wait()
        os.close(self.slave)
        os.close(self.master)


@pytest.fixture
def terminal(program):
    """As pinentry, aws-vault and ssh do, the program asks on /dev/tty, without echo."""
    program.write("import getpass", "assert getpass.getpass('PIN: ') == 'h' + 'ush-1234'", program.good)
    made = Terminal(program.workspace)
    made.read_until(lambda: "PIN: " in made.shown and not made.has_echo)
    yield made
    made.close()


def test_it_may_ask_on_the_terminal(terminal):
    terminal.press(b"hush-1234\n")
    assert terminal.wait() == 0, terminal.shown
    assert "Plan: 1 to add" in terminal.shown and "hush" not in terminal.shown


def test_ctrl_c_at_its_question_leaves_a_terminal_with_echo(terminal):
    terminal.press(b"\x03")
    assert terminal.wait() == 1, terminal.shown
    assert terminal.has_echo


# ---- What is wrong with it


@pytest.mark.parametrize(
    "command, fragments",
    [
        ("/no/such/program --password hush", ["there is no program", "/no/such/program", "full path"]),
        ("no-such-program", ["no-such-program", "in the folders that PATH names"]),
        ("$HOME/keys.py", ["there is no program", "without a shell", "sh -c"]),
        ("sh -c 'exit 0", ["a ' in it is not closed by another one"]),
        ("'' x", ["names no program"]),
        ("/etc/passwd", ["no permission to execute", "chmod"]),
    ],
    ids=["path", "name", "variable", "quote", "empty", "permission"],
)
def test_a_command_that_cannot_be_run_is_named_with_file_and_line(program, command, fragments):
    program.command(command)
    program.refuse(LABEL, f"{program.config}, line 2", *fragments)
    assert program.copy.world.aws.calls() == [], "no other caller is tried"


DOCUMENT = {"Version": 1, "AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": SECRET}


@pytest.mark.parametrize(
    "lines, fragments",
    [
        (["sys.exit('the vault is locked')"], ["ended with status 1", "the vault is locked"]),
        (["os.kill(os.getpid(), 9)"], ["ended by signal 9"]),
        ([], ["wrote nothing to standard output", '"Version": 1']),
        ([f"print({SECRET!r})"], ["not a JSON object", '"Version": 1']),
        ([f"print({json.dumps({**DOCUMENT, 'Version': 2})!r})"], ["Version 2", "only Version 1"]),
        ([f"print({json.dumps({**DOCUMENT, 'Version': '1'})!r})"], ["not a JSON object"]),
        ([f"print({json.dumps({'SecretAccessKey': SECRET})!r})"], ["no Version"]),
        ([f"print({json.dumps({'Version': 1, 'SecretAccessKey': SECRET})!r})"], ["no AccessKeyId"]),
        ([f"print({json.dumps({**DOCUMENT, 'Expiration': 'hush'})!r})"], ["Expiration"]),
        ([f"print({json.dumps({**DOCUMENT, 'AccessKeyId': 'hush hush'})!r})"], ["contains a blank"]),
        (["while True: print('hush' * 99)"], ["more than 64 KiB"]),
        ([f"print({SECRET!r}); sys.exit('got {SECRET}')"], ["status 1", "is not shown"]),
        (["print('hush-hush-hush-hush'); sys.exit('got hush-hush-hush-hush')"], ["status 1", "is not shown"]),
        (["sys.stderr.write('\\x1b[31mred'); sys.exit(1)"], ["status 1", "\ufffd[31mred"]),
    ],
    ids=["status", "signal", "nothing", "text", "version", "version-text", "no-version", "no-key", "expiration",
         "blank", "endless", "secret", "output", "escape"],
)  # fmt: skip
def test_a_program_that_gives_no_keys_is_an_error_of_its_own_words(program, lines, fragments):
    program.write(*lines)
    program.refuse(LABEL, *fragments)
    assert program.copy.world.aws.calls() == []


def test_a_script_without_a_first_line_is_refused(program):
    program.write()
    program.path.write_text("echo hush\n")
    program.refuse(LABEL, str(program.path), "#!/bin/sh")


# ---- Its end


def test_ctrl_c_ends_it_and_those_below_it_at_once(program):
    program.write(
        "import subprocess",
        "signal.signal(signal.SIGINT, signal.SIG_IGN)",
        "child = subprocess.Popen(['sleep', '600'])",
        f"open({str(program.report)!r} + '.new', 'w').write(json.dumps([os.getpid(), child.pid]))",
        f"os.rename({str(program.report)!r} + '.new', {str(program.report)!r})",
        "child.wait()",
    )
    running = program.workspace.start("plan", "-json")
    program.copy.world.wait_until(program.report.exists, "the program", 30)
    running.interrupt()
    interrupted = time.monotonic()
    assert running.wait(30).code == 1
    assert time.monotonic() - interrupted < 5
    wait_until_ended(program.reported(), 2)


@pytest.mark.long
def test_a_program_that_hangs_has_a_minute(program):
    program.write(
        "import subprocess",
        "child = subprocess.Popen(['sleep', '600'])",
        f"open({str(program.report)!r}, 'w').write(json.dumps([os.getpid(), child.pid]))",
        "print('enter the code', file=sys.stderr, flush=True)",
        "child.wait()",
    )
    outcome = program.refuse(LABEL, "had not ended after 60 s and was killed", "enter the code", "/dev/tty")
    assert 60 < outcome.seconds < 75
    wait_until_ended(program.reported(), 2)


# ---- Refresh


class Untimed(Process):
    """Says nothing of an end: the program is run again once AWS says that the session has expired."""

    name = ""
    tells_expiry = False


@pytest.fixture
def untimed(program, world, sandbox):
    way = Untimed(world, sandbox)
    way.account = OLD
    program.workspace.environment |= way.open()
    world.copies_take(6 * 3600)
    yield way
    way.end()


def start_copy(program, way):
    running = program.workspace.start("apply", "-json", "-auto-approve")
    program.copy.world.wait_until(lambda: program.copy.snapshot, "the copy", 60)
    return running, way.minted


def test_a_session_without_a_known_end_is_fetched_again_when_aws_says_that_it_has_ended(program, world, untimed):
    assert program.workspace.plan().warnings == [], "it can be refreshed"
    running, begun = start_copy(program, untimed)
    world.aws.expire_credentials()
    world.wait_until(lambda: untimed.minted > begun, "another run of the program", 60)
    world.finish_copies()
    ended = running.wait(60)
    assert ended.code == 0, ended


def test_a_program_that_fails_while_the_copy_runs_is_run_again(program, world, untimed):
    running, begun = start_copy(program, untimed)
    untimed.is_locked = True
    world.aws.expire_credentials()
    world.wait_until(lambda: untimed.refused >= 2, "two runs that failed", 60)
    untimed.is_locked = False
    world.wait_until(lambda: untimed.minted > begun, "one that did not", 60)
    world.finish_copies()
    ended = running.wait(60)
    assert ended.code == 0, ended


def test_no_key_is_in_the_arguments_of_a_process(program, world, untimed):
    """Which every user of the machine can read; while the copy is waited for and while the program prints keys."""
    running, begun = start_copy(program, untimed)
    world.aws.expire_credentials()
    seen = set()

    def look():
        for pid in processes_of(program.workspace.folder.parent):
            with contextlib.suppress(OSError):
                seen.add(Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace"))
        return untimed.minted > begun

    world.wait_until(look, "another run of the program", 60)
    world.finish_copies()
    assert running.wait(60).code == 0
    assert any("terraform" in line for line in seen)
    secrets = world.aws.secrets()
    assert secrets and [line for line in seen if any(secret in line for secret in secrets)] == []
