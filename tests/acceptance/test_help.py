# SPDX-License-Identifier: MPL-2.0
"""--help of every script, on a machine that has nothing."""

import re

import pytest
from harness.sandbox import ROOT

SCRIPTS = ("build", "demo", "test", "bench", "install", "uninstall", "release")
PROGRAMS = {name: ROOT / "script" / f"{name}.py" for name in ("demo", "test", "bench", "release")}


@pytest.mark.parametrize("name", SCRIPTS)
def test_help_needs_nothing_and_fits_a_terminal(machine, name):
    machine.has_no("python3", "dpkg-query", "cmake", "terraform")
    shown = machine.run(name, "--help")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith(f"Usage: script/{name}")
    assert max(len(line) for line in shown.stdout.split("\n")) <= 80
    assert machine.run(name, "-h").stdout == shown.stdout


@pytest.mark.parametrize("name, choices", [
    ("build", ("release", "debug", "asan", "clang")),
    ("test", ("release", "debug", "asan", "clang", "unit", "simulator", "oracle", "acceptance", "long", "hosts")),
    ("demo", ("standin", "registry", "PATH")),
])  # fmt: skip
def test_help_names_the_choices(machine, name, choices):
    shown = machine.run(name, "--help").stdout
    assert all(re.search(rf"\b{choice}\b", shown) for choice in choices)


@pytest.mark.parametrize("name", PROGRAMS)
def test_help_has_every_option_that_the_program_takes(machine, name):
    shown = machine.run(name, "--help").stdout
    for option in re.findall(r'add_argument\(\s*"(--[a-z-]+)"', PROGRAMS[name].read_text()):
        assert f"  {option}" in shown, option


def test_without_a_python_the_build_is_asked_for_one_first(machine):
    machine.has_no("python3")
    machine.lacks_packages("python3")
    machine.has("id", "echo 1000")
    for name in PROGRAMS:
        refused = machine.run(name)
        assert refused.returncode == 1
        assert "apt-get update && apt-get install -y --no-install-recommends python3\n" in refused.stderr
