# SPDX-License-Identifier: MPL-2.0
"""Another take of the seven steps: a second chain is made beside the first one, which is removed at the end.
The restored cluster is another apply's."""

import pytest
from harness.world import NEW, OLD, snapshot_arn

CLUSTER = "aws_rds_cluster.restored[0]"
TAKE_2 = ("-var", "take=2")
AGES = 1000 * 3600
CHAIN = (("orders", OLD), ("orders-shared", OLD), ("orders", NEW))
OLD_COPY_DELETED = ("DeleteDBClusterSnapshot", "orders-shared-1")
COPIES = ("CopyDBClusterSnapshot", "RestoreDBClusterFromSnapshot", "DeleteDBCluster")


@pytest.fixture
def slow(applied, world):
    """Copies take for ever, until `finish_copies`."""
    world.copies_take(AGES)
    return applied


def start(workspace, *arguments):
    return workspace.start("apply", "-json", "-auto-approve", *arguments)


def until_the_first_copy(world):
    world.wait_until(lambda: world.snapshot("orders-shared-2"), "the first copy")


def until_the_second_copy(world):
    """The first one ends."""
    until_the_first_copy(world)
    world.aws.advance(AGES)
    world.wait_until(lambda: world.snapshot("orders-2", NEW), "the second copy")


def assert_all_of(take, world):
    for name, account in CHAIN:
        assert world.snapshot(f"{name}-{take}", account)["status"] == "available"
    assert world.snapshot(f"orders-shared-{take}")["shared_with"] == [NEW]


def assert_only(take, world):
    assert_all_of(take, world)
    assert world.snapshot_names(OLD) == [f"orders-{take}", f"orders-shared-{take}"]
    assert world.snapshot_names(NEW) == [f"orders-{take}"]


def removals(world, after):
    """What takes something away: (number of the call, operation, name)."""
    return [
        (c["n"], c["operation"], c["parameters"]["DBClusterSnapshotIdentifier"])
        for c in world.aws.calls(after=after)
        if c["operation"].startswith("Delete") or c["parameters"].get("ValuesToRemove")
    ]


# ---- The chain


def test_another_take_is_made_while_all_of_the_first_exists_and_then_removes_it(slow, world):
    cluster, after = world.cluster("orders", NEW), world.aws.last_call()
    running = start(slow, *TAKE_2)
    until_the_first_copy(world)
    assert_all_of(1, world)
    until_the_second_copy(world)
    assert_all_of(1, world)
    still_copying = world.aws.last_call()
    world.finish_copies()
    outcome = running.wait()
    assert outcome.ok, outcome
    assert {w.summary for w in outcome.warnings} == {"Another snapshot takes the place of this copy"}

    removed = removals(world, after)
    assert min(removed)[0] > still_copying, "nothing goes before the last copy is available"
    assert [(operation, name) for _, operation, name in removed] == [
        ("DeleteDBClusterSnapshot", "orders-1"),
        ("ModifyDBClusterSnapshotAttribute", "orders-shared-1"),
        ("DeleteDBClusterSnapshot", "orders-shared-1"),
        ("DeleteDBClusterSnapshot", "orders-1"),
    ], "the second copy, the share, the first copy, its source"
    assert_only(2, world)
    assert len(world.copies_made(after=after)) == 2
    assert world.cluster("orders", NEW) == cluster, "the restored cluster is the same"
    slow.set_variables(take="2")
    assert slow.is_settled()


def test_stopped_in_the_middle_a_take_goes_on_with_the_next_apply(slow, world):
    after = world.aws.last_call()
    running = start(slow, *TAKE_2)
    until_the_second_copy(world)
    running.interrupt()
    running.wait()
    assert_all_of(1, world)
    assert removals(world, after) == []
    world.finish_copies()
    slow.set_variables(take="2")
    slow.apply()
    assert slow.is_settled()
    assert_only(2, world)
    assert len(world.copies_made(after=after)) == 2


def test_a_take_that_was_begun_is_not_gone_back_from_but_followed_by_a_third(slow, world):
    running = start(slow, *TAKE_2)
    until_the_second_copy(world)
    running.interrupt()
    running.wait()
    world.finish_copies()
    slow.apply(ok=False).assert_error("DBClusterSnapshotAlreadyExists", "orders-1")
    assert_all_of(1, world)
    slow.set_variables(take="3")
    slow.apply()
    assert slow.is_settled()
    assert_only(3, world)


def test_a_value_used_before_is_refused_and_removes_nothing(applied, world):
    applied.set_variables(take="2")
    applied.apply()
    world.aws.add_snapshot(OLD, "eu-central-1", "orders-1")
    after = world.aws.last_call()
    applied.apply("-var", "take=1", ok=False).assert_error("DBClusterSnapshotAlreadyExists", "orders-1")
    assert removals(world, after) == []
    assert_all_of(2, world)


@pytest.mark.parametrize("take", ["", "A", "2-1", "a_b", "1234567890123"])
def test_a_take_that_no_name_can_hold_is_refused(applied, take):
    applied.plan("-var", f"take={take}", ok=False).assert_error("1 to 12")


def test_the_longest_name_with_the_longest_take_fits(chain, world):
    name, take = "a" * 40, "9" * 12
    chain.set_variables(name=name, take=take, skip_final_snapshot=False)
    chain.apply()
    assert chain.is_settled()
    chain.destroy()
    assert world.snapshot_names(NEW) == [f"{name}-final-{take}"]


# ---- The cluster


def restores(world, after):
    """Calls about copies and the cluster, in their order."""
    return [c["operation"] for c in world.aws.calls(after=after) if c["operation"] in COPIES]


def test_the_cluster_is_restored_by_a_second_apply(chain, world):
    chain.set_variables(skip_final_snapshot=False)
    chain.apply()
    chain.set_variables(take="2")
    chain.apply()
    after = world.aws.last_call()
    chain.apply(f"-replace={CLUSTER}")
    assert restores(world, after) == ["DeleteDBCluster", "RestoreDBClusterFromSnapshot"]
    assert world.cluster("orders", NEW)["snapshot_arn"] == snapshot_arn("orders-2", NEW)
    assert world.snapshot_names(NEW) == ["orders-2", "orders-final-1"], "the last snapshot is named by its take"
    assert chain.state()[CLUSTER]["final_snapshot_identifier"] == "orders-final-2"
    assert chain.is_settled()
    chain.destroy()
    assert world.snapshot_names(NEW) == ["orders-final-1", "orders-final-2"]


def test_both_in_one_apply_delete_the_cluster_before_anything_is_copied(slow, world):
    """There is no database while it copies. The guide says so."""
    after = world.aws.last_call()
    running = start(slow, *TAKE_2, f"-replace={CLUSTER}")
    until_the_first_copy(world)
    world.wait_until(lambda: world.cluster("orders", NEW) is None, "the end of the old cluster")
    until_the_second_copy(world)
    assert world.cluster("orders", NEW) is None
    world.finish_copies()
    assert running.wait().ok
    made = restores(world, after)
    assert made[-1] == "RestoreDBClusterFromSnapshot" and made.count("CopyDBClusterSnapshot") == 2
    assert world.cluster("orders", NEW)["snapshot_arn"] == snapshot_arn("orders-2", NEW)


# ---- Another key


def test_another_key_of_the_old_account_comes_with_another_take(applied, world):
    before = applied.outputs()["kms_key_arns"]["source"]
    cluster, after = world.cluster("orders", NEW), world.aws.last_call()
    applied.set_variables(take="2")
    applied.apply("-replace=aws_kms_key.source")
    assert applied.is_settled()
    key = applied.outputs()["kms_key_arns"]["source"]
    assert key != before and world.snapshot("orders-shared-2")["kms_key_arn"] == key
    states = {k["arn"]: (k["state"], k["aliases"]) for k in world.aws.keys(OLD) if k["manager"] == "CUSTOMER"}
    assert states == {before: ("PendingDeletion", []), key: ("Enabled", ["alias/orders-source"])}
    (scheduled,) = [c["n"] for c in world.aws.calls("ScheduleKeyDeletion", after)]
    (deleted,) = [n for n, operation, name in removals(world, after) if (operation, name) == OLD_COPY_DELETED]
    assert scheduled > deleted, "the old key goes after what it encrypts"
    assert world.cluster("orders", NEW) == cluster


def test_another_key_of_the_new_account_is_another_cluster(applied):
    planned = applied.plan(*TAKE_2, "-replace=aws_kms_key.target")
    assert planned.actions[CLUSTER] == "replace"
