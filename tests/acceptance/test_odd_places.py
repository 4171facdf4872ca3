# SPDX-License-Identifier: MPL-2.0
"""A clone in a folder with blanks and an apostrophe, reached by a symbolic link: what is printed for pasting
works from anywhere, and Terraform meets no path that it cannot read."""

import re
import shutil
import subprocess
import time

import pytest
from harness.demo import Demo
from harness.sandbox import BUILD, ROOT, Sandbox, processes_of, provider_binaries
from harness.world import CLUSTER, NEW, OLD, Simulator, snapshot_arn


@pytest.fixture(scope="module")
def clone(request):
    """With what was built here: to build it there would take minutes."""
    sandbox = Sandbox("odd-places")
    link, folder = sandbox.folder / "link", sandbox.folder / "it's a \"clone\", with blanks"
    shutil.copytree(ROOT, folder, ignore=lambda of, _: ("build", ".git") if of == str(ROOT) else ("__pycache__",))
    link.symlink_to(folder)
    (folder / "build").mkdir()
    (folder / "build" / "venv").symlink_to(BUILD / "venv")
    (folder / "build" / "release").symlink_to(request.config.getoption("--build").resolve())
    yield link
    sandbox.remove()


@pytest.fixture
def demo(clone, sandbox, request):
    runs = []

    def run(*options):
        command = [clone / "build" / "venv" / "bin" / "python", "-X", "utf8", clone / "script" / "demo.py"]
        runs.append(Demo(sandbox, request.config.terraform, *options, root=clone, command=command))
        return runs[-1]

    yield run
    for each in runs:
        each.end()


@pytest.mark.long
def test_interrupted_and_kept_it_goes_on_with_the_copy_that_is_under_way(demo, clone):
    run = demo("--keep")
    run.wait_for("✓ 2")
    time.sleep(0.5)  # the copy after it takes more than a second
    run.interrupt()
    assert run.wait() == 130, run.text
    printed = printed_at_the_end(run)
    aws = Simulator(printed["AWS"].partition(",")[0])
    assert len(aws.calls("CopyDBClusterSnapshot")) == 1
    assert "goes on in AWS" in run.text and "orders-shared-1" in run.text
    gone_on = pasted(printed, "go on")
    assert gone_on.returncode == 0 and "Apply complete!" in gone_on.stdout, gone_on
    assert len(aws.calls("CopyDBClusterSnapshot")) == 2, "one for each account"
    assert [c["identifier"] for c in aws.clusters()] == [CLUSTER, "orders"]
    end(run, clone)


@pytest.mark.long
def test_kept_it_is_reached_and_ended_as_the_last_lines_say(demo, clone, request):
    """With a binary of one's own for aws_*; which here is the stand-in's."""
    binary = provider_binaries(request.config.getoption("--build").resolve())["hashicorp/aws"]
    run = demo("--keep", "--aws-provider", binary)
    assert run.wait() == 0, run.text
    assert f"aws: {binary.name}" in run.text
    assert f"{run.cli} destroy" not in run.text and " rm " not in run.text
    printed = printed_at_the_end(run)
    shown = pasted(printed, "look")
    assert shown.returncode == 0 and 'resource "aws_rds_cluster" "restored"' in shown.stdout, shown
    aws = Simulator(printed["AWS"].partition(",")[0])
    assert [c["identifier"] for c in aws.clusters()] == [CLUSTER, "orders"]
    assert {s["arn"] for s in aws.snapshots(NEW)} == {snapshot_arn("orders-1", NEW)} and aws.snapshots(OLD)
    end(run, clone)


def printed_at_the_end(run):
    return dict(
        re.findall(r"^  (in its clone|look|go on|end it|AWS) +(.+)$", run.text.partition("still running")[2], re.M)
    )


def pasted(printed, label):
    """From a folder that has nothing to do with it, by somebody whose environment is as empty as can be."""
    command = f"{printed['in its clone']}\n{printed[label]}"
    return subprocess.run(
        ["bash", "-c", command], cwd="/", env={}, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )


def end(run, clone):
    (folder,) = run.made()
    (world,) = processes_of(folder.resolve())
    python = clone / "build" / "venv" / "bin" / "python"
    ended = subprocess.run([python, clone / "script" / "demo.py", "--end"], env={}, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (0, f"ended and removed: {folder.name}\n"), ended
    assert world not in processes_of(folder.resolve())
    run.assert_nothing_is_left()


@pytest.mark.tenth
def test_acceptance_tests_pass_there(clone, sandbox, request):
    """By dev_overrides, by a start by hand, and through a provider's socket."""
    python, tests = clone / "build" / "venv" / "bin" / "python", clone / "tests" / "acceptance"
    wanted = [
        "test_debug.py::test_the_whole_chain_by_one_process",
        "test_handshake.py::test_without_a_client_certificate_there_is_no_tls",
        "test_provider_block.py::test_files_named_in_the_block_and_not_those_of_the_environment",
    ]
    done = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--terraform={request.config.terraform}",
         f"--build={clone}/build/release", *(tests / name for name in wanted)],
        cwd=clone, env=sandbox.environment(PYTHONDONTWRITEBYTECODE="1"), capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
