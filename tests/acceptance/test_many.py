# SPDX-License-Identifier: MPL-2.0
"""Many at once."""

from collections import Counter

import pytest
from harness.world import OLD, REGION

MANY = """
resource "snapshot_reencrypt_copy" "x" {
  count                      = %d
  source_snapshot_identifier = "before"
  target_snapshot_identifier = "after-${count.index}"
  kms_key_id                 = "%s"
}
"""


def many(workspace, world, count):
    key = world.aws.add_key(OLD, REGION)
    world.aws.add_snapshot(OLD, REGION, "before")
    world.has_room(1000)
    workspace.write("main.tf", MANY % (count, key))


@pytest.mark.started  # what is counted is what users have
def test_100_copies_of_one_source_make_few_calls(workspace, world):
    """One look at what stands at each name, one Copy, one poll; source and keys are asked about once in a while."""
    many(workspace, world, 100)
    workspace.environment["TF_SNAPSHOT_TIME_SCALE"] = "1"  # that while is no shorter on a busy machine
    after = world.aws.last_call()
    workspace.apply()
    made = Counter(call["operation"] for call in world.aws.calls(after=after))
    assert made["CopyDBClusterSnapshot"] == 100
    assert 200 <= made["DescribeDBClusterSnapshots"] <= 260
    assert made["DescribeKey"] + made["GetKeyPolicy"] <= 12
    assert made["GetCallerIdentity"] == 2, "a connection for the plan, one for the apply"
    assert made.total() <= 400
    after = world.aws.last_call()
    assert workspace.plan("-detailed-exitcode", ok=None).code == 0
    assert Counter(call["operation"] for call in world.aws.calls(after=after)).total() <= 130


@pytest.mark.tenth
def test_120_copies_at_once(workspace, world):
    many(workspace, world, 120)
    world.copies_take(60)
    workspace.apply("-parallelism=100", limit=180)
    assert len(world.copies_made()) == 120
    snapshots = [s for s in world.aws.snapshots(OLD) if s["identifier"].startswith("after-")]
    assert len(snapshots) == 120 and {s["status"] for s in snapshots} == {"available"}
    identifiers = {i["holder_id"] for i in workspace.managed().values()}
    assert len(identifiers) == 120
    assert workspace.plan("-parallelism=100", "-detailed-exitcode", ok=None).code == 0
    workspace.destroy("-parallelism=100", limit=180)
    assert world.snapshot_names(OLD) == ["before"]


@pytest.mark.tenth
def test_120_copies_stopped_midway_are_all_in_the_state(workspace, world):
    many(workspace, world, 120)
    world.copies_take(6 * 3600)
    running = workspace.start("apply", "-json", "-auto-approve", "-parallelism=100")
    world.wait_until(lambda: len(world.copies_made()) >= 100, "a hundred copies", 60)
    running.interrupt()
    running.wait()
    made = {s["arn"] for s in world.aws.snapshots(OLD) if s["identifier"] != "before"}
    assert {i["arn"] for i in workspace.managed().values()} == made
    world.finish_copies()
    workspace.apply("-parallelism=100", limit=180)
    assert len(world.copies_made()) == 120


@pytest.mark.long
def test_1000_copies_by_pages(workspace, world):
    many(workspace, world, 1000)
    world.has_room(5000)
    world.aws.settings(page_size=20)
    workspace.apply("-parallelism=100", limit=600)
    assert workspace.plan("-parallelism=100", "-detailed-exitcode", ok=None, limit=300).code == 0
    workspace.destroy("-parallelism=100", limit=600)
    assert world.snapshot_names(OLD) == ["before"]
