# SPDX-License-Identifier: MPL-2.0
"""Clusters and instances: moto keeps them, here is what AWS checks first and what it makes of keys."""

import functools
import secrets
import string

from .clock import iso
from .errors import AwsError, invalid_combination
from .keys import not_accessible
from .kinds import CLUSTER, INSTANCE
from .making import check_free
from .naming import checked_name

STATES = {CLUSTER: "clusters", INSTANCE: "databases"}  # attribute of moto's RDS backend
# What a restored database takes from the snapshot. EngineVersion is not among them: when it is
# omitted AWS takes the default version, not the snapshot's (RestoreDBClusterFromSnapshot).
RESTORED = {
    "Engine": "engine",
    "EngineMode": "engine_mode",
    "Port": "port",
    "MasterUsername": "master_username",
    "StorageType": "storage_type",
    "AllocatedStorage": "allocated_storage",
    "BackupRetentionPeriod": "backup_retention_period",
    "PreferredBackupWindow": "preferred_backup_window",
}


class Databases:
    def __init__(self, world):
        self._world = world

    def all(self, kind):
        return [
            database
            for backend in self._world.moto.backends("rds")
            for database in getattr(backend, STATES[kind]).values()
        ]

    def find(self, kind, account, region, identifier):
        backend = self._world.moto.backend("rds", account, region)
        database = getattr(backend, STATES[kind]).get(identifier.lower())
        if database is None:
            raise AwsError(kind.database_not_found, f"{kind.database} {identifier} not found.", 404)
        return database

    @staticmethod
    def require_available(kind, database):
        if database.status != "available":
            raise AwsError(
                kind.database_invalid_state,
                f"{kind.database} {database.resource_id} is {database.status}, it must be available",
            )

    @staticmethod
    def fields(kind, database):
        """What a snapshot of it tells about it."""
        found = {wire: getattr(database, name, None) for wire, name in kind.database_fields.items()}
        return found | {
            "VpcId": f"vpc-0{database.account_id}",
            kind.database_create_time: iso(database.created.timestamp()),
        }

    def restored(self, kind, snapshot, overrides):
        """What a database restored from the snapshot is created with."""
        inherited = {name: snapshot.database.get(wire) for wire, name in RESTORED.items()}
        overrides = dict(overrides.items())
        for name in ("snapshot_identifier", "db_snapshot_identifier", "db_cluster_snapshot_identifier"):
            overrides.pop(name, None)
        key = overrides.get("kms_key_id") or snapshot.kms_key_arn
        return {
            **{name: value for name, value in inherited.items() if value is not None},
            **overrides,
            "engine": snapshot.database["Engine"],
            "master_user_password": "restored-with-it",
            "kms_key_id": key,
            "storage_encrypted": bool(key),
            "sse_rds": snapshot.sse_rds and not key,
            "snapshot_arn": snapshot.arn,
        }

    def finish(self, kind, database, asked):
        """After moto made it: the key as AWS gives it back, and the time it is ready."""
        world = self._world
        database.snapshot_arn = asked.get("snapshot_arn")
        seconds = world.settings["restore_seconds" if kind is CLUSTER else "instance_seconds"]
        database.ready_at = world.clock.now() + seconds
        if kind is INSTANCE:  # moto gives all of them the same one
            database.dbi_resource_id = "db-" + "".join(
                secrets.choice(string.ascii_uppercase + string.digits) for _ in range(26)
            )
        if getattr(database, "cluster", None) is not None:
            return  # a member has its cluster's key, moto sees to that
        if database.engine.startswith("aurora"):
            database.storage_type = asked.get("storage_type") or "aurora"
        encrypted = bool(asked.get("storage_encrypted") or asked.get("kms_key_id")) and not asked.get("sse_rds")
        database.storage_encrypted = encrypted
        database.kms_key_id = None
        database.storage_encryption_type = "sse-rds" if asked.get("sse_rds") else "none"
        if encrypted:
            text = asked.get("kms_key_id") or "alias/aws/rds"
            database.kms_key_id = world.keys.resolve(database.account_id, database.region, text).arn
            database.storage_encryption_type = "sse-kms"


def report(kind, database):
    return {
        "arn": database.arn,
        "identifier": database.resource_id,
        "account_id": database.account_id,
        "region": database.region,
        "status": database.status,
        "engine": database.engine,
        "engine_version": database.engine_version,
        "kms_key_arn": database.kms_key_id,
        "encrypted": bool(database.storage_encrypted),
        "snapshot_arn": database.snapshot_arn,
        "tags": {tag["Key"]: tag["Value"] for tag in database.tags},
    }


# Before moto acts: guards, (world, call, kind). Moto itself would overwrite an existing cluster.


def create(world, call, kind):
    check_new(world, call, kind)
    if call.params.get("DBClusterIdentifier") and kind is INSTANCE:
        return
    if call.params.get("KmsKeyId"):
        world.keys.target(call.caller, call.region, call.params["KmsKeyId"], "Specified KMS key")


def check_new(world, call, kind):
    name = call.params[kind.database_identifier]
    backend = world.moto.backend("rds", call.account, call.region)
    if name.lower() in getattr(backend, STATES[kind]):
        raise AwsError(kind.database_exists, f"{kind.database} already exists: {name}")


def restore(world, call, kind):
    params = call.params
    check_new(world, call, kind)
    text = params.get("SnapshotIdentifier") or params.get("DBSnapshotIdentifier")
    if not text:
        raise AwsError("MissingParameter", "The request must contain the parameter DBSnapshotIdentifier")
    snapshot = world.snapshots.find(kind, call.account, call.region, text)
    if snapshot.status(world.clock.now()) != "available":
        raise AwsError(kind.invalid_state, f"Snapshot {text} is not available")
    if snapshot.region != call.region:
        raise AwsError(kind.not_found, f"{kind.noun} not found: {text}", 404)
    if snapshot.account != call.account and snapshot.encrypted and kind is INSTANCE:
        # User guide, "Sharing a DB snapshot": an encrypted shared instance snapshot must be copied first.
        raise invalid_combination("Copy the shared encrypted snapshot before restoring from it.")
    if params.get("Engine", snapshot.database["Engine"]) != snapshot.database["Engine"]:
        raise invalid_combination(f"The snapshot is of engine {snapshot.database['Engine']}")
    check_restore_keys(world, call, snapshot)


def check_restore_keys(world, call, snapshot):
    wanted = call.params.get("KmsKeyId")
    if snapshot.kms_key_arn:
        admits = world.keys.readable if snapshot.account == call.account else world.keys.restorable
        if not admits(call.caller, snapshot.kms_key_arn):
            raise not_accessible("The source snapshot KMS key", snapshot.kms_key_arn)
    elif snapshot.sse_rds and snapshot.account != call.account and world.settings["sse_rds"] == "default_key":
        raise not_accessible("The source snapshot KMS key", None)
    if wanted:
        world.keys.target(call.caller, call.region, wanted, "Specified KMS key")


def delete(world, call, kind):
    params = call.params
    database = world.databases.find(kind, call.account, call.region, params[kind.database_identifier])
    final, skip = params.get("FinalDBSnapshotIdentifier"), params.get("SkipFinalSnapshot", False)
    if getattr(database, "cluster", None) is not None:
        return  # a member of a cluster has no snapshot of its own
    if not final and not skip:
        raise invalid_combination(
            "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified."
        )
    if final and skip:
        raise invalid_combination("FinalDBSnapshotIdentifier cannot be specified with SkipFinalSnapshot.")
    if final:
        name = checked_name(kind, "FinalDBSnapshotIdentifier", final)
        check_free(world, kind, call.account, call.region, name)


def _of(kind, handler):
    return functools.partial(handler, kind=kind)


GUARDS = {
    "CreateDBCluster": _of(CLUSTER, create),
    "CreateDBInstance": _of(INSTANCE, create),
    "RestoreDBClusterFromSnapshot": _of(CLUSTER, restore),
    "RestoreDBInstanceFromDBSnapshot": _of(INSTANCE, restore),
    "DeleteDBCluster": _of(CLUSTER, delete),
    "DeleteDBInstance": _of(INSTANCE, delete),
}
