# SPDX-License-Identifier: MPL-2.0
"""Where moto's models differ from AWS and cannot be corrected from outside: one table of names.

A name that is missing in the installed moto stops the start (and a test): moto is pinned, a new
version is taken only with this table read again.
"""

import functools
import importlib
import json

from .keys import managed_policy
from .kinds import CLUSTER, INSTANCE
from .making import create_from


def install(world):
    for target, make in PATCHES.items():
        owner, name = find(target)
        setattr(owner, name, make(world, getattr(owner, name)))
    for target, make in ADDITIONS.items():
        owner, name = find(target)
        setattr(owner, name, make(world, None))


def find(target):
    """(module or class, name) of "module:Class.name"."""
    module_name, _, path = target.partition(":")
    *owners, name = path.split(".")
    owner = importlib.import_module(module_name)
    for part in owners:
        owner = getattr(owner, part)
    return owner, name


# Each takes (world, moto's own) and returns what takes its place.


def _created(kind):
    def make(world, original):
        def create(backend, kwargs):
            database = original(backend, kwargs)
            world.databases.finish(kind, database, kwargs)
            return database

        return create

    return make


def _restored(kind):
    def make(world, _original):
        def restore(backend, from_snapshot_id, overrides):
            place = (backend.account_id, backend.region_name)
            snapshot = world.snapshots.find(kind, *place, from_snapshot_id)
            kwargs = world.databases.restored(kind, snapshot, overrides)
            return (
                backend.create_db_cluster(kwargs) if kind is CLUSTER else backend.create_db_instance(kwargs)
            )

        return restore

    return make


def _final_snapshot(kind):
    """Moto makes a snapshot of its own when a cluster or instance is deleted with a final one."""

    def make(world, _original):
        def snapshot(backend, database_identifier, snapshot_identifier, snapshot_type="manual", tags=None):
            place = (backend.account_id, backend.region_name)
            database = world.databases.find(kind, *place, database_identifier)
            return create_from(world, kind, *place, database, snapshot_identifier.lower())

        return snapshot

    return make


def _no_automated_backup(_world, _original):
    """Moto makes one at creation; AWS in the backup window. Tests seed theirs."""
    return lambda database: None


def _status(world, _original):
    """Moto: "creating" until it was asked once. Here: until the clock says so."""

    def read(database):
        if database._status in ("creating", "available"):
            ready = world.clock.now() >= getattr(database, "ready_at", 0)
            return "available" if ready else "creating"
        return database._status

    def write(database, value):
        database._status = value

    return property(read, write)


def _scaling_only_for_serverless_v1(_world, original):
    """AWS returns ScalingConfigurationInfo for serverless v1 only (DBCluster in the RDS API reference)."""
    return property(lambda cluster: original.fget(cluster) if cluster.engine_mode == "serverless" else None)


def _default_keys(_world, original):
    """alias/aws/rds: moto says CUSTOMER and gives it an open policy."""

    def generate(backend, alias_name):
        key_id = original(backend, alias_name)
        if key_id is not None:
            key = backend.keys[key_id]
            key.key_manager = "AWS"
            if alias_name == "alias/aws/rds":
                key.description = (
                    "Default key that protects my RDS database volumes when no other key is defined"
                )
                key.policy = json.dumps(managed_policy(backend.account_id, backend.region_name))
        return key_id

    return generate


def _dated_key(world, original):
    """For key_visible_seconds."""

    def create(backend, *args, **kwargs):
        key = original(backend, *args, **kwargs)
        key.changed_at = world.clock.now()
        return key

    return create


def _dated_policy(world, original):
    def put(backend, key_id, policy):
        original(backend, key_id, policy)
        backend.keys[backend.get_key_id(key_id)].changed_at = world.clock.now()

    return put


def _no_private_key(_world, _original):
    """Moto makes one of RSA for symmetric keys too, which takes longer than all else that most tests do here."""
    return lambda key_spec: None


def _remembered(_world, original):
    """Moto looks through its folders and classes at each call."""
    return functools.cache(original)


def _no_second_judge(_world, _original):
    """Moto refuses on any Deny, whoever it names; keys.guard has already judged."""
    return lambda key, action: None


PATCHES = {
    "moto.rds.models:RDSBackend.create_db_cluster": _created(CLUSTER),
    "moto.rds.models:RDSBackend.create_db_instance": _created(INSTANCE),
    "moto.rds.models:RDSBackend.restore_db_cluster_from_snapshot": _restored(CLUSTER),
    "moto.rds.models:RDSBackend.restore_db_instance_from_db_snapshot": _restored(INSTANCE),
    "moto.rds.models:RDSBackend.create_db_cluster_snapshot": _final_snapshot(CLUSTER),
    "moto.rds.models:RDSBackend.create_db_snapshot": _final_snapshot(INSTANCE),
    "moto.rds.models:DBCluster.save_automated_backup": _no_automated_backup,
    "moto.rds.models:DBInstance.save_automated_backup": _no_automated_backup,
    "moto.rds.models:DBCluster.status": _status,
    "moto.rds.models:DBCluster.scaling_configuration_info": _scaling_only_for_serverless_v1,
    "moto.kms.models:KmsBackend._generate_default_keys": _default_keys,
    "moto.kms.models:KmsBackend.create_key": _dated_key,
    "moto.kms.models:KmsBackend.put_key_policy": _dated_policy,
    "moto.kms.models:generate_private_key": _no_private_key,
    "moto.kms.responses:validate_policy": _no_second_judge,
    "moto.moto_server.werkzeug_app:DomainDispatcherApplication.get_backend_for_host": _remembered,
    "moto.core.responses:method_names_from_class": _remembered,
}

# Attributes that moto's objects set on themselves, made to follow the clock by their class.
ADDITIONS = {"moto.rds.models:DBInstance.status": _status}
