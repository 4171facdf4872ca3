# SPDX-License-Identifier: MPL-2.0
"""examples/terraform/modules/aurora-account-migration: by the example, for many clusters, between
Regions, and its own tests. (What its seven steps do is in test_seven_steps.py and test_chain_*.py.)"""

import shlex

import pytest
from harness.pages import commands, configuration
from harness.sandbox import EXAMPLES, project_version, use_mirror
from harness.world import NEW, OLD, OPERATOR, REGION, copy_migration, link_modules, migration_variables, snapshot_arn

MODULE = EXAMPLES / "modules" / "aurora-account-migration"
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
    (command,) = commands(README)
    workspace.apply(*shlex.split(command)[2:])
    assert workspace.is_settled()
    assert [c["status"] for c in world.aws.clusters(NEW)] == ["available", "available"]
    assert world.snapshot_names(NEW) == ["billing-1", "orders-1"]
    copies = [f'module.migration["{name}"].snapshot_reencrypt_copy.target' for name in ("billing", "orders")]
    assert {workspace.managed()[address]["status"] for address in copies} == {"available"}


def test_cluster_moves_to_another_region(from_readme, world):
    workspace = from_readme(1, "deletion_protection = false\n skip_final_snapshot = true")
    workspace.apply()
    assert workspace.is_settled()
    moved = world.cluster("orders", NEW)
    assert (moved["region"], moved["status"]) == (ELSEWHERE, "available")
    assert world.snapshot("orders-1")["region"] == REGION
    assert world.snapshot("orders-shared-1", region=ELSEWHERE)["shared_with"] == [NEW]
    assert world.snapshot("orders-1", NEW, ELSEWHERE)["status"] == "available"
    workspace.destroy()
    assert world.snapshot_names(OLD) == [] and world.snapshot_names(NEW) == []


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
    assert "5 passed, 0 failed" in workspace.run("test", "-no-color").out
    source = (MODULE / "source.tf").read_text()
    workspace.write("source.tf", source.replace("-shared-${var.take}", "-shared"))
    assert "The take is part of each snapshot's name" in workspace.run("test", "-no-color", ok=False).err
