# SPDX-License-Identifier: MPL-2.0
"""Runs a row of the chain matrix: what is wrong with how it ends, in words."""

import os
import signal
import time
from dataclasses import dataclass, replace
from datetime import datetime

from .chain import (
    CHANGES,
    CONDITIONS,
    BEFORE_THE_LEGS,
    COPIES,
    DELETED_OUTSIDE,
    MOMENTS,
    PLANNING_AGAIN,
    SAME_NAMES,
    SECOND,
    SHARE,
    WAYS,
    Refused,
    has_moment,
    is_refused_leg,
)
from .crash import GONE_SECONDS, HOLD_SECONDS, STATE_RM, NotReached, cured, owner_of, wait_until_held
from .operations import COPY_SECONDS, MARK, OURS, RESTORING, has_effect, object_of
from .terraform import CommandFailed
from .world import NEW, snapshot_arn

HOURS = 10 * 3600
HEARD_SECONDS = 0.3  # from Ctrl-C until the provider has it; the call it meets is held so long
COMMANDS_FOR_WHAT_STAYS = ("aws rds delete-db-cluster-snapshot", "terraform import", "import {", "terraform apply")


def try_row(row, sites):
    """(what is wrong, in words; what had to be done for it). `sites`: a ChainSites."""
    site = sites.disturbed(row) if row.way else sites.changed(row)
    trial = Trial(row, site)
    try:
        trial.run(sites.moments(row).get(row.moment) if row.way else None)
        trial.problems += site.wait_until_empty(5)
    except (NotReached, AssertionError, CommandFailed) as problem:
        trial.problems.append(str(problem))
    trial.problems += site.world.lost_copies()
    site.end(remove=not trial.problems)
    return [f"{problem}   (in {site.workspace.folder.name})" for problem in trial.problems], site.cures


def arguments_of(row):
    return [*CHANGES[row.change].arguments(row.links), *CONDITIONS[row.condition].arguments]


class Trial:
    """One run of one row."""

    def __init__(self, row, site):
        self.row, self.site, self.end = row, site, row.end
        self.problems, self.said = [], []
        self.start = site.world.aws.last_call()
        self.cluster = site.world.cluster("orders", NEW)

    def run(self, moment):
        if self.row.command == "destroy":
            self._destroy()
            return
        if not self.row.way and not self._plan():
            return
        if self.row.way:
            self._disturbed(moment)
        else:
            self._keep(self.site.workspace.run("apply", "-json", "plan", ok=None))
        self._after_the_apply()
        self._settle()

    # ---- Commands

    def _keep(self, outcome):
        self.said.append(outcome)
        return outcome

    @property
    def outcome(self):
        return self.said[-1]

    def _plan(self):
        outcome = self._keep(self.site.workspace.plan(*arguments_of(self.row), ok=None))
        if not (isinstance(self.end, Refused) and self.end.stage == "plan"):
            if not outcome.ok:
                self.problems.append(f"cannot be planned: {outcome}")
            return outcome.ok
        self._check_refusal()
        self._check_nothing_done()
        self._cure()
        self._settle()
        return False

    def _disturbed(self, moment):
        self._keep(disturb(self.site, moment, self.row.way))
        self.problems += [f"{what} was left behind" for what in self.site.wait_until_empty(GONE_SECONDS)]

    def _after_the_apply(self):
        if self.row.way and self.row.way != "terraform killed" and not self.outcome.ok and not self.outcome.errors:
            self.problems.append(f"ended with {self.outcome.code} and no error: {self.outcome}")
        again = CONDITIONS[self.row.condition].arguments  # as most people type it: no -replace
        if isinstance(self.end, Refused):
            if self.row.way in WAYS:
                self._keep(self.site.workspace.apply(*again, ok=None))
            self._check_refusal()
            if is_refused_leg(self.row):
                self._check_nothing_done()
            self._cure()
        elif self.row.way:
            self._again(*again)
            if again and self.row.change in SAME_NAMES:  # an apply that reads nothing warns of nothing
                self._again()
        elif not self.outcome.ok:
            self.problems.append(f"failed: {self.outcome}")

    def _cure(self):
        CONDITIONS[self.row.condition].clear(self.site)
        self.end.cure(self.site)
        more = [a for a in arguments_of(self.row) if a != "-refresh=false"] if self.end.stage == "apply" else []
        self._again(*more, *self.end.arguments)

    def _again(self, *arguments):
        outcome = self._keep(self.site.workspace.apply(*arguments, ok=None))
        if self.row.way and self.row.change in SAME_NAMES:
            outcome = self._keep(cured(self.site, outcome))
            if STATE_RM in self.site.cures and self.row.moment not in (PLANNING_AGAIN, BEFORE_THE_LEGS):
                self.problems.append(f"ends only after {STATE_RM}")
        if not outcome.ok:
            self.problems.append(f"a later apply failed: {self.outcome}")

    def _settle(self):
        """The plan after it is empty, and all is as it must be."""
        end = self.end.then if isinstance(self.end, Refused) else self.end
        for _ in range(end.more_applies):
            self._again()
        settled = self.site.workspace.run("plan", "-json", "-detailed-exitcode", ok=None)
        if settled.code != 0:
            self.problems.append(f"the plan after it is not empty: {settled}")
        self._check_end(end)

    def _destroy(self):
        self._keep(self.site.workspace.destroy(ok=None))
        self._check_refusal()
        self._check_nothing_done()
        if not self._keep(self.site.workspace.destroy(*self.end.arguments, ok=None)).ok:
            self.problems.append(f"destroy {' '.join(self.end.arguments)} failed: {self.outcome}")
        left = [*self.site.workspace.managed(), *marked(self.site)]
        if left:
            self.problems.append(f"left by the destroy: {left}")

    # ---- What must be so

    def _check_refusal(self):
        if self.outcome.ok:
            self.problems.append(f"was to fail with {self.end.words}: {self.outcome}")
            return
        texts = [f"{d.text}\n{d.code}" for d in self.outcome.errors]
        if self.end.is_last_line:
            texts = [d.detail.rstrip().splitlines()[-1] for d in self.outcome.errors if d.detail.strip()]
        if not any(all(word in text for word in self.end.words) for text in texts):
            self.problems.append(f"no error says {self.end.words}: {self.outcome}")

    def _check_nothing_done(self):
        done = [c["operation"] for c in our_calls(self.site, self.start) if c["acted"] and has_effect(c["operation"])]
        if done:
            self.problems.append(f"refused, and yet done: {done}")

    def _check_end(self, end):
        site, state = self.site, self.site.workspace.managed()
        calls = [c for c in site.world.aws.calls(after=self.start) if c["acted"]]
        made = [object_of(c["parameters"]) for c in calls if c["operation"].startswith("Copy")]
        self._expect("copies made", len(made), end.copies, made)
        self._expect("cluster calls", [c["operation"] for c in calls if c["operation"] in RESTORING[:2]], [])
        self._expect("the cluster", site.world.cluster("orders", NEW), self.cluster)
        self._expect("tainted", [a for a, i in state.items() if i.tainted], [])
        self._expect("deposed", [a for a, i in state.items() if i.deposed], [])
        missing = [address for address in (*COPIES, SHARE) if address not in state]
        if missing:
            self.problems.append(f"not in the state: {missing}")
            return
        for address in COPIES:
            self._check_copy(address, state[address])
        shared = site.world.aws.snapshot(state[SHARE]["id"])
        self._expect("shared with", shared and shared["shared_with"], [NEW])
        self._expect("the second copy's source", state[SECOND]["source_snapshot_arn"], state[SHARE]["id"])
        if end.source:
            self._expect("the first copy's source", state[next(iter(COPIES))]["source_snapshot_arn"], end.source)
        kept = sorted(set(marked(site)) - {i.values.get("arn") for i in state.values()})
        self._expect("what stays behind", kept, sorted(end.kept))
        if end.named and self.row.way != "terraform killed":
            self.problems += [f"named nowhere, with a command: {arn}" for arn in kept if not self._is_named(arn)]

    def _check_copy(self, address, state):
        snapshot = self.site.world.aws.snapshot(state["arn"])
        self._expect(f"{address}: status", snapshot and snapshot["status"], "available")
        if snapshot:
            mark = snapshot["tags"].get(MARK, "").split()
            self._expect(f"{address}: holder", mark[1:2], [state["holder_id"]])

    def _expect(self, what, found, wanted, more=""):
        if found != wanted:
            self.problems.append(f"{what}: {found} instead of {wanted} {more}".rstrip())

    def _is_named(self, arn):
        texts = [d.text for outcome in self.said for d in outcome.diagnostics]
        return any(arn in text and any(c in text for c in COMMANDS_FOR_WHAT_STAYS) for text in texts)


def marked(site):
    """Copies of ours, by ARN."""
    return {s["arn"]: s for s in site.world.aws.snapshots() if MARK in s["tags"]}


def our_calls(site, start):
    return [c for c in site.world.aws.calls(after=start) if OURS in (c["user_agent"] or "")]


# ---- Disturbing


@dataclass(frozen=True)
class Moment:
    """The call at which something happens: the one after so many equal ones, before or after its effect."""

    operation: str
    account_id: str
    object: str
    earlier: int
    phase: str


def disturb(site, moment, way):
    if not moment:
        raise NotReached("this row has no such moment")
    aws = site.world.aws
    if way == DELETED_OUTSIDE:
        site.world.copies_take(HOURS)
    fault = aws.fault(moment.operation, "hold", account_id=moment.account_id, match=moment.object or None,
                      user_agent=OURS, skip=moment.earlier, phase=moment.phase, seconds=HOLD_SECONDS)  # fmt: skip
    start = aws.last_call()
    running = site.workspace.start("apply", "-json", "plan")
    held = wait_until_held(site, running, fault, start)
    ACTS[way](site, running, fault, held)
    return running.wait()


def _interrupt(site, running, fault, held):
    running.interrupt()
    time.sleep(HEARD_SECONDS)
    site.world.aws.release(fault)


def _kill_provider(site, running, fault, held):
    os.kill(owner_of(held["client_port"], site), signal.SIGKILL)
    site.world.aws.release(fault, drop=True)


def _kill_terraform(site, running, fault, held):
    running.kill()
    running.process.wait()
    site.wait_until_empty(GONE_SECONDS)
    site.world.aws.release(fault, drop=True)


def _delete_first_copy(site, running, fault, held):
    site.world.aws.settings(without_source="at_once")
    site.world.aws.remove_snapshot(snapshot_arn("orders-shared-1"))
    site.world.copies_take(COPY_SECONDS)
    site.world.aws.release(fault)


ACTS = {
    "interrupted": _interrupt,
    "provider killed": _kill_provider,
    "terraform killed": _kill_terraform,
    DELETED_OUTSIDE: _delete_first_copy,
}


# ---- Where the legs are: from a run without a disturbance


def moments_of(messages, calls):
    """Name -> Moment. The legs are what Terraform first does with ours (makes or removes), and then."""
    legs = legs_of(messages)
    makes_first, began, _ = legs[0]
    planning, first, second = [], [], []
    for call, earlier in zip(calls, earlier_equals(calls), strict=True):
        if call["time"] < began:
            planning.append((call, earlier))
        for makes, begin, end in legs:
            if begin <= call["time"] <= end:
                (first if makes == makes_first else second).append((call, earlier))
                break
    effects, last_effects = ([it for it in leg if has_effect(it[0]["operation"])] for leg in (first, second))
    found = {
        PLANNING_AGAIN: (planning[-1:], "before"),
        BEFORE_THE_LEGS: (first[:1], "before"),
        "within the first leg": (effects[:1], "after"),
        "between the legs": (second[:1], "before") if second else (first[-1:], "after"),
        "after the legs": (last_effects[-1:] or second[-1:], "after"),
    }
    assert set(found) == set(MOMENTS)
    return {name: _moment(*at[0], phase) for name, (at, phase) in found.items() if at}


def legs_of(messages):
    """(does it make something?, when it begins, when it ends) of ours, in order."""
    begun, legs = {}, []
    for message in messages:
        if message["type"] in ("apply_start", "apply_complete", "apply_errored"):
            resource = message["hook"]["resource"]
            key = resource["addr"], message["hook"]["action"]
            at = datetime.fromisoformat(message["@timestamp"].replace("Z", "+00:00")).timestamp()
            if message["type"] == "apply_start":
                begun[key] = at
            elif resource["resource_type"].startswith("snapshot_"):
                legs.append((key[1] != "delete", begun[key], at))
    return sorted(legs, key=lambda leg: leg[1])


def earlier_equals(calls):
    seen = {}
    for call in calls:
        key = call["operation"], call["account_id"], object_of(call["parameters"])
        yield seen.get(key, 0)
        seen[key] = seen.get(key, 0) + 1


def _moment(call, earlier, phase):
    return Moment(call["operation"], call["account_id"], object_of(call["parameters"]), earlier, phase)


class ChainSites:
    """Sites for rows: each changed anew from its base, or forked from where it is changed and planned."""

    def __init__(self, sites):
        self._sites = sites
        self._planned = {}

    def changed(self, row):
        site = self._sites.base(row.base).fork(self._sites.sandbox)
        CONDITIONS[row.condition].arrange(site)
        CHANGES[row.change].make(site, row.links)
        return site

    def prepare(self, row):
        """Of a row without a disturbance: planned, kept, and where its legs are."""
        planned = self.changed(row)
        planned.workspace.plan(*arguments_of(row))
        planned.keep()
        site = planned.fork(self._sites.sandbox)
        start = site.world.aws.last_call()
        outcome = site.workspace.apply_plan(ok=not is_refused_leg(row))
        self._planned[key_of(row)] = planned, moments_of(outcome.messages, our_calls(site, start))
        site.end()

    def disturbed(self, row):
        return self._planned[key_of(row)][0].fork(self._sites.sandbox)

    def moments(self, row):
        return self._planned[key_of(row)][1]

    def odd_moments(self, rows):
        """Where these rows have other moments than they must have, in words: a row without one would try nothing."""
        return [
            f"{row}: {'has a moment' if moment in self.moments(row) else 'nothing is called'} {moment}"
            for row in undisturbed(rows)
            for moment in MOMENTS
            if (moment in self.moments(row)) != has_moment(row, moment)
        ]

    def end(self):
        for site, _ in self._planned.values():
            site.end()


def key_of(row):
    return row.change, row.links, row.base, row.condition


def undisturbed(rows):
    """One for each that is disturbed."""
    return list({key_of(row): replace(row, moment="", way="") for row in rows if row.way}.values())
