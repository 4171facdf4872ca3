# SPDX-License-Identifier: MPL-2.0
"""The provider's processes that a workspace's commands have started, and their end."""

import os
import time
from pathlib import Path

from .sandbox import processes_of


def provider_of(workspace, name="terraform-provider-snapshot"):
    return [pid for pid in map(int, processes_of(workspace.folder.parent)) if _program(pid) == name]


def _program(pid):
    try:
        return os.path.basename(os.readlink(f"/proc/{pid}/exe"))
    except OSError:
        return ""


def wait_until_ended(pids, seconds=10):
    deadline = time.monotonic() + seconds
    while any(_is_running(pid) for pid in pids):
        assert time.monotonic() < deadline, f"still running after {seconds} s: {pids}"
        time.sleep(0.05)


def _is_running(pid):
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
