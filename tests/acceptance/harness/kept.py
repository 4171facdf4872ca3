# SPDX-License-Identifier: MPL-2.0
"""Worlds of the demo that were kept: each is a sandbox in this clone whose imitation of AWS still runs.

A record in the sandbox says which process that is. Only the very same one is ended, and only what has a
record is removed.
"""

import json
import os
import select
import shlex
import shutil
import signal
from pathlib import Path

from .sandbox import BUILD

RECORD = "kept.json"
PATIENCE_SECONDS = 10


def keep(sandbox, workspace, simulator):
    """Records the world; the program that runs its Terraform in its environment."""
    record = identity(simulator.pid)
    if not record:
        raise SystemExit("The imitation of AWS has ended by itself, so nothing is kept.")
    start = sandbox.folder / workspace.terraform.name
    settings = " ".join(shlex.quote(f"{name}={value}") for name, value in workspace.environment.items())
    start.write_text(
        "#!/bin/sh\n"
        f"cd {shlex.quote(str(workspace.folder))} && "
        f"""exec env -i {settings} /bin/sh -c 'exec "$0" "$@"' {shlex.quote(str(workspace.terraform))} "$@"\n"""
    )
    start.chmod(0o755)
    whole = sandbox.folder / f"{RECORD}.new"
    whole.write_text(json.dumps(record))
    whole.rename(sandbox.folder / RECORD)
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
    """By a handle, which stays that process's when its number goes to another."""
    try:
        handle = os.pidfd_open(recorded["pid"])
    except ProcessLookupError:
        return False
    try:
        if identity(recorded["pid"]) != recorded:
            return False
        for number in (signal.SIGTERM, signal.SIGKILL):
            signal.pidfd_send_signal(handle, number)
            if select.select([handle], [], [], PATIENCE_SECONDS)[0]:
                break
    except ProcessLookupError:  # by itself, just now
        pass
    finally:
        os.close(handle)
    return True


def identity(pid):
    """A number may be another process's by now; its start, in ticks since the machine's, is not."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        start = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[19]
    except OSError:
        return None
    return {"pid": pid, "start": start, "command": command.decode("utf-8", "surrogateescape")} if command else None
