# SPDX-License-Identifier: MPL-2.0
"""Every figure that script/bench measures, and how results are printed. The measurements are in the other files.

A row's name may have {} for the number of copies or of calls in flight.
"""

import statistics
from dataclasses import dataclass

LOWER, HIGHER = "lower", "higher"


@dataclass(frozen=True)
class Figure:
    group: str
    name: str
    unit: str
    how: str
    better: str = LOWER


FIGURES = (
    Figure("size", "binary", "MiB", "the file"),
    Figure("size", "shared libraries", "", "lines of ldd"),
    Figure("handshake", "with certificate, median", "ms", "from exec to the handshake line, as Terraform starts it"),
    Figure("handshake", "with certificate, p90", "ms", "the same"),
    Figure("handshake", "without certificate, median", "ms", "without a host's certificate: no key is made"),
    Figure("handshake", "without certificate, p90", "ms", "the same"),
    Figure("memory", "at the handshake", "MiB", "VmHWM after a start with certificate; median"),
    Figure("memory", "after the schema", "MiB", "VmHWM after GetProviderSchema, without certificate; median"),
    Figure("memory", "after a plan", "MiB", "VmHWM after the plan of a copy, in the same process; median"),
    Figure("schema", "answer", "KiB", "GetProviderSchema's answer"),
    Figure("schema", "first answer, median", "ms", "GetProviderSchema, the first call of a process"),
    Figure("schema", "next answer, median", "ms", "GetProviderSchema, the second call"),
    Figure("copies", "plan of {} new", "s", "terraform plan, wall time; median"),
    Figure("copies", "calls, {} new", "calls", "calls to AWS of that plan"),
    Figure("copies", "plan of {} existing", "s", "terraform plan with a refresh that finds no change; median"),
    Figure("copies", "calls, {} existing", "calls", "calls to AWS of that plan"),
    Figure("lag", "after available, median", "s", "from available in AWS to the end of the wait"),
    Figure("lag", "after available, p90", "s", "the same"),
    Figure("lag", "polls per minute", "calls", "Describe calls for a copy, from its beginning to its end"),
    Figure("calls", "{} in flight", "calls/s", "CallFunction snapshot_arn over one connection", HIGHER),
    Figure("calls", "memory after that", "MiB", "VmHWM"),
    Figure("stops", "StopProvider to answer, p50", "ms", "while a copy is waited for: to the answer of the apply"),
    Figure("stops", "StopProvider to answer, p99", "ms", "the same"),
    Figure("stops", "StopProvider to exit, p50", "ms", "to the end of the process"),
    Figure("stops", "StopProvider to exit, p99", "ms", "the same"),
    Figure("stops", "Ctrl-C to exit, p50", "ms", "to Terraform's end"),
    Figure("stops", "Ctrl-C to exit, p99", "ms", "the same"),
)
BY_NAME = {(figure.group, figure.name): figure for figure in FIGURES}


def measured(group, name, values, count=None):
    """A row of the result. `values`: the subject's title -> a number, or None where it cannot be measured."""
    figure = BY_NAME[group, name]
    first, *others = values.values()
    ratio = advantage(figure, first, others[0]) if others else None
    return {
        "group": group, "figure": name, "count": count, "unit": figure.unit, "better": figure.better,
        "how": figure.how, "values": values, "times_better": ratio,
    }  # fmt: skip


def advantage(figure, first, second):
    """How many times better the first is than the second; None where that cannot be said."""
    if not first or not second:
        return None
    return second / first if figure.better == LOWER else first / second


def median_and(share, samples):
    """(median, the value that `share` of the samples do not exceed), or two None without samples."""
    if not samples:
        return None, None
    ordered = sorted(samples)
    return statistics.median(ordered), ordered[min(len(ordered) - 1, int(len(ordered) * share))]


# ---- The table on the screen


def heading(group, titles):
    return f"{group:34}" + "".join(f"{title:>10}" for title in titles)


def line(row, titles):
    name = row["figure"].format(row["count"])
    values = "".join(f"{number(row['values'].get(title)):>10}" for title in titles)
    return f"  {name:27} {row['unit']:>4} {values} {verdict(row['times_better'])}".rstrip()


def number(value):
    if value is None:
        return "-"
    return f"{value:.0f}" if value == int(value) or value >= 1000 else f"{value:.{1 if value >= 10 else 2}f}"


def verdict(times_better):
    if times_better is None:
        return ""
    times, word = (times_better, "better") if times_better > 1 else (1 / times_better, "worse")
    return f" {times:.1f}x {word}" if times >= 1.05 else " same"
