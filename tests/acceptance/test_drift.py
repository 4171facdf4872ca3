# SPDX-License-Identifier: MPL-2.0
"""What changes outside: what this state is for is repaired, what a finished copy was made from is not missed."""

import pytest
from harness.resources import BEFORE_DESTROY, MARK
from harness.world import ANYBODY, NEW, OLD, REGION

ADDRESS = "snapshot_reencrypt_copy.x"
PROVIDER = """
terraform {
  required_providers {
    snapshot = { source = "rds-snapshot/snapshot" }
  }
}

provider "snapshot" {
  region = "eu-central-1"
}
"""


# ---- Repaired


def test_a_copy_deleted_outside_is_made_again_under_its_arn(copy):
    copy.apply()
    before = copy.state
    copy.world.aws.remove_snapshot(copy.arn)
    planned = copy.workspace.plan()
    assert planned.actions == {ADDRESS: "create"}
    assert copy.workspace.planned(ADDRESS)["after"]["arn"] == copy.arn
    copy.workspace.apply_plan()
    assert copy.state["holder_id"] != before["holder_id"] and copy.workspace.is_settled()


@pytest.mark.parametrize("now", [{"a": "other", "b": "2"}, {"b": "2"}, {}], ids=["changed", "removed", "all removed"])
def test_managed_tags_are_put_back_and_others_left(copy, now):
    copy.set(tags='{ a = "1", b = "2" }')
    copy.apply()
    mark = copy.snapshot["tags"][MARK]
    copy.world.aws.change_snapshot(copy.arn, tags={**now, "theirs": "x", MARK: mark})
    assert copy.workspace.plan().actions == {ADDRESS: "update"}
    copy.workspace.apply_plan()
    assert copy.tags == {"a": "1", "b": "2", "theirs": "x"}
    assert copy.copies == 1 and copy.workspace.is_settled()


def test_a_share_taken_back_is_granted_again(share):
    share.apply()
    share.world.aws.change_snapshot(share.arn, shared_with=[])
    assert share.workspace.plan().actions == {share.address: "create"}
    share.workspace.apply_plan()
    assert share.shared_with() == [NEW] and share.workspace.is_settled()


# ---- Not missed: source, share and old key, once the copy is there


def second_copy(new_workspace, world):
    """The new account's copy, alone in its configuration, of what the old account shares under a key of its own."""
    world.old_key = world.aws.add_key(OLD, REGION, policy=ANYBODY)
    world.source = world.aws.add_snapshot(OLD, REGION, "shared", kms_key_id=world.old_key)
    world.aws.change_snapshot(world.source, shared_with=[NEW])
    world.new_key = world.aws.add_key(NEW, REGION)
    workspace = new_workspace(NEW)
    workspace.write("provider.tf", PROVIDER)
    return workspace


def write(workspace, world, more="", target="mine"):
    workspace.write(
        "main.tf",
        f'resource "snapshot_reencrypt_copy" "x" {{\n  source_snapshot_identifier = "{world.source}"\n'
        f'  target_snapshot_identifier = "{target}"\n  kms_key_id = "{world.new_key}"\n'
        f"{more}\n{BEFORE_DESTROY}\n}}\n",
    )


GONE = {
    "the share": lambda world: world.aws.change_snapshot(world.source, shared_with=[]),
    "the source": lambda world: world.aws.remove_snapshot(world.source),
    "the old key": lambda world: world.aws.change_key(world.old_key, state="PendingDeletion"),
    "the old key's policy": lambda world: world.aws.change_key(
        world.old_key, policy={"Version": "2012-10-17", "Statement": []}
    ),
}


def test_source_share_and_old_key_gone_are_empty_plans(new_workspace, world):
    """One after the other, as the clean-up after cut-over goes; in the end all of them are gone."""
    workspace = second_copy(new_workspace, world)
    write(workspace, world)
    workspace.apply()
    for what, remove in GONE.items():
        remove(world)
        settled = workspace.is_settled()
        assert settled, what
        assert not settled.outcome.warnings, what
    write(workspace, world, 'tags = { a = "b" }')
    workspace.apply()
    assert world.snapshot("mine", NEW)["tags"]["a"] == "b"
    workspace.destroy()
    assert world.snapshot_names(NEW) == [] and len(world.copies_made()) == 1


def test_the_first_copy_without_its_source_is_an_empty_plan(copy):
    copy.apply()
    copy.world.aws.remove_snapshot(copy.source_arn)
    settled = copy.workspace.is_settled()
    assert settled and not settled.outcome.warnings


def test_and_a_new_copy_that_needs_the_source_again_costs_the_old_one_nothing(new_workspace, world):
    workspace = second_copy(new_workspace, world)
    limit = 'timeouts {\n  create = "1m"\n }'
    write(workspace, world, limit)
    workspace.apply()
    world.aws.remove_snapshot(world.source)
    write(workspace, world, limit, target="mine-2")
    assert workspace.plan().actions == {ADDRESS: "replace"}
    workspace.apply(ok=False).assert_error(world.source)
    assert world.snapshot("mine", NEW)["status"] == "available"
    write(workspace, world, limit)
    assert workspace.is_settled()


# ---- A disabled key shows when a step needs it, and not before


@pytest.mark.parametrize("whose", ["the copy's", "the source's"])
def test_a_disabled_key_shows_only_when_a_step_needs_it(workspace, world, whose):
    world.source_key = world.aws.add_key(OLD, REGION)
    world.new_key = world.aws.add_key(OLD, REGION)
    world.source = world.aws.add_snapshot(OLD, REGION, "before", kms_key_id=world.source_key)
    key = world.new_key if whose == "the copy's" else world.source_key
    write(workspace, world)
    workspace.apply()
    world.aws.change_key(key, state="Disabled")
    settled = workspace.is_settled()
    assert settled and not settled.outcome.warnings
    write(workspace, world, 'tags = { a = "b" }')
    tagged = workspace.apply()
    assert not tagged.warnings
    write(workspace, world, 'tags = { a = "b" }', target="mine-2")
    workspace.apply(ok=False).assert_error(key, "Disabled")
    assert world.snapshot("mine")["status"] == "available" and len(world.copies_made()) == 1
    world.aws.change_key(key, state="Enabled")
    workspace.apply()
    assert world.snapshot_names(OLD) == ["before", "mine-2"] and workspace.is_settled()


def test_a_share_of_a_snapshot_whose_key_was_disabled_is_an_empty_plan(share):
    share.apply()
    share.world.aws.change_key(share.snapshot["kms_key_arn"], state="Disabled")
    settled = share.workspace.is_settled()
    assert settled and not settled.outcome.warnings
    assert share.shared_with() == [NEW]
