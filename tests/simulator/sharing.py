# SPDX-License-Identifier: MPL-2.0
"""The restore attribute: with whom a snapshot is shared (ModifyDBClusterSnapshotAttribute)."""

import re

from .errors import AwsError, invalid_combination, invalid_value
from .naming import own_by_name
from .snapshots import ALL

MAX_ACCOUNTS = 20  # user guide, "Sharing a DB snapshot"
ACCOUNT = re.compile(r"\d{12}", re.ASCII)


def describe_attributes(world, call, kind):
    return attributes(kind, own_by_name(world, call, kind, automatic=True))


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
    if len(shared) > MAX_ACCOUNTS:
        raise AwsError(
            "SharedSnapshotQuotaExceeded",
            f"You cannot share a snapshot with more than {MAX_ACCOUNTS} accounts",
        )
    snapshot.shared_with = shared
    return attributes(kind, snapshot)


def check_shareable(world, snapshot, accounts):
    if snapshot.database.get("TdeCredentialArn"):  # user guide; with which code, no source tells
        raise invalid_value("Snapshots that use Transparent Data Encryption (TDE) cannot be shared.")
    if ALL in accounts and snapshot.encrypted:
        raise invalid_value("Encrypted snapshots cannot be shared with all accounts.")
    # No source tells whether AWS refuses Modify or only the other account's copy: `default_key_share`.
    if is_under_default_key(world, snapshot) and world.settings["default_key_share"] == "refuse":
        raise invalid_value(
            "Sharing snapshots encrypted with the default service key for RDS is currently not supported."
        )


def is_under_default_key(world, snapshot):
    if snapshot.sse_rds:
        return world.settings["sse_rds"] == "default_key"
    return bool(snapshot.kms_key_arn) and world.keys.by_arn(snapshot.kms_key_arn).key_manager == "AWS"
