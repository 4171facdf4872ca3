# SPDX-License-Identifier: MPL-2.0
"""Imported, then planned: nothing to do, or only what AWS keeps no word of."""

import json
import re

import pytest
from harness.world import NEW, OLD, REGION

ADDRESS = "snapshot_reencrypt_copy.x"
STATE_ONLY = {
    "deletion_policy": '"retain"',
    "copy_tags": "true",
    "reader_account_ids": f'["{NEW}"]',
}
TIMEOUTS = 'timeouts {\n create = "30h"\n }'


def imported(single, import_id):
    """From an empty state."""
    single.workspace.remove("terraform.tfstate")
    single.workspace.import_(single.address, import_id)


def changing(world, after):
    return [
        c["operation"]
        for c in world.aws.calls(after=after)
        if not c["operation"].startswith(("Describe", "Get", "List"))
    ]


@pytest.mark.parametrize("by", ["arn", "name"])
@pytest.mark.parametrize("mark", ["marked", "unmarked"])
def test_a_copy_then_an_empty_plan(copy, by, mark):
    copy.set(tags='{ a = "1" }')
    copy.apply()
    if mark == "unmarked":
        copy.world.aws.change_snapshot(copy.arn, tags={"a": "1"})
    imported(copy, copy.arn if by == "arn" else f"{copy.kind}:after")
    settled = copy.workspace.is_settled()
    assert settled and not settled.outcome.warnings
    assert copy.copies == 1


@pytest.mark.host("1.5")
def test_by_a_block_then_an_empty_plan(copy):
    copy.apply()
    copy.workspace.remove("terraform.tfstate")
    copy.workspace.write("import.tf", f'import {{\n  to = {ADDRESS}\n  id = "{copy.arn}"\n}}\n')
    planned = copy.workspace.plan()
    assert set(planned.actions.values()) <= {"import"}, planned
    copy.workspace.apply_plan()
    assert copy.workspace.is_settled()


def test_what_aws_keeps_no_word_of_is_an_update_of_the_state_alone(copy):
    copy.apply()
    copy.set(TIMEOUTS, **STATE_ONLY)
    imported(copy, copy.arn)
    after = copy.world.aws.last_call()
    planned = copy.workspace.plan()
    assert planned.actions == {ADDRESS: "update"}
    assert not planned.warnings, planned
    change = copy.workspace.planned(ADDRESS)
    differs = {name for name in change["after"] if change["after"][name] != change["before"][name]}
    assert differs == {*STATE_ONLY, "timeouts"}
    assert not any(change["after_unknown"].get(name) is True for name in change["after"])
    before = copy.world.aws.last_call()
    copy.workspace.apply_plan()
    assert changing(copy.world, after) == []
    assert not copy.calls("AddTagsToResource", after=before) and copy.workspace.is_settled()


@pytest.mark.parametrize("argument", [*STATE_ONLY, "timeouts"])
def test_each_of_them_alone(cluster_copy, argument):
    copy = cluster_copy
    copy.apply()
    if argument == "timeouts":
        copy.set(TIMEOUTS)
    else:
        copy.set(**{argument: STATE_ONLY[argument]})
    imported(copy, copy.arn)
    after = copy.world.aws.last_call()
    assert copy.workspace.plan().actions == {ADDRESS: "update"}
    copy.workspace.apply_plan()
    assert changing(copy.world, after) == [] and copy.copies == 1
    assert copy.workspace.is_settled()


def test_a_source_that_aws_does_not_tell_takes_the_configured_one(copy):
    copy.apply()
    copy.world.aws.change_snapshot(copy.arn, source_arn=None)
    imported(copy, copy.arn)
    after = copy.world.aws.last_call()
    copy.workspace.plan()
    copy.workspace.apply_plan()
    assert changing(copy.world, after) == [] and copy.copies == 1
    assert copy.state["source_snapshot_identifier"] == "before"
    assert copy.state["source_snapshot_arn"] == copy.source_arn
    assert copy.workspace.is_settled()


@pytest.mark.parametrize("of", ["all", "some"])
def test_a_share_then_an_empty_plan(share, of):
    share.set([NEW])
    share.apply()
    imported(share, share.arn if of == "all" else f"{share.arn}/{NEW}")
    settled = share.workspace.is_settled()
    assert settled and not settled.outcome.warnings
    share.set([NEW], "copy", f'snapshot_kind = "{share.kind}"\nregion = "{REGION}"')
    assert share.workspace.is_settled(), "by name, with its place spelt out"


def test_of_another_account_it_is_refused(new_workspace, cluster_copy):
    cluster_copy.apply()
    stranger = new_workspace(NEW)
    stranger.copy_from(cluster_copy.workspace.folder)
    refused = stranger.import_(ADDRESS, cluster_copy.arn, ok=False)
    assert OLD in refused.err + refused.out and NEW in refused.err + refused.out
    assert ADDRESS not in stranger.state()


# ---- What is no copy


def said(outcome):
    """Without the frame and the line breaks of a terminal."""
    return re.sub(r"[\s│╷╵]+", " ", outcome.out + outcome.err)


@pytest.mark.parametrize("name", ["rds:orders-2026-01-01-00-00", "awsbackup:job-1"])
@pytest.mark.parametrize("by", ["arn", "name"])
def test_an_automatic_snapshot_is_no_copy(copy, by, name):
    arn = copy.world.aws.add_snapshot(OLD, REGION, name, kind=copy.kind, type="automated")
    refused = copy.workspace.import_(ADDRESS, arn if by == "arn" else f"{copy.kind}:{name}", ok=False)
    assert f'"{name}" is a snapshot that AWS made' in said(refused)
    assert "source_snapshot_identifier of a new snapshot_reencrypt_copy" in said(refused)
    assert copy.instance is None


def test_nor_is_it_shared(share):
    arn = share.world.aws.add_snapshot(OLD, REGION, "rds:orders-2026-01-01-00-00", kind=share.kind, type="automated")
    refused = share.workspace.import_(share.address, arn, ok=False)
    assert "only manual snapshots can be shared" in said(refused) and share.instance is None


@pytest.mark.parametrize("import_id, found", [("cluster:after ", "a space"), ("cluster:after\n", "a line break")])
def test_an_import_id_that_ends_with_white_space(cluster_copy, import_id, found):
    cluster_copy.apply()
    cluster_copy.workspace.remove("terraform.tfstate")
    refused = cluster_copy.workspace.import_(ADDRESS, import_id, ok=False)
    assert f"the import id is {json.dumps(import_id)} and contains {found}" in said(refused)


# ---- The key of the source


@pytest.mark.parametrize("mark", ["marked", "unmarked"])
def test_the_source_s_key_is_read_with_it(copy, mark):
    copy.apply()
    key = copy.state["source_kms_key_arn"]
    if mark == "unmarked":
        copy.world.aws.change_snapshot(copy.arn, tags={})
    imported(copy, copy.arn)
    assert key and copy.state["source_kms_key_arn"] == key
    assert copy.workspace.is_settled()


def forgotten_key(copy):
    """Imported while the source could not be read."""
    copy.apply()
    copy.fault("describe", "access_denied", match="before")
    imported(copy, copy.arn)
    assert copy.state["source_kms_key_arn"] is None


@pytest.mark.parametrize("mark", ["marked", "unmarked"])
def test_or_by_a_later_read(copy, mark):
    if mark == "unmarked":
        copy.apply()
        copy.world.aws.change_snapshot(copy.arn, tags={})
    forgotten_key(copy)
    copy.apply("-refresh-only")
    assert copy.state["source_kms_key_arn"] == copy.world.aws.snapshot(copy.source_arn)["kms_key_arn"]
    after = copy.world.aws.last_call()
    assert copy.workspace.is_settled()
    assert len(copy.calls("describe", "before", after)) == (1 if mark == "marked" else 0)


@pytest.mark.parametrize("mark", ["marked", "unmarked"])
def test_but_not_that_of_a_younger_source(copy, mark):
    forgotten_key(copy)
    if mark == "unmarked":
        copy.world.aws.change_snapshot(copy.arn, tags={})
    copy.world.aws.remove_snapshot(copy.source_arn)
    copy.world.aws.advance(3600)
    copy.world.aws.add_snapshot(OLD, REGION, "before", kind=copy.kind, kms_key_id=copy.world.aws.add_key(OLD, REGION))
    copy.apply("-refresh-only")
    assert copy.state["source_kms_key_arn"] is None
