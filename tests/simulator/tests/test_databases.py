# SPDX-License-Identifier: MPL-2.0
"""Clusters and instances: moto's, corrected; restores from our snapshots."""

from contextlib import nullcontext

import pytest

from .names import BOTH, CLUSTER, INSTANCE, NEW, OLD, OTHER_REGION, REGION
from .policies import source_key_policy

both = pytest.mark.parametrize("kind", BOTH, ids=lambda kind: kind.name)
LOGIN = {"MasterUsername": "admin", "MasterUserPassword": "secret-secret"}
AURORA = {"Engine": "aurora-mysql", **LOGIN}


def cluster(client, name="db"):
    return client.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]


def restore(client, snapshot, name="restored", **more):
    sent = {"DBClusterIdentifier": name, "SnapshotIdentifier": snapshot, "Engine": "aurora-mysql", **more}
    return client.restore_db_cluster_from_snapshot(**sent)["DBCluster"]


# Creating


def test_encryption_as_aws_gives_it_back(aws, rds):
    key = aws.add_key(OLD, REGION, alias="alias/k")
    default = aws.add_key(OLD, REGION, alias="alias/aws/rds")
    for name, options, expected in (
        ("plain", {}, (False, None, "none")),
        ("default", {"StorageEncrypted": True}, (True, default, "sse-kms")),
        ("custom", {"StorageEncrypted": True, "KmsKeyId": "alias/k"}, (True, key, "sse-kms")),
    ):
        rds.create_db_cluster(DBClusterIdentifier=name, **AURORA, **options)
        found = cluster(rds, name)
        assert (found["StorageEncrypted"], found.get("KmsKeyId"), found["StorageEncryptionType"]) == expected


def test_instances_too(aws, rds):
    default = aws.add_key(OLD, REGION, alias="alias/aws/rds")
    made = rds.create_db_instance(
        DBInstanceIdentifier="i", DBInstanceClass="db.t3.micro", Engine="mysql", AllocatedStorage=20,
        StorageEncrypted=True, **LOGIN,
    )["DBInstance"]  # fmt: skip
    assert made["KmsKeyId"] == default
    assert aws.instances()[0]["kms_key_arn"] == default


def test_an_unusable_key(aws, rds, refused):
    with refused("KMSKeyNotAccessibleFault", "Specified KMS key [alias/missing]"):
        rds.create_db_cluster(
            DBClusterIdentifier="db", **AURORA, StorageEncrypted=True, KmsKeyId="alias/missing"
        )


@both
def test_existing_names(aws, rds, kind, refused):
    kind.add_database(aws, "db")
    with refused(
        {"cluster": "DBClusterAlreadyExistsFault", "instance": "DBInstanceAlreadyExists"}[kind.name]
    ):
        if kind is CLUSTER:
            rds.create_db_cluster(DBClusterIdentifier="DB", **AURORA)
        else:
            rds.create_db_instance(
                DBInstanceIdentifier="DB", DBInstanceClass="db.t3.micro", Engine="mysql", **LOGIN
            )


def test_only_serverless_v1_tells_of_scaling(rds):
    rds.create_db_cluster(DBClusterIdentifier="provisioned", **AURORA)
    rds.create_db_cluster(DBClusterIdentifier="serverless", EngineMode="serverless", **AURORA)
    assert "ScalingConfigurationInfo" not in cluster(rds, "provisioned")
    assert cluster(rds, "serverless")["ScalingConfigurationInfo"]["MaxCapacity"] == 16


def test_creating_takes_time(aws, rds, refused):
    aws.settings(restore_seconds=60, instance_seconds=30)
    rds.create_db_cluster(DBClusterIdentifier="db", **AURORA)
    rds.create_db_instance(
        DBInstanceIdentifier="i",
        DBClusterIdentifier="db",
        DBInstanceClass="db.r6g.large",
        Engine="aurora-mysql",
    )

    def status():
        instance = rds.describe_db_instances()["DBInstances"][0]
        return cluster(rds)["Status"], instance["DBInstanceStatus"]

    assert status() == status() == ("creating", "creating")
    with refused("InvalidDBClusterStateFault"):
        CLUSTER.create(rds, "db", "s")
    aws.advance(30)
    assert status() == ("creating", "available")
    aws.advance(30)
    assert status() == ("available", "available")


def test_no_automated_snapshots_by_themselves(aws, rds):
    aws.add_cluster(OLD, REGION, "db"), aws.add_instance(OLD, REGION, "i")
    assert aws.snapshots() == []


# Deleting


def test_final_snapshot_of_a_cluster(aws, rds, refused):
    aws.add_cluster(OLD, REGION, "db", kms_key_id="aws/rds"), CLUSTER.add(aws, "taken")
    for options, code in (
        ({}, "InvalidParameterCombination"),
        ({"SkipFinalSnapshot": True, "FinalDBSnapshotIdentifier": "x"}, "InvalidParameterCombination"),
        ({"FinalDBSnapshotIdentifier": "a--b"}, "InvalidParameterValue"),
        ({"FinalDBSnapshotIdentifier": "taken"}, "DBClusterSnapshotAlreadyExistsFault"),
    ):
        with refused(code):
            rds.delete_db_cluster(DBClusterIdentifier="db", **options)
    rds.delete_db_cluster(DBClusterIdentifier="db", FinalDBSnapshotIdentifier="Last")
    with refused("DBClusterNotFoundFault", status=404):
        rds.describe_db_clusters(DBClusterIdentifier="db")
    last = CLUSTER.describe(rds, "last")[0]
    assert (last["DBClusterIdentifier"], last["SnapshotType"], last["StorageEncrypted"]) == (
        "db",
        "manual",
        True,
    )


def test_final_snapshot_of_an_instance(aws, rds, refused):
    aws.add_instance(OLD, REGION, "db")
    with refused("InvalidParameterCombination"):
        rds.delete_db_instance(DBInstanceIdentifier="db")
    rds.delete_db_instance(DBInstanceIdentifier="db", FinalDBSnapshotIdentifier="last")
    assert INSTANCE.describe(rds, "last")[0]["DBInstanceIdentifier"] == "db"


def test_without_a_final_snapshot(aws, rds):
    aws.add_cluster(OLD, REGION, "db")
    aws.add_instance(OLD, REGION, "db-0", cluster="db", engine="aurora-mysql")
    rds.delete_db_instance(DBInstanceIdentifier="db-0")  # a member needs to say nothing
    rds.delete_db_cluster(DBClusterIdentifier="db", SkipFinalSnapshot=True)
    assert (aws.clusters(), aws.instances(), aws.snapshots()) == ([], [], [])


# Restoring


@pytest.mark.parametrize("identifier", ["s", CLUSTER.arn("s")])
def test_from_an_own_snapshot_by_name_and_arn(aws, rds, identifier):
    key = aws.add_key(OLD, REGION)
    CLUSTER.add(aws, "s", kms_key_id=key, tags={"a": "1"})
    made = restore(rds, identifier, Tags=[{"Key": "b", "Value": "2"}])
    assert (made["Status"], made["KmsKeyId"], made["MasterUsername"]) == ("available", key, "admin")
    seen = aws.clusters()[0]
    assert (seen["snapshot_arn"], seen["tags"]) == (CLUSTER.arn("s"), {"b": "2"})


def test_another_key(aws, rds):
    k1, k2 = aws.add_key(OLD, REGION), aws.add_key(OLD, REGION)
    CLUSTER.add(aws, "s", kms_key_id=k1), CLUSTER.add(aws, "plain", encrypted=False)
    assert restore(rds, "s", KmsKeyId=k2)["KmsKeyId"] == k2
    # Unencrypted can be encrypted on restore (RestoreDBClusterFromSnapshot, KmsKeyId).
    assert restore(rds, "plain", "encrypted", KmsKeyId=k2)["StorageEncrypted"] is True
    assert restore(rds, "plain", "still-plain")["StorageEncrypted"] is False


def test_sse_rds_stays(aws, rds):
    CLUSTER.add(aws, "s", sse_rds=True)
    made = restore(rds, "s")
    assert (made["StorageEncrypted"], made["StorageEncryptionType"]) == (False, "sse-rds")
    assert "KmsKeyId" not in made


def test_engine_version_is_the_default_unless_given(aws, rds):
    CLUSTER.add(aws, "s", engine_version="8.0.mysql_aurora.3.07.1")
    assert restore(rds, "s", "a")["EngineVersion"] != "8.0.mysql_aurora.3.07.1"
    assert restore(rds, "s", "b", EngineVersion="8.0.mysql_aurora.3.07.1")["EngineVersion"].endswith("3.07.1")


def test_a_shared_encrypted_cluster_snapshot(aws, rds, new, refused):
    """Aurora restores it directly; the cluster then depends on the old account's key."""
    k1 = aws.add_key(OLD, REGION, policy=source_key_policy(OLD, [NEW], REGION))
    arn = CLUSTER.add(aws, "s", kms_key_id=k1)
    there = new.client("rds")
    with refused("DBClusterSnapshotNotFoundFault", status=404):
        restore(there, arn)
    CLUSTER.share(rds, "s", ValuesToAdd=[NEW])
    assert restore(there, arn)["KmsKeyId"] == k1
    with refused("DBClusterSnapshotNotFoundFault"):
        restore(there, "s", "other")
    aws.change_key(k1, state="Disabled")
    with refused("KMSKeyNotAccessibleFault", "The source snapshot KMS key"):
        restore(there, arn, "other")


@pytest.mark.parametrize("lacking", ["kms:Decrypt", "kms:DescribeKey", "kms:CreateGrant", "kms:ReEncryptFrom"])
def test_a_direct_restore_needs_of_the_old_key_what_it_was_seen_to_need(aws, rds, new, lacking, refused):
    policy = source_key_policy(OLD, [NEW], REGION)
    for statement in policy["Statement"][2:4]:
        statement["Action"] = [action for action in statement["Action"] if action != lacking] or ["kms:Verify"]
    arn = CLUSTER.add(aws, "s", kms_key_id=aws.add_key(OLD, REGION, policy=policy))
    CLUSTER.share(rds, "s", ValuesToAdd=[NEW])
    theirs = aws.add_key(NEW, REGION)
    for setting, unneeded in (("documented", ["kms:ReEncryptFrom"]), ("minimal", ["kms:ReEncryptFrom", "kms:Decrypt"])):
        aws.settings(reader_actions=setting)
        is_refused = refused("KMSKeyNotAccessibleFault", "The source snapshot KMS key")
        with nullcontext() if lacking in unneeded else is_refused:
            assert restore(new.client("rds"), arn, setting, KmsKeyId=theirs)["KmsKeyId"] == theirs


def test_a_shared_encrypted_instance_snapshot_must_be_copied_first(aws, rds, new, refused):
    k1 = aws.add_key(OLD, REGION, policy=source_key_policy(OLD, [NEW], REGION))
    arn = INSTANCE.add(aws, "s", kms_key_id=k1)
    INSTANCE.share(rds, "s", ValuesToAdd=[NEW])
    there, k2 = new.client("rds"), aws.add_key(NEW, REGION)
    sent = {"DBInstanceIdentifier": "db", "DBInstanceClass": "db.t3.micro"}
    with refused("InvalidParameterCombination"):
        there.restore_db_instance_from_db_snapshot(DBSnapshotIdentifier=arn, **sent)
    INSTANCE.copy(there, arn, "t", KmsKeyId=k2)
    made = there.restore_db_instance_from_db_snapshot(DBSnapshotIdentifier="t", **sent)["DBInstance"]
    assert (made["KmsKeyId"], made["Engine"]) == (k2, "mysql")


def test_what_cannot_be_restored(aws, old, rds, refused):
    CLUSTER.add(aws, "s"), CLUSTER.add(aws, "unready", status="copying"), aws.add_cluster(OLD, REGION, "db")
    with refused("InvalidDBClusterSnapshotStateFault"):
        restore(rds, "unready")
    with refused("InvalidParameterCombination"):
        restore(rds, "s", Engine="aurora-postgresql")
    with refused("DBClusterAlreadyExistsFault"):
        restore(rds, "s", "db")
    with refused("KMSKeyNotAccessibleFault", "Specified KMS key"):
        restore(rds, "s", KmsKeyId="alias/missing")
    with refused("DBClusterSnapshotNotFoundFault"):
        restore(old.client("rds", OTHER_REGION), CLUSTER.arn("s"))


def test_the_calls_of_aws_rds_cluster(aws, rds):
    """What hashicorp/aws makes around a restore."""
    CLUSTER.add(aws, "s")
    restore(rds, "s", "db")
    rds.modify_db_cluster(DBClusterIdentifier="db", BackupRetentionPeriod=7, MasterUserPassword="another-one")
    assert cluster(rds)["BackupRetentionPeriod"] == 7
    assert rds.describe_global_clusters()["GlobalClusters"] == []
    assert aws.calls("ModifyDBCluster")[0]["parameters"]["MasterUserPassword"] == "***"


@pytest.mark.parametrize("engine", ["aurora-postgresql", "neptune"])
def test_other_engines(aws, rds, engine):
    aws.add_cluster(OLD, REGION, "db", engine=engine, kms_key_id="aws/rds")
    assert CLUSTER.create(rds, "db", "s")["Engine"] == engine
    restore(rds, "s", Engine=engine)
