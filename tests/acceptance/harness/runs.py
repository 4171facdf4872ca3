# SPDX-License-Identifier: MPL-2.0
"""A run of tests as a child in a session of its own: its report, and its end when the caller is interrupted."""

import os
import signal
import subprocess
import xml.etree.ElementTree as xml


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
