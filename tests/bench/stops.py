# SPDX-License-Identifier: MPL-2.0
"""How fast everything ends that waits for a copy: the provider after StopProvider, Terraform after Ctrl-C.

The copy is made by the imitation of AWS and takes for ever; provider and imitation keep real time.
"""

import contextlib
import random
import subprocess
import time

from grpc_client import Client
from harness.sandbox import BUILD, find_terraform, use_overrides
from harness.terraform import Workspace
from harness.world import OLD, REGION, World, start_simulator
from messages import dynamic, field, fields, object_of

RPC = "/tfplugin6.Provider/"
RESOURCE = "snapshot_reencrypt_copy"
FOR_EVER = 10**6
LOOKS = 2  # after so many looks at the copy it waits for the next one
INTERVAL_SECONDS = 2  # between those looks


class Copying:
    """A world in which a copy to each new name is begun and does not end."""

    def __init__(self, sandbox):
        self.simulator = start_simulator(sandbox, BUILD / "venv" / "bin" / "python", 1)
        self.world = World(self.simulator, 1)
        self.world.copies_take(FOR_EVER)
        self.world.has_room(10**6)
        self.world.aws.add_snapshot(OLD, REGION, "before")
        self.key = self.world.aws.add_key(OLD, REGION)
        self.environment = sandbox.environment(**self.world.environment(OLD))
        self.count = 0

    def end(self):
        self.simulator.stop()

    def next_arguments(self):
        self.count += 1
        return {
            "source_snapshot_identifier": "before",
            "target_snapshot_identifier": f"after-{self.count}",
            "kms_key_id": self.key,
        }

    def wait_until_waiting(self, after):
        """And then for a moment anywhere between two looks."""
        looks = lambda: [c for c in self.world.aws.calls("DescribeDBClusterSnapshots", after)
                         if f"after-{self.count}" in str(c["parameters"])]  # fmt: skip
        self.world.wait_until(lambda: self.world.snapshot(f"after-{self.count}") and len(looks()) >= LOOKS, "the copy")
        time.sleep(random.random() * INTERVAL_SECONDS / 2)


def provider_stops(copying, binary, host, count):
    """Milliseconds from StopProvider to the answer of the apply it stops, and to the end of the process."""
    answers, ends = [], []
    for _ in range(count):
        after = copying.world.aws.last_call()
        process = subprocess.Popen(
            [binary], env={**copying.environment, **host}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        with contextlib.closing(Client(process.stdout.readline().decode().split("|")[3])) as client:
            apply = begin_apply(client, copying.next_arguments())
            copying.wait_until_waiting(after)
            began = time.perf_counter()
            client.call(RPC + "StopProvider")
            answer = fields(client.end(apply))
            answers.append((time.perf_counter() - began) * 1000)
            client.begin("/plugin.GRPCController/Shutdown", b"")
            process.wait(10)
            ends.append((time.perf_counter() - began) * 1000)
        process.stdout.close()
        assert b"goes on in AWS" in answer[3][0], answer
    return answers, ends


def begin_apply(client, arguments):
    """What a host asks before and for the creation of a copy; the stream of that call."""
    schemas = fields(client.call(RPC + "GetProviderSchema"))
    resources = {entry[1][0].decode(): entry[2][0] for entry in map(fields, schemas[2])}
    provider = object_of(schemas[1][0], region=REGION)
    client.call(RPC + "ConfigureProvider", field(1, b"1.11.0") + field(2, dynamic(provider)))
    name, none = field(1, RESOURCE.encode()), field(2, dynamic(None))
    config = dynamic(object_of(resources[RESOURCE], **arguments))
    planned = fields(client.call(RPC + "PlanResourceChange", name + none + field(3, config) + field(4, config)))
    assert not planned.get(4), planned
    return client.begin(
        RPC + "ApplyResourceChange", name + none + field(3, planned[1][0]) + field(4, config)
    )


CONFIGURATION = """
terraform {
  required_providers {
    snapshot = { source = "rds-snapshot/snapshot" }
  }
}

provider "snapshot" {
  region = "%s"
}

resource "%s" "x" {
%s
}
"""


def terraform_interrupts(copying, sandbox, binaries, count):
    """Milliseconds from Ctrl-C to the end of Terraform."""
    use_overrides(sandbox, binaries)
    ends = []
    for _ in range(count):
        arguments = copying.next_arguments()
        workspace = Workspace(sandbox.subfolder(f"stop-{copying.count}"), find_terraform(), copying.environment)
        lines = "\n".join(f'  {name} = "{value}"' for name, value in arguments.items())
        workspace.write("main.tf", CONFIGURATION % (REGION, RESOURCE, lines))
        after = copying.world.aws.last_call()
        running = workspace.start("apply", "-json", "-auto-approve")
        try:
            copying.wait_until_waiting(after)
            began = time.perf_counter()
            running.interrupt()
            running.process.wait(30)
            ends.append((time.perf_counter() - began) * 1000)
        finally:
            workspace.end()
        running.wait().assert_warning("goes on in AWS")
    return ends
