# SPDX-License-Identifier: MPL-2.0
"""What AWS answers to a share, and what another account then sees and may do."""

from .contract import ACCEPTED, Untold, contract, outcome
from .field import name_of
from .kinds import CLUSTER

NOT_SHAREABLE = "InvalidParameterValue"


def shared_as_it_is(field, encryption):
    source = field.snapshot(CLUSTER, encryption)
    return outcome(CLUSTER.share, field.rds(field.old), name_of(source), ValuesToAdd=[field.new.id])


@contract(NOT_SHAREABLE, ACCEPTED)
def a_share_under_aws_rds(field):
    """Nobody else can ever read it, so AWS refuses; with which code, no page says."""
    return shared_as_it_is(field, "aws/rds")


@contract(ACCEPTED, NOT_SHAREABLE)
def a_share_of_sse_rds(field):
    """No page says whether AWS's own key shuts others out as aws/rds does."""
    return shared_as_it_is(field, "sse-rds")


@contract("DBClusterSnapshotNotFoundFault", "AccessDenied")
def a_foreign_arn_before_and_after_its_share(field):
    """Before it is shared it is not there, or denied; after it, sooner or later, it is there."""
    source = field.snapshot(CLUSTER, field.key(field.old, reader=field.new))

    def look():
        return outcome(CLUSTER.describe, field.rds(field.new), source, IncludeShared=True)

    before = look()
    CLUSTER.share(field.rds(field.old), name_of(source), ValuesToAdd=[field.new.id])
    field.until(lambda: look() == ACCEPTED, "the share is seen")
    return before


@contract("AccessDenied")
def a_tag_as_the_other_account_sees_it(field):
    """The provider never needs a tag of another account's snapshot."""
    source = field.shared(CLUSTER, field.key(field.old, reader=field.new))
    mark = {"Key": "contract", "Value": "seen"}
    field.rds(field.old).add_tags_to_resource(ResourceName=source, Tags=[mark])
    (found,) = CLUSTER.describe(field.rds(field.new), source, IncludeShared=True)
    if mark in found.get("TagList", []):
        return "seen"
    there = field.rds(field.new)
    asked = outcome(there.list_tags_for_resource, ResourceName=source)
    return "hidden" if asked == ACCEPTED else asked


@contract("SharedSnapshotQuotaExceeded", on_aws=False)
def the_21st_account_of_a_share(field):
    """A snapshot is shared with at most 20 accounts. Never against AWS: the accounts would be somebody's."""
    name = name_of(field.snapshot(CLUSTER, field.key(field.old)))
    accounts = [f"{number:012d}" for number in range(1, 22)]
    CLUSTER.share(field.rds(field.old), name, ValuesToAdd=accounts[:20])
    return outcome(CLUSTER.share, field.rds(field.old), name, ValuesToAdd=accounts[20:])


@contract(ACCEPTED)
def a_shared_cluster_snapshot_is_restored_directly(field):
    """The new account's key is given at the restore: the shortest way."""
    source = field.shared(CLUSTER, field.key(field.old, reader=field.new))
    name, key = field.name(), field.key(field.new)
    there = field.rds(field.new)
    (shared,) = CLUSTER.describe(there, source, IncludeShared=True)
    found = outcome(
        there.restore_db_cluster_from_snapshot,
        DBClusterIdentifier=name,
        SnapshotIdentifier=source,
        Engine=shared["Engine"],
        EngineVersion=shared["EngineVersion"],
        KmsKeyId=key,
    )
    if found == ACCEPTED:
        (made,) = there.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"]
        if made.get("KmsKeyId") != key:
            raise Untold(f"the cluster is under {made.get('KmsKeyId')}")
    return found
