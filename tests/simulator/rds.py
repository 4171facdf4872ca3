# SPDX-License-Identifier: MPL-2.0
"""The RDS operations that are ours, in one table; the small ones are here.

An operation takes (world, call), those on one kind of snapshot (world, call, kind), and returns its
result, or FORWARD when the call is not about a snapshot after all.
"""

import functools

from . import describing, making, sharing, tags
from .arns import parse_rds_arn
from .errors import AwsError
from .events import SOURCE_TYPES
from .kinds import CLUSTER, INSTANCE, KINDS
from .naming import own_by_name
from .snapshots import not_found

FORWARD = object()

# Delete


def delete(world, call, kind):
    snapshot = own_by_name(world, call, kind, automatic=True)
    now = world.clock.now()
    status = snapshot.status(now)
    # Deleting the target of a running copy cancels it (DeleteDBClusterSnapshot).
    # Of an instance copy that is still "creating" one report says that it is refused: `delete_creating`.
    cancellable = ("pending", "creating") if world.settings["delete_creating"] == "accept" else ("pending",)
    cancels = status == "copying" or status in cancellable and snapshot.source_arn
    if snapshot.type != "manual":
        raise AwsError(kind.invalid_state, kind.not_manual)
    if status in ("pending", "creating", "deleting") and not cancels:
        raise AwsError(
            kind.invalid_state, f"Snapshot {snapshot.name} is in the {status} state and cannot be deleted"
        )
    world.losses.note(call, snapshot, now)
    answer = snapshot.wire(now, call.account)
    if cancels:
        world.events.cancel(snapshot)
        world.events.add(snapshot, making.copy_event(snapshot, "copy_cancelled"), now)
    snapshot.fixed_status = None
    snapshot.gone_at = now + world.settings["delete_seconds"]
    return {kind.element: answer | {"Status": "deleting" if world.settings["delete_seconds"] else "deleted"}}


# Tags


def tagged(world, call):
    """The snapshot that ResourceName means; FORWARD for anything else than a snapshot."""
    text = call.params["ResourceName"]
    arn = parse_rds_arn(text)
    kind = next((k for k in KINDS.values() if arn and k.arn_type == arn.type), None)
    if kind is None:
        return FORWARD
    if arn.account != call.account:
        # Tags belong to the owner.
        action = f"rds:{call.operation}"
        reason = "because no resource-based policy allows it"
        raise AwsError(
            "AccessDenied",
            f"User: {call.caller.arn} is not authorized to perform: {action} on resource: {text} {reason}",
            403,
        )
    snapshot = world.snapshots.by_arn(str(arn)) if arn.region == call.region else None
    if snapshot is None:
        raise not_found(kind, text)
    return snapshot


def list_tags(world, call):
    snapshot = tagged(world, call)
    if snapshot is FORWARD:
        return FORWARD
    return {"TagList": [{"Key": k, "Value": v} for k, v in sorted(snapshot.tags.items())]}


def add_tags(world, call):
    new = tags.checked(call.params["Tags"])
    snapshot = tagged(world, call)
    if snapshot is FORWARD:
        return FORWARD
    snapshot.tags = tags.limited({**snapshot.tags, **new})
    return {}


def remove_tags(world, call):
    snapshot = tagged(world, call)
    if snapshot is FORWARD:
        return FORWARD
    gone = set(call.params["TagKeys"])
    snapshot.tags = {k: v for k, v in snapshot.tags.items() if k not in gone}
    return {}


# The account


def describe_events(world, call):
    if call.params.get("SourceType") not in {None, *SOURCE_TYPES}:
        return FORWARD
    entries = [(f"{i:08d}", event.wire()) for i, event in enumerate(world.events.select(call))]
    page, marker = describing.paged(world, entries, call.params)
    return {"Events": [wire for _, wire in page], "Marker": marker}


def describe_account_attributes(world, call):
    limit = world.settings["max_manual_snapshots"]
    used = {
        kind.quota: len(
            [s for s in world.snapshots.own(kind, call.account, call.region) if s.type == "manual"]
        )
        for kind in KINDS.values()
    }
    return {
        "AccountQuotas": [{"AccountQuotaName": name, "Used": n, "Max": limit} for name, n in used.items()]
    }


def _of(kind, handler):
    return functools.partial(handler, kind=kind)


OPERATIONS = {
    "CreateDBClusterSnapshot": _of(CLUSTER, making.create),
    "CreateDBSnapshot": _of(INSTANCE, making.create),
    "CopyDBClusterSnapshot": _of(CLUSTER, making.copy),
    "CopyDBSnapshot": _of(INSTANCE, making.copy),
    "DescribeDBClusterSnapshots": _of(CLUSTER, describing.describe),
    "DescribeDBSnapshots": _of(INSTANCE, describing.describe),
    "DescribeDBClusterSnapshotAttributes": _of(CLUSTER, sharing.describe_attributes),
    "DescribeDBSnapshotAttributes": _of(INSTANCE, sharing.describe_attributes),
    "ModifyDBClusterSnapshotAttribute": _of(CLUSTER, sharing.modify_attribute),
    "ModifyDBSnapshotAttribute": _of(INSTANCE, sharing.modify_attribute),
    "DeleteDBClusterSnapshot": _of(CLUSTER, delete),
    "DeleteDBSnapshot": _of(INSTANCE, delete),
    "ListTagsForResource": list_tags,
    "AddTagsToResource": add_tags,
    "RemoveTagsFromResource": remove_tags,
    "DescribeEvents": describe_events,
    "DescribeAccountAttributes": describe_account_attributes,
}
