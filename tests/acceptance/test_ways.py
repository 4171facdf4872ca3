# SPDX-License-Identifier: MPL-2.0
"""The ways of examples/terraform/modules/aurora-account-migration, each from its beginning to its end: within a Region
or to another one (in one step or in two), restored from a copy of the new account's own or from the shared one."""

import json
import shlex
from dataclasses import dataclass
from datetime import datetime

import pytest
from harness.operations import OURS
from harness.pages import DOCS, commands, configuration, without_blocks
from harness.terraform import Workspace
from harness.world import MODULE, NEW, OLD, OPERATOR, REGION, ROLE, World, link_modules, snapshot_arn

ELSEWHERE = "eu-west-1"
README = MODULE / "README.md"
MODULE_ADDRESS = "module.migration."
CLUSTER, SHARE = f"{MODULE_ADDRESS}aws_rds_cluster.restored[0]", f"{MODULE_ADDRESS}snapshot_share.target"
FIRST, SECOND = (f"{MODULE_ADDRESS}snapshot_reencrypt_copy.{name}" for name in ("source", "target[0]"))
# A running copy fails as soon as anything that it needs is taken away.
STRICT = {f"without_{what}": "at_once" for what in ("source", "share", "source_key", "target_key", "permission")}
HOURS = 10 * 3600


@dataclass(frozen=True)
class Way:
    region: str = REGION
    in_two_steps: bool = False
    copies: bool = True  # before it restores

    @property
    def shared_in(self):
        return self.region if self.in_two_steps else REGION

    def restored_from(self, take):
        if self.copies:
            return snapshot_arn(f"orders-{take}", NEW, self.region)
        return snapshot_arn(f"orders-shared-{take}", OLD, self.shared_in)


SAME_REGION, ONE_STEP, TWO_STEPS = Way(), Way(ELSEWHERE), Way(ELSEWHERE, in_two_steps=True)
DIRECT = Way(copies=False)
WAYS = {
    "same Region": SAME_REGION,
    "another Region in one step": ONE_STEP,
    "another Region in two steps": TWO_STEPS,
    "direct restore": DIRECT,
    "another Region in two steps, direct restore": Way(ELSEWHERE, in_two_steps=True, copies=False),
}


class Migration:
    """The README's configuration for two steps, turned into another way."""

    def __init__(self, workspace: Workspace, world: World, way: Way):
        self.workspace, self.world, self.way = workspace, world, way
        self.arguments = {
            "copy_across_regions_first": way.in_two_steps,
            "copy_before_restore": way.copies,
            "deletion_protection": False,
            "skip_final_snapshot": True,
        }
        text = configuration(README, 2).replace(ELSEWHERE, way.region)
        self.text = text if way.in_two_steps else text.replace("aws.source_there\n", "aws.source\n")
        self.write()
        link_modules(workspace)
        workspace.get()

    def write(self, **arguments):
        self.arguments |= arguments
        lines = "".join(f"  {name} = {str(value).lower()}\n" for name, value in self.arguments.items())
        self.workspace.write("main.tf", self.text)
        self.workspace.write("override.tf", f'module "migration" {{\n{lines}}}\n')

    def assert_only_the_chain_of(self, take):
        world, way = self.world, self.way
        assert world.snapshot_names(OLD) == [f"orders-{take}", f"orders-shared-{take}"]
        assert world.snapshot_names(NEW) == ([f"orders-{take}"] if way.copies else [])
        assert world.snapshot(f"orders-{take}", OLD, REGION)["status"] == "available"
        shared = world.snapshot(f"orders-shared-{take}", OLD, way.shared_in)
        assert (shared["status"], shared["shared_with"]) == ("available", [NEW])
        if way.copies:
            assert world.snapshot(f"orders-{take}", NEW, way.region)["status"] == "available"

    @property
    def keys(self):
        """Those in use, by account."""
        found = [k for k in self.world.aws.keys() if k["manager"] == "CUSTOMER" and k["state"] == "Enabled"]
        return {key["account_id"]: (key["arn"], key["region"]) for key in found}


@pytest.fixture
def migration(new_workspace, world):
    def make(way, **source):
        world.add_source_cluster(**source)
        world.aws.settings(**STRICT)
        return Migration(new_workspace(OPERATOR), world, way)

    return make


@pytest.mark.parametrize("way", [*WAYS.values(), Way(in_two_steps=True)], ids=[*WAYS, "same Region in two steps"])
def test_a_way_from_the_first_apply_to_the_destroy(migration, world, way):
    it = migration(way)
    it.workspace.apply()
    assert it.workspace.is_settled()
    it.assert_only_the_chain_of("1")
    cluster = world.cluster("orders")
    assert (cluster["status"], cluster["region"], cluster["snapshot_arn"]) == (
        "available",
        way.region,
        way.restored_from(1),
    )
    assert {account: region for account, (_, region) in it.keys.items()} == {OLD: way.shared_in, NEW: way.region}
    assert cluster["kms_key_arn"] == it.keys[NEW][0]

    it.write(take='"2"')
    it.workspace.apply()
    assert it.workspace.is_settled()
    it.assert_only_the_chain_of("2")
    assert world.cluster("orders") == cluster

    it.workspace.apply(f"-replace={CLUSTER}")
    assert world.cluster("orders")["snapshot_arn"] == way.restored_from(2)
    assert it.workspace.is_settled()

    after = world.aws.last_call()
    it.workspace.destroy()
    removed = [c["operation"] for c in world.aws.calls(after=after) if c["status"] == 200]
    assert removed.index("DeleteDBCluster") < removed.index("ModifyDBClusterSnapshotAttribute")
    assert world.snapshot_names(OLD) == world.snapshot_names(NEW) == [] and not it.keys


ROLES = """
terraform {{
  required_providers {{
    snapshot = {{ source = "rds-snapshot/snapshot" }}
  }}
}}

data "snapshot_caller_policy" "source" {{
  side                  = "source"
  account_id            = "{OLD}"
  region                = "{shared_in}"
  source_region         = "{REGION}"
  cluster_names         = ["orders-production"]
  source_snapshot_names = ["orders-1"]
  snapshot_names        = ["orders-shared-1"]
  kms_key_arns          = ["arn:aws:kms:{shared_in}:{OLD}:key/*"]
  manages_keys          = true
}}

data "snapshot_caller_policy" "target" {{
  side                  = "target"
  account_id            = "{NEW}"
  source_account_id     = "{OLD}"
  region                = "{region}"
  source_region         = "{shared_in}"
  source_snapshot_names = ["orders-shared-1"]
  snapshot_names        = {names}
  source_kms_key_arns   = ["arn:aws:kms:{shared_in}:{OLD}:key/*"]
  kms_key_arns          = ["arn:aws:kms:{region}:{NEW}:key/*"]
  cluster_names         = ["orders"]
  instance_names        = ["orders-*"]
  manages_keys          = true
}}

output "of_{OLD}" {{
  value = data.snapshot_caller_policy.source.json
}}

output "of_{NEW}" {{
  value = data.snapshot_caller_policy.target.json
}}
"""


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_way_passes_with_the_policies_of_snapshot_caller_policy(migration, new_workspace, world, way):
    """As docs/guides/iam.md has them; test_caller_policy_seven_steps.py shows that no action can be left out."""
    names = (["orders-1"] if way.copies else []) + ["orders-final-1"]
    places = {"OLD": OLD, "NEW": NEW, "REGION": REGION, "region": way.region, "shared_in": way.shared_in}
    roles = new_workspace()
    roles.write("main.tf", ROLES.format(names=json.dumps(names), **places))
    roles.apply()
    it = migration(way)
    for account in (OLD, NEW):
        world.aws.identity_policy(account, json.loads(roles.outputs()[f"of_{account}"]), role=ROLE)
    it.write(skip_final_snapshot=False)
    it.workspace.apply()
    assert it.workspace.is_settled()
    it.workspace.destroy()
    assert world.snapshot_names(OLD) == [] and world.snapshot_names(NEW) == ["orders-final-1"]


# ---- Another Region


@pytest.mark.parametrize("via", ["source", "copy"])
def test_one_step_needs_no_other_key_policy_whichever_region_s_rds_uses_the_key(migration, world, via):
    it = migration(ONE_STEP)
    world.aws.settings(one_step_via=via)
    it.workspace.apply()
    it.assert_only_the_chain_of("1")


def test_one_step_that_was_interrupted_while_it_copies_goes_on(migration, world):
    it = migration(ONE_STEP)
    world.copies_take(HOURS)
    running = it.workspace.start("apply", "-json", "-auto-approve")
    world.wait_until(lambda: world.snapshot("orders-shared-1"), "the first copy")
    world.aws.advance(HOURS)
    world.wait_until(lambda: world.snapshot("orders-1", NEW, ELSEWHERE), "the second copy")
    running.interrupt()
    running.wait()
    assert it.workspace.state()[SECOND]["status"] == "copying"
    world.finish_copies()
    it.workspace.apply()
    it.assert_only_the_chain_of("1")
    assert len(world.copies_made()) == 2 and it.workspace.is_settled()


def takes_two_steps_from_now_on(it):
    """As the README says it."""
    (command,) = (c for c in commands(README) if c.endswith("aws_kms_alias.source"))
    it.workspace.run(*shlex.split(command)[1:])
    return Migration(it.workspace, it.world, TWO_STEPS)


def regions_of_old_keys(world):
    return [k["region"] for k in world.aws.keys(OLD) if k["manager"] == "CUSTOMER" and k["state"] == "Enabled"]


def test_where_rds_refuses_one_step_the_error_names_the_variable_that_helps(migration, world):
    it = migration(ONE_STEP)
    world.aws.settings(one_step="refuse")
    it.workspace.apply(ok=False).assert_error("copy_across_regions_first = true", OLD, ELSEWHERE)
    assert world.cluster("orders") is None

    two_steps = takes_two_steps_from_now_on(it)
    world.allow_delete("orders-shared-1")
    two_steps.workspace.apply()
    assert two_steps.workspace.is_settled()
    two_steps.assert_only_the_chain_of("1")
    assert len(world.calls("CreateDBClusterSnapshot")) == 1
    assert world.cluster("orders")["status"] == "available"
    assert regions_of_old_keys(world) == [REGION, ELSEWHERE]


def test_two_steps_after_a_second_copy_need_another_take(migration, world):
    it = migration(ONE_STEP)
    it.workspace.apply()
    cluster = world.cluster("orders")
    two_steps = takes_two_steps_from_now_on(it)
    two_steps.write(take='"2"')
    two_steps.workspace.apply()
    assert two_steps.workspace.is_settled()
    two_steps.assert_only_the_chain_of("2")
    assert world.cluster("orders") == cluster
    assert regions_of_old_keys(world) == [REGION, ELSEWHERE]


@pytest.mark.parametrize(
    "way, changes, words",
    [
        (ONE_STEP, {"copy_across_regions_first": True}, ("aws.source_key", f"made in {ELSEWHERE}")),
        (TWO_STEPS, {"copy_across_regions_first": False}, ("aws.source_key", f"made in {REGION}")),
        (ONE_STEP, {"source_region": "null"}, ("set source_region",)),
        (ONE_STEP, {"source_region": '"us-east-1"'}, ("Set source_region", snapshot_arn("orders-1"))),
        (SAME_REGION, {"region": f'"{ELSEWHERE}"'}, (f"goes to {ELSEWHERE}", "aws.target", f"aws:kms:{REGION}:{NEW}")),
    ],
)
def test_regions_that_do_not_fit_together_are_an_error_before_anything_is_copied(migration, world, way, changes, words):
    it = migration(way)
    it.write(**changes)
    it.workspace.apply(ok=False).assert_error(*words)
    assert world.copies_made() == [] or changes.keys() == {"region"}
    assert world.aws.clusters(NEW) == []


def test_a_direct_restore_in_another_region_than_the_shared_copy_is_an_error_at_plan(migration):
    it = migration(ONE_STEP)
    it.write(copy_before_restore=False)
    it.workspace.plan(ok=False).assert_error(f"is in {REGION}", f"region is {ELSEWHERE}")


# ---- The restored cluster


@pytest.mark.parametrize("how", ["destroy", "restore = false", "replace"])
def test_protection_keeps_the_cluster_and_not_its_instances(migration, world, how):
    """As the README and troubleshooting say it; the next apply makes the instances again."""
    it = migration(SAME_REGION)
    it.write(deletion_protection=True)
    it.workspace.apply()
    cluster = world.cluster("orders")
    if how == "restore = false":
        it.write(restore=False)
    how_to = {"destroy": ("destroy",), "replace": ("apply", f"-replace={CLUSTER}")}
    command, *more = how_to.get(how, ("apply",))
    getattr(it.workspace, command)(*more, ok=False).assert_error("Cannot delete protected Cluster")
    assert world.cluster("orders") == cluster and world.aws.instances(NEW) == []
    assert world.snapshot_names(NEW) == ["orders-1"]

    it.write(restore=True)
    planned = it.workspace.plan().actions
    assert planned.pop(f"{MODULE_ADDRESS}aws_rds_cluster_instance.restored[0]") == "create" and CLUSTER not in planned
    it.workspace.apply()
    assert it.workspace.is_settled() and world.cluster("orders") == cluster


def test_the_engine_and_the_subnet_group_of_a_restored_cluster_do_not_replace_it(migration):
    it = migration(SAME_REGION)
    it.workspace.apply()
    it.write(engine='"aurora-postgresql"', db_subnet_group_name='"other"')
    assert it.workspace.is_settled()
    it.workspace.plan(f"-replace={CLUSTER}")
    restored = it.workspace.planned(CLUSTER)["after"]
    assert (restored["engine"], restored["db_subnet_group_name"]) == ("aurora-postgresql", "other")
    it.write(name='"sales"')
    assert it.workspace.plan().actions[CLUSTER] == "replace"


def test_where_rds_refuses_the_first_copy_a_cluster_with_a_key_is_the_source(migration, world):
    it = migration(SAME_REGION, kms_key_id=None)
    world.aws.settings(unencrypted_copy="refuse")
    it.workspace.apply(ok=False).assert_error("Restore a cluster from it with a key")
    key = world.accounts[OLD].client("kms", REGION).create_key()["KeyMetadata"]["Arn"]
    world.aws.add_cluster(OLD, REGION, "orders-with-key", engine="aurora-mysql", kms_key_id=key)
    it.write(source_cluster_identifier='"orders-with-key"', take='"2"')
    it.workspace.apply()
    it.assert_only_the_chain_of("2")
    assert it.workspace.is_settled() and world.cluster("orders")["status"] == "available"


def test_a_reader_can_be_added_later_in_place(migration, world):
    it = migration(SAME_REGION)
    it.workspace.apply()
    it.write(reader_account_ids=json.dumps([OPERATOR]))
    planned = it.workspace.plan()
    assert set(planned.actions.values()) == {"update"}
    planned.assert_warning("Unless that has changed by then", OPERATOR)
    it.workspace.apply()
    assert it.workspace.is_settled() and len(world.copies_made()) == 2
    assert world.snapshot("orders-shared-1")["shared_with"] == [NEW, OPERATOR]


# ---- Restored from the shared copy


@pytest.fixture
def direct(migration):
    return migration(DIRECT)


def test_after_the_direct_restore_the_cluster_needs_nothing_of_the_old_account(direct, world):
    direct.workspace.apply()
    cluster = world.cluster("orders")
    addresses = [CLUSTER, *(f"{MODULE_ADDRESS}{a}" for a in
                 ("aws_rds_cluster_instance.restored[0]", "aws_kms_key.target", "aws_kms_alias.target"))]  # fmt: skip
    direct.workspace.run("state", "rm", *addresses)
    direct.workspace.destroy()
    assert world.snapshot_names(OLD) == [] and set(direct.keys) == {NEW}
    assert world.cluster("orders") == cluster


def test_the_second_copy_can_be_made_after_the_direct_restore(direct, world):
    direct.workspace.apply()
    cluster = world.cluster("orders")
    direct.write(copy_before_restore=True)
    assert direct.workspace.plan().actions == {SECOND: "create"}
    direct.workspace.apply()
    assert world.snapshot("orders-1", NEW)["status"] == "available" and world.cluster("orders") == cluster
    direct.write(copy_before_restore=False)
    world.allow_delete("orders-1")
    direct.workspace.apply()
    assert world.cluster("orders") == cluster and direct.workspace.is_settled()
    assert world.snapshot_names(NEW) == []


def test_a_second_copy_under_way_is_deleted_without_copy_before_restore(migration, world):
    it = migration(SAME_REGION)
    world.copies_take(HOURS)
    running = it.workspace.start("apply", "-json", "-auto-approve")
    world.wait_until(lambda: world.snapshot("orders-shared-1"), "the first copy")
    world.aws.advance(HOURS)
    world.wait_until(lambda: world.snapshot("orders-1", NEW), "the second copy")
    running.interrupt()
    running.wait()
    it.write(copy_before_restore=False)
    it.workspace.apply()
    assert world.snapshot_names(NEW) == [] and it.workspace.is_settled()
    assert world.cluster("orders")["snapshot_arn"] == DIRECT.restored_from(1)


def test_the_second_copy_stays_without_copy_before_restore_if_it_was_retained_before(migration, world):
    it = migration(SAME_REGION)
    it.write(deletion_policy='"retain"')
    it.workspace.apply()
    it.write(copy_before_restore=False)
    it.workspace.apply()
    assert world.snapshot_names(NEW) == ["orders-1"] and it.workspace.is_settled()


@pytest.mark.parametrize("address", [SHARE, FIRST])
def test_replaced_in_the_direct_way_the_access_stays_and_nothing_is_copied(direct, world, address):
    direct.workspace.apply()
    cluster, after = world.cluster("orders"), world.aws.last_call()
    direct.workspace.apply(f"-replace={address}")
    assert world.copies_made(after=after) == [] and world.cluster("orders") == cluster
    direct.assert_only_the_chain_of("1")
    assert direct.workspace.is_settled()


def test_a_direct_restore_that_was_interrupted_is_kept_by_untaint(direct, world):
    world.aws.settings(restore_seconds=HOURS)
    running = direct.workspace.start("apply", "-json", "-auto-approve")
    world.wait_until(lambda: world.cluster("orders"), "the restore")
    running.interrupt()
    assert not running.wait().ok
    direct.assert_only_the_chain_of("1")
    assert direct.workspace.state()[CLUSTER].tainted
    world.aws.advance(HOURS)
    direct.workspace.run("untaint", CLUSTER)
    assert set(direct.workspace.plan().actions) == {f"{MODULE_ADDRESS}aws_rds_cluster_instance.restored[0]"}
    direct.workspace.apply()
    assert direct.workspace.is_settled()


def test_a_direct_take_interrupted_while_it_copies_goes_on_and_keeps_the_first_chain(direct, world):
    direct.workspace.apply()
    cluster = world.cluster("orders")
    direct.write(take='"2"')
    world.copies_take(HOURS)
    running = direct.workspace.start("apply", "-json", "-auto-approve")
    world.wait_until(lambda: world.snapshot("orders-shared-2"), "the first copy")
    running.interrupt()
    running.wait()
    assert world.snapshot("orders-shared-1")["shared_with"] == [NEW]
    world.finish_copies()
    direct.workspace.apply()
    direct.assert_only_the_chain_of("2")
    assert world.cluster("orders") == cluster and direct.workspace.is_settled()


def test_a_share_that_is_visible_late_ends_a_direct_restore_and_the_next_apply_goes_on(direct, world):
    """hashicorp/aws does not wait for it; a copy does."""
    world.aws.settings(share_visible_seconds=HOURS)
    direct.workspace.apply(ok=False).assert_error("DBClusterSnapshotNotFound", "orders-shared-1")
    world.aws.advance(HOURS)
    direct.workspace.apply()
    direct.assert_only_the_chain_of("1")
    assert len(world.copies_made()) == 1 and world.cluster("orders")["status"] == "available"


@pytest.mark.parametrize("actions", ["documented", "minimal"])
def test_a_direct_restore_uses_the_old_account_s_key(direct, world, actions):
    """With the key's policy closed, RDS refuses it, and the next apply goes on."""
    world.aws.settings(reader_actions=actions)
    world.aws.fault("RestoreDBClusterFromSnapshot", "error", code="Busy")
    direct.workspace.apply(ok=False)
    key, _ = direct.keys[OLD]
    policy = next(k["policy"] for k in world.aws.keys() if k["arn"] == key)
    closed = {**policy, "Statement": [s for s in policy["Statement"] if NEW not in str(s["Principal"])]}
    world.aws.change_key(key, policy=closed)
    direct.workspace.apply("-refresh=false", ok=False).assert_error("KMSKeyNotAccessible", "source snapshot")
    direct.workspace.apply()
    assert world.cluster("orders")["status"] == "available"


@pytest.mark.parametrize("lifecycle", ["create_before_destroy = true", "create_before_destroy = false"])
def test_without_a_second_copy_the_guide_s_share_decides_the_order(new_workspace, world, lifecycle):
    """docs/guides/migration.md, without the block of the second copy."""
    world.add_source_cluster()
    workspace = new_workspace(OPERATOR)
    text = configuration(DOCS / "guides" / "migration.md", 1).replace("create_before_destroy = true", lifecycle)
    text = without_blocks(text, 'resource "snapshot_reencrypt_copy" "new"')
    workspace.write("main.tf", text)
    workspace.apply()
    cluster = world.cluster("orders")
    assert cluster["snapshot_arn"] == snapshot_arn("orders-shared-1")
    workspace.write("main.tf", text.replace('default = "1"', 'default = "2"'))
    if lifecycle.endswith("false"):
        workspace.apply(ok=False).assert_error("create_before_destroy = true")
        assert world.snapshot("orders-shared-1")["status"] == "available"
        return
    workspace.apply()
    assert world.cluster("orders") == cluster and workspace.is_settled()
    assert world.snapshot_names(OLD) == ["orders-2", "orders-shared-2"]


# ---- What each way costs

MINUTES = {"create": 10, "copy": 30, "restore": 15, "instance": 5}


@pytest.mark.long
@pytest.mark.parametrize("name", WAYS)
def test_calls_and_time_of_a_way(migration, world, show, name):
    way = WAYS[name]
    it = migration(way)
    world.aws.settings(**{f"{what}_seconds": 60 * minutes for what, minutes in MINUTES.items()})
    before = datetime.fromisoformat(world.aws.advance(0))
    it.workspace.apply(limit=600)
    minutes = (datetime.fromisoformat(world.aws.advance(0)) - before).total_seconds() / 60
    ours = [c for c in world.aws.calls() if OURS in (c["user_agent"] or "")]
    changing = [c for c in ours if not c["operation"].startswith(("Describe", "List", "Get", "Assume"))]
    copies = len(world.copies_made())
    show([f"{name}: {len(ours)} calls of the provider, {len(changing)} of them change something; "
          f"full copies: {copies}; keys: {len(it.keys)}; {minutes:.0f} simulated minutes {MINUTES}"])  # fmt: skip
    assert copies == (2 if way.copies else 1) and len(it.keys) == 2
    work = sum(MINUTES.values()) + MINUTES["copy"] * (copies - 1)
    assert work <= minutes < work + 15
