# SPDX-License-Identifier: MPL-2.0
"""What a plan does when it cannot know: an unknown provider configuration or name, no identity, no word on a key."""

import pytest
from harness.world import OLD, REGION, snapshot_arn

ADDRESS = "snapshot_reencrypt_copy.x"
REQUIRED = """
terraform {
  required_providers {
    snapshot = { source = "rds-snapshot/snapshot" }
  }
}
"""
COPY = """
resource "snapshot_reencrypt_copy" "x" {
  source_snapshot_identifier = %s
  target_snapshot_identifier = %s
  kms_key_id                 = "%s"
}
"""


@pytest.fixture
def key(world):
    world.aws.add_snapshot(OLD, REGION, "before")
    return world.aws.add_key(OLD, REGION, alias="alias/mine")


def write(workspace, provider='region = "eu-central-1"', source='"before"', target='"after"', key=None, more=""):
    workspace.write("provider.tf", f'{REQUIRED}\nprovider "snapshot" {{\n{provider}\n}}\n{more}')
    workspace.write("main.tf", COPY % (source, target, key))


def late(text):
    return f'resource "terraform_data" "input" {{ input = "{text}" }}\n'


def test_an_unknown_region_of_the_provider_leaves_the_arn_unknown(new_workspace, key):
    workspace = new_workspace(OLD)
    write(workspace, "region = terraform_data.input.output", key=key, more=late(REGION))
    workspace.plan()
    change = workspace.planned(ADDRESS)
    assert change["after_unknown"]["arn"] and change["after_unknown"]["region"]
    workspace.apply_plan()
    assert workspace.state()[ADDRESS]["arn"] == snapshot_arn("after")
    assert workspace.is_settled()


def test_a_provider_that_becomes_unknown_reads_nothing_and_loses_nothing(new_workspace, world, key):
    """Another input of the provider, unknown until applied: the state stays, with a warning."""
    workspace = new_workspace(OLD)
    write(workspace, key=key)
    workspace.apply()
    before = workspace.state()[ADDRESS].values
    write(workspace, "region = terraform_data.input.output", key=key, more=late(REGION))
    planned = workspace.plan()
    planned.assert_warning(snapshot_arn("after"))
    assert ADDRESS not in planned.actions
    workspace.apply()
    assert workspace.state()[ADDRESS].values == before
    assert len(world.copies_made()) == 1 and workspace.is_settled()


def test_a_failed_identity_is_an_error_of_the_plan(new_workspace, world, key):
    """An unknown ARN could replace a database."""
    workspace = new_workspace(OLD)
    write(workspace, key=key)
    world.aws.fault("GetCallerIdentity", "access_denied", count=None)
    workspace.plan(ok=False).assert_error("GetCallerIdentity", "AccessDenied")


def test_an_identity_that_is_not_to_be_asked_for(new_workspace, world, key):
    workspace = new_workspace(OLD)
    write(workspace, 'region = "eu-central-1"\nskip_requesting_account_id = true', key=key)
    workspace.plan()
    assert workspace.planned(ADDRESS)["after_unknown"]["arn"]
    workspace.apply_plan()
    assert workspace.state()[ADDRESS]["arn"] == snapshot_arn("after")
    assert world.aws.calls("GetCallerIdentity") == []
    assert workspace.is_settled()


def test_a_name_that_is_unknown_until_applied_and_stays(new_workspace, world, key):
    workspace = new_workspace(OLD)
    text = 'resource "terraform_data" "input" {\n  input = "after"\n  triggers_replace = "%s"\n}\n'
    # The name goes through an output that is unknown whenever its resource is replaced.
    write(workspace, target="terraform_data.input.output", key=key, more=text % "1")
    workspace.apply()
    write(workspace, target="terraform_data.input.output", key=key, more=text % "2")
    assert workspace.plan().actions[ADDRESS] == "update"
    assert workspace.planned(ADDRESS)["after"]["arn"] == snapshot_arn("after")
    workspace.apply()
    assert len(world.copies_made()) == 1 and workspace.is_settled()


def test_a_re_spelled_key_that_nobody_may_describe_is_no_change(new_workspace, world, key):
    workspace = new_workspace(OLD)
    write(workspace, key=key)
    workspace.apply()
    world.aws.fault("DescribeKey", "access_denied", count=None)
    write(workspace, key="alias/mine")
    settled = workspace.is_settled()
    assert settled
    settled.outcome.assert_warning("alias/mine", "DescribeKey")


def test_a_plain_destroy_asks_nothing_of_source_or_key(new_workspace, world, key):
    workspace = new_workspace(OLD)
    write(workspace, key=key)
    workspace.apply()
    world.aws.remove_snapshot(snapshot_arn("before"))
    world.aws.change_key(key, state="Disabled")
    workspace.destroy()
    assert world.snapshot_names(OLD) == []
