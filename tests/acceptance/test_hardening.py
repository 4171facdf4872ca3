# SPDX-License-Identifier: MPL-2.0
"""The providers that are released: they stand alone, they are small, and all that is compiled here is hardened."""

import json
import re

import pytest
from harness.elf import headers, output
from harness.release import BYTES_MAX, NAME
from harness.sandbox import BUILD, ROOT, build

# preset -> what its libraries are in, its strip, and the machine that readelf names
PRESETS = {
    "static": ("static-libs", "strip", "X86-64"),
    "static-arm64": ("static-libs-arm64", "aarch64-linux-gnu-strip", "AArch64"),
}
# Each of them copies into a buffer whose size is known. Of our own files the flags are enough.
ARCHIVES = ["{preset}/libbase.a", "{preset}/libruntime.a", "{libraries}/lib/libcurl.a", "{libraries}/lib/libxml2.a"]
FLAGS = {"-fstack-protector-strong", "-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=3", "-fPIE", "-O2"}
TAKES_BACK = re.compile(r"-fno-stack-protector.*|-f?no-pie|-O0|-Og|-D_FORTIFY_SOURCE=?[^3]?")


class Made:
    def __init__(self, preset):
        self.preset = preset
        self.libraries, self.strip, self.machine = PRESETS[preset]
        self.folder = BUILD / preset
        self.provider = self.folder / NAME


MARKS = {"static": pytest.mark.tenth, "static-arm64": pytest.mark.long}


@pytest.fixture(scope="module", params=[pytest.param(preset, marks=MARKS[preset]) for preset in PRESETS])
def made(request):
    build("--provider-only", "--preset", request.param)
    return Made(request.param)


def test_it_needs_no_library_and_no_loader(made):
    assert made.machine in output("readelf", "-hW", made.provider)
    assert "NEEDED" not in output("readelf", "-dW", made.provider)
    assert "INTERP" not in headers(made.provider)


def test_it_is_hardened(made):
    dynamic, segments = output("readelf", "-dW", made.provider), headers(made.provider)
    assert "DYN (" in output("readelf", "-hW", made.provider) and "PIE" in dynamic
    assert "GNU_RELRO" in segments and "NOW" in dynamic
    assert "RWE" not in segments["GNU_STACK"]


@pytest.mark.parametrize("archive", ARCHIVES)
def test_what_is_compiled_here_checks_its_stack_and_its_copies(made, archive):
    calls = set(output("nm", "-u", BUILD / archive.format(preset=made.preset, libraries=made.libraries)).split())
    assert "__stack_chk_fail" in calls
    assert any(call.endswith("_chk") for call in calls), "none of the C library's calls that know a size"


def test_every_file_of_ours_is_compiled_with_the_flags_that_harden(made):
    """A flag that takes one of them back counts as missing."""
    commands = json.loads((made.folder / "compile_commands.json").read_text())
    files = {row["file"]: row["command"].split() for row in commands}
    ours = [path for folder in ("base", "aws", "plugin") for path in (ROOT / folder).rglob("*.c")]
    assert ours and {str(path) for path in ours} <= set(files)
    assert [file for file, flags in files.items() if not set(flags) >= FLAGS] == []
    assert [file for file, flags in files.items() if any(TAKES_BACK.fullmatch(flag) for flag in flags)] == []


def test_stripped_it_is_small(made, sandbox):
    stripped = sandbox.folder / "stripped"
    output(made.strip, "-o", stripped, made.provider)
    assert stripped.stat().st_size <= BYTES_MAX
