# SPDX-License-Identifier: MPL-2.0
"""Keys of several accounts: who may use them, directly and through RDS."""

import json

import pytest

from .names import CLUSTER, NEW, OLD, OTHER_REGION, REGION, THIRD
from .policies import allow, deny, source_key_policy, target_key_policy

OLD_ROOT, NEW_ROOT = ({"AWS": f"arn:aws:iam::{account}:root"} for account in (OLD, NEW))
NEW_ROLE = f"arn:aws:iam::{NEW}:role/migrator"


@pytest.fixture
def copy_in_new(aws, new):
    """Copies a snapshot that OLD made under `policy` and shared, as `client` (NEW's administrator)."""

    def copy(policy, client=None, target_key=None, expected_key=None):
        k1 = aws.add_key(OLD, REGION, policy={"Version": "2012-10-17", "Statement": policy})
        arn = aws.add_snapshot(OLD, REGION, "s", kms_key_id=k1)
        aws.change_snapshot(arn, shared_with=[NEW])
        key = target_key or aws.add_key(NEW, REGION)
        return CLUSTER.copy(client or new.client("rds"), arn, "t", KmsKeyId=key)

    return copy


@pytest.fixture
def role_client(aws, new):
    def assume(service, role="migrator", region=REGION):
        made = new.client("sts").assume_role(
            RoleArn=f"arn:aws:iam::{NEW}:role/{role}", RoleSessionName="test"
        )
        keys = made["Credentials"]
        return aws.client(
            service,
            region,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )

    return assume


def statements(region=REGION):
    return source_key_policy(OLD, [NEW], region)["Statement"]


def grants(condition=None, principal=NEW_ROOT):
    return allow(
        principal, ["kms:DescribeKey", "kms:Decrypt", "kms:ReEncrypt*", "kms:CreateGrant"], condition
    )


# What a source key's policy must say for the other account's copy


def test_the_documented_policy_passes(copy_in_new):
    copy_in_new(statements())


@pytest.mark.parametrize("action", ["kms:DescribeKey", "kms:Decrypt", "kms:ReEncryptFrom", "kms:CreateGrant"])
def test_each_action_is_needed(copy_in_new, action, refused):
    weaker = [
        {**s, "Action": [a for a in s["Action"] if a != action]} if NEW in str(s["Principal"]) else s
        for s in statements()
    ]
    with refused("KMSKeyNotAccessibleFault", "The source snapshot KMS key [arn:aws:kms:"):
        copy_in_new(weaker)


PASSING = {
    "root": [grants()],
    "account id": [grants(principal={"AWS": NEW})],
    "everyone": [grants(principal="*")],
    "everyone, as AWS": [grants(principal={"AWS": "*"})],
    "via RDS": [grants({"StringEquals": {"kms:ViaService": f"rds.{REGION}.amazonaws.com"}})],
    "via RDS of any Region": [grants({"StringLike": {"kms:ViaService": "rds.*.amazonaws.com"}})],
    "caller account": [grants({"StringEquals": {"kms:CallerAccount": [THIRD, NEW]}}, {"AWS": "*"})],
    "no action but": [{**grants(), "NotAction": "kms:ScheduleKeyDeletion"}],
    "no principal but": [{"Effect": "Allow", "NotPrincipal": OLD_ROOT, "Action": "kms:*", "Resource": "*"}],
    "a deny for others": [grants(), deny({"AWS": f"arn:aws:iam::{THIRD}:root"}, "kms:*")],
    "a deny of direct use": [grants(), deny("*", "kms:*", {"Null": {"kms:ViaService": "true"}})],
    "a wildcard in the middle": [{**grants(), "Action": ["kms:D*", "kms:Re?ncryptFrom", "kms:*Grant"]}],
}
FAILING = {
    "nothing": [],
    "the owner only": [allow(OLD_ROOT, ["kms:*"])],
    "another account": [grants(principal={"AWS": THIRD})],
    "a role that does not call": [grants(principal={"AWS": NEW_ROLE})],
    "the service": [grants(principal={"Service": "rds.amazonaws.com"})],
    "via another Region": [grants({"StringEquals": {"kms:ViaService": f"rds.{OTHER_REGION}.amazonaws.com"}})],
    "via another service": [grants({"StringEquals": {"kms:ViaService": f"ec2.{REGION}.amazonaws.com"}})],
    "another caller account": [grants({"StringEquals": {"kms:CallerAccount": OLD}}, {"AWS": "*"})],
    "grants for people": [grants({"Bool": {"kms:GrantIsForAWSResource": "false"}})],
    # The condition fits grant operations only: on all four actions it closes the other three.
    "the grant condition on everything": [grants({"Bool": {"kms:GrantIsForAWSResource": "true"}})],
    "source account, which no caller has": [grants({"StringEquals": {"aws:SourceAccount": NEW}})],
    "a deny": [grants(), deny("*", ["kms:CreateGrant"])],
    "a deny by condition": [
        grants(),
        deny("*", "kms:*", {"StringNotEquals": {"kms:CallerAccount": OLD}}),
    ],
    "an unknown operator": [grants({"StringResembles": {"kms:CallerAccount": NEW}})],
}


@pytest.mark.parametrize("policy", PASSING.values(), ids=PASSING)
def test_policies_that_admit(copy_in_new, policy):
    policy = [{k: v for k, v in s.items() if not (k == "Action" and "NotAction" in s)} for s in policy]
    copy_in_new(policy)


@pytest.mark.parametrize("policy", FAILING.values(), ids=FAILING)
def test_policies_that_refuse(copy_in_new, policy, refused):
    with refused("KMSKeyNotAccessibleFault", "The source snapshot KMS key"):
        copy_in_new(policy)


def test_a_role_can_be_named(copy_in_new, role_client, refused):
    copy_in_new([grants(principal={"AWS": NEW_ROLE})], role_client("rds"))


def test_principal_arn_condition(copy_in_new, role_client, refused):
    policy = [grants({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{NEW}:role/mig*"}}, {"AWS": "*"})]
    with refused("KMSKeyNotAccessibleFault"):
        copy_in_new(policy, role_client("rds", "other"))
    copy_in_new(policy, role_client("rds"))


def test_an_organization_is_the_one_that_the_setting_gives_the_callers_account(aws, new, copy_in_new, refused):
    policy = [grants({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})]
    for organizations in ({}, {NEW: "o-another000"}, {OLD: "o-a1b2c3d4e5"}):
        aws.settings(organizations=organizations)
        with refused("KMSKeyNotAccessibleFault"):
            copy_in_new(policy)
        aws.remove_snapshot(CLUSTER.arn("s"))
    aws.settings(organizations={NEW: "o-a1b2c3d4e5"})
    copy_in_new(policy)


# The caller's own half


def test_the_identity_policy_is_the_other_half(aws, copy_in_new, refused):
    rds_only = {"Statement": {"Effect": "Allow", "Action": "rds:*", "Resource": "*"}}
    aws.identity_policy(NEW, rds_only)
    with refused("KMSKeyNotAccessibleFault", "The source snapshot KMS key"):
        copy_in_new(statements())
    aws.identity_policy(
        NEW, {"Statement": [rds_only["Statement"], {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}
    )
    copy_in_new(statements())


def test_an_identity_policy_of_one_role(aws, new, role_client, copy_in_new, refused):
    no_grants = {"Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "kms:CreateGrant", "Resource": "*"},
    ]}  # fmt: skip
    aws.identity_policy(NEW, no_grants, role="migrator")
    with refused("KMSKeyNotAccessibleFault"):
        copy_in_new(statements(), role_client("rds"))
    copy_in_new(statements())
    aws.identity_policy(NEW, None, role="migrator")
    CLUSTER.delete(new.client("rds"), "t")
    copy_in_new(statements(), role_client("rds"))


def test_within_one_account_a_named_principal_needs_no_identity_policy(aws, new, role_client, refused):
    arn = aws.add_snapshot(NEW, REGION, "s")
    role = role_client("rds")
    aws.identity_policy(NEW, {"Statement": {"Effect": "Allow", "Action": "rds:*", "Resource": "*"}})
    by_root = aws.add_key(NEW, REGION)
    named = aws.add_key(NEW, REGION, policy={"Statement": [allow({"AWS": NEW_ROLE}, "kms:*")]})
    with refused("KMSKeyNotAccessibleFault", "The target KMS key"):
        CLUSTER.copy(role, arn, "t", KmsKeyId=by_root)
    CLUSTER.copy(role, arn, "t", KmsKeyId=named)


def test_across_accounts_a_named_principal_needs_its_identity_policy_too(aws, copy_in_new, role_client, refused):
    named, role = [grants(principal={"AWS": NEW_ROLE})], role_client("rds")
    target = aws.add_key(NEW, REGION, policy={"Statement": [allow({"AWS": NEW_ROLE}, "kms:*")]})
    rds_only = {"Effect": "Allow", "Action": "rds:*", "Resource": "*"}
    aws.identity_policy(NEW, {"Statement": rds_only})
    with refused("KMSKeyNotAccessibleFault", "The source snapshot KMS key"):
        copy_in_new(named, role, target)
    aws.identity_policy(NEW, {"Statement": [rds_only, {**rds_only, "Action": "kms:*"}]})
    copy_in_new(named, role, target)


# The target's key


def test_the_target_policy_of_the_design_passes(aws, copy_in_new):
    copy_in_new(statements(), target_key=aws.add_key(NEW, REGION, policy=target_key_policy(NEW)))


def test_the_service_principal_alone_admits_nobody(aws, copy_in_new, refused):
    service_only = {"Statement": target_key_policy(NEW)["Statement"][1:]}
    with refused("KMSKeyNotAccessibleFault", "The target KMS key"):
        copy_in_new(statements(), target_key=aws.add_key(NEW, REGION, policy=service_only))


def test_a_key_of_the_other_account_can_be_the_target(aws, rds, refused):
    closed = aws.add_key(NEW, REGION)
    open_to_old = aws.add_key(NEW, REGION, policy=source_key_policy(NEW, [OLD], REGION))
    aws.add_snapshot(OLD, REGION, "s")
    with refused("KMSKeyNotAccessibleFault", f"The target KMS key [{closed}]"):
        CLUSTER.copy(rds, "s", "t", KmsKeyId=closed)
    assert CLUSTER.copy(rds, "s", "t", KmsKeyId=open_to_old)["KmsKeyId"] == open_to_old


def test_a_new_key_can_take_time_to_be_usable(aws, old, rds, refused):
    aws.add_snapshot(OLD, REGION, "s")
    aws.settings(key_visible_seconds=60)
    kms = old.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    with refused("KMSKeyNotAccessibleFault"):
        CLUSTER.copy(rds, "s", "t", KmsKeyId=key)
    aws.advance(60)
    CLUSTER.copy(rds, "s", "t", KmsKeyId=key)
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(target_key_policy(OLD)))
    with refused("KMSKeyNotAccessibleFault"):
        CLUSTER.copy(rds, "s", "u", KmsKeyId=key)


# KMS itself


def test_aws_rds_belongs_to_aws_and_to_each_account_and_region(aws, old, new):
    def key(account, region=REGION):
        return account.client("kms", region).describe_key(KeyId="alias/aws/rds")["KeyMetadata"]

    assert key(old)["KeyManager"] == "AWS"
    assert key(old)["Arn"] == key(old)["Arn"]
    assert len({k["Arn"] for k in (key(old), key(new), key(old, OTHER_REGION))}) == 3
    assert old.client("kms").create_key()["KeyMetadata"]["KeyManager"] == "CUSTOMER"
    aliases = [a["AliasName"] for a in old.client("kms").list_aliases()["Aliases"]]
    assert aliases.count("alias/aws/rds") == 1


def test_aws_rds_cannot_be_changed(aws, old, refused):
    kms = old.client("kms")
    key = kms.describe_key(KeyId="alias/aws/rds")["KeyMetadata"]["KeyId"]
    assert "kms:CallerAccount" in kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    with refused("AccessDeniedException"):
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy="{}")
    with refused("AccessDeniedException"):
        kms.schedule_key_deletion(KeyId=key)


def test_describe_key_across_accounts(aws, new, refused):
    closed = aws.add_key(OLD, REGION)
    opened = aws.add_key(OLD, REGION, alias="alias/open", policy={"Statement": [
        allow(OLD_ROOT, "kms:*"), allow(NEW_ROOT, "kms:DescribeKey")]})  # fmt: skip
    via_rds = aws.add_key(OLD, REGION, policy=source_key_policy(OLD, [NEW], REGION))
    kms = new.client("kms")
    for key in (opened, f"arn:aws:kms:{REGION}:{OLD}:alias/open"):
        assert kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"] == opened
    # A ViaService condition closes direct calls though RDS would pass.
    for key in (closed, via_rds, f"arn:aws:kms:{REGION}:{OLD}:key/00000000-0000-0000-0000-000000000000"):
        with refused(
            "AccessDeniedException", "is not authorized to perform: kms:DescribeKey on resource: arn:"
        ):
            kms.describe_key(KeyId=key)


def test_get_key_policy_is_the_owners(aws, old, new, refused):
    key = aws.add_key(OLD, REGION, policy={"Statement": [allow("*", "kms:*")]})
    assert json.loads(old.client("kms").get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    with refused("AccessDeniedException"):
        new.client("kms").get_key_policy(KeyId=key, PolicyName="default")


# Grants


def grant(client, key, grantee, operations, **more):
    return client.create_grant(KeyId=key, GranteePrincipal=grantee, Operations=operations, **more)["GrantId"]


READING = ["DescribeKey", "Decrypt", "ReEncryptFrom", "CreateGrant"]


def test_a_grant_admits_where_no_policy_does(aws, old, new, copy_in_new, role_client, refused):
    closed = aws.add_key(OLD, REGION)
    arn = aws.add_snapshot(OLD, REGION, "granted", kms_key_id=closed)
    aws.change_snapshot(arn, shared_with=[NEW])
    target, kms = aws.add_key(NEW, REGION), old.client("kms")
    partly = grant(kms, closed, NEW_ROLE, READING[:3])
    with refused("KMSKeyNotAccessibleFault"):
        CLUSTER.copy(role_client("rds"), arn, "t", KmsKeyId=target)
    kms.revoke_grant(KeyId=closed, GrantId=partly)
    grant(kms, closed, NEW_ROLE, READING)
    with refused("KMSKeyNotAccessibleFault"):
        CLUSTER.copy(new.client("rds"), arn, "t", KmsKeyId=target)  # another principal
    CLUSTER.copy(role_client("rds"), arn, "t", KmsKeyId=target)


def test_a_grant_overrules_no_denial_and_a_context_is_never_met(aws, old, new, refused):
    policy = {
        "Statement": [allow(OLD_ROOT, "kms:*"), deny("*", "kms:Decrypt", {"StringEquals": {"kms:CallerAccount": NEW}})]
    }
    denied, bound = aws.add_key(OLD, REGION, policy=policy), aws.add_key(OLD, REGION)
    grant(old.client("kms"), denied, f"arn:aws:iam::{NEW}:root", READING)
    context = {"EncryptionContextSubset": {"aws:rds:dbc-id": "x"}}
    grant(old.client("kms"), bound, f"arn:aws:iam::{NEW}:root", READING, Constraints=context)
    for name, key in (("denied", denied), ("bound", bound)):
        arn = aws.add_snapshot(OLD, REGION, name, kms_key_id=key)
        aws.change_snapshot(arn, shared_with=[NEW])
        with refused("KMSKeyNotAccessibleFault"):
            CLUSTER.copy(new.client("rds"), arn, "t", KmsKeyId=aws.add_key(NEW, REGION))


def test_grants_come_in_pages(aws, old, new, refused):
    key, kms = aws.add_key(OLD, REGION), old.client("kms")
    made = [grant(kms, key, f"arn:aws:iam::{OLD}:role/r{i}", ["Decrypt"], Name=f"g{i}") for i in range(5)]
    first = kms.list_grants(KeyId=key, Limit=2)
    assert first["Truncated"] and [g["GrantId"] for g in first["Grants"]] == made[:2]
    assert first["Grants"][0]["KeyId"] == key and first["Grants"][0]["Operations"] == ["Decrypt"]
    aws.settings(page_size=2)
    pages = list(kms.get_paginator("list_grants").paginate(KeyId=key))
    assert [len(p["Grants"]) for p in pages] == [2, 2, 1]
    assert [g["GrantId"] for p in pages for g in p["Grants"]] == made
    (one,) = kms.list_grants(KeyId=key, GranteePrincipal=f"arn:aws:iam::{OLD}:role/r3")["Grants"]
    assert one["Name"] == "g3"
    (one,) = kms.list_grants(KeyId=key, GrantId=made[4])["Grants"]
    assert one["GrantId"] == made[4]
    with refused("InvalidMarkerException"):
        kms.list_grants(KeyId=key, Marker="x")
    with refused("ValidationException"):
        kms.list_grants(KeyId=key, Limit=101)
    with refused("AccessDeniedException"):
        new.client("kms").list_grants(KeyId=key)


def test_grants_can_be_listed_from_where_the_policy_admits(aws, old, new):
    key = aws.add_key(OLD, REGION, policy={"Statement": [allow(OLD_ROOT, "kms:*"), allow(NEW_ROOT, "kms:ListGrants")]})
    grant(old.client("kms"), key, NEW_ROLE, ["Decrypt"])
    (one,) = new.client("kms").list_grants(KeyId=key)["Grants"]
    assert one["GranteePrincipal"] == NEW_ROLE


def test_the_policy_told_is_the_policy_set(aws, old):
    kms = old.client("kms")
    policy = source_key_policy(OLD, [NEW], REGION)
    key = aws.add_key(OLD, REGION, policy=policy)
    assert json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]) == policy
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(target_key_policy(OLD)))
    assert json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]) == target_key_policy(OLD)
    plain = kms.create_key()["KeyMetadata"]["Arn"]
    (root,) = json.loads(kms.get_key_policy(KeyId=plain, PolicyName="default")["Policy"])["Statement"]
    assert root["Principal"] == OLD_ROOT and root["Action"] == "kms:*"


# The key's own policy


def test_a_key_policy_binds_its_own_account_too(aws, old, refused):
    key = aws.add_key(
        OLD, REGION, policy={"Statement": [allow(OLD_ROOT, "kms:*"), deny("*", "kms:DescribeKey")]}
    )
    with refused("AccessDeniedException", "with an explicit deny in a resource-based policy"):
        old.client("kms").describe_key(KeyId=key)
    # A deny for someone else is none for the owner; moto alone would refuse here.
    key = aws.add_key(OLD, REGION, policy={"Statement": [
        allow(OLD_ROOT, "kms:*"), deny(NEW_ROOT, ["kms:DescribeKey"])]})  # fmt: skip
    old.client("kms").describe_key(KeyId=key)


def test_missing_keys_and_wrong_regions(aws, old, refused):
    kms = old.client("kms")
    with refused("NotFoundException"):
        kms.describe_key(KeyId="00000000-0000-0000-0000-000000000000")
    with refused("NotFoundException"):
        kms.describe_key(KeyId=aws.add_key(OLD, OTHER_REGION))


def test_the_calls_of_aws_kms_key(old):
    """What hashicorp/aws makes for aws_kms_key and aws_kms_alias."""
    kms = old.client("kms")
    key = kms.create_key(Description="d", Tags=[{"TagKey": "a", "TagValue": "1"}])["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=key)
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True
    assert kms.list_resource_tags(KeyId=key)["Tags"] == [{"TagKey": "a", "TagValue": "1"}]
    kms.create_alias(AliasName="alias/x", TargetKeyId=key)
    kms.update_alias(AliasName="alias/x", TargetKeyId=key)
    assert kms.describe_key(KeyId="alias/x")["KeyMetadata"]["KeyId"] == key
    kms.delete_alias(AliasName="alias/x")
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"
