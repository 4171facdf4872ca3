# SPDX-License-Identifier: MPL-2.0
"""The stand-in for hashicorp/aws: the same schema, and the behaviour that the examples rely on."""

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from harness.pages import CONFIGURATION, fences
from harness.sandbox import ROOT
from harness.world import CLUSTER, ENGINE_VERSION, OLD, REGION, snapshot_arn

pytestmark = pytest.mark.tenth

SCHEMA = ROOT / "tests" / "standin_aws" / "hashicorp-aws-schema.json"
ENDPOINT_NAMES = ROOT / "plugin" / "aws_provider" / "endpoint_names.txt"

PROVIDER = f"""
provider "aws" {{
  region              = "{REGION}"
  allowed_account_ids = ["{OLD}"]

  default_tags {{
    tags = {{ team = "orders" }}
  }}
}}

data "aws_caller_identity" "this" {{}}
data "aws_region" "this" {{}}

output "caller" {{ value = data.aws_caller_identity.this.account_id }}
output "region" {{ value = data.aws_region.this.name }}
"""

POLICY = f"""jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Principal = {{ AWS = "arn:aws:iam::{OLD}:root" }}
      Action    = "kms:*"
      Resource  = "*"
    }}]
  }})"""

KEY = 'resource "aws_kms_key" "this" { deletion_window_in_days = 7 }'

RESTORED = f"""
resource "aws_rds_cluster" "this" {{
  cluster_identifier  = "made"
  engine              = "aurora-mysql"
  engine_version      = "{ENGINE_VERSION}"
  snapshot_identifier = "taken"
  skip_final_snapshot = true
}}
"""


def case(type_name, body, first="", second="", needs="", import_by="one", imported_differs=()):
    """`first` and `second` are what an update changes beside the tags; `imported_differs`: what AWS does not tell."""
    return SimpleNamespace(
        address=f"{type_name}.it",
        first=f'resource "{type_name}" "it" {{\n{body}\n{first}\n}}\n{needs}',
        second=f'resource "{type_name}" "it" {{\n{body}\n{second}\n}}\n{needs}',
        import_by=import_by,
        imported_differs=imported_differs,
    )


CASES = {
    "aws_kms_key": case(
        "aws_kms_key",
        f"deletion_window_in_days = 7\n policy = {POLICY}",
        'description = "one"\n enable_key_rotation = true',
        'description = "two"\n enable_key_rotation = false',
        import_by=None,
        imported_differs=("deletion_window_in_days", "enable_key_rotation"),
    ),
    "aws_kms_alias": case(
        "aws_kms_alias",
        'name = "alias/one"',
        "target_key_id = aws_kms_key.a.key_id",
        "target_key_id = aws_kms_key.b.key_id",
        needs='resource "aws_kms_key" "a" {}\nresource "aws_kms_key" "b" {}\n',
        import_by="alias/one",
    ),
    "aws_db_cluster_snapshot": case(
        "aws_db_cluster_snapshot",
        'db_cluster_identifier = "orders-production"\n db_cluster_snapshot_identifier = "one"\n'
        'timeouts {\n create = "1h"\n }',
        imported_differs=("timeouts",),
    ),
    "aws_db_snapshot": case(
        "aws_db_snapshot", 'db_instance_identifier = "billing"\n db_snapshot_identifier = "one"'
    ),
    "aws_rds_cluster": case(
        "aws_rds_cluster",
        f'cluster_identifier = "one"\n engine = "aurora-mysql"\n engine_version = "{ENGINE_VERSION}"\n'
        'skip_final_snapshot = true\n snapshot_identifier = "taken"\n'
        "lifecycle {\n ignore_changes = [snapshot_identifier]\n }",
        "deletion_protection = true",
        "deletion_protection = false",
        imported_differs=("skip_final_snapshot", "deletion_protection", "snapshot_identifier"),
    ),
    "aws_rds_cluster_instance": case(
        "aws_rds_cluster_instance",
        'identifier = "one"\n cluster_identifier = aws_rds_cluster.this.cluster_identifier\n'
        "engine = aws_rds_cluster.this.engine",
        'instance_class = "db.r6g.large"',
        'instance_class = "db.r6g.xlarge"',
        needs=RESTORED,
    ),
}


@pytest.fixture
def standin(new_workspace, world):
    world.add_source_cluster()
    world.aws.add_instance(OLD, REGION, "billing")
    workspace = new_workspace(OLD)
    workspace.write("provider.tf", PROVIDER)
    return workspace


# ---- Schema


def flags(row):
    return {name for name in ("required", "optional", "computed", "sensitive") if row.get(name)}


def types(block):
    return {name: row["type"] for name, row in block["attributes"].items()}


def assert_same(ours, theirs):
    for name, row in ours.get("attributes", {}).items():
        assert name in theirs["attributes"], name
        their_row = theirs["attributes"][name]
        assert (row["type"], flags(row)) == (their_row["type"], flags(their_row)), name
    for name, block in ours.get("block_types", {}).items():
        assert block["nesting_mode"] == theirs["block_types"][name]["nesting_mode"], name
        assert_same(block["block"], theirs["block_types"][name]["block"])


def test_schema_is_a_part_of_hashicorps(standin):
    schemas = json.loads(standin.run("providers", "schema", "-json").out)["provider_schemas"]
    ours = next(schema for address, schema in schemas.items() if address.endswith("hashicorp/aws"))
    theirs = json.loads(SCHEMA.read_text())
    for kind in ("resource", "data_source"):
        for name, schema in ours[f"{kind}_schemas"].items():
            if name in theirs[f"{kind}s"]:
                assert_same(schema["block"], theirs[f"{kind}s"][name])
            else:
                raise AssertionError(f"{name} is no {kind} of hashicorp/aws")


def configured(path):
    text = path.read_text()
    return "\n".join(fences(text, CONFIGURATION)) if path.suffix == ".md" else text


def used(text, type_name):
    """What blocks of the type set and references to it read. In an f-string's block braces are doubled."""
    found = set(re.findall(rf"\b{type_name}\.[\w{{}}-]+(?:\[[^]]*\])?\.(\w+)", text))
    for head in re.finditer(rf'\b(?:resource|data) "{type_name}" "[^"]*" (\{{\{{?)', text):
        rest = text[head.end() :]
        if head.group(1) == "{{":
            rest = re.sub(r"(?<!\{)\{[^{}]*\}", "_", rest).replace("{{", "{").replace("}}", "}")
        found.update(re.findall(r"(\w+)\"?\s*(?:=(?![=>])|\{)", body(rest)))
    return found


def body(text):
    """Up to the brace that ends it, without what is in braces of its own."""
    depth, outside = 0, ""
    for character in text:
        depth -= character == "}"
        if depth < 0:
            return outside
        outside += character if depth == 0 else ""
        depth += character == "{"
    raise AssertionError(f"no end: {text[:100]}")


def test_only_what_examples_guides_and_tests_use_is_served(standin):
    """That it stays tiny is what shows the runtime to be general. What only its own tests set is not used, but for
    the data sources. Every resource has an `id`; `tags` and `tags_all` are in most."""
    schemas = json.loads(standin.run("providers", "schema", "-json").out)["provider_schemas"]
    ours = next(schema for address, schema in schemas.items() if address.endswith("hashicorp/aws"))
    patterns = ("examples/**/*.tf*", "docs/**/*.md", "tests/acceptance/**/*.py")
    paths = [path for pattern in patterns for path in ROOT.glob(pattern) if path != Path(__file__)]
    texts = [PROVIDER, *(configured(path) for path in paths)]
    unused = {}
    for kind, exempt in (("resource", {"id", "tags", "tags_all"}), ("data_source", set())):
        for name, schema in ours[f"{kind}_schemas"].items():
            has = {*schema["block"]["attributes"], *schema["block"].get("block_types", {})}
            unused[name] = has - exempt - set().union(*(used(text, name) for text in texts))
    assert {name: left for name, left in unused.items() if left} == {}


BOTH = """
terraform {
  required_providers {
    snapshot = { source = "rds-snapshot/snapshot" }
  }
}
"""



@pytest.mark.parametrize("address", ["hashicorp/aws", "rds-snapshot/snapshot"])
def test_provider_block_takes_all_of_hashicorps(standin, address):
    standin.write("both.tf", BOTH)
    schemas = json.loads(standin.run("providers", "schema", "-json").out)["provider_schemas"]
    ours = next(schema for a, schema in schemas.items() if a.endswith(address))["provider"]["block"]
    theirs = json.loads(SCHEMA.read_text())["provider"]
    theirs["block_types"]["endpoints"]["block"]["attributes"] |= {
        name: {"type": "string", "optional": True} for name in ENDPOINT_NAMES.read_text().splitlines()[1:]
    }
    assert set(ours["attributes"]) == set(theirs["attributes"]) | {"tag_policy_compliance", "user_agent"}
    assert set(ours["block_types"]) == set(theirs["block_types"])
    for name, row in theirs["attributes"].items():
        assert (ours["attributes"][name]["type"], flags(ours["attributes"][name]) - {"sensitive"}) == (
            row["type"],
            flags(row),
        )
    for name, block in theirs["block_types"].items():
        assert ours["block_types"][name]["nesting_mode"] == block["nesting_mode"]
        assert types(ours["block_types"][name]["block"]) == types(block["block"])


# ---- Each resource


@pytest.mark.parametrize("name", CASES)
def test_lifecycle(standin, world, name):
    it = CASES[name]
    world.aws.add_snapshot(OLD, REGION, "taken", source=CLUSTER)
    standin.write("main.tf", it.first)
    standin.apply()
    assert standin.outputs() == {"caller": OLD, "region": REGION}
    assert standin.is_settled()
    made = standin.state()[it.address]
    is_tagged = "tags_all" in made.values
    assert not is_tagged or made["tags_all"] == {"team": "orders"}

    standin.write("main.tf", it.second)
    standin.write("provider.tf", PROVIDER.replace('team = "orders"', 'team = "orders", added = "yes"'))
    planned = standin.plan().actions
    assert it.address in planned and set(planned.values()) == {"update"}
    standin.apply()
    assert standin.is_settled()
    updated = standin.state()[it.address]
    assert not is_tagged or updated["tags_all"] == {"team": "orders", "added": "yes"}

    standin.run("state", "rm", it.address)
    standin.import_(it.address, it.import_by or updated["id"])
    imported = standin.state()[it.address]
    assert {n for n in updated.values if imported[n] != updated[n]} <= set(it.imported_differs)
    standin.apply()

    standin.destroy()
    assert not standin.managed()
    assert all(key["state"] == "PendingDeletion" for key in world.aws.keys(OLD) if key["manager"] == "CUSTOMER")
    assert world.snapshot_names(OLD) == ["taken"]
    assert [c["identifier"] for c in world.aws.clusters(OLD)] == [CLUSTER]


# ---- What the examples rely on


SNAPSHOT = CASES["aws_db_cluster_snapshot"].first


def test_nothing_is_adopted(standin, world):
    world.aws.add_snapshot(OLD, REGION, "one")
    standin.write("main.tf", SNAPSHOT)
    standin.apply(ok=False).assert_error("one", "AlreadyExists")
    assert not standin.managed()
    assert world.snapshot_names(OLD) == ["one"]


def test_what_was_deleted_outside_is_made_again(standin, world):
    standin.write("main.tf", SNAPSHOT)
    standin.apply()
    world.aws.remove_snapshot(snapshot_arn("one"))
    assert standin.plan().actions == {"aws_db_cluster_snapshot.it": "create"}


def test_an_error_after_creation_taints(standin, world):
    world.aws.settings(create_seconds=3600)
    standin.write("main.tf", SNAPSHOT.replace('"1h"', '"6m"'))
    standin.apply(ok=False).assert_error("one", "time limit")
    assert standin.state()["aws_db_cluster_snapshot.it"].tainted


def test_a_create_waits_and_a_stop_ends_the_wait(standin, world):
    world.aws.settings(create_seconds=36000)
    standin.write("main.tf", SNAPSHOT.replace('"1h"', '"20h"'))
    running = standin.start("apply", "-json", "-auto-approve")
    world.wait_until(lambda: world.snapshot_names(OLD) == ["one"], "the snapshot is being made")
    running.interrupt()
    assert not running.wait(20).ok
    assert standin.state()["aws_db_cluster_snapshot.it"].tainted


def test_a_cluster_is_restored_and_another_snapshot_replaces_it(standin, world):
    key = world.aws.add_key(OLD, REGION)
    for name in ("one", "two"):
        world.aws.add_snapshot(OLD, REGION, name, source=CLUSTER, kms_key_id=key)
    standin.write("main.tf", RESTORED.replace("taken", snapshot_arn("one")))
    standin.apply()
    assert world.cluster("made", OLD)["snapshot_arn"] == snapshot_arn("one")
    assert standin.is_settled()
    standin.write("main.tf", RESTORED.replace("taken", snapshot_arn("two")))
    assert standin.plan().actions == {"aws_rds_cluster.this": "replace"}


def test_a_last_snapshot_is_taken_unless_skipped(standin, world):
    world.aws.add_snapshot(OLD, REGION, "taken", source=CLUSTER)
    skips = "skip_final_snapshot = true"
    standin.write("main.tf", RESTORED.replace(skips, ""))
    standin.apply()
    standin.destroy(ok=False).assert_error("final_snapshot_identifier")
    standin.write("main.tf", RESTORED.replace(skips, 'final_snapshot_identifier = "last"'))
    standin.apply()
    standin.destroy()
    assert world.snapshot_names(OLD) == ["last", "taken"]


def test_a_wrong_account_is_refused_before_anything_else(standin, world):
    standin.write("provider.tf", PROVIDER.replace(f'["{OLD}"]', '["999999999999"]'))
    standin.write("main.tf", KEY)
    after = world.aws.last_call()
    standin.apply(ok=False).assert_error("999999999999", OLD)
    assert {c["operation"] for c in world.aws.calls(after=after)} == {"GetCallerIdentity"}
