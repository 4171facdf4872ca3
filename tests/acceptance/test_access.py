# SPDX-License-Identifier: MPL-2.0
"""The seven steps by each source of credentials, and a copy that takes longer than its keys last."""

import pytest
from harness.access import all_ways
from harness.access.way import KEYS
from harness.world import NEW, OLD, REGION, snapshot_arn

SCALE, LIFE = 2880, 4  # half a minute is a day; the keys last four seconds of it
WAYS = all_ways()
REQUIRED = """
terraform {
  required_providers {
    snapshot = { source = "rds-snapshot/snapshot" }
  }
}
"""


@pytest.fixture
def way(request, world, sandbox):
    way = request.param(world, sandbox)
    yield way
    way.end()


def use(way, workspace):
    """The caller's credentials come by this way and by no other."""
    for name in KEYS:
        workspace.environment.pop(name, None)
    workspace.environment |= way.open()


def by(ways):
    return pytest.mark.parametrize("way", ways, ids=[way.name for way in ways], indirect=True)


@by(WAYS)
def test_the_seven_steps(way, chain, world):
    use(way, chain)
    chain.apply()
    assert world.cluster("orders", NEW)["snapshot_arn"] == snapshot_arn("orders-1", NEW)
    assert chain.is_settled()


@by([way for way in WAYS if way.expires])
def test_a_copy_that_takes_longer_than_the_keys(way, new_workspace, world):
    world.aws.settings(time_scale=SCALE, session_seconds=LIFE)
    way.account = OLD
    workspace = new_workspace(OLD, time_scale=SCALE)
    key = world.aws.add_key(OLD, REGION)
    world.aws.add_snapshot(OLD, REGION, "before")
    workspace.write(
        "main.tf",
        f"""
        {REQUIRED}
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
    use(way, workspace)
    world.copies_take(SCALE * LIFE * 3)
    outcome = workspace.apply()
    warned = {"These credentials cannot be refreshed"} if way.ends else set()
    assert {d.summary for d in outcome.diagnostics} == warned, outcome
    used = {c["caller_arn"] for c in world.aws.calls() if f"/{way.name}-" in (c["caller_arn"] or "")}
    assert way.minted >= 3 and (way.name != "login" or len(used) >= 3), used
    failed = [c for c in world.aws.calls() if c["error_code"] not in (None, "DBClusterSnapshotNotFoundFault")]
    assert failed == []
