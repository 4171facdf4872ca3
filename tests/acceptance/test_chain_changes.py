# SPDX-License-Identifier: MPL-2.0
"""The whole chain, applied, and then something changes: no copy is lost, and the restored cluster stays.
What another take does is in test_takes.py."""

import pytest
from harness.world import NEW, OLD, REGION, snapshot_arn

pytestmark = pytest.mark.tenth

FIRST = "snapshot_reencrypt_copy.source"
SHARE = "snapshot_share.target"
SECOND = "snapshot_reencrypt_copy.target[0]"
CLUSTER = "aws_rds_cluster.restored[0]"
OURS = (FIRST, SHARE, SECOND)
CHANGING = ("Copy", "Delete", "Modify", "Add", "Remove", "Create", "Restore")


@pytest.fixture
def unmoved(applied, world):
    """Applies, and asserts that nothing was copied or deleted, that each keeps its ARN, and that all is settled."""
    before, cluster, after = applied.state(), world.cluster("orders", NEW), world.aws.last_call()

    def check(outcome):
        state = applied.state()
        assert not [c for c in changing(world, after) if c.startswith(("Copy", "Delete"))], outcome
        for address in OURS:
            assert state[address]["id"] == before[address]["id"] and not state[address].tainted
        assert world.cluster("orders", NEW) == cluster and CLUSTER not in dict(outcome.done)
        assert applied.is_settled()
        assert world.snapshot("orders-shared-1", OLD)["shared_with"] == [NEW]

    return check


def changing(world, after):
    return [c["operation"] for c in world.aws.calls(after=after) if c["operation"].startswith(CHANGING)]


def override(workspace, text):
    workspace.write("override.tf", text)


# ---- Other data


@pytest.mark.parametrize("address, account", [(FIRST, OLD), (SECOND, NEW)])
def test_another_key_is_an_error_and_comes_with_another_take(applied, world, address, account):
    name = address.partition(".")[2].partition("[")[0]
    key = world.aws.add_key(account, REGION, policy=applied.state()[f"data.snapshot_key_policy.{name}"]["json"])
    override(applied, f'resource "snapshot_reencrypt_copy" "{name}" {{ kms_key_id = "{key}" }}')
    cluster, state, after = world.cluster("orders", NEW), applied.managed(), world.aws.last_call()
    applied.apply(ok=False).assert_error(state[address]["arn"], "another target_snapshot_identifier")
    assert changing(world, after) == [] and applied.managed() == state
    applied.set_variables(take="2")
    applied.apply()
    assert len(world.copies_made(after=after)) == 2 and applied.state()[address]["kms_key_arn"] == key
    assert world.snapshot_names(OLD) == ["orders-2", "orders-shared-2"] and world.snapshot_names(NEW) == ["orders-2"]
    assert world.cluster("orders", NEW) == cluster and applied.is_settled()


# ---- The same data


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
def test_an_argument_that_says_nothing_of_the_data_is_an_update_of_one(applied, unmoved, argument):
    override(applied, f'resource "snapshot_reencrypt_copy" "source" {{\n{argument}\n}}')
    assert applied.plan().actions == {FIRST: "update"}
    unmoved(applied.apply())


def test_only_tags_call_aws(applied, world):
    override(
        applied,
        'resource "snapshot_reencrypt_copy" "source" {\n deletion_policy = "retain"\n copy_tags = true\n'
        ' reader_account_ids = []\n timeouts {\n create = "30h"\n }\n}',
    )
    after = world.aws.last_call()
    applied.apply()
    assert changing(world, after) == []


@pytest.mark.parametrize("spelling", ["key_id", "alias", "alias_arn", "upper_case_target", "source_arn_for_name"])
def test_another_spelling_is_no_change(applied, world, spelling):
    after = world.aws.last_call()
    values = {
        "key_id": "kms_key_id = aws_kms_key.source.key_id",
        "alias": "kms_key_id = aws_kms_alias.source.name",
        "alias_arn": "kms_key_id = aws_kms_alias.source.arn",
        "upper_case_target": 'target_snapshot_identifier = "Orders-SHARED-1"',
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


def destroy_first(workspace):
    """The module without its create_before_destroy."""
    for name in ("source.tf", "target.tf"):
        text = (workspace.folder / name).read_text()
        assert text.count("create_before_destroy = true") == 1
        workspace.write(name, text.replace("create_before_destroy = true", "create_before_destroy = false"))


@pytest.mark.parametrize("order", ["create first", "destroy first"])
@pytest.mark.parametrize("addresses", [[FIRST], [SHARE], [SECOND], list(OURS)], ids=["first", "share", "second", "all"])
def test_replaced_the_copies_are_adopted_and_shared_again(applied, unmoved, addresses, order):
    if order == "destroy first":
        destroy_first(applied)
        applied.apply()
    outcome = applied.apply(*[f"-replace={address}" for address in addresses])
    for address in {FIRST, SECOND} & set(addresses):
        outcome.assert_warning("adopted", applied.state()[address]["arn"])
    unmoved(outcome)


def test_tainted_all_of_them_are_adopted(applied, unmoved):
    for address in OURS:
        applied.run("taint", address)
    unmoved(applied.apply())


def test_replacing_the_cluster_restores_it_from_the_copy_there_is(applied, world):
    after = world.aws.last_call()
    applied.apply(f"-replace={CLUSTER}")
    assert world.cluster("orders", NEW)["snapshot_arn"] == snapshot_arn("orders-1", NEW)
    assert not world.copies_made(after=after)
    assert applied.is_settled()


# ---- Deleted outside (the first copy: test_deleted_outside.py)


def test_the_share_revoked_outside(applied, unmoved, world):
    world.aws.change_snapshot(snapshot_arn("orders-shared-1", OLD), shared_with=[])
    assert set(applied.plan().actions) == {SHARE}
    unmoved(applied.apply())


def test_the_source_snapshot_deleted_outside_and_taken_again_is_newer_than_the_copy(applied, unmoved, world):
    world.aws.advance(3600)
    world.aws.remove_snapshot(snapshot_arn("orders-1", OLD))
    unmoved(applied.apply())
    applied.plan().assert_warning("newer", snapshot_arn("orders-shared-1", OLD), "another target_snapshot_identifier")


# ---- The second copy alone


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
