# SPDX-License-Identifier: MPL-2.0
"""The whole chain, applied, and then something changes. Whatever it is: the restored cluster stays."""

import pytest
from harness.world import NEW, OLD, REGION, snapshot_arn

FIRST = "snapshot_reencrypt_copy.source"
SHARE = "snapshot_share.target"
SECOND = "snapshot_reencrypt_copy.target"
CLUSTER = "aws_rds_cluster.restored"
OURS = (FIRST, SHARE, SECOND)


@pytest.fixture
def copied_anew(applied, world):
    """Applies, and asserts which copies that made anew, that the cluster stayed, that all is settled."""
    before = applied.state()
    cluster = world.cluster("orders", NEW)
    after = world.aws.last_call()

    def check(*expected, apply=applied.apply, **options):
        outcome = apply(**options)
        state = applied.state()
        made = {a for a in (FIRST, SECOND) if state[a]["copy_id"] != before[a]["copy_id"]}
        assert made == set(expected), outcome
        assert len(world.copies_made(after=after)) == len(expected)
        for address in OURS:
            assert state[address]["id"] == before[address]["id"]
        assert world.cluster("orders", NEW) == cluster, "the restored cluster is the same"
        assert CLUSTER not in dict(outcome.done)
        assert applied.is_settled()
        assert world.snapshot("orders-shared", OLD)["shared_with"] == [NEW]
        return outcome

    return check


def override(workspace, text):
    workspace.write("override.tf", text)


# ---- What needs new bytes: made anew in place, and what is made from it follows


def test_a_new_take_goes_through_the_whole_chain(applied, copied_anew):
    applied.set_variables(take="2")
    planned = applied.plan()
    assert planned.actions[FIRST] == planned.actions[SHARE] == planned.actions[SECOND] == "update"
    assert CLUSTER not in planned.actions
    copied_anew(FIRST, SECOND)


def test_another_key_for_the_first_copy(applied, copied_anew, world):
    key = world.aws.add_key(OLD, REGION, policy=applied.state()["data.snapshot_key_policy.source"]["json"])
    override(applied, f'resource "snapshot_reencrypt_copy" "source" {{ kms_key_id = "{key}" }}')
    planned = applied.plan()
    assert planned.actions == {FIRST: "update", SHARE: "update", SECOND: "update"}
    planned.assert_warning("made again", snapshot_arn("orders-shared", OLD))
    copied_anew(FIRST, SECOND)
    assert world.snapshot("orders-shared", OLD)["kms_key_arn"] == key
    assert applied.state()[FIRST]["kms_key_arn"] == key


def test_another_key_for_the_second_copy(applied, copied_anew, world):
    key = world.aws.add_key(NEW, REGION, policy=applied.state()["data.snapshot_key_policy.target"]["json"])
    override(applied, f'resource "snapshot_reencrypt_copy" "target" {{ kms_key_id = "{key}" }}')
    planned = applied.plan()
    assert planned.actions == {SECOND: "update"}
    copied_anew(SECOND)
    assert world.snapshot("orders", NEW)["kms_key_arn"] == key


def test_another_source_for_the_first_copy(applied, copied_anew, world):
    world.aws.add_snapshot(OLD, REGION, "by-hand")
    override(applied, 'resource "snapshot_reencrypt_copy" "source" { source_snapshot_identifier = "by-hand" }')
    copied_anew(FIRST, SECOND)
    assert applied.state()[FIRST]["source_snapshot_arn"] == snapshot_arn("by-hand", OLD)


def test_a_source_version_that_changes_makes_the_chain_anew(applied, copied_anew):
    override(applied, 'resource "snapshot_reencrypt_copy" "source" { source_version = "1" }')
    applied.apply()
    override(applied, 'resource "snapshot_reencrypt_copy" "source" { source_version = "2" }')
    planned = applied.plan()
    assert planned.actions == {FIRST: "update", SHARE: "update", SECOND: "update"}
    planned.assert_warning("made again")
    copied_anew(FIRST, SECOND)


def test_what_a_new_copy_decides_is_unknown_in_the_plan_and_the_rest_known(applied):
    applied.set_variables(take="2")
    applied.plan()
    change = applied.planned(FIRST)
    unknown = {name for name, is_unknown in change["after_unknown"].items() if is_unknown is True}
    assert {"copy_id", "holder_id", "status", "kms_key_arn", "engine", "snapshot_create_time"} <= unknown
    for name in ("arn", "id", "account_id", "region", "snapshot_kind", "target_snapshot_identifier"):
        assert change["after"][name] == change["before"][name]


# ---- What does not need new bytes


def test_a_source_version_that_appears_or_goes_only_changes_state(applied, world):
    after = world.aws.last_call()
    for version in ('"1"', "null"):
        override(applied, f'resource "snapshot_reencrypt_copy" "source" {{ source_version = {version} }}')
        before = applied.state()[FIRST]["copy_id"]
        assert applied.plan().actions == {FIRST: "update"}
        applied.apply()
        assert applied.state()[FIRST]["copy_id"] == before
        assert applied.is_settled()
    assert not world.copies_made(after=after)


@pytest.mark.parametrize(
    "argument",
    [
        'tags = { a = "b" }',
        "copy_tags = true",
        'deletion_policy = "retain"',
        "reader_account_ids = []",
        'timeouts {\n create = "30h"\n }',
    ],
)
def test_an_argument_that_needs_no_new_bytes_is_an_update_of_one(applied, copied_anew, argument):
    override(applied, f'resource "snapshot_reencrypt_copy" "source" {{\n{argument}\n}}')
    assert applied.plan().actions == {FIRST: "update"}
    copied_anew()


def test_only_tags_call_aws(applied, world):
    override(
        applied,
        'resource "snapshot_reencrypt_copy" "source" {\n deletion_policy = "retain"\n copy_tags = true\n'
        ' reader_account_ids = []\n timeouts {\n create = "30h"\n }\n}',
    )
    after = world.aws.last_call()
    applied.apply()
    changing = [
        c["operation"] for c in world.aws.calls(after=after) if c["operation"].startswith(("Add", "Rem", "Mod"))
    ]
    assert changing == []


@pytest.mark.parametrize("spelling", ["key_id", "alias", "alias_arn", "upper_case_target", "source_arn_for_name"])
def test_another_spelling_is_no_change(applied, world, spelling):
    after = world.aws.last_call()
    values = {
        "key_id": "kms_key_id = aws_kms_key.source.key_id",
        "alias": "kms_key_id = aws_kms_alias.source.name",
        "alias_arn": "kms_key_id = aws_kms_alias.source.arn",
        "upper_case_target": 'target_snapshot_identifier = "Orders-SHARED"',
        "source_arn_for_name": "source_snapshot_identifier = aws_db_cluster_snapshot.source.id",
    }
    override(applied, f'resource "snapshot_reencrypt_copy" "source" {{ {values[spelling]} }}')
    settled = applied.is_settled()
    assert settled
    applied.apply()
    assert not world.copies_made(after=after)


def test_an_alias_that_points_elsewhere_is_one_warning_and_no_change(applied, world):
    override(applied, 'resource "snapshot_reencrypt_copy" "source" { kms_key_id = "alias/moving" }')
    old_key = applied.outputs()["kms_key_arns"]["source"]
    kms = world.accounts[OLD].client("kms", REGION)
    kms.create_alias(AliasName="alias/moving", TargetKeyId=old_key)
    assert applied.is_settled()
    # In state the prior spelling stays, so begin with the alias: a new state by import.
    applied.run("state", "rm", FIRST)
    applied.apply()
    new_key = world.aws.add_key(OLD, REGION)
    kms.update_alias(AliasName="alias/moving", TargetKeyId=new_key)
    settled = applied.is_settled()
    assert settled
    warnings = [d for d in settled.outcome.warnings if old_key in d.text and new_key in d.text]
    assert len(warnings) == 1, settled


# ---- Replacement asked for


def test_replacing_the_first_copy(applied, copied_anew):
    planned = applied.plan(f"-replace={FIRST}")
    assert planned.actions[FIRST] == "replace"
    assert CLUSTER not in planned.actions
    copied_anew(FIRST, SECOND, apply=lambda: applied.apply(f"-replace={FIRST}"))


def test_replacing_the_second_copy(applied, copied_anew):
    planned = applied.plan(f"-replace={SECOND}")
    assert planned.actions == {SECOND: "replace"}
    copied_anew(SECOND, apply=lambda: applied.apply(f"-replace={SECOND}"))


def test_replacing_the_share_copies_nothing(applied, copied_anew):
    copied_anew(apply=lambda: applied.apply(f"-replace={SHARE}"))


def test_replacing_a_retained_copy_of_the_same_name_is_refused_at_plan(applied):
    override(applied, 'resource "snapshot_reencrypt_copy" "target" { deletion_policy = "retain" }')
    applied.apply()
    refused = applied.plan(f"-replace={SECOND}", ok=False)
    refused.assert_error("retain", "source_version")


def test_replacing_the_cluster_restores_it_from_the_copy_there_is(applied, world):
    after = world.aws.last_call()
    applied.apply(f"-replace={CLUSTER}")
    assert world.cluster("orders", NEW)["snapshot_arn"] == snapshot_arn("orders", NEW)
    assert not world.copies_made(after=after)
    assert applied.is_settled()


# ---- create_before_destroy on the cluster forces it on everything before it

BEFORE_DESTROY = """
resource "aws_rds_cluster" "restored" {
  lifecycle {
    create_before_destroy = true
    ignore_changes        = [snapshot_identifier]
  }
}
"""


@pytest.fixture
def create_before_destroy(applied):
    override(applied, BEFORE_DESTROY)
    assert applied.is_settled() or applied.apply()


@pytest.mark.usefixtures("create_before_destroy")
def test_create_before_destroy_a_new_take(applied, copied_anew):
    applied.set_variables(take="2")
    copied_anew(FIRST, SECOND)


@pytest.mark.parametrize("address", [FIRST, SECOND])
@pytest.mark.usefixtures("create_before_destroy")
def test_create_before_destroy_replacing_adopts_copies_nothing_and_warns(applied, copied_anew, address):
    outcome = copied_anew(apply=lambda: applied.apply(f"-replace={address}"))
    outcome.assert_warning("source_version", "adopted")


@pytest.mark.usefixtures("create_before_destroy")
def test_create_before_destroy_all_of_ours_tainted_survives_and_another_key_is_made_in_place(
    applied, copied_anew, world
):
    for address in OURS:
        applied.run("taint", address)
    copied_anew().assert_warning("source_version", "adopted")
    key = world.aws.add_key(OLD, REGION, policy=applied.state()["data.snapshot_key_policy.source"]["json"])
    override(applied, f'{BEFORE_DESTROY}\nresource "snapshot_reencrypt_copy" "source" {{ kms_key_id = "{key}" }}')
    copied_anew(FIRST, SECOND)


@pytest.mark.usefixtures("create_before_destroy")
def test_create_before_destroy_and_destroy(applied, world):
    applied.destroy()
    assert world.snapshot_names(OLD) == world.snapshot_names(NEW) == []


# ---- Deleted outside


def test_the_first_copy_deleted_outside(applied, copied_anew, world):
    world.aws.remove_snapshot(snapshot_arn("orders-shared", OLD))
    copied_anew(FIRST, SECOND)


def test_the_second_copy_deleted_outside(applied, copied_anew, world):
    world.aws.remove_snapshot(snapshot_arn("orders", NEW))
    planned = applied.plan()
    assert planned.actions == {SECOND: "create"}
    copied_anew(SECOND)


def test_the_share_revoked_outside(applied, copied_anew, world):
    world.aws.change_snapshot(snapshot_arn("orders-shared", OLD), shared_with=[])
    assert set(applied.plan().actions) == {SHARE}
    copied_anew()


def test_the_source_snapshot_deleted_outside_and_taken_again(applied, world):
    cluster = world.cluster("orders", NEW)
    world.aws.remove_snapshot(snapshot_arn("orders-1", OLD))
    applied.apply()
    assert world.cluster("orders", NEW) == cluster
    assert applied.is_settled()


def test_a_copy_found_failed_is_made_anew_in_place(applied, copied_anew, world):
    world.aws.change_snapshot(snapshot_arn("orders", NEW), status="failed")
    planned = applied.plan()
    assert planned.actions == {SECOND: "update"}
    copied_anew(SECOND)


# ---- A rename is the one thing that replaces, and says so


def test_a_rename_warns_of_clusters_restored_from_it(applied, world):
    cluster = world.cluster("orders", NEW)
    override(applied, 'resource "snapshot_reencrypt_copy" "target" { target_snapshot_identifier = "orders-2" }')
    planned = applied.plan()
    assert planned.actions == {SECOND: "replace"}
    planned.assert_warning("ignore_changes", "snapshot_identifier")
    applied.apply()
    assert world.snapshot_names(NEW) == ["orders-2"]
    assert world.cluster("orders", NEW) == cluster
    assert applied.is_settled()
