# SPDX-License-Identifier: MPL-2.0
"""A share that Terraform replaces: its accounts have access at the end, whatever was deleted in between."""

import pytest
from harness.world import NEW, OLD, snapshot_arn

BEFORE_DESTROY = "  lifecycle {\n    create_before_destroy = true\n  }"
LIFECYCLES = {"destroyed first": "", "created first": BEFORE_DESTROY}
THIRD = "999988887777"
SHARE = "snapshot_share.target"
DEPOSED = f"{SHARE} (deposed)"
HOURS = 6 * 3600
LISTED_TWICE = "Two shares list the same account"


def modifications(share, after):
    """(what was granted, what was revoked) of each call, in order."""
    calls = share.calls("share", after=after)
    return [(c["parameters"].get("ValuesToAdd", []), c["parameters"].get("ValuesToRemove", [])) for c in calls]


def replaced(share, way):
    if way == "-replace":
        return share.apply(f"-replace={share.address}")
    share.workspace.run("taint", share.address)
    return share.apply()


@pytest.mark.parametrize("lifecycle", LIFECYCLES)
@pytest.mark.parametrize("way", ["-replace", "taint"])
def test_under_its_own_snapshot(share, way, lifecycle):
    share.set([NEW], more=LIFECYCLES[lifecycle])
    share.apply()
    before = share.world.aws.last_call()
    outcome = replaced(share, way)
    assert outcome.warnings == []
    assert share.shared_with() == [NEW]
    assert share.workspace.is_settled()
    expected = {"destroyed first": [([], [NEW]), ([NEW], [])], "created first": [([NEW], [])]}
    assert modifications(share, before) == expected[lifecycle], "created first, the delete leaves what was granted"


@pytest.mark.parametrize("lifecycle", LIFECYCLES)
def test_with_other_accounts_at_once(share, lifecycle):
    share.set([NEW], more=LIFECYCLES[lifecycle])
    share.apply()
    share.set([THIRD], more=LIFECYCLES[lifecycle])
    replaced(share, "-replace")
    assert share.shared_with() == [THIRD]
    assert share.workspace.is_settled()


@pytest.mark.parametrize("status", ["deleting", None])
def test_of_a_snapshot_that_is_being_deleted_or_gone_nothing_is_revoked(share, status):
    share.apply()
    if status:
        share.world.aws.change_snapshot(share.arn, status=status)
    else:
        share.world.aws.remove_snapshot(share.arn)
    share.workspace.destroy("-refresh=false")
    assert share.workspace.managed() == {}


# ---- In the chain, where the second copy makes all that it depends on create_before_destroy


def tag_the_second_copy(workspace):
    workspace.write("override.tf", 'resource "snapshot_reencrypt_copy" "target" {\n  tags = { a = "b" }\n}\n')


def test_what_is_deposed_when_a_dependent_fails_is_deleted_by_the_next_apply_whose_plan_says_so(applied, world):
    """The share that replaced it is on the same snapshot and is not changed by that apply."""
    tag_the_second_copy(applied)
    world.aws.fault("AddTagsToResource", "access_denied")
    assert LISTED_TWICE not in summaries(applied.apply(f"-replace={SHARE}", ok=False))
    assert DEPOSED in applied.state() and world.snapshot("orders-shared-1")["shared_with"] == [NEW]
    planned = applied.plan()
    planned.assert_warning(LISTED_TWICE, snapshot_arn("orders-shared-1"), NEW, "apply again")
    assert summaries(planned).count(LISTED_TWICE) == 1
    applied.apply_plan()
    assert DEPOSED not in applied.state() and world.snapshot("orders-shared-1")["shared_with"] == []
    assert applied.plan().actions == {SHARE: "create"}
    assert applied.apply().warnings == []
    assert world.snapshot("orders-shared-1")["shared_with"] == [NEW]
    assert applied.is_settled()


@pytest.mark.parametrize("way", ["at once", "with the next apply"])
def test_the_share_of_an_old_take_is_deleted_with_it_and_nothing_is_to_be_granted_again(applied, world, way):
    applied.set_variables(take="2")
    if way == "with the next apply":
        world.aws.fault("CopyDBClusterSnapshot", "access_denied", account_id=NEW)
        applied.apply(ok=False)
        assert applied.state()[DEPOSED]["snapshot_arn"] == snapshot_arn("orders-shared-1")
        assert [world.snapshot(f"orders-shared-{take}")["shared_with"] for take in (1, 2)] == [[NEW], [NEW]]
    outcome = applied.apply()
    assert DEPOSED not in applied.state() and world.snapshot_names(OLD) == ["orders-2", "orders-shared-2"]
    assert world.snapshot("orders-shared-2")["shared_with"] == [NEW]
    assert not [w for w in outcome.warnings if "share of" in w.detail or w.summary == LISTED_TWICE], outcome
    assert applied.is_settled()


def test_replaced_while_the_second_copy_runs_it_never_takes_the_access_away(applied, world):
    applied.set_variables(take="2")
    world.aws.settings(without_share="at_once")
    world.copies_take(HOURS)
    running = applied.start("apply", "-json", "-auto-approve")
    world.wait_until(lambda: world.snapshot("orders-shared-2"), "the first copy")
    world.aws.advance(HOURS)
    world.wait_until(lambda: world.snapshot("orders-2", NEW), "the second copy")
    running.interrupt()
    running.wait()
    after = world.aws.last_call()
    running = applied.start("apply", "-json", "-auto-approve", f"-replace={SHARE}")
    world.wait_until(lambda: world.aws.calls("ModifyDBClusterSnapshotAttribute", after), "the new share")
    world.finish_copies()
    outcome = running.wait()
    assert outcome.ok, outcome
    assert world.copies_made(after=after) == []
    assert world.snapshot("orders-2", NEW)["status"] == "available"
    assert world.snapshot("orders-shared-2")["shared_with"] == [NEW]
    assert applied.is_settled()


def summaries(outcome):
    return [w.summary for w in outcome.warnings]
