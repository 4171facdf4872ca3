# SPDX-License-Identifier: MPL-2.0
"""script/build where the clone was moved, is linked to, has an odd path or is somebody else's."""

import os
import re
import shlex
import shutil
import subprocess

import pytest
from harness.sandbox import ROOT


@pytest.fixture
def configured(machine):
    """The real cmake configures a small project; nothing is built."""
    machine.has("cmake", f'[ "$1" = --build ] || PATH={shlex.quote(os.environ["PATH"])} exec cmake "$@"')
    shutil.copy(ROOT / "CMakePresets.json", machine.tree)
    (machine.tree / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.25)\nproject(small NONE)\n")
    return machine


@pytest.mark.parametrize("name", ["moved", "a new clone", "it's moved"])
def test_a_clone_that_was_moved_is_built_again(configured, name):
    assert configured.build().returncode == 0
    configured.tree = configured.tree.rename(configured.folder / name)
    for _ in range(2):
        done = configured.build()
        assert done.returncode == 0, done.stderr


def test_a_symlink_to_a_clone_is_no_other_clone(machine):
    (machine.folder / "link").symlink_to(machine.tree)
    cache = machine.tree / "build" / "release" / "CMakeCache.txt"
    cache.parent.mkdir(parents=True)
    cache.write_text(f"CMAKE_HOME_DIRECTORY:INTERNAL={machine.tree}\n")
    machine.tree = machine.folder / "link"
    assert machine.build().returncode == 0
    assert machine.asked[0].startswith("cmake --preset release")


def test_a_symlink_to_the_script_finds_the_clone(machine):
    link = machine.tools / "build-it"
    link.symlink_to(machine.tree / "script" / "build")
    done = subprocess.run([link], env=machine.environment, capture_output=True, text=True)
    assert done.returncode == 0 and (machine.tree / "build").exists(), done.stderr


def test_an_apostrophe_in_the_path_is_said_to_cost_time(machine):
    machine.tree = machine.tree.rename(machine.folder / "it's here")
    done = machine.build()
    assert done.returncode == 0 and "apostrophe" in done.stdout


def test_a_clone_that_cannot_be_written_to_is_not_built_in(machine):
    machine.tree.chmod(0o555)
    _out, err = (running := machine.start("build", without_force=True)).communicate()
    machine.tree.chmod(0o755)
    assert running.returncode == 1
    assert err == f"script/build: {machine.tree} cannot be written to. Build in a clone of your own.\n"


@pytest.mark.parametrize("folder", ["build", "build/release", "build/venv", "build/terraform", "build/sandbox"])
def test_what_somebody_else_built_is_not_built_over(machine, folder):
    theirs = machine.tree / folder
    theirs.mkdir(parents=True)
    theirs.chmod(0o555)
    _out, err = (running := machine.start("build", without_force=True)).communicate()
    theirs.chmod(0o755)
    assert running.returncode == 1
    why = rf"script/build: {theirs} cannot be written to: it is \w+'s"
    assert re.fullmatch(rf"{why}\. Remove build/ as that user, .+\n", err)
    assert machine.asked == []
