# SPDX-License-Identifier: MPL-2.0
"""Every operation of both resources as something that can be recorded, disturbed and taken up again.

A scenario begins at a site that is kept, changes something, and applies or destroys. Recorded once
without a disturbance, it tells which AWS calls there are to disturb and what must be there in the end.
"""

import json
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace

from .site import Site
from .world import (
    ANYBODY,
    NEW,
    OLD,
    OPERATOR,
    OWNER_ALONE,
    REGION,
    copy_flat_migration,
    migration_variables,
    snapshot_arn,
)

OURS = "terraform-provider-snapshot/"
AWS = "terraform-provider-aws/"
THIRD = "999988887777"
COPY_SECONDS = 6  # simulated: long enough to be seen copying
MARK = "terraform-provider-snapshot"
EFFECTS = ("Copy", "Delete", "Modify", "Add", "Remove", "Create", "Restore", "Enable", "Put", "Schedule")
AWS_TYPES = ("aws_kms_key", "aws_kms_alias", "aws_db_cluster_snapshot")


@dataclass(frozen=True)
class Scenario:
    name: str
    base: str  # of BASES
    change: Callable = lambda site: None
    command: str = "apply"
    finishes: bool = False  # a copy under way is let end once the command waits for it
    arguments: tuple = ()
    keeps_its_name: bool = False  # what replaces the copy
    after: str = "again"  # what follows a death: one of AFTER_A_DEATH
    back: Callable = lambda site: None  # undoes `change`
    orphans: tuple = ()  # ARNs of copies that a death can leave in no state, where what follows is not the same again
    grants: tuple = ()  # accounts that a share can have granted at its death: the prior state does not know them


# ---- The seven steps


def seven_steps(site):
    site.world.add_source_cluster()
    copy_flat_migration(site.workspace)
    site.workspace.set_variables(**migration_variables())
    site.world.copies_take(COPY_SECONDS)


def with_aws_resources(site):
    sides = [f"-target={kind}.{side}" for kind in AWS_TYPES[:2] for side in ("source", "target")]
    site.workspace.apply(*sides, f"-target={AWS_TYPES[2]}.source")


def done(site):
    site.workspace.apply()


def another_take(site):
    site.workspace.set_variables(take="2")


# ---- One copy and its share, of either kind

PAIR = """
terraform {
  required_providers {
    snapshot = { source = "rds-snapshot/snapshot" }
  }
}

provider "snapshot" {
  region = "eu-central-1"
}

variable "kind" { type = string }
variable "key" { type = string }
variable "target" { default = "after" }
variable "tags" { default = { team = "orders", stage = "one" } }
variable "limit" { type = string }
variable "accounts" { default = ["444455556666"] }

resource "snapshot_reencrypt_copy" "x" {
  snapshot_kind              = var.kind
  source_snapshot_identifier = "before"
  target_snapshot_identifier = var.target
  kms_key_id                 = var.key
  copy_tags                  = true
  tags                       = var.tags

  timeouts {
    create = var.limit
    update = var.limit
    delete = var.limit
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "snapshot_share" "x" {
  snapshot_identifier = snapshot_reencrypt_copy.x.arn
  account_ids         = var.accounts
}
"""
IMPORTS = """
import {
  to = snapshot_reencrypt_copy.x
  id = "%(arn)s"
}

import {
  to = snapshot_share.x
  id = "%(arn)s/444455556666"
}
"""


def pair(kind, policy=ANYBODY):
    def prepare(site):
        key = site.world.aws.add_key(OLD, REGION, policy=policy)
        site.world.aws.add_snapshot(OLD, REGION, "before", kind=kind, tags={"from": "the source"})
        site.workspace.write("main.tf", PAIR)
        site.workspace.set_variables(kind=kind, key=key, limit=site.limit)
        site.world.copies_take(COPY_SECONDS)
        return key

    return prepare


def admitted_by_a_grant(site):
    """The key's policy knows its owner alone; what lets the others read is a grant."""
    key = pair("cluster", OWNER_ALONE)(site)
    site.world.accounts[OLD].client("kms", REGION).create_grant(
        KeyId=key,
        GranteePrincipal=f"arn:aws:iam::{NEW}:role/mover",
        Operations=["Decrypt", "ReEncryptFrom", "DescribeKey", "CreateGrant"],
    )


def under_way(kind):
    def interrupt(site):
        site.world.copies_take(1000 * 3600)
        running = site.workspace.start("apply", "-json", "-auto-approve")
        site.world.wait_until(lambda: site.world.snapshot("after", kind=kind), "the copy", 60)
        running.interrupt()
        running.wait()
        assert site.workspace.state()["snapshot_reencrypt_copy.x"]["status"] in ("copying", "creating")
        site.world.copies_take(COPY_SECONDS)

    return interrupt


def forgotten(kind):
    def forget(site):
        for name in ("terraform.tfstate", "terraform.tfstate.backup"):
            (site.workspace.folder / name).unlink(missing_ok=True)
        site.workspace.write("imports.tf", IMPORTS % {"arn": snapshot_arn("after", kind=kind)})

    return forget


def failed(kind):
    return lambda site: site.world.aws.change_snapshot(snapshot_arn("after", kind=kind), status="failed")


def setting(**variables):
    return lambda site: site.workspace.set_variables(**variables)


REPLACE = ("-replace=snapshot_reencrypt_copy.x",)
renamed, renamed_back = setting(target="elsewhere"), setting(target="after")
other_tags = setting(tags={"team": "billing", "owner": "me"})


# ---- All of them

SEVEN_STEPS_DONE = "seven steps, done"
# name -> (the base it goes on from, or the account of whoever begins there; what makes it)
BASES = {
    "seven steps": (OPERATOR, lambda site: (seven_steps(site), with_aws_resources(site))),
    "seven steps, nothing yet": (OPERATOR, seven_steps),
    SEVEN_STEPS_DONE: ("seven steps", done),
    "cluster, admitted by a grant": (OLD, admitted_by_a_grant),
}
SEVEN_STEPS = [
    Scenario("seven steps: create", "seven steps"),
    Scenario("seven steps: another take", "seven steps, done", another_take),
    Scenario("seven steps: destroy", "seven steps, done", command="destroy"),
]
COPY_AND_SHARE = []
for _kind in ("cluster", "instance"):
    BASES |= {
        _kind: (OLD, pair(_kind)),
        f"{_kind}, under way": (_kind, under_way(_kind)),
        f"{_kind}, done": (_kind, done),
        f"{_kind}, forgotten": (f"{_kind}, done", forgotten(_kind)),
    }
    COPY_AND_SHARE += [
        Scenario(f"{_kind}: create", _kind),
        Scenario(f"{_kind}: resume", f"{_kind}, under way", finishes=True),
        Scenario(f"{_kind}: tags", f"{_kind}, done", other_tags),
        Scenario(f"{_kind}: rename", f"{_kind}, done", renamed),
        Scenario(f"{_kind}: -replace", f"{_kind}, done", arguments=REPLACE, keeps_its_name=True),
        Scenario(f"{_kind}: failed", f"{_kind}, under way", failed(_kind), keeps_its_name=True),
        Scenario(f"{_kind}: share update", f"{_kind}, done", setting(accounts=[THIRD])),
        Scenario(f"{_kind}: import", f"{_kind}, forgotten"),
        Scenario(f"{_kind}: delete", f"{_kind}, done", command="destroy"),
    ]
# What follows a death is not always the same command again.
COPIES_OF_TAKES = [(snapshot_arn(f"orders-shared-{take}"), snapshot_arn(f"orders-{take}", NEW)) for take in ("1", "2")]
CHANGED_MIND = [
    Scenario("seven steps: create, then destroy", "seven steps", after="destroy", orphans=COPIES_OF_TAKES[0]),
    Scenario("seven steps: another take, then destroy", SEVEN_STEPS_DONE, another_take, after="destroy",
             orphans=COPIES_OF_TAKES[1]),
    *(
        scenario
        for kind in ("cluster", "instance")
        for after, elsewhere in [[(snapshot_arn(name, kind=kind),) for name in ("after", "elsewhere")]]
        for done in [f"{kind}, done"]
        for scenario in (
            Scenario(f"{kind}: create, then destroy", kind, after="destroy", orphans=after),
            Scenario(f"{kind}: tags, then back", done, setting(tags={"team": "billing"}), after="back",
                     back=setting(tags={"team": "orders", "stage": "one"})),
            Scenario(f"{kind}: rename, then back", done, renamed, after="back", back=renamed_back, orphans=elsewhere),
            Scenario(f"{kind}: rename, then destroy", done, renamed, after="destroy", orphans=elsewhere),
            Scenario(f"{kind}: -replace, then -replace", done, arguments=REPLACE, keeps_its_name=True,
                     after="the same again"),
            Scenario(f"{kind}: -replace, then destroy", done, arguments=REPLACE, keeps_its_name=True,
                     after="destroy", orphans=after),
            Scenario(f"{kind}: share update, then back", done, setting(accounts=[THIRD]), after="back",
                     back=setting(accounts=[NEW]), grants=(THIRD,)),
        )
    ),
]  # fmt: skip
SCENARIOS = [*SEVEN_STEPS, *COPY_AND_SHARE, *CHANGED_MIND]
# Asks for grants as well; all else is as in "cluster: create".
ADMITTED_BY_A_GRANT = Scenario("cluster: create, admitted by a grant", "cluster, admitted by a grant")
# Not a claim of ours: the aws provider does not adopt what a killed run has made.
FOREIGN = Scenario("seven steps: aws_* calls", "seven steps, nothing yet")


@dataclass(frozen=True)
class Call:
    """An AWS call of a scenario. The same call again with no effect in between is a poll of one wait."""

    stage: str  # "plan" or "apply"
    operation: str
    account_id: str
    object: str  # the parameter that says what it is about, as JSON has it
    effects_before: int  # calls with an effect earlier in this stage

    def __str__(self):
        about = self.object.rpartition(" ")[2].strip('"').rpartition(":")[2] if self.object else self.account_id
        return f"{self.stage}: {self.operation} {about} after {self.effects_before} effects"


@dataclass
class Recording:
    site: Site  # changed and planned, kept
    calls: list
    expected: dict


NAMING = ("TargetDBClusterSnapshotIdentifier", "TargetDBSnapshotIdentifier", "DBClusterSnapshotIdentifier",
          "DBSnapshotIdentifier", "DBClusterIdentifier", "DBInstanceIdentifier", "ResourceName", "SourceIdentifier",
          "AliasName", "KeyId", "RoleArn")  # fmt: skip


def object_of(parameters):
    for name in NAMING:
        if isinstance(parameters.get(name), str):
            return json.dumps({name: parameters[name]})[1:-1]
    return ""


def has_effect(operation):
    return operation.startswith(EFFECTS)


def distinct(stage, calls, client):
    found, effects = {}, 0
    for call in calls:
        if client not in (call["user_agent"] or ""):
            continue
        it = Call(stage, call["operation"], call["account_id"], object_of(call["parameters"]), effects)
        found.setdefault(it)
        effects += has_effect(call["operation"])
    return list(found)


def plan_arguments(scenario):
    return ["-destroy"] if scenario.command == "destroy" else list(scenario.arguments)


AFTER_A_DEATH = {
    "again": lambda scenario: plan_arguments(replace(scenario, arguments=())),  # as most people type it: no -replace
    "the same again": plan_arguments,
    "back": lambda scenario: [],  # to what was before
    "destroy": lambda scenario: ["-destroy"],
}


def arguments_after_a_death(scenario):
    return AFTER_A_DEATH[scenario.after](scenario)


class Sites:
    """Bases and recordings, each made when first asked for, under one sandbox."""

    def __init__(self, make, sandbox, limit="24h"):
        self._make, self.sandbox = make, sandbox
        self._limit = limit  # of each operation on a copy, where the configuration lets it be said
        self._bases, self._recordings = {}, {}
        self._locks = defaultdict(threading.RLock)  # one name is made once, different ones at the same time

    def base(self, name):
        with self._locks[name]:
            if name not in self._bases:
                origin, prepare = BASES[name]
                site = self.base(origin).fork(self.sandbox) if origin in BASES else self._make(origin)
                site.limit = self._limit
                prepare(site)
                self._bases[name] = site.keep()
            return self._bases[name]

    def recording(self, scenario, client=OURS):
        if scenario.name not in self._recordings:
            self._recordings[scenario.name] = self._record(scenario, client)
        return self._recordings[scenario.name]

    def _record(self, scenario, client):
        changed = self.base(scenario.base).fork(self.sandbox)
        scenario.change(changed)
        start = changed.world.aws.last_call()
        changed.workspace.plan(*plan_arguments(scenario))
        if scenario.command == "destroy":
            changed.workspace.order_to_destroy()  # by applying the plan, in each fork
        calls = distinct("plan", changed.world.aws.calls(after=start), client)
        changed.keep()
        site = changed.fork(self.sandbox)
        running = site.workspace.start("apply", "-json", "plan")
        while running.process.poll() is None:
            settle(scenario, site, start)
            time.sleep(0.05)
        outcome = running.wait()
        assert outcome.ok, outcome
        calls += distinct("apply", site.world.aws.calls(after=changed.world.aws.last_call()), client)
        expected = self._expected_after_a_death(scenario, site, start)
        site.end()
        return Recording(changed, calls, expected)

    def _expected_after_a_death(self, scenario, site, start):
        if scenario.after in ("again", "the same again"):
            return observe(site, start)
        if scenario.after == "destroy":
            site.workspace.destroy()
            return observe(site, start)
        before = self.base(scenario.base)
        return observe(before, before.world.aws.last_call())

    def end(self):
        for site in [*self._bases.values(), *(r.site for r in self._recordings.values())]:
            site.end()


def settle(scenario, site, start):
    """Lets a copy that was under way end, once it has been waited for."""
    if scenario.finishes:
        looks = [c for c in site.world.aws.calls(after=start) if '"after"' in object_of(c["parameters"])]
        if len(looks) > 3:
            site.world.aws.advance(1000 * 3600)


# ---- What there must be in the end

RESTORING = ("RestoreDBClusterFromSnapshot", "DeleteDBCluster", "CreateKey")


def observe(site, start):
    """Everything that does not depend on when or by whom it was made."""
    calls = [c for c in site.world.aws.calls(after=start) if c["acted"]]
    state = site.workspace.managed()
    keys = _key_names(site.world.aws.keys())
    return {
        "keys": sorted(keys.values()),
        "snapshots": sorted((_snapshot(s, keys) for s in site.world.aws.snapshots()), key=lambda s: s["arn"]),
        "copies made": sorted(object_of(c["parameters"]) for c in calls if c["operation"].startswith("Copy")),
        "cluster calls": sorted(c["operation"] for c in calls if c["operation"] in RESTORING),
        "clusters": sorted(c["arn"] for c in site.world.aws.clusters()),
        "state": sorted(a + (" tainted" if i.tainted else "") for a, i in state.items()),
    }


def _key_names(keys):
    """By ARN; a key's id is another in each run that makes it: it is told by its place among its account's keys."""
    names, made = {}, Counter()
    for key in keys:
        made[key["account_id"]] += 1
        names[key["arn"]] = f"key {made[key['account_id']]} of {key['account_id']}"
    return names


def _snapshot(snapshot, keys):
    kept = ("arn", "status", "source_arn", "shared_with")
    tags = {k: v for k, v in snapshot["tags"].items() if k != MARK}
    key = keys.get(snapshot["kms_key_arn"])
    return {**{name: snapshot[name] for name in kept}, "key": key, "tags": tags, "marked": MARK in snapshot["tags"]}


def disagreements(site, start, expected, orphans=(), grants=()):
    """What is not as without the disturbance, in words; apart from the copies `orphans` and the accounts `grants`.
    Where there can be some, it is up to the death how far it had got."""
    found = observe(site, start)
    for snapshot in found["snapshots"]:
        snapshot["shared_with"] = [account for account in snapshot["shared_with"] if account not in grants]
    if orphans:
        expected = {**expected, **{what: found[what] for what in ("copies made", "cluster calls")}}
        found["snapshots"] = [s for s in found["snapshots"] if s["arn"] not in orphans]
    told = [f"{what}: {found[what]} instead of {expected[what]}" for what in expected if found[what] != expected[what]]
    return told + [f"{address}: the mark {mark} is not the state's" for address, mark in held_by_others(site).items()]


def copies_in(site):
    return {a: i for a, i in site.workspace.managed().items() if a.startswith("snapshot_reencrypt_copy.")}


def held_by_others(site):
    """Address -> mark, of copies whose mark is not the state's."""
    found = {}
    for address, instance in copies_in(site).items():
        snapshot = site.world.aws.snapshot(instance["arn"])
        mark = snapshot["tags"].get(MARK, "").split() if snapshot else []
        if mark[1:2] != [instance["holder_id"]]:
            found[address] = mark
    return found


