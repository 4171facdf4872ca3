# SPDX-License-Identifier: MPL-2.0
"""How long after a copy is available a provider's wait for it ends.

One apply begins all copies. They become available one after the other, between one minute and ten after that.
"""

import time
from datetime import datetime

from figures import measured, median_and
from harness.world import snapshot_arn

FIRST_SECONDS, LAST_SECONDS = 60, 600  # the age at which a copy becomes available
SCALE = 20  # for providers with a setting for it; others wait in real time
FOR_EVER = 10**6
POLLS = ("DescribeDBClusterSnapshots", "DescribeDBSnapshots")


def lag(bench):
    runs = {subject.title: Waits(bench, subject) for subject in bench.providers}
    while any([run.goes_on() for run in runs.values()]):  # all at the same time
        bench.doing(f"{sum(run.missing() for run in runs.values())} copies are not available yet")
        time.sleep(0.01)
    lags = {title: median_and(0.9, run.lags()) for title, run in runs.items()}
    for i, name in enumerate(("after available, median", "after available, p90")):
        yield measured("lag", name, bench.in_order({title: pair[i] for title, pair in lags.items()}))
    yield measured("lag", "polls per minute", bench.in_order({t: run.polls_per_minute() for t, run in runs.items()}))


class Waits:
    """One apply that waits for `repeat` copies. One real second is `scale` seconds of AWS."""

    def __init__(self, bench, subject):
        self.scale, self.count = SCALE if subject.scales_time else 1, bench.repeat
        self.world, key = bench.new_world(subject, self.scale)
        self.world.aws.settings(copy_seconds=FOR_EVER, create_seconds=FOR_EVER)
        workspace = subject.workspace("lag", bench.terraform, self.world, key)
        workspace.set_variables(copies=self.count)
        bench.ends(workspace.end)
        self.arns = [snapshot_arn(f"after-{i}", kind=subject.kind.snapshot) for i in range(self.count)]
        self.begun = self.last_call = None  # when all copies had begun, and the number of the last call until then
        self.available = []  # when, in the order of the copies
        self.running = workspace.start("apply", "-json", "-auto-approve", f"-parallelism={self.count}")

    def missing(self):
        return self.count - len(self.available)

    def goes_on(self):
        if self.begun is None and {snapshot["arn"] for snapshot in self.world.aws.snapshots()} >= set(self.arns):
            self.begun, self.last_call = time.time(), self.world.aws.last_call()
        if self.begun and self.missing() and time.time() >= self.begun + self._age(len(self.available)) / self.scale:
            self.world.aws.change_snapshot(self.arns[len(self.available)], status="available")
            self.available.append(time.time())
        return self.running.process.poll() is None

    def _age(self, i):
        return FIRST_SECONDS + (LAST_SECONDS - FIRST_SECONDS) * (i + 0.5) / self.count

    def lags(self):
        """In seconds of AWS."""
        return [(ended - self.available[i]) * self.scale for i, ended in self._ends().items()]

    def polls_per_minute(self):
        """Of all copies, by the time that they were waited for."""
        polls = [call for call in self.world.aws.calls(after=self.last_call) if call["operation"] in POLLS]
        return len(polls) / sum((ended - self.begun) * self.scale / 60 for ended in self._ends().values())

    def _ends(self):
        """The copy's number -> when Terraform said that it is created."""
        outcome = self.running.wait()
        if not outcome.ok:
            raise SystemExit(f"The apply of {self.count} copies failed.\n\n{outcome}")
        return {
            message["hook"]["resource"]["resource_key"]: datetime.fromisoformat(message["@timestamp"]).timestamp()
            for message in outcome.messages
            if message["type"] == "apply_complete"
        }
