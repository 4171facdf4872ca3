# SPDX-License-Identifier: MPL-2.0
"""script/demo, as a stranger runs it: what it shows, each option, and that it leaves nothing."""

import re
import subprocess
import sys
import time

import pytest
from harness import picture
from harness.demo import LIMIT_SECONDS, Demo
from harness.sandbox import BUILD, ROOT, Sandbox, processes_of
from harness.screen import WIDTH
from harness.world import CLUSTER, NEW, snapshot_arn

AT_MOST_SECONDS = 120  # README.md
A_PLAIN_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}


def folders():
    return set((BUILD / "sandbox").glob("demo-*"))


@pytest.fixture
def demo(sandbox, request):
    runs = []

    def run(*options, **environment):
        runs.append(Demo(sandbox, request.config.terraform, *options, **environment))
        return runs[-1]

    yield run
    for each in runs:
        each.end()


# ---- A whole run ---------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(request):
    """A run with a picture, ended; `folder` is what it used, `seconds` what it took once it was built."""
    sandbox = Sandbox("whole-demo")
    run = Demo(sandbox, request.config.terraform, "--picture", sandbox.folder / "demo.svg")
    try:
        run.wait_for("moves to another AWS account")
        started = time.monotonic()
        run.wait_for(f"{run.cli} apply")
        (run.folder,) = run.made()
        assert processes_of(run.folder), "what is looked for at the end can be found"
        assert run.wait() == 0, run.text
        run.seconds = time.monotonic() - started
        run.picture = (sandbox.folder / "demo.svg").read_text()
        yield run
    finally:
        run.end()
        sandbox.remove()


@pytest.mark.long
def test_the_demo_ends_well_and_leaves_no_process_and_no_folder(whole):
    assert whole.seconds < AT_MOST_SECONDS
    created, _, deleted = whole.text.partition(f"{whole.cli} destroy")
    steps = re.findall(r"^ +✓ (\d) +(old|new) account .* created in +[\d.]+ s$", created, re.M)
    assert set(steps) == {*((n, "old") for n in "1234"), *((n, "new") for n in "567")}
    assert re.search(rf"{whole.cli} plan +[\d.]+ s +no changes", created)
    assert f"restored from  {snapshot_arn('orders', NEW)}\n" in created
    assert re.search(rf"left in AWS +only the cluster {CLUSTER}", deleted)
    assert not processes_of(whole.folder)
    whole.assert_nothing_is_left()


@pytest.mark.long
def test_its_lines_fit_a_terminal(whole):
    assert [line for line in whole.shown.splitlines() if len(line) > WIDTH] == []


@pytest.mark.long
def test_its_picture_shows_what_it_prints(whole):
    assert comparable(picture.text_of(whole.picture)) == comparable(whole.shown)
    assert "127.0.0.1:40000" in whole.picture, "a port that is the same in each picture"


@pytest.mark.long
def test_the_picture_in_the_documents_is_of_today(whole):
    """script/demo --picture docs/demo.svg makes it."""
    assert comparable(picture.text_of((ROOT / "docs" / "demo.svg").read_text())) == comparable(whole.shown)


def comparable(text):
    """Lines in any order, as steps run side by side; without times, ids, ports and whose Terraform it is."""
    for pattern, same in (
        (r"^ +….*\n", ""),  # a sign of life
        (r"\b(terraform|tofu)\b", "terraform"),
        (r"(Terraform|OpenTofu)\s+\d+\.\d+\.\S+", "Terraform VERSION"),
        (r"\d+\.\d s\b", "TIME"),
        (r"127\.0\.0\.1:\d+", "ADDRESS"),
        (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "ID"),
        (r"\.cluster-\w{12}\.", ".cluster-ID."),
        (r"\d+ calls to AWS, \d+ ", "N calls to AWS, N "),
        (r" +", " "),
    ):
        text = re.sub(pattern, same, text, flags=re.M)
    return sorted(line.strip() for line in text.strip().splitlines())


# ---- Ends from outside -----------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize(
    "moment, environment", [("building build/", {}), ("moves to", {}), ("init", {}), ("+ 2", A_PLAIN_LOCALE)]
)
def test_interrupted_it_leaves_no_process_and_no_folder(demo, moment, environment):
    run = demo(**environment)
    run.wait_for(moment)
    made = run.made()
    run.interrupt()
    assert run.wait() == 130, run.text
    assert "interrupted" in run.text.splitlines()[-1] and "Traceback" not in run.text
    assert not [pid for folder in made for pid in processes_of(folder)]
    run.assert_nothing_is_left()


@pytest.mark.long
def test_read_by_nobody_it_stops(sandbox):
    before = folders()
    command = [ROOT / "script" / "demo"]
    run = subprocess.Popen(
        command, env=sandbox.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    for line in run.stdout:
        if "moves to" in line:
            break
    run.stdout.close()
    assert run.stderr.read() == "stopped: nobody reads the output\n"
    assert run.wait(LIMIT_SECONDS) == 1
    assert folders() == before


# ---- Options -----------------------------------------------------------------------


@pytest.mark.long
def test_without_a_registry_it_says_so(demo):
    run = demo("--aws-provider", "registry")
    assert run.wait() == 1, run.text
    assert f"{run.cli} init failed with exit status 1" in run.text
    assert "hashicorp/aws" in run.text and "leave\n--aws-provider out" in run.text
    assert "Traceback" not in run.text
    run.assert_nothing_is_left()


@pytest.mark.parametrize("option, value", [("--terraform", "/no/such/program"), ("--aws-provider", "/no/such/program"),
                                           ("--picture", "/no/such/folder/picture.svg")])  # fmt: skip
def test_what_is_not_there_is_named(sandbox, option, value):
    """Run by the tests' own Python, so that nothing is built first."""
    refused = subprocess.run(
        [sys.executable, ROOT / "script" / "demo.py", option, value],
        env=sandbox.environment(),
        capture_output=True,
        text=True,
    )
    assert refused.returncode in (1, 2)
    assert value in refused.stderr and "Traceback" not in refused.stderr
