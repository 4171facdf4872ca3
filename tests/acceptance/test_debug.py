# SPDX-License-Identifier: MPL-2.0
"""-debug: one process serves both accounts' provider blocks; each connection keeps its own."""

import json
import signal

import pytest
from harness.debugged import debugged_provider, many_copies, memory_at_rest
from harness.world import NEW, OLD, REGION


@pytest.fixture
def debugged(binaries, chain):
    """Makes the chain use a provider that was started by hand; yields its process."""
    with debugged_provider(binaries["rds-snapshot/snapshot"], chain) as process:
        yield process


def test_the_whole_chain_by_one_process(debugged, chain, world):
    addresses = json.loads(chain.environment["TF_REATTACH_PROVIDERS"])
    assert "registry.terraform.io/rds-snapshot/snapshot" in addresses
    chain.apply()
    assert world.cluster("orders", NEW)["status"] == "available"
    assert world.snapshot("orders-shared-1", OLD)["shared_with"] == [NEW]
    assert chain.is_settled()
    assert debugged.poll() is None, "it outlives every walk"
    chain.destroy()
    assert world.snapshot_names(OLD) == world.snapshot_names(NEW) == []
    debugged.send_signal(signal.SIGINT)
    assert debugged.wait(10) == 0


def test_a_stop_does_not_outlast_its_walk(debugged, chain, world):
    world.copies_take(6 * 3600)
    running = chain.start("apply", "-json", "-auto-approve")
    world.wait_until(lambda: world.snapshot("orders-shared-1", OLD), "the copy", 60)
    running.process.send_signal(signal.SIGINT)
    running.wait().assert_warning("goes on in AWS")
    world.finish_copies()
    chain.apply()
    assert world.cluster("orders", NEW)["status"] == "available"
    assert len(world.copies_made()) == 2


@pytest.mark.tenth
def test_memory_goes_back_after_each_walk(binaries, new_workspace, world):
    world.has_room(100)
    world.aws.settings(time_scale=600, copy_seconds=300)
    workspace = new_workspace(OLD, 600)
    world.aws.add_snapshot(OLD, REGION, "before")
    workspace.write("main.tf", many_copies(40))
    workspace.set_variables(key=world.aws.add_key(OLD, REGION))
    with debugged_provider(binaries["rds-snapshot/snapshot"], workspace) as process:
        memory = []
        for wave in range(4):
            workspace.set_variables(wave=str(wave))
            workspace.apply("-parallelism=40")
            memory.append(memory_at_rest(process.pid, 0.7))
    assert memory[-1] <= memory[1] + 2048, f"RssAnon in KiB: {memory}"
    assert memory[-1] <= 12 * 1024, f"RssAnon in KiB: {memory}"
