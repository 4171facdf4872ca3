# SPDX-License-Identifier: MPL-2.0
"""What a released version has left: tests/upgrade/VERSION, written by make.py there, read by test_upgrade.py."""

import json
from pathlib import Path

from .resources import OPERATIONS
from .sandbox import ROOT

FOLDER = ROOT / "tests" / "upgrade"
COPIES = {"orders-shared-1": "cluster", "billing-shared-1": "instance"}  # of configurations/copies
UNDER_WAY = ("pending", "creating", "copying")
HOURS = 6 * 3600


def versions():
    return sorted(path.parent.name for path in FOLDER.glob("*/made_by.json"))


# ---- AWS


def recorded(world):
    return {"keys": world.aws.keys(), "snapshots": world.aws.snapshots()}


def fill(world, aws):
    """With what was recorded. What was under way then goes on for hours."""
    for key in aws["keys"]:
        fields = {"alias": key["aliases"][0] if key["aliases"] else None, "key_id": key["key_id"]}
        world.aws.add_key(key["account_id"], key["region"], policy=key["policy"], **fields)
    for it in aws["snapshots"]:
        arn = world.aws.add_snapshot(
            it["account_id"],
            it["region"],
            it["identifier"],
            kms_key_id=it["kms_key_arn"],
            sse_rds=it["storage_encryption_type"] == "sse-rds",
            seconds=HOURS if it["status"] in UNDER_WAY else 0,
            **{name: it[name] for name in ("kind", "type", "tags", "fields")},
            **({"source_arn": it["source_arn"]} if it["source_arn"] else {}),
        )
        world.aws.change_snapshot(arn, create_time=it["create_time"], shared_with=it["shared_with"])


# ---- Terraform


def schema_of(workspace):
    """Of the provider that is named in the workspace's configuration."""
    (schema,) = json.loads(workspace.run("providers", "schema", "-json").out)["provider_schemas"].values()
    return schema


def start_waiting(workspace, world):
    """An apply that waits for both copies, begun by it or before."""
    running = workspace.start("apply", "-json", "-auto-approve")

    def are_applied():
        assert running.process.poll() is None, running.wait()
        return len([m for m in running.messages() if m["type"] == "apply_start"]) == len(COPIES)

    def are_waited_for():
        assert running.process.poll() is None, running.wait()
        return all(
            len([c for c in world.aws.calls(OPERATIONS["describe"][kind], after) if name in str(c["parameters"])]) > 3
            for name, kind in COPIES.items()
        )

    world.wait_until(are_applied, "the end of the plan", 40)
    after = world.aws.last_call()
    world.wait_until(are_waited_for, "copying", 40)
    return running


def read_json(path):
    return json.loads(Path(path).read_text())


def write_json(path, value):
    Path(path).write_text(json.dumps(value, indent=2, sort_keys=True) + "\n")
