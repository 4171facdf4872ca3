# SPDX-License-Identifier: MPL-2.0
"""examples/terraform/modules/aurora-account-migration: by the example, for many clusters, what it passes through, and
its own tests. (Its seven steps are in test_seven_steps.py and test_chain_*.py, its other ways in test_ways.py.)"""

import json
import shlex

import pytest
from harness.pages import commands, configuration
from harness.sandbox import project_version, use_mirror
from harness.world import (
    MODULE,
    NEW,
    OLD,
    OPERATOR,
    REGION,
    ROLE,
    copy_migration,
    link_modules,
    migration_variables,
    snapshot_arn,
)

README = MODULE / "README.md"
ELSEWHERE = "eu-west-1"


@pytest.fixture
def example(new_workspace, world):
    world.add_source_cluster()
    workspace = new_workspace(OPERATOR)
    copy_migration(workspace)
    workspace.set_variables(**migration_variables())
    workspace.get()
    return workspace


def test_example_is_the_module(example, world):
    example.apply()
    assert example.is_settled()
    assert world.cluster("orders", NEW)["status"] == "available"
    assert example.outputs()["target_snapshot_arn"] == snapshot_arn("orders-1", NEW)
    assert all(address.startswith("module.migration.") for address in example.managed())
    example.destroy()
    assert world.snapshot_names(OLD) == [] and world.snapshot_names(NEW) == []


@pytest.fixture
def from_readme(new_workspace, world):
    """The README's configurations: their accounts are this world's. One to be destroyed says so, as a reader would."""

    def make(number, more=""):
        world.add_source_cluster()
        workspace = new_workspace(OPERATOR)
        link_modules(workspace)
        workspace.write("main.tf", configuration(README, number))
        workspace.write("override.tf", f'module "migration" {{\n{more}\n}}\n')
        workspace.get()
        return workspace

    return make


def test_many_clusters_move_side_by_side(from_readme, world):
    workspace = from_readme(0)
    world.aws.add_cluster(
        OLD, REGION, "billing-production", engine="aurora-postgresql", engine_version="15.4", kms_key_id="aws/rds"
    )
    (command,) = (c for c in commands(README) if "-parallelism" in c)
    workspace.apply(*shlex.split(command)[2:])
    assert workspace.is_settled()
    assert [c["status"] for c in world.aws.clusters(NEW)] == ["available", "available"]
    assert world.snapshot_names(NEW) == ["billing-1", "orders-1"]
    copies = [f'module.migration["{name}"].snapshot_reencrypt_copy.target[0]' for name in ("billing", "orders")]
    assert {workspace.managed()[address]["status"] for address in copies} == {"available"}

    # One that is done.
    before = world.cluster("orders")
    (command,) = (c for c in commands(README) if "aws_rds_cluster.restored" in c)
    workspace.run(*shlex.split(command)[1:])
    workspace.set_variables(clusters={"billing": {"engine": "aurora-postgresql", "engine_version": "15.4"}})
    world.allow_delete("orders-shared-1")
    world.allow_delete("orders-1")
    workspace.apply()
    assert workspace.is_settled() and world.cluster("orders") == before
    assert world.snapshot_names(NEW) == ["billing-1"]
    assert [k["state"] for k in world.aws.keys(NEW) if k["manager"] == "CUSTOMER"] == ["Enabled", "Enabled"]




PASSED_THROUGH = """
  port                               = 3399
  db_cluster_parameter_group_name    = "orders"
  db_parameter_group_name            = "orders"
  backup_retention_period            = 14
  instance_class                     = "db.serverless"
  serverlessv2_scaling_configuration = { min_capacity = 1, max_capacity = 8 }
  apply_immediately                  = true
  tags                               = { team = "orders" }
  reader_account_ids                 = ["777788889999"]
  deletion_protection                = false
  skip_final_snapshot                = true
"""


def test_what_people_need_of_the_cluster_and_the_share_is_passed_through(from_readme, world):
    rds = world.accounts[NEW].client("rds", ELSEWHERE)
    group = {"DBParameterGroupName": "orders", "DBParameterGroupFamily": "aurora-mysql8.0", "Description": "-"}
    rds.create_db_parameter_group(**group)
    workspace = from_readme(1, PASSED_THROUGH)
    workspace.apply()
    assert workspace.is_settled()
    (cluster,) = rds.describe_db_clusters()["DBClusters"]
    (instance,) = rds.describe_db_instances()["DBInstances"]
    assert (cluster["Port"], cluster["BackupRetentionPeriod"]) == (3399, 14)
    assert cluster["DBClusterParameterGroup"] == "orders"
    assert cluster["ServerlessV2ScalingConfiguration"] == {"MinCapacity": 1, "MaxCapacity": 8}
    assert instance["DBParameterGroups"][0]["DBParameterGroupName"] == "orders"
    assert world.snapshot("orders-shared-1")["shared_with"] == [NEW, OPERATOR]
    key = next(k for k in world.aws.keys() if k["arn"] == world.snapshot("orders-shared-1")["kms_key_arn"])
    assert OPERATOR in json.dumps(key["policy"])
    tagged = [*world.aws.snapshots(), *world.aws.clusters(NEW), *world.aws.instances(NEW)]
    assert len(tagged) == 5 and all(it["tags"].get("team") == "orders" for it in tagged)

    changed = PASSED_THROUGH.replace("14", "7").replace("3399", "3400")
    workspace.write("override.tf", f'module "migration" {{\n{changed}\n}}\n')
    assert set(workspace.plan().actions) == {"module.migration.aws_rds_cluster.restored[0]"}
    workspace.apply()
    (cluster,) = rds.describe_db_clusters()["DBClusters"]
    assert (cluster["Port"], cluster["BackupRetentionPeriod"]) == (3400, 7) and workspace.is_settled()


def test_the_key_can_admit_roles_in_place_of_their_accounts(from_readme, world):
    mover, other = f"arn:aws:iam::{NEW}:role/{ROLE}", "arn:aws:iam::123412341234:role/reader"
    world.aws.settings(organizations={NEW: "o-a1b2c3d4e5"})
    more = f'reader_principals = ["{mover}", "{other}"]\n reader_account_ids = ["{OPERATOR}", "123412341234"]'
    workspace = from_readme(1, f'{more}\n principal_org_id = "o-a1b2c3d4e5"')
    workspace.apply()
    assert workspace.is_settled() and not workspace.plan().warnings
    assert world.snapshot("orders-shared-1")["shared_with"] == ["123412341234", NEW, OPERATOR]
    key = next(k for k in world.aws.keys() if k["arn"] == world.snapshot("orders-shared-1")["kms_key_arn"])
    readers = {arn for s in key["policy"]["Statement"] if "Condition" in s for arn in listed(s["Principal"]["AWS"])}
    roots = {f"arn:aws:iam::{account}:root" for account in (OLD, OPERATOR)}
    assert readers == {mover, other, *roots} and world.cluster("orders")["status"] == "available"


def test_a_role_of_an_account_that_the_copy_is_not_shared_with_is_an_error_at_plan(from_readme):
    roles = ", ".join(f'"arn:aws:iam::{account}:role/{ROLE}"' for account in (OLD, NEW, OPERATOR))
    planned = from_readme(1, f"reader_principals = [{roles}]").plan(ok=False)
    planned.assert_error("reader_principals", f"{OLD}, {OPERATOR}", "reader_account_ids")


def listed(value):
    return value if isinstance(value, list) else [value]


def test_without_a_restore_the_copy_is_all_and_the_cluster_can_come_later(from_readme, world):
    workspace = from_readme(1, "restore = false")
    workspace.apply()
    assert workspace.is_settled()
    assert world.snapshot("orders-1", NEW, ELSEWHERE)["status"] == "available" and world.aws.clusters(NEW) == []
    workspace.write("override.tf", "")
    assert set(workspace.plan().actions.values()) == {"create"}
    workspace.apply()
    assert world.cluster("orders", NEW)["snapshot_arn"] == snapshot_arn("orders-1", NEW, ELSEWHERE)


@pytest.mark.parametrize(
    "line",
    [
        'reader_account_ids = ["1234"]',
        'reader_principals = ["mover"]',
        "backup_retention_period = 36",
        "backup_retention_period = 0",
    ],
)
def test_a_bad_value_is_an_error_at_plan(from_readme, line):
    from_readme(1, line).plan(ok=False).assert_error("Invalid value for variable")


@pytest.mark.host("1.7")
def test_its_own_tests_pass_and_find_a_mistake(new_workspace, sandbox, binaries):
    """terraform test, with providers from a mirror, as it needs an init."""
    workspace = new_workspace()
    ours, standin = binaries.values()
    use_mirror(sandbox, {"rds-snapshot/snapshot": (project_version(), ours), "hashicorp/aws": ("5.0.0", standin)})
    workspace.copy_from(MODULE)
    (workspace.folder / "tests").mkdir()
    workspace.write("tests/wiring.tftest.hcl", (MODULE / "tests" / "wiring.tftest.hcl").read_text())
    workspace.init()
    assert "11 passed, 0 failed" in workspace.run("test", "-no-color").out
    source = (MODULE / "source.tf").read_text()
    workspace.write("source.tf", source.replace("-shared-${var.take}", "-shared"))
    assert "The take is part of each snapshot's name" in workspace.run("test", "-no-color", ok=False).err
