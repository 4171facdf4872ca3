# SPDX-License-Identifier: MPL-2.0
"""snapshot_reencrypt_copy by itself, both kinds of snapshot through the same tests."""

import pytest
from harness.resources import MARK, Copy
from harness.world import ANYBODY, NEW, OLD, REGION, snapshot_arn

ADDRESS = Copy.address

# ---- Create, empty plan, update, import, drift, destroy


def test_create_is_known_in_advance_and_settled_after(copy):
    copy.workspace.plan()
    after = copy.workspace.planned(ADDRESS)["after"]
    assert (after["arn"], after["account_id"], after["region"]) == (copy.arn, OLD, REGION)
    copy.workspace.apply_plan()
    state = copy.state
    assert state["status"] == "available" and state["snapshot_kind"] == copy.kind
    assert state["kms_key_arn"] == copy.key == copy.snapshot["kms_key_arn"]
    assert state["kms_key_id"] == "alias/mine" and state["source_snapshot_identifier"] == "before"
    source = copy.world.aws.snapshot(copy.source_arn)
    assert state["source_snapshot_create_time"] == source["create_time"] != state["snapshot_create_time"]
    assert copy.workspace.is_settled()


def test_a_database_without_a_vpc_leaves_it_empty(cluster_copy):
    world = cluster_copy.world
    source = world.aws.add_snapshot(OLD, REGION, "public", vpc=False)
    cluster_copy.set(source_snapshot_identifier=f'"{source}"')
    cluster_copy.apply()
    assert cluster_copy.state["vpc_id"] is None and cluster_copy.workspace.is_settled()
    cluster_copy.workspace.destroy()


def test_the_key_may_be_another_account_s(copy):
    key = copy.world.aws.add_key(NEW, REGION, policy=ANYBODY, alias="alias/theirs")
    alias = key.rpartition(":")[0] + ":alias/theirs"
    copy.set(kms_key_id=f'"{alias}"')
    copy.apply()
    assert copy.snapshot["kms_key_arn"] == copy.state["kms_key_arn"] == key
    copy.set(kms_key_id=f'"{key}"')
    assert copy.workspace.is_settled()


def test_the_copy_carries_a_mark_of_five_fields(copy):
    copy.apply()
    number, holder_id, source, key, time = copy.mark
    assert number == "1" and holder_id == copy.state["holder_id"]
    assert len(holder_id) == 16 and set(holder_id) <= set("abcdefghijklmnopqrstuvwxyz234567")
    assert len(source) == len(key) == 22 and time == copy.state["source_snapshot_create_time"]
    assert MARK not in copy.state["tags_all"]


def test_the_mark_is_in_the_copy_call_itself(copy):
    copy.apply()
    (call,) = copy.world.copies_made()
    assert MARK in {tag["Key"] for tag in call["parameters"]["Tags"]}


def test_update_of_tags_only(copy):
    copy.set(tags='{ a = "1", b = "2" }')
    copy.apply()
    assert copy.tags == {"a": "1", "b": "2"}
    copy.set(tags='{ b = "3" }')
    assert copy.workspace.plan().actions == {ADDRESS: "update"}
    copy.apply()
    assert copy.tags == {"b": "3"}
    assert MARK in copy.snapshot["tags"] and copy.copies == 1
    assert copy.workspace.is_settled()


FROM_THE_MARK = ("holder_id", "source_snapshot_create_time")


def test_import_by_arn_and_by_name(copy):
    copy.set(tags='{ a = "1" }')
    copy.apply()
    before = copy.state
    for import_id in (copy.arn, f"{copy.kind}:after"):
        copy.workspace.remove("terraform.tfstate")
        copy.workspace.import_(ADDRESS, import_id)
        for name in (*FROM_THE_MARK, "arn", "id", "kms_key_arn", "tags", "status", "snapshot_kind"):
            assert copy.state[name] == before[name]
        copy.apply()
        assert copy.workspace.is_settled()
    assert copy.copies == 1


def test_import_of_an_unmarked_copy_leaves_null_what_only_a_mark_says(copy):
    copy.world.aws.add_snapshot(OLD, REGION, "after", kind=copy.kind, kms_key_id=copy.key, tags={"a": "1"})
    copy.set(tags='{ a = "1" }')
    copy.workspace.import_(ADDRESS, copy.arn)
    assert copy.state["tags"] == {"a": "1"} and [copy.state[name] for name in FROM_THE_MARK] == [None, None]
    copy.apply()
    assert copy.copies == 0, "an argument that is null in state is no reason to copy"
    assert copy.workspace.is_settled()


def test_import_of_what_does_not_exist(copy):
    refused = copy.workspace.import_(ADDRESS, f"{copy.kind}:never-was", ok=False)
    assert "non-existent" in refused.out + refused.err


@pytest.mark.parametrize("import_id", ["after", "cluster:", "volume:after", "arn:aws:rds:eu-central-1::x"])
def test_import_ids_that_are_none(cluster_copy, import_id):
    refused = cluster_copy.workspace.import_(ADDRESS, import_id, ok=False)
    assert import_id in refused.out + refused.err


def test_drift_of_tags_is_repaired_and_foreign_state_is_told(copy):
    copy.set(tags='{ a = "1" }')
    copy.apply()
    mark = copy.snapshot["tags"][MARK]
    copy.world.aws.change_snapshot(copy.arn, tags={"a": "other", MARK: mark})
    assert copy.workspace.plan().actions == {ADDRESS: "update"}
    copy.apply()
    assert copy.tags == {"a": "1"}


def test_gone_is_created_again(copy):
    copy.apply()
    copy.world.aws.remove_snapshot(copy.arn)
    assert copy.workspace.plan().actions == {ADDRESS: "create"}
    copy.apply()
    assert copy.snapshot["status"] == "available"


def test_destroy_waits_until_it_is_gone(copy):
    copy.apply()
    copy.world.aws.settings(delete_seconds=60)
    copy.workspace.destroy()
    assert copy.snapshot is None


def test_destroy_of_what_is_gone_already(copy):
    copy.apply()
    copy.world.aws.remove_snapshot(copy.arn)
    copy.workspace.destroy("-refresh=false")


def test_retained_it_outlives_its_resource(copy):
    copy.set(deletion_policy='"retain"')
    copy.apply()
    copy.workspace.destroy()
    assert copy.snapshot["status"] == "available"


# ---- Tags


def test_default_tags_and_copied_tags(copy):
    copy.workspace.write(
        "provider.tf",
        (copy.workspace.folder / "provider.tf")
        .read_text()
        .replace('"eu-central-1"', '"eu-central-1"\n  default_tags {\n tags = { team = "ours", cost = "1" }\n }'),
    )
    copy.world.aws.change_snapshot(
        snapshot_arn("before", OLD, REGION, copy.kind), tags={"team": "orders", "left": "over", "aws:made": "by-aws"}
    )
    copy.set(copy_tags="true", tags='{ cost = "2" }')
    copy.apply()
    assert copy.tags == {"team": "ours", "left": "over", "cost": "2"}, "copied < default < tags; aws: dropped"
    assert copy.state["tags_all"] == {"team": "ours", "cost": "2"}
    assert copy.workspace.is_settled(), "copied tags are neither compared nor removed"


def test_more_tags_than_rds_takes_are_refused_before_the_copy(cluster_copy):
    """Each is right by itself; how many are copied is known only when the source is read."""
    copy = cluster_copy
    copy.world.aws.change_snapshot(copy.source_arn, tags={f"theirs-{n}": "x" for n in range(30)})
    copy.set(copy_tags="true", tags="{ " + ", ".join(f'own-{n} = "x"' for n in range(20)) + " }")
    refused = copy.apply(ok=False)
    refused.assert_error("the copy would carry 51 tags", "RDS allows 50", "remove 1")
    assert refused.errors[0].code.startswith("tags") and not copy.calls("copy")
    copy.set(tags="{ " + ", ".join(f'own-{n} = "x"' for n in range(19)) + " }")
    copy.apply()
    assert len(copy.tags) == 49 and copy.workspace.is_settled()


def test_another_account_s_tags_cannot_be_copied_and_are_missed_aloud(new_workspace, world):
    key = world.aws.add_key(OLD, REGION, policy=ANYBODY)
    source = world.aws.add_snapshot(OLD, REGION, "before", kms_key_id=key, tags={"team": "orders"})
    world.aws.change_snapshot(source, shared_with=[NEW])
    stranger = new_workspace(NEW)
    stranger.write("provider.tf", PROVIDER)
    stranger.write(
        "main.tf",
        f"""
        resource "snapshot_reencrypt_copy" "x" {{
          source_snapshot_identifier = "{source}"
          target_snapshot_identifier = "after"
          kms_key_id                 = "{world.aws.add_key(NEW, REGION)}"
          copy_tags                  = true
          tags                       = {{ own = "1" }}
        }}
        """,
    )
    stranger.apply().assert_warning("Tags were not copied", source, OLD, NEW, "`tags`")
    assert {k: v for k, v in world.snapshot("after", NEW)["tags"].items() if k != MARK} == {"own": "1"}
    assert stranger.is_settled()


def test_tags_on_a_copy_that_others_have_tagged(copy):
    copy.set(tags='{ a = "1" }')
    copy.apply()
    copy.world.aws.change_snapshot(copy.arn, tags={**copy.snapshot["tags"], "theirs": "x"})
    copy.set(tags='{ a = "2" }')
    copy.apply()
    assert copy.tags["a"] == "2"


# ---- Account, Region, kind


def test_the_account_of_the_state_is_not_the_provider_s(cluster_copy, new_workspace):
    cluster_copy.apply()
    stranger = new_workspace(NEW)
    for name in ("provider.tf", "main.tf", "terraform.tfstate"):
        stranger.write(name, (cluster_copy.workspace.folder / name).read_text())
    refused = stranger.plan(ok=False)
    refused.assert_error(OLD, NEW)
    stranger.destroy(ok=False).assert_error(OLD, NEW)
    assert cluster_copy.snapshot["status"] == "available"


def test_the_region_of_the_state_is_followed(cluster_copy, world):
    cluster_copy.apply()
    provider = (cluster_copy.workspace.folder / "provider.tf").read_text()
    cluster_copy.workspace.write("provider.tf", provider.replace("eu-central-1", "eu-west-1"))
    settled = cluster_copy.workspace.is_settled()
    assert settled, "a Region left out is the prior one"


def test_into_another_region(copy, world):
    key = world.aws.add_key(OLD, "eu-west-1")
    copy.set(
        region='"eu-west-1"',
        kms_key_id=f'"{key}"',
        source_snapshot_identifier=f'"{snapshot_arn("before", OLD, REGION, copy.kind)}"',
    )
    copy.apply()
    found = world.snapshot("after", OLD, "eu-west-1", copy.kind)
    assert (found["status"], found["kms_key_arn"]) == ("available", key)
    assert copy.workspace.is_settled()
    copy.workspace.destroy()
    assert world.snapshot("after", OLD, "eu-west-1", copy.kind) is None


@pytest.mark.parametrize("region", [REGION, "eu-west-1"])
@pytest.mark.parametrize("kind", ["cluster", "instance"])
def test_more_copies_into_a_region_than_it_has_slots_wait_for_one(workspace, world, kind, region):
    key = world.aws.add_key(OLD, region)
    world.aws.add_snapshot(OLD, REGION, "before", kind=kind)
    world.aws.settings(copy_seconds=60, copy_slots={"cluster": 2, "instance": 2})
    workspace.write(
        "main.tf",
        f"""
        resource "snapshot_reencrypt_copy" "x" {{
          count                      = 5
          snapshot_kind              = "{kind}"
          region                     = "{region}"
          source_snapshot_identifier = "{snapshot_arn("before", kind=kind)}"
          target_snapshot_identifier = "after-${{count.index}}"
          kms_key_id                 = "{key}"
        }}
        """,
    )
    workspace.apply()
    assert {world.snapshot(f"after-{n}", OLD, region, kind)["status"] for n in range(5)} == {"available"}
    copies = world.aws.calls(f"CopyDB{'Cluster' if kind == 'cluster' else ''}Snapshot")
    assert "SnapshotQuotaExceeded" in {c["error_code"] for c in copies}, "there was a wait"


# ---- Refusals of AWS, explained


def test_a_full_quota_names_quota_and_cure(cluster_copy, world):
    world.aws.settings(max_manual_snapshots=1)
    refused = cluster_copy.apply(ok=False)
    refused.assert_error("SnapshotQuotaExceeded", "quota", OLD, REGION)


def test_a_denied_copy_names_operation_code_account_and_region(cluster_copy, world):
    world.aws.fault("CopyDBClusterSnapshot", "access_denied", count=None)
    refused = cluster_copy.apply(ok=False)
    refused.assert_error("CopyDBClusterSnapshot", "AccessDenied", OLD, REGION)


def test_a_copy_of_a_snapshot_that_is_not_shared_ends_with_what_to_do(new_workspace, world):
    world.aws.add_snapshot(OLD, REGION, "before")
    key = world.aws.add_key(NEW, REGION)
    stranger = new_workspace(NEW)
    stranger.write("provider.tf", PROVIDER)
    stranger.write(
        "main.tf",
        f"""
        resource "snapshot_reencrypt_copy" "x" {{
          source_snapshot_identifier = "{snapshot_arn("before")}"
          target_snapshot_identifier = "after"
          kms_key_id                 = "{key}"
          timeouts {{ create = "1m" }}
        }}
        """,
    )
    refused = stranger.apply(ok=False)
    refused.assert_error(snapshot_arn("before"), "share")
    assert stranger.managed() == {}


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
