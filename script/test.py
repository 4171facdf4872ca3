#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Builds and runs the tests, in the parts that script/test names. The last line is "N passed, N failed"."""

import signal

signal.signal(signal.SIGINT, signal.SIG_DFL)  # until script.run can say something about it

import os
import re
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HARNESS = ROOT / "tests" / "acceptance"
sys.path.insert(0, str(HARNESS))
import hosts
from harness import runs, script
from harness.sandbox import BUILD, Sandbox, build, find_terraform
from harness.screen import Screen

PARTS = {
    "unit": "the C tests",
    "simulator": "the AWS imitation's own tests, and what is assumed of AWS",
    "oracle": "requests, endpoints and credentials beside botocore's",
    "acceptance": "Terraform and the provider against the AWS imitation",
    "tenth": "a tenth of the matrices, and long tables of cases",
    "long": "the long acceptance tests",
    "hosts": "the demo and a few tests on each host of script/hosts.txt",
}
MARKS = ("tenth", "long")  # of acceptance tests
ASKED_FOR = (*MARKS, "hosts")  # these run only then
WORKERS = {"unit": "4", "acceptance": "6", "tenth": "3"}  # on two cores; a matrix has several trials at once
# After a test: "12/141 Test #12: name ....   Passed    0.01 sec" by ctest, and harness/progress.py's.
TEST_DONE = re.compile(r"^ *(\d+)/(\d+) Test .*?( Passed( +[\d.]+ sec)?)?$")
WITHIN = re.compile(r"^(\d+)/(\d+) Within (.*)$")  # harness/progress.py's, too
TEST_BEGUN = re.compile(r"^ +Start +\d+: ")


def main():
    options, rest = parse_arguments()
    script.require_loopback()
    build("--with-tests", "--preset", options.preset, terraform=options.terraform)
    parts = [options.part] if options.part else [part for part in PARTS if part not in ASKED_FOR]
    results = {}
    with Screen() as screen:
        for part in parts:
            screen.line(f"==> {part}: {PARTS[part]}")
            began = time.monotonic()
            sandbox = Sandbox(f"test-{part}-{os.getpid()}")
            try:
                ran, failed = run(screen, part, options, rest, sandbox)
            finally:
                with script.undisturbed():
                    sandbox.remove()
            results[part] = (ran - len(failed), failed, time.monotonic() - began)
        return conclude(screen, results)


def conclude(screen, results):
    screen.line()
    for part, (passed, failed, seconds) in results.items():
        screen.line(f"{part:12} {passed:5} passed, {len(failed)} failed, {seconds:4.0f} s")
        for name in failed:
            screen.line(f"  failed: {name}")
    passed = sum(passed for passed, _, _ in results.values())
    failed = sum(len(failed) for _, failed, _ in results.values())
    screen.line(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def parse_arguments():
    parser = script.parser("test")
    parser.add_argument("--preset", default="release")
    parser.add_argument("--terraform")
    parser.add_argument("part", nargs="?", choices=PARTS)
    return parser.parse_known_args()


def run(screen, part, options, rest, sandbox):
    """(tests, the names of those that did not pass)"""
    if part == "hosts":
        return hosts.run(screen, BUILD / options.preset, rest)
    report = sandbox.folder / "report.xml"
    folder = BUILD / options.preset
    if part == "unit":
        command = ["ctest", "--test-dir", folder, "--output-on-failure", "--output-junit", report]
        command += ["-j", WORKERS[part], *rest]
        return counted(screen, part, command, report, sandbox)
    command = [*runs.pytest(report), *(["--color=yes"] if screen.is_terminal else [])]
    if part == "simulator":
        command += [ROOT / "tests" / "simulator", ROOT / "tests" / "contracts", "-n", "2", "--dist", "loadfile"]
    elif part == "oracle":
        command += [ROOT / "tests" / "oracle"]
    else:
        command += [HARNESS, f"--build={folder}", f"--terraform={find_terraform(options.terraform)}"]
        command += ["-m", part if part in MARKS else " and ".join(f"not {mark}" for mark in MARKS)]
        if part in WORKERS and not rest:  # each a row of files; who has done its own helps the others
            command += ["-n", WORKERS[part], "--dist", "worksteal"]
        if part == "long":
            command.append("--started")
    return counted(screen, part, [*command, *rest], report, sandbox)


def counted(screen, part, command, report, sandbox):
    screen.doing(part, "starting")
    far = HowFar()
    try:
        with runs.start(screen, command, ROOT, runs.environment(sandbox)) as child:
            for line in child.stdout:
                show(screen, part, far, line.rstrip("\n"))
            code = child.wait()
    finally:
        screen.doing("")
    cases = runs.read_report(report)
    failed = [f"{module}.{test}" for module, test, passed in cases if not passed]
    if code and not failed:  # collection errors, a crash
        return len(cases) + 1, [f"{Path(command[0]).name} ended with {code}"]
    return len(cases), failed


class HowFar:
    """Of all tests, and within the long ones that run."""

    def __init__(self):
        self.tests, self.within = "", {}

    def reads(self, line):
        """Whether the line says only that."""
        done, within = TEST_DONE.match(line), WITHIN.match(line)
        if done:
            self.tests = f"{done[1]} of {done[2]} tests"
            self.within = {test: far for test, far in self.within.items() if test not in line}
        if within:
            self.within[within[3]] = f"{within[1]} of {within[2]} in {within[3]}"
        return bool(within or TEST_BEGUN.match(line) or done and done[3])

    def __str__(self):
        return ", ".join(filter(None, [self.tests, *self.within.values()]))


def show(screen, part, far, line):
    """Everything but how far it is, which is what the part is doing."""
    is_read = far.reads(line)
    screen.doing(part, str(far))
    if not is_read:
        screen.line(line)


if __name__ == "__main__":
    os.chdir(ROOT)
    script.run(main)
