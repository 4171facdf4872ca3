# SPDX-License-Identifier: MPL-2.0
"""Many trials at once, a fixed share of them, and what became of them as a table."""

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed

from .progress import note

SHARE = 10
HANDFUL = 8


def in_parallel(work, items):
    """Trials mostly wait: twice as many at a time as there are cores."""
    with ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
        trials = [pool.submit(work, item) for item in items]
        for done, _ in enumerate(as_completed(trials), start=1):
            note(done, len(trials))
    return [trial.result() for trial in trials]


def every_tenth(trials):
    """The same ones each time: one of ten, another one of each ten, so that every column has its turn."""
    return [trial for n, trial in enumerate(trials) if n % SHARE == (n // SHARE) * 3 % SHARE]


def a_handful(trials):
    """Some, always the same ones, from all over: enough to see that a matrix runs."""
    trials = list(trials)
    return trials[SHARE :: len(trials) // HANDFUL + 1]


def table(title, tried, what, outcome, cures=()):
    """Lines of a table of (row, column, well?), and last the line with the sums.

    `cures`: for each tried, what had to be done for it beside the usual, as a message said."""
    rows, columns = list(dict.fromkeys(t[0] for t in tried)), list(dict.fromkeys(t[1] for t in tried))
    all_of, well = Counter(t[:2] for t in tried), Counter(t[:2] for t in tried if t[2])
    width = max(map(len, rows), default=0)
    cells = [max(len(c), 9) for c in columns]
    lines = [" " * width + "".join(f"  {c:>{n}}" for c, n in zip(columns, cells, strict=True))]
    for row in rows:
        told = [f"{well[row, c]} of {all_of[row, c]}" if all_of[row, c] else "" for c in columns]
        lines.append(f"{row:{width}}" + "".join(f"  {t:>{n}}" for t, n in zip(told, cells, strict=True)))
    apart = [f", {n} of them after {cure}" for cure, n in sorted(Counter(c for of in cures for c in set(of)).items())]
    return [*lines, f"{title}: {len(tried)} {what}, {sum(t[2] for t in tried)} {outcome}{''.join(apart)}"]
