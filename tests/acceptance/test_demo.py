# SPDX-License-Identifier: MPL-2.0
"""script/demo, as a stranger runs it: what it shows, each option, and that it leaves nothing."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest
from harness.sandbox import BUILD, ROOT, processes_of, provider_binaries
from harness.world import CLUSTER, NEW, OLD, Simulator, snapshot_arn

LIMIT_SECONDS = 240
AT_MOST_SECONDS = 120  # README.md
# Any of these would break a Terraform or a provider that saw it.
OF_A_PERSON = {
    "AWS_PROFILE": "nobody",
    "AWS_CA_BUNDLE": "/nonexistent",
    "AWS_ENDPOINT_URL_RDS": "http://127.0.0.1:1",
    "TF_CLI_ARGS": "-no-such-option",
    "TF_PLUGIN_CACHE_DIR": "/nonexistent",
    "TF_VAR_region": "us-east-1",
}


class Demo:
    """One run of it, in a process group of its own as in a terminal."""

    def __init__(self, sandbox, terraform, *options):
        self.cli = terraform.name
        self.out = sandbox.folder / "demo.out"
        self.before = set(folders())
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(
                [ROOT / "script" / "demo", "--terraform", terraform, *options],
                env={**sandbox.environment(https_proxy="http://127.0.0.1:1"), **OF_A_PERSON},  # no registry
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def text(self):
        return self.out.read_text()

    def wait_for(self, text):
        deadline = time.monotonic() + LIMIT_SECONDS
        while text not in self.text and self.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert text in self.text, self.text

    def wait(self):
        return self.process.wait(LIMIT_SECONDS)

    def made(self):
        return [folder for folder in folders() if folder not in self.before]

    def end(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
            self.process.wait(60)
        for folder in self.made():
            for pid in processes_of(folder):
                os.kill(pid, signal.SIGKILL)
            shutil.rmtree(folder)


def folders():
    return (BUILD / "sandbox").glob("demo-*")


@pytest.fixture
def demo(sandbox, request):
    runs = []

    def run(*options):
        runs.append(Demo(sandbox, request.config.terraform, *options))
        return runs[-1]

    yield run
    for each in runs:
        each.end()


@pytest.mark.long
def test_the_demo_ends_well_and_leaves_no_process_and_no_folder(demo):
    run = demo()
    run.wait_for("moves to another AWS account")  # built
    started = time.monotonic()
    run.wait_for(f"{run.cli} apply")
    (folder,) = run.made()
    assert processes_of(folder), "what is looked for at the end can be found"
    assert run.wait() == 0, run.text
    assert time.monotonic() - started < AT_MOST_SECONDS
    made, _, gone = run.text.partition(f"{run.cli} destroy")
    steps = re.findall(r"^ +[\d.]+ s  ✓ (\d) +(old|new) account .* made in [\d.]+ s$", made, re.M)
    assert set(steps) == {*((n, "old") for n in "1234"), *((n, "new") for n in "567")}
    assert re.search(rf"{run.cli} plan +[\d.]+ s +no changes", made)
    assert f"restored from  {snapshot_arn('orders', NEW)}\n" in made
    assert re.search(r"left behind +nothing", gone)
    assert not processes_of(folder) and not run.made()


@pytest.mark.long
def test_interrupted_it_leaves_no_process_and_no_folder(demo):
    run = demo()
    run.wait_for("✓ 2")
    (folder,) = run.made()
    os.killpg(run.process.pid, signal.SIGINT)
    assert run.wait() == 130, run.text
    assert run.text.endswith("interrupted\n") and "Traceback" not in run.text
    assert not processes_of(folder) and not run.made()


@pytest.mark.long
def test_interrupted_and_kept_it_goes_on_with_the_copy_that_is_under_way(demo):
    run = demo("--keep")
    run.wait_for("✓ 2")
    time.sleep(0.5)  # the copy after it takes more than a second
    os.killpg(run.process.pid, signal.SIGINT)
    assert run.wait() == 130, run.text
    told = told_at_the_end(run)
    aws = Simulator(told["AWS"].partition(",")[0])
    assert len(aws.calls("CopyDBClusterSnapshot")) == 1
    assert "goes on in AWS" in run.text and snapshot_arn("orders-shared") in run.text
    gone_on = shell(told["go on"])
    assert gone_on.returncode == 0 and "Apply complete!" in gone_on.stdout, gone_on
    assert len(aws.calls("CopyDBClusterSnapshot")) == 2, "one for each account"
    assert [c["identifier"] for c in aws.clusters()] == [CLUSTER, "orders"]
    assert shell(told["end it"]).returncode == 0


@pytest.mark.long
def test_kept_it_is_reached_and_ended_as_the_last_lines_say(demo, request):
    """With a binary of one's own for aws_*; which here is the stand-in's."""
    binary = provider_binaries(BUILD / "release")["hashicorp/aws"]
    run = demo("--keep", "--aws-provider", binary)
    assert run.wait() == 0, run.text
    assert str(binary) in run.text
    assert f"{run.cli} destroy" not in run.text
    (folder,) = run.made()
    told = told_at_the_end(run)

    shown = shell(told["look"])
    assert shown.returncode == 0 and 'resource "aws_rds_cluster" "restored"' in shown.stdout, shown
    aws = Simulator(told["AWS"].partition(",")[0])
    assert [c["identifier"] for c in aws.clusters()] == [CLUSTER, "orders"]
    assert {s["account_id"] for s in aws.snapshots()} == {OLD, NEW}

    (pid,) = processes_of(folder)
    assert told["end it"].startswith(f"kill {pid} && ")
    assert shell(told["end it"]).returncode == 0
    deadline = time.monotonic() + 10
    while processes_of(folder) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not processes_of(folder) and not run.made()


@pytest.mark.long
def test_without_a_registry_it_says_so(demo):
    run = demo("--aws-provider", "registry")
    assert run.wait() == 1, run.text
    assert "hashicorp/aws" in run.text and "leave --aws-provider out" in run.text
    assert "Traceback" not in run.text and not run.made()


@pytest.mark.parametrize("option", ["--terraform", "--aws-provider"])
def test_a_program_that_is_not_there_is_named(sandbox, option):
    """Run by the tests' own Python, so that nothing is built first."""
    refused = subprocess.run(
        [sys.executable, ROOT / "script" / "demo.py", option, "/no/such/program"],
        env=sandbox.environment(),
        capture_output=True,
        text=True,
    )
    assert refused.returncode in (1, 2)
    assert "/no/such/program" in refused.stderr and "Traceback" not in refused.stderr


def told_at_the_end(run):
    return dict(re.findall(r"^  (look|go on|AWS|end it) +(.+)$", run.text.partition("still up")[2], re.M))


def shell(command):
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, stdin=subprocess.DEVNULL)
