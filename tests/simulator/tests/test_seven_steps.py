# SPDX-License-Identifier: MPL-2.0
"""The migration that the project is about, with boto3 alone."""

import json

from .names import NEW, OLD, REGION
from .policies import source_key_policy, target_key_policy

ENCRYPTED_BY_RDS = {"kms_key_id": "aws/rds"}


def status_of(rds, name):
    found = rds.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier=name)["DBClusterSnapshots"]
    return found[0]["Status"], found[0]["PercentProgress"]


def test_seven_steps(aws, old, new):
    aws.settings(create_seconds=60, copy_seconds=600, restore_seconds=300, instance_seconds=120)
    aws.add_cluster(OLD, REGION, "orders", tags={"team": "db"}, **ENCRYPTED_BY_RDS)
    here, there = old.client("rds"), new.client("rds")

    # 1: a customer managed key in the old account
    policy = json.dumps(source_key_policy(OLD, [NEW], REGION))
    k1 = old.client("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"]
    # 2: a snapshot, under aws/rds
    here.create_db_cluster_snapshot(DBClusterIdentifier="orders", DBClusterSnapshotIdentifier="orders-1")
    assert status_of(here, "orders-1") == ("creating", 0)
    aws.advance(60)
    # 3: its copy under the customer key
    here.copy_db_cluster_snapshot(
        SourceDBClusterSnapshotIdentifier="orders-1",
        TargetDBClusterSnapshotIdentifier="orders-shared",
        KmsKeyId=k1,
    )
    aws.advance(300)
    assert status_of(here, "orders-shared") == ("copying", 50)
    aws.advance(300)
    assert status_of(here, "orders-shared") == ("available", 100)
    # 4: shared
    answer = here.modify_db_cluster_snapshot_attribute(
        DBClusterSnapshotIdentifier="orders-shared", AttributeName="restore", ValuesToAdd=[NEW]
    )
    values = answer["DBClusterSnapshotAttributesResult"]["DBClusterSnapshotAttributes"][0]
    assert values == {"AttributeName": "restore", "AttributeValues": [NEW]}
    # 5: a key in the new account
    policy = json.dumps(target_key_policy(NEW))
    k2 = new.client("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"]
    # 6: the copy over there, by ARN
    shared = f"arn:aws:rds:{REGION}:{OLD}:cluster-snapshot:orders-shared"
    made = there.copy_db_cluster_snapshot(
        SourceDBClusterSnapshotIdentifier=shared,
        TargetDBClusterSnapshotIdentifier="orders-final",
        KmsKeyId=k2,
    )["DBClusterSnapshot"]
    assert (made["Status"], made["SourceDBClusterSnapshotArn"], made["KmsKeyId"]) == ("copying", shared, k2)
    aws.advance(600)
    # 7: restored
    there.restore_db_cluster_from_snapshot(
        DBClusterIdentifier="orders", SnapshotIdentifier=made["DBClusterSnapshotArn"], Engine="aurora-mysql"
    )
    there.create_db_instance(
        DBInstanceIdentifier="orders-0",
        DBClusterIdentifier="orders",
        DBInstanceClass="db.r6g.large",
        Engine="aurora-mysql",
    )
    cluster = there.describe_db_clusters(DBClusterIdentifier="orders")["DBClusters"][0]
    assert (cluster["Status"], cluster["KmsKeyId"], cluster["StorageEncrypted"]) == ("creating", k2, True)
    aws.advance(300)
    cluster = there.describe_db_clusters(DBClusterIdentifier="orders")["DBClusters"][0]
    assert cluster["Status"] == "available"
    assert "ScalingConfigurationInfo" not in cluster
    instance = there.describe_db_instances(DBInstanceIdentifier="orders-0")["DBInstances"][0]
    assert (instance["DBInstanceStatus"], instance["KmsKeyId"]) == ("available", k2)
    assert aws.clusters(account_id=NEW)[0]["snapshot_arn"] == made["DBClusterSnapshotArn"]


def test_without_the_key_policy_the_new_account_is_refused(aws, old, new, refused):
    arn = aws.add_snapshot(OLD, REGION, "s", kms_key_id=aws.add_key(OLD, REGION))
    aws.change_snapshot(arn, shared_with=[NEW])
    with refused("KMSKeyNotAccessibleFault", "The source snapshot KMS key [arn:aws:kms:"):
        new.client("rds").copy_db_cluster_snapshot(
            SourceDBClusterSnapshotIdentifier=arn,
            TargetDBClusterSnapshotIdentifier="t",
            KmsKeyId=aws.add_key(NEW, REGION),
        )
