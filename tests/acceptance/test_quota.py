# SPDX-License-Identifier: MPL-2.0
"""What RDS allows: so many manual snapshots, so many copies at a time into a Region."""

import pytest
from harness.resources import BEFORE_DESTROY
from harness.world import OLD, REGION, snapshot_arn

ADDRESS = "snapshot_reencrypt_copy.x"
ELSEWHERE = "eu-west-1"


def copy_of(name, source, key, more=""):
    return f"""
    resource "snapshot_reencrypt_copy" "{name}" {{
      source_snapshot_identifier = "{source}"
      target_snapshot_identifier = "after-{name}"
      kms_key_id                 = "{key}"
      {more}
    }}
    """


@pytest.fixture
def key(world):
    return world.aws.add_key(OLD, REGION)


@pytest.fixture
def copy(workspace, world, key):
    world.aws.add_snapshot(OLD, REGION, "before")
    workspace.write("main.tf", copy_of("x", "before", key))
    return workspace


# ---- Manual snapshots: no wait helps


def test_a_full_quota_is_final_and_told_in_figures(copy, world):
    world.aws.settings(max_manual_snapshots=1)
    refused = copy.apply(ok=False)
    refused.assert_error("1 of 1 manual cluster snapshots are used", "SnapshotQuotaExceeded", "CopyDBClusterSnapshot",
                         "Service Quotas", OLD, REGION)  # fmt: skip
    assert refused.seconds < 20 and len(world.aws.calls("CopyDBClusterSnapshot")) == 1
    assert ADDRESS not in copy.state()
    world.aws.settings(max_manual_snapshots=2)
    copy.apply()
    assert copy.is_settled()


def test_without_the_permission_to_read_the_quota_it_is_the_same_without_figures(copy, world):
    world.aws.settings(max_manual_snapshots=1)
    world.aws.fault("DescribeAccountAttributes", "access_denied", count=None)
    copy.apply(ok=False).assert_error("Cannot create more than 1 manual snapshots", "Service Quotas")


@pytest.mark.parametrize("region", [REGION, ELSEWHERE])
def test_a_copy_that_replaces_another_needs_room_of_its_own(copy, world, key, region):
    """Both are there for a while; in another Region the old one does not count at all."""
    copy.apply()
    other = key if region == REGION else world.aws.add_key(OLD, ELSEWHERE)
    for n in range(0 if region == REGION else 2):
        world.aws.add_snapshot(OLD, ELSEWHERE, f"theirs-{n}")
    world.aws.settings(max_manual_snapshots=2)
    place = f'target_snapshot_identifier = "later"\n region = "{region}"\n {BEFORE_DESTROY}'
    copy.write("override.tf", f'resource "snapshot_reencrypt_copy" "x" {{\n {place}\n}}\n')
    copy.write("main.tf", copy_of("x", snapshot_arn("before"), other))
    refused = copy.apply(ok=False)
    refused.assert_error("2 of 2 manual cluster snapshots are used", "SnapshotQuotaExceeded", region)
    assert world.snapshot("after-x")["status"] == "available" and not copy.state()[ADDRESS].tainted
    world.aws.settings(max_manual_snapshots=3)
    copy.apply()
    assert world.snapshot("after-x") is None
    assert world.snapshot("later", region=region)["status"] == "available"
    assert copy.is_settled()


# ---- Slots: a matter of time


@pytest.fixture(params=[REGION, ELSEWHERE])
def source(request, world):
    """In this Region or in another one, and one slot for all copies."""
    source_key = world.aws.add_key(OLD, request.param)
    world.aws.settings(copy_slots={"cluster": 1, "instance": 1})
    return world.aws.add_snapshot(OLD, request.param, "before", kms_key_id=source_key)


def test_every_copy_gets_its_turn_in_the_order_of_asking(workspace, world, key, source):
    """Whoever waits is overtaken by nobody, and only the first in line asks AWS."""
    names = ["one", "two", "three", "four"]
    workspace.write("main.tf", "".join(copy_of(name, source, key) for name in names))
    world.copies_take(180)
    workspace.apply("-parallelism=3")  # the fourth comes when the first is done
    assert all(world.snapshot(f"after-{name}")["status"] == "available" for name in names)
    calls = [(c["parameters"]["TargetDBClusterSnapshotIdentifier"], c["error_code"])
             for c in world.aws.calls("CopyDBClusterSnapshot")]  # fmt: skip
    assert any(error == "SnapshotQuotaExceeded" for _, error in calls), "there was a wait"
    waiting = None
    for target, error in calls:
        assert waiting in (None, target), f"{target} asked while {waiting} was first in line: {calls}"
        waiting = target if error else None
    assert workspace.is_settled()


def single_attempts(workspace):
    """What passes is met by the wait, not by the client below it."""
    workspace.write("override.tf", 'provider "snapshot" {\n  max_retries = 1\n}\n')


def test_who_is_first_in_line_stays_so_through_a_failure_that_passes(workspace, world, key, source):
    names = ["one", "two", "three"]
    single_attempts(workspace)
    workspace.write("main.tf", "".join(copy_of(name, source, key) for name in names))
    world.copies_take(180)
    world.aws.fault("CopyDBClusterSnapshot", "throttle", skip=3, count=2)
    workspace.apply()
    calls = [(c["parameters"]["TargetDBClusterSnapshotIdentifier"], c["error_code"])
             for c in world.aws.calls("CopyDBClusterSnapshot")]  # fmt: skip
    (at, *_) = [i for i, (_, error) in enumerate(calls) if error == "Throttling"]
    assert calls[at - 1][1] == "SnapshotQuotaExceeded", "one was waiting"
    assert {target for target, _ in calls[at - 1 : at + 3]} == {calls[at][0]}, calls


def test_time_in_line_is_no_time_of_a_refusal_that_may_pass(workspace, world, key):
    """x is refused, and waits in line behind y for longer than such a refusal is tried again."""
    refusal = "The target KMS key [x] does not exist"
    world.aws.settings(copy_slots={"cluster": 1, "instance": 1})
    source = world.aws.add_snapshot(OLD, REGION, "before", kms_key_id=key)
    world.copies_take(600)
    world.accounts[OLD].client("rds", REGION).copy_db_cluster_snapshot(
        SourceDBClusterSnapshotIdentifier=source, TargetDBClusterSnapshotIdentifier="theirs", KmsKeyId=key
    )
    workspace.write("main.tf", copy_of("x", source, key) + copy_of("y", source, key))
    workspace.plan("-out=plan")
    refused = world.aws.fault("CopyDBClusterSnapshot", "error", code="KMSKeyNotAccessibleFault", message=refusal,
                              match="after-x", count=None)  # fmt: skip
    held = world.aws.fault("DescribeDBClusterSnapshots", "hold", phase="before", match="after-y", count=1)
    running = workspace.start("apply", "-json", "plan")
    world.wait_until(lambda: asked(world, "after-x"), "x is refused", 30)
    world.aws.release(held)
    world.wait_until(lambda: world.snapshot("after-y"), "y has its turn", 60)
    world.wait_until(lambda: asked(world, "after-")[-1] == "KMSKeyNotAccessibleFault", "x is refused again", 30)
    world.aws.release(refused)
    outcome = running.wait()
    assert outcome.ok, outcome


def asked(world, target):
    """What RDS said to each Copy call for names that begin so."""
    calls = world.aws.calls("CopyDBClusterSnapshot")
    return [c["error_code"] for c in calls if c["parameters"]["TargetDBClusterSnapshotIdentifier"].startswith(target)]


def test_without_the_permission_to_read_the_quota_a_copy_waits_for_a_slot_too(workspace, world, key, source):
    """As with the policy of snapshot_caller_policy."""
    world.aws.fault("DescribeAccountAttributes", "access_denied", count=None)
    workspace.write("main.tf", copy_of("x", source, key) + copy_of("y", source, key))
    world.copies_take(60)
    workspace.apply()
    assert "SnapshotQuotaExceeded" in {c["error_code"] for c in world.aws.calls("CopyDBClusterSnapshot")}
    assert workspace.is_settled()


def test_the_deadline_without_a_slot_says_how_many_are_under_way(workspace, world, key, source):
    world.copies_take(24 * 3600)
    theirs = world.accounts[OLD].client("rds", REGION)
    theirs.copy_db_cluster_snapshot(SourceDBClusterSnapshotIdentifier=source,
                                    TargetDBClusterSnapshotIdentifier="theirs", KmsKeyId=key)  # fmt: skip
    limits = 'timeouts {\n create = "4m"\n }'
    workspace.write("main.tf", copy_of("x", source, key, limits) + copy_of("y", source, key, limits))
    refused = workspace.apply(ok=False)
    under_way = f"copies of cluster snapshots into {REGION} that are under way: 1"
    refused.assert_error("SnapshotQuotaExceeded", "`timeouts` block")
    assert len(refused.errors) == 2
    for error in refused.errors:
        assert "no copy slot came free" in error.text and under_way in error.text, refused
    assert workspace.state() == {}
    world.finish_copies()
    workspace.apply()
    assert workspace.is_settled()


def test_of_instances_it_says_how_many_show_that_they_are_copies(workspace, world, key):
    """Within one account and Region, AWS may leave the source out."""
    world.aws.settings(copy_slots={"cluster": 5, "instance": 1})
    world.copies_take(24 * 3600)
    source = world.aws.add_snapshot(OLD, REGION, "before", kind="instance", kms_key_id=key)
    world.accounts[OLD].client("rds", REGION).copy_db_snapshot(
        SourceDBSnapshotIdentifier=source, TargetDBSnapshotIdentifier="theirs", KmsKeyId=key
    )
    more = 'snapshot_kind = "instance"\n timeouts {\n create = "1m"\n }'
    workspace.write("main.tf", copy_of("x", source, key, more))
    under_way = f"copies of instance snapshots into {REGION} that are under way: at least 1"
    workspace.apply(ok=False).assert_error("no copy slot came free", under_way)


def test_a_stop_while_waiting_for_a_slot_leaves_nothing(workspace, world, key, source):
    world.copies_take(24 * 3600)
    theirs = world.accounts[OLD].client("rds", REGION)
    theirs.copy_db_cluster_snapshot(SourceDBClusterSnapshotIdentifier=source,
                                    TargetDBClusterSnapshotIdentifier="theirs", KmsKeyId=key)  # fmt: skip
    workspace.write("main.tf", copy_of("x", source, key) + copy_of("y", source, key))
    running = workspace.start("apply", "-json", "-auto-approve")
    world.wait_until(lambda: len(world.aws.calls("CopyDBClusterSnapshot")) > 2, "two refusals", 60)
    running.interrupt()
    stopped = running.wait(30)
    assert stopped.code != 0 and workspace.state() == {}
    assert {c["parameters"]["TargetDBClusterSnapshotIdentifier"] for c in world.copies_made()} == {"theirs"}
