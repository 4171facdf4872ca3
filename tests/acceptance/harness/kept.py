# SPDX-License-Identifier: MPL-2.0
"""Worlds of the demo that were kept: each is a sandbox in this clone whose imitation of AWS still runs.

A record in the sandbox says which process that is. Only the very same one is ended, and only what has a
record is removed.
"""

import json
import os
import shlex
import shutil
import signal
import time
from pathlib import Path

from .sandbox import BUILD

RECORD = "kept.json"
PATIENCE_SECONDS = 10


def keep(sandbox, workspace, simulator):
    """Records the world; the program that runs its Terraform in its environment."""
    start = sandbox.folder / workspace.terraform.name
    settings = " ".join(shlex.quote(f"{name}={value}") for name, value in workspace.environment.items())
    start.write_text(
        "#!/bin/sh\n"
        f"cd {shlex.quote(str(workspace.folder))} && "
        f'exec env -i {settings} {shlex.quote(str(workspace.terraform))} "$@"\n'
    )
    start.chmod(0o755)
    (sandbox.folder / RECORD).write_text(json.dumps(identity(simulator.pid)))
    return start


def end_all():
    """Ends and removes each; what was done, a line each."""
    for folder in sorted((BUILD / "sandbox").glob("demo-*")):
        record = folder / RECORD
        if record.exists():  # an error where the folder is somebody else's
            ended = _end(json.loads(record.read_text()))
            shutil.rmtree(folder)
            yield f"{'ended and removed' if ended else 'removed, it had already ended'}: {folder.name}"


def _end(recorded):
    pid = recorded["pid"]
    if identity(pid) != recorded:
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while identity(pid) == recorded:
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
    return True


def identity(pid):
    """A number may be another process's by now; its start, in ticks since the machine's, is not."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        start = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[19]
    except OSError:
        return None
    return {"pid": pid, "start": start, "command": command.decode("utf-8", "surrogateescape")} if command else None
