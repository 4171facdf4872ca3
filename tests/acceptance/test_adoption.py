# SPDX-License-Identifier: MPL-2.0
"""Marks and adoption: a copy that is there already is taken over when it is the wanted one, and left alone when not."""

import copy as copying
import json

import pytest
from harness.resources import BEFORE_DESTROY, HOURS, MARK, Copy
from harness.world import NEW, OLD, REGION


@pytest.fixture(params=["cluster", pytest.param("instance", marks=pytest.mark.long)])
def copy(request, workspace, world):
    return Copy(workspace, world, request.param)


# What depends on the fields in which RDS tells source and key, which are not the same ones.
of_both_kinds = pytest.mark.parametrize("copy", ["cluster", "instance"], indirect=True)


@pytest.fixture
def lost(copy):
    """Applied, and then its state lost."""
    copy.apply()
    copy.before = copy.state
    copy.workspace.remove("terraform.tfstate")
    return copy


@pytest.fixture
def lost_cluster_copy(cluster_copy):
    cluster_copy.apply()
    cluster_copy.before = cluster_copy.state
    cluster_copy.workspace.remove("terraform.tfstate")
    return cluster_copy


def change_mark(copy, **fields):
    """Of the five, by their place."""
    mark = copy.mark
    for place, value in fields.items():
        mark[int(place.removeprefix("field_"))] = value
    copy.world.aws.change_snapshot(copy.arn, tags={**copy.tags, MARK: " ".join(mark)})


# ---- Adopted


@of_both_kinds
def test_a_lost_state_is_adopted_without_copying(lost):
    outcome = lost.apply()
    data = {"cluster": "", "instance": " at " + lost.world.aws.snapshot(lost.source_arn)["create_time"][:16]}[lost.kind]
    outcome.assert_warning("adopted", "begun " + lost.snapshot["create_time"][:16], "its data is what it was" + data)
    outcome.assert_warning("The same: source, key, creation time of the source.")
    assert lost.copies == 1
    assert lost.state["holder_id"] == lost.holder != lost.before["holder_id"]
    assert {**lost.state.values, "holder_id": None} == {**lost.before.values, "holder_id": None}
    assert lost.workspace.is_settled()


def test_what_the_mark_does_not_tell_agrees_with_anything(lost):
    change_mark(lost, field_2="-", field_3="-", field_4="-")
    lost.apply().assert_warning("adopted", "not compared: ", "creation time of the source")
    assert lost.copies == 1 and lost.state["source_snapshot_create_time"] is None


def test_another_account_s_snapshot_of_that_name_is_nothing_to_adopt(copy):
    key = copy.world.aws.add_key(NEW, REGION)
    theirs = copy.world.aws.add_snapshot(NEW, REGION, "after", kind=copy.kind, kms_key_id=key)
    copy.world.aws.change_snapshot(theirs, shared_with=[OLD])
    outcome = copy.apply()
    assert outcome.warnings == [] and copy.copies == 1
    assert copy.snapshot["status"] == "available"


def test_one_that_is_being_deleted_is_made_anew(lost):
    lost.world.aws.settings(delete_seconds=60)
    client = lost.world.accounts[OLD].client("rds", REGION)
    lost.world.allow_delete("after")
    if lost.kind == "cluster":
        client.delete_db_cluster_snapshot(DBClusterSnapshotIdentifier="after")
    else:
        client.delete_db_snapshot(DBSnapshotIdentifier="after")
    lost.apply()
    assert lost.copies == 2 and lost.snapshot["status"] == "available"


# ---- The holder is written when AWS takes it, and the state never runs ahead


def test_a_holder_that_cannot_be_written_leaves_no_state(lost):
    lost.world.aws.fault("AddTagsToResource", "access_denied", count=None)
    refused = lost.apply(ok=False)
    refused.assert_error("adopting", lost.arn, "AddTagsToResource")
    assert lost.instance is None and lost.holder == lost.before["holder_id"]


@pytest.fixture
def takes_no_tags_yet(cluster_copy):
    """Somebody's copy is under way, and AWS refuses its tags."""
    copy = cluster_copy
    running = copy.start_waiting()
    running.kill()
    running.wait()
    (copy.workspace.folder / ".terraform.tfstate.lock.info").unlink(missing_ok=True)
    copy.first_holder = copy.holder
    copy.world.aws.fault("AddTagsToResource", "error", code="InvalidDBClusterSnapshotStateFault", count=1)
    after = copy.world.aws.last_call()
    running = copy.workspace.start("apply", "-json", "-auto-approve")
    copy.world.wait_until(lambda: len(copy.calls("describe", "after", after)) > 2, "waiting for the adopted copy")
    assert copy.holder == copy.first_holder
    return copy, running


def test_a_holder_refused_while_copying_is_written_when_it_is_available(takes_no_tags_yet):
    copy, running = takes_no_tags_yet
    copy.world.finish_copies()
    assert running.wait().ok
    assert copy.holder == copy.state["holder_id"] != copy.first_holder
    assert copy.workspace.is_settled()


def test_stopped_before_its_holder_is_written_there_is_no_state(takes_no_tags_yet):
    """It would say that what is another's by its mark is ours, to delete."""
    copy, running = takes_no_tags_yet
    running.interrupt()
    running.wait().assert_error("Apply again", copy.arn)
    assert copy.instance is None and copy.holder == copy.first_holder
    copy.world.finish_copies()
    copy.apply().assert_warning("adopted")
    assert copy.copies == 1


# ---- Refused, field by field, and left alone


def assert_refused(copy, *texts):
    before = copy.snapshot
    copy.apply(ok=False).assert_error(copy.arn, *texts)
    assert copy.snapshot == before and copy.copies == 1 and copy.instance is None


@of_both_kinds
def test_another_key_is_refused(lost):
    other = lost.world.aws.add_key(OLD, REGION)
    lost.set(kms_key_id=f'"{other}"')
    assert_refused(lost, lost.key, other)


@of_both_kinds
def test_another_source_is_refused(lost):
    other = lost.world.aws.add_snapshot(OLD, REGION, "other", kind=lost.kind)
    lost.set(source_snapshot_identifier='"other"')
    assert_refused(lost, other)


def test_a_source_retaken_under_its_name_is_refused(lost):
    then = lost.mark[4]
    lost.retake_source()
    assert_refused(lost, f"source of {then}", lost.world.aws.snapshot(lost.source_arn)["create_time"])


def test_all_that_differs_is_told_at_once(lost_cluster_copy):
    copy = lost_cluster_copy
    other_key = copy.world.aws.add_key(OLD, REGION)
    copy.world.aws.add_snapshot(OLD, REGION, "other")
    change_mark(copy, field_4="2026-01-01T00:00:00Z")
    copy.set(source_snapshot_identifier='"other"', kms_key_id=f'"{other_key}"')
    assert_refused(
        copy, "its source is", "its key is", "source of 2026-01-01", "target_snapshot_identifier", "terraform import"
    )


@of_both_kinds
def test_a_hand_made_snapshot_of_the_name_is_refused(copy):
    copy.world.aws.add_snapshot(OLD, REGION, "after", kind=copy.kind, kms_key_id=copy.key, tags={"theirs": "x"})
    before = copy.snapshot
    copy.apply(ok=False).assert_error(copy.arn, "no readable mark", "terraform import")
    assert copy.snapshot == before and copy.copies == 0


def test_a_mark_of_a_later_version_is_neither_adopted_nor_deleted(copy):
    copy.apply()
    change_mark(copy, field_0="2")
    copy.workspace.destroy().assert_warning("left")
    assert copy.snapshot
    copy.apply(ok=False).assert_error(copy.arn)
    assert copy.mark[0] == "2" and copy.copies == 1


def test_two_resources_of_one_name_are_an_error(copy):
    main = (copy.workspace.folder / "main.tf").read_text()
    copy.workspace.write("second.tf", main.replace('"x"', '"y"'))
    refused = copy.apply(ok=False)
    refused.assert_error("two resources", copy.arn)
    assert copy.copies == 1


# ---- Two applies at the same time


@pytest.fixture
def race(cluster_copy, new_workspace):
    """Both have seen that there is nothing, and call Copy; returns the two at that moment."""

    def start(second_main=None):
        copy = cluster_copy
        other = new_workspace(OLD)
        for name in ("provider.tf", "main.tf"):
            other.write(name, (copy.workspace.folder / name).read_text())
        if second_main:
            other.write("main.tf", second_main)
        copy.world.copies_take(HOURS)
        fault = copy.fault("copy", "hold", phase="before", count=2)
        both = [w.start("apply", "-json", "-auto-approve") for w in (copy.workspace, other)]
        held = lambda: any(f["id"] == fault and f["holding"] == 2 for f in copy.world.aws.faults())
        copy.world.wait_until(held, "both calling Copy", 40)
        copy.world.aws.release(fault)
        return both

    return start


def in_the_end(copy, both):
    """(the one that failed, the one that succeeded)"""
    copy.world.wait_until(lambda: any(r.process.poll() is not None for r in both), "one of the two ends", 40)
    copy.world.finish_copies()
    return sorted((r.wait() for r in both), key=lambda outcome: outcome.ok)


def test_two_applies_of_one_configuration_make_one_copy(cluster_copy, race):
    failed, done = in_the_end(cluster_copy, race())
    assert not failed.ok and done.ok
    assert cluster_copy.copies == 1
    done.assert_warning("adopted", "begun " + cluster_copy.snapshot["create_time"][:16])
    failed.assert_error("taken over", cluster_copy.arn)


def test_two_applies_of_different_configurations_make_one_copy_and_one_clear_error(cluster_copy, race):
    other_key = cluster_copy.world.aws.add_key(OLD, REGION)
    main = (cluster_copy.workspace.folder / "main.tf").read_text().replace("alias/mine", other_key)
    failed, done = in_the_end(cluster_copy, race(main))
    assert not failed.ok and done.ok and done.warnings == []
    assert cluster_copy.copies == 1
    failed.assert_error("is not the copy that is wanted", "its key is", other_key, cluster_copy.key)


# ---- Another holder


def test_a_wait_ends_when_another_has_taken_the_copy_over(copy):
    running = copy.start_waiting()
    change_mark(copy, field_1="aaaabbbbccccdddd")
    outcome = running.wait()
    outcome.assert_error("taken over", copy.arn)
    assert copy.instance is None and copy.snapshot["status"] == copy.copying


def test_a_resumed_wait_that_has_lost_its_copy_says_how_to_take_it_back(cluster_copy):
    """As after an apply that was killed between its Copy call and the saved state."""
    cluster_copy.stop_while_copying()
    change_mark(cluster_copy, field_1="aaaabbbbccccdddd")
    cluster_copy.apply(ok=False).assert_error("taken over", "-replace=ADDRESS takes it back", cluster_copy.arn)
    cluster_copy.world.finish_copies()
    cluster_copy.apply(f"-replace={cluster_copy.address}")
    assert cluster_copy.state["status"] == "available" and cluster_copy.copies == 1
    assert cluster_copy.holder == cluster_copy.state["holder_id"]


def of_holder(state, holder_id):
    changed = copying.deepcopy(state)
    changed["resources"][0]["instances"][0]["attributes"]["holder_id"] = holder_id
    changed["serial"] += 1
    return changed


# ---- No mark: AWS's own fields decide


@of_both_kinds
def test_a_copy_whose_mark_was_cleaned_away_is_still_ours(copy):
    running = copy.start_waiting()
    copy.world.aws.change_snapshot(copy.arn, tags={})
    copy.world.finish_copies()
    assert running.wait().ok, "the wait goes on"
    assert copy.workspace.is_settled()
    copy.workspace.destroy()
    assert copy.snapshot is None


def test_what_stands_there_by_now_without_a_mark_and_with_another_key_is_not_ours(copy):
    copy.apply()
    copy.world.aws.remove_snapshot(copy.arn)
    other_key = copy.world.aws.add_key(OLD, REGION)
    copy.world.aws.add_snapshot(OLD, REGION, "after", kind=copy.kind, kms_key_id=other_key)
    seen = copy.workspace.plan()
    seen.assert_warning("Another snapshot has the name of this copy", copy.arn, "has no mark of this provider")
    assert not any("Another configuration" in w.text for w in seen.warnings), "nobody else holds it"
    copy.workspace.destroy().assert_warning("The copy was left in place", copy.arn, "has no mark of this provider")
    assert copy.snapshot["status"] == "available"


def test_a_mark_that_this_version_does_not_know_is_another_s(copy):
    copy.apply()
    copy.world.aws.change_snapshot(copy.arn, tags={MARK: "9 from the future"})
    copy.workspace.plan().assert_warning("Another configuration holds this copy", copy.arn, "does not know")


def test_a_source_that_is_newer_than_the_copy_is_warned_of_and_changes_nothing(copy):
    copy.apply()
    then = copy.state["source_snapshot_create_time"]
    copy.retake_source()
    now = copy.world.aws.snapshot(copy.source_arn)["create_time"]
    for _ in range(2):
        settled = copy.workspace.is_settled()
        assert settled
        settled.outcome.assert_warning("newer", copy.arn, then, now, "another target_snapshot_identifier")
    assert copy.state["source_snapshot_create_time"] == then and copy.copies == 1


# ---- create_before_destroy of a share, and deposed objects (of a copy: test_replacement.py)


@pytest.mark.parametrize("way", ["-replace", "taint"])
def test_a_share_replaced_before_it_is_destroyed_survives(cluster_share, way):
    share = cluster_share
    share.set([NEW], more=BEFORE_DESTROY)
    share.apply()
    if way == "taint":
        share.workspace.run("taint", share.address)
    share.apply(*([f"-replace={share.address}"] if way == "-replace" else []))
    assert share.shared_with() == [NEW]
    assert share.workspace.is_settled()


def depose(workspace, holder_id=None):
    """As an apply leaves it that was ended after a create and before the delete of what that replaced."""
    path = workspace.folder / "terraform.tfstate"
    state = json.loads(path.read_text())
    deposed = (of_holder(state, holder_id) if holder_id else state)["resources"][0]["instances"][0]
    state["resources"][0]["instances"].append({**deposed, "deposed": "0a1b2c3d"})
    state["serial"] += 1
    path.write_text(json.dumps(state))


def test_a_deposed_share_of_an_earlier_apply_says_what_it_takes_back_and_the_next_apply_grants_it_again(cluster_share):
    share = cluster_share
    share.apply()
    depose(share.workspace)
    share.apply().assert_warning("Two shares list the same account", share.arn, NEW, "apply again")
    assert share.shared_with() == []
    assert share.apply().warnings == []
    assert share.shared_with() == [NEW]
    assert share.workspace.is_settled()
    assert share.workspace.destroy().warnings == []


def test_a_deposed_object_of_an_earlier_apply_leaves_what_was_adopted(lost):
    lost.apply()
    depose(lost.workspace, lost.before["holder_id"])
    lost.apply().assert_warning("left", lost.arn)
    assert list(lost.workspace.managed()) == [Copy.address]
    assert lost.snapshot["status"] == "available"
    assert lost.workspace.is_settled()
