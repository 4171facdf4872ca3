# SPDX-License-Identifier: MPL-2.0
"""Rules of Modify...Attribute (RDS API reference)."""

import pytest

from .names import BOTH, CLUSTER, INSTANCE, NEW, OLD, REGION, THIRD
from .policies import source_key_policy

both = pytest.mark.parametrize("kind", BOTH, ids=lambda kind: kind.name)


@pytest.fixture
def snapshot(aws):
    """Adds one under a customer key that admits NEW; its ARN."""

    def add(kind, name="s", **fields):
        k1 = aws.add_key(OLD, REGION, policy=source_key_policy(OLD, [NEW], REGION))
        return kind.add(aws, name, **{"kms_key_id": k1, **fields})

    return add


@both
def test_adds_and_removes_without_replacing(rds, kind, snapshot):
    snapshot(kind)
    assert kind.share(rds, "s", ValuesToAdd=[NEW]) == [NEW]
    assert kind.share(rds, "S", ValuesToAdd=[NEW, THIRD, THIRD]) == [NEW, THIRD]
    assert kind.share(rds, "s", ValuesToRemove=[NEW]) == kind.shared(rds, "s") == [THIRD]
    assert kind.share(rds, "s", ValuesToRemove=[NEW]) == [THIRD]


@both
def test_values_are_checked(rds, kind, snapshot, refused):
    snapshot(kind)
    with refused("InvalidParameterValue", "Invalid account id"):
        kind.share(rds, "s", ValuesToAdd=["12345"])
    with refused("InvalidParameterCombination"):
        kind.share(rds, "s", ValuesToAdd=[NEW], ValuesToRemove=[NEW])


@both
def test_twenty_accounts(rds, kind, snapshot, refused):
    snapshot(kind)
    accounts = [f"{n:012d}" for n in range(21)]
    kind.share(rds, "s", ValuesToAdd=accounts[:20])
    with refused("SharedSnapshotQuotaExceeded"):
        kind.share(rds, "s", ValuesToAdd=accounts[20:])
    assert len(kind.share(rds, "s", ValuesToAdd=accounts[20:], ValuesToRemove=accounts[:1])) == 20


@both
def test_all_is_for_unencrypted_snapshots(aws, rds, kind, snapshot, refused):
    snapshot(kind), kind.add(aws, "plain", encrypted=False)
    with refused("InvalidParameterValue", "Encrypted snapshots"):
        kind.share(rds, "s", ValuesToAdd=["all"])
    kind.share(rds, "plain", ValuesToAdd=["all", NEW])
    assert kind.share(rds, "plain", ValuesToRemove=["all"]) == [NEW]


@both
def test_the_default_key_cannot_be_shared(aws, rds, new, kind, refused):
    kind.add(aws, "s")
    with refused("InvalidParameterValue", "default service key"):
        kind.share(rds, "s", ValuesToAdd=[NEW])
    aws.settings(default_key_share="accept")
    assert kind.share(rds, "s", ValuesToAdd=[NEW]) == [NEW]
    with refused("KMSKeyNotAccessibleFault", "The source snapshot KMS key"):
        kind.copy(new.client("rds"), kind.arn("s"), "t", KmsKeyId=aws.add_key(NEW, REGION))


def test_sse_rds_is_treated_like_the_default_key(aws, rds, new, refused):
    CLUSTER.add(aws, "s", sse_rds=True)
    with refused("InvalidParameterValue"):
        CLUSTER.share(rds, "s", ValuesToAdd=[NEW])
    aws.settings(default_key_share="accept")
    CLUSTER.share(rds, "s", ValuesToAdd=[NEW])
    with refused("KMSKeyNotAccessibleFault"):
        CLUSTER.copy(new.client("rds"), CLUSTER.arn("s"), "t", KmsKeyId=aws.add_key(NEW, REGION))


@both
def test_automated_snapshots_and_arns_are_not_valid_identifiers(aws, rds, kind, snapshot, refused):
    kind.add(aws, "rds:db-2026-01-01-00-00", type="automated")
    for name in ("rds:db-2026-01-01-00-00", "awsbackup:job-1", snapshot(kind)):
        with refused("InvalidParameterValue", "is not a valid identifier"):
            kind.share(rds, name, ValuesToAdd=[NEW])


@both
@pytest.mark.parametrize("name", ["rds:db-2026-01-01-00-00", "awsbackup:job-1"])
def test_the_attributes_of_what_aws_made_are_described(aws, rds, kind, name):
    """Not so by its ARN (aws/aws-cli#8296, #5407)."""
    kind.add(aws, name, type="automated")
    assert kind.shared(rds, name) == []


@both
def test_the_other_kinds_operation(rds, kind, snapshot, refused):
    other = INSTANCE if kind is CLUSTER else CLUSTER
    with refused("InvalidParameterValue", "is not a valid identifier"):
        other.share(rds, snapshot(kind), ValuesToAdd=[NEW])
    with refused(other.not_found):
        other.share(rds, "s", ValuesToAdd=[NEW])


@both
def test_only_the_owner_sees_and_changes_attributes(new, rds, kind, snapshot, refused):
    snapshot(kind)
    kind.share(rds, "s", ValuesToAdd=[NEW])
    with refused(kind.not_found, status=404):
        kind.shared(new.client("rds"), "s")


@both
def test_a_share_can_take_time_to_be_seen(aws, rds, new, kind, snapshot, refused):
    arn = snapshot(kind)
    aws.settings(share_visible_seconds=60)
    kind.share(rds, "s", ValuesToAdd=[NEW])
    there, key = new.client("rds"), aws.add_key(NEW, REGION)
    with refused(kind.not_found):
        kind.describe(there, arn, IncludeShared=True)
    with refused(kind.not_found):
        kind.copy(there, arn, "t", KmsKeyId=key)
    aws.advance(60)
    kind.copy(there, arn, "t", KmsKeyId=key)


@both
def test_what_is_shared_with_all_is_seen_unless_it_is_encrypted(aws, new, kind, snapshot, refused):
    encrypted, plain = snapshot(kind), kind.add(aws, "plain", encrypted=False)
    for arn in (encrypted, plain):
        aws.change_snapshot(arn, shared_with=["all"])
    there, key = new.client("rds"), aws.add_key(NEW, REGION)
    assert [s[f"{kind.snapshot}Arn"] for s in kind.describe(there, IncludePublic=True)] == [plain]
    with refused(kind.not_found):
        kind.copy(there, encrypted, "t", KmsKeyId=key)
    kind.copy(there, plain, "t")


@both
@pytest.mark.parametrize("shared_with", [NEW, "all"])
def test_what_is_shared_is_seen_only_while_it_is_available(aws, new, kind, shared_with, refused):
    arn, there = kind.add(aws, "s", encrypted=False), new.client("rds")
    aws.change_snapshot(arn, shared_with=[shared_with], status="creating")
    with refused(kind.not_found):
        kind.describe(there, arn, IncludeShared=True, IncludePublic=True)
    with refused(kind.not_found):
        kind.copy(there, arn, "t")
    aws.change_snapshot(arn, status=None)
    assert kind.describe(there, arn, IncludeShared=True, IncludePublic=True)
    kind.copy(there, arn, "t")


@both
def test_a_revoked_share_is_gone_at_once(rds, new, kind, snapshot, refused):
    arn = snapshot(kind)
    kind.share(rds, "s", ValuesToAdd=[NEW])
    kind.share(rds, "s", ValuesToRemove=[NEW])
    with refused(kind.not_found):
        kind.describe(new.client("rds"), arn, IncludeShared=True)


@both
def test_an_unfinished_snapshot_cannot_be_shared(aws, rds, kind, snapshot, refused):
    snapshot(kind)
    aws.settings(copy_seconds=10)
    kind.copy(rds, "s", "t")
    with refused(kind.state_code):
        kind.share(rds, "t", ValuesToAdd=[NEW])


@both
def test_unencrypted_sharing_needs_no_key(aws, rds, new, kind):
    kind.add(aws, "s", encrypted=False)
    kind.share(rds, "s", ValuesToAdd=[NEW])
    assert kind.copy(new.client("rds"), kind.arn("s"), "t")["Status"] == kind.copying


@both
def test_a_foreign_arn_that_is_not_shared_is_answered_as_the_setting_says(aws, rds, new, kind, snapshot, refused):
    snapshot(kind)
    there = new.client("rds")
    with refused(kind.not_found, status=404):
        kind.describe(there, kind.arn("s"), IncludeShared=True)
    aws.settings(foreign_unshared="access_denied", share_visible_seconds=60)
    kind.share(rds, "s", ValuesToAdd=[NEW])
    with refused("AccessDenied", "Unknown", status=403):
        kind.describe(there, kind.arn("s"), IncludeShared=True)
    with refused(kind.not_found, status=404):
        kind.describe(rds, "nobody")
    aws.advance(60)
    assert kind.describe(there, kind.arn("s"), IncludeShared=True)


def test_a_snapshot_with_tde_is_not_shared(aws, rds, refused):
    key = aws.add_key(OLD, REGION)
    INSTANCE.add(aws, "s", kms_key_id=key, tde_credential_arn=f"arn:aws:cloudhsm:{REGION}:{OLD}:hapg-1")
    assert INSTANCE.describe(rds, "s")[0]["TdeCredentialArn"].endswith("hapg-1")
    with refused("InvalidParameterValue", "Transparent Data Encryption"):
        INSTANCE.share(rds, "s", ValuesToAdd=[NEW])
    INSTANCE.share(rds, "s", ValuesToRemove=[NEW])
