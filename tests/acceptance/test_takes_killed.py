# SPDX-License-Identifier: MPL-2.0
"""kill -9 at random over take 1 and then take 2 (harness/killed.py): all is made once and nothing is lost.

Each run is repeatable by seed and number, as far as the machine's speed lets it.
"""

import random
import time
from collections import Counter

import pytest
from harness.killed import measured, try_run
from harness.matrix import in_parallel


def run(sites, request, show, runs):
    seed = request.config.getoption("--seed") or random.SystemRandom().randrange(10**6)
    print(f"--seed={seed}")
    base = sites.base("seven steps, nothing yet")
    seconds = measured(base, sites.sandbox)
    began = time.monotonic()
    tried = in_parallel(lambda number: try_run(number, seed, base, sites.sandbox, seconds), range(runs))
    failed = [f"{it}\n    " + "\n    ".join(it.problems) for it in tried if it.problems]
    victims = Counter(victim for it in tried for _, victim, _ in it.kills)
    show(
        [
            f"takes killed: seed {seed}, {runs} runs, {sum(victims.values())} kills {dict(victims)}, "
            f"{sum(it.applies for it in tried)} applies, {runs - len(failed)} converged, "
            f"{time.monotonic() - began:.0f} s"
        ]
    )
    assert not failed, f"--seed={seed}: {len(failed)} of {runs} runs:\n" + "\n".join(failed)


def test_two_runs_converge(sites, request, show):
    run(sites, request, show, 2)


@pytest.mark.tenth
def test_six_runs_converge(sites, request, show):
    run(sites, request, show, 6)


@pytest.mark.long
def test_two_hundred_runs_converge(sites, request, show):
    run(sites, request, show, 200)
