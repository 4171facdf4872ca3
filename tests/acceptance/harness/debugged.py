# SPDX-License-Identifier: MPL-2.0
"""Providers started by hand, as a developer does, and workspaces that reattach to them."""

import contextlib
import json
import re
import select
import subprocess
import time
from pathlib import Path


def _serve(binary, environment, errors):
    return subprocess.Popen(
        [binary, "-debug"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        bufsize=0,  # select() below must not be fooled by a buffer
        start_new_session=True,
    )


@contextlib.contextmanager
def debugged_provider(binary, workspace):
    """Its process, which stays for every command of the workspace."""
    process = _serve(binary, workspace.environment, subprocess.STDOUT)
    try:
        workspace.environment["TF_REATTACH_PROVIDERS"] = _reattach_line(process)
        yield process
    finally:
        if process.poll() is None:
            process.terminate()  # which, unlike a kill, leaves no socket behind
        process.communicate()


def _reattach_line(process):
    for _ in range(20):
        readable, _, _ = select.select([process.stdout], [], [], 10)
        assert readable, "nothing was printed for 10 s"
        found = re.search(r"TF_REATTACH_PROVIDERS='?({.*})'?", process.stdout.readline().decode())
        if found:
            return found[1].rstrip("'")
    raise AssertionError("no TF_REATTACH_PROVIDERS among the first lines")


class Reattached:
    """The providers of a workspace: started once and kept for all its commands that are run to their end.

    A start of each for each walk of Terraform costs more than all else that most tests do."""

    COMMANDS = ("plan", "apply", "destroy", "import", "show", "validate")
    OWN_START = ("TF_LOG", "TF_LOG_PATH", "TF_LOG_PROVIDER", "TF_REATTACH_PROVIDERS")  # a log goes through Terraform

    def __init__(self, binaries):
        self._binaries = binaries
        self._processes, self._environment, self._reattach = [], None, {}

    def others(self):
        """For another workspace."""
        return Reattached(self._binaries)

    def environment(self, folder, command, environment):
        """More of it, for a command there. What a provider sees of its own is always that of the command."""
        if command not in self.COMMANDS or any(name in environment for name in self.OWN_START):
            return {}
        if environment != self._environment:
            self.end()
            self._environment = dict(environment)
        for address, binary in self._binaries.items():
            if address not in self._reattach and _is_named(address, folder):
                self._reattach[address] = self._start(binary, folder)
        merged = {name: value for line in self._reattach.values() for name, value in json.loads(line).items()}
        return {"TF_REATTACH_PROVIDERS": json.dumps(merged)} if merged else {}

    def _start(self, binary, folder):
        with (folder / f".{binary.name}.log").open("ab") as log:
            self._processes.append(_serve(binary, self._environment, log))
        return _reattach_line(self._processes[-1])

    def end(self):
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.communicate()
        self._processes, self._environment, self._reattach = [], None, {}


def _is_named(address, folder):
    """In a configuration, also of a module: one that is not is started by Terraform if it needs it."""
    return any(f'"{address}"' in path.read_text() for path in folder.glob("*.tf"))


def private_memory(pid):
    """RssAnon in KiB: what a process has written to and shares with nobody."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"^RssAnon:\s+(\d+) kB$", status, re.M)[1])


def peak_memory(pid):
    """VmHWM in KiB: the most that a process has held so far."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"^VmHWM:\s+(\d+) kB$", status, re.M)[1])


def memory_at_rest(pid, seconds):
    """The least RssAnon of that time: sockets' ends are seen, and threads end, a while after a command."""
    readings, until = [], time.monotonic() + seconds
    while not readings or time.monotonic() < until:
        readings.append(private_memory(pid))
        time.sleep(0.1)
    return min(readings)


def many_copies(count):
    """A configuration: copies of one snapshot; another `wave` makes others before it deletes these."""
    return MANY.replace("COUNT", str(count))


MANY = """
terraform {
  required_providers {
    snapshot = { source = "rds-snapshot/snapshot" }
  }
}

provider "snapshot" {
  region = "eu-central-1"
}

variable "wave" { type = string }
variable "key" { type = string }

resource "snapshot_reencrypt_copy" "x" {
  count                      = COUNT
  source_snapshot_identifier = "before"
  target_snapshot_identifier = "after-${var.wave}-${count.index}"
  kms_key_id                 = var.key

  lifecycle {
    create_before_destroy = true
  }
}
"""
