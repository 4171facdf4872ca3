# SPDX-License-Identifier: MPL-2.0
"""What a released version has left in states and in AWS is taken over: docs/guides/upgrades.md promises it.

Each folder tests/upgrade/VERSION was written by the released provider, and is never made again. The simulator is filled
with what was in AWS then, and the provider that is built here goes on from there.
"""

import json
import subprocess
import sys

import pytest
from harness.resources import MARK, READING
from harness.upgrade import COPIES, FOLDER, fill, read_json, schema_of, start_waiting, versions, write_json
from harness.world import OLD, OPERATOR, snapshot_arn

COPIED = {"orders-1", "orders-shared-1", "billing-shared-1"}  # of configurations/migration, by their names


@pytest.fixture(params=versions())
def version(request):
    return FOLDER / request.param


def test_a_released_version_has_left_something():
    assert versions(), "no fixture of a released version; tests/upgrade/README.md says how to make it"


@pytest.fixture
def left(request, new_workspace, world, version):
    """`left("killed", OLD)`: a workspace as it was left, in an AWS as it was left."""

    def take_over(case, account):
        workspace = new_workspace(account)
        workspace.copy_from(version / case)
        workspace.copy_from(version / case, "terraform.tfstate")
        if request.config.is_opentofu and (version / case / "terraform.tfstate").exists():
            text = (workspace.folder / "terraform.tfstate").read_text()
            workspace.write("terraform.tfstate", text.replace("registry.terraform.io/", "registry.opentofu.org/"))
        fill(world, read_json(version / case / "aws.json"))
        return workspace

    return take_over


def changes(world):
    """Calls that do more than read, refused ones too."""
    return [c["operation"] for c in world.aws.calls() if not c["operation"].startswith(READING)]


def snapshots(world):
    return {it["arn"]: it for it in world.aws.snapshots()}


def holders(workspace):
    return {i["arn"]: i["holder_id"] for i in workspace.managed().values() if "holder_id" in i.values}


def marked_holders(world):
    """By their marks, whose second part it is in every number so far."""
    marks = {arn: it["tags"].get(MARK) for arn, it in snapshots(world).items()}
    return {arn: mark.split(" ")[1] for arn, mark in marks.items() if mark}


def test_a_finished_migration_stays_as_it_is(left, world):
    workspace = left("migration", OPERATOR)
    before, holders_before = snapshots(world), holders(workspace)
    assert {arn.rpartition(":")[2] for arn in holders_before} == COPIED
    plan = workspace.plan()
    assert (plan.actions, plan.warnings) == ({}, []), plan
    workspace.apply()
    assert workspace.is_settled()
    assert changes(world) == []
    assert (snapshots(world), holders(workspace)) == (before, holders_before)


def test_a_finished_migration_can_be_destroyed(left, world):
    workspace = left("migration", OPERATOR)
    workspace.destroy()
    assert workspace.managed() == {}
    retained = snapshot_arn("billing-shared-1", kind="instance")
    sources = {snapshot_arn("orders-1"), snapshot_arn("billing-1", kind="instance")}
    assert set(snapshots(world)) == {*sources, retained}
    assert snapshots(world)[retained]["shared_with"] == []


@pytest.mark.parametrize("is_told", [True, False], ids=["aws-tells-source-and-key", "only-the-marks-do"])
def test_a_state_that_was_lost_is_made_up_for_by_the_marks(left, world, is_told):
    workspace = left("lost", OLD)
    before = marked_holders(world)
    if not is_told:
        for arn in before:
            world.aws.change_snapshot(arn, source_arn=None, kms_key_arn=None)
    assert len(before) == len(COPIES)
    outcome = workspace.apply()
    for arn in before:
        outcome.assert_warning("adopted", arn, "The same: source, key, creation time of the source.")
    assert_taken_over(world, workspace)
    assert not set(before.values()) & set(marked_holders(world).values()), "each has a new holder"


@pytest.mark.parametrize("case, action", [("interrupted", "update"), ("killed", "create")])
def test_a_copy_under_way_is_waited_for(left, world, case, action):
    """By a state that knows it, and by its mark alone."""
    workspace = left(case, OLD)
    assert set(workspace.plan().actions.values()) == {action}
    running = start_waiting(workspace, world)
    assert set(statuses(world).values()) == {"copying", "creating"}
    world.finish_copies()
    outcome = running.wait()
    assert outcome.ok, outcome
    assert set(statuses(world).values()) == {"available"}
    assert_taken_over(world, workspace)
    workspace.destroy()
    assert statuses(world) == {}


def statuses(world):
    return {arn: it["status"] for arn, it in snapshots(world).items() if it["source_arn"]}


def assert_taken_over(world, workspace):
    assert not [operation for operation in changes(world) if operation.startswith(("Copy", "Delete"))]
    assert holders(workspace) == marked_holders(world)
    assert {i["status"] for i in workspace.managed().values()} == {"available"}
    assert workspace.is_settled()


# ---- What is never made again


@pytest.mark.parametrize(
    "version, commit, said",
    [("0.0.1", "0123456-dirty", "not committed"), (None, "0123456", "exists. What a released version has left")],
    ids=["uncommitted", "again"],
)
def test_a_folder_is_made_once_and_from_what_is_committed(sandbox, version, commit, said):
    provider = sandbox.folder / "provider"
    told = json.dumps({"version": version or versions()[0], "commit": commit})
    provider.write_text(f"#!/bin/sh\nprintf '%s' '{told}'\n")
    provider.chmod(0o755)
    command = [sys.executable, FOLDER / "make.py", "--provider", provider]
    done = subprocess.run(command, env=sandbox.environment(), capture_output=True, text=True)
    assert done.returncode == 1 and said in done.stderr and done.stderr.count("\n") == 1, done


# ---- The way back


def test_terraform_refuses_a_state_of_a_newer_schema(left, world):
    workspace = left("interrupted", OLD)
    state = read_json(workspace.folder / "terraform.tfstate")
    for resource in state["resources"]:
        resource["instances"][0]["schema_version"] += 1
    write_json(workspace.folder / "terraform.tfstate", state)
    workspace.apply(ok=False).assert_error("Resource instance managed by newer provider version")
    assert changes(world) == []


@pytest.mark.parametrize("case", ["migration", "interrupted", "killed"])
def test_a_mark_of_a_later_number_is_left_alone(left, world, case):
    workspace = left(case, OPERATOR if case == "migration" else OLD)
    for arn, it in snapshots(world).items():
        if MARK in it["tags"]:
            later = "2" + it["tags"][MARK].removeprefix("1")
            world.aws.change_snapshot(arn, tags={**it["tags"], MARK: later}, status="available")
    before = snapshots(world)
    if case == "migration":
        workspace.plan().assert_warning("a mark that this version of the provider does not know")
    else:
        workspace.apply(ok=False).assert_error("orders-shared-1", "mark")
    workspace.destroy()
    unshared = {arn: {**it, "shared_with": []} for arn, it in before.items()}
    assert snapshots(world) == unshared


# ---- The schemas


def test_what_states_hold_changes_only_with_the_version_of_its_schema(version, workspace):
    released = read_json(version / "schema.json")["resource_schemas"]
    now = schema_of(workspace)["resource_schemas"]
    wrong = [line for name, schema in released.items() for line in incompatible(name, schema, now.get(name))]
    assert not wrong, "\n".join([f"states of {version.name} would be read wrongly:", *wrong, CURE])


CURE = """Add an attribute rather than change one. If it must change, raise the resource's `version` and upgrade its old
states: CONTRIBUTING.md, "What a release leaves behind"."""


def incompatible(name, released, now):
    if now is None:
        yield f"{name}: no longer exists"
    elif now["version"] < released["version"]:
        yield f"{name}: version {now['version']} of its schema is older than {released['version']}"
    elif now["version"] == released["version"]:
        yield from incompatible_block(name, released["block"], now["block"])


def incompatible_block(path, released, now):
    for name, attribute in released.get("attributes", {}).items():
        found = now.get("attributes", {}).get(name)
        if found is None:
            yield f"{path}.{name}: no longer exists"
        elif found.get("type") != attribute.get("type"):
            yield f"{path}.{name}: was {attribute.get('type')}, is {found.get('type')}"
    for name, nested in released.get("block_types", {}).items():
        found = now.get("block_types", {}).get(name)
        if found is None:
            yield f"{path}.{name}: no longer exists"
        elif found["nesting_mode"] != nested["nesting_mode"]:
            yield f"{path}.{name}: was nested as {nested['nesting_mode']}, is {found['nesting_mode']}"
        else:
            yield from incompatible_block(f"{path}.{name}", nested["block"], found["block"])


def block(version=0, attributes=None, **nested):
    text = {"a": {"type": "string"}}
    blocks = {name: {"nesting_mode": mode, "block": {"attributes": text}} for name, mode in nested.items()}
    return {"version": version, "block": {"attributes": attributes or text, "block_types": blocks}}


@pytest.mark.parametrize(
    "now, said",
    [
        (block(times="single"), []),
        (block(attributes={"a": {"type": "string"}, "b": {"type": "bool"}}, times="single"), []),
        (block(version=1, attributes={"b": {"type": "string"}}), []),
        (None, ["x: no longer exists"]),
        (block(version=-1), ["x: version -1 of its schema is older than 0"]),
        (block(attributes={"b": {"type": "string"}}, times="single"), ["x.a: no longer exists"]),
        (block(attributes={"a": {"type": "bool"}}, times="single"), ["x.a: was string, is bool"]),
        (block(), ["x.times: no longer exists"]),
        (block(times="list"), ["x.times: was nested as single, is list"]),
    ],
)
def test_each_change_of_a_schema_is_found(now, said):
    assert list(incompatible("x", block(times="single"), now)) == said
