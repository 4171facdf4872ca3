# SPDX-License-Identifier: MPL-2.0
"""Every fault at every AWS operation that we call, in the operation that calls it (harness/faulty.py), and whatever a
copy under way needs, taken away (harness/midcopy.py)."""

import pytest
from harness.faulty import cases_of, try_case, worth_trying
from harness.matrix import a_handful, every_tenth, in_parallel, table
from harness.midcopy import mid_copies
from harness.operations import ADMITTED_BY_A_GRANT, COPY_AND_SHARE, SEVEN_STEPS

LIMIT = "6m"  # simulated: what does not get better is given up after six seconds

# The last two only for what nothing else calls.
SCENARIOS = [*COPY_AND_SHARE, ADMITTED_BY_A_GRANT, SEVEN_STEPS[0]]


def run(sites, choose, show, scenarios=SCENARIOS):
    recordings = dict(zip(scenarios, in_parallel(sites.recording, scenarios), strict=True))
    calls = worth_trying(recordings)
    assert scenarios is not SCENARIOS or "ListGrants" in {call.operation for _, call in calls}
    cases = choose([*cases_of(calls), *(case for case in mid_copies() if case.scenario in recordings)])
    ends = in_parallel(lambda c: try_case(c, recordings[c.scenario], sites.sandbox), cases)
    tried = [(c.row, c.kind, not told) for c, (_, told) in zip(cases, ends, strict=True)]
    retried = sum(succeeded and not told for succeeded, told in ends)
    named = sum(not succeeded and not told for succeeded, told in ends)
    *rows, _ = table("fault matrix", tried, "cases", "well")
    show([*rows, f"fault matrix: {len(cases)} cases, {retried} succeeded after retries, {named} named the cause"])
    failed = [f"{case}\n    " + "\n    ".join(told) for case, (_, told) in zip(cases, ends, strict=True) if told]
    assert not failed, f"{len(failed)} of {len(cases)} cases:\n" + "\n".join(failed)


def test_a_handful_of_the_cases_ends_well(sites, show):
    run(sites, a_handful, show, COPY_AND_SHARE[:2])


@pytest.mark.tenth
def test_a_tenth_of_the_cases_ends_well(sites, show):
    run(sites, every_tenth, show)


@pytest.mark.long
def test_every_case_ends_well(sites, show):
    run(sites, lambda cases: cases, show)
