# SPDX-License-Identifier: MPL-2.0
"""One fault at one AWS call of a scenario: it succeeds all the same, or says why not.

What it says must name the operation and the cause; what it must not do is hang, crash or put a
secret into a log. After an error the same command, left in peace, ends as if nothing had been.
"""

import re
from dataclasses import dataclass

from .crash import arm, try_again
from .operations import COPY_AND_SHARE, SEVEN_STEPS, Call, Scenario, disagreements, has_effect, plan_arguments, settle
from .terraform import CommandFailed

ONCE, ALWAYS = 1, None
LIMIT_SECONDS = 200  # of real time: an answer is waited for a minute of it, whatever the scenario's limit

CONNECTION = ("reset", "closed", "connection", "Connection")
LATE = ("timed out", "time limit", "no time was left")
DAMAGED = ("not XML", "not JSON", "reply", "closed", "incomplete", "answer")
UNAVAILABLE = ("503", "ServiceUnavailable")
# kind -> (its fields, how often it strikes, words of which an error must have one)
FAULTS = {
    "throttle": ({}, (ONCE, ALWAYS), ("Rate exceeded", "Throttling")),
    "error 500": ({"code": "InternalFailure", "status": 500}, (ONCE,), ("InternalFailure",)),
    "error 400": ({"code": "TheCauseOfIt", "status": 400}, (ALWAYS,), ("TheCauseOfIt",)),
    "http xml": ({"body": "xml"}, (ONCE,), UNAVAILABLE),
    "http html": ({"body": "html"}, (ONCE, ALWAYS), UNAVAILABLE),
    "http empty": ({"body": "empty"}, (ONCE,), UNAVAILABLE),
    "access_denied": ({}, (ALWAYS,), ("AccessDenied",)),
    "explicit_deny": ({}, (ALWAYS,), ("explicit",)),
    "expired_token": ({}, (ONCE, ALWAYS), ("ExpiredToken", "expired")),
    "not_found": ({}, (ALWAYS,), ("NotFound", "not found")),
    "reset_before": ({}, (ONCE, ALWAYS), CONNECTION),
    "reset_after": ({}, (ONCE, ALWAYS), CONNECTION),
    "hold": ({"seconds": 100}, (ALWAYS,), LATE),
    "slow": ({"seconds": 0.5}, (ONCE,), LATE),
    "cut": ({}, (ONCE,), CONNECTION + DAMAGED),
    "endless": ({}, (ONCE,), LATE + DAMAGED),
    "garbage": ({}, (ONCE, ALWAYS), DAMAGED),
    "fail_copy": ({}, (ONCE,), ("failed",)),
}
CRASH = re.compile(
    r"plugin (crashed|did not respond)|panic:|inconsistent (result|final plan)|bug in the provider|Provider produced",
    re.I,
)


@dataclass(frozen=True)
class Case:
    scenario: Scenario
    call: Call
    kind: str
    count: int | None

    def __str__(self):
        return f"{self.scenario.name}: {self.call}, {self.kind} {'once' if self.count else 'always'}"

    @property
    def row(self):
        return self.call.operation

    def disturb(self, site, start, expected):
        """(whether it succeeded at once, what is wrong in words)"""
        return _disturbed(self, site, start, expected)


def cases_of(calls):
    """`calls`: (scenario, call)."""
    return [
        Case(scenario, call, kind, count)
        for scenario, call in calls
        for kind, (_, counts, _) in FAULTS.items()
        for count in ([ONCE] if kind == "hold" and is_patient(scenario, call) else counts)
        if kind != "fail_copy" or call.operation.startswith("Copy")
    ]


def is_patient(scenario, call):
    """A plan has ten minutes of real time, as have all together to learn who calls; the example has a day."""
    return call.stage == "plan" or call.operation == "GetCallerIdentity" or scenario in SEVEN_STEPS


def worth_trying(recordings):
    """Every call with an effect on a cluster's snapshot in every operation; of the rest, and of what
    only reads, each AWS operation before and after an effect. `recordings` in order of preference."""
    chosen = {}
    for scenario, recording in recordings.items():
        known = {operation for operation, _ in chosen}
        for call in recording.calls:
            if scenario not in COPY_AND_SHARE and call.operation in known:
                continue  # there for what nothing else calls
            in_each = has_effect(call.operation) and "Cluster" in call.operation
            place = scenario.name if in_each else (call.stage, bool(call.effects_before))
            chosen.setdefault((call.operation, place), (scenario, call))
    return list(chosen.values())


def try_case(case, recording, sandbox):
    """(whether it succeeded at once, what is wrong in words)"""
    site = recording.site.fork(sandbox)
    start = site.world.aws.last_call()
    try:
        succeeded, problems = case.disturb(site, start, recording.expected)
    except (AssertionError, CommandFailed) as problem:
        succeeded, problems = False, [str(problem)]
    problems += site.world.lost_copies()
    site.end(remove=not problems)
    return succeeded, [f"{problem}   (in {site.workspace.folder.name})" for problem in problems]


def _disturbed(case, site, start, expected):
    fields, _, words = FAULTS[case.kind]
    fault = arm(site.world.aws, case.call, case.kind.split()[0], count=case.count, **fields)
    trace = site.workspace.folder / "trace.log"
    outcome = _run(case, site, {"TF_LOG": "TRACE", "TF_LOG_PATH": str(trace)})
    problems = []
    if not next(f for f in site.world.aws.faults() if f["id"] == fault)["hits"]:
        problems.append(f"the fault was not met: {outcome}")
    text = trace.read_text("utf-8", "replace")
    problems += ["a secret is in the log" for secret in site.world.aws.secrets() if secret in text + outcome.out]
    if CRASH.search(str(outcome)) or CRASH.search(outcome.err):
        problems.append(f"a crash: {outcome}")
    site.world.aws.clear_faults()
    if outcome.ok:
        # A "not found" that is a lie is believed: the object is gone from the state, not from AWS.
        if case.call.stage == "apply" and case.kind != "not_found":
            problems += disagreements(site, start, expected)
        return True, problems
    told = "\n".join(d.text for d in outcome.errors)
    if case.kind == "not_found" and case.call.operation.startswith("Delete"):
        # The lie is believed; what is still there is waited for, or has the name that is wanted.
        words = ('"after" to be deleted', "A snapshot of that name has failed or is being deleted")
    elif case.kind != "fail_copy" and case.call.operation not in told:
        problems.append(f"{case.call.operation} is not named: {outcome}")
    if not any(word in told for word in words):
        problems.append(f"none of {words} is named: {outcome}")
    return False, problems + try_again(case.scenario, site, start, _expected(case, expected))


def _run(case, site, environment):
    if case.call.stage == "plan":
        arguments = ["plan", "-json", "-out=again", *plan_arguments(case.scenario)]
    else:
        arguments = ["apply", "-json", "plan"]
    running = site.workspace.start(*arguments, environment=environment)
    while running.process.poll() is None and case.scenario.finishes:
        settle(case.scenario, site, start=0)
    return running.wait(LIMIT_SECONDS)


def _expected(case, expected):
    """A copy that AWS failed is made once more."""
    if case.kind != "fail_copy":
        return expected
    return {**expected, "copies made": sorted(expected["copies made"] + [case.call.object])}
