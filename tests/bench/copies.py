# SPDX-License-Identifier: MPL-2.0
"""Terraform's plan of many copies: of new ones, and of existing ones, which it refreshes."""

import statistics
from dataclasses import dataclass

from figures import measured
from harness.terraform import Workspace
from providers import TERRAFORM_ALONE

SETUP_PARALLELISM = 250  # of the apply that makes what is then planned: it is not measured
SETUP_SCALE = 60
LIMIT_SECONDS = 3600


@dataclass
class Place:
    """A subject's own imitation of AWS, and two working directories: nothing made yet, and all made."""

    new: Workspace
    existing: Workspace
    last_call: object


def copies(bench):
    places = {subject.title: place_of(bench, subject) for subject in bench.subjects}
    for count in bench.copies:
        new, existing = {}, {}
        for title, place in places.items():
            bench.doing(f"{count} copies", title)
            new[title] = plans(bench, place, place.new, count)
            place.existing.set_variables(copies=count)
            place.existing.apply(f"-parallelism={SETUP_PARALLELISM}", limit=LIMIT_SECONDS)
            existing[title] = plans(bench, place, place.existing, count)
        for which, found in (("new", new), ("existing", existing)):
            for i, name in enumerate((f"plan of {{}} {which}", f"calls, {{}} {which}")):
                yield measured("copies", name, {title: pair[i] for title, pair in found.items()}, count)


def place_of(bench, subject):
    world, key = bench.new_world(subject, SETUP_SCALE)
    kind = None if subject.kind else TERRAFORM_ALONE
    made = [subject.workspace(names, bench.terraform, world, key, kind) for names in ("new", "existing")]
    for workspace in made:
        workspace.set_variables(names=workspace.folder.name)
        bench.ends(workspace.end)
    return Place(*made, world.aws.last_call)


def plans(bench, place, workspace, count):
    """(seconds, calls)"""
    workspace.set_variables(copies=count)
    seconds, calls = [], []
    for _ in range(bench.repeat):
        before = place.last_call()
        seconds.append(workspace.run("plan", "-no-color", limit=LIMIT_SECONDS).seconds)
        calls.append(place.last_call() - before)
    return statistics.median(seconds), statistics.median(calls)
