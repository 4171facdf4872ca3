# SPDX-License-Identifier: MPL-2.0
"""Rules of Create and Copy (RDS API reference)."""

from contextlib import nullcontext

import pytest

from .names import BOTH, CLUSTER, INSTANCE, NEW, OLD, OTHER_REGION, REGION
from .policies import source_key_policy

both = pytest.mark.parametrize("kind", BOTH, ids=lambda kind: kind.name)
BAD_NAMES = ["1s", "-s", "s-", "a--b", "a_b", "a.b", "ä", "rds:s"]


@both
@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_are_checked(aws, rds, kind, name, refused):
    kind.add(aws, "s"), kind.add_database(aws, "db")
    with refused("InvalidParameterValue", "is not a valid identifier"):
        kind.copy(rds, "s", name)
    with refused("InvalidParameterValue", "is not a valid identifier"):
        kind.create(rds, "db", name)


@both
def test_name_length(aws, rds, kind, refused):
    longest = {"cluster": 63, "instance": 255}[kind.name]
    kind.add(aws, "s")
    kind.copy(rds, "s", "a" * longest)
    with refused("InvalidParameterValue"):
        kind.copy(rds, "s", "a" * (longest + 1))


@both
def test_names_are_lower_cased_and_found_in_any_case(aws, rds, kind):
    kind.add(aws, "source")
    made = kind.copy(rds, "SOURCE", "Target-One")
    assert made[f"{kind.snapshot}Identifier"] == "target-one"
    assert made[f"{kind.snapshot}Arn"] == kind.arn("target-one")
    assert kind.describe(rds, "TARGET-one")[0][f"{kind.snapshot}Arn"] == kind.arn("target-one")


@both
def test_existing_target_and_missing_source(aws, rds, kind, refused):
    kind.add(aws, "s"), kind.add(aws, "t")
    with refused(kind.exists, status=400):
        kind.copy(rds, "s", "T")
    with refused(kind.not_found, status=404):
        kind.copy(rds, "missing", "x")
    with refused(kind.not_found):
        kind.copy(rds, kind.arn("s", account=NEW), "x")


@both
def test_an_arn_of_the_other_kind_is_refused(aws, rds, kind, refused):
    other = CLUSTER if kind is INSTANCE else INSTANCE
    other.add(aws, "s")
    with refused("InvalidParameterValue", "Invalid snapshot identifier"):
        kind.copy(rds, other.arn("s"), "t")
    with refused(kind.not_found):
        kind.copy(rds, "s", "t")


@both
def test_a_copy_keeps_the_key_unless_told_otherwise(aws, rds, kind):
    k1, k2 = aws.add_key(OLD, REGION, alias="alias/one"), aws.add_key(OLD, REGION, alias="alias/two")
    kind.add(aws, "s", kms_key_id=k1)
    assert kind.copy(rds, "s", "same")["KmsKeyId"] == k1
    spellings = [k2, k2.rpartition("/")[2], "alias/two", f"arn:aws:kms:{REGION}:{OLD}:alias/two"]
    for n, spelling in enumerate(spellings):
        assert kind.copy(rds, "s", f"t{n}", KmsKeyId=spelling)["KmsKeyId"] == k2


def test_the_default_key_by_its_alias(aws, old, rds):
    key = old.client("kms").describe_key(KeyId="alias/aws/rds")["KeyMetadata"]
    CLUSTER.add(aws, "s", kms_key_id=aws.add_key(OLD, REGION))
    assert CLUSTER.copy(rds, "s", "t", KmsKeyId="alias/aws/rds")["KmsKeyId"] == key["Arn"]


@both
@pytest.mark.parametrize("state", ["Disabled", "PendingDeletion"])
def test_key_states(aws, rds, kind, state, refused):
    k1, k2 = aws.add_key(OLD, REGION), aws.add_key(OLD, REGION)
    kind.add(aws, "s", kms_key_id=k1)
    aws.change_key(k2, state=state)
    with refused(
        "KMSKeyNotAccessibleFault", f"The target KMS key [{k2}] does not exist, is not enabled", 400
    ):
        kind.copy(rds, "s", "t", KmsKeyId=k2)
    aws.change_key(k2, state="Enabled"), aws.change_key(k1, state=state)
    with refused("KMSKeyNotAccessibleFault", f"The source snapshot KMS key [{k1}] does not exist"):
        kind.copy(rds, "s", "t", KmsKeyId=k2)


@both
def test_unknown_and_other_regions_keys(aws, rds, kind, refused):
    kind.add(aws, "s")
    for key in ("alias/missing", "no-such-id", aws.add_key(OLD, OTHER_REGION)):
        with refused("KMSKeyNotAccessibleFault", f"The target KMS key [{key}]"):
            kind.copy(rds, "s", "t", KmsKeyId=key)


def test_only_instance_copies_encrypt(aws, rds, refused):
    key = aws.add_key(OLD, REGION)
    CLUSTER.add(aws, "s", encrypted=False), INSTANCE.add(aws, "s", kms_key_id=None)
    with refused("InvalidParameterCombination"):
        CLUSTER.copy(rds, "s", "t", KmsKeyId=key)
    made = INSTANCE.copy(rds, "s", "t", KmsKeyId=key)
    assert (made["Encrypted"], made["StorageEncryptionType"], made["KmsKeyId"]) == (True, "sse-kms", key)
    plain = CLUSTER.copy(rds, "s", "t")
    assert (plain["StorageEncrypted"], plain["StorageEncryptionType"]) == (False, "none")
    assert "KmsKeyId" not in plain


@both
def test_shared_encrypted_source_needs_a_key(aws, new, kind, refused):
    k1 = aws.add_key(OLD, REGION, policy=source_key_policy(OLD, [NEW], REGION))
    aws.change_snapshot(kind.add(aws, "s", kms_key_id=k1), shared_with=[NEW])
    with refused("KMSKeyNotAccessibleFault", "The target KMS key [None]"):
        kind.copy(new.client("rds"), kind.arn("s"), "t")


@both
def test_cross_region(aws, old, kind, refused):
    kind.add(aws, "s", kms_key_id=aws.add_key(OLD, REGION))
    there = old.client("rds", OTHER_REGION)
    with refused("InvalidParameterValue", "Must specify new KMS key for cross region"):
        kind.copy(there, kind.arn("s"), "t")
    with refused(kind.not_found):
        kind.copy(there, "s", "t")
    key = aws.add_key(OLD, OTHER_REGION)
    made = kind.copy(there, kind.arn("s"), "t", KmsKeyId=key)
    assert (made[f"{kind.snapshot}Arn"], made["KmsKeyId"]) == (kind.arn("t", region=OTHER_REGION), key)


@both
def test_account_and_region_in_one_step(aws, new, kind):
    k1 = aws.add_key(OLD, REGION, policy=source_key_policy(OLD, [NEW], REGION))
    aws.change_snapshot(kind.add(aws, "s", kms_key_id=k1), shared_with=[NEW])
    key = aws.add_key(NEW, OTHER_REGION)
    made = kind.copy(new.client("rds", OTHER_REGION), kind.arn("s"), "t", KmsKeyId=key)
    assert made["KmsKeyId"] == key


@both
def test_quota_of_manual_snapshots(aws, rds, kind, refused):
    aws.settings(max_manual_snapshots=3)
    kind.add(aws, "s"), kind.add(aws, "a", type="automated"), kind.add_database(aws, "db")
    kind.copy(rds, "s", "t1"), kind.create(rds, "db", "t2")
    for attempt in (lambda: kind.copy(rds, "s", "t3"), lambda: kind.create(rds, "db", "t3")):
        with refused("SnapshotQuotaExceeded", "Cannot create more than 3 manual snapshots"):
            attempt()
    quotas = rds.describe_account_attributes()["AccountQuotas"]
    name = {"cluster": "ManualClusterSnapshots", "instance": "ManualSnapshots"}[kind.name]
    assert {"AccountQuotaName": name, "Used": 3, "Max": 3} in quotas


@both
@pytest.mark.parametrize(("into", "where"), [(REGION, ""), (OTHER_REGION, " across regions")])
def test_slots_are_of_the_destination_region_and_account(aws, old, new, kind, into, where, refused):
    assert aws.settings()["copy_slots"] == {"cluster": 5, "instance": 20}
    kind.add(aws, "s", encrypted=False), kind.add_database(aws, "db")
    aws.change_snapshot(kind.arn("s"), shared_with=[NEW])
    aws.settings(copy_seconds=100, create_seconds=100, copy_slots={"cluster": 2, "instance": 2})
    elsewhere = OTHER_REGION if into == REGION else REGION
    there = old.client("rds", into)
    kind.create(old.client("rds"), "db", "new")  # a new snapshot needs no slot
    kind.copy(there, kind.arn("s"), "a"), kind.copy(there, kind.arn("s"), "b")
    with refused("SnapshotQuotaExceeded", f"Cannot copy more than 2 snapshots{where}"):
        kind.copy(there, kind.arn("s"), "c")
    kind.copy(old.client("rds", elsewhere), kind.arn("s"), "d")
    kind.copy(new.client("rds", into), kind.arn("s"), "e")
    aws.advance(100)
    kind.copy(there, kind.arn("s"), "c")


def test_source_fields(aws, rds):
    CLUSTER.add(aws, "s"), INSTANCE.add(aws, "s")
    assert CLUSTER.copy(rds, "s", "t")["SourceDBClusterSnapshotArn"] == CLUSTER.arn("s")
    assert INSTANCE.copy(rds, "s", "t")["SourceDBSnapshotIdentifier"] == INSTANCE.arn("s")
    assert "SourceDBClusterSnapshotArn" not in CLUSTER.describe(rds, "s")[0]


def test_sse_rds(aws, rds, old):
    aws.add_cluster(OLD, REGION, "db", sse_rds=True)
    made = CLUSTER.create(rds, "db", "s")
    assert (made["StorageEncrypted"], made["StorageEncryptionType"]) == (False, "sse-rds")
    assert "KmsKeyId" not in made
    assert CLUSTER.copy(rds, "s", "same")["StorageEncryptionType"] == "sse-rds"
    key = aws.add_key(OLD, REGION)
    made = CLUSTER.copy(rds, "s", "t", KmsKeyId=key)
    assert (made["StorageEncryptionType"], made["KmsKeyId"]) == ("sse-kms", key)


@pytest.mark.parametrize("treated", ["accept", "unencrypted", "default_key"])
def test_sse_rds_as_the_setting_says(aws, rds, new, treated, refused):
    """Copied with a key, shared, read by the other account: as encrypted, as not encrypted, or as under aws/rds."""
    aws.settings(sse_rds=treated)
    CLUSTER.add(aws, "s", sse_rds=True)
    key, theirs = aws.add_key(OLD, REGION), aws.add_key(NEW, REGION)
    there = new.client("rds")
    with refused("InvalidParameterCombination", "unencrypted") if treated == "unencrypted" else nullcontext():
        CLUSTER.copy(rds, "s", "t", KmsKeyId=key)
    with refused("InvalidParameterValue", "default service key") if treated == "default_key" else nullcontext():
        CLUSTER.share(rds, "s", ValuesToAdd=[NEW])
    aws.settings(default_key_share="accept")
    CLUSTER.share(rds, "s", ValuesToAdd=[NEW])
    with {
        "accept": nullcontext(),
        "unencrypted": refused("InvalidParameterCombination", "unencrypted"),
        "default_key": refused("KMSKeyNotAccessibleFault"),
    }[treated]:
        CLUSTER.copy(there, CLUSTER.arn("s"), "theirs", KmsKeyId=theirs)


def test_an_unencrypted_cluster_snapshot_gets_a_key_where_the_setting_accepts_it(aws, rds, refused):
    CLUSTER.add(aws, "s", encrypted=False)
    key = aws.add_key(OLD, REGION)
    with refused("InvalidParameterCombination", "unencrypted"):
        CLUSTER.copy(rds, "s", "t", KmsKeyId=key)
    aws.settings(unencrypted_copy="accept")
    assert CLUSTER.copy(rds, "s", "t", KmsKeyId=key)["KmsKeyId"] == key


@pytest.mark.parametrize("lacking", ["kms:Decrypt", "kms:ReEncryptFrom", "kms:DescribeKey", "kms:CreateGrant"])
def test_a_reader_needs_what_the_setting_says(aws, rds, new, lacking, refused):
    policy = source_key_policy(OLD, [NEW], REGION)
    for statement in policy["Statement"][2:4]:
        statement["Action"] = [action for action in statement["Action"] if action != lacking]
    policy["Statement"] = [statement for statement in policy["Statement"] if statement["Action"]]
    CLUSTER.add(aws, "s", kms_key_id=aws.add_key(OLD, REGION, policy=policy))
    CLUSTER.share(rds, "s", ValuesToAdd=[NEW])
    there, theirs = new.client("rds"), aws.add_key(NEW, REGION)
    with refused("KMSKeyNotAccessibleFault", "source snapshot"):
        CLUSTER.copy(there, CLUSTER.arn("s"), "t", KmsKeyId=theirs)
    aws.settings(reader_actions="minimal")
    is_needed = lacking in ("kms:DescribeKey", "kms:CreateGrant")
    with refused("KMSKeyNotAccessibleFault", "source snapshot") if is_needed else nullcontext():
        CLUSTER.copy(there, CLUSTER.arn("s"), "t", KmsKeyId=theirs)


@pytest.mark.parametrize("via, admitted", [("source", REGION), ("copy", OTHER_REGION)])
def test_in_one_step_the_setting_says_which_region_the_key_must_admit(aws, new, via, admitted, refused):
    aws.settings(one_step_via=via)
    there, theirs = new.client("rds", OTHER_REGION), aws.add_key(NEW, OTHER_REGION)
    for name, region in (("here", REGION), ("there", OTHER_REGION)):
        key = aws.add_key(OLD, REGION, policy=source_key_policy(OLD, [NEW], region))
        aws.change_snapshot(CLUSTER.add(aws, name, kms_key_id=key), shared_with=[NEW])
        with nullcontext() if region == admitted else refused("KMSKeyNotAccessibleFault", "source snapshot"):
            CLUSTER.copy(there, CLUSTER.arn(name), name, KmsKeyId=theirs)


@both
def test_another_region_and_another_account_in_one_step(aws, rds, new, kind, refused):
    key = aws.add_key(OLD, REGION, policy=source_key_policy(OLD, [NEW], REGION))
    kind.add(aws, "s", kms_key_id=key)
    kind.share(rds, "s", ValuesToAdd=[NEW])
    there, theirs = new.client("rds", OTHER_REGION), aws.add_key(NEW, OTHER_REGION)
    aws.settings(one_step="refuse")
    with refused("InvalidParameterCombination", "to another Region"):
        kind.copy(there, kind.arn("s"), "t", KmsKeyId=theirs)
    aws.settings(one_step="accept")
    kind.copy(there, kind.arn("s"), "t", KmsKeyId=theirs)


def test_documentdb_needs_a_presigned_url(aws, old, refused):
    source = CLUSTER.add(aws, "s", engine="docdb")
    key = aws.add_key(OLD, OTHER_REGION)
    there = old.client("rds", OTHER_REGION)
    sent = {"KmsKeyId": key, "SourceDBClusterSnapshotIdentifier": source, "TargetDBClusterSnapshotIdentifier": "t"}
    with refused("InvalidParameterValue", "A pre-signed url must be specified"):
        there.copy_db_cluster_snapshot(**sent)
    there.copy_db_cluster_snapshot(**sent, SourceRegion=REGION)


def test_option_group_of_an_instance_copy(aws, rds):
    INSTANCE.add(aws, "s")
    assert INSTANCE.copy(rds, "s", "t", OptionGroupName="mine")["OptionGroupName"] == "mine"


@both
def test_creating_needs_an_available_database(aws, rds, kind, refused):
    missing = {"cluster": "DBClusterNotFoundFault", "instance": "DBInstanceNotFound"}[kind.name]
    with refused(missing, status=404):
        kind.create(rds, "db", "s")


def test_govcloud_needs_a_presigned_url(aws, old, refused):
    west, east = "us-gov-west-1", "us-gov-east-1"
    source = aws.add_snapshot(OLD, west, "s", encrypted=False)
    assert source.startswith("arn:aws-us-gov:rds:")
    there = old.client("rds", east)
    sent = {"SourceDBClusterSnapshotIdentifier": source, "TargetDBClusterSnapshotIdentifier": "t"}
    with refused("InvalidParameterValue", "A pre-signed url must be specified"):
        there.copy_db_cluster_snapshot(**sent)
    with refused("InvalidParameterValue", "PreSignedUrl could not be authenticated"):
        there.copy_db_cluster_snapshot(
            **sent, PreSignedUrl="https://rds.us-gov-west-1.amazonaws.com/?Action=x"
        )
    there.copy_db_cluster_snapshot(**sent, SourceRegion=west)  # boto3 signs one
    assert aws.calls("CopyDBClusterSnapshot")[-1]["parameters"]["PreSignedUrl"] == "***"


def test_neptune_needs_none_anywhere(aws, old):
    west, east = "us-gov-west-1", "us-gov-east-1"
    source = aws.add_snapshot(OLD, west, "s", encrypted=False, engine="neptune")
    old.client("rds", east).copy_db_cluster_snapshot(
        SourceDBClusterSnapshotIdentifier=source, TargetDBClusterSnapshotIdentifier="t"
    )
