# SPDX-License-Identifier: MPL-2.0
"""A copy that AWS reports as failed: what the error tells, and what becomes of the snapshot."""

import re

import pytest
from harness.resources import BEFORE_DESTROY, MARK
from harness.world import NEW, OLD, REGION, ROLE, snapshot_arn

ADDRESS = "snapshot_reencrypt_copy.x"


def copy_of(source, key, kind="cluster", more=""):
    return f"""
    resource "snapshot_reencrypt_copy" "x" {{
      snapshot_kind              = "{kind}"
      source_snapshot_identifier = "{source}"
      target_snapshot_identifier = "after"
      kms_key_id                 = "{key}"
      {more}
    }}
    """


@pytest.fixture
def key(world):
    return world.aws.add_key(OLD, REGION)


@pytest.fixture
def doomed(workspace, world, key):
    """Its source's key is ours to spoil."""
    world.source_key = world.aws.add_key(OLD, REGION)
    world.aws.add_snapshot(OLD, REGION, "before", kms_key_id=world.source_key)
    workspace.write("main.tf", copy_of("before", key))
    world.copies_take(600)
    world.aws.settings(copy_fails={"match": "after", "at_percent": 40})
    return workspace


def test_it_tells_what_is_to_be_seen_and_the_likeliest_cause(doomed, world, key):
    running = doomed.start("apply", "-json", "-auto-approve")
    world.wait_until(lambda: world.snapshot("after"), "the copy", 60)
    world.aws.change_key(world.source_key, state="Disabled")
    failed = running.wait()
    failed.assert_error(
        f"copying {snapshot_arn('before')} to {snapshot_arn('after')}",
        '"failed" at ',
        "min after this apply began it",
        f"caller: arn:aws:iam::{OLD}:user/administrator, account {OLD}",
        f"source: {snapshot_arn('before')}: available",
        f"key of the source: {world.source_key}: Disabled",
        f"key of the copy: {key}: Enabled",
        "event",
        "likeliest cause: the key of the source became unusable",
        "kms:EnableKey",
        f"account {OLD}, Region {REGION}",
    )
    assert re.search(r"operation CopyDBClusterSnapshot, request id [\w-]{8,}", failed.errors[0].detail), failed
    assert ADDRESS not in doomed.state()
    world.wait_until(lambda: world.snapshot("after") is None, "the failed snapshot deleted")

    world.aws.change_key(world.source_key, state="Enabled")
    world.aws.settings(copy_fails=None)
    doomed.apply()
    assert doomed.is_settled()


def test_an_instance_s_events_are_shown(workspace, world, key):
    world.aws.add_instance(OLD, REGION, "billing", engine="mysql", kms_key_id=key)
    world.aws.add_snapshot(OLD, REGION, "before", kind="instance", source="billing")
    world.aws.settings(copy_fails={"match": "after", "at_percent": 40})
    workspace.write("main.tf", copy_of("before", key, "instance"))
    failed = workspace.apply(ok=False)
    failed.assert_error('"failed" at ', "event: 20", "Started copy of snapshot", "operation CopyDBSnapshot")
    world.wait_until(lambda: world.snapshot("after", kind="instance") is None, "the failed snapshot deleted")


def test_what_may_not_be_read_is_told_as_such(doomed, world):
    denied = {"Effect": "Deny", "Action": ["rds:DescribeEvents", "kms:DescribeKey"], "Resource": "*"}
    allowed = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    running = doomed.start("apply", "-json", "-auto-approve")
    world.wait_until(lambda: world.snapshot("after"), "the copy", 60)
    world.aws.identity_policy(OLD, {"Version": "2012-10-17", "Statement": [allowed, denied]})
    failed = running.wait()
    failed.assert_error(
        '"failed" at ',
        f"key of the source: {world.source_key}: this caller may not read its state",
        "events: cannot be read",
        "reader_account_ids",
    )
    assert ADDRESS not in doomed.state()


def test_a_source_that_another_account_took_away_is_the_likeliest_cause(new_workspace, world):
    """The second copy of a migration: its source, and the key of that, belong to the old account."""
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}
    old_key = world.aws.add_key(OLD, REGION, policy={"Version": "2012-10-17", "Statement": [statement]})
    source = world.aws.add_snapshot(OLD, REGION, "shared", kms_key_id=old_key)
    world.aws.change_snapshot(source, shared_with=[NEW])
    world.copies_take(600)
    world.aws.settings(copy_fails={"match": "after", "at_percent": 40})
    workspace = new_workspace(NEW)
    workspace.write("main.tf", PROVIDER_OF_ROLE + copy_of(source, world.aws.add_key(NEW, REGION)))
    running = workspace.start("apply", "-json", "-auto-approve")
    world.wait_until(lambda: world.snapshot("after", NEW), "the copy", 60)
    world.aws.change_snapshot(source, shared_with=[])
    failed = running.wait()
    failed.assert_error(
        f"caller: arn:aws:sts::{NEW}:assumed-role/{ROLE}/",
        f"source: {source}: does not exist or is not visible",
        f"key of the source: {old_key}: Enabled",
        "the source was deleted, no longer shared",
    )


PROVIDER_OF_ROLE = f"""
terraform {{
  required_providers {{
    snapshot = {{ source = "rds-snapshot/snapshot" }}
  }}
}}

provider "snapshot" {{
  region = "{REGION}"
  assume_role {{
    role_arn = "arn:aws:iam::{NEW}:role/{ROLE}"
  }}
}}
"""


def test_a_failed_snapshot_that_cannot_be_deleted_is_a_warning_and_the_next_apply_tries_again(doomed, world):
    world.aws.fault("DeleteDBClusterSnapshot", "access_denied", count=1)
    failed = doomed.apply(ok=False)
    failed.assert_error('"failed" at ')
    failed.assert_warning("could not be deleted", snapshot_arn("after"), "next apply")
    assert ADDRESS not in doomed.state()
    world.aws.settings(copy_fails=None)
    doomed.apply()
    assert world.snapshot("after")["status"] == "available"
    assert doomed.is_settled()


# ---- Replaced under its ARN

in_both_orders = pytest.mark.parametrize("order", ["", BEFORE_DESTROY], ids=["destroy first", "create first"])


def assert_replaced(copy, before, after):
    """Whatever stood between: one failed snapshot deleted, one copy made, the same ARN."""
    assert copy.changes(after) == [copy.operation("delete"), copy.operation("copy")]
    assert copy.snapshot["status"] == copy.state["status"] == "available"
    assert copy.state["arn"] == before["arn"] and copy.state["holder_id"] != before["holder_id"]
    assert copy.holder == copy.state["holder_id"] and copy.workspace.is_settled()


@in_both_orders
@pytest.mark.parametrize("data", ["the same", "another source and key"])
def test_a_copy_found_failed_is_replaced(copy, order, data):
    """It holds nothing, so its name is free for other data as well."""
    copy.lifecycle = order
    copy.set()
    copy.apply()
    before = copy.state
    copy.world.aws.change_snapshot(copy.arn, status="failed")
    if data != "the same":
        key, source = copy.world.aws.add_key(OLD, REGION), copy.add_source()
        copy.set(kms_key_id=f'"{key}"', source_snapshot_identifier='"other"')
    after = copy.world.aws.last_call()
    planned = copy.workspace.plan()
    assert planned.actions == {ADDRESS: "replace"}
    change = copy.workspace.planned(ADDRESS)
    assert change["after"]["arn"] == copy.arn and change["after_unknown"]["status"]
    copy.workspace.apply_plan()
    assert_replaced(copy, before, after)
    if data != "the same":
        assert (copy.state["source_snapshot_arn"], copy.state["kms_key_arn"]) == (source, key)


@in_both_orders
def test_found_failed_by_a_resume_it_stays_in_the_state_until_it_is_replaced(copy, order):
    copy.lifecycle = order
    copy.set()
    copy.stop_while_copying()
    before = copy.state
    running = copy.start_waiting()
    copy.world.aws.change_snapshot(copy.arn, status="failed", percent=40)
    failed = running.wait()
    failed.assert_error('"failed" at 40 %', "after this apply began to wait for it", copy.operation("describe"))
    assert copy.state["status"] == "failed" and not copy.instance.tainted
    copy.world.copies_take(0)
    after = copy.world.aws.last_call()
    copy.apply()
    assert_replaced(copy, before, after)


@pytest.mark.parametrize("mark", ["1 aaaabbbbccccdddd - - -", "1 aaaabbbbccccdddd x y z"])
def test_one_of_any_holder_and_data_makes_room_for_a_create(copy, mark):
    copy.world.aws.add_snapshot(
        OLD, REGION, "after", kind=copy.kind, status="failed", kms_key_id=copy.key, tags={MARK: mark}
    )
    after = copy.world.aws.last_call()
    assert copy.apply().warnings == []
    assert copy.changes(after) == [copy.operation("delete"), copy.operation("copy")]
    assert copy.workspace.is_settled()


@pytest.mark.parametrize("tags", [{}, {MARK: "2 of a later version"}], ids=["unmarked", "of a later version"])
def test_one_without_a_mark_that_can_be_read_is_somebody_s_and_stays(copy, tags):
    copy.world.aws.add_snapshot(OLD, REGION, "after", kind=copy.kind, status="failed", kms_key_id=copy.key, tags=tags)
    before = copy.snapshot
    copy.apply(ok=False).assert_error(copy.arn, "no readable mark")
    assert copy.snapshot == before and copy.copies == 0 and not copy.calls("delete")


def test_one_that_is_retained_is_left_by_its_destroy_and_not_by_what_takes_its_name(cluster_copy):
    copy = cluster_copy
    copy.set(deletion_policy='"retain"')
    copy.apply()
    copy.world.aws.change_snapshot(copy.arn, status="failed")
    copy.workspace.destroy()
    assert copy.snapshot["status"] == "failed"
    copy.apply()
    assert copy.snapshot["status"] == "available" and copy.workspace.is_settled()
