# SPDX-License-Identifier: MPL-2.0
"""What the guides say to do, done: the migration step by step, and the clean-up after it."""

import json
import re
import shlex

import pytest
from harness.pages import DOCS, commands, configuration, fences, first_column, without_blocks
from harness.sandbox import EXAMPLES
from harness.sources import code, sources, warnings
from harness.world import ANYBODY, CLUSTER, NEW, OLD, OPERATOR, REGION, ROLE, snapshot_arn

MIGRATION = DOCS / "guides" / "migration.md"
AFTER = DOCS / "guides" / "after-the-migration.md"
STEPS_OF_THE_OLD_SIDE = (
    'data "snapshot_key_policy" "old"',
    'resource "aws_kms_key" "old"',
    'resource "aws_db_cluster_snapshot" "taken"',
    'resource "snapshot_reencrypt_copy" "old"',
    'resource "snapshot_share" "new"',
)
OLD_SIDE = {"aws_kms_key.old", "aws_db_cluster_snapshot.taken", "snapshot_reencrypt_copy.old", "snapshot_share.new"}
COPY = "snapshot_reencrypt_copy.new"
KEPT = {"aws_rds_cluster.orders", "aws_rds_cluster_instance.orders", "aws_kms_key.new"}


@pytest.fixture
def guided(new_workspace, world):
    """The guide's own configuration, applied: its accounts and names are those of this world."""
    world.add_source_cluster()
    workspace = new_workspace(OPERATOR)
    workspace.write("main.tf", configuration(MIGRATION))
    workspace.apply()
    assert workspace.is_settled()
    return workspace


def database(world):
    """The restored cluster, its instances and its key, as they are in AWS."""
    cluster = world.cluster("orders", NEW)
    (key,) = [k for k in world.aws.keys(NEW) if k["manager"] == "CUSTOMER"]
    return cluster, world.aws.instances(NEW), key


def test_policies_in_the_guide_are_those_that_are_made(new_workspace):
    workspace = new_workspace()
    workspace.copy_from(EXAMPLES / "data-sources" / "snapshot_key_policy")
    workspace.apply()
    made = [json.loads(workspace.outputs()[f"{side}_key_policy"]) for side in ("source", "target")]
    assert policies(MIGRATION) == made


def policies(page):
    return [json.loads(body) for body in fences(page.read_text(), ["json"])]


def test_roles_need_no_more_than_the_guide_says(chain, world):
    for account, policy in zip((OLD, NEW), policies(DOCS / "guides" / "iam.md"), strict=True):
        world.aws.identity_policy(account, policy, role=ROLE)
    chain.set_variables(tags={"team": "orders"})
    chain.apply()
    chain.set_variables(take="2", tags={"group": "orders"})
    chain.apply()
    assert chain.is_settled()
    chain.destroy()
    assert [c for c in world.aws.calls() if "AccessDenied" in (c["error_code"] or "")] == []


@pytest.mark.parametrize("side, statement", [(0, "KeyThroughRDS"), (1, "KeysThroughRDS")])
def test_a_role_without_its_half_is_refused(new_workspace, world, side, statement):
    for number, (account, policy) in enumerate(zip((OLD, NEW), policies(DOCS / "guides" / "iam.md"), strict=True)):
        if number == side:
            policy["Statement"] = [it for it in policy["Statement"] if it["Sid"] != statement]
        world.aws.identity_policy(account, policy, role=ROLE)
    world.add_source_cluster()
    workspace = new_workspace(OPERATOR)
    workspace.write("main.tf", configuration(MIGRATION))
    workspace.apply(ok=False).assert_error("KMSKeyNotAccessible", "IAM policy")


def test_migration_ends_as_the_guide_says(new_workspace, world):
    world.add_source_cluster()
    workspace = new_workspace(OPERATOR)
    workspace.write("main.tf", configuration(MIGRATION))
    told = [c for c in commands(MIGRATION) if not c.startswith("aws ")]
    assert told == ["terraform init", "terraform plan", "terraform apply"]
    planned, applied = fences(MIGRATION.read_text(), ["text"])
    assert planned in workspace.run("plan", "-no-color").out
    assert applied in workspace.run("apply", "-no-color", "-auto-approve").out


def test_old_side_may_go_first(guided, world):
    before = database(world)
    guided.write("main.tf", without_blocks(configuration(AFTER), *STEPS_OF_THE_OLD_SIDE))
    after = world.aws.last_call()
    planned = guided.plan()
    assert planned.actions == dict.fromkeys(OLD_SIDE, "delete")
    (end,) = fences(AFTER.read_text(), ["text"])
    assert end in guided.run("plan", "-no-color").out
    world.allow_delete("orders-shared-1")
    done = [address for address, action in guided.apply().done if action == "delete"]
    order = ["snapshot_share.new", "snapshot_reencrypt_copy.old", "aws_kms_key.old"]
    assert [address for address in done if address in order] == order
    assert guided.is_settled()
    assert database(world) == before
    assert not world.copies_made(after=after)
    assert world.snapshot_names(OLD) == [] and world.snapshot_names(NEW) == ["orders-1"]
    assert guided.managed()[COPY]["source_snapshot_arn"] == snapshot_arn("orders-shared-1")
    # And its owner deletes the old cluster.
    world.accounts[OLD].client("rds", REGION).delete_db_cluster(DBClusterIdentifier=CLUSTER, SkipFinalSnapshot=True)
    assert guided.is_settled()
    assert database(world) == before


def test_old_side_may_go_first_after_a_direct_restore(new_workspace, world):
    world.add_source_cluster()
    workspace = new_workspace(OPERATOR)
    direct = without_blocks(configuration(MIGRATION, 1), 'resource "snapshot_reencrypt_copy" "new"')
    workspace.write("main.tf", direct)
    workspace.apply()
    before = database(world)
    (named,) = re.findall(r"`snapshot_identifier =\s+(\S+)`", AFTER.read_text())
    rest = without_blocks(direct, *STEPS_OF_THE_OLD_SIDE)
    workspace.write("main.tf", rest.replace("snapshot_share.new.snapshot_arn", named))
    assert workspace.plan().actions == dict.fromkeys(OLD_SIDE, "delete")
    world.allow_delete("orders-shared-1")
    workspace.apply()
    assert workspace.is_settled() and database(world) == before


def assert_only_the_database_is_left(workspace, world, before, snapshots=()):
    assert not workspace.managed()
    assert database(world) == before
    assert before[2]["state"] == "Enabled"
    assert world.snapshot_names(OLD) == [] and world.snapshot_names(NEW) == list(snapshots)
    assert [k["state"] for k in world.aws.keys(OLD) if k["manager"] == "CUSTOMER"] == ["PendingDeletion"]


@pytest.mark.host("1.7")
@pytest.mark.parametrize("keeps_the_copy", [False, True])
def test_database_is_kept_by_removed_blocks(guided, world, keeps_the_copy):
    before = database(world)
    config = configuration(MIGRATION)
    if keeps_the_copy:
        named = '  target_snapshot_identifier = "orders-${var.take}"\n'
        guided.write("main.tf", config.replace(named, f'{named}  deletion_policy = "retain"\n'))
        guided.apply()
    guided.write("main.tf", configuration(AFTER, 1))
    planned = guided.plan()
    assert {a for a, action in planned.actions.items() if action == "delete"} == OLD_SIDE | {COPY}
    world.allow_delete("orders-shared-1")
    if not keeps_the_copy:
        world.allow_delete("orders-1")
    guided.apply()
    assert_only_the_database_is_left(guided, world, before, ["orders-1"] if keeps_the_copy else [])


def test_database_is_kept_by_taking_it_out_of_the_state(guided, world):
    before = database(world)
    *applies, remove, destroy = commands(AFTER)
    assert set(applies) == {"terraform apply"}
    _, command, *arguments = shlex.split(remove)
    assert set(arguments[1:]) == KEPT
    guided.run(command, *arguments)
    assert destroy == "terraform destroy"
    guided.destroy()
    assert_only_the_database_is_left(guided, world, before)


def explained():
    """The headings of the provider's own texts, and what troubleshooting says of AWS's."""
    own, of_aws = (DOCS / "guides" / "troubleshooting.md").read_text().split("\n## Errors of AWS\n")
    return re.findall(r"^### (.+)$", own, re.MULTILINE), of_aws


def test_each_text_that_troubleshooting_explains_is_one_that_the_provider_says():
    headings, of_aws = explained()
    said = "".join(code(path) for path in sources("plugin", "aws", "base")).replace('\\"', '"')
    assert len(headings) > 20 and len(headings) == len(set(headings))
    assert [text for text in headings if text not in said] == []
    assert "### KMSKeyNotAccessible" in of_aws


def test_each_warning_that_the_provider_gives_is_explained():
    headings, _ = explained()
    given = set().union(*(warnings(path) for path in sources("plugin")))
    assert len(given) > 20
    assert given - {*headings, *first_column(DOCS / "guides" / "long-copies.md", "## What the messages mean")} == set()


MARK = "terraform-provider-snapshot"
IGNORED = "snapshot_identifier, final_snapshot_identifier, "
COMING = DOCS / "guides" / "coming-from-hashicorp-aws.md"


def copies_of_hashicorp(world):
    """What its two resources have made, as the guide names it."""
    key = world.aws.add_key(OLD, REGION, alias="alias/migration", policy=ANYBODY)
    for name, kind in (("orders", "cluster"), ("billing", "instance")):
        world.aws.add_snapshot(OLD, REGION, f"{name}-1", kind=kind)
        arn = world.aws.add_snapshot(OLD, REGION, f"{name}-shared", kind=kind, kms_key_id=key)
        world.aws.change_snapshot(arn, source_arn=snapshot_arn(f"{name}-1", kind=kind))
    world.aws.change_snapshot(snapshot_arn("orders-shared"), shared_with=[NEW])


def assert_only_read(world, after):
    reading = ("Describe", "Get", "List")
    assert [c["operation"] for c in world.aws.calls(after=after) if not c["operation"].startswith(reading)] == []


def test_coming_by_import_calls_nothing_that_changes(new_workspace, world):
    copies_of_hashicorp(world)
    workspace = new_workspace(OLD)
    workspace.write("main.tf", configuration(COMING, 1))
    after = world.aws.last_call()
    assert set(workspace.plan().actions.values()) <= {"import"}
    workspace.apply()
    assert workspace.is_settled()
    assert_only_read(world, after)


def test_coming_the_copy_is_given_a_mark_and_not_copied(new_workspace, world):
    copies_of_hashicorp(world)
    workspace = new_workspace(OLD)
    workspace.write("main.tf", configuration(COMING, 1))
    workspace.apply()
    assert MARK not in world.snapshot("orders-shared")["tags"]
    (command,) = [c for c in commands(COMING) if c.startswith("terraform apply")]
    workspace.apply(*shlex.split(command)[2:])
    assert MARK in world.snapshot("orders-shared")["tags"]
    assert workspace.is_settled() and not world.copies_made()


def test_the_plans_that_the_guide_shows_are_these(applied):
    """Beside what hashicorp/aws plans."""
    guide, told = COMING.read_text(), re.compile(r"^(?:  # |\+/- resource|Plan:|.*forces replacement$).*", re.MULTILINE)
    (shown,) = fences(guide, ["text"])
    planned = applied.run("plan", "-no-color", "-var", "take=2").out
    assert told.findall(planned) == told.findall(shown)
    target = applied.folder / "target.tf"
    target.write_text(target.read_text().replace(IGNORED, ""))
    for argument, said in (
        ("kms_key_id = aws_kms_alias.source.name", "No changes. Your infrastructure matches the configuration."),
        ("copy_tags = true", "Plan: 0 to add, 1 to change, 0 to destroy."),
        ('source_snapshot_identifier = "other"', "Error: The change cannot be planned"),
    ):
        applied.write("override.tf", f'resource "snapshot_reencrypt_copy" "source" {{ {argument} }}')
        outcome = applied.run("plan", "-no-color", ok=None)
        assert said in outcome.out + outcome.err and said in guide


@pytest.mark.host("1.8")
def test_coming_by_moved_calls_nothing_that_changes(new_workspace, world):
    copies_of_hashicorp(world)
    workspace = new_workspace(OLD)
    workspace.write("main.tf", configuration(COMING))
    workspace.write("terraform.tfstate", json.dumps(state_of_hashicorp(world)))
    after = world.aws.last_call()
    assert set(workspace.plan().actions.values()) <= {"move"}
    workspace.apply()
    assert set(workspace.managed()) == {"snapshot_reencrypt_copy.orders", "snapshot_reencrypt_copy.billing"}
    assert workspace.is_settled()
    assert_only_read(world, after)


def state_of_hashicorp(world):
    (key,) = [k["arn"] for k in world.aws.keys(OLD) if k["manager"] == "CUSTOMER"]
    resources = []
    for type_, name, kind, prefix in (
        ("aws_rds_cluster_snapshot_copy", "orders", "cluster", "db_cluster_snapshot"),
        ("aws_db_snapshot_copy", "billing", "instance", "db_snapshot"),
    ):
        attributes = {
            "id": f"{name}-shared",
            f"{prefix}_arn": snapshot_arn(f"{name}-shared", kind=kind),
            f"source_{prefix}_identifier": snapshot_arn(f"{name}-1", kind=kind),
            f"target_{prefix}_identifier": f"{name}-shared",
            "kms_key_id": key,
            "tags_all": {},
        }
        provider = 'provider["registry.terraform.io/hashicorp/aws"]'
        instances = [{"schema_version": 0, "attributes": attributes}]
        resources.append(
            {"mode": "managed", "type": type_, "name": name, "provider": provider, "instances": instances}
        )
    return {"version": 4, "terraform_version": "1.8.0", "serial": 1, "lineage": "by-hand", "resources": resources}
