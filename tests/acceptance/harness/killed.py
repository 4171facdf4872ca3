# SPDX-License-Identifier: MPL-2.0
"""kill -9 at random moments while take 1 and then take 2 of the seven steps are applied, until both are done.

hashicorp/aws does not adopt what a killed run has made. What it has left in no state, a person has to
remove; here tidy() does, so that every run can end.
"""

import contextlib
import json
import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field

from .crash import GONE_SECONDS
from .operations import MARK, object_of
from .terraform import CommandFailed
from .world import CLUSTER, NEW, OLD, REGION

TAKES = ("1", "2")
VICTIMS = ("provider", "terraform", "group")
MOST_KILLS = 3
APPLIES = 4  # left in peace, before it is said to get nowhere
COPY_SECONDS = 40  # simulated: most of what a take waits for
LOOK_SECONDS = 0.02
COPIES = [f"{name}-{take}" for take in TAKES for name in ("orders", "orders-shared")]


@dataclass
class Run:
    number: int
    kills: list = field(default_factory=list)  # (take, victim, seconds after the start) of those that met somebody
    applies: int = 0
    problems: list = field(default_factory=list)

    def __str__(self):
        kills = ", ".join(f"{victim} in take {take} after {seconds:.2f} s" for take, victim, seconds in self.kills)
        return f"run {self.number}: {kills}"


def measured(base, sandbox):
    """Seconds that each take needs when nobody is killed."""
    site, seconds = base.fork(sandbox), {}
    site.world.copies_take(COPY_SECONDS)
    for take in TAKES:
        site.workspace.set_variables(take=take)
        seconds[take] = site.workspace.start("apply", "-json", "-auto-approve").wait().seconds
    site.end()
    return seconds


def try_run(number, seed, base, sandbox, seconds):
    """Run `number` of `seed`: the same kills each time, as far as the machine lets it."""
    chance, run = random.Random(f"{seed} {number}"), Run(number)
    site = base.fork(sandbox)
    site.world.copies_take(COPY_SECONDS)
    wanted = chance.choices(TAKES, [seconds[take] for take in TAKES], k=chance.randint(1, MOST_KILLS))
    try:
        for take in TAKES:
            site.workspace.set_variables(take=take)
            _apply(site, run, take, chance, wanted.count(take), seconds[take])
        run.problems += _disagreements(site)
    except (AssertionError, CommandFailed) as problem:
        run.problems.append(str(problem))
    run.problems += site.world.lost_copies() + site.wait_until_empty(5)
    run.problems = [f"{problem}   (in {site.workspace.folder.name})" for problem in run.problems]
    site.end(remove=not run.problems)
    return run


def _apply(site, run, take, chance, kills, seconds):
    """One take, killed so often, and then until it is done."""
    for _ in range(kills):
        victim, after = chance.choice(VICTIMS), chance.uniform(0, seconds)
        run.applies += 1
        if _apply_and_kill(site, victim, after, chance):
            run.kills.append((take, victim, after))
        tidy(site)
    for attempt in range(1, APPLIES + 1):
        run.applies += 1
        outcome = site.workspace.apply(ok=None)
        if outcome.ok:
            return
        ours = [d for d in outcome.errors if (d.address or "").startswith("snapshot_")]
        if ours or attempt == APPLIES:
            raise AssertionError(f"take {take} fails, left in peace: {outcome}")
        tidy(site)


def _apply_and_kill(site, victim, after, chance):
    """Whether there was somebody to kill."""
    running = site.workspace.start("apply", "-json", "-auto-approve")
    states = States(site.workspace)
    while running.process.poll() is None and time.monotonic() < running.started + after:
        states.look()
        time.sleep(LOOK_SECONDS)
    killed = _kill(site, running, victim, chance)
    running.wait()
    left = site.wait_until_empty(GONE_SECONDS)
    assert not left, f"left behind by the death of {victim}: {left}"
    states.take_back_if_broken()
    return killed


def _kill(site, running, victim, chance):
    while running.process.poll() is None:
        if victim == "group":
            os.killpg(running.process.pid, signal.SIGKILL)
            return True
        if victim == "terraform":
            running.kill()
            return True
        if providers := [pid for pid in site.processes() if pid != running.process.pid]:
            with contextlib.suppress(ProcessLookupError):  # ended just now
                os.kill(chance.choice(providers), signal.SIGKILL)
                return True
        time.sleep(LOOK_SECONDS)
    return False


class States:
    """The state file as it was when last it was whole: Terraform writes it in place."""

    def __init__(self, workspace):
        self.path = workspace.folder / "terraform.tfstate"
        self.whole = None
        self.look()

    def look(self):
        text = self.path.read_text() if self.path.exists() else None
        with contextlib.suppress(ValueError):
            if text != self.whole:
                json.loads(text or "")
                self.whole = text
                return True
        return text == self.whole

    def take_back_if_broken(self):
        if self.look():
            return
        if self.whole is None:
            self.path.unlink()
        else:
            self.path.write_text(self.whole)


# ---- What the stand-in has made and no state has


def tidy(site):
    aws, known = site.world.aws, json.dumps([i.values for i in site.workspace.managed().values()])
    for snapshot in aws.snapshots():
        ours = MARK in snapshot["tags"] or not snapshot["identifier"].startswith("orders-")
        if not ours and f'"{snapshot["arn"]}"' not in known:
            aws.remove_snapshot(snapshot["arn"])
    rds = site.world.accounts[NEW].client("rds", REGION)
    for instance in aws.instances(NEW):
        if f'"{instance["arn"]}"' not in known:
            rds.delete_db_instance(DBInstanceIdentifier=instance["identifier"], SkipFinalSnapshot=True)
    for cluster in aws.clusters(NEW):
        if f'"{cluster["arn"]}"' not in known:
            rds.delete_db_cluster(DBClusterIdentifier=cluster["identifier"], SkipFinalSnapshot=True)
    for key in aws.keys():
        kms = site.world.accounts[key["account_id"]].client("kms", REGION)
        for alias in key["aliases"]:
            if alias.startswith("alias/orders") and f'"{alias}"' not in known:
                kms.delete_alias(AliasName=alias)


# ---- What there must be in the end


def _disagreements(site):
    world, told = site.world, []
    settled = site.workspace.is_settled()
    if not settled:
        told.append(f"the plan after it is not empty: {settled}")
    calls = [c for c in world.aws.calls() if c["acted"] and c["operation"].startswith("Copy")]
    made = Counter(json.loads(f"{{{object_of(c['parameters'])}}}").popitem()[1] for c in calls)
    wanted = Counter(f"{name}-{take}" for take in TAKES for name in ("orders", "orders-shared"))
    if made != wanted:
        told.append(f"copied: {dict(made)} instead of {dict(wanted)}")
    if (names := world.snapshot_names(OLD)) != ["orders-2", "orders-shared-2"]:
        told.append(f"snapshots of the old account: {names}")
    if (names := world.snapshot_names(NEW)) != ["orders-2"]:
        told.append(f"snapshots of the new account: {names}")
    clusters = [c["identifier"] for c in world.aws.clusters()]
    if sorted(clusters) != sorted([CLUSTER, "orders"]):
        told.append(f"clusters: {clusters}")
    return told
