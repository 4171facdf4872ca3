# SPDX-License-Identifier: MPL-2.0
"""States take simulated time and are computed when read."""

import re
import urllib.request

import pytest

from .names import BOTH, CLUSTER, INSTANCE, OLD, REGION

both = pytest.mark.parametrize("kind", BOTH, ids=lambda kind: kind.name)


def state(kind, rds, name):
    found = kind.describe(rds, name)[0]
    return found["Status"], found["PercentProgress"]


@both
def test_a_creation_goes_through_pending_and_creating(aws, rds, kind):
    kind.add_database(aws, "db")
    aws.settings(pending_seconds=10, create_seconds=100)
    made = kind.create(rds, "db", "s")
    assert (made["Status"], made["PercentProgress"]) == ("pending", 0)
    aws.advance(60)
    assert state(kind, rds, "s") == ("creating", 50)
    aws.advance(50)
    assert state(kind, rds, "s") == ("available", 100)


@both
def test_percent_stays_at_0_and_at_100_while_copying(aws, rds, kind):
    kind.add(aws, "s")
    aws.settings(copy_seconds=1000)
    kind.copy(rds, "s", "t")
    seen = [state(kind, rds, "t")]
    for _ in range(3):
        aws.advance(50), seen.append(state(kind, rds, "t"))
    aws.advance(800)
    seen.append(state(kind, rds, "t"))
    assert seen[:2] == [(kind.copying, 0), (kind.copying, 0)]
    assert 0 < seen[3][1] < 100
    assert seen[4] == (kind.copying, 100)


@both
def test_without_durations_only_the_first_answer_is_unfinished(aws, rds, kind):
    kind.add(aws, "s")
    assert kind.copy(rds, "s", "t")["Status"] == kind.copying
    assert state(kind, rds, "t") == ("available", 100)


@both
def test_time_scale_divides_durations(aws, rds, kind):
    kind.add(aws, "s")
    aws.settings(copy_seconds=3600, time_scale=1e9)
    kind.copy(rds, "s", "t")
    assert state(kind, rds, "t") == ("available", 100)


@both
def test_a_copy_can_be_made_to_fail(aws, rds, kind):
    kind.add(aws, "s")
    aws.settings(copy_seconds=100, copy_fails={"match": "bad", "at_percent": 60, "reason": "why"})
    kind.copy(rds, "s", "bad-one")
    kind.copy(rds, "s", "good-one")
    aws.advance(59)
    assert state(kind, rds, "bad-one")[0] == kind.copying
    aws.advance(41)
    assert state(kind, rds, "bad-one")[0] == "failed"
    assert state(kind, rds, "good-one")[0] == "available"
    assert aws.snapshot(kind.arn("bad-one"))["fail_reason"] == "why"


def test_copy_fails_counts(aws, rds):
    CLUSTER.add(aws, "s")
    aws.settings(copy_fails={"count": 1})
    CLUSTER.copy(rds, "s", "a"), CLUSTER.copy(rds, "s", "b")
    assert [state(CLUSTER, rds, n)[0] for n in "ab"] == ["failed", "available"]


@both
def test_delete_takes_time_and_cancels_a_copy(aws, rds, kind, refused):
    kind.add(aws, "s")
    aws.settings(copy_seconds=100, delete_seconds=30, instance_copy_status="copying")
    kind.copy(rds, "s", "t")
    assert kind.delete(rds, "t")["Status"] == "deleting"
    assert state(kind, rds, "t")[0] == "deleting"
    with refused(kind.state_code):
        kind.delete(rds, "t")
    aws.advance(30)
    with refused(kind.not_found, status=404):
        kind.describe(rds, "t")
    kind.copy(rds, "s", "t")  # the name is free again


def test_an_instance_copy_within_its_region_is_creating(aws, rds, old):
    INSTANCE.add(aws, "s", encrypted=False)
    aws.settings(copy_seconds=100)
    there = old.client("rds", "eu-west-1")
    INSTANCE.copy(rds, "s", "t"), INSTANCE.copy(there, INSTANCE.arn("s"), "t")
    assert (state(INSTANCE, rds, "t")[0], state(INSTANCE, there, "t")[0]) == ("creating", "copying")
    aws.settings(instance_copy_status="copying")
    INSTANCE.copy(rds, "s", "u")
    assert state(INSTANCE, rds, "u")[0] == "copying"
    aws.advance(100)
    assert [state(INSTANCE, client, "t") for client in (rds, there)] == [("available", 100)] * 2


def test_while_it_is_creating_it_is_not_cancelled_unless_a_test_says_so(aws, rds, refused):
    INSTANCE.add(aws, "s")
    aws.settings(copy_seconds=100)
    INSTANCE.copy(rds, "s", "t")
    with refused("InvalidDBSnapshotState", "creating"):
        INSTANCE.delete(rds, "t")
    assert state(INSTANCE, rds, "t")[0] == "creating"
    aws.settings(delete_creating="accept")
    INSTANCE.delete(rds, "t")
    with refused("DBSnapshotNotFound"):
        INSTANCE.describe(rds, "t")


@both
def test_a_snapshot_being_created_cannot_be_deleted_or_copied(aws, rds, kind, refused):
    kind.add_database(aws, "db")
    aws.settings(create_seconds=100)
    kind.create(rds, "db", "s")
    aws.settings(delete_creating="accept")  # is about copies
    with refused(kind.state_code):
        kind.delete(rds, "s")
    with refused(kind.state_code):
        kind.copy(rds, "s", "t")


@both
def test_a_failed_snapshot_can_be_deleted(aws, rds, kind, refused):
    kind.add(aws, "s", status="failed")
    assert kind.delete(rds, "s")["Status"] == "deleted"
    with refused(kind.not_found):
        kind.delete(rds, "s")


@both
def test_a_snapshot_is_deleted_by_its_name_only(aws, rds, kind, refused):
    arn = kind.add(aws, "s")
    with refused("InvalidParameterValue", "is not a valid identifier"):
        kind.delete(rds, arn)
    assert [it["arn"] for it in aws.snapshots()] == [arn]


@pytest.mark.parametrize(
    "kind, text",
    [(CLUSTER, "Only manual snapshots may be deleted."), (INSTANCE, "automated snapshots cannot be deleted.")],
    ids=["cluster", "instance"],
)
@pytest.mark.parametrize("name", ["rds:s-2026-01-01-00-00", "awsbackup:job-1"])
def test_what_aws_made_is_not_deleted(aws, rds, kind, name, text, refused):
    arn = kind.add(aws, name, type="automated")
    with refused(kind.state_code, text, status=400):
        kind.delete(rds, name)
    assert [it["arn"] for it in aws.snapshots()] == [arn]


@pytest.mark.parametrize("status", ["incompatible-restore", "a-status-of-tomorrow"])
def test_any_status_can_be_laid_down_and_lifted(aws, rds, status):
    arn = CLUSTER.add(aws, "s")
    aws.change_snapshot(arn, status=status, percent=42)
    assert state(CLUSTER, rds, "s") == (status, 42)
    aws.change_snapshot(arn, status=None, percent=None)
    assert state(CLUSTER, rds, "s") == ("available", 100)


def test_a_copy_has_its_own_create_time(aws, rds):
    arn = INSTANCE.add(aws, "s")
    aws.change_snapshot(arn, create_time="2024-02-03T04:05:06.789Z")
    INSTANCE.copy(rds, "s", "t")
    source, copy = (INSTANCE.describe(rds, n)[0] for n in "st")
    assert source["SnapshotCreateTime"].isoformat().startswith("2024-02-03T04:05:06.789")
    assert copy["SnapshotCreateTime"].year > 2024
    assert copy["OriginalSnapshotCreateTime"] == source["SnapshotCreateTime"]


def test_times_have_fractions(aws):
    CLUSTER.add(aws, "s")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", aws.snapshots()[0]["create_time"])


def test_events_follow_the_clock(aws, rds):
    CLUSTER.add_database(aws, "db"), INSTANCE.add(aws, "i")
    aws.settings(create_seconds=60, copy_seconds=60, instance_copy_status="copying")
    CLUSTER.create(rds, "db", "s")
    INSTANCE.copy(rds, "i", "cancelled")

    def messages(source_type, name):
        events = rds.describe_events(SourceType=source_type, SourceIdentifier=name)["Events"]
        return [e["Message"] for e in events]

    assert messages("db-cluster-snapshot", "s") == ["Creating manual cluster snapshot"]
    INSTANCE.delete(rds, "cancelled")
    aws.advance(61)
    assert messages("db-cluster-snapshot", "s")[1:] == ["Manual cluster snapshot created"]
    assert messages("db-snapshot", "cancelled") == ["Started copy of snapshot", "Cancelled copy of snapshot"]
    assert rds.describe_events(SourceType="db-cluster-snapshot", Duration=0)["Events"] == []


def test_events_of_a_cross_region_copy(aws, old):
    INSTANCE.add(aws, "i", encrypted=False)
    there = old.client("rds", "eu-west-1")
    INSTANCE.copy(there, INSTANCE.arn("i"), "t")
    events = there.describe_events(SourceType="db-snapshot")["Events"]
    assert [e["Message"] for e in events] == [
        "Started cross region copy of snapshot",
        "Finished cross region copy of snapshot",
    ]


def test_events_of_other_things_are_motos(aws, rds):
    aws.add_instance(OLD, REGION, "db")
    assert rds.describe_events(SourceType="db-instance")["Events"]


def test_the_date_header_follows_the_clock_offset(aws):
    aws.settings(clock_offset_seconds=-86400 * 365)
    with urllib.request.urlopen(aws.url + "/_simulator/settings") as answer:
        assert answer.headers["Date"].split()[3] < aws.advance(0)[:4]
