# SPDX-License-Identifier: MPL-2.0
"""What a running copy needs until its end, and the queue it waits in."""

import json
from datetime import datetime

import pytest

from .names import BOTH, CLUSTER, INSTANCE, NEW, OLD, OTHER_REGION, REGION
from .policies import allow, source_key_policy

CLOSED = {"Version": "2012-10-17", "Statement": [allow({"AWS": f"arn:aws:iam::{OLD}:root"}, ["kms:*"])]}


class Chain:
    """A shared snapshot, and its copy under way in the new account: 1000 s, of which 250 have passed."""

    def __init__(self, aws, kind):
        self.aws, self.kind = aws, kind
        self.rds, self.kms = (aws.account(OLD).client(service) for service in ("rds", "kms"))
        self.new = aws.account(NEW).client("rds")
        self.source_key = aws.add_key(OLD, REGION, policy=source_key_policy(OLD, [NEW], REGION))
        self.source_key_id = self.source_key.rpartition("/")[2]  # moto knows no ARN in most operations
        self.target_key = aws.add_key(NEW, REGION)
        self.source = kind.add(aws, "s", kms_key_id=self.source_key)
        aws.change_snapshot(self.source, shared_with=[NEW])
        aws.settings(copy_seconds=1000)
        kind.copy(self.new, self.source, "t", KmsKeyId=self.target_key)
        aws.advance(250)

    @property
    def copy(self):
        return self.aws.snapshot(self.kind.arn("t", account=NEW))

    @property
    def status(self):
        return self.copy["status"]


@pytest.fixture(params=BOTH, ids=lambda kind: kind.name)
def chain(request, aws):
    return Chain(aws, request.param)


# Setting -> calls each of which takes away what it is about, by AWS's API and by control
WAYS = {
    "without_source": [
        lambda c: c.kind.delete(c.rds, "s"),
        lambda c: (c.aws.settings(delete_seconds=5000), c.kind.delete(c.rds, "s")),
        lambda c: c.aws.remove_snapshot(c.source),
        lambda c: (c.aws.remove_snapshot(c.source), c.kind.add(c.aws, "s", kms_key_id=c.source_key),
                   c.aws.change_snapshot(c.source, shared_with=[NEW])),
    ],
    "without_share": [
        lambda c: c.kind.share(c.rds, "s", ValuesToRemove=[NEW]),
        lambda c: c.aws.change_snapshot(c.source, shared_with=[]),
        lambda c: c.aws.change_snapshot(c.source, shared_with=["all"]),  # which counts for unencrypted ones only
    ],
    "without_source_key": [
        lambda c: c.kms.disable_key(KeyId=c.source_key_id),
        lambda c: c.kms.schedule_key_deletion(KeyId=c.source_key_id),
        lambda c: c.aws.change_key(c.source_key, state="PendingDeletion"),
    ],
    "without_target_key": [lambda c: c.aws.change_key(c.target_key, state="Disabled")],
    "without_permission": [
        lambda c: c.kms.put_key_policy(KeyId=c.source_key_id, PolicyName="default", Policy=json.dumps(CLOSED)),
        lambda c: c.aws.change_key(c.source_key, policy=CLOSED),
    ],
}  # fmt: skip
EACH = [pytest.param(s, way, id=f"{s}-{n}") for s, ways in WAYS.items() for n, way in enumerate(ways)]


@pytest.mark.parametrize("setting, take_away", EACH)
def test_it_fails_at_once(chain, setting, take_away):
    chain.aws.settings(**{setting: "at_once"})
    assert chain.status == chain.kind.copying
    take_away(chain)
    assert chain.status == "failed" and chain.copy["fail_reason"]
    assert 0 < chain.copy["percent"] < 100
    chain.aws.advance(10000)
    assert chain.status == "failed"


@pytest.mark.parametrize("setting, take_away", EACH)
def test_at_the_next_step_of_its_progress(chain, setting, take_away):
    chain.aws.settings(**{setting: "next_step"})
    take_away(chain)
    chain.aws.advance(48)
    assert chain.status == chain.kind.copying
    chain.aws.advance(3)
    assert chain.status == "failed"


@pytest.mark.parametrize("setting, take_away", EACH)
def test_or_never(chain, setting, take_away):
    chain.aws.settings(**{other: "at_once" for other in WAYS if other != setting})
    chain.aws.settings(**{setting: "never"})
    take_away(chain)
    chain.aws.advance(750)
    assert chain.status == "available"
    assert chain.copy["fail_reason"] is None


def test_nothing_fails_for_any_other_change(chain):
    """What does not take anything away from this copy: other keys, other snapshots, accounts, grants."""
    aws, kind = chain.aws, chain.kind
    aws.settings(**dict.fromkeys(WAYS, "at_once"))
    other = kind.add(aws, "other", kms_key_id=chain.source_key)
    aws.change_key(aws.add_key(OLD, REGION), state="Disabled")
    aws.remove_snapshot(other)
    kind.share(chain.rds, "s", ValuesToAdd=["333333333333"])
    aws.change_key(chain.source_key, policy=source_key_policy(OLD, [NEW, "333333333333"], REGION))
    aws.advance(750)
    assert chain.status == "available"


def test_a_copy_within_the_account_needs_no_share(aws, rds):
    CLUSTER.add(aws, "s")
    aws.settings(copy_seconds=100, without_share="at_once")
    CLUSTER.copy(rds, "s", "t")
    aws.advance(50)
    assert aws.snapshot(CLUSTER.arn("t"))["status"] == "copying"


def test_of_a_public_source_it_needs_that_it_is_public(aws, rds, new):
    aws.change_snapshot(CLUSTER.add(aws, "s", encrypted=False), shared_with=["all"])
    aws.settings(copy_seconds=100, without_share="at_once")
    CLUSTER.copy(new.client("rds"), CLUSTER.arn("s"), "t")
    aws.advance(50)
    assert aws.snapshot(CLUSTER.arn("t", account=NEW))["status"] == "copying"
    CLUSTER.share(rds, "s", ValuesToRemove=["all"])
    assert aws.snapshot(CLUSTER.arn("t", account=NEW))["status"] == "failed"


def test_what_is_available_stays_so(chain):
    chain.aws.settings(**dict.fromkeys(WAYS, "at_once"))
    chain.aws.advance(750)
    chain.aws.change_key(chain.source_key, state="Disabled"), chain.aws.remove_snapshot(chain.source)
    assert chain.status == "available"


def test_given_back_before_the_step_nothing_has_happened(chain):
    chain.aws.settings(without_source_key="next_step")
    chain.kms.disable_key(KeyId=chain.source_key_id)
    chain.aws.advance(40)
    chain.kms.enable_key(KeyId=chain.source_key_id)
    chain.aws.advance(710)
    assert chain.status == "available"


def test_after_it_that_is_too_late(chain):
    chain.aws.settings(without_source_key="next_step")
    chain.kms.disable_key(KeyId=chain.source_key_id)
    chain.aws.advance(51)
    chain.kms.enable_key(KeyId=chain.source_key_id)
    assert chain.status == "failed"


def test_in_the_last_step_it_fails_at_the_end(chain):
    chain.aws.advance(700)
    chain.aws.settings(without_source="next_step")
    chain.aws.remove_snapshot(chain.source)
    assert chain.status == chain.kind.copying
    chain.aws.advance(50)
    assert chain.status == "failed"


def test_a_grant_that_let_it_read_is_revoked(aws, old, new):
    """By the owner's policy alone it could not have begun."""
    k1, k2 = aws.add_key(OLD, REGION, policy=CLOSED), aws.add_key(NEW, REGION)
    kms, there = old.client("kms"), new.client("rds")
    grant = kms.create_grant(
        KeyId=k1,
        GranteePrincipal=f"arn:aws:iam::{NEW}:user/administrator",
        Operations=["Decrypt", "ReEncryptFrom", "DescribeKey", "CreateGrant"],
    )["GrantId"]
    aws.change_snapshot(CLUSTER.add(aws, "s", kms_key_id=k1), shared_with=[NEW])
    aws.settings(copy_seconds=1000, without_permission="at_once")
    CLUSTER.copy(there, CLUSTER.arn("s"), "t", KmsKeyId=k2)
    copy = CLUSTER.arn("t", account=NEW)
    assert aws.snapshot(copy)["status"] == "copying"
    kms.revoke_grant(KeyId=k1, GrantId=grant)
    assert aws.snapshot(copy)["status"] == "failed"


def test_a_broken_copy_of_an_instance_has_no_event_of_its_end(aws, rds):
    source = INSTANCE.add(aws, "s")
    aws.settings(copy_seconds=100, without_source="next_step")
    INSTANCE.copy(rds, "s", "broken")
    aws.remove_snapshot(source)
    aws.advance(200)
    assert [e["Message"] for e in rds.describe_events(SourceType="db-snapshot")["Events"]] == [
        "Started copy of snapshot"
    ]


def test_a_failed_copy_can_be_deleted_and_made_again(chain):
    chain.aws.settings(without_source_key="at_once")
    chain.kms.disable_key(KeyId=chain.source_key_id), chain.kms.enable_key(KeyId=chain.source_key_id)
    chain.kind.delete(chain.new, "t")
    chain.kind.copy(chain.new, chain.source, "t", KmsKeyId=chain.target_key)
    chain.aws.advance(1000)
    assert chain.status == "available"


# ---- The queue


def statuses(aws, *arns):
    return [(aws.snapshot(arn)["status"], aws.snapshot(arn)["percent"]) for arn in arns]


@pytest.fixture(params=BOTH, ids=lambda kind: kind.name)
def queue(request, aws, rds):
    """Three copies of two snapshots of one database, 100 s each."""
    kind = request.param
    kind.add_database(aws, "db")
    kind.add(aws, "s", source="db"), kind.add(aws, "newer", source="db")
    aws.settings(copy_seconds=100, copies_queue=True, delete_creating="accept")
    for name, source in (("a", "s"), ("b", "newer"), ("c", "s")):
        kind.copy(rds, source, name)
    return kind


def test_copies_of_one_database_run_one_after_another(aws, queue):
    arns = [queue.arn(name) for name in "abc"]
    done, waits = ("available", 100), (queue.copying, 0)
    aws.advance(50)
    assert statuses(aws, *arns) == [(queue.copying, 50), waits, waits]
    aws.advance(100)
    assert statuses(aws, *arns) == [done, (queue.copying, 50), waits]
    aws.advance(100)
    assert statuses(aws, *arns) == [done, done, (queue.copying, 50)]
    aws.advance(50)
    assert statuses(aws, *arns) == [done, done, done]


def test_the_next_begins_when_the_one_before_is_cancelled(aws, rds, queue):
    aws.advance(50)
    aws.settings(delete_seconds=1000)
    queue.delete(rds, "b"), queue.delete(rds, "a")
    aws.advance(50)
    assert statuses(aws, queue.arn("c")) == [(queue.copying, 50)]


def test_or_fails(aws, rds, queue):
    aws.settings(copy_fails={"match": "d", "at_percent": 50})
    queue.copy(rds, "s", "d"), queue.copy(rds, "s", "e")
    aws.advance(300 + 50 + 50)
    assert statuses(aws, *map(queue.arn, "de")) == [("failed", 50), (queue.copying, 50)]


def test_a_queued_one_fails_when_it_would_begin_or_at_once(aws, queue):
    aws.settings(without_source="next_step")
    aws.remove_snapshot(queue.arn("newer"))
    aws.advance(99)
    assert statuses(aws, *map(queue.arn, "bc")) == [(queue.copying, 0)] * 2
    aws.advance(51)
    assert statuses(aws, *map(queue.arn, "bc")) == [("failed", 0), (queue.copying, 50)]


def test_other_databases_and_the_other_kind_do_not_wait(aws, rds, queue):
    queue.add(aws, "other")
    queue.copy(rds, "other", "d")
    other_kind = INSTANCE if queue is CLUSTER else CLUSTER
    other_kind.add_database(aws, "db"), other_kind.add(aws, "s", source="db")
    other_kind.copy(rds, "s", "d")
    aws.advance(50)
    assert statuses(aws, queue.arn("d"), other_kind.arn("d")) == [(queue.copying, 50), (other_kind.copying, 50)]


def test_copies_into_other_accounts_and_regions_wait_too(aws, queue, old, new):
    for name in ("s", "newer"):
        aws.change_snapshot(queue.arn(name), shared_with=[NEW])
    queue.copy(new.client("rds"), queue.arn("s"), "d")
    queue.copy(old.client("rds", OTHER_REGION), queue.arn("s"), "d")
    arns = [queue.arn("d", account=NEW), queue.arn("d", region=OTHER_REGION)]
    aws.advance(350)
    assert [s for s, _ in statuses(aws, *arns)] == [queue.copying, "copying"]
    assert [p for _, p in statuses(aws, *arns)] == [50, 0]


def test_by_itself_nothing_waits(aws, rds):
    CLUSTER.add(aws, "s")
    aws.settings(copy_seconds=100)
    CLUSTER.copy(rds, "s", "a"), CLUSTER.copy(rds, "s", "b")
    aws.advance(50)
    assert statuses(aws, *map(CLUSTER.arn, "ab")) == [("copying", 50)] * 2


def test_the_event_of_the_end_is_dated_by_the_queue(aws, rds):
    INSTANCE.add(aws, "s")
    aws.settings(copy_seconds=100, copies_queue=True)
    INSTANCE.copy(rds, "s", "a"), INSTANCE.copy(rds, "s", "b")
    begin = datetime.fromisoformat(aws.advance(0).replace("Z", "+00:00"))
    aws.advance(1000)
    events = rds.describe_events(SourceType="db-snapshot", SourceIdentifier="b")["Events"]
    assert [round((e["Date"] - begin).total_seconds()) for e in events] == [0, 200]
