# SPDX-License-Identifier: MPL-2.0
"""Who calls: accounts, STS, signatures on the raw bytes, clocks, expiry."""

import base64
import json
from datetime import datetime, timezone

import pytest
from botocore import UNSIGNED
from botocore.config import Config

from . import raw
from .names import BOTH, CLUSTER, NEW, OLD, REGION

ROLE = f"arn:aws:iam::{NEW}:role/path/migrator"


def with_keys(aws, credentials, service="sts", **options):
    return aws.client(
        service,
        REGION,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
        **options,
    )


@pytest.fixture
def session(old):
    return old.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="me")["Credentials"]


def token_of(subject):
    parts = ({"alg": "none"}, {"sub": subject})
    encoded = [base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts]
    return ".".join([*encoded, "signature"])


# Identities


def test_each_account_is_itself(old, new):
    for account in (old, new):
        who = account.client("sts").get_caller_identity()
        assert (who["Account"], who["Arn"]) == (account.id, f"arn:aws:iam::{account.id}:user/administrator")


def test_a_role_of_another_account(aws, session):
    who = with_keys(aws, session).get_caller_identity()
    assert (who["Account"], who["Arn"]) == (NEW, f"arn:aws:sts::{NEW}:assumed-role/migrator/me")
    CLUSTER.add(aws, "s", account=NEW)
    assert CLUSTER.describe(with_keys(aws, session, "rds"), "s")


def test_keys_made_by_iam(aws, old):
    iam = old.client("iam", "us-east-1")
    iam.create_user(UserName="ci")
    key = iam.create_access_key(UserName="ci")["AccessKey"]
    sts = aws.client(
        "sts", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"]
    )
    assert sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{OLD}:user/ci"


def test_durations(old, aws, session, refused):
    sts = old.client("sts", config=Config(parameter_validation=False, retries={"total_max_attempts": 1}))
    made = sts.assume_role(RoleArn=ROLE, RoleSessionName="me", DurationSeconds=900)["Credentials"]
    left = (made["Expiration"] - datetime.now(timezone.utc)).total_seconds()
    assert 880 < left <= 900
    for seconds in (899, 43201):
        with refused("ValidationError"):
            raw_assume(sts, DurationSeconds=seconds)
    with refused("ValidationError"):  # a role that assumes a role: one hour at most
        raw_assume(with_keys(aws, session), DurationSeconds=3601)


def raw_assume(sts, **options):
    return sts.assume_role(**{"RoleArn": ROLE, "RoleSessionName": "me", **options})


@pytest.mark.parametrize(
    "bad", [{"RoleArn": "arn:aws:iam::1:role/no-such-account"}, {"RoleSessionName": "a b"}]
)
def test_bad_role_and_session_names(old, bad, refused):
    with refused("ValidationError"):
        raw_assume(old.client("sts"), **bad)


def test_assuming_can_be_denied(aws, old, refused):
    aws.identity_policy(OLD, {"Statement": {"Effect": "Allow", "Action": "rds:*", "Resource": "*"}})
    with refused("AccessDenied", "is not authorized to perform: sts:AssumeRole on resource: " + ROLE, 403):
        raw_assume(old.client("sts"))
    assert old.client("sts").get_caller_identity()["Account"] == OLD  # never needs a permission


def test_web_identity_is_unsigned(aws, refused):
    sts = aws.client("sts", config=Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1}))
    made = sts.assume_role_with_web_identity(
        RoleArn=ROLE, RoleSessionName="ci", WebIdentityToken=token_of("me")
    )
    assert made["SubjectFromWebIdentityToken"] == "me"
    who = with_keys(aws, made["Credentials"]).get_caller_identity()
    assert who["Arn"] == f"arn:aws:sts::{NEW}:assumed-role/migrator/ci"
    call = aws.calls("AssumeRoleWithWebIdentity")[0]
    assert (call["signature"], call["parameters"]["WebIdentityToken"]) == ("unsigned", "***")
    for broken in ("no-token", "a.b.c"):
        with refused("InvalidIdentityToken"):
            sts.assume_role_with_web_identity(RoleArn=ROLE, RoleSessionName="ci", WebIdentityToken=broken)


# Identity policies for RDS


def test_tags_on_a_copy_are_an_action_of_their_own(aws, rds, refused):
    aws.add_snapshot(OLD, REGION, "s", encrypted=False)
    aws.identity_policy(OLD, {"Statement": {"Effect": "Allow", "Action": "rds:Copy*", "Resource": "*"}})
    with refused("AccessDenied", "rds:AddTagsToResource on resource: arn:aws:rds"):
        CLUSTER.copy(rds, "s", "t", Tags=[{"Key": "a", "Value": "1"}])
    CLUSTER.copy(rds, "s", "t")


@pytest.mark.parametrize("kind", BOTH, ids=lambda kind: kind.name)
def test_a_final_snapshot_is_an_action_of_its_own(aws, rds, kind, refused):
    """On the database, and on the snapshot."""
    noun = "cluster" if kind is CLUSTER else "db"
    action = "rds:CreateDBClusterSnapshot" if kind is CLUSTER else "rds:CreateDBSnapshot"
    delete = rds.delete_db_cluster if kind is CLUSTER else rds.delete_db_instance
    identifier = {f"{kind.database}Identifier": "db"}
    kind.add_database(aws, "db")
    delete_it = {"Effect": "Allow", "Action": "rds:Delete*", "Resource": "*"}
    resources = [f"arn:aws:rds:{REGION}:{OLD}:{noun}:db", kind.arn("last")]
    for allowed, missing in ((resources[1:], resources[0]), (resources[:1], resources[1])):
        statement = {"Effect": "Allow", "Action": action, "Resource": allowed}
        aws.identity_policy(OLD, {"Statement": [delete_it, statement]})
        with refused("AccessDenied", f"{action} on resource: {missing}"):
            delete(**identifier, FinalDBSnapshotIdentifier="last")
    aws.identity_policy(OLD, {"Statement": [delete_it]})
    delete(**identifier, SkipFinalSnapshot=True)


def test_tags_on_what_is_made_are_an_action_of_their_own(aws, old, refused):
    aws.add_cluster(OLD, REGION, "c", kms_key_id=None)
    rds, kms = old.client("rds", REGION), old.client("kms", REGION)
    allowed = ["rds:CreateDBClusterSnapshot", "kms:CreateKey"]
    aws.identity_policy(OLD, {"Statement": {"Effect": "Allow", "Action": allowed, "Resource": "*"}})
    tags = [{"Key": "a", "Value": "1"}]
    with refused("AccessDenied", f"rds:AddTagsToResource on resource: arn:aws:rds:{REGION}:{OLD}:cluster-snapshot:s"):
        rds.create_db_cluster_snapshot(DBClusterIdentifier="c", DBClusterSnapshotIdentifier="s", Tags=tags)
    rds.create_db_cluster_snapshot(DBClusterIdentifier="c", DBClusterSnapshotIdentifier="s")
    with refused("AccessDeniedException", "kms:TagResource"):
        kms.create_key(Tags=[{"TagKey": "a", "TagValue": "1"}])
    kms.create_key()


def test_resources_of_an_identity_policy(aws, rds, refused):
    CLUSTER.add(aws, "mine-1"), CLUSTER.add(aws, "theirs-1")
    mine = CLUSTER.arn("mine-*")
    aws.identity_policy(OLD, {"Statement": [
        {"Effect": "Allow", "Action": "rds:Describe*", "Resource": "*"},
        {"Effect": "Allow", "Action": ["rds:Copy*", "rds:Delete*"], "Resource": mine},
        {"Effect": "Allow", "Action": "kms:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "rds:*", "Resource": CLUSTER.arn("mine-9")},
    ]})  # fmt: skip
    CLUSTER.copy(rds, "mine-1", "mine-2")
    for source, target in (("theirs-1", "mine-3"), ("mine-1", "theirs-3")):
        with refused(
            "AccessDenied", "because no identity-based policy allows the rds:CopyDBClusterSnapshot", 403
        ):
            CLUSTER.copy(rds, source, target)
    with refused("AccessDenied", "with an explicit deny in an identity-based policy"):
        CLUSTER.copy(rds, "mine-1", "mine-9")


def test_a_role_is_named_without_its_path(aws, session, refused):
    deny = {"Statement": {"Effect": "Deny", "Action": "rds:*", "Resource": "*"}}
    aws.identity_policy(NEW, deny, role="migrator")
    with refused("AccessDenied"):
        CLUSTER.describe(with_keys(aws, session, "rds"))


def test_requested_region(aws, old, refused):
    condition = {"StringEquals": {"aws:RequestedRegion": REGION}}
    aws.identity_policy(
        OLD, {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}}
    )
    CLUSTER.describe(old.client("rds"))
    with refused("AccessDenied"):
        CLUSTER.describe(old.client("rds", "eu-west-1"))


def test_user_policies(aws, rds, refused):
    nothing = {"Statement": {"Effect": "Deny", "Action": "rds:*", "Resource": "*"}}
    aws.identity_policy(OLD, nothing, user="somebody-else")
    CLUSTER.describe(rds)
    aws.identity_policy(OLD, nothing, user="administrator")
    with refused("AccessDenied"):
        CLUSTER.describe(rds)


# Signatures


def error_in(answer):
    status, body, _ = answer
    return status, body.partition("<Code>")[2].partition("</Code>")[0]


def test_any_correct_encoding_of_the_form_verifies(aws, old):
    """moto refuses %20 and lower-case hex; our client sends %20."""
    aws.add_snapshot(OLD, REGION, "s")
    head = "Action=CopyDBClusterSnapshot&Version=2014-10-31&SourceDBClusterSnapshotIdentifier="
    for n, (source, space) in enumerate([("arn%3Aaws", "%20"), ("arn%3aaws", "+"), ("arn:aws", "%20")]):
        rest = f":rds:{REGION}:{OLD}:cluster-snapshot:s&TargetDBClusterSnapshotIdentifier=t{n}"
        body = f"{head}{source}{rest}&Tags.Tag.1.Key=k&Tags.Tag.1.Value=a{space}b"
        assert raw.post(raw.connect(aws), body, raw.signed(aws, old, body, "rds"))[0] == 200
        assert aws.snapshot(CLUSTER.arn(f"t{n}"))["tags"] == {"k": "a b"}


def test_wrong_secret_and_changed_body(aws, old):
    headers = raw.signed(aws, old, raw.IDENTITY, secret="wrong")
    assert error_in(raw.post(raw.connect(aws), raw.IDENTITY, headers)) == (403, "SignatureDoesNotMatch")
    headers = raw.signed(aws, old, raw.IDENTITY)
    assert error_in(raw.post(raw.connect(aws), raw.IDENTITY + "&x=1", headers)) == (
        403,
        "SignatureDoesNotMatch",
    )
    assert [c["signature"] for c in aws.calls()] == ["SignatureDoesNotMatch"] * 2


def test_a_false_content_hash_is_no_way_around(aws, old):
    headers = raw.signed(aws, old, raw.IDENTITY)
    headers["X-Amz-Content-SHA256"] = "0" * 64
    assert error_in(raw.post(raw.connect(aws), raw.IDENTITY, headers)) == (403, "SignatureDoesNotMatch")


def test_unknown_key_wrong_token_and_no_signature(aws, old):
    class Stranger:
        access_key, secret_key = "AKIAAAAAAAAAAAAAAAAA", "secret"

    def answer(headers):
        return error_in(raw.post(raw.connect(aws), raw.IDENTITY, headers))

    assert answer(raw.signed(aws, Stranger, raw.IDENTITY)) == (403, "InvalidClientTokenId")
    assert answer(raw.signed(aws, old, raw.IDENTITY, token="made-up")) == (403, "InvalidClientTokenId")
    assert answer({"Content-Type": raw.FORM}) == (403, "MissingAuthenticationToken")
    assert answer({"Authorization": "AWS4-HMAC-SHA256 nonsense"}) == (403, "IncompleteSignature")


@pytest.mark.parametrize("skew, text", [(-301, "Signature expired: "), (301, "Signature not yet current: ")])
def test_clock_skew(aws, old, skew, text):
    def post(seconds):
        headers = raw.signed(aws, old, raw.IDENTITY, skew_seconds=seconds)
        return raw.post(raw.connect(aws), raw.IDENTITY, headers)

    answer = post(skew)
    assert error_in(answer) == (403, "SignatureDoesNotMatch") and text in answer[1]
    assert post(skew * 0.9)[0] == 200
    aws.settings(clock_offset_seconds=skew)
    assert post(0)[0] == 403
    assert post(skew)[0] == 200


def test_kms_has_names_of_its_own(aws, old, refused):
    stranger = {"aws_access_key_id": "AKIAAAAAAAAAAAAAAAAA", "aws_secret_access_key": "secret"}
    with refused("UnrecognizedClientException", status=400):
        aws.client("kms", **stranger).list_keys()
    with refused("InvalidSignatureException"):
        old.client("kms", aws_secret_access_key="wrong").list_keys()
    aws.settings(clock_offset_seconds=600)
    with refused("InvalidSignatureException", "Signature expired"):
        old.client("kms").list_keys()


# Expiry


def test_credentials_expire(aws, old, session, refused):
    rds, kms = with_keys(aws, session, "rds"), with_keys(aws, session, "kms")
    rds.describe_db_clusters()
    aws.settings(clock_offset_seconds=3600)
    with refused("SignatureDoesNotMatch"):  # the skew comes first
        rds.describe_db_clusters()
    aws.settings(clock_offset_seconds=0)
    assert aws.expire_credentials(OLD) == 0
    assert aws.expire_credentials() == 1
    with refused("ExpiredToken", "expired", 403):
        rds.describe_db_clusters()
    with refused("ExpiredTokenException", status=400):
        kms.list_keys()
    old.client("rds").describe_db_clusters()  # key pairs do not expire


def test_sessions_can_be_made_short(aws, old):
    aws.settings(session_seconds=30)
    made = old.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="me", DurationSeconds=900)["Credentials"]
    assert 25 < (made["Expiration"] - datetime.now(timezone.utc)).total_seconds() <= 31
    assert with_keys(aws, made).get_caller_identity()["Account"] == NEW
    aws.settings(clock_offset_seconds=40)
    with pytest.raises(Exception, match="ExpiredToken"):
        with_keys(aws, made).get_caller_identity()


def test_wall_time_ends_a_session(aws, old, session):
    body = raw.IDENTITY

    class Session:
        access_key, secret_key = session["AccessKeyId"], session["SecretAccessKey"]

    aws.settings(clock_offset_seconds=3599)
    headers = raw.signed(aws, Session, body, skew_seconds=3599, token=session["SessionToken"])
    assert raw.post(raw.connect(aws), body, headers)[0] == 200
    aws.settings(clock_offset_seconds=3601)
    assert error_in(raw.post(raw.connect(aws), body, headers)) == (403, "ExpiredToken")


def test_what_was_given_out_is_told_to_tests(aws, old):
    given = old.client("sts").assume_role(RoleArn=f"arn:aws:iam::{OLD}:role/r", RoleSessionName="name")
    secrets = aws.secrets()
    assert old.secret_key in secrets
    assert {given["Credentials"]["SecretAccessKey"], given["Credentials"]["SessionToken"]} <= set(secrets)
