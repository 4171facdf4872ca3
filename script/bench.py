#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Measures the provider, beside another one and beside the least that its work costs; the options: script/bench.

The reference (tests/bench/reference_start.c) only makes a P-256 certificate and opens a socket: the least that a
start costs. Beside plans it stands for Terraform without a provider, with as many of its own terraform_data.
"""

import signal

signal.signal(signal.SIGINT, signal.SIG_DFL)  # until script.run can say something about it

import contextlib
import datetime
import functools
import json
import os
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / "acceptance"), str(ROOT / "tests" / "bench")]
import figures
import plot
from copies import copies
from functions import calls
from harness import script
from harness.sandbox import BUILD, build, find_terraform, provider_binaries
from harness.screen import Screen
from harness.world import World, start_simulator
from lag import lag
from providers import prepare
from starts import handshake, memory, schema, sizes
from stops import stops
from subject import Subject

GROUPS = {  # name -> (what measures it, how often where --repeat does not say it)
    "size": (sizes, 1),
    "handshake": (handshake, 40),
    "memory": (memory, 5),
    "schema": (schema, 20),
    "copies": (copies, 3),
    "lag": (lag, 20),
    "calls": (calls, 20000),
    "stops": (stops, 20),
}
COPIES = (1, 20, 200)
PLOT_COPIES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


def main():
    options = parse_arguments()
    script.require_loopback()
    subjects = []
    try:
        find_subjects(options, subjects)
        with Screen() as screen:
            report = Bench(screen, options, subjects).run()
    finally:
        with script.undisturbed():
            for subject in subjects:
                subject.remove()
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    if options.plot:
        about = f"terraform plan of 1 to {max(PLOT_COPIES):,} copies, beside an imitation of AWS on the same machine"
        options.plot.write_text(plot.svg(report["figures"], labels(report["providers"]), about))


def find_subjects(options, found):
    """This provider, the other one, the reference. They have something to remove as soon as they are in the list."""
    if options.against:  # before anything is built for it
        found.append(Subject(options.against))
        found[0].learn()
    build("--with-tests", "--preset", options.preset, terraform=options.terraform)
    found.insert(0, Subject(provider_binaries(BUILD / options.preset)["rds-snapshot/snapshot"]))
    found[0].learn()
    if options.against and found[1].title == found[0].title:
        found[1].title = "other"
    found.append(Subject(BUILD / options.preset / "tests" / "reference_start", "reference"))


def labels(providers):
    """Of the lines in the picture."""
    found = {title: f"{it['provider']} {it['version'] or title}: {it['resource']}" for title, it in providers.items()}
    return {**found, "reference": "Terraform alone: terraform_data"}


def parse_arguments():
    parser = script.parser("bench")
    parser.add_argument("--against", type=Path)
    parser.add_argument("--only", action="append", choices=GROUPS)
    parser.add_argument("--preset", default="static")
    parser.add_argument("--terraform")
    parser.add_argument("--repeat", type=positive)
    parser.add_argument("--copies", type=positive, nargs="+", default=COPIES)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    if options.against and not (options.against.is_file() and os.access(options.against, os.X_OK)):
        parser.error(f"--against: {options.against} is not a program")
    for option in ("json", "plot"):
        path = getattr(options, option)
        if path and not path.absolute().parent.is_dir():
            parser.error(f"--{option}: the folder of {path} does not exist")
    options.only = options.only or list(GROUPS)
    if options.plot:
        if "copies" not in options.only:
            parser.error("--plot shows the figures of copies: add --only copies")
        options.copies = PLOT_COPIES
    return options


def positive(text):
    number = int(text)
    if number < 1:
        raise ValueError
    return number


class Bench:
    """What the measurements share: the subjects (this provider, the other, the reference), and how much of each."""

    def __init__(self, screen, options, subjects):
        self.screen, self.options, self.subjects = screen, options, subjects
        self.providers = [subject for subject in subjects if subject.kind]
        self.ours = [subject for subject in subjects if subject.is_ours]
        self.titles = [subject.title for subject in subjects]
        self.copies, self.sandbox = options.copies, subjects[0].sandbox
        self.repeat = self.group = self._stack = None

    def run(self):
        """The report, which --json writes."""
        rows = []
        self.screen.line(f"{datetime.date.today()}, {os.cpu_count()} cores")
        for group in self.options.only:
            measure, usual = GROUPS[group]
            self.group = group
            self.repeat = self.options.repeat or usual
            self.doing("")
            self.screen.line()
            self.screen.line(figures.heading(self.group, self.titles))
            with contextlib.ExitStack() as self._stack:
                for row in measure(self):
                    rows.append(row)
                    self.screen.line(figures.line(row, self.titles))
        self.screen.line()
        self.screen.line("Lower is better, except for calls/s. The last column compares the first two.")
        return {
            "date": str(datetime.date.today()),
            "cores": os.cpu_count(),
            "providers": {subject.title: subject.about() for subject in self.subjects},
            "figures": rows,
        }

    @functools.cached_property
    def terraform(self):
        return find_terraform(self.options.terraform)

    def doing(self, what, how_far=""):
        self.screen.doing(f"{self.group}: {what}" if what else self.group, how_far)

    def ends(self, end):
        """Called when the group has been measured, however it ends."""
        self._stack.callback(end)

    def new_world(self, subject, scale=1):
        """An imitation of AWS for this subject alone: (world, ARN of a KMS key)."""
        simulator = start_simulator(subject.sandbox, BUILD / "venv" / "bin" / "python", scale)
        self.ends(simulator.stop)
        world = World(simulator, scale)
        return world, prepare(world)

    # ---- Values: title -> number, in the order of the subjects; None where there is none

    def in_order(self, values):
        return {title: values.get(title) for title in self.titles}

    def each(self, measure):
        return {subject.title: measure(subject) for subject in self.subjects}

    def each_median(self, measure):
        samples = {title: [] for title in self.titles}
        for _ in range(self.repeat):
            for subject in self.subjects:
                samples[subject.title].append(measure(subject))
        return {title: statistics.median(found) for title, found in samples.items()}


if __name__ == "__main__":
    script.run(main)
