# SPDX-License-Identifier: MPL-2.0
"""docs/guides/long-copies.md, done: each section's situation is brought about, and harness/reader.py does what the
section says."""

import re
import time
from pathlib import Path

import pytest
from conftest import FAILED
from harness.pages import configuration, first_column
from harness.reader import Reader, sections_to_do_or_see
from harness.sandbox import ROOT, processes_of
from harness.sources import code, sources, warnings
from harness.world import NEW, OLD, REGION, snapshot_arn

PAGE = ROOT / "docs" / "guides" / "long-copies.md"
ADDRESS = "snapshot_reencrypt_copy.shared"
SHARE = "snapshot_share.new_account"
ARN = snapshot_arn("orders-shared")
ADMITS_BOTH = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": [f"arn:aws:iam::{account}:root" for account in (OLD, NEW)]},
            "Action": "kms:*",
            "Resource": "*",
        }
    ],
}


class ReaderOfLongCopies(Reader):
    def starts_applying(self, **environment):
        return self.starts("terraform apply", **environment)

    def until_copying(self):
        before = looks_at(self.world, "orders-shared")
        running = self.starts_applying()
        # The first looks whether it is there; those after the Copy call wait for it.
        self.world.wait_until(
            lambda: self.copy() and looks_at(self.world, "orders-shared") >= before + 3, "the wait for the copy"
        )
        return running

    def copy(self):
        return self.world.snapshot("orders-shared")


def looks_at(world, name):
    calls = world.calls("DescribeDBClusterSnapshots")
    return sum(c["parameters"].get("DBClusterSnapshotIdentifier") == name for c in calls)


@pytest.fixture
def reader(new_workspace, world, request):
    """With the guide's configuration, and nothing applied; copies take two hours."""
    world.aws.add_key(OLD, REGION, alias="alias/orders-migration", policy=ADMITS_BOTH)
    world.aws.add_snapshot(OLD, REGION, "orders-before-move")
    world.copies_take(2 * 3600)
    workspace = new_workspace(OLD)
    workspace.write("main.tf", configuration(PAGE))
    reader = ReaderOfLongCopies(PAGE, workspace, world, {None: world.accounts[OLD]})
    yield reader
    if not request.node.stash.get(FAILED, False):
        assert not reader.left_to_do and not reader.left_to_see, "all of the section is gone through"


def assert_done(reader, copies=1):
    """All is made, once, and the next plan is empty."""
    assert reader.copy()["status"] == "available"
    assert reader.copy()["shared_with"] == [NEW]
    assert len(reader.world.copies_made()) == copies
    assert {ADDRESS, SHARE} <= set(reader.workspace.state())
    assert reader.workspace.is_settled()


def assert_not_in_state(reader):
    assert ADDRESS not in reader.workspace.state()
    assert reader.copy()["status"] == "copying"


def limit(reader, text):
    change(reader, f"timeouts {{\n    {text}\n  }}")


def change(reader, text):
    """Of the copy, over what the guide has."""
    reader.workspace.write("override.tf", f'resource "snapshot_reencrypt_copy" "shared" {{\n  {text}\n}}\n')


# ---- Section by section --------------------------------------------------------


def test_how_far_is_it(reader):
    reader.opens("How far is it?")
    running = reader.starts_applying(TF_LOG_PROVIDER="INFO")
    reader.world.wait_until(reader.copy, "the copy")
    reader.world.aws.advance(3600)
    status, percent = reader.does()
    assert status == "copying" and 40 < percent < 70
    time.sleep(1.5)
    running.interrupt()
    reader.sees(running.wait())
    reader.assert_quoted()


def test_interrupted_once(reader):
    """Before there is a copy; then while it is made; then on."""
    reader.opens("Ctrl-C, once")
    reader.world.aws.change_snapshot(snapshot_arn("orders-before-move"), status="creating")
    running = reader.starts_applying(TF_SNAPSHOT_TIME_SCALE="1")  # so that it is met between two looks
    reader.world.wait_until(lambda: looks_at(reader.world, "orders-before-move") >= 2, "the wait for the source")
    time.sleep(0.3)
    running.interrupt()
    reader.sees(running.wait())
    assert reader.copy() is None and ADDRESS not in reader.workspace.state()
    reader.world.aws.change_snapshot(snapshot_arn("orders-before-move"), status=None)

    running = reader.until_copying()
    running.interrupt()
    reader.sees(running.wait())
    copy = reader.workspace.state()[ADDRESS]
    assert copy["status"] == "copying" and not copy.tainted and SHARE not in reader.workspace.state()
    reader.does(0)
    reader.world.finish_copies()
    reader.does(1)
    reader.assert_quoted()
    assert_done(reader)


def test_interrupted_twice(reader, sandbox):
    reader.opens("Ctrl-C, twice")
    held = reader.world.aws.fault("CopyDBClusterSnapshot", "hold", seconds=60)
    running = reader.starts_applying()
    reader.world.aws.wait_until_held(held, 30)
    running.interrupt()
    time.sleep(0.5)
    running.interrupt()
    reader.sees(running.wait())
    assert_not_in_state(reader)
    reader.world.wait_until(lambda: not processes_of(sandbox.folder), "the end of the provider")
    reader.world.aws.release(held)
    reader.world.finish_copies()
    reader.does()
    reader.assert_quoted()
    assert_done(reader)


def test_time_limit(reader):
    reader.opens("The time limit")
    limit(reader, 'create = "1m"')
    reader.runs("terraform apply", ok=False)
    assert_not_in_state(reader)
    reader.world.finish_copies()
    reader.does()
    reader.assert_quoted()
    assert_done(reader)


def test_dead(reader, sandbox):
    reader.opens("Terraform or the machine dies")
    running = reader.until_copying()
    running.kill()
    running.wait()
    assert_not_in_state(reader)
    reader.world.wait_until(lambda: not processes_of(sandbox.folder), "the end of the provider")
    reader.world.finish_copies()
    reader.does()
    assert_done(reader)


def test_expired(reader):
    reader.opens("Credentials that expire")
    keys = keys_of_a_session(reader.world)
    lasting = dict(reader.workspace.environment)
    reader.workspace.environment |= keys
    running = reader.until_copying()
    reader.world.aws.expire_credentials()
    reader.sees(running.wait())
    assert_not_in_state(reader)
    reader.workspace.environment = lasting
    reader.world.finish_copies()
    reader.does()
    reader.assert_quoted()
    assert_done(reader)


def keys_of_a_session(world):
    given = world.accounts[OLD].client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{OLD}:role/snapshot-migration", RoleSessionName="at-the-keyboard"
    )["Credentials"]  # fmt: skip
    return {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }


def test_set_up_that_is_refreshed(reader, world, sandbox):
    """The section's own provider block, through the end of the role's session."""
    keys = world.accounts[OLD]
    (sandbox.home / "aws-credentials").write_text(
        f"[base]\naws_access_key_id = {keys.access_key}\naws_secret_access_key = {keys.secret_key}\n"
    )
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        del reader.workspace.environment[name]
    reader.workspace.write("main.tf", configuration(PAGE, 1))
    running = reader.until_copying()
    assert world.aws.expire_credentials()
    time.sleep(1)
    world.finish_copies()
    outcome = running.wait()
    assert outcome.ok, outcome
    assert "cannot be refreshed" not in outcome.out
    assert_done(reader)


def test_lost_state(reader):
    """Then it reappears; then it is lost again, and the configuration has changed."""
    reader.opens("The state is lost")
    reader.world.finish_copies()
    reader.workspace.apply()
    path = reader.workspace.folder / "terraform.tfstate"
    before, old_state = reader.workspace.state()[ADDRESS], path.read_text()
    path.unlink()
    reader.does()
    assert reader.workspace.state()[ADDRESS]["snapshot_create_time"] == before["snapshot_create_time"]
    assert_done(reader)

    path.write_text(old_state)
    reader.runs("terraform plan")

    path.unlink()
    reader.world.aws.add_snapshot(OLD, REGION, "orders-other")
    reader.workspace.write("main.tf", configuration(PAGE).replace('"orders-before-move"', '"orders-other"'))
    reader.runs("terraform apply", ok=False)
    assert reader.copy()["status"] == "available"
    reader.assert_quoted()


def test_lost_state_of_an_unfinished_copy(reader):
    running = reader.until_copying()
    running.interrupt()
    running.wait()
    before = reader.workspace.state()[ADDRESS]
    reader.workspace.remove("terraform.tfstate")
    reader.world.finish_copies()
    reader.runs("terraform apply")
    assert reader.workspace.state()[ADDRESS]["snapshot_create_time"] == before["snapshot_create_time"]
    assert_done(reader)


def test_state_that_reappears_destroys_nothing(reader):
    reader.world.finish_copies()
    reader.workspace.apply()
    old_state = (reader.workspace.folder / "terraform.tfstate").read_text()
    reader.workspace.remove("terraform.tfstate")
    reader.workspace.apply()
    reader.workspace.write("terraform.tfstate", old_state)
    reader.runs(f"terraform destroy -target={ADDRESS}")
    assert reader.copy()["status"] == "available"


def test_import_by_hand(reader):
    reader.opens("Import by hand")
    running = reader.until_copying()
    running.kill()
    running.wait()
    reader.world.finish_copies()
    after = reader.world.aws.last_call()
    reader.does(0)
    planned = reader.workspace.plan()
    assert planned.actions == {ADDRESS: "update", SHARE: "create"}
    reader.does(1)
    assert not [c for c in reader.world.aws.calls(after=after) if "Copy" in c["operation"] or "Tags" in c["operation"]]
    assert_done(reader)


@pytest.mark.host("1.5")
def test_import_by_a_block_of_a_copy_made_by_hand(reader, world):
    key = next(k["arn"] for k in world.aws.keys(OLD) if "alias/orders-migration" in k["aliases"])
    world.copies_take(0)
    rds = world.accounts[OLD].client("rds", REGION)
    rds.copy_db_cluster_snapshot(
        SourceDBClusterSnapshotIdentifier="orders-before-move",
        TargetDBClusterSnapshotIdentifier="orders-shared",
        KmsKeyId="alias/orders-migration",
    )
    reader.workspace.write("main.tf", configuration(PAGE, 2))
    reader.workspace.apply()
    assert reader.workspace.state()[ADDRESS]["kms_key_arn"] == key
    assert len(world.copies_made()) == 1 and reader.workspace.is_settled()


def test_cancel(reader):
    reader.opens("Cancel a copy")
    running = reader.until_copying()
    running.interrupt()
    running.wait()
    in_aws, destroy = range(2)
    reader.does(destroy)
    assert reader.copy() is None and ADDRESS not in reader.workspace.state()

    reader.world.aws.settings(delete_seconds=60)
    running = reader.until_copying()
    reader.does(in_aws)
    outcome = reader.sees(running.wait())
    assert not outcome.ok
    assert len(reader.world.copies_made()) == 2, "one before, one of this apply"
    reader.assert_quoted()


def test_cancelled_in_aws_while_it_is_in_the_state(reader):
    running = reader.until_copying()
    running.interrupt()
    running.wait()
    reader.world.aws.remove_snapshot(ARN)
    assert reader.workspace.plan().actions == {ADDRESS: "create", SHARE: "create"}
    reader.world.finish_copies()
    reader.runs("terraform apply")
    assert_done(reader, copies=2)


def test_left_behind(reader, world):
    reader.opens("What is left behind?")
    world.finish_copies()
    clusters, instances = range(2)
    assert reader.does(clusters) == [] and reader.does(instances) == []
    reader.workspace.apply()
    assert reader.does(clusters) == [["orders-shared", "available"]]
    assert reader.does(instances) == []
    key = world.aws.add_key(OLD, REGION)
    world.aws.add_snapshot(OLD, REGION, "one", kind="instance")
    reader.workspace.write(
        "instance.tf",
        'resource "snapshot_reencrypt_copy" "instance" {\n  snapshot_kind = "instance"\n'
        f'  source_snapshot_identifier = "one"\n  target_snapshot_identifier = "other"\n  kms_key_id = "{key}"\n}}\n',
    )
    reader.workspace.apply()
    assert reader.does(instances) == [["other", "available"]]
    change(reader, 'deletion_policy = "retain"')
    reader.workspace.apply()
    reader.workspace.destroy()
    assert reader.does(clusters) == [["orders-shared", "available"]] and reader.does(instances) == []


# ---- The page as a whole -------------------------------------------------------


def messages():
    return first_column(PAGE, "## What the messages mean")


def test_each_message_explained_is_one_that_is_given():
    said = "".join(code(path) for path in sources("plugin/snapshot"))
    for message in messages():
        assert message in said, message


APPLY = ("hooks", "inputs", "takeover", "removal", "clearing", "outcome")
OF_AN_APPLY = [*(f"copy/apply/{name}.c" for name in APPLY), "copy/resource.c", "share/resource.c", "share/change.c"]


@pytest.mark.parametrize("name", OF_AN_APPLY)
def test_each_warning_of_an_apply_is_explained(name):
    given = warnings(ROOT / "plugin" / "snapshot" / name)
    assert given and given <= set(messages())


def test_each_section_with_something_to_run_or_see_is_gone_through():
    wanted = sections_to_do_or_see(PAGE)
    assert wanted == set(re.findall(r'reader\.opens\("([^"]+)"\)', Path(__file__).read_text()))
