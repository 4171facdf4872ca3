# SPDX-License-Identifier: MPL-2.0
"""A run of tests as a child in a session of its own: its report, and its end when the caller is interrupted."""

import contextlib
import os
import signal
import subprocess
import xml.etree.ElementTree as xml

from harness.sandbox import BUILD, ROOT

HARNESS = ROOT / "tests" / "acceptance"
PYTHON = BUILD / "venv" / "bin" / "python"


def pytest(report):
    return [PYTHON, "-m", "pytest", "-q", f"--junit-xml={report}", "-p", "no:cacheprovider", "-p", "harness.progress"]


def environment(sandbox):
    return sandbox.environment(PYTHONPATH=str(HARNESS), PYTHONDONTWRITEBYTECODE="1")


@contextlib.contextmanager
def start(screen, command, folder, environment=None, stderr=subprocess.STDOUT):
    """Without an environment, in this one's. An exception in the block ends the child and all that it has started."""
    child = subprocess.Popen(
        [str(word) for word in command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    try:
        yield child
    except BaseException:
        screen.doing("ending what runs")
        end(child)
        raise
    finally:
        child.stdout.close()


def end(child):
    """Interrupted, so that it ends what it has started; what it says about that is not shown."""
    try:
        os.killpg(child.pid, signal.SIGINT)
        child.communicate(timeout=60)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def read_report(report):
    """(module, test, whether it has passed) of each; of a run that wrote none, nothing."""
    if not report.exists():
        return []
    cases = xml.parse(report).iter("testcase")
    return [(case.get("classname"), case.get("name"), is_passed(case)) for case in cases]


def is_passed(case):
    return case.get("status") in (None, "run") and not {"failure", "error", "skipped"} & {it.tag for it in case}
