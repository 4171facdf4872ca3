# SPDX-License-Identifier: MPL-2.0
"""Re-making in place and replacing: nothing is deleted while what it would be made from is not to be had."""

import pytest
from harness.resources import Copy
from harness.world import NEW, OLD, REGION, snapshot_arn

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
SHORT = 'timeouts {\n create = "2m"\n update = "2m"\n }'


def source_vanished(copy):
    copy.world.aws.remove_snapshot(copy.source_arn)
    return ["before"]


def source_failed(copy):
    copy.world.aws.change_snapshot(copy.source_arn, status="failed")
    return ["before", '"failed"']


def key_disabled(copy):
    copy.world.aws.change_key(copy.key, state="Disabled")
    return [copy.key, "Disabled"]


def key_to_be_deleted(copy):
    copy.world.aws.change_key(copy.key, state="PendingDeletion")
    return [copy.key, "PendingDeletion"]


def quota_full(copy):
    copy.world.aws.settings(max_manual_snapshots=1)  # there are two: the old copy's place would not be enough
    return ["quota"]


OBSTACLES = [source_vanished, source_failed, key_disabled, key_to_be_deleted, quota_full]


def re_made(copy):
    copy.set(source_version='"2"')
    return copy.apply(ok=False)


def asked_to_be_replaced(copy):
    return copy.apply(f"-replace={copy.address}", ok=False)


def tainted(copy):
    copy.workspace.run("taint", copy.address)
    return copy.apply(ok=False)


def renamed(copy):
    copy.set(target_snapshot_identifier='"after-2"')
    return copy.apply(ok=False)


def cases():
    """Each obstacle in each way; the first of each without `long`."""
    for way in (re_made, asked_to_be_replaced, tainted, renamed):
        for obstacle in OBSTACLES:
            for kind in ("cluster", "instance"):
                is_first = obstacle is source_vanished or way in (re_made, asked_to_be_replaced)
                marks = [] if kind == "cluster" and is_first else [pytest.mark.long]
                yield pytest.param(kind, way, obstacle, marks=marks, id=f"{kind}-{way.__name__}-{obstacle.__name__}")


@pytest.mark.parametrize("copy, way, obstacle", list(cases()), indirect=["copy"])
def test_what_cannot_be_made_again_is_not_deleted(copy, way, obstacle):
    copy.set(source_version='"1"')
    copy.apply()
    before, state = copy.snapshot, copy.state
    texts = obstacle(copy)
    after = copy.world.aws.last_call()
    refused = way(copy)
    refused.assert_error(*texts)
    if way is not re_made:
        refused.assert_error("is not deleted", "source_version", "target_snapshot_identifier")
    assert copy.snapshot == before and copy.calls("delete", after=after) == copy.calls("copy", after=after) == []
    assert copy.instance.values == state.values and copy.instance.tainted == (way is tainted)


@pytest.fixture
def shared(new_workspace, world):
    """Made in the new account of what the old one shares."""
    workspace = new_workspace(NEW)
    workspace.write("provider.tf", PROVIDER)
    copy = Copy(workspace, world, "cluster")
    old_key = world.aws.add_key(OLD, REGION, policy=policy(OLD, NEW))
    copy.source_arn = world.aws.add_snapshot(OLD, REGION, "shared", kms_key_id=old_key)
    copy.arn = copy.arn.replace(OLD, NEW)
    copy.key = world.aws.add_key(NEW, REGION)
    copy.set(source_snapshot_identifier=f'"{copy.source_arn}"', kms_key_id=f'"{copy.key}"', source_version='"1"')
    world.aws.change_snapshot(copy.source_arn, shared_with=[NEW])
    copy.apply()
    return copy


def test_a_source_that_the_plan_does_not_know_is_replaced_with_a_warning(cluster_copy):
    copy = cluster_copy
    copy.apply()
    copy.workspace.write("later.tf", 'resource "terraform_data" "later" { input = "before" }\n')
    copy.set(source_snapshot_identifier="terraform_data.later.output")
    done = copy.apply(f"-replace={copy.address}")
    done.assert_warning("Replaced without a look at the source", copy.arn)
    assert copy.copies == 2 and copy.workspace.is_settled()


@pytest.mark.parametrize("way", [re_made, asked_to_be_replaced])
def test_of_a_source_that_is_shared_no_more_the_copy_is_kept(shared, way):
    before = shared.snapshot
    shared.world.aws.change_snapshot(shared.source_arn, shared_with=[])
    shared.set(block=SHORT)
    shared.apply()
    refused = way(shared)
    refused.assert_error(shared.source_arn, "share")
    assert shared.snapshot == before
    shared.world.aws.change_snapshot(shared.source_arn, shared_with=[NEW])
    shared.set(source_version='"2"')
    shared.apply()
    assert shared.copies == 2 and shared.workspace.is_settled()


def policy(*accounts):
    principals = [f"arn:aws:iam::{account}:root" for account in accounts]
    allow = {"Effect": "Allow", "Principal": {"AWS": principals}, "Action": "kms:*", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [allow]}


# ---- What is retained


@pytest.fixture
def retained(copy):
    copy.set(deletion_policy='"retain"')
    copy.apply()
    copy.before = copy.snapshot
    return copy


def test_a_retained_copy_is_not_replaced_by_one_of_its_name(retained):
    refused = retained.workspace.plan(f"-replace={retained.address}", ok=False)
    refused.assert_error("retain", "source_version", "target_snapshot_identifier", retained.arn)
    assert retained.snapshot == retained.before


def test_a_tainted_retained_copy_is_adopted(retained):
    retained.workspace.run("taint", retained.address)
    retained.apply().assert_warning("adopted", "source_version")
    assert retained.copies == 1 and not retained.instance.tainted
    assert retained.workspace.is_settled()


def test_a_renamed_retained_copy_leaves_the_old_one(retained):
    retained.set(target_snapshot_identifier='"after-2"')
    retained.apply()
    assert retained.snapshot == retained.before and retained.copies == 2


# ---- On the whole chain

FIRST = "snapshot_reencrypt_copy.source"
SECOND = "snapshot_reencrypt_copy.target"

LINKS = [
    # what is refused or fails,             of,            where
    ("DeleteDBClusterSnapshot",          "orders-shared", OLD, "access_denied"),
    ("CopyDBClusterSnapshot",            "orders-shared", OLD, "access_denied"),
    ("CopyDBClusterSnapshot",            "",              NEW, "access_denied"),
    ("CopyDBClusterSnapshot",            "",              NEW, "fail_copy"),
    ("CreateDBClusterSnapshot",          "",              OLD, "access_denied"),
    ("CopyDBClusterSnapshot",            "orders-shared", OLD, "fail_copy"),
    ("ModifyDBClusterSnapshotAttribute", "orders-shared", OLD, "access_denied"),
    ("DeleteDBClusterSnapshot",          "",              NEW, "access_denied"),
]  # fmt: skip


def available(world):
    return {s["arn"] for s in world.aws.snapshots() if s["status"] == "available"}


@pytest.mark.parametrize("links", [LINKS[:4], pytest.param(LINKS[4:], marks=pytest.mark.long)], ids=["some", "others"])
def test_a_take_that_fails_at_any_link_loses_neither_the_cluster_nor_the_newest_usable_bytes(applied, world, links):
    cluster = world.cluster("orders", NEW)
    shared, restored = (applied.state()[address]["arn"] for address in (FIRST, SECOND))
    for take, (operation, name, account, kind) in enumerate(links, start=2):
        link = f"take {take}: {operation} of {name} in {account}, {kind}"
        applied.set_variables(take=str(take))
        world.aws.fault(operation, kind, account_id=account, match=name, count=None)
        failed = applied.apply(ok=False)
        failed.assert_error(operation if kind == "access_denied" else "failed")
        left = available(world)
        assert world.cluster("orders", NEW) == cluster, link
        assert left & {shared, restored}, f"{link}: no copy is left\n{failed}"
        assert left & {shared, snapshot_arn(f"orders-{take}")}, f"{link}: the newest bytes are gone\n{failed}"
        assert not any(i.tainted for a, i in applied.managed().items() if a.startswith("snapshot_")), link
        world.aws.clear_faults()
        applied.apply()
        assert {shared, restored} <= available(world), link
    assert world.cluster("orders", NEW) == cluster
    assert world.snapshot("orders-shared")["shared_with"] == [NEW]
    assert applied.is_settled()
