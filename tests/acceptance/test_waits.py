# SPDX-License-Identifier: MPL-2.0
"""Waits that AWS makes necessary, one at a time: each ends by itself, and each has its end."""

import time

import pytest
from conftest import KINDS
from harness.resources import HOURS, Copy
from harness.world import ANYBODY, NEW, OLD, REGION, snapshot_arn

ADDRESS = "snapshot_reencrypt_copy.x"
NOT_READY = "InvalidDBClusterSnapshotStateFault"


@pytest.fixture
def copy(workspace, world):
    """With one attempt per call: what is outlived is outlived by the wait, not by the client below it."""
    workspace.write(
        "override.tf",
        """
        provider "snapshot" {
          max_retries = 1
        }
        """,
    )
    write_copy(workspace, world)
    return workspace


def write_copy(workspace, world, more=""):
    world.key = getattr(world, "key", None) or world.aws.add_key(OLD, REGION)
    if not world.snapshot("before"):
        world.aws.add_snapshot(OLD, REGION, "before")
    workspace.write(
        "main.tf",
        f"""
        resource "snapshot_reencrypt_copy" "x" {{
          source_snapshot_identifier = "before"
          target_snapshot_identifier = "after"
          kms_key_id                 = "{world.key}"
          {more}
        }}
        """,
    )


@pytest.fixture
def forgiving(copy):
    """With the usual number of attempts."""
    copy.remove("override.tf")
    return copy


@pytest.fixture
def under_way(copy, world):
    """A copy that is being waited for; `end` lets it come to its end and returns the apply's outcome."""
    world.copies_take(24 * 3600)
    running = copy.start("apply", "-json", "-auto-approve")
    world.wait_until(lambda: world.snapshot("after"), "the copy", 60)
    world.wait_until(lambda: len(looks(world)) > 2, "the wait", 60)

    def end():
        world.finish_copies()
        outcome = running.wait()
        assert outcome.ok, outcome
        assert copy.state()[ADDRESS]["status"] == "available"
        assert len(world.copies_made()) == 1
        assert copy.is_settled()
        return outcome

    yield end
    running.end()


def looks(world, after=0):
    """At the copy, one after the other, while it is waited for."""
    calls = world.aws.calls("DescribeDBClusterSnapshots", after)
    return [c for c in calls if "after" in c["parameters"].get("DBClusterSnapshotIdentifier", "")]


# ---- Before the Copy call


@pytest.mark.parametrize("status", ["creating", "copying", "pending"])
def test_a_source_that_is_not_ready_is_waited_for(copy, world, status):
    world.aws.change_snapshot(snapshot_arn("before"), status=status)
    running = copy.start("apply", "-json", "-auto-approve")
    world.wait_until(lambda: len(world.aws.calls("DescribeDBClusterSnapshots")) > 4, "waiting for the source", 30)
    assert world.aws.calls("CopyDBClusterSnapshot") == []
    world.aws.change_snapshot(snapshot_arn("before"), status=None)
    assert running.wait().ok
    assert copy.is_settled()


def test_a_source_that_is_never_ready_is_waited_for_until_the_deadline(copy, world):
    world.aws.change_snapshot(snapshot_arn("before"), status="creating")
    write_copy(copy, world, 'timeouts {\n create = "3m"\n }')
    refused = copy.apply(ok=False)
    refused.assert_error('waiting for the snapshot "before" to become available', "time limit")
    assert refused.seconds < 20 and world.aws.calls("CopyDBClusterSnapshot") == []
    assert ADDRESS not in copy.state()


@pytest.mark.parametrize(
    "operation, code, text",
    [
        ("CopyDBClusterSnapshot", "KMSKeyNotAccessibleFault", "The target KMS key [x] does not exist, is not enabled"),
        ("CopyDBClusterSnapshot", "DBClusterSnapshotNotFoundFault", "DBClusterSnapshot not found: before"),
        ("CopyDBClusterSnapshot", NOT_READY, "Snapshot before is in the creating state, it must be available"),
        ("DescribeKey", "NotFoundException", "Key x does not exist"),
    ],
)
def test_what_is_not_known_everywhere_yet_is_tried_again_for_minutes(copy, world, operation, code, text):
    """A key, a policy or a share of moments ago."""
    fault = world.aws.fault(operation, "error", status=400, code=code, message=text, count=4)
    copy.apply()
    assert next(f for f in world.aws.faults() if f["id"] == fault)["hits"] == 4
    assert copy.is_settled()


def test_and_not_for_ever(copy, world):
    world.aws.fault("CopyDBClusterSnapshot", "error", status=400, code="KMSKeyNotAccessibleFault",
                    message="The target KMS key [x] does not exist, is not enabled", count=None)  # fmt: skip
    refused = copy.apply(ok=False)
    refused.assert_error("KMSKeyNotAccessibleFault", 'side = "target"', OLD, REGION)
    assert 5 <= refused.seconds < 30, "five minutes, scaled"
    assert ADDRESS not in copy.state()


# ---- A source of another account


UNSHARED = ["not_found", pytest.param("access_denied", marks=pytest.mark.long)]


@pytest.fixture
def foreign(workspace, world):
    """A copy of another account's snapshot, which is not shared."""
    copy = Copy(workspace, world, "cluster")
    theirs = world.aws.add_key(NEW, REGION, policy=ANYBODY)
    arn = world.aws.add_snapshot(NEW, REGION, "theirs", kms_key_id=theirs)
    copy.set(source_snapshot_identifier=f'"{arn}"')
    return arn, copy


@pytest.mark.parametrize("answer", UNSHARED)
def test_a_share_of_a_moment_ago_is_waited_for(foreign, world, answer):
    arn, copy = foreign
    world.aws.settings(foreign_unshared=answer)
    running = copy.workspace.start("apply", "-json", "-auto-approve")
    world.wait_until(lambda: len(copy.calls("describe", arn)) > 3, "waiting for the share", 40)
    world.aws.change_snapshot(arn, shared_with=[OLD])
    outcome = running.wait()
    assert outcome.ok, outcome
    assert copy.workspace.is_settled()


@pytest.mark.parametrize("answer", UNSHARED)
def test_after_minutes_without_a_share_the_error_says_what_may_be_missing(foreign, world, answer):
    arn, copy = foreign
    world.aws.settings(foreign_unshared=answer)
    refused = copy.apply(ok=False)
    both = ["no IAM policy", "AccessDenied"] if answer == "access_denied" else ["DBClusterSnapshotNotFound"]
    refused.assert_error(arn, "snapshot_share", f'account_ids = ["{OLD}"]', *both)
    assert 5 <= refused.seconds < 30, "five minutes, scaled"
    assert copy.calls("copy") == []


def test_a_denied_action_is_final_for_another_account_s_snapshot_too(foreign, world):
    arn, copy = foreign
    copy.fault("describe", "access_denied", match=arn, count=None)
    refused = copy.apply(ok=False)
    refused.assert_error("AccessDenied", "IAM policy")
    assert refused.seconds < 5


# ---- While it is copied


def test_right_after_the_call_the_copy_may_not_be_found(copy, world):
    fault = world.aws.fault("DescribeDBClusterSnapshots", "not_found", match="after", skip=1, count=4)
    copy.apply()
    assert next(f for f in world.aws.faults() if f["id"] == fault)["hits"] == 4
    assert len(world.copies_made()) == 1 and copy.is_settled()


def test_a_copy_that_stays_away_is_not_waited_for_for_ever(copy, world):
    world.aws.fault("DescribeDBClusterSnapshots", "not_found", match="after", skip=1, count=None)
    lost = copy.apply(ok=False)
    lost.assert_error(snapshot_arn("after"), "gone or somebody else's")
    assert lost.seconds < 30 and ADDRESS not in copy.state()
    world.aws.clear_faults()
    copy.apply().assert_warning("adopted")
    assert len(world.copies_made()) == 1 and copy.is_settled()


OUTLIVED = [
    ("throttle", {}),
    ("http", {"status": 500, "body": "xml"}),
    ("http", {"status": 502, "body": "html"}),
    ("http", {"status": 503, "body": "empty"}),
    ("reset_before", {}),
    ("reset_after", {}),
    ("cut", {}),
    ("garbage", {}),
    ("slow", {"seconds": 0.5}),
]


@pytest.mark.parametrize("kind, fields", OUTLIVED, ids=[f"{k}-{f.get('status', '')}" for k, f in OUTLIVED])
def test_a_describe_that_fails_ten_times_in_a_row_ends_nothing(under_way, world, kind, fields):
    fault = world.aws.fault("DescribeDBClusterSnapshots", kind, count=10, **fields)
    world.wait_until(lambda: next(f for f in world.aws.faults() if f["id"] == fault)["hits"] == 10, "ten failures", 60)
    under_way()


def test_a_describe_that_fails_until_the_deadline_says_what_is_in_the_way_and_loses_nothing(copy, world):
    write_copy(copy, world, 'timeouts {\n create = "4m"\n }')
    world.copies_take(24 * 3600)
    world.aws.fault("DescribeDBClusterSnapshots", "throttle", match="after", skip=3, count=None)
    ended = copy.apply(ok=False)
    ended.assert_error(snapshot_arn("after"), "copying", "time limit", "Throttling", "Apply again")
    assert ended.seconds < 30 and ADDRESS not in copy.state()
    world.aws.clear_faults()
    world.finish_copies()
    write_copy(copy, world)
    copy.apply().assert_warning("adopted")
    assert len(world.copies_made()) == 1 and copy.is_settled()


@pytest.mark.parametrize("hours", [5, -5])
def test_a_clock_that_jumps_by_hours_is_followed(forgiving, under_way, world, hours):
    """As on a laptop that slept. The first attempt after it is refused, and the next is signed with AWS's time."""
    world.aws.settings(clock_offset_seconds=hours * 3600)
    after = world.aws.last_call()
    world.wait_until(lambda: any(c["status"] == 200 for c in looks(world, after)), "a good look", 30)
    under_way()


@pytest.mark.long
def test_an_answer_without_end_while_waiting_is_given_up(new_workspace, world, workspace):
    """After a minute of real time."""
    world.aws.settings(time_scale=1)
    write_copy(workspace, world)
    workspace.environment |= world.environment(OLD, time_scale=1)
    fault = world.aws.fault("DescribeDBClusterSnapshots", "endless", match="after", skip=1, count=1)
    workspace.apply(limit=240)
    assert next(f for f in world.aws.faults() if f["id"] == fault)["hits"] == 1
    assert len(world.copies_made()) == 1 and workspace.is_settled()


@pytest.mark.parametrize("kind", KINDS)
def test_a_queued_copy_is_waited_for_interrupted_and_resumed_and_made_once(workspace, world, kind):
    """AWS may copy the snapshots of one database one after another. Until its turn a copy is at 0 percent."""
    queued = Copy(workspace, world, kind)
    world.aws.settings(copies_queue=True)
    world.copies_take(HOURS)
    queued.add_source()
    by_hand = {"cluster": "copy_db_cluster_snapshot", "instance": "copy_db_snapshot"}[kind]
    infix = {"cluster": "DBClusterSnapshotIdentifier", "instance": "DBSnapshotIdentifier"}[kind]
    client = world.accounts[OLD].client("rds", REGION)
    getattr(client, by_hand)(**{f"Source{infix}": "other", f"Target{infix}": "ahead", "KmsKeyId": queued.key})
    ahead = snapshot_arn("ahead", kind=kind)
    queued.stop_while_copying().assert_warning("goes on in AWS")
    assert queued.state["status"] == queued.copying and not queued.state["percent_progress"]
    world.aws.advance(HOURS / 2)
    assert world.aws.snapshot(ahead)["percent"] > queued.snapshot["percent"] == 0
    running = queued.start_waiting()
    world.aws.advance(HOURS / 2 + 60)
    assert world.aws.snapshot(ahead)["status"] == "available"
    assert queued.snapshot["status"] == queued.copying and running.process.poll() is None
    world.aws.advance(HOURS)
    outcome = running.wait()
    assert outcome.ok, outcome
    assert queued.state["status"] == "available" and queued.workspace.is_settled()
    assert len(world.copies_made()) == 2, "by hand, and by the provider"


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_that_is_pending_is_under_way(workspace, world, kind):
    pending = Copy(workspace, world, kind)
    world.aws.settings(pending_seconds=HOURS)
    pending.stop_while_copying().assert_warning("goes on in AWS")
    assert pending.state["status"] == "pending"
    world.finish_copies()
    pending.apply()
    assert pending.copies == 1 and pending.workspace.is_settled()


# ---- Tags that are refused while a copy is under way


def test_the_new_holder_s_name_is_written_as_soon_as_tags_are_taken(copy, world):
    world.copies_take(24 * 3600)
    running = copy.start("apply", "-json", "-auto-approve")
    world.wait_until(lambda: world.snapshot("after"), "the copy", 60)
    running.kill()
    running.process.wait()
    (copy.folder / ".terraform.tfstate.lock.info").unlink(missing_ok=True)
    first = world.snapshot("after")["tags"]["terraform-provider-snapshot"].split()

    world.aws.fault("AddTagsToResource", "error", status=400, code=NOT_READY, message="is copying", count=2)
    adopting = copy.start("apply", "-json", "-auto-approve")
    world.wait_until(lambda: world.aws.calls("AddTagsToResource"), "the first refusal", 60)
    world.finish_copies()
    outcome = adopting.wait()
    assert outcome.ok, outcome
    now = world.snapshot("after")["tags"]["terraform-provider-snapshot"].split()
    state = copy.state()[ADDRESS]
    assert now[1] == state["holder_id"] != first[1], "another holder"
    assert now[2:] == first[2:], "the same data"
    assert len(world.copies_made()) == 1 and copy.is_settled()


# ---- A way to AWS that is none


@pytest.mark.parametrize(
    "endpoint, fragments",
    [
        ("http://no-such-host.invalid", ["no-such-host.invalid", "DescribeDBClusterSnapshots"]),
        ("http://127.0.0.1:9", ["127.0.0.1:9", "DescribeDBClusterSnapshots"]),
        ("https://TLS", ["DescribeDBClusterSnapshots"]),
    ],
)
def test_a_name_that_means_nothing_a_closed_door_and_no_tls_are_told(copy, world, endpoint, fragments):
    url = endpoint.replace("https://TLS", world.aws.url.replace("http://", "https://"))
    began = time.monotonic()
    refused = copy.apply(ok=False, environment={"AWS_ENDPOINT_URL_RDS": url})
    refused.assert_error(snapshot_arn("after"), *fragments, OLD, REGION)
    assert time.monotonic() - began < 60
    assert ADDRESS not in copy.state()
    copy.apply()
    assert copy.is_settled()
