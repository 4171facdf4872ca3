# SPDX-License-Identifier: MPL-2.0
"""What an error of AWS says: likeliest cause and cure, and where it came from. (The table of causes, row by
row, is in tests/unit/plugin/snapshot/watch/cause_test.c.)"""

import json
import re

import pytest
from harness.resources import Copy
from harness.world import ANYBODY, NEW, OLD, REGION

ELSEWHERE = "eu-west-1"
SOURCE_KEY = (
    "The source snapshot KMS key [arn:x] does not exist, is not enabled or you do not have permissions to access it."
)
TARGET_KEY = "Specified KMS key [x] does not exist, is not enabled or you do not have permissions to access it."
# (operation, code, AWS's text, what the cure says)
REFUSED = [
    ("CopyDBClusterSnapshot", "KMSKeyNotAccessibleFault", SOURCE_KEY, ("key's policy", "own IAM policy", "CreateGrant")),
    ("CopyDBClusterSnapshot", "KMSKeyNotAccessibleFault", TARGET_KEY, ("kms_key_id", "key's policy", "own IAM policy")),
    ("CopyDBClusterSnapshot", "SnapshotQuotaExceeded", "Cannot create more than 100 manual snapshots", ("Service Quotas",)),
    ("DescribeDBClusterSnapshots", "DBClusterSnapshotNotFoundFault", "DBClusterSnapshot not found: x", ("Check the name",)),
    ("GetCallerIdentity", "ExpiredToken", "The security token included in the request is expired", ("Log in again",)),
    ("DescribeDBClusterSnapshots", "SignatureDoesNotMatch", "Signature not yet current", ("clock",)),
    ("CopyDBClusterSnapshot", "AccessDenied", "User: x is not authorized to perform: rds:CopyDBClusterSnapshot with an "
     "explicit deny in a service control policy", ("service control policy",)),
]  # fmt: skip


IMPATIENTLY = 'timeouts {\n create = "1m"\n delete = "1m"\n update = "1m"\n }'


@pytest.fixture
def impatient(cluster_copy):
    """What is worth waiting for is not waited for long."""
    cluster_copy.set(IMPATIENTLY)
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


def refused_alone(copy):
    """The one error of an apply."""
    (refused,) = copy.apply(ok=False).errors
    return refused.text


# ---- What was not found


def test_a_missing_source_is_told_with_its_place(cluster_copy):
    cluster_copy.world.aws.remove_snapshot(cluster_copy.source_arn)
    text = refused_alone(cluster_copy)
    assert f'account {OLD} sees no cluster snapshot "before" in the Region {REGION}' in text
    assert "Check the name" in text and "snapshot_share" not in text and "snapshot_kind" not in text


def test_a_source_of_the_other_kind_is_found(copy):
    other = "instance" if copy.kind == "cluster" else "cluster"
    copy.world.aws.remove_snapshot(copy.source_arn)
    found = copy.world.aws.add_snapshot(OLD, REGION, "before", kind=other)
    text = refused_alone(copy)
    assert f"The {other} snapshot {found} exists. If you mean it, set snapshot_kind = \"{other}\"." in text


@pytest.mark.parametrize("name, cure", [("theirs", f'account_ids = ["{OLD}"]'), ("rds:theirs", f"In account {NEW}, copy it")])
def test_a_source_that_another_account_does_not_share(cluster_copy, name, cure):
    theirs = cluster_copy.world.aws.add_snapshot(NEW, REGION, name)
    cluster_copy.set(source_snapshot_identifier=f'"{theirs}"')
    text = refused_alone(cluster_copy)
    assert f'account {OLD} sees no cluster snapshot "{theirs}"' in text and cure in text
    assert "snapshot_kind" not in text and "Check the name" not in text


def test_a_source_that_is_gone_when_it_is_copied(cluster_copy):
    code = "DBClusterSnapshotNotFoundFault"
    cluster_copy.fault("copy", "error", status=404, code=code, message="DBClusterSnapshot not found: before", count=None)
    text = refused_alone(cluster_copy)
    assert f'account {OLD} sees no cluster snapshot "before"' in text and "Check the name" in text


def test_what_a_share_does_not_find(share):
    other = "instance" if share.kind == "cluster" else "cluster"
    share.world.aws.remove_snapshot(share.arn)
    assert f'account {OLD} sees no {share.kind} snapshot "copy" in the Region {REGION}' in refused_alone(share)
    found = share.world.aws.add_snapshot(OLD, REGION, "copy", kind=other)
    assert f"The {other} snapshot {found} exists." in refused_alone(share)


@pytest.mark.parametrize(
    "key, hint",
    [
        ("orders-key", ' If "orders-key" is the name of an alias, write "alias/orders-key".'),
        ("11112222-3333-4444-5555-666677778888", ""),
        ("mrk-0a0a", ""),
        ("alias/nobody", ""),
    ],
)
def test_a_key_that_does_not_exist_may_be_an_alias(cluster_copy, key, hint):
    cluster_copy.set(kms_key_id=f'"{key}"')
    text = refused_alone(cluster_copy)
    assert f'there is no key "{key}"' in text and f"must be named by its ARN.{hint}\n" in text


def test_a_denial_without_a_reason_is_not_told_as_a_missing_share(cluster_copy):
    cluster_copy.fault("copy", "error", status=403, code="AccessDenied", message="Unknown", count=None)
    text = refused_alone(cluster_copy)
    assert "AWS names no reason" in text and "snapshot_caller_policy" in text and "snapshot_share" not in text


# ---- What the key of another account's snapshot may be


def shared_by(copy, key):
    theirs = copy.world.aws.add_snapshot(NEW, REGION, "theirs", kms_key_id=key)
    copy.world.aws.change_snapshot(theirs, shared_with=[OLD])
    copy.set(source_snapshot_identifier=f'"{theirs}"')


FROM_NEW = f"the AWS-managed key aws/rds of account {NEW}"


def test_a_snapshot_shared_under_aws_rds_is_suspected_after_its_policy(cluster_copy):
    key = cluster_copy.world.aws.add_key(NEW, REGION, alias="alias/aws/rds")
    shared_by(cluster_copy, key)
    text = refused_alone(cluster_copy)
    policy, suspicion = text.find('side = "source"'), text.find(f"\n\nA possible cause: the key {key} is {FROM_NEW}")
    assert 0 < policy < suspicion, text


def test_it_is_not_where_kms_says_what_the_key_is(cluster_copy):
    policy = json.loads(json.dumps(ANYBODY))
    policy["Statement"][0]["Action"] = "kms:DescribeKey"
    shared_by(cluster_copy, cluster_copy.world.aws.add_key(NEW, REGION, policy=policy))
    text = refused_alone(cluster_copy)
    assert "KMSKeyNotAccessible" in text and FROM_NEW not in text


def test_nor_of_the_account_s_own_source(impatient):
    impatient.fault("copy", "error", code="KMSKeyNotAccessibleFault", message=SOURCE_KEY, count=None)
    assert "AWS-managed key aws/rds of account" not in refused_alone(impatient)


# ---- Account and Region in one step


ONE_STEP = (f"In account {NEW}, copy the snapshot to Region {REGION} first", "copy_across_regions_first = true")


OPTIONS = "The snapshot requires a target option group with the following options: [Timezone]"
ONE_STEP_REFUSED = [
    (None, ""),
    ("InvalidParameterValue", "No."),
    ("InvalidParameterValue", OPTIONS),
    ("InvalidParameterValue", "PreSignedUrl could not be authenticated"),
    ("KMSKeyNotAccessibleFault", SOURCE_KEY),
    ("KMSKeyNotAccessibleFault", TARGET_KEY),
    ("InvalidDBClusterSnapshotStateFault", "No."),
    ("DBClusterSnapshotNotFoundFault", "No."),
]


@pytest.fixture
def one_step(impatient):
    theirs = impatient.world.aws.add_snapshot(
        NEW, ELSEWHERE, "theirs", kms_key_id=impatient.world.aws.add_key(NEW, ELSEWHERE, policy=ANYBODY)
    )
    impatient.world.aws.change_snapshot(theirs, shared_with=[OLD])
    impatient.set(IMPATIENTLY, source_snapshot_identifier=f'"{theirs}"')
    return impatient


@pytest.mark.parametrize("code, text", ONE_STEP_REFUSED)
def test_account_and_region_in_one_step(one_step, code, text):
    """RDS's own refusal has no text that is known."""
    one_step.world.aws.settings(one_step="refuse")
    if code:
        one_step.fault("copy", "error", code=code, message=text, count=None)
    told = refused_alone(one_step)
    assert all(words in told for words in ONE_STEP), told


@pytest.mark.parametrize(
    "code, text", [("AccessDenied", "x is not authorized"), ("SnapshotQuotaExceeded", "Cannot create more than 1 manual")]
)
def test_a_refusal_that_the_step_does_not_cause_is_told_as_such(one_step, code, text):
    one_step.fault("copy", "error", code=code, message=text, count=None)
    assert "copy_across_regions_first" not in refused_alone(one_step)


@pytest.mark.parametrize("skips", ["false", "true"], ids=["known", "not known"])
def test_of_one_account_it_is_not_said(cluster_copy, skips):
    cluster_copy.workspace.write(
        "override.tf", f'provider "snapshot" {{\n  skip_requesting_account_id = {skips}\n}}\n'
    )
    theirs = cluster_copy.world.aws.add_snapshot(OLD, ELSEWHERE, "theirs")
    cluster_copy.fault("copy", "error", code="InvalidParameterCombination", message="No.", count=None)
    cluster_copy.set(source_snapshot_identifier=f'"{theirs}"')
    assert "copy_across_regions_first" not in refused_alone(cluster_copy)


# ---- Option groups

GROUP_HERE = f"an option group of account {OLD}, Region {REGION}"


@pytest.mark.parametrize(
    "account, region, arguments, cure",
    [
        (OLD, "eu-west-1", {}, f"to another Region. Set copy_option_group = true, or name in option_group_name {GROUP_HERE}"),
        (NEW, REGION, {}, f"to another account. Set copy_option_group = true, or name in option_group_name {GROUP_HERE}"),
        (NEW, "eu-west-1", {}, "to another account and Region. Set"),
        (NEW, REGION, {"copy_option_group": "true"}, f"to another account. Name in option_group_name {GROUP_HERE}"),
        (NEW, REGION, {"option_group_name": '"og"'}, f'The option group "og" of account {OLD}, Region {REGION} lacks options'),
    ],
    ids=["another Region", "another account", "both", "to be copied", "named"],
)
def test_options_that_a_copy_lacks(workspace, world, account, region, arguments, cure):
    copy = Copy(workspace, world, "instance")
    key = world.aws.add_key(account, region, policy=ANYBODY)
    source = world.aws.add_snapshot(account, region, "optioned", kind="instance", kms_key_id=key)
    world.aws.change_snapshot(source, shared_with=[OLD] if account == NEW else [])
    copy.set(source_snapshot_identifier=f'"{source}"', **arguments)
    copy.fault("copy", "error", code="InvalidParameterValue", message=OPTIONS, count=None)
    assert cure in refused_alone(copy)


CODE, TEXT = "TheCauseOfIt", "Not today"
LATER = {
    "refresh": ("DescribeDBClusterSnapshots", lambda copy: copy.workspace.plan(ok=False)),
    "tags": ("AddTagsToResource", lambda copy: (copy.set(tags='{ a = "b" }'), copy.apply(ok=False))[1]),
    "destroy": ("DeleteDBClusterSnapshot", lambda copy: copy.workspace.destroy(ok=False)),
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
