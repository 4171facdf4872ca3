# SPDX-License-Identifier: MPL-2.0
"""snapshot_share by itself, on both kinds of snapshot."""

import pytest
from harness.resources import Share
from harness.world import ANYBODY, NEW, OLD, REGION

ADDRESS = Share.address
THIRD = "999988887777"


def test_create_is_known_in_advance_and_settled_after(share):
    share.workspace.plan()
    after = share.workspace.planned(ADDRESS)["after"]
    assert after["id"] == after["snapshot_arn"] == share.arn
    share.workspace.apply_plan()
    assert share.shared_with() == [NEW]
    assert (share.state["snapshot_kind"], share.state["region"]) == (share.kind, REGION)
    assert share.workspace.is_settled()


def test_by_name(share):
    share.set([NEW], identifier="copy", more=f'snapshot_kind = "{share.kind}"')
    share.workspace.apply()
    assert share.state["snapshot_arn"] == share.arn and share.state["snapshot_identifier"] == "copy"
    assert share.shared_with() == [NEW]
    share.set([NEW])
    assert share.workspace.is_settled(), "the ARN instead of the name is no change"


def test_update_in_place_adds_and_takes_back(share):
    share.workspace.apply()
    share.set([NEW, THIRD])
    assert share.workspace.plan().actions == {ADDRESS: "update"}
    share.workspace.apply()
    assert share.shared_with() == sorted([NEW, THIRD])
    share.set([THIRD])
    share.workspace.apply()
    assert share.shared_with() == [THIRD]
    assert share.workspace.is_settled()


def test_other_accounts_are_left_alone(share):
    share.world.aws.change_snapshot(share.arn, shared_with=[THIRD])
    share.workspace.apply()
    assert share.workspace.is_settled()
    assert share.shared_with() == sorted([NEW, THIRD])
    share.workspace.destroy()
    assert share.shared_with() == [THIRD]


def test_several_shares_on_one_snapshot(share):
    main = (share.workspace.folder / "main.tf").read_text()
    share.workspace.write("other.tf", main.replace('"x"', '"y"').replace(NEW, THIRD))
    share.workspace.apply()
    assert share.shared_with() == sorted([NEW, THIRD])
    assert share.workspace.is_settled()
    share.workspace.remove("other.tf")
    share.workspace.apply()
    assert share.shared_with() == [NEW]


def test_an_account_in_two_shares_is_granted_again_after_one_of_them_is_deleted(cluster_share):
    share = cluster_share
    main = (share.workspace.folder / "main.tf").read_text()
    share.workspace.write("other.tf", main.replace('"x"', '"y"'))
    share.workspace.apply()
    share.workspace.remove("other.tf")
    planned = share.workspace.plan()
    planned.assert_warning("Two shares list the same account", share.arn, NEW, "apply again")
    share.workspace.apply_plan()
    assert share.shared_with() == []
    assert share.workspace.plan().actions == {ADDRESS: "create"}
    share.workspace.apply()
    assert share.shared_with() == [NEW]


def test_a_share_moved_to_another_resource_is_not_taken_back(share):
    share.workspace.apply()
    main = (share.workspace.folder / "main.tf").read_text()
    share.workspace.write("main.tf", main.replace('"x"', '"y"'))
    assert share.workspace.apply().warnings == []
    assert share.shared_with() == [NEW]


def test_drift_one_of_two_accounts_taken_back_outside(share):
    share.set([NEW, THIRD])
    share.workspace.apply()
    share.world.aws.change_snapshot(share.arn, shared_with=[THIRD])
    assert share.workspace.plan().actions == {ADDRESS: "update"}
    share.workspace.apply()
    assert share.shared_with() == sorted([NEW, THIRD])


def test_what_is_taken_back_outside_after_the_plan_is_granted_by_the_next_one(share):
    share.workspace.apply()
    share.set([NEW, THIRD])
    share.workspace.plan()
    share.world.aws.change_snapshot(share.arn, shared_with=[])
    share.workspace.apply_plan()
    assert share.shared_with() == [THIRD], "an update grants only the accounts that are new in it"
    assert share.workspace.plan().actions == {ADDRESS: "update"}
    share.workspace.apply()
    assert share.shared_with() == sorted([NEW, THIRD])
    assert share.workspace.is_settled()


def test_drift_all_taken_back_outside_is_created_again(share):
    share.workspace.apply()
    share.world.aws.change_snapshot(share.arn, shared_with=[])
    assert share.workspace.plan().actions == {ADDRESS: "create"}
    share.workspace.apply()
    assert share.shared_with() == [NEW]


def test_the_snapshot_gone_outside(share):
    share.workspace.apply()
    share.world.aws.remove_snapshot(share.arn)
    share.workspace.destroy()


def test_another_snapshot_replaces(share):
    share.workspace.apply()
    key = share.world.aws.add_key(OLD, REGION, policy=ANYBODY)
    other = share.world.aws.add_snapshot(OLD, REGION, "copy-2", kind=share.kind, kms_key_id=key)
    share.set([NEW], identifier=other)
    assert share.workspace.plan().actions == {ADDRESS: "replace"}
    share.workspace.apply()
    assert share.shared_with() == []
    assert share.world.aws.snapshot(other)["shared_with"] == [NEW]


def test_of_another_snapshot_the_plan_warns_as_of_a_first_one(share):
    """Terraform drops the warnings of the plan that it makes of the create in a replacement."""
    share.workspace.apply()
    closed = share.world.aws.add_key(OLD, REGION)
    other = share.world.aws.add_snapshot(OLD, REGION, "copy-2", kind=share.kind, kms_key_id=closed)
    share.set([NEW], identifier=other)
    planned = share.workspace.plan()
    assert planned.actions == {ADDRESS: "replace"}
    planned.assert_warning("The key does not admit all who need it", closed, NEW)


def test_import_of_all_accounts_and_of_some(share):
    share.set([NEW, THIRD])
    share.workspace.apply()
    share.workspace.remove("terraform.tfstate")
    share.workspace.import_(ADDRESS, share.arn)
    assert sorted(share.state["account_ids"]) == sorted([NEW, THIRD])
    assert share.workspace.is_settled()
    share.workspace.remove("terraform.tfstate")
    share.set([THIRD])
    share.workspace.import_(ADDRESS, f"{share.arn}/{THIRD}")
    assert share.state["account_ids"] == [THIRD]
    assert share.workspace.is_settled()


@pytest.mark.parametrize("suffix", ["/", "/1234", f"/{THIRD}", "/all"])
def test_import_ids_that_are_none(cluster_share, suffix):
    cluster_share.workspace.apply()
    cluster_share.workspace.remove("terraform.tfstate")
    cluster_share.workspace.import_(ADDRESS, cluster_share.arn + suffix, ok=False)
    assert ADDRESS not in cluster_share.workspace.state()


# Whether RDS refuses such a share, or only the other account's copy of it.
OF_DEFAULT_KEY = pytest.mark.parametrize("rds", ["refuse", pytest.param("accept", marks=pytest.mark.long)])


@OF_DEFAULT_KEY
def test_a_snapshot_under_aws_rds_is_refused_before_anything_is_shared(share, rds):
    share.world.aws.settings(default_key_share=rds)
    share.arn = share.world.aws.add_snapshot(OLD, REGION, "default-key", kind=share.kind)
    share.set([NEW])
    share.apply(ok=False).assert_error("aws/rds", "snapshot_reencrypt_copy", share.arn)
    assert share.calls("share") == []


@OF_DEFAULT_KEY
def test_where_the_key_cannot_be_read_rds_decides(cluster_share, rds):
    share = cluster_share
    share.world.aws.settings(default_key_share=rds)
    share.arn = share.world.aws.add_snapshot(OLD, REGION, "default-key")
    share.set([NEW])
    for operation in ("DescribeKey", "GetKeyPolicy"):
        share.fault(operation, "access_denied", count=None)
    outcome = share.apply(ok=rds == "accept")
    if rds == "refuse":
        outcome.assert_error("InvalidParameterValue", "aws/rds")
    assert share.shared_with() == ([NEW] if rds == "accept" else [])


def test_the_snapshot_is_not_there_yet(cluster_share, world):
    """A share of what is still being copied waits for it."""
    world.aws.change_snapshot(cluster_share.arn, status="copying")
    running = cluster_share.workspace.start("apply", "-json", "-auto-approve")
    world.wait_until(
        lambda: len(world.aws.calls("DescribeDBClusterSnapshots")) > 2 or running.process.poll() is not None, "waiting"
    )
    world.aws.change_snapshot(cluster_share.arn, status=None)
    assert running.wait().ok
    assert cluster_share.shared_with() == [NEW]


def test_of_another_account_s_snapshot_is_an_error_that_names_both(new_workspace, cluster_share):
    stranger = new_workspace(NEW)
    for name in ("provider.tf", "main.tf"):
        stranger.write(name, (cluster_share.workspace.folder / name).read_text())
    refused = stranger.apply(ok=False)
    refused.assert_error(OLD, NEW)
    assert cluster_share.shared_with() == []


def test_the_configured_region_against_the_arn_s(cluster_share):
    cluster_share.set([NEW], more='region = "eu-west-1"')
    refused = cluster_share.workspace.plan(ok=False)
    refused.assert_error("eu-west-1", REGION)


# ---- What is public already


@pytest.fixture
def public(share):
    """Unencrypted, as all public snapshots are."""
    share.arn = share.world.aws.add_snapshot(OLD, REGION, "open", kind=share.kind, encrypted=False)
    share.world.aws.change_snapshot(share.arn, shared_with=["all"])
    share.set([NEW])
    return share


def test_a_public_snapshot_is_warned_of_before_and_after_it_is_shared(public):
    def assert_warned_once():
        (warning,) = [w for w in public.workspace.plan().warnings if w.summary == "The snapshot is public"]
        assert public.arn in warning.detail and "every AWS account" in warning.detail

    assert_warned_once()
    public.apply()
    assert_warned_once()
    assert public.shared_with() == [NEW, "all"]
    public.workspace.destroy()
    assert public.shared_with() == ["all"]


def test_an_import_of_all_accounts_leaves_everybody_out(public):
    public.apply()
    public.workspace.remove("terraform.tfstate")
    public.workspace.import_(ADDRESS, public.arn)
    assert public.state["account_ids"] == [NEW]
    assert public.workspace.is_settled()


def test_of_an_encrypted_snapshot_a_plan_asks_nothing_of_the_kind(share):
    assert share.workspace.plan().warnings == []
    assert not share.world.aws.calls("DescribeDBClusterSnapshotAttributes")
    assert not share.world.aws.calls("DescribeDBSnapshotAttributes")
