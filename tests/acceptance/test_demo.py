# SPDX-License-Identifier: MPL-2.0
"""script/demo, as a stranger runs it."""

import subprocess

import pytest
from harness.sandbox import BUILD, ROOT


@pytest.mark.long
def test_the_demo_ends_well_and_leaves_nothing_running(sandbox, request):
    before = set((BUILD / "sandbox").glob("demo-*"))
    done = subprocess.run(
        [ROOT / "script" / "demo", "--terraform", request.config.terraform],
        env=sandbox.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for step in range(1, 8):
        assert f"✓ {step}" in done.stdout.replace("  ", " ")
    assert "no changes" in done.stdout and "left behind" in done.stdout
    assert set((BUILD / "sandbox").glob("demo-*")) <= before
