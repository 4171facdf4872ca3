# SPDX-License-Identifier: MPL-2.0
"""How fast everything ends that waits for a copy: the provider after StopProvider, Terraform after Ctrl-C.

The copy is made by the imitation of AWS and takes for ever; provider and imitation keep real time.
"""

import random
import time

from figures import measured, median_and
from harness.world import OLD
from messages import fields

FOR_EVER = 10**6
LOOKS = 2  # after so many looks at the copy it waits for the next one
INTERVAL_SECONDS = 2  # between those looks


def stops(bench):
    answers, exits, interrupts = {}, {}, {}
    for subject in bench.ours:
        copying = Copying(bench, subject)
        answers[subject.title], exits[subject.title] = provider_stops(bench, copying)
        interrupts[subject.title] = terraform_interrupts(bench, copying)
    for moment, found in (
        ("StopProvider to answer", answers),
        ("StopProvider to exit", exits),
        ("Ctrl-C to exit", interrupts),
    ):
        for share, samples in (("p50", 0.5), ("p99", 0.99)):
            values = {title: median_and(samples, times)[1] for title, times in found.items()}
            yield measured("stops", f"{moment}, {share}", bench.in_order(values))


class Copying:
    """A world in which a copy to each new name is begun and does not end."""

    def __init__(self, bench, subject):
        self.subject = subject
        self.world, self.key = bench.new_world(subject)
        self.world.copies_take(FOR_EVER)
        self.environment = self.world.environment(OLD)
        self.count = 0

    def next_names(self):
        self.count += 1
        return f"after-{self.count}"

    def wait_until_waiting(self, after):
        """And then for a moment anywhere between two looks."""
        name = f"after-{self.count}-0"
        looks = lambda: [c for c in self.world.aws.calls("DescribeDBClusterSnapshots", after)
                         if name in str(c["parameters"])]  # fmt: skip
        self.world.wait_until(lambda: self.world.snapshot(name) and len(looks()) >= LOOKS, "the copy")
        time.sleep(random.random() * INTERVAL_SECONDS / 2)


def provider_stops(bench, copying):
    """Milliseconds from StopProvider to the answer of the apply it stops, and to the end of the process."""
    answers, exits = [], []
    for i in range(bench.repeat):
        bench.doing(copying.subject.title, f"stop {i} of {bench.repeat}")
        after = copying.world.aws.last_call()
        with copying.subject.session(**copying.environment) as session:
            name = f"{copying.next_names()}-0"
            apply = session.begin_apply(session.plan(session.schemas(), copying.key, name))
            copying.wait_until_waiting(after)
            began = time.perf_counter()
            session.stop()
            answer = fields(session.client.end(apply))
            answers.append((time.perf_counter() - began) * 1000)
            session.client.begin("/plugin.GRPCController/Shutdown", b"")
            session.process.wait(10)
            exits.append((time.perf_counter() - began) * 1000)
        assert b"goes on in AWS" in answer[3][0], answer
    return answers, exits


def terraform_interrupts(bench, copying):
    """Milliseconds from Ctrl-C to the end of Terraform."""
    ends = []
    for i in range(bench.repeat):
        bench.doing(copying.subject.title, f"Ctrl-C {i} of {bench.repeat}")
        names = copying.next_names()
        workspace = copying.subject.workspace(names, bench.terraform, copying.world, copying.key)
        workspace.set_variables(copies=1, names=names)
        bench.ends(workspace.end)
        after = copying.world.aws.last_call()
        running = workspace.start("apply", "-json", "-auto-approve")
        copying.wait_until_waiting(after)
        began = time.perf_counter()
        running.interrupt()
        running.process.wait(30)
        ends.append((time.perf_counter() - began) * 1000)
        running.wait().assert_warning("goes on in AWS")
    return ends
