# SPDX-License-Identifier: MPL-2.0
"""docs/guides/new-data.md, done: each section's situation is brought about, and harness/reader.py does what the
section says."""

import re
from pathlib import Path

import pytest
from conftest import FAILED
from harness.pages import DOCS, configuration
from harness.reader import Reader, sections_to_do_or_see
from harness.world import NEW, OLD, OPERATOR, REGION, copy_migration, migration_variables, snapshot_arn

pytestmark = pytest.mark.tenth
PAGE = DOCS / "guides" / "new-data.md"
MIGRATION = DOCS / "guides" / "migration.md"
FIRST, SHARE, SECOND = "snapshot_reencrypt_copy.old", "snapshot_share.new", "snapshot_reencrypt_copy.new"
CLUSTER = "aws_rds_cluster.orders"
AGES = 1000 * 3600


@pytest.fixture
def beginner(new_workspace, world, request):
    """With the migration's configuration, and nothing applied."""
    world.add_source_cluster()
    workspace = new_workspace(OPERATOR)
    workspace.write("main.tf", configuration(MIGRATION))
    reader = Reader(PAGE, workspace, world, {"old": world.accounts[OLD], "new": world.accounts[NEW]})
    yield reader
    if not request.node.stash.get(FAILED, False):
        assert not reader.left_to_do and not reader.left_to_see, "all of the section is gone through"


@pytest.fixture
def reader(beginner):
    """Who has migrated."""
    beginner.workspace.apply()
    return beginner


def changes(reader, text):
    reader.workspace.write("override.tf", text)


def changes_cluster(reader, text):
    changes(reader, f'resource "aws_rds_cluster" "orders" {{\n  {text}\n}}\n')


def changes_copy(reader, text, name="old"):
    changes(reader, f'resource "snapshot_reencrypt_copy" "{name}" {{\n  {text}\n}}\n')


def starts_take_2(reader):
    reader.workspace.write("main.tf", configuration(PAGE))


def assert_settled_with_take(reader, number):
    world = reader.world
    assert reader.workspace.is_settled()
    assert world.snapshot_names(OLD) == [f"orders-{number}", f"orders-shared-{number}"]
    assert f"orders-{number}" in world.snapshot_names(NEW)
    assert world.snapshot(f"orders-shared-{number}")["shared_with"] == [NEW]


def until_it_copies(reader, name, account=OLD):
    running = reader.starts("terraform apply")
    reader.world.wait_until(lambda: reader.world.snapshot(name, account), f"the copy {name}", 60)
    return running


def another_key(reader, account=OLD, side="old"):
    policy = reader.workspace.state()[f"data.snapshot_key_policy.{side}"]["json"]
    return reader.world.aws.add_key(account, REGION, policy=policy)


def copies_since(reader, call):
    return [c["parameters"]["TargetDBClusterSnapshotIdentifier"] for c in reader.world.copies_made(after=call)]


# ---- Section by section --------------------------------------------------------


def test_newer_data(reader, world):
    reader.opens("Move newer data")
    changes_cluster(reader, "deletion_protection = true")
    reader.workspace.apply()
    cluster = world.cluster("orders")
    starts_take_2(reader)
    planned, applied, unprotected, restored, protected = range(5)
    reader.does(planned)
    reader.does(applied)
    assert_settled_with_take(reader, 2)
    assert world.cluster("orders") == cluster
    reader.runs(f"terraform apply -replace={CLUSTER}", ok=False)
    changes_cluster(reader, "deletion_protection = false")
    reader.does(unprotected)
    reader.does(restored)
    reader.assert_quoted()
    changes_cluster(reader, "deletion_protection = true")
    reader.does(protected)
    assert reader.workspace.state()[CLUSTER]["deletion_protection"]
    assert world.cluster("orders")["snapshot_arn"] == snapshot_arn("orders-2", NEW)
    assert world.snapshot_names(NEW) == ["orders-2", "orders-final-1"]
    assert reader.workspace.is_settled()


def test_interrupted_replacement(reader, world):
    """Of the cluster; what is restored by then is kept."""
    reader.opens("After an interrupted replacement")
    starts_take_2(reader)
    reader.workspace.apply()
    world.aws.settings(restore_seconds=AGES)
    running = reader.starts(f"terraform apply -replace={CLUSTER}")
    world.wait_until(lambda: restores(world) == 2, "the restore", 60)
    running.interrupt()
    running.wait()
    world.aws.settings(restore_seconds=0)
    planned, status, untaint, applied = range(4)
    assert "is tainted" in reader.does(planned).out
    assert reader.does(status) == "creating"
    world.aws.advance(AGES)
    assert reader.does(status) == "available"
    reader.does(untaint)
    reader.does(applied)
    assert restores(world) == 2 and world.cluster("orders")["snapshot_arn"] == snapshot_arn("orders-2", NEW)
    assert world.snapshot_names(NEW) == ["orders-2", "orders-final-1"]
    assert reader.workspace.is_settled()


def restores(world):
    return len(world.calls("RestoreDBClusterFromSnapshot"))


@pytest.mark.parametrize("is_repeated", [False, True])
def test_interrupted_replacement_of_the_key(reader, world, is_repeated):
    starts_take_2(reader)
    world.copies_take(AGES)
    running = reader.starts("terraform apply -replace=aws_kms_key.old")
    world.wait_until(lambda: world.snapshot("orders-shared-2"), "the first copy", 60)
    running.interrupt()
    running.wait()
    world.finish_copies()
    world.copies_take(0)
    if is_repeated:
        reader.runs("terraform apply -replace=aws_kms_key.old", ok=False)
        assert "a snapshot never changes" in " ".join(reader.seen.split())
        reader.workspace.set_variables(take="3")
    reader.runs("terraform apply")
    assert_settled_with_take(reader, 3 if is_repeated else 2)


def side_by_side(reader):
    reader.workspace.write("main.tf", configuration(PAGE, 1))
    reader.workspace.set_variables(take="2")


def test_side_by_side(reader, world):
    reader.opens("Old and new cluster side by side")
    cluster, after = world.cluster("orders"), world.aws.last_call()
    side_by_side(reader)
    made, ended = range(2)
    reader.does(made)
    assert_settled_with_take(reader, 2)
    assert world.cluster("orders") == cluster and not world.calls("DeleteDBCluster", after=after)
    assert world.cluster("orders-2")["snapshot_arn"] == snapshot_arn("orders-2", NEW)
    reader.workspace.set_variables(clusters={"2": "orders-2"})
    reader.does(ended)
    reader.assert_quoted()
    assert world.cluster("orders") is None and world.cluster("orders-2")["status"] == "available"
    assert "orders-final-1" in world.snapshot_names(NEW)
    assert reader.workspace.is_settled()


def test_another_key(reader, world):
    """Of the old account, then of the new one."""
    reader.opens("Another key")
    cluster, before = world.cluster("orders"), reader.workspace.state()["aws_kms_key.old"]["arn"]
    starts_take_2(reader)
    replaced, second = range(2)
    reader.does(replaced)
    assert_settled_with_take(reader, 2)
    assert world.snapshot("orders-shared-2")["kms_key_arn"] != before
    assert {k["arn"]: k["state"] for k in world.aws.keys(OLD)}[before] == "PendingDeletion"
    assert world.cluster("orders") == cluster

    reader.workspace.write("main.tf", configuration(PAGE, 2))
    reader.workspace.set_variables(take="3")
    reader.does(second)
    reader.assert_quoted()
    assert_settled_with_take(reader, 3)
    assert world.cluster("orders") == cluster
    key = reader.workspace.state()["aws_kms_key.second"]["arn"]
    assert world.cluster("orders-2")["kms_key_arn"] == world.snapshot("orders-3", NEW)["kms_key_arn"] == key


def test_the_new_account_s_key_replaced_would_replace_the_cluster(reader):
    starts_take_2(reader)
    assert reader.workspace.plan("-replace=aws_kms_key.new").actions[CLUSTER] == "replace"


def test_replaced_under_its_name(reader, world):
    reader.opens("-replace and taint copy nothing")
    after = world.aws.last_call()
    reader.does()
    reader.assert_quoted()
    reader.runs(f"terraform taint {SECOND}")
    reader.runs("terraform apply")
    assert copies_since(reader, after) == []
    assert_settled_with_take(reader, 1)


def test_changed_argument(beginner, world):
    """The first copy is under way: cancelled, it is made with the new key; then that changes again."""
    beginner.opens("A changed source or key is an error")
    world.copies_take(AGES)
    running = until_it_copies(beginner, "orders-shared-1")
    running.interrupt()
    running.wait()
    key = another_key(beginner)
    changes_copy(beginner, f'kms_key_id = "{key}"')
    beginner.runs("terraform plan", ok=False)
    cancel, destroy = range(2)
    assert "To cancel it" in beginner.seen
    beginner.does(cancel)
    world.finish_copies()
    beginner.runs("terraform apply")
    assert world.snapshot("orders-shared-1")["kms_key_arn"] == key

    for argument in (f'kms_key_id = "{another_key(beginner)}"', 'source_snapshot_identifier = "orders-other"'):
        changes_copy(beginner, argument)
        beginner.runs("terraform plan", ok=False)
        beginner.runs("terraform destroy", ok=False)
    assert world.snapshot("orders-shared-1")["status"] == "available"
    beginner.does(destroy)
    beginner.assert_quoted()
    assert world.snapshot_names(OLD) == [] and world.snapshot_names(NEW) == ["orders-final-1"]


def take_again(world):
    world.aws.remove_snapshot(snapshot_arn("orders-1"))
    world.accounts[OLD].client("rds", REGION).create_db_cluster_snapshot(
        DBClusterSnapshotIdentifier="orders-1", DBClusterIdentifier="orders-production"
    )


def test_source_taken_again(reader, world):
    reader.opens("The source was taken again under its old name")
    before = world.snapshot("orders-shared-1")
    take_again(world)
    reader.runs("terraform plan")
    reader.assert_quoted()
    assert reader.workspace.is_settled()
    assert world.snapshot("orders-shared-1") == before
    starts_take_2(reader)
    reader.runs("terraform apply")
    assert_settled_with_take(reader, 2)


def test_source_that_moves_by_itself(reader, world):
    lifecycle = "lifecycle {\n ignore_changes = [source_snapshot_identifier]\n }"
    for latest in ("latest-1", "latest-2"):
        world.aws.add_snapshot(OLD, REGION, latest, source="orders-production")
        changes_copy(reader, f'source_snapshot_identifier = "{latest}"\n {lifecycle}')
        assert reader.workspace.is_settled()
    reader.runs("terraform apply")
    after = world.aws.last_call()
    starts_take_2(reader)
    reader.runs("terraform apply")
    copied = world.copies_made(OLD, after)
    assert [c["parameters"]["SourceDBClusterSnapshotIdentifier"] for c in copied] == ["latest-2"]


def test_value_used_once(reader, world):
    reader.opens("A value of take is used once")
    starts_take_2(reader)
    reader.runs("terraform apply")
    world.aws.add_snapshot(OLD, REGION, "orders-1")
    reader.runs("terraform apply -var take=1", ok=False)
    reader.assert_quoted()
    assert world.snapshot("orders-shared-2")["shared_with"] == [NEW] and world.snapshot("orders-2", NEW)
    world.aws.remove_snapshot(snapshot_arn("orders-1"))
    third, untaint = range(2)
    reader.workspace.set_variables(take="3")
    reader.does(third)
    assert_settled_with_take(reader, 3)

    # The fourth is interrupted while the snapshot is taken.
    world.aws.settings(create_seconds=AGES)
    reader.workspace.set_variables(take="4")
    running = until_it_copies(reader, "orders-4")
    running.interrupt()
    running.wait()
    world.aws.settings(create_seconds=0)
    world.aws.advance(AGES)
    assert "is tainted" in reader.runs("terraform plan").out
    reader.runs("terraform apply", ok=False)
    reader.does(untaint)
    reader.runs("terraform apply")
    assert_settled_with_take(reader, 4)


def test_lost_state(reader, world):
    reader.opens("The whole state is lost")
    cluster, after = world.cluster("orders"), world.aws.last_call()
    reader.workspace.remove("terraform.tfstate")
    reader.runs("terraform apply", ok=False)  # as if nobody had read on
    reader.workspace.remove("terraform.tfstate")
    of_old, of_new, *imports, adopt, plan, write = range(10)
    reader.means = {
        "11111111-aaaa-bbbb-cccc-111111111111": reader.does(of_old).rpartition("key/")[2],
        "22222222-aaaa-bbbb-cccc-222222222222": reader.does(of_new).rpartition("key/")[2],
    }
    for number in imports:
        reader.does(number)
    reader.does(adopt)
    assert copies_since(reader, after) == []
    assert world.cluster("orders") == cluster
    assert_settled_with_take(reader, 1)
    assert reader.workspace.state()[CLUSTER]["final_snapshot_identifier"] is None
    reader.workspace.write("main.tf", configuration(PAGE, 3))
    reader.does(plan)
    reader.assert_quoted()
    reader.does(write)
    assert world.cluster("orders") == cluster
    reader.workspace.write("main.tf", configuration(MIGRATION))
    assert reader.workspace.is_settled()
    reader.runs("terraform destroy")
    assert world.snapshot_names(NEW) == ["orders-final-1"]


def test_lost_state_of_the_module(new_workspace, world):
    world.add_source_cluster()
    workspace = new_workspace(OPERATOR)
    copy_migration(workspace)
    workspace.set_variables(**migration_variables())
    workspace.get()
    reader = Reader(PAGE, workspace, world, {})
    reader.opens("The state of the module is lost")
    workspace.apply()
    cluster, after = world.cluster("orders"), world.aws.last_call()
    state, managed = workspace.state(), set(workspace.managed())
    written = ("11111111-aaaa-bbbb-cccc-111111111111", "22222222-aaaa-bbbb-cccc-222222222222")
    reader.means = {
        text: state[f"module.migration.aws_kms_key.{side}"]["key_id"]
        for text, side in zip(written, ("source", "target"), strict=True)
    }
    workspace.remove("terraform.tfstate")
    reader.does()
    assert not reader.left_to_do and set(workspace.managed()) == managed
    assert copies_since(reader, after) == [] and world.cluster("orders") == cluster
    assert workspace.is_settled()


def test_two_states(reader, world):
    reader.opens("A lost state comes back, or two states hold one copy")
    path = reader.workspace.folder / "terraform.tfstate"
    known = path.read_text()
    reader.runs("terraform state rm aws_rds_cluster_instance.orders aws_rds_cluster.orders")
    lost = path.read_text()
    path.write_text(known)
    for address in (FIRST, SHARE, SECOND):
        reader.workspace.run("state", "rm", address)
    reader.runs("terraform apply")  # adopts
    holding = path.read_text()
    path.write_text(lost)
    assert "Another configuration holds this copy" in reader.runs("terraform plan").out
    reader.runs(f"terraform destroy -target={FIRST}")
    assert world.snapshot("orders-shared-1")["status"] == "available"
    assert world.snapshot("orders-shared-1")["shared_with"] == []
    path.write_text(holding)
    repair, remove = range(2)
    reader.does(repair)
    assert_settled_with_take(reader, 1)

    reader.does(remove)
    reader.workspace.import_(FIRST, snapshot_arn("orders-shared-1"))
    path.write_text(holding)
    reader.runs(f"terraform destroy -target={FIRST}")
    assert world.snapshot("orders-shared-1") is None, "two have imported it: one destroys it for both"


def test_provider_of_another_account(reader, world):
    changes_copy(reader, "provider = snapshot.new")
    for command in ("plan", "destroy"):
        reader.runs(f"terraform {command}", ok=False)
    assert OLD in reader.seen and NEW in reader.seen
    assert world.snapshot("orders-shared-1")["status"] == "available" and FIRST in reader.workspace.state()


def test_interrupted_twice(reader, world):
    reader.opens("Ctrl-C twice")
    starts_take_2(reader)
    folder = reader.workspace.folder
    held = world.aws.fault("CopyDBClusterSnapshot", "hold", seconds=60, match="orders-shared-2")
    running = reader.starts("terraform apply")
    world.aws.wait_until_held(held, 60)
    running.interrupt()
    running.interrupt()
    running.wait()
    world.aws.release(held)
    # The file is empty as often as not: here it always is.
    state = folder / "terraform.tfstate"
    written = state.read_text()
    state.write_text("")
    backup = folder / "terraform.tfstate.backup"
    assert backup.read_text() != written
    state.write_text(backup.read_text())
    outcome = reader.runs("terraform apply", ok=None)
    if "already exists" in outcome.err:
        reader.runs("terraform state rm aws_db_cluster_snapshot.taken")
        reader.workspace.import_("aws_db_cluster_snapshot.taken", "orders-2")
    reader.does()
    assert reader.workspace.is_settled()


def test_left_behind(reader, world):
    reader.opens("What stays behind")
    changes_copy(reader, 'deletion_policy = "retain"')
    reader.workspace.apply()
    reader.workspace.destroy()
    of_old, of_new, accounts, delete = range(4)
    assert reader.does(of_old) == [["orders-shared-1", "available"]]
    assert reader.does(of_new) == [["orders-final-1", "available"]]
    assert "restore" in str(reader.does(accounts))
    reader.does(delete)
    assert world.snapshot_names(NEW) == []


def test_each_section_with_something_to_run_or_see_is_gone_through():
    opened = set(re.findall(r'\.opens\("([^"]+)"\)', Path(__file__).read_text()))
    assert opened == sections_to_do_or_see(PAGE)
