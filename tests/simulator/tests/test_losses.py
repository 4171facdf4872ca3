# SPDX-License-Identifier: MPL-2.0
"""Which Delete calls count as a lost copy."""

import pytest

from simulator.client import Refused

from .names import BOTH, NEW, OTHER_REGION

both = pytest.mark.parametrize("kind", BOTH, ids=lambda kind: kind.name)
MARKED = [{"Key": "terraform-provider-snapshot", "Value": "1 holder source key time"}]


@pytest.fixture(params=BOTH, ids=lambda kind: kind.name)
def kind(request, aws):
    request.param.add_database(aws, "db")
    request.param.add(aws, "source", source="db")
    return request.param


def lost(aws):
    return [it["arn"] for it in aws.lost_copies()]


def test_the_deletion_of_an_available_copy_is_recorded_with_its_call(aws, rds, kind):
    kind.copy(rds, "source", "copy", Tags=MARKED)
    kind.delete(rds, "copy")
    (loss,) = aws.lost_copies()
    call = aws.calls()[-1]
    assert loss == {"arn": kind.arn("copy"), "call": call["n"],
                    **{name: call[name] for name in ("operation", "account_id", "region", "caller_arn")}}  # fmt: skip
    assert loss["operation"].startswith("Delete")


def test_only_what_is_available_marked_and_really_deleted_counts(aws, rds, kind, refused):
    kind.copy(rds, "source", "unmarked")
    kind.delete(rds, "unmarked")
    kind.copy(rds, "source", "copy", Tags=MARKED)
    fault = aws.fault("Delete*", "access_denied")
    with refused("AccessDenied"):
        kind.delete(rds, "copy")
    assert next(f for f in aws.faults() if f["id"] == fault)["hits"] == 1
    aws.change_snapshot(kind.arn("copy"), status="failed")
    kind.delete(rds, "copy")
    assert lost(aws) == []


@both
def test_a_copy_under_way_may_be_cancelled(aws, old, kind):
    kind.add(aws, "source", encrypted=False)
    aws.settings(copy_seconds=100)
    there = old.client("rds", OTHER_REGION)
    kind.copy(there, kind.arn("source"), "copy", Tags=MARKED)
    kind.delete(there, "copy")
    assert lost(aws) == []


def test_seeded_snapshots_can_be_of_one_database_too(aws, rds, kind):
    kind.add(aws, "first", database="mine"), kind.add(aws, "second", database="mine")
    kind.copy(rds, "first", "one", Tags=MARKED), kind.copy(rds, "second", "two", Tags=MARKED)
    kind.delete(rds, "one")
    assert lost(aws) == []


def test_what_a_test_takes_away_itself_does_not_count(aws, rds, kind):
    kind.copy(rds, "source", "copy", Tags=MARKED)
    aws.remove_snapshot(kind.arn("copy"))
    assert lost(aws) == []


def test_a_name_can_be_allowed_as_long_as_it_means_the_same_snapshot(aws, rds, kind):
    for name in ("one", "two"):
        kind.copy(rds, "source", name, Tags=MARKED)
    assert aws.allow_delete("TWO") == [kind.arn("two")]
    kind.delete(rds, "two")
    assert lost(aws) == []
    kind.delete(rds, "one")
    kind.copy(rds, "source", "two", Tags=MARKED)
    kind.delete(rds, "two")
    assert lost(aws) == [kind.arn("one"), kind.arn("two")]
    with pytest.raises(Refused, match="no snapshot two"):
        aws.allow_delete("two")


def test_a_name_can_be_allowed_before_it_is_given(aws, rds, kind):
    aws.allow_delete("One", later=True)
    for name in ("one", "two"):
        kind.copy(rds, "source", name, Tags=MARKED)
    for name in ("two", "one"):
        kind.delete(rds, name)
    assert lost(aws) == [kind.arn("two")]


def test_the_one_of_an_arn_can_be_allowed(aws, rds, kind):
    for name in ("one", "two"):
        kind.copy(rds, "source", name, Tags=MARKED)
    assert aws.allow_delete(kind.arn("one")) == [kind.arn("one")]
    kind.delete(rds, "one")
    assert lost(aws) == []
    kind.delete(rds, "two")
    assert lost(aws) == [kind.arn("two")]


def test_a_later_copy_of_the_same_data_takes_its_place(aws, rds, kind):
    kind.copy(rds, "source", "one", Tags=MARKED)
    kind.add(aws, "newer", source="db")
    kind.copy(rds, "newer", "two", Tags=MARKED)
    kind.delete(rds, "one")
    assert lost(aws) == []


def copy(kind, client, name, source="source"):
    kind.copy(client, source, name, Tags=MARKED)


def in_another_account(aws, kind, rds):
    aws.change_snapshot(kind.arn("source"), shared_with=[NEW])
    copy(kind, aws.account(NEW).client("rds"), "two", kind.arn("source"))


def of_another_database(aws, kind, rds):
    kind.add(aws, "other")
    copy(kind, rds, "two", "other")


def under_way(aws, kind, rds):
    aws.settings(copy_seconds=100)
    copy(kind, rds, "two")


def leaving(aws, kind, rds):
    aws.settings(delete_seconds=100)
    copy(kind, rds, "two")
    aws.allow_delete("two")
    kind.delete(rds, "two")


def without_a_mark(aws, kind, rds):
    kind.copy(rds, "source", "two")


OTHERS = [in_another_account, of_another_database, under_way, leaving, without_a_mark]


@pytest.mark.parametrize("other", OTHERS, ids=lambda other: other.__name__)
def test_what_does_not_take_its_place(aws, rds, kind, other):
    copy(kind, rds, "earlier")
    copy(kind, rds, "one")
    other(aws, kind, rds)
    kind.delete(rds, "one")
    assert lost(aws) == [kind.arn("one")]


def test_a_copy_of_the_other_kind_does_not_take_its_place(aws, rds):
    cluster, instance = BOTH
    for kind in BOTH:
        kind.add(aws, "source")
        kind.copy(rds, "source", "copy", Tags=MARKED)
    cluster.delete(rds, "copy")
    assert lost(aws) == [cluster.arn("copy")]


def test_a_fork_carries_its_own_record(aws, old, kind):
    rds = old.client("rds")
    for name in ("one", "two"):
        kind.copy(rds, "source", name, Tags=MARKED)
    aws.allow_delete("one")
    with aws.fork() as other:
        kind.delete(rds, "two")
        assert lost(aws) == [kind.arn("two")] and lost(other) == []
        there = other.client("rds", aws_access_key_id=old.access_key, aws_secret_access_key=old.secret_key)
        kind.delete(there, "one")
        assert lost(other) == [], "allowed before the fork"
        kind.delete(there, "two")
        assert lost(other) == [kind.arn("two")]
