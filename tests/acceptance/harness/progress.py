# SPDX-License-Identifier: MPL-2.0
"""A pytest plugin for script/test: after each test a line with its number and the number of all.

In the form of ctest's own lines, so that script/test reads both alike. A long test notes how far it is itself.
"""

import os

import pytest

PASSED, FAILED = "Passed", "Failed"


class Progress:
    capture = None  # pytest's, also in a process of xdist, whose standard error is that of all

    def __init__(self, config):
        self.config = config
        self.of = self.done = 0
        self.failed = set()

    def pytest_collection_finish(self, session):
        self.of = len(session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node, ids):
        self.of = len(ids)

    def pytest_runtest_logreport(self, report):
        if not report.passed:
            self.failed.add(report.nodeid)

    def pytest_runtest_logfinish(self, nodeid):
        self.done += 1
        outcome = FAILED if nodeid in self.failed else PASSED
        reporter = self.config.pluginmanager.get_plugin("terminalreporter")
        reporter.write_line(f"{self.done}/{self.of} Test {nodeid} {outcome}")
        reporter.flush()  # into a pipe it would wait for more

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_report_teststatus(self):
        """Without pytest's dots."""
        category, _, _ = yield
        return category, "", ""


def note(done, of):
    """From within a test."""
    test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition("::")[2].partition(" ")[0]
    if Progress.capture:
        with Progress.capture.global_and_fixture_disabled():
            os.write(2, f"{done}/{of} Within {test}\n".encode())


def pytest_configure(config):
    Progress.capture = config.pluginmanager.get_plugin("capturemanager")
    if not hasattr(config, "workerinput") and config.get_verbosity() <= 0:
        config.pluginmanager.register(Progress(config), "progress-of-script-test")
