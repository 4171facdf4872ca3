# SPDX-License-Identifier: MPL-2.0
"""Two AWS accounts with something to move, in the imitation of tests/simulator."""

import copy
import json
import re
import subprocess
import sys
import time
from dataclasses import replace

from .sandbox import EXAMPLES, ROOT

sys.path.insert(0, str(ROOT / "tests" / "simulator"))
from client import Simulator

OLD = "111122223333"  # the account to leave
NEW = "444455556666"  # the account to move to
OPERATOR = "777788889999"  # where the person at the keyboard belongs, with a role in each
ROLE = "snapshot-migration"
REGION = "eu-central-1"
CLUSTER = "orders-production"
ENGINE_VERSION = "8.0.mysql_aurora.3.05.2"
MODULE = EXAMPLES / "modules" / "aurora-account-migration"

LOST_IN_FORKS = []  # what lost_copies() of those said that have ended

# A key policy that stands in nobody's way.
ANYBODY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}],
}
# One that lets in the old account alone.
_ROOT = {"AWS": f"arn:aws:iam::{OLD}:root"}
OWNER_ALONE = {
    **ANYBODY,
    "Statement": [{"Effect": "Allow", "Principal": _ROOT, "Action": "kms:*", "Resource": "*"}],
}


def start_simulator(sandbox, python, time_scale):
    """It ends with us unless it is told to stay."""
    with (sandbox.folder / "simulator.log").open("wb") as log:
        process = subprocess.Popen(
            [str(python), str(ROOT / "tests" / "simulator"), "--time-scale", str(time_scale), "--exit-with-stdin"],
            env=sandbox.environment(PYTHONDONTWRITEBYTECODE="1"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    try:
        line = process.stdout.readline()
    except BaseException:
        process.kill()
        process.wait()
        raise
    if not line:
        raise SystemExit(f"The imitation of AWS did not start:\n{(sandbox.folder / 'simulator.log').read_text()}")
    return Simulator(json.loads(line)["url"], process)


def snapshot_arn(name, account=OLD, region=REGION, kind="cluster"):
    noun = "cluster-snapshot" if kind == "cluster" else "snapshot"
    return f"arn:aws:rds:{region}:{account}:{noun}:{name}"


class World:
    def __init__(self, simulator, time_scale):
        self.aws = simulator
        self.time_scale = time_scale
        self.reset()

    def reset(self):
        self.aws.clear_faults()  # also lets go of what is held
        self.aws.reset()
        self.aws.settings(time_scale=self.time_scale)
        self._lost = 0  # lost copies that were asked for
        self.accounts = {id: self.aws.account(id) for id in (OLD, NEW, OPERATOR)}

    def fork(self):
        """The same accounts and keys in an imitation that begins as a copy of this one."""
        other = copy.copy(self)
        other.aws = self.aws.fork()
        other.accounts = {id: replace(account, simulator=other.aws) for id, account in self.accounts.items()}
        return other

    def end(self):
        """Of a fork."""
        LOST_IN_FORKS.extend(self.lost_copies())
        self.aws.stop()

    def add_source_cluster(self, kms_key_id="aws/rds", **fields):
        """An Aurora cluster in the old account, under aws/rds unless told otherwise; its ARN."""
        return self.aws.add_cluster(
            OLD, REGION, CLUSTER, engine="aurora-mysql", engine_version=ENGINE_VERSION, kms_key_id=kms_key_id, **fields
        )

    def environment(self, account=OPERATOR, time_scale=None):
        """What points both providers at this world, as `account`."""
        keys, scale = self.accounts[account], str(time_scale or self.time_scale)
        return {
            "AWS_ACCESS_KEY_ID": keys.access_key,
            "AWS_SECRET_ACCESS_KEY": keys.secret_key,
            **{f"AWS_ENDPOINT_URL_{service}": self.aws.url for service in ("RDS", "KMS", "STS", "IAM")},
            "TF_SNAPSHOT_TIME_SCALE": scale,
            "TF_AWS_TIME_SCALE": scale,
        }

    def session_keys(self, account=OLD):
        """Environment with the keys of a session, as a login in a browser leaves them."""
        sts = self.accounts[account].client("sts")
        made = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/{ROLE}", RoleSessionName="by-hand")["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": made["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"],
            "AWS_SESSION_TOKEN": made["SessionToken"],
        }

    # ---- Looking

    def snapshot(self, name, account=OLD, region=REGION, kind="cluster"):
        return self.aws.snapshot(snapshot_arn(name, account, region, kind))

    def snapshot_names(self, account):
        return sorted(s["identifier"] for s in self.aws.snapshots(account))

    def cluster(self, identifier, account=NEW):
        return next((c for c in self.aws.clusters(account) if c["identifier"] == identifier), None)

    def copies_made(self, account=None, after=0):
        """Calls that copied and were answered well."""
        return self.calls("CopyDBClusterSnapshot", account, after) + self.calls("CopyDBSnapshot", account, after)

    def calls(self, operation, account=None, after=0):
        return [
            c
            for c in self.aws.calls(operation, after)
            if account in (None, c["account_id"]) and c["status"] is not None and c["status"] < 300
        ]

    def lost_copies(self):
        """Those that nobody has asked for yet, in words. A test that has any fails."""
        lost = self.aws.lost_copies()
        asked, self._lost = self._lost, len(lost)
        return [
            f"{it['arn']} was deleted while it was available, and no later copy took its place: "
            f"call {it['call']}, {it['operation']} by {it['caller_arn']}"
            for it in lost[asked:]
        ]

    def wait_until(self, condition, what, seconds=20):
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"{what}: not within {seconds} s")
            time.sleep(0.05)

    # ---- Acting

    def allow_delete(self, name, later=False):
        """The next command may delete the copies of this name, or the one of this ARN: the test's order. With `later`
        also one that it makes itself."""
        self.aws.allow_delete(name, later)

    def allow_delete_of(self, arns):
        """Of those of them that there are."""
        for snapshot in self.aws.snapshots():
            if snapshot["arn"] in arns:
                self.allow_delete(snapshot["arn"])

    def has_room(self, count):
        """For so many snapshots in an account and Region, and for as many copies at a time."""
        self.aws.settings(max_manual_snapshots=count, copy_slots={"cluster": count, "instance": count})

    def copies_take(self, seconds):
        """Simulated seconds that each later copy takes."""
        self.aws.settings(copy_seconds=seconds)

    def finish_copies(self):
        """What is being copied is available now; later copies are at once."""
        self.aws.settings(copy_seconds=0)
        self.aws.advance(100 * 24 * 3600)


def copy_migration(workspace):
    """The example as a user has it: its module beside it."""
    workspace.copy_from(EXAMPLES / "cross-account-migration")
    link_modules(workspace)


def link_modules(workspace):
    """Where examples look for them: ../modules."""
    modules = workspace.folder.parent / "modules"
    if not modules.exists():
        modules.symlink_to(EXAMPLES / "modules")


def copy_flat_migration(workspace):
    """The same seven steps as the module has them, in the root: no init, and short addresses."""
    for name in ("versions", "providers", "variables"):
        workspace.copy_from(EXAMPLES / "cross-account-migration", f"{name}.tf")
    for name in ("source", "target", "outputs"):
        workspace.write(f"{name}.tf", (MODULE / f"{name}.tf").read_text().replace("aws.source_key", "aws.source"))
    of_the_example = (workspace.folder / "variables.tf").read_text()
    only_the_modules = [
        block.group()
        for block in re.finditer(r'^variable "\w+" \{\n.*?^\}\n', (MODULE / "variables.tf").read_text(), re.M | re.S)
        if block.group().partition("\n")[0] not in of_the_example
    ]
    workspace.write("more_variables.tf", "\n".join(only_the_modules))


def migration_variables(**changes):
    """terraform.tfvars of examples/terraform/cross-account-migration for this world."""
    return {
        "name": "orders",
        "take": "1",
        "source_cluster_identifier": CLUSTER,
        "engine": "aurora-mysql",
        "engine_version": ENGINE_VERSION,
        "region": REGION,
        "source_account_id": OLD,
        "target_account_id": NEW,
        "source_role_arn": f"arn:aws:iam::{OLD}:role/{ROLE}",
        "target_role_arn": f"arn:aws:iam::{NEW}:role/{ROLE}",
        "deletion_protection": False,
        "skip_final_snapshot": True,
        **changes,
    }
