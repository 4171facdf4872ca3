# SPDX-License-Identifier: MPL-2.0
"""The control endpoint: JSON under /_simulator/, as README.md lays down. One row per call."""

import json
from urllib.parse import parse_qsl

from . import databases, keys, needs
from .arns import parse_rds_arn
from .clock import from_iso, iso
from .kinds import CLUSTER, INSTANCE, KINDS
from .making import copy_status
from .message import Response
from .snapshots import Snapshot

PREFIX = "/_simulator/"
DEFAULT_KEY = "aws/rds"
KEY_STATES = {"Enabled": True, "Disabled": False, "PendingDeletion": False}


def answer(world, request):
    route = (request.method, request.path.removeprefix(PREFIX))
    try:
        if route not in ROUTES:
            raise ValueError(f"no control call {request.method} {request.path}")
        body = (
            json.loads(request.body or b"{}") if request.method != "GET" else dict(parse_qsl(request.query))
        )
        world.load_moto()
        status, result = 200, ROUTES[route](world, body)
        if request.method != "GET":
            with world.lock:
                needs.review(world)
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        status, result = 400, {"error": f"{type(problem).__name__}: {problem}"}
    except Exception as problem:  # moto's own refusals of what was to be seeded
        status, result = 400, {"error": repr(problem)}
    return Response(status, json.dumps(result).encode(), "application/json")


def locked(handler):
    def run(world, body):
        with world.lock:
            return handler(world, body)

    return run


def fork(world, _body):
    url, pid = world.fork()
    return {"url": url, "pid": pid}


def ready(_world, _body):
    return {}


def reset(world, _body):
    world.reset()
    return {}


@locked
def add_account(world, body):
    credential = world.identities.add_administrator(body["account_id"])
    return {
        "account_id": credential.account,
        "access_key": credential.access_key,
        "secret_key": credential.secret_key,
    }


# Keys


@locked
def add_key(world, body):
    account, region = body["account_id"], body["region"]
    if body.get("alias") == "alias/" + DEFAULT_KEY:
        key = world.keys.default(account, region)
    else:
        backend = world.keys.backend(account, region)
        key = backend.create_key(
            _policy_text(body.get("policy")), "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "", None
        )
        if body.get("alias"):
            backend.create_alias(key.id, body["alias"])
    if "key_id" in body:
        _give_id(world.keys.backend(account, region), key, body["key_id"])
    vars(key).pop("changed_at", None)  # seeded keys have been there for long
    _set_state(key, body.get("state", "Enabled"))
    return {"arn": key.arn, "key_id": key.id}


def _give_id(backend, key, key_id):
    if key_id in backend.keys:
        raise ValueError(f"there is a key {key_id} already")
    del backend.keys[key.id]
    key.arn, key.id = key.arn.replace(key.id, key_id), key_id
    backend.keys[key_id] = key
    for alias in key.aliases.values():
        alias.target_key_id = key_id


def _policy_text(policy):
    return policy if policy is None or isinstance(policy, str) else json.dumps(policy)


def _set_state(key, state):
    key.enabled = KEY_STATES[state]
    key.key_state = state
    if state == "PendingDeletion":
        from moto.core.utils import utcnow

        key.deletion_date = utcnow()


@locked
def change_key(world, body):
    key = world.keys.by_arn(body["arn"])
    if "state" in body:
        _set_state(key, body["state"])
    if "policy" in body:
        world.keys.backend(key.account_id, key.region).put_key_policy(key.id, _policy_text(body["policy"]))
    return keys.report(key)


@locked
def list_keys(world, body):
    return {"keys": _selected([keys.report(key) for key in world.keys.all()], body)}


# Clusters and instances


def add_database(kind, engine):
    @locked
    def add(world, body):
        account, region = body["account_id"], body["region"]
        key = body.get("kms_key_id")
        asked = {
            f"db_{kind.name}_identifier": body["identifier"],
            "engine": body.get("engine", engine),
            "engine_version": body.get("engine_version"),
            "master_username": body.get("master_username", "admin"),
            "master_user_password": "seeded-by-a-test",
            "vpc_security_group_ids": ["sg-00000000"],
            "storage_encrypted": bool(key or body.get("sse_rds")),
            "kms_key_id": None if key == DEFAULT_KEY else key,
            "sse_rds": body.get("sse_rds", False),
            "tags": _tag_list(body.get("tags")),
        }
        backend = world.moto.backend("rds", account, region)
        if kind is CLUSTER:
            database = backend.create_db_cluster(asked)
        else:
            asked |= {"db_instance_class": "db.r6g.large", "db_cluster_identifier": body.get("cluster")}
            database = backend.create_db_instance(asked)
        database.ready_at = world.clock.now()
        return {"arn": database.arn}

    return add


def _tag_list(tags):
    return [{"Key": key, "Value": value} for key, value in (tags or {}).items()]


def list_databases(kind, name):
    @locked
    def report(world, body):
        reports = [databases.report(kind, database) for database in world.databases.all(kind)]
        return {name: _selected(reports, body)}

    return report


# Snapshots


@locked
def add_snapshot(world, body):
    kind = KINDS[body.get("kind", "cluster")]
    account, region = body["account_id"], body["region"]
    if "source" in body:
        source = world.databases.find(kind, account, region, body["source"])
        made_of = world.databases.fields(kind, source)
        key, sse_rds = source.kms_key_id, source.storage_encryption_type == "sse-rds"
    else:
        made_of = _made_up(kind, body, world.clock.now())
        key, sse_rds = _asked_key(world, body), body.get("sse_rds", False)
    snapshot = Snapshot(
        kind,
        account,
        region,
        body["identifier"].lower(),
        world.clock.now(),
        made_of,
        type=body.get("type", "manual"),
        kms_key_arn=key,
        sse_rds=sse_rds,
        tags=body.get("tags") or {},
        source_arn=body.get("source_arn"),
        working=_working(world, kind, body),
        working_seconds=body.get("seconds", 0),
        fixed_status=None if body.get("status", "available") == "available" else body["status"],
    )
    world.snapshots.add(snapshot)
    return {"arn": snapshot.arn}


def _working(world, kind, body):
    """Its status for the `seconds` that it is still being made."""
    if "source_arn" not in body:
        return "creating"
    is_cross_region = parse_rds_arn(body["source_arn"]).region != body["region"]
    return copy_status(world, kind, is_cross_region)


def _asked_key(world, body):
    key = body.get("kms_key_id", DEFAULT_KEY)
    if key is None or body.get("sse_rds") or body.get("encrypted") is False:
        return None
    text = "alias/aws/rds" if key == DEFAULT_KEY else key
    return world.keys.resolve(body["account_id"], body["region"], text).arn


def _made_up(kind, body, now):
    """The database fields of a snapshot whose cluster or instance never was."""
    cluster = kind is CLUSTER
    return {
        "Engine": body.get("engine", "aurora-mysql" if cluster else "mysql"),
        "EngineVersion": body.get("engine_version", "8.0.mysql_aurora.3.05.2" if cluster else "8.0.35"),
        "AllocatedStorage": 1 if cluster else 20,
        "MasterUsername": "admin",
        "Port": 3306,
        "LicenseModel": "general-public-license",
        "StorageType": "aurora" if cluster else "gp2",
        "VpcId": f"vpc-0{body['account_id']}" if body.get("vpc", True) else None,
        kind.database_identifier: body.get("database", f"source-of-{body['identifier']}").lower(),
        kind.database_create_time: iso(now),
        **({"EngineMode": "provisioned"} if cluster else {"OptionGroupName": "default:mysql-8-0"}),
        **({} if cluster else {"TdeCredentialArn": body.get("tde_credential_arn")}),
        **body.get("fields", {}),
    }


def _snapshot(world, body):
    snapshot = world.snapshots.by_arn(str(parse_rds_arn(body["arn"])))
    if snapshot is None:
        raise ValueError(f"no snapshot {body['arn']}")
    return snapshot


@locked
def change_snapshot(world, body):
    snapshot, now = _snapshot(world, body), world.clock.now()
    for name, value in body.items():
        if name != "arn":
            CHANGES[name](snapshot, value, now)
    return snapshot.report(now)


def _share(snapshot, accounts, now):
    snapshot.shared_with = {account: now for account in accounts}


def _redate(snapshot, text, _now):
    """The time it tells, not the course of its life."""
    moved = snapshot.created - from_iso(text)
    snapshot.created -= moved
    snapshot.pending_seconds += moved


def _setter(attribute):
    return lambda snapshot, value, _now: setattr(snapshot, attribute, value)


CHANGES = {
    "status": _setter("fixed_status"),
    "percent": _setter("fixed_percent"),
    "tags": _setter("tags"),
    "kms_key_arn": _setter("kms_key_arn"),
    "type": _setter("type"),
    "source_arn": _setter("source_arn"),
    "fail_reason": _setter("fail_reason"),
    "shared_with": _share,
    "create_time": _redate,
}


@locked
def remove_snapshot(world, body):
    world.snapshots.remove(_snapshot(world, body))
    return {}


@locked
def list_snapshots(world, body):
    now = world.clock.now()
    return {"snapshots": _selected([s.report(now) for s in world.snapshots.all()], body)}


@locked
def allow_delete(world, body):
    return {"allowed": world.losses.allow(body["identifier"], body.get("later", False))}


@locked
def lost_copies(world, _body):
    return {"lost": world.losses.report()}


def _selected(reports, filters):
    unknown = set(filters) - {"account_id", "region", "kind"}
    if unknown:
        raise ValueError(f"unknown filter {', '.join(unknown)}")
    return [r for r in reports if all(r.get(name) == value for name, value in filters.items())]


# Behaviour


def settings(world, body):
    return world.change_settings(body)


def arm_fault(world, body):
    return {"id": world.faults.arm(body).id}


def list_faults(world, _body):
    return {"faults": world.faults.report()}


def clear_faults(world, body):
    world.faults.clear(body.get("id"))
    return {}


def release(world, body):
    world.faults.release(body["id"], body.get("drop", False))
    return {}


@locked
def advance(world, body):
    world.clock.advance(body["seconds"])
    return {"now": iso(world.clock.now())}


@locked
def expire_credentials(world, body):
    return {"expired": world.identities.expire(body.get("account_id"), world.clock.wall())}


@locked
def set_identity_policy(world, body):
    world.identities.set_policy(body["account_id"], body.get("role"), body.get("user"), body["policy"])
    return {}


# Observation


@locked
def credentials(world, _body):
    return {"credentials": world.identities.report()}


@locked
def calls(world, body):
    return world.calls.after(int(body.get("after", 0)))


@locked
def counts(world, _body):
    return {"counts": world.calls.counts()}


ROUTES = {
    ("GET", "ready"): ready,
    ("POST", "fork"): fork,
    ("POST", "reset"): reset,
    ("POST", "accounts"): add_account,
    ("POST", "keys"): add_key,
    ("PATCH", "keys"): change_key,
    ("GET", "keys"): list_keys,
    ("POST", "clusters"): add_database(CLUSTER, "aurora-mysql"),
    ("GET", "clusters"): list_databases(CLUSTER, "clusters"),
    ("POST", "instances"): add_database(INSTANCE, "mysql"),
    ("GET", "instances"): list_databases(INSTANCE, "instances"),
    ("POST", "snapshots"): add_snapshot,
    ("PATCH", "snapshots"): change_snapshot,
    ("DELETE", "snapshots"): remove_snapshot,
    ("GET", "snapshots"): list_snapshots,
    ("POST", "allow_delete"): allow_delete,
    ("GET", "lost_copies"): lost_copies,
    ("GET", "settings"): settings,
    ("PUT", "settings"): settings,
    ("POST", "faults"): arm_fault,
    ("GET", "faults"): list_faults,
    ("DELETE", "faults"): clear_faults,
    ("POST", "release"): release,
    ("POST", "advance"): advance,
    ("POST", "expire_credentials"): expire_credentials,
    ("POST", "identity_policies"): set_identity_policy,
    ("GET", "credentials"): credentials,
    ("GET", "calls"): calls,
    ("GET", "counts"): counts,
}
