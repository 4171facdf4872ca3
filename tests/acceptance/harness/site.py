# SPDX-License-Identifier: MPL-2.0
"""A world with a working directory in it that can be forked: made once, tried many times.

A fork costs some ten milliseconds and shares nothing: neither AWS nor its clock, faults, state
files or processes. Where a site is only kept to be forked, its clock stands still.
"""

import contextlib
import shutil
import stat
import time
from pathlib import Path

from .terraform import Workspace
from .world import OPERATOR, World

STANDSTILL = 1e-9


class Site:
    def __init__(self, world, workspace, account):
        self.world, self.workspace, self.account = world, workspace, account
        self.cures = []  # what had to be done in it because a message said so

    @classmethod
    def make(cls, simulator, sandbox, terraform, time_scale, account=OPERATOR, providers=None):
        world = World(simulator.fork(), time_scale)
        own = providers and providers.others()
        return cls(world, _workspace(sandbox, world, account, terraform, own), account)

    def fork(self, sandbox):
        """Its files come along, what runs in it does not."""
        world = self.world.fork()
        world.aws.settings(time_scale=world.time_scale)
        providers = self.workspace.providers and self.workspace.providers.others()
        workspace = _workspace(sandbox, world, self.account, self.workspace.terraform, providers)
        ignored = shutil.ignore_patterns("tmp")
        shutil.copytree(self.workspace.folder, workspace.folder, dirs_exist_ok=True, ignore=ignored)
        return Site(world, workspace, self.account)

    def keep(self):
        """From now on it is only forked."""
        self.workspace.end()
        self.world.aws.settings(time_scale=STANDSTILL)
        return self

    def end(self, remove=True):
        self.workspace.end()
        self.world.end()
        if remove:
            shutil.rmtree(self.workspace.folder, ignore_errors=True)

    @property
    def tmp(self):
        return self.workspace.folder / "tmp"

    def processes(self):
        """Of those started here, the ones still there: by the TMPDIR in their environment."""
        mark, found = f"TMPDIR={self.tmp}\0".encode(), []
        for path in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                if mark in path.read_bytes():
                    found.append(int(path.parent.name))
        return found

    def wait_until_empty(self, seconds):
        """What is left after so long: processes, and sockets in the file system."""
        self.workspace.end_providers()
        deadline = time.monotonic() + seconds
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return [f"process {pid}" for pid in left] + [
            f"socket {path}" for path in self.tmp.rglob("*") if stat.S_ISSOCK(path.lstat().st_mode)
        ]


def _workspace(sandbox, world, account, terraform, providers):
    n = 0
    while True:  # two threads may ask at once
        n += 1
        with contextlib.suppress(FileExistsError):
            folder = sandbox.subfolder(f"site-{n}")
            break
    (folder / "tmp").mkdir()
    environment = sandbox.environment(TMPDIR=str(folder / "tmp"), **world.environment(account))
    return Workspace(folder, terraform, environment, world.allow_delete_of, providers)
