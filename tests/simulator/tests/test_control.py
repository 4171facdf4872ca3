# SPDX-License-Identifier: MPL-2.0
"""The control endpoint keeps to README.md."""

import re
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from simulator import control, faults, settings
from simulator.client import Refused

from .names import CLUSTER, INSTANCE, NEW, OLD, OTHER_REGION, REGION

README = (Path(__file__).parent.parent / "README.md").read_text()


def test_the_readme_names_every_route_setting_and_fault():
    for _, path in control.ROUTES:
        assert f"`/{path}" in README, path
    for name in settings.START:
        assert f"`{name}`" in README, name
    for kind in faults.KINDS:
        assert f"`{kind}`" in README, kind


def test_reset_empties_everything(aws, old, rds):
    aws.add_cluster(OLD, REGION, "db", kms_key_id="aws/rds"), CLUSTER.add(aws, "s")
    aws.settings(copy_seconds=10), aws.fault("*", "throttle"), aws.advance(1000)
    aws.reset()
    assert (aws.clusters(), aws.snapshots(), aws.keys(), aws.faults(), aws.calls()) == ([], [], [], [], [])
    assert aws.settings() == settings.START
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        rds.describe_db_clusters()


def test_seeded_snapshots(aws):
    key = aws.add_key(OLD, REGION)
    aws.add_cluster(OLD, REGION, "db", kms_key_id=key)
    for fields, expected in (
        ({"source": "db"}, (key, "sse-kms", "db")),
        ({}, (aws.add_key(OLD, REGION, alias="alias/aws/rds"), "sse-kms", "source-of-s")),
        ({"kms_key_id": key}, (key, "sse-kms", "source-of-s")),
        ({"kms_key_id": None}, (None, "none", "source-of-s")),
        ({"encrypted": False}, (None, "none", "source-of-s")),
        ({"sse_rds": True}, (None, "sse-rds", "source-of-s")),
        ({"database": "Billing", "encrypted": False}, (None, "none", "billing")),
    ):
        arn = CLUSTER.add(aws, "s", **fields)
        seen = aws.snapshot(arn)
        assert (seen["kms_key_arn"], seen["storage_encryption_type"], seen["source_identifier"]) == expected
        aws.remove_snapshot(arn)
    assert aws.snapshots() == []


def test_reports_have_the_documented_fields(aws):
    (
        aws.add_key(OLD, REGION),
        CLUSTER.add(aws, "s"),
        aws.add_cluster(OLD, REGION, "db"),
        aws.add_instance(OLD, REGION, "i"),
    )
    for path, report in (
        ("snapshots", aws.snapshots()[0]),
        ("clusters", aws.clusters()[0]),
        ("instances", aws.instances()[0]),
        ("keys", aws.keys()[0]),
    ):
        row = next(line for line in README.splitlines() if "| GET" in line and f"`/{path}" in line)
        listed = (
            row
            if path != "instances"
            else next(line for line in README.splitlines() if "clusters: [{" in line)
        )
        assert all(re.search(rf"\b{name}\b", listed) for name in report), (path, set(report))


def test_reports_can_be_narrowed(aws):
    CLUSTER.add(aws, "a"), INSTANCE.add(aws, "b"), CLUSTER.add(aws, "c", account=NEW)
    CLUSTER.add(aws, "d", region=OTHER_REGION)
    assert [s["identifier"] for s in aws.snapshots(account_id=OLD, region=REGION, kind="cluster")] == ["a"]
    with pytest.raises(Refused, match="unknown filter"):
        aws.control("GET", "snapshots", account="1")


def test_changing_a_snapshot(aws, rds):
    arn = CLUSTER.add(aws, "s")
    fields = {
        "status": "failed", "percent": 7, "tags": {"a": "1"}, "shared_with": [NEW], "type": "automated",
        "create_time": "2025-01-02T03:04:05.678Z", "fail_reason": "why", "source_arn": CLUSTER.arn("x"),
        "kms_key_arn": "arn:aws:kms:eu-central-1:111111111111:key/1",
    }  # fmt: skip
    assert fields.items() <= aws.change_snapshot(arn, **fields).items()
    assert aws.snapshot(arn)["create_time"] == "2025-01-02T03:04:05.678Z"


@pytest.mark.parametrize("kind, status", [(CLUSTER, "copying"), (INSTANCE, "creating")], ids=["cluster", "instance"])
def test_a_copy_under_way_can_be_put_there(aws, kind, status):
    fields = {"source_arn": kind.arn("x"), "seconds": 1000, "fields": {"Port": 5432, "AvailabilityZones": ["a"]}}
    arn = kind.add(aws, "s", **fields)
    aws.change_snapshot(arn, create_time="2025-01-02T03:04:05.678Z")
    for seconds, expected in ((0, status), (990, status), (10, "available")):
        aws.advance(seconds)
        seen = aws.snapshot(arn)
        assert (seen["status"], seen["source_arn"], seen["create_time"]) == (
            expected, fields["source_arn"], "2025-01-02T03:04:05.678Z")  # fmt: skip
    assert fields["fields"].items() <= seen["fields"].items()


@pytest.mark.parametrize("alias", ["alias/x", "alias/aws/rds"])
def test_a_key_can_have_a_given_id(aws, old, alias):
    arn = aws.add_key(OLD, REGION, alias=alias, key_id="11111111-2222-3333-4444-555555555555")
    assert arn.endswith(":key/11111111-2222-3333-4444-555555555555")
    for name in (arn, alias, arn.rpartition("/")[2]):
        assert old.client("kms").describe_key(KeyId=name)["KeyMetadata"]["Arn"] == arn
    with pytest.raises(Refused, match="already"):
        aws.add_key(OLD, REGION, key_id=arn.rpartition("/")[2])


def test_the_default_key_may_be_asked_for_again(aws):
    first, again = (aws.add_key(OLD, REGION, alias="alias/aws/rds") for _ in range(2))
    assert first == again


def test_keys(aws):
    arn = aws.add_key(OLD, REGION, alias="alias/x", state="Disabled", policy={"Statement": []})
    seen = aws.keys(account_id=OLD)[0]
    assert (seen["arn"], seen["state"], seen["aliases"]) == (arn, "Disabled", ["alias/x"])
    changed = aws.change_key(arn, state="Enabled", policy={"Statement": [], "Id": "2"})
    assert (changed["state"], changed["policy"]["Id"]) == ("Enabled", "2")


@pytest.mark.parametrize("call", [
    lambda aws: aws.control("GET", "nothing"),
    lambda aws: aws.settings(speed=3),
    lambda aws: aws.settings(copy_seconds=-1),
    lambda aws: aws.settings(default_key_share="perhaps"),
    lambda aws: aws.change_snapshot(CLUSTER.arn("missing"), percent=1),
    lambda aws: aws.add_snapshot(OLD, REGION, "s", kind="disk"),
    lambda aws: aws.add_cluster(OLD, REGION, "db", engine="abacus"),
    lambda aws: aws.control("POST", "accounts", {}),
])  # fmt: skip
def test_mistakes_are_told(aws, call):
    with pytest.raises(Refused):
        call(aws)


def test_the_call_log(aws, rds):
    before = aws.last_call()
    CLUSTER.add(aws, "s")
    with aws.recording() as made:
        CLUSTER.copy(rds, "s", "t", Tags=[{"Key": "k", "Value": "v"}])
        with pytest.raises(ClientError):
            CLUSTER.copy(rds, "s", "t")
    assert [c["n"] for c in made] == [before + 1, before + 2]
    first, second = made
    assert first["parameters"] == {
        "SourceDBClusterSnapshotIdentifier": "s",
        "TargetDBClusterSnapshotIdentifier": "t",
        "Tags": [{"Key": "k", "Value": "v"}],
    }
    expected = {
        "service": "rds", "operation": "CopyDBClusterSnapshot", "account_id": OLD, "region": REGION,
        "caller_arn": f"arn:aws:iam::{OLD}:user/administrator", "signature": "ok", "status": 200,
        "error_code": None, "attempt": 1, "fault": None,
    }  # fmt: skip
    assert expected.items() <= first.items()
    assert first["user_agent"].startswith("Boto3/")
    assert (second["status"], second["error_code"]) == (400, "DBClusterSnapshotAlreadyExistsFault")
    assert aws.counts() == {"CopyDBClusterSnapshot": 2}


def test_the_log_has_motos_errors_and_no_secrets(aws, old, rds):
    with pytest.raises(ClientError):
        rds.describe_db_clusters(DBClusterIdentifier="missing")
    with pytest.raises(ClientError):
        old.client("kms").describe_key(KeyId="00000000-0000-0000-0000-000000000000")
    assert [c["error_code"] for c in aws.calls()] == ["DBClusterNotFoundFault", "NotFoundException"]
    assert old.secret_key not in str(aws.control("GET", "calls"))
