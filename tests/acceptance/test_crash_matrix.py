# SPDX-License-Identifier: MPL-2.0
"""kill -9 at every AWS call of every operation; the command again (a plain apply after -replace) ends as if nothing
had been.

harness/operations.py tells the operations, harness/crash.py where and whom death meets. The points
are enumerated from a run without a disturbance, not from a list.
"""

from dataclasses import replace
from textwrap import shorten

import pytest
from harness.crash import points_of, try_point
from harness.matrix import a_handful, every_tenth, in_parallel, table
from harness.operations import AWS, FOREIGN, SCENARIOS, has_effect


def run(sites, scenarios, choose, report):
    recordings = dict(zip(scenarios, in_parallel(sites.recording, scenarios), strict=True))
    points = choose([p for s in scenarios for p in points_of(s, recordings[s])])
    ends = in_parallel(lambda p: try_point(p, recordings[p.scenario], sites.sandbox), points)
    problems = [told for told, _ in ends]
    report(points, problems, [cures for _, cures in ends])
    failed = [f"{point}\n    " + "\n    ".join(told) for point, told in zip(points, problems, strict=True) if told]
    assert not failed, f"{len(failed)} of {len(points)} points:\n" + "\n".join(failed)


@pytest.fixture
def report(show):
    def note(points, problems, cures):
        tried = [(p.scenario.name, p.phase, not told) for p, told in zip(points, problems, strict=True)]
        show(table("crash matrix", tried, "points", "converged", cures))

    return note


def a_share(points):
    """Of the usual ones a tenth; of the same again with instances, and of a change of mind, a hundredth."""
    usual = [p for p in points if p.scenario.after == "again" and not p.scenario.name.startswith("instance")]
    return every_tenth(usual) + every_tenth(every_tenth([p for p in points if p not in usual]))


def test_a_handful_of_the_points_converges(sites, report):
    run(sites, [s for s in SCENARIOS if s.name in ("cluster: create", "cluster: rename")], a_handful, report)


@pytest.mark.tenth
def test_a_share_of_the_points_converges(sites, report):
    run(sites, SCENARIOS, a_share, report)


@pytest.mark.long
def test_every_point_converges(sites, report):
    run(sites, SCENARIOS, lambda points: points, report)


@pytest.mark.long
def test_for_information_inside_calls_of_the_aws_provider(sites, show):
    """hashicorp/aws does not adopt what a killed run has made: what became of it is told, not demanded.

    Each call is made once, in whatever order, and keys have other ids in each run."""
    recording = sites.recording(FOREIGN, AWS)
    calls = [
        replace(call, effects_before=0, object="" if "KeyId" in call.object else call.object)
        for call in recording.calls
        if has_effect(call.operation)
    ]
    points = points_of(FOREIGN, recording, calls)
    problems = [told for told, _ in in_parallel(lambda p: try_point(p, recording, sites.sandbox, AWS), points)]
    converged = sum(not told for told in problems)
    show(
        [
            f"inside aws_* calls, for information: {len(points)} points, {converged} converged",
            *(f"  not: {p}: {shorten(told[0], 240)}" for p, told in zip(points, problems, strict=True) if told),
        ]
    )
