# SPDX-License-Identifier: MPL-2.0
"""Every file in examples/terraform is run. (cross-account-migration and its module: test_module.py.)"""

import json
import shutil
import subprocess

import pytest
from harness.pages import without_blocks
from harness.sandbox import EXAMPLES
from harness.world import ANYBODY, OLD, REGION, snapshot_arn

RESOURCES = sorted(path.parent.name for path in EXAMPLES.glob("resources/*/resource.tf"))
FUNCTIONS = sorted(path.parent.name for path in EXAMPLES.glob("functions/*/function.tf"))
DATA_SOURCES = sorted(path.parent.name for path in EXAMPLES.glob("data-sources/*/data-source.tf"))
ARN = snapshot_arn("orders-2026-01")


@pytest.fixture
def example(new_workspace, world):
    """What the examples take for granted is there: snapshots and keys in the old account."""
    keys = {region: world.aws.add_key(OLD, region, policy=ANYBODY, alias="alias/migration") for region in REGIONS}
    world.aws.add_snapshot(OLD, REGION, "orders-2026-01", tags={"team": "orders"})
    world.aws.add_snapshot(OLD, REGION, "billing-2026-01", kind="instance")
    workspace = new_workspace(OLD)
    workspace.keys = keys
    return workspace


REGIONS = (REGION, "eu-west-1")


def share_needs_a_copy(world, example):
    world.aws.add_snapshot(OLD, REGION, "orders-2026-01-shared", kms_key_id=example.keys[REGION])


PREPARE = {"snapshot_share": share_needs_a_copy}


def test_all_that_the_provider_offers_has_an_example(example):
    example.copy_from(EXAMPLES / "provider")
    schemas = json.loads(example.run("providers", "schema", "-json").out)["provider_schemas"]
    ours = next(schema for address, schema in schemas.items() if address.endswith("rds-snapshot/snapshot"))
    assert RESOURCES == sorted(ours["resource_schemas"])
    assert DATA_SOURCES == sorted(ours["data_source_schemas"])
    if "functions" in ours:  # hosts from 1.8
        assert FUNCTIONS == sorted(ours["functions"])


def test_provider(example):
    example.copy_from(EXAMPLES / "provider")
    example.apply()


@pytest.mark.parametrize("name", RESOURCES)
def test_resource(example, world, name):
    PREPARE.get(name, lambda *_: None)(world, example)
    example.copy_from(EXAMPLES / "resources" / name, "resource.tf")
    example.apply()
    assert example.is_settled()
    example.destroy()


@pytest.fixture
def forgotten(example, world, name):
    """What the example makes is there, and no state knows of it."""
    PREPARE.get(name, lambda *_: None)(world, example)
    example.copy_from(EXAMPLES / "resources" / name, "resource.tf")
    example.apply()
    example.remove("terraform.tfstate")
    example.made_before = world.aws.last_call()
    return example


def assert_taken_over(world, workspace):
    """An import changes arguments that AWS does not tell, and never makes a copy anew."""
    assert set(workspace.plan().actions.values()) <= {"import", "update"}
    workspace.apply()
    assert workspace.is_settled()
    assert not world.copies_made(after=workspace.made_before)


@pytest.mark.parametrize("name", RESOURCES)
def test_import_block(forgotten, world, name):
    forgotten.copy_from(EXAMPLES / "resources" / name, "import-by-string-id.tf")
    assert_taken_over(world, forgotten)


@pytest.mark.parametrize("name", RESOURCES)
def test_import(forgotten, world, name, sandbox, request):
    # The script says "terraform"; the host under test may be another program.
    tools = sandbox.subfolder("bin")
    (tools / "terraform").symlink_to(request.config.terraform)
    environment = {**forgotten.environment, "PATH": f"{tools}:{forgotten.environment['PATH']}"}
    script = EXAMPLES / "resources" / name / "import.sh"
    done = subprocess.run(
        [shutil.which("bash"), "-e", script], cwd=forgotten.folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert_taken_over(world, forgotten)


@pytest.mark.parametrize("name", DATA_SOURCES)
def test_data_source(example, name):
    example.copy_from(EXAMPLES / "data-sources" / name)
    example.apply()
    assert example.outputs()
    assert example.is_settled()


@pytest.mark.host("1.8")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_function(example, name):
    example.copy_from(EXAMPLES / "functions" / name)
    example.apply()
    assert example.outputs()
    assert example.is_settled()


@pytest.mark.host("1.8")
def test_functions_and_data_source_give_the_same_policies(example):
    for folder in ("data-sources/snapshot_key_policy", "functions/source_key_policy", "functions/target_key_policy"):
        for path in (EXAMPLES / folder).glob("*.tf"):
            text = path.read_text()
            if folder.startswith("functions"):
                text = without_blocks(text, "terraform").replace('output "', 'output "function_')
            example.write(folder.replace("/", "-") + ".tf", text)
    example.apply()
    outputs = example.outputs()
    for side in ("source", "target"):
        assert outputs[f"{side}_key_policy"] == outputs[f"function_{side}_key_policy"]


@pytest.mark.host("1.8")
def test_an_arn_taken_apart_and_put_together_is_the_same(example):
    example.copy_from(EXAMPLES / "functions" / "snapshot_arn")
    parse = (EXAMPLES / "functions" / "parse_snapshot_arn" / "function.tf").read_text()
    example.write("parse.tf", without_blocks(parse, "terraform"))
    example.apply()
    outputs = example.outputs()
    assert outputs["snapshot_arn"] == ARN
    assert outputs["snapshot"] == {
        "partition": "aws",
        "region": REGION,
        "account_id": OLD,
        "kind": "cluster",
        "name": "orders-2026-01",
    }
