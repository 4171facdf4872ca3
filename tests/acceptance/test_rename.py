# SPDX-License-Identifier: MPL-2.0
"""Another target name is another snapshot: shown by a plan, or found out only by its apply."""

import pytest
from harness.debugged import debugged_provider
from harness.world import OLD, REGION, snapshot_arn

ADDRESS = "snapshot_reencrypt_copy.x"
MAIN = """
terraform {
  required_providers {
    snapshot = { source = "rds-snapshot/snapshot" }
  }
}

provider "snapshot" {
  region = "%(region)s"
}

variable "name" { default = "after" }

resource "terraform_data" "input" { input = var.name }

resource "snapshot_reencrypt_copy" "x" {
  source_snapshot_identifier = "before"
  target_snapshot_identifier = %(target)s
  kms_key_id                 = "%(key)s"
  tags                       = { name = var.name }
  %(more)s
}
"""
LATE = "terraform_data.input.output"  # unknown whenever the variable has changed


@pytest.fixture
def write(workspace, world):
    world.aws.add_snapshot(OLD, REGION, "before")
    key = world.aws.add_key(OLD, REGION)
    workspace.remove("provider.tf")

    def write(target="var.name", region=REGION, more=""):
        workspace.write("main.tf", MAIN % {"target": target, "region": region, "key": key, "more": more})
        return workspace

    return write


def assert_renamed(workspace, world, copies=2):
    assert world.snapshot_names(OLD) == ["before", "later"]
    assert workspace.state()[ADDRESS]["arn"] == snapshot_arn("later")
    assert len(world.copies_made()) == copies
    assert workspace.is_settled()


def assert_refused(refused, world):
    assert len(refused.errors) == 1, refused
    refused.assert_error("became known only while applying", snapshot_arn("later"), snapshot_arn("after"))
    refused.assert_error("Nothing was changed", "Apply once more", "-refresh=false")
    assert world.snapshot_names(OLD) == ["after", "before"]


@pytest.mark.parametrize(
    ("saved", "more"),
    [(True, ""), (False, "lifecycle { create_before_destroy = true }")],
    ids=["saved", "create_first"],
)
def test_a_rename_that_the_plan_shows(write, world, saved, more):
    workspace = write(more=more)
    workspace.apply()
    workspace.set_variables(name="later")
    if saved:
        assert workspace.plan().actions[ADDRESS] == "replace"
        workspace.apply_plan()
    else:
        workspace.apply()
    assert_renamed(workspace, world)


@pytest.mark.parametrize("saved", [True, False], ids=["saved", "direct"])
def test_a_rename_that_only_the_apply_finds_out_stops_before_any_effect(write, world, saved):
    workspace = write(LATE)
    workspace.apply()
    workspace.set_variables(name="later")
    if saved:
        assert workspace.plan().actions[ADDRESS] == "update"
        refused = workspace.run("apply", "-json", "plan", ok=False)
    else:
        refused = workspace.apply(ok=False)
    assert_refused(refused, world)
    assert workspace.plan().actions[ADDRESS] == "replace"
    workspace.apply_plan()
    assert_renamed(workspace, world)


def test_a_late_region_is_one_too(write, world):
    workspace = write('"after"', more=f"region = {LATE}")
    workspace.set_variables(name=REGION)
    workspace.apply()
    workspace.set_variables(name="eu-west-1")
    refused = workspace.apply(ok=False)
    refused.assert_error("became known only while applying", snapshot_arn("after"), "rds:eu-west-1:")
    assert world.snapshot_names(OLD) == ["after", "before"]


def test_without_a_refresh_a_rename_is_refused_and_says_how_to_plan_it(write, world):
    workspace = write()
    workspace.apply()
    workspace.set_variables(name="later")
    assert_refused(workspace.plan("-refresh=false", ok=False), world)
    workspace.apply()
    assert_renamed(workspace, world)


def test_without_a_refresh_everything_else_is_planned(write, world):
    workspace = write()
    workspace.apply()
    assert workspace.plan("-refresh=false", "-detailed-exitcode", ok=None).code == 0
    write(more='copy_tags = true')
    workspace.apply("-refresh=false")
    assert workspace.apply("-refresh=false", f"-replace={ADDRESS}").ok
    workspace.destroy("-refresh=false")
    assert world.snapshot_names(OLD) == ["before"]


def test_replaced_and_renamed_at_once(write, world):
    for target in ("var.name", LATE):
        workspace = write(target)
        workspace.set_variables(name="after")
        workspace.apply()
        workspace.set_variables(name="later")
        workspace.apply(f"-replace={ADDRESS}")
        assert world.snapshot_names(OLD) == ["before", "later"]
        assert workspace.is_settled()
        workspace.destroy()


@pytest.mark.parametrize("in_configuration", [True, False], ids=["block", "command"])
def test_imported_under_another_name(write, world, in_configuration):
    """The import brings the old name, the configuration wants the new one."""
    workspace = write()
    workspace.apply()
    (workspace.folder / "terraform.tfstate").unlink()
    workspace.set_variables(name="later")
    if in_configuration:
        workspace.write("import.tf", f'import {{\n  to = {ADDRESS}\n  id = "{snapshot_arn("after")}"\n}}\n')
    else:
        workspace.import_(ADDRESS, snapshot_arn("after"))
    workspace.apply()
    assert world.snapshot_names(OLD) == ["before", "later"]
    assert workspace.is_settled()


def test_while_the_provider_is_not_known_yet(write, world):
    """The state is not refreshed then, but core asks for it all the same."""
    workspace = write()
    workspace.apply()
    write(region="${terraform_data.region.output}")
    workspace.write("region.tf", f'resource "terraform_data" "region" {{ input = "{REGION}" }}\n')
    workspace.set_variables(name="later")
    assert workspace.plan().actions[ADDRESS] == "replace"
    workspace.apply_plan()
    assert_renamed(workspace, world)


@pytest.mark.host("1.6")
def test_in_terraform_test(write, world):
    workspace = write()
    workspace.write(
        "rename.tftest.hcl",
        'run "made" {}\n'
        'run "planned" {\n  command = plan\n  variables { name = "later" }\n}\n'
        'run "renamed" {\n  variables { name = "later" }\n}\n',
    )
    world.allow_delete("later", later=True)  # at the end it destroys what it has made
    assert "3 passed" in workspace.run("test", "-no-color").out
    assert len(world.copies_made()) == 2
    assert world.snapshot_names(OLD) == ["before"]


def test_by_one_process_for_all_walks(write, world, binaries):
    workspace = write()
    with debugged_provider(binaries["rds-snapshot/snapshot"], workspace):
        workspace.apply()
        workspace.set_variables(name="later")
        workspace.apply()
        assert_renamed(workspace, world)
        write(LATE)
        workspace.apply()
        workspace.set_variables(name="after")
        workspace.apply(ok=False).assert_error("became known only while applying")
        assert world.snapshot_names(OLD) == ["before", "later"]
