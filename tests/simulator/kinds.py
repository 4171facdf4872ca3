# SPDX-License-Identifier: MPL-2.0
"""Cluster and instance snapshots differ in names; the names are here, the behaviour is elsewhere."""

from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Kind:
    name: str
    noun: str  # as AWS's messages say it
    arn_type: str
    max_name: int
    element: str  # DBClusterSnapshot | DBSnapshot: prefix of most names
    identifier: str
    source: str  # answer's field naming the source of a copy
    encrypted: str  # StorageEncrypted | Encrypted
    database: str  # DBCluster | DBInstance
    database_identifier: str
    database_arn_type: str
    database_create_time: str
    database_fields: dict  # wire name -> attribute of moto's cluster or instance
    filters: dict  # filter name -> field of the answer
    quota: str  # name in DescribeAccountAttributes
    copy_encrypts: bool  # an unencrypted source may become encrypted by a copy
    not_found: str
    already_exists: str
    invalid_state: str
    not_manual: str  # the text with which the deletion of one that AWS made is refused
    database_not_found: str
    database_exists: str
    database_invalid_state: str
    event_source: str
    events: dict  # what -> (RDS-EVENT id, category, message)

    @property
    def arn(self):
        return self.element + "Arn"


# Ids of the manual, automated and copy events ("Amazon RDS event categories and event messages").
CLUSTER_EVENTS = {
    "create": ("RDS-EVENT-0074", "backup", "Creating manual cluster snapshot"),
    "created": ("RDS-EVENT-0075", "backup", "Manual cluster snapshot created"),
}
INSTANCE_EVENTS = {
    "create": ("RDS-EVENT-0040", "creation", "Creating manual snapshot"),
    "created": ("RDS-EVENT-0042", "creation", "Manual snapshot created"),
    "copy": ("RDS-EVENT-0196", "notification", "Started copy of snapshot"),
    "copied": ("RDS-EVENT-0197", "notification", "Finished copy of snapshot"),
    "copy_cancelled": ("RDS-EVENT-0190", "notification", "Cancelled copy of snapshot"),
    "cross_region_copy": ("RDS-EVENT-0059", "notification", "Started cross region copy of snapshot"),
    "cross_region_copied": ("RDS-EVENT-0060", "notification", "Finished cross region copy of snapshot"),
    "cross_region_copy_cancelled": (
        "RDS-EVENT-0061",
        "notification",
        "Cancelled cross region copy of snapshot",
    ),
}

SHARED_FIELDS = {
    "Engine": "engine",
    "EngineVersion": "engine_version",
    "AllocatedStorage": "allocated_storage",
    "LicenseModel": "license_model",
    "MasterUsername": "master_username",
    "Port": "port",
    "StorageType": "storage_type",
    "BackupRetentionPeriod": "backup_retention_period",
    "PreferredBackupWindow": "preferred_backup_window",
}

CLUSTER = Kind(
    name="cluster",
    noun="DBClusterSnapshot",
    arn_type="cluster-snapshot",
    max_name=63,
    element="DBClusterSnapshot",
    identifier="DBClusterSnapshotIdentifier",
    source="SourceDBClusterSnapshotArn",
    encrypted="StorageEncrypted",
    database="DBCluster",
    database_identifier="DBClusterIdentifier",
    database_arn_type="cluster",
    database_create_time="ClusterCreateTime",
    database_fields={
        **SHARED_FIELDS,
        "DBClusterIdentifier": "db_cluster_identifier",
        "DbClusterResourceId": "db_cluster_resource_id",
        "EngineMode": "engine_mode",
        "AvailabilityZones": "availability_zones",
        "IAMDatabaseAuthenticationEnabled": "iam_database_authentication_enabled",
    },
    filters={
        "db-cluster-id": "DBClusterIdentifier",
        "db-cluster-snapshot-id": "DBClusterSnapshotIdentifier",
        "snapshot-type": "SnapshotType",
        "engine": "Engine",
    },
    quota="ManualClusterSnapshots",
    copy_encrypts=False,
    not_found="DBClusterSnapshotNotFoundFault",
    already_exists="DBClusterSnapshotAlreadyExistsFault",
    invalid_state="InvalidDBClusterSnapshotStateFault",
    not_manual="Only manual snapshots may be deleted.",  # rebuy-de/aws-nuke#511
    database_not_found="DBClusterNotFoundFault",
    database_exists="DBClusterAlreadyExistsFault",
    database_invalid_state="InvalidDBClusterStateFault",
    event_source="db-cluster-snapshot",
    events=CLUSTER_EVENTS,
)

INSTANCE = Kind(
    name="instance",
    noun="DBSnapshot",
    arn_type="snapshot",
    max_name=255,
    element="DBSnapshot",
    identifier="DBSnapshotIdentifier",
    source="SourceDBSnapshotIdentifier",
    encrypted="Encrypted",
    database="DBInstance",
    database_identifier="DBInstanceIdentifier",
    database_arn_type="db",
    database_create_time="InstanceCreateTime",
    database_fields={
        **SHARED_FIELDS,
        "DBInstanceIdentifier": "db_instance_identifier",
        "DbiResourceId": "dbi_resource_id",
        "AvailabilityZone": "availability_zone",
        "IAMDatabaseAuthenticationEnabled": "enable_iam_database_authentication",
        "OptionGroupName": "option_group_name",
        "Iops": "iops",
        "StorageThroughput": "storage_throughput",
    },
    filters={
        "db-instance-id": "DBInstanceIdentifier",
        "db-snapshot-id": "DBSnapshotIdentifier",
        "dbi-resource-id": "DbiResourceId",
        "snapshot-type": "SnapshotType",
        "engine": "Engine",
    },
    quota="ManualSnapshots",
    copy_encrypts=True,
    not_found="DBSnapshotNotFound",
    already_exists="DBSnapshotAlreadyExists",
    invalid_state="InvalidDBSnapshotState",
    not_manual="automated snapshots cannot be deleted.",  # hashicorp/terraform-provider-aws#13800
    database_not_found="DBInstanceNotFound",
    database_exists="DBInstanceAlreadyExists",
    database_invalid_state="InvalidDBInstanceState",
    event_source="db-snapshot",
    events=INSTANCE_EVENTS,
)

KINDS = {kind.name: kind for kind in (CLUSTER, INSTANCE)}
