# SPDX-License-Identifier: MPL-2.0
"""Signals to Terraform and to the provider, a host that dies, and one that does not listen.

What is left in the state at each moment is in test_outcomes.py; here it is about the processes.
"""

import os
import signal
import sys
import time
from pathlib import Path

import pytest
from harness.processes import provider_of
from harness.sandbox import processes_of, use_overrides

HOURS = 6 * 3600


@pytest.fixture
def copying(cluster_copy):
    """A copy that takes hours, an apply that waits for it, and the provider's process."""
    cluster_copy.world.copies_take(HOURS)
    running = cluster_copy.workspace.start("apply", "-json", "-auto-approve")
    waits = lambda: cluster_copy.snapshot and len(cluster_copy.calls("describe", "after")) > 2
    cluster_copy.world.wait_until(waits, "copying", 40)
    (provider,) = provider_of(cluster_copy.workspace)
    return cluster_copy, running, provider


def sockets_of(pid):
    """Names of the Unix sockets that a process listens on."""
    inodes = set()
    for path in Path(f"/proc/{pid}/fd").iterdir():
        target = os.readlink(path)
        if target.startswith("socket:["):
            inodes.add(target[len("socket:[") : -1])
    return {row[7] for row in unix_sockets() if len(row) > 7 and row[6] in inodes}


def unix_sockets():
    return [line.split() for line in Path("/proc/net/unix").read_text().splitlines()[1:]]


def assert_nothing_runs(copy, sandbox, sockets):
    copy.world.wait_until(lambda: not processes_of(sandbox.folder), "the end of all processes", 10)
    is_left = lambda: sockets & {row[7] for row in unix_sockets() if len(row) > 7}
    copy.world.wait_until(lambda: not is_left(), "the end of all sockets", 10)


def assert_goes_on(copy):
    copy.world.finish_copies()
    copy.apply()
    assert copy.copies == 1 and copy.state["status"] == "available"
    assert copy.holder == copy.state["holder_id"]


def twice(signal_number):
    def send(running, provider):
        os.killpg(running.process.pid, signal_number)
        time.sleep(0.1)
        os.killpg(running.process.pid, signal_number)

    return send


SIGNALS = {
    # name: how it is sent; whether Terraform is told the end by the provider
    "Ctrl-C": (lambda running, provider: running.interrupt(), True),
    "SIGTERM to all, as a container's stop": (lambda r, p: os.killpg(r.process.pid, signal.SIGTERM), True),
    "SIGHUP to all, as a closed terminal": (lambda r, p: os.killpg(r.process.pid, signal.SIGHUP), False),
    "SIGTERM to Terraform": (lambda running, provider: running.process.terminate(), True),
    "Ctrl-C twice": (twice(signal.SIGINT), None),
    "SIGKILL to Terraform": (lambda running, provider: running.kill(), False),
    "SIGKILL to the provider": (lambda running, provider: os.kill(provider, signal.SIGKILL), False),
    "SIGKILL to all": (lambda r, p: os.killpg(r.process.pid, signal.SIGKILL), False),
}


@pytest.mark.parametrize("name", SIGNALS)
def test_after_a_signal_nothing_runs_and_the_copy_is_found_again(copying, sandbox, name):
    copy, running, provider = copying
    send, is_told = SIGNALS[name]
    sockets = sockets_of(provider)
    assert sockets
    send(running, provider)
    outcome = running.wait()
    assert outcome.code != 0 and outcome.seconds < 40
    assert_nothing_runs(copy, sandbox, sockets)
    if is_told:
        outcome.assert_warning("goes on in AWS")
    if is_told is not None:  # after the second Ctrl-C it is a matter of luck
        assert (copy.instance is not None) == is_told
    (copy.workspace.folder / ".terraform.tfstate.lock.info").unlink(missing_ok=True)
    assert_goes_on(copy)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_to_the_provider_alone_is_the_host_s_to_act_on(copying, name):
    copy, running, provider = copying
    os.kill(provider, getattr(signal, name))
    time.sleep(0.5)
    assert running.process.poll() is None and provider_of(copy.workspace) == [provider]
    copy.world.finish_copies()
    assert running.wait().ok


# ---- A host that does not listen

# Stands for the provider's binary, and gives it another standard error than Terraform's.
WRAPPER = """#!{python}
import fcntl, os, signal, sys

reader, writer = os.pipe()
if {is_full}:
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    os.write(writer, b"x" * fcntl.fcntl(writer, fcntl.F_GETPIPE_SZ))
    os.set_inheritable(reader, True)
else:
    os.close(reader)
os.dup2(writer, 2)
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
os.execv({binary!r}, [{binary!r}, *sys.argv[1:]])
"""


@pytest.mark.parametrize("is_full", [True, False], ids=["full", "closed"])
def test_a_standard_error_that_nobody_reads_stalls_nothing(cluster_copy, sandbox, binaries, is_full):
    binary = binaries["rds-snapshot/snapshot"]
    wrapper = sandbox.subfolder("wrapped") / binary.name
    python = Path(sys.executable).resolve()  # not the clone's: the first line of a script can name no path with blanks
    wrapper.write_text(WRAPPER.format(python=python, is_full=is_full, binary=str(binary)))
    wrapper.chmod(0o755)
    use_overrides(sandbox, {**binaries, "rds-snapshot/snapshot": wrapper})
    log = {"TF_LOG": "TRACE", "TF_LOG_PATH": str(cluster_copy.workspace.folder / "trace.log")}
    cluster_copy.apply(environment=log, limit=60)
    assert cluster_copy.state["status"] == "available"
    text = (cluster_copy.workspace.folder / "trace.log").read_text()
    assert "CopyDBClusterSnapshot" not in text, "what the provider logs went elsewhere"
