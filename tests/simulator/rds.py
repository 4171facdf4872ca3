# SPDX-License-Identifier: MPL-2.0
"""The RDS operations on snapshots, one code path for both kinds.

Each takes (world, call, kind) and returns the result of its operation, or FORWARD when the call is
not about a snapshot after all. References "aws.md" are to the project's collected facts on AWS.
"""

import base64
import binascii
import functools
import re

from . import tags
from .arns import parse_rds_arn, partition_of, rds_arn
from .errors import AwsError, invalid_combination, invalid_value
from .events import SOURCE_TYPES
from .faults import failure_of_copy
from .keys import not_accessible
from .kinds import CLUSTER, INSTANCE, KINDS
from .signature import verify_presigned
from .snapshots import ALL, Snapshot, not_found

FORWARD = object()
MAX_SHARE_ACCOUNTS = 20  # user guide, "Sharing a DB snapshot"
NAME = re.compile(r"[a-z](-?[a-z0-9])*", re.IGNORECASE | re.ASCII)
ACCOUNT = re.compile(r"\d{12}", re.ASCII)
MINIMUM_RECORDS, MAXIMUM_RECORDS = 20, 100


# Names


def is_name(kind, text):
    return len(text) <= kind.max_name and NAME.fullmatch(text) is not None


def checked_name(kind, parameter, text):
    """A new snapshot's name: letters, digits, single hyphens inside; kept in lower case."""
    if not is_name(kind, text):
        raise invalid_identifier(parameter)
    return text.lower()


def invalid_identifier(parameter):
    return invalid_value(
        f"The parameter {parameter} is not a valid identifier. Identifiers must begin with a letter;"
        " must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or"
        " contain two consecutive hyphens."
    )


def own_by_name(world, call, kind):
    """For operations that take a bare name. An ARN or an automated snapshot's name is answered with
    "is not a valid identifier" (aws/aws-cli#8296, #5407; boto/boto3#3582)."""
    name = call.params[kind.identifier]
    if ":" in name:
        raise invalid_identifier(kind.identifier)
    return world.snapshots.find(kind, call.account, call.region, name)


# Create


def create(world, call, kind):
    database = world.databases.find(kind, call.account, call.region, call.params[kind.database_identifier])
    name = checked_name(kind, kind.identifier, call.params[kind.identifier])
    world.databases.require_available(kind, database)
    own_tags = tags.checked(call.params.get("Tags"))
    snapshot = create_from(world, kind, call.account, call.region, database, name, own_tags)
    return {kind.element: first_answer(world, snapshot)}


def create_from(world, kind, account, region, database, name, own_tags=None):
    """Also makes the final snapshot of a cluster or instance that is being deleted."""
    check_free(world, kind, account, region, name)
    if not own_tags and getattr(database, "copy_tags_to_snapshot", False):
        own_tags = {tag["Key"]: tag["Value"] for tag in database.tags}
    snapshot = Snapshot(
        kind,
        account,
        region,
        name,
        world.clock.now(),
        world.databases.fields(kind, database),
        kms_key_arn=database.kms_key_id,
        sse_rds=getattr(database, "storage_encryption_type", None) == "sse-rds",
        tags=own_tags or {},
        pending_seconds=world.settings["pending_seconds"],
        working_seconds=world.settings["create_seconds"],
    )
    world.events.add(snapshot, "create", snapshot.created)
    world.events.add(snapshot, "created", snapshot.ready_at)
    return world.snapshots.add(snapshot)


def check_free(world, kind, account, region, name):
    if world.snapshots.named(kind, account, region, name):
        raise AwsError(kind.already_exists, f"Cannot create the {kind.noun} because one with the identifier {name} already exists.")
    limit = world.settings["max_manual_snapshots"]
    if len([s for s in world.snapshots.own(kind, account, region) if s.type == "manual"]) >= limit:
        raise AwsError("SnapshotQuotaExceeded", f"Cannot create more than {limit} manual snapshots")


def first_answer(world, snapshot):
    """Create and Copy answer before any work is done, however quick it will be."""
    answer = snapshot.wire(world.clock.now(), snapshot.account)
    return answer | {"Status": "pending" if snapshot.pending_seconds else snapshot.working, "PercentProgress": 0}


# Copy


def copy(world, call, kind):
    params, settings = call.params, world.settings
    source_text = params["Source" + kind.identifier]
    name = checked_name(kind, "Target" + kind.identifier, params["Target" + kind.identifier])
    source = find_source(world, call, kind, source_text)
    now = world.clock.now()
    if source.status(now) != "available":
        raise AwsError(kind.invalid_state, f"Snapshot {source.name} is in the {source.status(now)} state, it must be available")
    check_free(world, kind, call.account, call.region, name)
    if source.region != call.region:
        check_slots(world, call, kind)
        check_presigned_url(world, call, source)
    own_tags = tags.checked(params.get("Tags"))
    if not own_tags and params.get("CopyTags") and source.account == call.account:
        own_tags = tags.copied(source.tags)  # sent tags beat CopyTags (checked on AWS, moto/rds/models.py)
    snapshot = Snapshot(
        kind,
        call.account,
        call.region,
        name,
        now,
        dict(source.database),
        **copy_encryption(world, call, kind, source),
        source_arn=source.arn,
        original_created=source.original_created or source.created,
        tags=own_tags,
        working="copying",
        pending_seconds=settings["pending_seconds"],
        working_seconds=settings["copy_seconds"],
    )
    if params.get("OptionGroupName"):
        snapshot.database["OptionGroupName"] = params["OptionGroupName"]
    failure = failure_of_copy(world, call, name)
    if failure:
        snapshot.outcome, snapshot.ends_at, snapshot.fail_reason = "failed", failure[0] / 100, failure[1]
    world.events.add(snapshot, copy_event(snapshot, "copy"), now)
    if not failure:
        world.events.add(snapshot, copy_event(snapshot, "copied"), snapshot.ready_at)
    world.snapshots.add(snapshot)
    return {kind.element: first_answer(world, snapshot)}


def copy_event(snapshot, what):
    return "cross_region_" + what if snapshot.cross_region else what


def find_source(world, call, kind, text):
    arn = parse_rds_arn(text)
    if text.startswith("arn:") and (arn is None or arn.type != kind.arn_type):
        raise invalid_value(f"Invalid snapshot identifier: {text}")
    return world.snapshots.find(kind, call.account, call.region, text)


def check_slots(world, call, kind):
    """User guide: 5 cluster or 20 instance copies into one destination Region at a time."""
    now, limit = world.clock.now(), world.settings["cross_region_slots"][kind.name]
    running = [
        s for s in world.snapshots.own(kind, call.account, call.region) if s.cross_region and s.in_progress(now)
    ]
    if len(running) >= limit:
        raise AwsError("SnapshotQuotaExceeded", f"Cannot copy more than {limit} snapshots across regions")


def check_presigned_url(world, call, source):
    """Only GovCloud to GovCloud needs one; elsewhere it is ignored (aws.md section 13)."""
    if partition_of(call.region) != "aws-us-gov":
        return
    url = call.params.get("PreSignedUrl")
    if not url:
        raise invalid_value("A pre-signed url must be specified")
    signed = verify_presigned(url, source.region, world.identities.find, world.clock.wall())
    if signed.get("Action") != call.operation or signed.get("DestinationRegion") != call.region:
        raise invalid_value("PreSignedUrl could not be authenticated")


def copy_encryption(world, call, kind, source):
    """The key of a copy, when both keys admit the caller (aws.md sections 3, 7, 10, 12)."""
    wanted = call.params.get("KmsKeyId")
    foreign, elsewhere = source.account != call.account, source.region != call.region
    if not source.encrypted:
        if not wanted:
            return {}
        if not kind.copy_encrypts:
            raise invalid_combination("KmsKeyId cannot be specified for a copy of an unencrypted DB cluster snapshot")
        return {"kms_key_arn": world.keys.target(call.caller, call.region, wanted).arn}
    if not wanted and foreign:
        raise not_accessible("The target KMS key", None)
    if not wanted and elsewhere:
        raise invalid_combination("Must specify new KMS key for cross region encrypted snapshot copy")
    if source.sse_rds and foreign:
        raise not_accessible("The source snapshot KMS key", None)
    if source.kms_key_arn and not world.keys.readable(call.caller, source.kms_key_arn):
        raise not_accessible("The source snapshot KMS key", source.kms_key_arn)
    if not wanted:
        return {"kms_key_arn": source.kms_key_arn, "sse_rds": source.sse_rds}
    return {"kms_key_arn": world.keys.target(call.caller, call.region, wanted).arn}


# Describe


def describe(world, call, kind):
    params, now = call.params, world.clock.now()
    identifier, database = params.get(kind.identifier), params.get(kind.database_identifier)
    if identifier and database and kind is CLUSTER:
        raise invalid_combination(f"Cannot specify both {kind.database_identifier} and {kind.identifier}")
    found = selected(world, call, kind)
    if identifier:
        arn = parse_rds_arn(identifier)
        wanted = str(arn or rds_arn(call.region, call.account, kind.arn_type, identifier))
        found = [s for s in found if s.arn == wanted]
        if not found:
            raise not_found(kind, identifier)
    entries = [(s.arn, s.wire(now, call.account)) for s in found]
    conditions = list(filters(kind, params))
    if database:
        conditions.append((kind.database_identifier, {database.lower()}))
    entries = [e for e in entries if all(passes(e[1], *condition) for condition in conditions)]
    page, marker = paged(world, sorted(entries, key=lambda e: e[0]), params)
    return {kind.element + "s": [wire for _, wire in page], "Marker": marker}


def selected(world, call, kind):
    """What SnapshotType, IncludeShared and IncludePublic let the caller see."""
    params = call.params
    wanted = params.get("SnapshotType")
    if wanted not in (None, "automated", "manual", "shared", "public", "awsbackup"):
        raise invalid_value(f"Invalid snapshot type: {wanted}")
    found = []
    if wanted in (None, "automated", "manual", "awsbackup"):
        own = world.snapshots.own(kind, call.account, call.region)
        found += [s for s in own if wanted in (None, s.type)]
    shared = wanted == "shared" or wanted is None and params.get("IncludeShared")
    public = wanted == "public" or wanted is None and params.get("IncludePublic")
    if shared or public:
        foreign = world.snapshots.foreign(kind, call.account, call.region)
        found += [s for s in foreign if (shared if call.account in s.shared_with else public)]
    return found


def filters(kind, params):
    """(field, accepted values in lower case) of each filter."""
    for given in params.get("Filters", []):
        if given["Name"] not in kind.filters:
            raise invalid_value(f"Unrecognized filter name: {given['Name']}")
        yield kind.filters[given["Name"]], {value.lower() for value in given["Values"]}


def passes(wire, field, values):
    """A filter takes identifiers, and ARNs where an ARN exists."""
    value = str(wire.get(field, "")).lower()
    if value in values:
        return True
    return any(parse_rds_arn(v) and parse_rds_arn(v).name == value for v in values)


def paged(world, entries, params):
    """One page and the marker of the next. The marker is the last key, so that snapshots that come
    and go between two pages neither repeat nor hide others."""
    size = params.get("MaxRecords", MAXIMUM_RECORDS)
    if not MINIMUM_RECORDS <= size <= MAXIMUM_RECORDS:
        raise invalid_value(f"Invalid value {size} for MaxRecords. Must be between 20 and 100")
    size = min(size, world.settings["page_size"] or size)
    if params.get("Marker"):
        try:
            last = base64.urlsafe_b64decode(params["Marker"]).decode()
        except (binascii.Error, ValueError):
            raise invalid_value("Invalid marker")
        entries = [e for e in entries if e[0] > last]
    more = len(entries) > size
    page = entries[:size]
    return page, base64.urlsafe_b64encode(page[-1][0].encode()).decode() if more else None


# Attributes


def describe_attributes(world, call, kind):
    return attributes(kind, own_by_name(world, call, kind))


def attributes(kind, snapshot):
    restore = {"AttributeName": "restore", "AttributeValues": sorted(snapshot.shared_with)}
    return {
        f"{kind.element}AttributesResult": {
            kind.identifier: snapshot.name,
            f"{kind.element}Attributes": [restore],
        }
    }


def modify_attribute(world, call, kind):
    params, now = call.params, world.clock.now()
    snapshot = own_by_name(world, call, kind)
    if params["AttributeName"] != "restore":
        raise invalid_value(f"Invalid snapshot attribute {params['AttributeName']}")
    if snapshot.type != "manual" or snapshot.status(now) != "available":
        raise AwsError(kind.invalid_state, f"Snapshot {snapshot.name} must be manual and available")
    add, remove = params.get("ValuesToAdd", []), params.get("ValuesToRemove", [])
    if set(add) & set(remove):
        raise invalid_combination("A value may not appear in both the add list and remove list.")
    for value in add + remove:
        if value != ALL and not ACCOUNT.fullmatch(value):
            raise invalid_value(f"Invalid account id: {value}")
    if add:
        check_shareable(world, snapshot, add)
    shared = {account: seen for account, seen in snapshot.shared_with.items() if account not in remove}
    visible_from = now + world.settings["share_visible_seconds"]
    shared = {**{account: visible_from for account in add}, **shared}
    if len(shared) > MAX_SHARE_ACCOUNTS:
        raise AwsError("SharedSnapshotQuotaExceeded", f"You cannot share a snapshot with more than {MAX_SHARE_ACCOUNTS} accounts")
    snapshot.shared_with = shared
    return attributes(kind, snapshot)


def check_shareable(world, snapshot, accounts):
    if ALL in accounts and snapshot.encrypted:
        raise invalid_value("Encrypted snapshots cannot be shared with all accounts.")
    # UNSETTLED on AWS (aws.md sections 5 and 8): whether Modify refuses, or the other account's copy.
    under_default_key = snapshot.sse_rds or (
        snapshot.kms_key_arn and world.keys.by_arn(snapshot.kms_key_arn).key_manager == "AWS"
    )
    if under_default_key and world.settings["default_key_share"] == "refuse":
        raise invalid_value(
            "Sharing snapshots encrypted with the default service key for RDS is currently not supported."
        )


# Delete


def delete(world, call, kind):
    snapshot = own_by_name(world, call, kind)
    now = world.clock.now()
    status = snapshot.status(now)
    cancels = status in ("pending", "copying") and snapshot.source_arn  # deleting the target cancels (aws.md 3)
    if snapshot.type != "manual":
        raise AwsError(kind.invalid_state, f"Only manual snapshots may be deleted: {snapshot.name}")
    if status in ("creating", "deleting") or status in ("pending", "copying") and not cancels:
        raise AwsError(kind.invalid_state, f"Snapshot {snapshot.name} is in the {status} state and cannot be deleted")
    answer = snapshot.wire(now, call.account)
    if cancels:
        world.events.cancel(snapshot)
        world.events.add(snapshot, copy_event(snapshot, "copy_cancelled"), now)
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
        # Tags belong to the owner (aws.md section 6).
        action = f"rds:{call.operation}"
        reason = "because no resource-based policy allows it"
        raise AwsError("AccessDenied", f"User: {call.caller.arn} is not authorized to perform: {action} on resource: {text} {reason}", 403)
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
    page, marker = paged(world, entries, call.params)
    return {"Events": [wire for _, wire in page], "Marker": marker}


def describe_account_attributes(world, call):
    limit = world.settings["max_manual_snapshots"]
    used = {
        kind.quota: len([s for s in world.snapshots.own(kind, call.account, call.region) if s.type == "manual"])
        for kind in KINDS.values()
    }
    return {
        "AccountQuotas": [{"AccountQuotaName": name, "Used": n, "Max": limit} for name, n in used.items()]
    }


def _of(kind, handler):
    return functools.partial(handler, kind=kind)


OPERATIONS = {
    "CreateDBClusterSnapshot": _of(CLUSTER, create),
    "CreateDBSnapshot": _of(INSTANCE, create),
    "CopyDBClusterSnapshot": _of(CLUSTER, copy),
    "CopyDBSnapshot": _of(INSTANCE, copy),
    "DescribeDBClusterSnapshots": _of(CLUSTER, describe),
    "DescribeDBSnapshots": _of(INSTANCE, describe),
    "DescribeDBClusterSnapshotAttributes": _of(CLUSTER, describe_attributes),
    "DescribeDBSnapshotAttributes": _of(INSTANCE, describe_attributes),
    "ModifyDBClusterSnapshotAttribute": _of(CLUSTER, modify_attribute),
    "ModifyDBSnapshotAttribute": _of(INSTANCE, modify_attribute),
    "DeleteDBClusterSnapshot": _of(CLUSTER, delete),
    "DeleteDBSnapshot": _of(INSTANCE, delete),
    "ListTagsForResource": list_tags,
    "AddTagsToResource": add_tags,
    "RemoveTagsFromResource": remove_tags,
    "DescribeEvents": describe_events,
    "DescribeAccountAttributes": describe_account_attributes,
}
