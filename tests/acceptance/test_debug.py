# SPDX-License-Identifier: MPL-2.0
"""-debug: one process serves both accounts' provider blocks; each connection keeps its own."""

import json
import re
import select
import signal
import subprocess

import pytest
from harness.world import NEW, OLD


@pytest.fixture
def debugged(binaries, chain):
    """Makes the chain use a provider that was started by hand; yields its process."""
    process = start_debugged(binaries, chain.environment)
    try:
        chain.environment["TF_REATTACH_PROVIDERS"] = reattach_line(process)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def start_debugged(binaries, environment):
    return subprocess.Popen(
        [binaries["rds-snapshot/snapshot"], "-debug"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        bufsize=0,  # select() must not be fooled by a buffer
        start_new_session=True,
    )


def reattach_line(process):
    for _ in range(20):
        readable, _, _ = select.select([process.stdout], [], [], 10)
        assert readable, "nothing was printed for 10 s"
        found = re.search(r"TF_REATTACH_PROVIDERS='?({.*})'?", process.stdout.readline().decode())
        if found:
            return found[1].rstrip("'")
    raise AssertionError("no TF_REATTACH_PROVIDERS among the first lines")


def test_the_whole_chain_by_one_process(debugged, chain, world):
    addresses = json.loads(chain.environment["TF_REATTACH_PROVIDERS"])
    assert "registry.terraform.io/rds-snapshot/snapshot" in addresses
    chain.apply()
    assert world.cluster("orders", NEW)["status"] == "available"
    assert world.snapshot("orders-shared", OLD)["shared_with"] == [NEW]
    assert chain.is_settled()
    assert debugged.poll() is None, "it outlives every walk"
    chain.destroy()
    assert world.snapshot_names(OLD) == world.snapshot_names(NEW) == []
    debugged.send_signal(signal.SIGINT)
    assert debugged.wait(10) == 0


def test_a_stop_does_not_outlast_its_walk(debugged, chain, world):
    world.copies_take(6 * 3600)
    running = chain.start("apply", "-json", "-auto-approve")
    world.wait_until(lambda: world.snapshot("orders-shared", OLD), "the copy", 60)
    running.process.send_signal(signal.SIGINT)
    running.wait().assert_warning("goes on in AWS")
    world.finish_copies()
    chain.apply()
    assert world.cluster("orders", NEW)["status"] == "available"
    assert len(world.copies_made()) == 2
