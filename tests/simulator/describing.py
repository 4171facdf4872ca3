# SPDX-License-Identifier: MPL-2.0
"""Describe: who sees which snapshots, filters, pages (DescribeDBClusterSnapshots, DescribeDBSnapshots)."""

import base64
import binascii

from .arns import parse_rds_arn, rds_arn
from .errors import AwsError, invalid_combination, invalid_value
from .kinds import CLUSTER
from .snapshots import not_found

MINIMUM_RECORDS, MAXIMUM_RECORDS = 20, 100


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
            raise absent(world, call, kind, identifier, arn)
    entries = [(s.arn, s.wire(now, call.account)) for s in found]
    conditions = list(filters(kind, params))
    if database:
        conditions.append((kind.database_identifier, {database.lower()}))
    entries = [e for e in entries if all(passes(e[1], *condition) for condition in conditions)]
    page, marker = paged(world, sorted(entries, key=lambda e: e[0]), params)
    return {kind.element + "s": [wire for _, wire in page], "Marker": marker}


def absent(world, call, kind, identifier, arn):
    """Of a foreign ARN also what was once seen right after a share: AccessDenied, "Unknown" (`foreign_unshared`)."""
    is_foreign = arn is not None and arn.account != call.account
    if is_foreign and world.settings["foreign_unshared"] == "access_denied":
        return AwsError("AccessDenied", "Unknown", 403)
    return not_found(kind, identifier)


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
            raise invalid_value("Invalid marker") from None
        entries = [e for e in entries if e[0] > last]
    more = len(entries) > size
    page = entries[:size]
    return page, base64.urlsafe_b64encode(page[-1][0].encode()).decode() if more else None
