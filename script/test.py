#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Builds and runs the tests. The last line is "N passed, N failed".

  script/test                       everything but the long tests
  script/test unit                  the C tests
  script/test simulator             the AWS imitation's own tests
  script/test oracle                our signing and serialisation beside botocore's
  script/test acceptance [-k ONE]   real Terraform, our provider, the AWS imitation
  script/test long                  what takes longer: the long acceptance tests

What follows the part is handed to ctest or pytest. A test that does not run counts as failed.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as xml
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "acceptance"))
from harness.sandbox import BUILD, Sandbox, build, find_terraform  # noqa: E402

PYTHON = BUILD / "venv" / "bin" / "python"
PARTS = ("unit", "simulator", "oracle", "acceptance")
WORKERS = "4"


def main():
    parser = argparse.ArgumentParser(
        prog="script/test", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--preset", default="release", help="which build is tested (default: release)")
    parser.add_argument("--terraform", help="the CLI to test with (default: terraform or tofu on PATH)")
    parser.add_argument("part", nargs="?", choices=(*PARTS, "long"))
    options, rest = parser.parse_known_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    build("--with-tests", "--preset", options.preset)
    started = time.monotonic()
    passed = failed = 0
    for part in [options.part] if options.part else PARTS:
        print(f"==> {part}", flush=True)
        sandbox = Sandbox(f"test-{part}")
        try:
            ran, unsuccessful = run(part, options, rest, sandbox)
        finally:
            sandbox.remove()
        passed += ran - unsuccessful
        failed += unsuccessful
    print(f"{time.monotonic() - started:.0f} s")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def run(part, options, rest, sandbox):
    """(tests, of these not passed)"""
    report = sandbox.folder / "report.xml"
    folder = BUILD / options.preset
    if part == "unit":
        command = ["ctest", "--test-dir", folder, "--output-on-failure", "--output-junit", report, "-j2", *rest]
        return counted(command, report, sandbox)
    command = [PYTHON, "-m", "pytest", "-q", f"--junit-xml={report}", "-p", "no:cacheprovider"]
    if part == "simulator":
        return counted([*command, ROOT / "tests" / "simulator", "-n", "2", "--dist", "loadfile", *rest], report, sandbox)
    if part == "oracle":
        return counted([*command, ROOT / "tests" / "oracle", *rest], report, sandbox)
    command += [ROOT / "tests" / "acceptance", f"--build={folder}"]
    command += [f"--terraform={find_terraform(options.terraform)}"]
    command += ["-m", "long" if part == "long" else "not long"]
    if part == "acceptance" and not rest:  # mostly waiting: several files at once, each in one process
        command += ["-n", WORKERS, "--dist", "loadfile", "--no-loadscope-reorder"]
    return counted([*command, *rest], report, sandbox)


def counted(command, report, sandbox):
    environment = sandbox.environment(PYTHONDONTWRITEBYTECODE="1")
    child = subprocess.Popen(
        [str(c) for c in command], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, start_new_session=True
    )
    try:
        code = child.wait()
    except BaseException:  # interrupted: once, so that it ends what it has started
        os.killpg(child.pid, signal.SIGINT)
        try:
            child.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        raise
    ran, unsuccessful = read_report(report)
    if code and not unsuccessful:  # collection errors, a crash
        print(f"{Path(command[0]).name} ended with {code}")
        return ran + 1, 1
    return ran, unsuccessful


def read_report(report):
    if not report.exists():
        return 0, 0
    cases = list(xml.parse(report).iter("testcase"))
    return len(cases), sum(not is_passed(case) for case in cases)


def is_passed(case):
    return case.get("status") in (None, "run") and not {"failure", "error", "skipped"} & {it.tag for it in case}


if __name__ == "__main__":
    os.chdir(ROOT)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
