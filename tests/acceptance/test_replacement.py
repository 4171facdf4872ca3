# SPDX-License-Identifier: MPL-2.0
"""Replaced under its own ARN (-replace, taint, a provisioner that failed), a copy is adopted: nothing is copied
and nothing is deleted, whichever of the two legs comes first, and whatever has become of source and key."""

import json

import pytest
from conftest import KINDS
from harness.resources import BEFORE_DESTROY, MARK
from harness.world import OLD, REGION

ORDERS = {"destroy first": "", "create first": BEFORE_DESTROY}
WAYS = ["-replace", "taint"]
in_both_orders = pytest.mark.parametrize("order", ORDERS)
in_both_ways = pytest.mark.parametrize("way", WAYS)


def made(copy, order="destroy first"):
    copy.lifecycle = ORDERS[order]
    copy.set()
    copy.apply()
    copy.before = copy.state
    copy.after = copy.world.aws.last_call()
    return copy


def replaced(copy, way="-replace", **options):
    if way == "-replace":
        return copy.apply(f"-replace={copy.address}", **options)
    copy.workspace.run("taint", copy.address)
    return copy.apply(**options)


def assert_adopted(copy, order, outcome):
    outcome.assert_warning("adopted", copy.arn, "Nothing was copied", "another target_snapshot_identifier")
    assert copy.calls("copy", after=copy.after) == copy.calls("delete", after=copy.after) == []
    assert copy.snapshot["status"] == "available" and f"{copy.address} (deposed)" not in copy.workspace.state()
    keeps_holder = copy.state["holder_id"] == copy.before["holder_id"]
    assert keeps_holder == (order == "destroy first") and copy.holder == copy.state["holder_id"]
    for name in ("arn", "source_snapshot_arn", "source_snapshot_create_time", "kms_key_arn", "snapshot_create_time"):
        assert copy.state[name] == copy.before[name]
    assert not copy.instance.tainted and copy.workspace.is_settled()


# ---- The same data


@in_both_orders
@in_both_ways
def test_it_is_adopted(copy, way, order):
    made(copy, order)
    outcome = replaced(copy, way)
    assert_adopted(copy, order, outcome)
    if order == "destroy first":
        assert copy.changes(copy.after) == [], "it bears the mark of the holder that it keeps"
    else:
        outcome.assert_warning("left in place", copy.arn)


def source_vanished(copy):
    copy.world.aws.remove_snapshot(copy.source_arn)


def source_failed(copy):
    copy.world.aws.change_snapshot(copy.source_arn, status="failed")


def key_disabled(copy):
    copy.world.aws.change_key(copy.key, state="Disabled")


def key_to_be_deleted(copy):
    copy.world.aws.change_key(copy.key, state="PendingDeletion")


def quota_full(copy):
    copy.world.aws.settings(max_manual_snapshots=1)


def key_spelt_otherwise(copy):
    copy.set(kms_key_id=f'"{copy.key}"', source_snapshot_identifier=f'"{copy.source_arn}"')


def retained(copy):
    copy.set(deletion_policy='"retain"')
    copy.apply()


CIRCUMSTANCES = [source_vanished, source_failed, key_disabled, key_to_be_deleted, quota_full, key_spelt_otherwise,
                 retained]  # fmt: skip


@in_both_orders
@pytest.mark.parametrize("circumstance", CIRCUMSTANCES)
def test_it_is_adopted_whatever_a_new_copy_would_need(cluster_copy, circumstance, order):
    copy = made(cluster_copy, order)
    circumstance(copy)
    assert_adopted(copy, order, replaced(copy))


@in_both_orders
def test_one_under_way_is_adopted_and_waited_for(copy, order):
    copy.lifecycle = ORDERS[order]
    copy.set()
    copy.stop_while_copying()
    holder = copy.state["holder_id"]
    running = copy.start_waiting(f"-replace={copy.address}")
    assert copy.snapshot["status"] == copy.copying
    copy.world.finish_copies()
    running.wait().assert_warning("adopted", copy.arn)
    assert copy.copies == 1 and not copy.calls("delete")
    assert copy.state["status"] == "available" and copy.holder == copy.state["holder_id"]
    assert (copy.holder == holder) == (order == "destroy first") and copy.workspace.is_settled()


@in_both_orders
def test_after_a_provisioner_that_failed_it_is_adopted(cluster_copy, order):
    copy = cluster_copy
    copy.lifecycle = ORDERS[order] + '\nprovisioner "local-exec" {\n command = "test -e done"\n }'
    copy.set()
    copy.apply(ok=False).assert_error("local-exec")
    assert copy.instance.tainted
    copy.before, copy.after = copy.state, copy.world.aws.last_call()
    copy.workspace.write("done", "")
    assert_adopted(copy, order, copy.apply())


# ---- Without a mark: imported, or after a tag cleaner (moved: test_moved.py)


def imported(copy):
    copy.workspace.remove("terraform.tfstate")
    copy.world.aws.change_snapshot(copy.arn, tags={})
    copy.workspace.import_(copy.address, copy.arn)
    assert copy.state["holder_id"] is None


def cleaned(copy):
    copy.world.aws.change_snapshot(copy.arn, tags={})


without_a_mark = pytest.mark.parametrize("lose_mark", [imported, cleaned])


@without_a_mark
@in_both_ways
def test_without_a_mark_it_is_given_one_and_then_adopted(copy, lose_mark, way):
    made(copy)
    lose_mark(copy)
    copy.after = copy.world.aws.last_call()
    outcome = replaced(copy, way)
    outcome.assert_warning("adopted", copy.arn)
    assert copy.changes(copy.after) == ["AddTagsToResource"] and copy.copies == 1
    assert copy.holder == copy.state["holder_id"]
    assert copy.mark[2:4] == first_mark(copy)[2:4], "what it was made from"
    assert copy.workspace.is_settled()
    copy.workspace.destroy()
    assert copy.snapshot is None


def first_mark(copy):
    """Of the Copy call."""
    (call,) = copy.world.copies_made()
    return next(tag["Value"] for tag in call["parameters"]["Tags"] if tag["Key"] == MARK).split(" ")


def test_a_mark_that_aws_refuses_ends_it_before_any_effect(copy):
    made(copy)
    cleaned(copy)
    copy.fault("AddTagsToResource", "access_denied", count=None)
    before = copy.instance
    replaced(copy, ok=False).assert_error(copy.arn, "AddTagsToResource")
    assert copy.snapshot["status"] == "available" and copy.instance.values == before.values
    assert not copy.calls("delete") and copy.copies == 1


@without_a_mark
def test_without_a_mark_and_create_before_destroy_it_is_refused_and_stays(copy, lose_mark):
    """The create comes first, and does not know that the snapshot is its predecessor's."""
    made(copy, "create first")
    lose_mark(copy)
    before = copy.snapshot
    replaced(copy, ok=False).assert_error(copy.arn, "no readable mark")
    assert copy.snapshot == before and copy.instance and copy.copies == 1
    copy.lifecycle = ""
    copy.set()
    assert copy.workspace.is_settled(), "nothing was lost, and without -replace there is nothing to do"


# ---- Other data


def other_key(copy):
    key = copy.world.aws.add_key(OLD, REGION)
    copy.set(kms_key_id=f'"{key}"')
    return copy.key, key


def other_source(copy):
    source = copy.add_source()
    copy.set(source_snapshot_identifier='"other"')
    return copy.source_arn, source


def alias_moved(copy):
    key = copy.world.aws.add_key(OLD, REGION)
    copy.world.accounts[OLD].client("kms", REGION).update_alias(AliasName="alias/mine", TargetKeyId=key)
    return (copy.key,)


def source_retaken(copy):
    time = copy.state["source_snapshot_create_time"]
    copy.retake_source()
    return time, copy.world.aws.snapshot(copy.source_arn)["create_time"]


def source_not_known(copy):
    copy.add_source()
    copy.set(source_snapshot_identifier=copy.later("other"))
    return (copy.source_arn,)


def key_not_known(copy):
    copy.set(kms_key_id=copy.later(copy.world.aws.add_key(OLD, REGION)))
    return (copy.key,)


NO_TAINT = [other_key, other_source]  # which an untainted copy's plan refuses: test_other_data.py
CHANGES = [
    *((kind, change) for kind in KINDS for change in NO_TAINT),
    *(("cluster", change) for change in (alias_moved, source_retaken, source_not_known, key_not_known)),
]


@in_both_orders
@pytest.mark.parametrize("copy, change", CHANGES, indirect=["copy"])
def test_of_other_data_it_is_neither_deleted_nor_adopted(copy, change, order):
    made(copy, order)
    was = change(copy)
    before = copy.instance
    copy.after = copy.world.aws.last_call()
    way = "taint" if change in NO_TAINT else "-replace"
    refused = replaced(copy, way, ok=False)
    refused.assert_error(copy.arn, *was, "target_snapshot_identifier")
    if order == "destroy first":
        refused.assert_error("not deleted", '"after-2"', "create_before_destroy = true")
    assert copy.changes(copy.after) == [] and copy.snapshot["status"] == "available"
    assert copy.instance.values == before.values and copy.instance.tainted == (way == "taint")


def test_what_is_not_known_at_plan_is_refused_also_where_it_turns_out_the_same(cluster_copy):
    """The delete comes first, and the note of its plan does not say."""
    copy = made(cluster_copy)
    copy.set(source_snapshot_identifier=copy.later("before"))
    replaced(copy, ok=False).assert_error(copy.arn, "not known at plan", '"after-2"')
    assert copy.snapshot["status"] == "available"
    copy.apply()
    assert copy.changes(copy.after) == [] and copy.workspace.is_settled()
    assert_adopted(copy, "destroy first", replaced(copy))


# ---- Taken back


def hold_with_another(copy):
    """The state is one of before an adoption."""
    tags = copy.snapshot["tags"]
    copy.world.aws.change_snapshot(copy.arn, tags={**tags, MARK: tags[MARK].replace(copy.holder, "aaaabbbbccccdddd")})


@in_both_orders
def test_what_another_state_has_adopted_is_taken_back_by_a_replacement(copy, order):
    made(copy, order)
    hold_with_another(copy)
    settled = copy.workspace.is_settled()
    assert settled
    cure = "terraform apply -replace=ADDRESS takes it back"
    settled.outcome.assert_warning("Another configuration holds", copy.arn, cure)
    assert_adopted(copy, "create first", replaced(copy))
    hold_with_another(copy)
    copy.workspace.destroy().assert_warning("left in place", copy.arn, cure)
    assert copy.snapshot["status"] == "available"
    copy.apply().assert_warning("adopted", copy.arn)
    copy.workspace.destroy()
    assert copy.snapshot is None and copy.copies == 1


def test_killed_between_the_adoption_and_the_saved_state_it_is_taken_back(copy):
    made(copy, "create first")
    state = (copy.workspace.folder / "terraform.tfstate").read_text()
    fault = copy.fault("AddTagsToResource", "hold", count=1)
    running = copy.workspace.start("apply", "-json", "-auto-approve", f"-replace={copy.address}")
    held = lambda: any(f["id"] == fault and f["holding"] for f in copy.world.aws.faults())
    copy.world.wait_until(held, "the adoption", 40)
    running.end()
    copy.world.aws.clear_faults()
    (copy.workspace.folder / ".terraform.tfstate.lock.info").unlink(missing_ok=True)
    assert copy.holder != copy.before["holder_id"], "AWS has written it"
    assert json.loads((copy.workspace.folder / "terraform.tfstate").read_text()) == json.loads(state)
    copy.workspace.plan().assert_warning(copy.arn, "terraform apply -replace=ADDRESS takes it back")
    assert_adopted(copy, "create first", replaced(copy))
    copy.workspace.destroy()
    assert copy.snapshot is None and copy.copies == 1
