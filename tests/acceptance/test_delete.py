# SPDX-License-Identifier: MPL-2.0
"""Deleting a copy: to its end, also one under way, and only what this state holds."""

import pytest
from harness.world import OLD, REGION, snapshot_arn

ADDRESS = "snapshot_reencrypt_copy.x"
KINDS = ["cluster", "instance"]
PATIENCE = 'timeouts {\n delete = "3m"\n }'


def write_copy(workspace, world, kind="cluster", more=""):
    workspace.write(
        "main.tf",
        f"""
        resource "snapshot_reencrypt_copy" "x" {{
          snapshot_kind              = "{kind}"
          source_snapshot_identifier = "before"
          target_snapshot_identifier = "after"
          kms_key_id                 = "{world.key}"
          {more}
        }}
        """,
    )


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def copy(workspace, world, kind):
    world.key = world.aws.add_key(OLD, REGION)
    world.aws.add_snapshot(OLD, REGION, "before", kind=kind)
    write_copy(workspace, world, kind)
    return workspace


def operation(verb, kind):
    noun = "DBClusterSnapshot" if kind == "cluster" else "DBSnapshot"
    return f"{verb}{noun}" + ("s" if verb == "Describe" else "")


def busy(world, kind, count):
    code = "InvalidDBClusterSnapshotStateFault" if kind == "cluster" else "InvalidDBSnapshotState"
    return world.aws.fault(
        operation("Delete", kind), "error", status=400, code=code, message="It is busy.", count=count
    )


def test_it_waits_until_the_snapshot_is_gone(copy, world, kind):
    copy.apply()
    world.aws.settings(delete_seconds=300)
    destroyed = copy.destroy()
    assert destroyed.seconds > 5
    assert world.snapshot("after", kind=kind) is None
    assert world.snapshot("before", kind=kind), "the source is none of its business"
    last = world.aws.calls()[-1]
    assert last["operation"] == operation("Describe", kind) and last["status"] == 404


def test_what_is_never_gone_ends_with_the_deadline_and_stays_in_the_state(copy, world, kind):
    write_copy(copy, world, kind, PATIENCE)
    copy.apply()
    world.aws.settings(delete_seconds=24 * 3600)
    failed = copy.destroy(ok=False)
    failed.assert_error('waiting for "after" to be deleted', "time limit")
    assert failed.seconds < 30 and ADDRESS in copy.state()
    world.aws.settings(delete_seconds=0)
    world.aws.advance(24 * 3600)
    copy.destroy()
    assert ADDRESS not in copy.state()


@pytest.fixture
def under_way(copy, world, kind):
    """For a day, and nobody waits for it any more."""
    world.copies_take(24 * 3600)
    running = copy.start("apply", "-json", "-auto-approve")
    world.wait_until(lambda: world.snapshot("after", kind=kind), "the copy", 60)
    running.interrupt()
    running.wait()
    assert copy.state()[ADDRESS]["status"] == ("copying" if kind == "cluster" else "creating")
    return copy


def test_a_copy_under_way_is_cancelled(under_way, world, kind):
    world.aws.settings(delete_creating="accept")
    destroyed = under_way.destroy()
    assert destroyed.seconds < 30, "nothing was waited for but its end"
    assert world.snapshot("after", kind=kind) is None


@pytest.mark.parametrize("kind", ["instance"])
def test_where_aws_does_not_cancel_it_its_end_is_waited_for(under_way, world, kind):
    """An instance copy within a Region is `creating`."""
    running = under_way.start("destroy", "-json", "-auto-approve")
    refused = lambda: len([c for c in world.aws.calls("DeleteDBSnapshot") if c["error_code"]]) > 1
    world.wait_until(refused, "the refusals", 60)
    assert world.snapshot("after", kind=kind)["status"] == "creating"
    world.aws.advance(24 * 3600)
    assert running.wait().ok
    assert world.snapshot("after", kind=kind) is None and ADDRESS not in under_way.state()


def test_a_busy_snapshot_is_tried_again(copy, world, kind):
    copy.apply()
    fault = busy(world, kind, count=4)
    copy.destroy()
    assert next(f for f in world.aws.faults() if f["id"] == fault)["hits"] == 4
    assert world.snapshot("after", kind=kind) is None


@pytest.mark.parametrize(
    "code, text",
    [
        ("InvalidDBClusterSnapshotStateFault", "Only manual snapshots may be deleted."),
        ("InvalidDBSnapshotState", "automated snapshots cannot be deleted."),
    ],
)
def test_what_aws_made_is_refused_at_once(copy, world, kind, code, text):
    """The code is that of a busy snapshot."""
    copy.apply()
    world.aws.fault(operation("Delete", kind), "error", status=400, code=code, message=text, count=None)
    failed = copy.destroy(ok=False)
    arn = snapshot_arn("after", kind=kind)
    failed.assert_error(f"deleting {arn}", text, "AWS itself deletes", "terraform state rm")
    assert failed.seconds < 10 and len(world.aws.calls(operation("Delete", kind))) == 1
    assert ADDRESS in copy.state()


def test_an_automatic_snapshot_in_an_older_state_is_not_waited_for(copy, world, kind):
    """As the imitation answers, by its type."""
    copy.apply()
    world.aws.change_snapshot(snapshot_arn("after", kind=kind), type="automated")
    copy.destroy(ok=False).assert_error("AWS itself deletes")
    assert len(world.aws.calls(operation("Delete", kind))) == 1


def test_and_until_the_deadline_only(copy, world, kind):
    write_copy(copy, world, kind, PATIENCE)
    copy.apply()
    busy(world, kind, count=None)
    failed = copy.destroy(ok=False)
    failed.assert_error(f"deleting {snapshot_arn('after', kind=kind)}", "time limit", "It is busy.",
                        operation("Delete", kind), OLD, REGION)  # fmt: skip
    assert failed.seconds < 30 and ADDRESS in copy.state()
    world.aws.clear_faults()
    copy.destroy()
    assert world.snapshot("after", kind=kind) is None


@pytest.mark.parametrize("moment", ["before the delete looks", "between its look and its call"])
def test_gone_already_is_success(copy, world, kind, moment):
    copy.apply()
    if moment == "before the delete looks":
        world.aws.remove_snapshot(snapshot_arn("after", kind=kind))
    else:
        code = "DBClusterSnapshotNotFoundFault" if kind == "cluster" else "DBSnapshotNotFound"
        world.aws.fault(operation("Delete", kind), "error", status=404, code=code, message="gone", count=1)
        held = world.aws.fault(operation("Delete", kind), "hold", phase="before", seconds=1, skip=1)
        world.aws.settings(delete_seconds=0)
        running = copy.start("destroy", "-json", "-auto-approve", "-refresh=false")
        world.wait_until(lambda: world.aws.calls(operation("Delete", kind)), "the call", 30)
        world.aws.remove_snapshot(snapshot_arn("after", kind=kind))
        assert held and running.wait().ok
        assert ADDRESS not in copy.state()
        return
    copy.destroy("-refresh=false")
    assert world.aws.calls(operation("Delete", kind)) == []
    assert ADDRESS not in copy.state()


def test_what_another_state_has_taken_over_is_left_to_it(copy, world, kind, new_workspace):
    copy.apply()
    other = new_workspace(OLD)
    other.copy_from(copy.folder)
    other.apply().assert_warning("adopted")
    left = copy.destroy("-refresh=false")
    left.assert_warning("left in place", snapshot_arn("after", kind=kind))
    assert ADDRESS not in copy.state()
    assert world.snapshot("after", kind=kind)["status"] == "available"
    assert other.is_settled()
    other.destroy()
    assert world.snapshot("after", kind=kind) is None


def test_a_copy_whose_mark_a_tag_cleaner_removed_is_deleted_all_the_same(copy, world, kind):
    copy.apply()
    world.aws.change_snapshot(snapshot_arn("after", kind=kind), tags={})
    copy.destroy()
    assert world.snapshot("after", kind=kind) is None


def test_a_retained_copy_stays_and_is_adopted_by_a_later_apply(copy, world, kind):
    write_copy(copy, world, kind, 'deletion_policy = "retain"')
    copy.apply()
    noun = {"cluster": "db-cluster-snapshot", "instance": "db-snapshot"}[kind]
    command = f"aws rds delete-{noun} --region eu-central-1 --{noun}-identifier after"
    copy.destroy().assert_warning("retain", snapshot_arn("after", kind=kind), command)
    assert world.snapshot("after", kind=kind)["status"] == "available"
    copy.apply().assert_warning("adopted")
    assert len(world.copies_made()) == 1
