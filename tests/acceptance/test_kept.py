# SPDX-License-Identifier: MPL-2.0
"""Worlds that script/demo --keep leaves, and that --end ends these and nothing else."""

import json
import subprocess

import pytest
from harness import kept


@pytest.fixture
def clone(sandbox, monkeypatch):
    """A clone's build folder with kept worlds, whose process is one that only waits."""
    monkeypatch.setattr(kept, "BUILD", sandbox.subfolder("it's a clone/build"))
    started = []

    def keep(name, build=None, program=("cat",), **changes):
        process = subprocess.Popen(program, env=sandbox.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        started.append(process)
        process.stdin.write(b"\n")
        process.stdin.flush()
        process.stdout.read(1)  # it runs
        folder = (build or kept.BUILD) / "sandbox" / name
        folder.mkdir(parents=True)
        (folder / kept.RECORD).write_text(json.dumps({**kept.identity(process.pid), **changes}))
        return folder, process

    yield keep
    for process in started:
        process.kill()
        process.communicate()


def test_all_of_this_clone_are_ended(clone):
    worlds = [clone("demo-1"), clone("demo-2")]
    assert list(kept.end_all()) == ["ended and removed: demo-1", "ended and removed: demo-2"]
    assert [process.wait(5) for _, process in worlds] == [-15, -15]
    assert not any(folder.exists() for folder, _ in worlds)
    assert list(kept.end_all()) == []


def test_one_whose_process_has_ended_is_removed(clone):
    folder, process = clone("demo-1")
    process.kill()
    process.wait()
    assert list(kept.end_all()) == ["removed, it had already ended: demo-1"]
    assert not folder.exists()


def test_one_that_does_not_listen_is_ended_all_the_same(clone, monkeypatch):
    monkeypatch.setattr(kept, "PATIENCE_SECONDS", 0.2)
    folder, process = clone("demo-1", program=["sh", "-c", "trap '' TERM; head -c 1; while :; do sleep 1; done"])
    assert list(kept.end_all()) == ["ended and removed: demo-1"]
    assert process.wait(5) == -9 and not folder.exists()


@pytest.mark.parametrize(
    "changes", [{"start": "1"}, {"command": "python\0tests/simulator\0"}], ids=["start", "command"]
)
def test_another_process_under_its_number_is_left_alone(clone, changes):
    folder, process = clone("demo-1", **changes)
    assert list(kept.end_all()) == ["removed, it had already ended: demo-1"]
    assert not folder.exists() and process.poll() is None


def test_what_is_not_kept_and_what_is_another_clone_s_is_left_alone(clone, sandbox):
    other, process = clone("demo-1", build=sandbox.folder / "other" / "build")
    running = kept.BUILD / "sandbox" / "demo-2"
    running.mkdir(parents=True)
    assert list(kept.end_all()) == []
    assert other.exists() and running.exists() and process.poll() is None
