# SPDX-License-Identifier: MPL-2.0
"""What an error of AWS says: likeliest cause and cure, and where it came from. (The table of causes, row by
row, is in tests/unit/plugin/snapshot/cause_test.c.)"""

import re

import pytest
from harness.world import OLD, REGION

SOURCE_KEY = (
    "The source snapshot KMS key [arn:x] does not exist, is not enabled or you do not have permissions to access it."
)
TARGET_KEY = "Specified KMS key [x] does not exist, is not enabled or you do not have permissions to access it."
# (operation, code, AWS's text, what the cure says)
REFUSED = [
    ("CopyDBClusterSnapshot", "KMSKeyNotAccessibleFault", SOURCE_KEY, ("key's policy", "own IAM policy", "CreateGrant")),
    ("CopyDBClusterSnapshot", "KMSKeyNotAccessibleFault", TARGET_KEY, ("kms_key_id", "key's policy", "own IAM policy")),
    ("CopyDBClusterSnapshot", "SnapshotQuotaExceeded", "Cannot create more than 100 manual snapshots", ("Service Quotas",)),
    ("CopyDBClusterSnapshot", "SnapshotQuotaExceeded", "Quota exceeded", ("Service Quotas",)),
    ("CopyDBClusterSnapshot", "InvalidParameterValue", "The snapshot requires a target option group with the following "
     "options: [Timezone]", ("option_group_name", "copy_option_group")),
    ("DescribeDBClusterSnapshots", "DBClusterSnapshotNotFoundFault", "DBClusterSnapshot not found: x", ("snapshot_kind",)),
    ("CopyDBClusterSnapshot", "ExpiredTokenException", "The security token included in the request is expired", ("assume_role",)),
    ("DescribeDBClusterSnapshots", "ExpiredToken", "The security token included in the request is expired",
     ("assume_role",)),
    ("GetCallerIdentity", "ExpiredToken", "The security token included in the request is expired", ("assume_role",)),
    ("GetCallerIdentity", "InvalidClientTokenId", "The security token included in the request is invalid.",
     ("access key", "Region")),
    ("GetCallerIdentity", "RegionDisabledException", "STS is not activated in this region for account:1",
     ("sts_region",)),
    ("DescribeDBClusterSnapshots", "OptInRequired", "The AWS Access Key Id needs a subscription for the service",
     ("Enable the Region",)),
    ("CopyDBClusterSnapshot", "RequestTimeTooSkewed", "The difference is too large", ("clock",)),
    ("DescribeDBClusterSnapshots", "SignatureDoesNotMatch", "Signature not yet current", ("clock",)),
    ("CopyDBClusterSnapshot", "AccessDenied", "User: x is not authorized to perform: rds:CopyDBClusterSnapshot with an "
     "explicit deny in a service control policy", ("service control policy",)),
]  # fmt: skip


@pytest.fixture
def impatient(cluster_copy):
    """What is worth waiting for is not waited for long."""
    cluster_copy.set('timeouts {\n create = "1m"\n delete = "1m"\n update = "1m"\n }')
    return cluster_copy


def assert_told(outcome, operation, code, *cure):
    """The error, and its end: the operation, code, request id, account and Region."""
    outcome.assert_error(code, *cure)
    account = "" if operation in ("GetCallerIdentity", "AssumeRole") else f", account {OLD}"
    end = rf"\(operation {operation}, code {code}, request id [\w-]{{8,}}{account}, Region {REGION}\)$"
    assert [d for d in outcome.errors if re.search(end, d.detail)], outcome


@pytest.mark.parametrize("operation, code, text, cure", REFUSED, ids=[f"{r[1]}-{i}" for i, r in enumerate(REFUSED)])
def test_a_refusal_is_told_with_its_cure_and_where_it_came_from(impatient, operation, code, text, cure):
    impatient.fault(operation, "error", code=code, message=text, count=None)
    outcome = impatient.apply(ok=False)
    assert_told(outcome, operation, code, *cure)
    assert impatient.instance is None


def another_key(copy):
    return copy.world.aws.add_key(OLD, REGION)


CODE, TEXT = "TheCauseOfIt", "Not today"
LATER = {
    "refresh": ("DescribeDBClusterSnapshots", lambda copy: copy.workspace.plan(ok=False)),
    "tags": ("AddTagsToResource", lambda copy: (copy.set(tags='{ a = "b" }'), copy.apply(ok=False))[1]),
    "destroy": ("DeleteDBClusterSnapshot", lambda copy: copy.workspace.destroy(ok=False)),
    "re-make": (
        "DeleteDBClusterSnapshot",
        lambda copy: (copy.set(kms_key_id=f'"{another_key(copy)}"'), copy.apply(ok=False))[1],
    ),
}


@pytest.mark.parametrize("operation, act", LATER.values(), ids=list(LATER))
def test_every_operation_on_a_copy_tells_where_an_error_came_from(impatient, operation, act):
    impatient.apply()
    impatient.fault(operation, "error", status=400, code=CODE, message=TEXT, count=None)
    assert_told(act(impatient), operation, CODE, TEXT)


@pytest.mark.parametrize("operation", ["ModifyDBClusterSnapshotAttribute", "DescribeDBClusterSnapshots"])
def test_a_share_tells_where_an_error_came_from(cluster_share, operation):
    cluster_share.fault(operation, "error", status=400, code=CODE, message=TEXT, count=None)
    assert_told(cluster_share.apply(ok=False), operation, CODE, TEXT)


@pytest.mark.parametrize("operation", ["ModifyDBClusterSnapshotAttribute", "DescribeDBClusterSnapshotAttributes"])
def test_an_existing_share_tells_where_an_error_came_from(cluster_share, operation):
    cluster_share.apply()
    cluster_share.fault(operation, "error", status=400, code=CODE, message=TEXT, count=None)
    assert_told(cluster_share.workspace.destroy(ok=False), operation, CODE, TEXT)


def test_too_many_accounts_of_a_share_are_told(cluster_share):
    cluster_share.fault("share", "error", code="SharedSnapshotQuotaExceeded", message="Too many", count=None)
    outcome = cluster_share.apply(ok=False)
    assert_told(outcome, "ModifyDBClusterSnapshotAttribute", "SharedSnapshotQuotaExceeded", "20 accounts")
