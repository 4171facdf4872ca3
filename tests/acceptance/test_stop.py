# SPDX-License-Identifier: MPL-2.0
"""Ctrl-C at awkward moments, in real time: how fast, and what is kept."""

import time

import pytest
from harness.world import OLD, REGION

ADDRESS = "snapshot_reencrypt_copy.x"


@pytest.fixture
def real_time(new_workspace, world):
    """Provider and simulator in step with the wall clock."""
    world.aws.settings(time_scale=1)
    workspace = new_workspace(OLD, time_scale=1)
    key = world.aws.add_key(OLD, REGION)
    world.aws.add_snapshot(OLD, REGION, "before")
    workspace.write(
        "main.tf",
        f"""
        terraform {{
          required_providers {{
            snapshot = {{ source = "rds-snapshot/snapshot" }}
          }}
        }}

        provider "snapshot" {{
          region = "{REGION}"
        }}

        resource "snapshot_reencrypt_copy" "x" {{
          source_snapshot_identifier = "before"
          target_snapshot_identifier = "after"
          kms_key_id                 = "{key}"
        }}
        """,
    )
    return workspace


def interrupt_at(world, workspace, fault_id, *arguments):
    running = workspace.start("apply", "-json", "-auto-approve", *arguments)
    world.aws.wait_until_held(fault_id, 30)
    running.interrupt()
    return running, time.monotonic()


def test_while_a_describe_hangs_is_fast(real_time, world):
    world.copies_take(3600)
    fault = world.aws.fault("DescribeDBClusterSnapshots", "hold", phase="before", seconds=30, count=None, match="after",
                            skip=1)  # fmt: skip
    running, interrupted = interrupt_at(world, real_time, fault)
    stopped = running.wait()
    assert time.monotonic() - interrupted < 2
    stopped.assert_warning("goes on in AWS")
    assert real_time.state()[ADDRESS]["status"] == "copying"


def test_while_it_waits_between_two_looks_is_fast(real_time, world):
    world.copies_take(3600)
    running = real_time.start("apply", "-json", "-auto-approve")
    world.wait_until(lambda: world.snapshot("after"), "the copy", 30)
    time.sleep(0.5)
    running.interrupt()
    interrupted = time.monotonic()
    stopped = running.wait()
    assert time.monotonic() - interrupted < 2
    stopped.assert_warning("goes on in AWS")
