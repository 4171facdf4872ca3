# SPDX-License-Identifier: MPL-2.0
"""The whole chain, applied, and then somebody deletes its first copy: what becomes of the share and of the second copy
when the first one is made again under its old name, or when another snapshot takes the name."""

import pytest
from harness.world import NEW, OLD, REGION, snapshot_arn

FIRST = "snapshot_reencrypt_copy.source"
SHARE = "snapshot_share.target"
SECOND = "snapshot_reencrypt_copy.target[0]"
SOURCE = "aws_db_cluster_snapshot.source"
SHARED = snapshot_arn("orders-shared-1", OLD)
NEWER = "The source is newer than the copy"


@pytest.fixture
def without_first(applied, world):
    """An hour later it is gone, and its share with it."""
    world.aws.advance(3600)
    world.aws.remove_snapshot(SHARED)
    return applied


def changes(world, after):
    """(operation, account) of all calls that change something."""
    return [
        (c["operation"], c["account_id"])
        for c in world.aws.calls(after=after)
        if c["operation"].startswith(("Copy", "Create", "Delete", "Modify", "Add", "Remove", "Restore"))
    ]


def assert_second_is(before, world):
    assert world.snapshot("orders-1", NEW) == before, "the second copy is not touched"


def assert_warned_of_a_newer_source(outcome, world):
    (warning,) = [w for w in outcome.warnings if w.summary == NEWER]
    assert warning.address == SECOND
    copied_from = world.snapshot("orders-1", NEW)["tags"]["terraform-provider-snapshot"].split(" ")[4]
    assert copied_from in warning.detail and world.aws.snapshot(SHARED)["create_time"] in warning.detail


def test_it_is_copied_and_shared_again_and_the_second_copy_stays(without_first, world):
    second, cluster, after = world.snapshot("orders-1", NEW), world.cluster("orders"), world.aws.last_call()
    planned = without_first.plan()
    assert planned.actions == {FIRST: "create", SHARE: "create"} and planned.warnings == []
    without_first.apply_plan()
    assert changes(world, after) == [("CopyDBClusterSnapshot", OLD), ("ModifyDBClusterSnapshotAttribute", OLD)]
    assert world.aws.snapshot(SHARED)["shared_with"] == [NEW]
    assert_second_is(second, world)
    assert world.cluster("orders") == cluster


def test_the_next_plan_says_that_the_second_copy_is_older_and_changes_nothing(without_first, world):
    second = world.snapshot("orders-1", NEW)
    without_first.apply()
    settled = without_first.is_settled()
    assert settled
    assert_warned_of_a_newer_source(settled.outcome, world)
    without_first.apply()
    assert_second_is(second, world)


@pytest.mark.parametrize("way", ["-replace", "taint"])
def test_then_the_second_copy_is_not_replaced_under_its_name(without_first, world, way):
    """The new one would have its name, so the old one would have to go first."""
    second, cluster = world.snapshot("orders-1", NEW), world.cluster("orders")
    without_first.apply()
    if way == "taint":
        without_first.run("taint", SECOND)
    refused = without_first.apply(*([f"-replace={SECOND}"] if way == "-replace" else []), ok=False)
    refused.assert_error(snapshot_arn("orders-1", NEW), "made from a source of", "another target_snapshot_identifier")
    assert_second_is(second, world)
    assert world.cluster("orders") == cluster
    if way == "taint":
        without_first.run("untaint", SECOND)
    assert without_first.is_settled()


def test_another_take_makes_all_of_it_new(without_first, world):
    without_first.apply()
    without_first.set_variables(take="2")
    without_first.apply()
    settled = without_first.is_settled()
    assert settled and settled.outcome.warnings == []
    assert world.snapshot_names(OLD) == ["orders-2", "orders-shared-2"] and world.snapshot_names(NEW) == ["orders-2"]


def test_where_nothing_is_read_first_the_share_follows_with_the_next_apply(without_first, world):
    second = world.snapshot("orders-1", NEW)
    without_first.apply("-refresh=false", f"-replace={FIRST}")
    assert world.aws.snapshot(SHARED)["shared_with"] == [], "the share in the state was one of the deleted snapshot"
    assert without_first.plan().actions == {SHARE: "create"}
    without_first.apply()
    assert world.aws.snapshot(SHARED)["shared_with"] == [NEW]
    assert_second_is(second, world)
    assert without_first.is_settled()


def test_its_own_source_deleted_too_is_taken_again(without_first, world):
    second = world.snapshot("orders-1", NEW)
    world.aws.remove_snapshot(snapshot_arn("orders-1", OLD))
    assert without_first.plan().actions == {SOURCE: "create", FIRST: "create", SHARE: "create"}
    without_first.apply()
    assert world.aws.snapshot(SHARED)["shared_with"] == [NEW]
    assert_second_is(second, world)
    settled = without_first.is_settled()
    assert settled
    assert_warned_of_a_newer_source(settled.outcome, world)


def test_all_of_it_is_destroyed_without_it(without_first, world):
    without_first.destroy()
    assert world.snapshot_names(OLD) == world.snapshot_names(NEW) == []


# ---- Another snapshot under its name


@pytest.fixture
def foreign(without_first, world):
    key = without_first.outputs()["kms_key_arns"]["source"]
    world.aws.add_snapshot(OLD, REGION, "orders-shared-1", kms_key_id=key)
    return without_first


def test_another_snapshot_under_its_name_is_not_shared(foreign, world):
    """It may be of another database, and nobody meant the new account to read it."""
    after = world.aws.last_call()
    for command in (foreign.plan, foreign.apply):
        refused = command(ok=False)
        refused.assert_error("is not shared", SHARED, FIRST.split(".")[0])
        refused.assert_warning("Another snapshot has the name of this copy", SHARED)
    assert changes(world, after) == []
    assert world.aws.snapshot(SHARED)["shared_with"] == []


def test_another_take_leaves_it_behind(foreign, world):
    foreign.set_variables(take="2")
    foreign.apply()
    assert foreign.is_settled()
    assert world.snapshot_names(OLD) == ["orders-2", "orders-shared-1", "orders-shared-2"]
    assert world.aws.snapshot(SHARED)["shared_with"] == []


def test_a_destroy_leaves_it_too(foreign, world):
    foreign.destroy("-refresh=false")
    assert world.snapshot_names(OLD) == ["orders-shared-1"]
