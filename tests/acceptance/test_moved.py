# SPDX-License-Identifier: MPL-2.0
"""`moved` from the copies of hashicorp/aws into ours. Their states are written by hand, in the shapes
that hashicorp/aws leaves: the stand-in has no such types, and a moved object needs none."""

import json

import pytest
from harness.resources import MARK
from harness.world import NEW, OLD, REGION, snapshot_arn

pytestmark = pytest.mark.host("1.8")

AWS = 'provider["registry.terraform.io/hashicorp/aws"]'
ADDRESS = "snapshot_reencrypt_copy.it"


class Moved:
    """A copy that hashicorp/aws has made, and its state."""

    def __init__(self, workspace, world, kind, changes=None):
        self.workspace, self.world, self.kind = workspace, world, kind
        self.key = world.aws.add_key(OLD, REGION, alias="alias/old")
        self.source = snapshot_arn("before", kind=kind)
        self.arn = snapshot_arn("after", kind=kind)
        world.aws.add_snapshot(OLD, REGION, "before", kind=kind, tags={"from": "source"})
        world.aws.add_snapshot(
            OLD, REGION, "after", kind=kind, kms_key_id=self.key, tags={"from": "source", "team": "orders"}
        )
        world.aws.change_snapshot(self.arn, source_arn=self.source)
        self.type = "aws_rds_cluster_snapshot_copy" if kind == "cluster" else "aws_db_snapshot_copy"
        self.write_state({**(self.cluster_state() if kind == "cluster" else self.instance_state()), **(changes or {})})

    def cluster_state(self):
        """As the plugin framework writes it: what is unset is null."""
        return {
            "allocated_storage": 1,
            "copy_tags": True,
            "db_cluster_snapshot_arn": self.arn,
            "destination_region": None,
            "engine": "aurora-mysql",
            "engine_version": "8.0.mysql_aurora.3.05.2",
            "id": "after",
            "kms_key_id": self.key,
            "license_model": "aurora-mysql",
            "presigned_url": None,
            "region": REGION,
            "shared_accounts": None,
            "snapshot_type": "manual",
            "source_db_cluster_snapshot_identifier": self.source,
            "storage_encrypted": True,
            "storage_type": None,
            "tags": {"team": "orders"},
            "tags_all": {"team": "orders"},
            "target_db_cluster_snapshot_identifier": "after",
            "timeouts": {"create": "40m"},
            "vpc_id": "vpc-1",
        }

    def instance_state(self):
        """As SDKv2 writes it: an unset text is "", an unset map null."""
        return {
            "allocated_storage": 20,
            "availability_zone": "eu-central-1a",
            "copy_tags": False,
            "db_snapshot_arn": self.arn,
            "destination_region": "",
            "encrypted": True,
            "engine": "mysql",
            "engine_version": "8.0.36",
            "id": "after",
            "iops": 0,
            "kms_key_id": self.key,
            "license_model": "general-public-license",
            "option_group_name": "default:mysql-8-0",
            "port": 3306,
            "presigned_url": "",
            "snapshot_type": "manual",
            "source_db_snapshot_identifier": self.source,
            "source_region": "",
            "storage_type": "gp3",
            "tags": {"team": "orders"},
            "tags_all": {"team": "orders"},
            "target_custom_availability_zone": "",
            "target_db_snapshot_identifier": "after",
            "timeouts": None,
            "vpc_id": "vpc-1",
        }

    def write_state(self, attributes):
        resource = {
            "mode": "managed",
            "type": self.type,
            "name": "it",
            "provider": AWS,
            "instances": [{"schema_version": 0, "attributes": attributes, "sensitive_attributes": []}],
        }
        state = {"version": 4, "terraform_version": "1.8.0", "serial": 1, "lineage": "by-hand", "resources": [resource]}
        self.workspace.write("terraform.tfstate", json.dumps(state))

    def configure(self, source=None, key=None, more=""):
        self.workspace.write(
            "main.tf",
            f"""
resource "snapshot_reencrypt_copy" "it" {{
  target_snapshot_identifier = "after"
  source_snapshot_identifier = "{source or self.source}"
  snapshot_kind              = "{self.kind}"
  kms_key_id                 = "{key or self.key}"
  tags                       = {{ team = "orders" }}
  {more}
}}

moved {{
  from = {self.type}.it
  to   = {ADDRESS}
}}
""",
        )


@pytest.fixture(params=["cluster", "instance"])
def new_moved(workspace, world, request):
    return lambda changes=None: Moved(workspace, world, request.param, changes)


AS_BEFORE = {"cluster": 'copy_tags = true\n  timeouts {\n    create = "40m"\n  }', "instance": ""}


@pytest.mark.parametrize("spelling", ["as it was", "another"])
def test_moved_as_it_was_changes_nothing(new_moved, world, spelling):
    moved = new_moved()
    if spelling == "another":
        moved.configure("before", "alias/old", AS_BEFORE[moved.kind])
    else:
        moved.configure(more=AS_BEFORE[moved.kind])
    after = world.aws.last_call()
    for more in ("-refresh=false", "-refresh=true"):
        outcome = moved.workspace.plan(more)
        assert set(outcome.actions.values()) <= {"move"}, outcome
        assert not outcome.warnings
    moved.workspace.apply()
    assert moved.workspace.is_settled()
    changing = ("Copy", "Delete", "Modify", "AddTags", "RemoveTags")
    assert not [c for c in world.aws.calls(after=after) if c["operation"].startswith(changing)]
    copy = moved.workspace.managed()[ADDRESS]
    assert copy["arn"] == moved.arn
    assert copy["status"] == "available"
    assert copy["holder_id"] is None and copy["source_snapshot_create_time"] is None, "no mark says them"
    assert copy["tags"] == {"team": "orders"}
    moved.workspace.destroy()
    assert world.snapshot_names(OLD) == ["before"]


def test_what_a_moved_copy_did_not_have_changes_the_state_only(new_moved, world):
    moved = new_moved()
    moved.configure(more=f'deletion_policy = "retain"\n  reader_account_ids = ["{NEW}"]')
    after = world.aws.last_call()
    outcome = moved.workspace.plan()
    assert outcome.actions == {ADDRESS: "update"}
    moved.workspace.apply()
    assert moved.workspace.is_settled()
    assert not world.copies_made(after=after)
    assert not world.calls("AddTagsToResource", after=after)


def test_of_a_moved_copy_other_data_is_an_error_like_of_any_other(new_moved, world):
    moved = new_moved()
    key = world.aws.add_key(OLD, REGION)
    moved.configure(key=key, more=AS_BEFORE[moved.kind])
    moved.workspace.plan(ok=False).assert_error(moved.arn, moved.key, key, '"after-2"')
    moved.configure(more=AS_BEFORE[moved.kind])
    moved.workspace.apply()
    moved.configure(key=key, more=AS_BEFORE[moved.kind])
    moved.workspace.plan(ok=False).assert_error(moved.arn, moved.key, key, '"after-2"')
    assert not world.copies_made()


@pytest.mark.parametrize("moment", ["with the move", "later"])
def test_replaced_a_moved_copy_is_given_a_mark_and_adopted(new_moved, world, moment):
    moved = new_moved()
    moved.configure(more=AS_BEFORE[moved.kind])
    if moment == "later":
        moved.workspace.apply()
    moved.workspace.apply(f"-replace={ADDRESS}").assert_warning("adopted", moved.arn)
    mark = world.aws.snapshot(moved.arn)["tags"][MARK].split(" ")
    assert mark[1] == moved.workspace.managed()[ADDRESS]["holder_id"]
    assert moved.workspace.is_settled() and not world.copies_made()
    assert not [c for c in world.aws.calls() if c["operation"].startswith("Delete")]


@pytest.mark.parametrize("source", [None, "", "before"])
def test_a_source_that_the_state_does_not_tell_is_no_reason_to_copy(new_moved, world, source):
    """AWS names the source of some copies only; before the first refresh it is as configured."""
    moved = new_moved()
    name = "source_db_cluster_snapshot_identifier" if moved.kind == "cluster" else "source_db_snapshot_identifier"
    world.aws.change_snapshot(moved.arn, source_arn=None)
    attributes = moved.cluster_state() if moved.kind == "cluster" else moved.instance_state()
    moved.write_state({**attributes, name: source})
    moved.configure(more=AS_BEFORE[moved.kind])
    after = world.aws.last_call()
    moved.workspace.apply()
    assert moved.workspace.is_settled()
    assert not world.copies_made(after=after)


def test_shares_are_left_and_said_to_be_nobodys(workspace, world):
    moved = Moved(workspace, world, "cluster", {"shared_accounts": [NEW]})
    world.aws.change_snapshot(moved.arn, shared_with=[NEW])
    moved.configure(more=AS_BEFORE["cluster"])
    moved.workspace.plan().assert_warning("The shares are not moved", f"{moved.arn}/{NEW}")
    moved.workspace.apply()
    assert world.snapshot("after")["shared_with"] == [NEW]
    moved.workspace.write(
        "share.tf",
        f"""
resource "snapshot_share" "it" {{
  snapshot_identifier = {ADDRESS}.arn
  account_ids         = ["{NEW}"]
}}

import {{
  to = snapshot_share.it
  id = "{moved.arn}/{NEW}"
}}
""",
    )
    assert set(moved.workspace.plan().actions.values()) <= {"import"}
    moved.workspace.apply()
    assert moved.workspace.is_settled()


@pytest.mark.parametrize(
    "changes, fragment",
    [
        ({"db_cluster_snapshot_arn": None}, "the ARN of the copy"),
        ({"db_cluster_snapshot_arn": "arn:aws:rds:eu-central-1:111122223333:db:after"}, "the ARN of the copy"),
        ({"source_db_cluster_snapshot_identifier": snapshot_arn("x", kind="instance")}, "the source of the copy"),
        ({"tags": "none"}, "a map is expected"),
    ],
)
def test_a_damaged_state_is_refused_in_words(workspace, world, changes, fragment):
    moved = Moved(workspace, world, "cluster", changes)
    moved.configure()
    moved.workspace.plan(ok=False).assert_error("the state of aws_rds_cluster_snapshot_copy", fragment)


def test_other_types_are_not_taken_over(workspace, world):
    moved = Moved(workspace, world, "cluster")
    moved.type = "aws_db_cluster_snapshot"
    moved.write_state({"id": "after"})
    moved.configure()
    moved.workspace.plan(ok=False).assert_error(
        "cannot take over the state of aws_db_cluster_snapshot",
        "aws_rds_cluster_snapshot_copy of hashicorp/aws, aws_db_snapshot_copy of hashicorp/aws",
    )
