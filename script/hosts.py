# SPDX-License-Identifier: MPL-2.0
"""The part `hosts` of script/test: the demo and the tests of harness/hosts.py on each host of hosts.txt."""

import argparse
import subprocess
import time

from harness import runs
from harness.hosts import GUIDE, TESTS, NotHere, caches_below, listed, provide, write_row
from harness.sandbox import BUILD, ROOT, Sandbox
from harness.script import undisturbed

COLUMNS = "  {:17} {:11} {:9} {:>5}   {}"


class Failed(Exception):
    """A command has failed; its text is what the command printed."""


def run(screen, build, arguments):
    """(tests, the names of those that did not pass)"""
    hosts = listed()
    options = parse_arguments(arguments, [host.version for host in hosts])
    ran, failed = 0, []
    screen.line(COLUMNS.format("host", "demo", "tests", "time", "what this version does not have").rstrip())
    for host in [host for host in hosts if host.version in options.only] or hosts:
        began = time.monotonic()
        sandbox = Sandbox("hosts")
        try:
            result = Run(host, screen, sandbox, build).run()
        except NotHere as reason:
            screen.line(COLUMNS.format(str(host), "not run", "", "", reason))
            continue
        except Failed as failure:
            screen.line(f"{failure}\n{host} could not be provided.")
            ran, failed = ran + 1, [*failed, f"{host}: providing it"]
            continue
        finally:
            screen.doing("")
            with undisturbed():
                sandbox.remove()
        seconds = f"{time.monotonic() - began:.0f} s"
        screen.line(COLUMNS.format(str(host), result.demo, result.tests, seconds, result.lacks).rstrip())
        ran += len(result.outcomes)
        failed += [f"{host}: {what}" for what in result.failed]
        if options.write:
            write_row(GUIDE, host, result.demo, result.tests, result.lacks or "nothing")
    return ran, failed


def parse_arguments(arguments, versions):
    parser = argparse.ArgumentParser(prog="script/test hosts", usage="script/test --help names the options")
    parser.add_argument("--only", action="append", choices=versions, default=[])
    parser.add_argument("--write", action="store_true")
    return parser.parse_args(arguments)


class Run:
    def __init__(self, host, screen, sandbox, build):
        self.host, self.screen, self.sandbox, self.build = host, screen, sandbox, build
        self.outcomes = {}  # what -> whether it passed; the demo is the first

    def run(self):
        self.screen.doing(f"{self.host}: providing it")
        provide(self.host, self.command)
        self.screen.doing(f"{self.host}: the demo")
        self.outcomes["the demo"] = self.passes(runs.PYTHON, "script/demo.py", "--terraform", self.host.program)
        self.screen.doing(f"{self.host}: {len(TESTS)} tests")
        report = self.sandbox.folder / "report.xml"
        names = [runs.HARNESS / name for name in TESTS.values()]
        options = ["-n", "2", "--started", f"--build={self.build}", f"--terraform={self.host.program}"]
        passed = self.passes(*runs.pytest(report), *options, *names)
        self.outcomes |= outcomes_of(report)
        if not passed and not self.failed:
            self.outcomes["the tests' run"] = False
        return self

    def passes(self, *command):
        try:
            self.command(command, ROOT, runs.environment(self.sandbox))
        except Failed as failure:
            self.screen.line(str(failure))
            return False
        return True

    def command(self, command, folder, environment=None):
        """What it printed; without an environment, in this one's with caches of its own, and without what it said on
        standard error."""
        stderr = subprocess.STDOUT if environment else subprocess.PIPE
        with runs.start(self.screen, command, folder, environment or caches_below(BUILD), stderr) as child:
            out, err = child.communicate()
        if child.returncode:
            raise Failed("\n".join(f"{out}{err or ''}".splitlines()[-60:]))
        return out

    @property
    def failed(self):
        return [what for what, passed in self.outcomes.items() if not passed]

    @property
    def demo(self):
        return "passed" if self.outcomes["the demo"] else "FAILED"

    @property
    def tests(self):
        passed = [self.outcomes[what] for what in TESTS if what in self.outcomes]
        return f"{sum(passed)} of {len(passed)}"

    @property
    def lacks(self):
        return ", ".join(what for what in TESTS if what not in self.outcomes)


def outcomes_of(report):
    """By what the tests show, in that order."""
    found = {f"{module.rpartition('.')[2]}.py::{test}": passed for module, test, passed in runs.read_report(report)}
    return {what: found[test] for what, test in TESTS.items() if test in found}
