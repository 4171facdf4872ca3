# SPDX-License-Identifier: MPL-2.0
"""A DB instance's snapshot goes the same way: copied, shared, copied in the new account, also to another Region."""

import pytest
from harness.resources import HOURS, Copy, Share
from harness.world import ANYBODY, NEW, OLD, REGION, snapshot_arn

MOVE = """
terraform {
  required_providers {
    aws      = { source = "hashicorp/aws" }
    snapshot = { source = "rds-snapshot/snapshot" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

provider "snapshot" {
  region = "eu-central-1"
}

provider "snapshot" {
  alias               = "new"
  region              = "%(region)s"
  allowed_account_ids = ["444455556666"]

  assume_role {
    role_arn = "arn:aws:iam::444455556666:role/snapshot-migration"
  }
}

variable "take" { default = "1" }

resource "aws_db_snapshot" "source" {
  db_instance_identifier = "billing"
  db_snapshot_identifier = "billing-${var.take}"

  timeouts {
    create = "4h"
  }
}

resource "snapshot_reencrypt_copy" "first" {
  snapshot_kind              = "instance"
  source_snapshot_identifier = aws_db_snapshot.source.db_snapshot_arn
  target_snapshot_identifier = "billing-shared-${var.take}"
  kms_key_id                 = "%(old_key)s"
  reader_account_ids         = ["444455556666"]
}

resource "snapshot_share" "share" {
  snapshot_identifier = snapshot_reencrypt_copy.first.arn
  account_ids         = ["444455556666"]
}

resource "snapshot_reencrypt_copy" "second" {
  provider                   = snapshot.new
  snapshot_kind              = "instance"
  source_snapshot_identifier = snapshot_share.share.snapshot_arn
  target_snapshot_identifier = "billing-${var.take}"
  kms_key_id                 = "%(new_key)s"

  lifecycle {
    create_before_destroy = true
  }
}
"""


def policy(*accounts):
    principals = [f"arn:aws:iam::{account}:root" for account in accounts]
    allow = {"Effect": "Allow", "Principal": {"AWS": principals}, "Action": "kms:*", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [allow]}


@pytest.mark.parametrize("region", [REGION, "eu-west-1"])
def test_an_instance_snapshot_moves_to_the_new_account(new_workspace, world, region):
    world.aws.add_instance(OLD, REGION, "billing", engine="mysql", kms_key_id="aws/rds")
    keys = {
        "old_key": world.aws.add_key(OLD, REGION, policy=policy(OLD, NEW)),
        "new_key": world.aws.add_key(NEW, region, policy=policy(NEW)),
    }
    workspace = new_workspace(OLD)
    workspace.write("main.tf", MOVE % {"region": region, **keys})
    workspace.apply()
    moved = world.snapshot("billing-1", NEW, region, "instance")
    assert (moved["status"], moved["kms_key_arn"]) == ("available", keys["new_key"])
    state = workspace.state()
    assert state["snapshot_reencrypt_copy.second"]["source_snapshot_arn"] == snapshot_arn(
        "billing-shared-1", OLD, REGION, "instance"
    )
    assert state["snapshot_share.share"]["snapshot_kind"] == "instance"
    assert workspace.is_settled()

    workspace.set_variables(take="2")
    workspace.apply()
    assert len(world.copies_made()) == 4
    assert world.snapshot_names(OLD) == ["billing-2", "billing-shared-2"] and world.snapshot_names(NEW) == ["billing-2"]
    assert workspace.is_settled()
    workspace.destroy()
    assert world.snapshot_names(OLD) == world.snapshot_names(NEW) == []


@pytest.mark.parametrize("status", ["creating", pytest.param("copying", marks=pytest.mark.long)])
def test_a_copy_within_its_region_goes_on_and_is_resumed(workspace, world, status):
    """`creating`, say those who saw it; then a deletion may be refused, and no message advises one."""
    copy = Copy(workspace, world, "instance")
    world.aws.settings(instance_copy_status=status)
    world.copies_take(HOURS)
    copy.set('timeouts {\n create = "3m"\n update = "3m"\n }')
    ended = copy.apply(ok=False)
    ended.assert_error("The copy goes on in AWS", f"status {status}")
    assert ("To cancel it" in str(ended)) == (status == "copying")
    ended = copy.apply(ok=False)
    ended.assert_error("The copy goes on in AWS", f"status {status}")
    assert ("To cancel it" in str(ended)) == (status == "copying")
    world.finish_copies()
    copy.apply()
    assert copy.copies == 1 and copy.state["status"] == "available"
    assert copy.workspace.is_settled()


@pytest.mark.long
def test_a_copy_that_is_copying_within_its_region_is_cancelled(workspace, world):
    """test_delete.py has those that are `creating`."""
    copy = Copy(workspace, world, "instance")
    world.aws.settings(instance_copy_status="copying")
    copy.stop_while_copying()
    assert workspace.destroy().seconds < 30 and copy.snapshot is None


# ---- Transparent Data Encryption

TDE = f"arn:aws:cloudhsm:{REGION}:{OLD}:hapg-1"


def test_a_snapshot_with_tde_is_not_shared(workspace, world):
    """RDS would refuse it, which the plan says first; where the plan could not see the snapshot, the apply does."""
    share = Share(workspace, world, "instance")
    key = world.aws.add_key(OLD, REGION, policy=ANYBODY)
    arn = world.aws.add_snapshot(OLD, REGION, "oracle", kind="instance", kms_key_id=key, tde_credential_arn=TDE)
    texts = [arn, "Transparent Data Encryption", "cannot be shared", "Data Pump"]
    share.set([NEW], arn)
    workspace.plan(ok=False).assert_error(*texts)
    share.fault("describe", "access_denied", count=2)
    share.apply(ok=False).assert_error(*texts)
    assert share.calls("share") == []


def test_a_copy_with_tde_has_no_readers_elsewhere(workspace, world):
    """Nothing is copied for them: not after the plan, nor where the plan could not see the source."""
    copy = Copy(workspace, world, "instance")
    arn = world.aws.add_snapshot(OLD, REGION, "oracle", kind="instance", tde_credential_arn=TDE)
    copy.set(source_snapshot_identifier=f'"{arn}"', reader_account_ids=f'["{NEW}"]')
    texts = [arn, "Transparent Data Encryption", "reader_account_ids"]
    workspace.plan(ok=False).assert_error(*texts)
    copy.fault("describe", "access_denied", match="oracle", count=2)
    copy.apply(ok=False).assert_error(*texts)
    assert copy.copies == 0
    copy.set(reader_account_ids=None)
    copy.apply()
    assert copy.copies == 1 and workspace.is_settled()
