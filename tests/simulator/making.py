# SPDX-License-Identifier: MPL-2.0
"""Create and Copy: where snapshots come from, and under which key (RDS API reference)."""

import math

from . import tags
from .arns import partition_of
from .errors import AwsError, invalid_combination, invalid_value
from .faults import failure_of_copy
from .keys import not_accessible
from .kinds import INSTANCE
from .naming import checked_name, find_source
from .needs import Needs
from .signature import verify_presigned
from .snapshots import Snapshot


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
    world.events.add(snapshot, "created")
    return world.snapshots.add(snapshot)


def check_free(world, kind, account, region, name):
    if world.snapshots.named(kind, account, region, name):
        raise AwsError(
            kind.already_exists,
            f"Cannot create the {kind.noun} because one with the identifier {name} already exists.",
        )
    limit = world.settings["max_manual_snapshots"]
    if len([s for s in world.snapshots.own(kind, account, region) if s.type == "manual"]) >= limit:
        raise AwsError("SnapshotQuotaExceeded", f"Cannot create more than {limit} manual snapshots")


def first_answer(world, snapshot):
    """Create and Copy answer before any work is done, however quick it will be."""
    answer = snapshot.wire(world.clock.now(), snapshot.account)
    return answer | {
        "Status": "pending" if snapshot.pending_seconds else snapshot.working,
        "PercentProgress": 0,
    }


def copy(world, call, kind):
    params, settings = call.params, world.settings
    source_text = params["Source" + kind.identifier]
    name = checked_name(kind, "Target" + kind.identifier, params["Target" + kind.identifier])
    source = find_source(world, call, kind, source_text)
    now = world.clock.now()
    if source.status(now) != "available":
        raise AwsError(
            kind.invalid_state,
            f"Snapshot {source.name} is in the {source.status(now)} state, it must be available",
        )
    check_free(world, kind, call.account, call.region, name)
    check_slots(world, call, kind, source)
    if source.region != call.region:
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
        needs=Needs(source, source.kms_key_arn, call.caller),
        working=copy_status(world, kind, source.region != call.region),
        pending_seconds=settings["pending_seconds"],
        working_seconds=settings["copy_seconds"],
        queued_until=math.inf if settings["copies_queue"] else -math.inf,  # until needs.review has told
    )
    if params.get("OptionGroupName"):
        snapshot.database["OptionGroupName"] = params["OptionGroupName"]
    failure = failure_of_copy(world, call, name)
    if failure:
        snapshot.outcome, snapshot.ends_at, snapshot.fail_reason = "failed", failure[0] / 100, failure[1]
    world.events.add(snapshot, copy_event(snapshot, "copy"), now)
    world.events.add(snapshot, copy_event(snapshot, "copied"))
    world.snapshots.add(snapshot)
    return {kind.element: first_answer(world, snapshot)}


def copy_status(world, kind, is_cross_region):
    return world.settings["instance_copy_status"] if kind is INSTANCE and not is_cross_region else "copying"


def copy_event(snapshot, what):
    return "cross_region_" + what if snapshot.cross_region else what


def check_slots(world, call, kind, source):
    """User guide: 5 cluster or 20 instance copies to one destination Region per account at a time, wherever their
    sources are. AWS's text is known of copies from another Region only."""
    now, limit = world.clock.now(), world.settings["copy_slots"][kind.name]
    own = world.snapshots.own(kind, call.account, call.region)
    if len([s for s in own if s.source_arn and s.in_progress(now)]) >= limit:
        where = " across regions" if source.region != call.region else ""
        raise AwsError("SnapshotQuotaExceeded", f"Cannot copy more than {limit} snapshots{where}")


def check_presigned_url(world, call, source):
    """GovCloud to GovCloud and DocumentDB need one, Neptune does not support it; elsewhere it is ignored
    (CopyDBClusterSnapshot, PreSignedUrl, in the service models of RDS, DocumentDB and Neptune)."""
    engine = source.database["Engine"]
    if engine == "neptune" or partition_of(call.region) != "aws-us-gov" and engine != "docdb":
        return
    url = call.params.get("PreSignedUrl")
    if not url:
        raise invalid_value("A pre-signed url must be specified")
    signed = verify_presigned(url, source.region, world.identities.find, world.clock.wall())
    if signed.get("Action") != call.operation or signed.get("DestinationRegion") != call.region:
        raise invalid_value("PreSignedUrl could not be authenticated")


def copy_encryption(world, call, kind, source):
    """The key of a copy, when both keys admit the caller (CopyDBClusterSnapshot, KmsKeyId)."""
    wanted = call.params.get("KmsKeyId")
    foreign, elsewhere = source.account != call.account, source.region != call.region
    as_plain = source.sse_rds and world.settings["sse_rds"] == "unencrypted"
    if not source.encrypted or as_plain:
        if not wanted:
            return {"sse_rds": source.sse_rds}
        if not kind.copy_encrypts and (as_plain or world.settings["unencrypted_copy"] == "refuse"):
            raise invalid_combination(
                "KmsKeyId cannot be specified for a copy of an unencrypted DB cluster snapshot"
            )
        return {"kms_key_arn": world.keys.target(call.caller, call.region, wanted).arn}
    if not wanted and foreign:
        raise not_accessible("The target KMS key", None)
    if not wanted and elsewhere:
        raise invalid_value("Must specify new KMS key for cross region encrypted snapshot copy")
    if foreign and elsewhere and world.settings["one_step"] == "refuse":
        raise invalid_combination(
            "An encrypted snapshot that is shared by another account cannot be copied to another Region"
        )
    if source.sse_rds and foreign and world.settings["sse_rds"] == "default_key":
        raise not_accessible("The source snapshot KMS key", None)
    via = call.region if foreign and elsewhere and world.settings["one_step_via"] == "copy" else None
    if source.kms_key_arn and not world.keys.readable(call.caller, source.kms_key_arn, via):
        raise not_accessible("The source snapshot KMS key", source.kms_key_arn)
    if not wanted:
        return {"kms_key_arn": source.kms_key_arn, "sse_rds": source.sse_rds}
    return {"kms_key_arn": world.keys.target(call.caller, call.region, wanted).arn}
