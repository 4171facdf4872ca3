# SPDX-License-Identifier: MPL-2.0
"""kill -9 at one AWS call of a scenario: the provider that makes it, or Terraform; then the command again.

before    the request never reaches AWS: whoever sent it is dead, and the call is forgotten
effect    AWS has acted, the answer is on its way
answered  the provider has read the answer; its next call never reaches AWS. Terraform is stopped in the
          meantime: where there is no next call it has been answered and has not read it yet
"""

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from .operations import (
    EFFECTS,
    OURS,
    Call,
    Scenario,
    arguments_after_a_death,
    copies_in,
    disagreements,
    held_by_others,
    plan_arguments,
    settle,
)

PHASES = ("before", "effect", "answered")
VICTIMS = ("provider", "terraform")
HOLD_SECONDS = 300  # nothing is let go by itself
REACH_SECONDS = 60
GONE_SECONDS = 30
POLL_SECONDS = 0.05  # a look costs both processes some milliseconds
IDLE_SECONDS = 0.15  # after so long without a call the provider waits or has answered Terraform


@dataclass(frozen=True)
class Point:
    scenario: Scenario
    call: Call
    phase: str
    victim: str

    def __str__(self):
        return f"{self.scenario.name}: {self.call}, {self.phase}, {self.victim} killed"


def points_of(scenario, recording, calls=None):
    """A plan changes nothing: what follows its death is always as what follows it."""
    stages = ("plan", "apply") if scenario.after == "again" else ("apply",)
    return [
        Point(scenario, call, phase, victim)
        for call in (recording.calls if calls is None else calls)
        if call.stage in stages
        for phase in PHASES
        for victim in VICTIMS
    ]


class NotReached(Exception):
    pass


def try_point(point, recording, sandbox, client=OURS):
    """(what is wrong afterwards, in words; nothing if the point converged; and what had to be done for that)"""
    site = recording.site.fork(sandbox)
    start = site.world.aws.last_call()
    problems = []
    try:
        problems += _disturb(point, site, client)
        site.world.aws.clear_faults()
        problems += try_again(point.scenario, site, start, recording.expected)
        problems += site.wait_until_empty(5)
    except (NotReached, AssertionError) as problem:
        problems.append(str(problem))
    problems += site.world.lost_copies()
    site.end(remove=not problems)
    return [f"{problem}   (in {site.workspace.folder.name})" for problem in problems], site.cures


def try_again(scenario, site, start, expected):
    """What is wrong after what follows the death, left in peace, and the plan after it."""
    if scenario.finishes:
        site.world.aws.advance(1000 * 3600)
    more = arguments_after_a_death(scenario)
    outcome = _take_back(scenario, site) if scenario.after == "back" else site.workspace.apply(*more, ok=None)
    if scenario.keeps_its_name:
        outcome = cured(site, outcome, *[a for a in more if a == "-destroy"])
    if not outcome.ok:
        return [f"the second apply failed: {outcome}"]
    settled = site.workspace.run("plan", "-json", "-detailed-exitcode", *[a for a in more if a == "-destroy"], ok=None)
    problems = [] if settled.code == 0 else [f"the plan after it is not empty: {settled}"]
    if scenario.keeps_its_name:
        problems += [f"left, and named nowhere: {arn}" for arn in unnamed(scenario.orphans, site, outcome)]
    return problems + disagreements(site, start, expected, scenario.orphans, scenario.grants)


STATE_RM, TAKEN_BACK = "terraform state rm, as the error says", "-replace, as the warning says"
UNREFRESHED = "terraform destroy -refresh=false"
HELD_ELSEWHERE = "terraform apply -replace=ADDRESS takes it back"


def cured(site, outcome, *arguments):
    """Where a copy is replaced under its own name, the next apply with `arguments` can fail or warn; what it says to
    do, done.

    Core deposes what create_before_destroy replaces, and only then plans once more. A death there leaves the deposed
    object alone in the state, which to the provider looks like a removed resource beside a new one with its name.
    And a state that Terraform did not write knows an older holder than the copy has."""
    if not outcome.ok and "-destroy" in arguments and any(UNREFRESHED in d.text for d in outcome.errors):
        site.cures.append(UNREFRESHED)
        outcome = site.workspace.apply("-destroy", "-refresh=false", ok=None)
    elif not outcome.ok and any("terraform state rm ADDRESS" in d.text for d in outcome.errors):
        state = copies_in(site)
        alone = [a.removesuffix(" (deposed)") for a in state if state[a].deposed]
        site.workspace.run("state", "rm", *[address for address in alone if address not in state])
        site.cures.append(STATE_RM)
        outcome = site.workspace.apply(*arguments, ok=None)
    told = [d.text for d in outcome.diagnostics if HELD_ELSEWHERE in d.text]  # also by the delete of a deposed copy
    if held_elsewhere := [a for a in held_by_others(site) if any(copies_in(site)[a]["arn"] in text for text in told)]:
        site.cures.append(TAKEN_BACK)
        outcome = site.workspace.apply(*[f"-replace={address}" for address in held_elsewhere], ok=None)
    return outcome


def unnamed(arns, site, outcome):
    """Of these, the snapshots that are there and that no message names."""
    texts = [d.text for d in outcome.diagnostics]
    return [arn for arn in arns if site.world.aws.snapshot(arn) and not any(arn in text for text in texts)]


def _take_back(scenario, site):
    """Where only the deposed copy is in the state, that is refused: the change is finished first."""
    scenario.back(site)
    for arn in scenario.orphans:
        site.world.allow_delete(arn.rpartition(":")[2], later=True)
    outcome = site.workspace.apply(ok=None)
    if outcome.ok or not any("apply once with the names of that apply" in d.text for d in outcome.errors):
        return outcome
    copies = {address: it.deposed for address, it in copies_in(site).items()}
    assert list(copies.values()) == [True], f"refused, with {copies} in the state: {outcome}"
    scenario.change(site)
    site.workspace.apply()
    scenario.back(site)
    return site.workspace.apply(ok=None)


# ---- Getting there, and the end


def _disturb(point, site, client):
    aws = site.world.aws
    fault = arm(aws, point.call, "hold", client, phase="before" if point.phase == "before" else "after",
                seconds=HOLD_SECONDS)  # fmt: skip
    start = aws.last_call()
    if point.call.stage == "plan":
        running = site.workspace.start("plan", "-json", "-out=again", *plan_arguments(point.scenario))
    else:
        running = site.workspace.start("apply", "-json", "plan")
    held = wait_until_held(site, running, fault, start, lambda: settle(point.scenario, site, start))
    provider = owner_of(held["client_port"], site)
    later = None
    if point.phase == "answered":
        running.process.send_signal(signal.SIGSTOP)
        later = aws.fault("*", "hold", phase="before", user_agent=client, count=None, seconds=HOLD_SECONDS)
        aws.release(fault)
        _wait_until_idle(aws, held, later)
    if point.victim == "provider":
        os.kill(provider, signal.SIGKILL)
        running.process.send_signal(signal.SIGCONT)
        if later:
            aws.release(later, drop=True)  # whichever other provider of ours it met
        left = _until_terraform_ends(running, point.phase != "answered")
    else:
        running.kill()
        running.process.wait()
        left = []
    left += [f"{what} was left behind" for what in site.wait_until_empty(GONE_SECONDS)]
    for id in filter(None, (fault, later)):
        aws.release(id, drop=True)
    return left


def arm(aws, call, kind, client=OURS, **fields):
    """A fault that meets this call: the first such one after as many effects as when it was recorded."""
    since = None
    if call.effects_before:
        since = aws.fault([f"{verb}*" for verb in EFFECTS], "note", user_agent=client, count=call.effects_before)
    return aws.fault(call.operation, kind, account_id=call.account_id, match=call.object or None,
                     user_agent=client, since=since, **fields)  # fmt: skip


def wait_until_held(site, running, fault, start, meanwhile=lambda: None):
    """The call that is held. None is, if this run goes another way than the recorded one did."""
    deadline = time.monotonic() + REACH_SECONDS
    while True:
        if next(f for f in site.world.aws.faults() if f["id"] == fault)["holding"]:
            return next(c for c in site.world.aws.calls(after=start) if c["fault"] == fault)
        if running.process.poll() is not None:
            raise NotReached(f"not reached: {running.wait()}")
        if time.monotonic() > deadline:
            raise NotReached(f"not reached in {REACH_SECONDS} s")
        meanwhile()
        time.sleep(POLL_SECONDS)


def _wait_until_idle(aws, held, later):
    deadline = time.monotonic() + REACH_SECONDS
    answered = None
    while time.monotonic() < deadline:
        if next(f for f in aws.faults() if f["id"] == later)["holding"]:
            return
        if answered and time.monotonic() - answered > IDLE_SECONDS:
            return
        if not answered and aws.calls(after=held["n"] - 1)[0]["status"] is not None:
            answered = time.monotonic()
        time.sleep(POLL_SECONDS)
    raise NotReached("the call was not answered")


def _until_terraform_ends(running, must_fail):
    """It may have more to do, with the other account's provider."""
    outcome = running.wait()
    if outcome.ok and must_fail:
        return ["the provider's death went unnoticed"]
    return [] if outcome.ok or outcome.errors else [f"ended with {outcome.code} and no error: {outcome}"]


def owner_of(port, site):
    """The process of this site that holds the TCP connection from this local port."""
    wanted = f":{port:04X}"
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[1].endswith(wanted):
            inode = f"socket:[{fields[9]}]"
            for pid in site.processes():
                with contextlib.suppress(OSError):
                    for fd in Path(f"/proc/{pid}/fd").iterdir():
                        with contextlib.suppress(OSError):
                            if os.readlink(fd) == inode:
                                return pid
    raise NotReached(f"no process of this run has the connection from port {port}")
