# SPDX-License-Identifier: MPL-2.0
"""`-debug`: one process, started by hand, serves every walk and every alias of the whole chain."""

import signal
import subprocess

import pytest
from harness.world import OPERATOR

PREFIX = "TF_REATTACH_PROVIDERS="


@pytest.fixture
def debugged(binaries, sandbox, world):
    """The process and what it tells the host to set."""
    process = subprocess.Popen(
        [binaries["rds-snapshot/snapshot"], "-debug"],
        env=sandbox.environment(**world.environment(OPERATOR)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    line = next(line.strip() for line in process.stdout if PREFIX in line)
    yield process, line.split(PREFIX, 1)[1].strip("'\"")
    process.kill()
    process.communicate()


def test_one_process_serves_both_accounts(chain, debugged, world):
    process, reattach = debugged
    chain.environment["TF_REATTACH_PROVIDERS"] = reattach
    chain.apply()
    assert chain.is_settled()
    assert world.cluster("orders")["status"] == "available"
    chain.destroy()
    assert not chain.managed()
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
