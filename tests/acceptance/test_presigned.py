# SPDX-License-Identifier: MPL-2.0
"""Copies from another Region: who needs a presigned URL sends one, which the imitation of AWS verifies."""

import pytest
from harness.world import OLD, OPERATOR, REGION, ROLE

WEST, EAST = "us-gov-west-1", "us-gov-east-1"
NORTH, NORTHWEST = "cn-north-1", "cn-northwest-1"
PARTITIONS = {WEST: "aws-us-gov", EAST: "aws-us-gov", NORTH: "aws-cn", NORTHWEST: "aws-cn"}


class Crossing:
    """A copy from one Region to another, made with the keys of a session."""

    def __init__(self, workspace, world):
        self.workspace, self.world = workspace, world

    def set(self, engine, source_region, region, kind="cluster"):
        self.kind = kind
        key = self.world.aws.add_key(OLD, region)
        own = self.world.aws.add_key(OLD, source_region)
        source = self.world.aws.add_snapshot(OLD, source_region, "before", kind=kind, engine=engine, kms_key_id=own)
        self.workspace.write(
            "main.tf",
            f"""
            terraform {{
              required_providers {{
                snapshot = {{ source = "rds-snapshot/snapshot" }}
              }}
            }}

            provider "snapshot" {{
              region = "{region}"
              assume_role {{
                role_arn = "arn:{PARTITIONS.get(region, "aws")}:iam::{OLD}:role/{ROLE}"
              }}
            }}

            resource "snapshot_reencrypt_copy" "x" {{
              snapshot_kind              = "{kind}"
              source_snapshot_identifier = "{source}"
              target_snapshot_identifier = "after"
              kms_key_id                 = "{key}"
              tags                       = {{ "the team" = "a+b=c/d @é" }}
            }}
            """,
        )

    @property
    def sent(self):
        """Whether each Copy call had a URL."""
        operation = {"cluster": "CopyDBClusterSnapshot", "instance": "CopyDBSnapshot"}[self.kind]
        return ["PreSignedUrl" in call["parameters"] for call in self.world.aws.calls(operation)]


@pytest.fixture
def crossing(new_workspace, world):
    return Crossing(new_workspace(OPERATOR), world)


@pytest.mark.parametrize(
    "engine, regions, kind, is_sent",
    [
        ("aurora-mysql", (WEST, EAST), "cluster", True),
        ("mysql", (WEST, EAST), "instance", True),
        ("docdb", (REGION, "eu-west-1"), "cluster", True),
        ("docdb", (WEST, EAST), "cluster", True),
        ("neptune", (REGION, "eu-west-1"), "cluster", False),
        ("neptune", (WEST, EAST), "cluster", False),
        ("aurora-mysql", (NORTH, NORTHWEST), "cluster", False),
        ("aurora-mysql", (REGION, "eu-west-1"), "cluster", False),
        ("mysql", (REGION, "eu-west-1"), "instance", False),
        ("docdb", (REGION, REGION), "cluster", False),
        ("aurora-mysql", (WEST, WEST), "cluster", False),
    ],
    ids=lambda it: "-".join(it) if isinstance(it, tuple) else str(it),
)
def test_a_url_is_sent_where_rds_wants_one(crossing, engine, regions, kind, is_sent):
    crossing.set(engine, *regions, kind)
    crossing.workspace.apply()
    assert crossing.sent == [is_sent]
    assert crossing.workspace.is_settled()
    crossing.workspace.destroy()


@pytest.mark.parametrize(
    "regions", [(REGION, NORTH), (NORTH, REGION), (WEST, NORTH), (REGION, WEST)], ids="-to-".join
)
def test_no_copy_leaves_its_partition(crossing, world, regions):
    crossing.set("aurora-mysql", *regions)
    there, here = (PARTITIONS.get(region, "aws") for region in regions)
    crossing.workspace.plan(ok=False).assert_error(
        f"is in the partition {there}, the copy will be in {here} (Region {regions[1]})",
        "AWS copies no snapshot from one partition to another",
    )
    assert crossing.sent == []


def test_a_copy_that_waits_for_a_slot_signs_anew(crossing, world):
    """A URL lasts for an hour: hours later, its first one would not be accepted."""
    crossing.set("docdb", REGION, "eu-west-1")
    world.aws.fault("CopyDBClusterSnapshot", "error", status=400, code="SnapshotQuotaExceeded",
                    message="Cannot copy more than 5 snapshots across regions", count=None)  # fmt: skip
    running = crossing.workspace.start("apply", "-json", "-auto-approve")
    world.wait_until(lambda: len(world.aws.calls("CopyDBClusterSnapshot")) > 1, "waiting for a slot", 30)
    world.aws.settings(clock_offset_seconds=3 * 3600)
    world.aws.clear_faults()
    outcome = running.wait()
    assert outcome.ok, outcome
    assert all(crossing.sent) and len(crossing.sent) > 2


def test_a_url_that_is_not_accepted_is_explained(crossing, world):
    """Whatever RDS says of it; the signature and the session's token are in no message."""
    crossing.set("docdb", REGION, "eu-west-1")
    world.aws.fault("CopyDBClusterSnapshot", "error", status=400, code="InvalidParameterValue",
                    message="PreSignedUrl could not be authenticated", count=None)  # fmt: skip
    refused = crossing.workspace.apply(ok=False)
    refused.assert_error("PreSignedUrl could not be authenticated", "Region", "enabled")
    assert len(world.aws.calls("CopyDBClusterSnapshot")) == 1


@pytest.mark.parametrize("engine", ["neptune", "aurora-mysql"])
def test_a_refusal_of_an_engine_without_one_does_not_send_people_after_it(crossing, world, engine):
    crossing.set(engine, REGION, "eu-west-1")
    world.aws.fault("CopyDBClusterSnapshot", "error", status=400, code="InvalidParameterValue",
                    message="A pre-signed url must be specified", count=None)  # fmt: skip
    refused = crossing.workspace.apply(ok=False)
    (error,) = refused.errors
    assert "same Region" in error.detail
    assert "sign" not in error.detail.replace("A pre-signed url must be specified", "").lower()
