# SPDX-License-Identifier: MPL-2.0
"""Requests of every operation with random arguments, beside botocore's serialisers and signer."""

import json
import random
import re
import string
from urllib.parse import parse_qsl, urlsplit

import botocore.session
import pytest
from botocore.serialize import create_serializer

from .test_sigv4 import botocore_stages, text

ROUNDS = 20
REGION = "eu-west-1"
KEY = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "a/session+token==", REGION)
NAME = string.ascii_letters + string.digits + "-"
ACCOUNT = string.digits


def name(rng):
    return "na" + text(rng, 20, NAME)


def arn(rng):
    return f"arn:aws:rds:{REGION}:123456789012:cluster-snapshot:{name(rng)}"


def texts(rng, longest, alphabet=None):
    return [text(rng, 12, alphabet) if alphabet else "t" + text(rng, 12) for _ in range(rng.randrange(longest))]


def tags(rng):
    keys = dict.fromkeys(key.replace("=", "") for key in texts(rng, 4))
    return [(key, text(rng, 10)) for key in keys]


# Each gives our arguments and botocore's parameters for the same call.


def copy(kind):
    source, target = f"Source{kind}Identifier", f"Target{kind}Identifier"

    def make(rng):
        ours = [("source", rng.choice([name(rng), arn(rng)])), ("target", name(rng))]
        theirs = {source: ours[0][1], target: ours[1][1]}
        if rng.random() < 0.5:
            theirs["KmsKeyId"] = "alias/" + text(rng, 9, NAME)
            ours.append(("kms_key_id", theirs["KmsKeyId"]))
        if pairs := tags(rng):
            ours += [("tag", f"{key}={value}") for key, value in pairs]
            theirs["Tags"] = [{"Key": key, "Value": value} for key, value in pairs]
        if kind == "DBSnapshot" and rng.random() < 0.5:
            ours += [("option_group_name", "og-1"), ("copy_option_group", "true")]
            ours.append(("target_custom_availability_zone", "az-1"))
            theirs |= {"OptionGroupName": "og-1", "CopyOptionGroup": True, "TargetCustomAvailabilityZone": "az-1"}
        return ours, theirs

    return make


def describe(kind):
    def make(rng):
        identifier = rng.choice([name(rng), arn(rng)])
        shared = {"IncludeShared": True} if identifier.startswith("arn:") else {}
        return [("id", identifier)], {f"{kind}Identifier": identifier, **shared}

    return make


def identified(kind):
    def make(rng):
        identifier = name(rng)
        return [("id", identifier)], {f"{kind}Identifier": identifier}

    return make


def modify(kind):
    def make(rng):
        identifier, add, remove = name(rng), texts(rng, 4, ACCOUNT), texts(rng, 4, ACCOUNT)
        ours = [("id", identifier), *(("add", it) for it in add), *(("remove", it) for it in remove)]
        theirs = {f"{kind}Identifier": identifier, "AttributeName": "restore"}
        return ours, theirs | {k: v for k, v in {"ValuesToAdd": add, "ValuesToRemove": remove}.items() if v}

    return make


def add_tags(rng):
    pairs = tags(rng) or [("k", "")]
    theirs = [{"Key": key, "Value": value} for key, value in pairs]
    resource = arn(rng)
    ours = [("arn", resource), *(("tag", f"{key}={value}") for key, value in pairs)]
    return ours, {"ResourceName": resource, "Tags": theirs}


def remove_tags(rng):
    resource, keys = arn(rng), texts(rng, 4) or ["k"]
    return [("arn", resource), *(("key", key) for key in keys)], {"ResourceName": resource, "TagKeys": keys}


def list_tags(rng):
    resource = arn(rng)
    return [("arn", resource)], {"ResourceName": resource}


def events(rng):
    kind = rng.choice(["cluster", "instance"])
    source = {"cluster": "db-cluster-snapshot", "instance": "db-snapshot"}[kind]
    identifier = name(rng)
    return (
        [("kind", kind), ("id", identifier)],
        {"SourceIdentifier": identifier, "SourceType": source, "Duration": 14 * 24 * 60},
    )


def nothing(_rng):
    return [], {}


def describe_key(rng):
    key = rng.choice(["alias/é" + text(rng, 9), arn(rng), 'quote"back\\slash\u0001'])
    return [("key", key)], {"KeyId": key}


def key_policy(rng):
    ours, theirs = describe_key(rng)
    return ours, {**theirs, "PolicyName": "default"}


def key_grants(rng):
    ours, theirs = describe_key(rng)
    return ours, {**theirs, "Limit": 100}


def assume_role(rng):
    role, session = "arn:aws:iam::123456789012:role/" + name(rng), name(rng)
    ours, theirs = [("role_arn", role), ("session_name", session)], {"RoleArn": role, "RoleSessionName": session}
    optional = {"external_id": "ExternalId", "policy": "Policy", "source_identity": "SourceIdentity"}
    for ours_name, theirs_name in optional.items():
        if rng.random() < 0.5:
            theirs[theirs_name] = "vv" + text(rng, 30)
            ours.append((ours_name, theirs[theirs_name]))
    if rng.random() < 0.5:
        theirs["DurationSeconds"] = rng.randrange(900, 43200)
        ours.append(("duration_seconds", theirs["DurationSeconds"]))
    if arns := ["arn:aws:iam::aws:policy/" + it for it in texts(rng, 3)]:
        ours += [("policy_arn", it) for it in arns]
        theirs["PolicyArns"] = [{"arn": it} for it in arns]
    if pairs := tags(rng):
        ours += [("tag", f"{key}={value}") for key, value in pairs]
        theirs["Tags"] = [{"Key": key, "Value": value} for key, value in pairs]
        ours.append(("transitive_tag_key", pairs[0][0]))
        theirs["TransitiveTagKeys"] = [pairs[0][0]]
    return ours, theirs


def web_identity(rng):
    role, session, token = "arn:aws:iam::123456789012:role/" + name(rng), name(rng), "eyJ." + text(rng, 50, NAME)
    ours = [("role_arn", role), ("session_name", session), ("web_identity_token", token)]
    return ours, {"RoleArn": role, "RoleSessionName": session, "WebIdentityToken": token}


CLUSTER, INSTANCE = "DBClusterSnapshot", "DBSnapshot"
OPERATIONS = [
    ("rds", "CopyDBClusterSnapshot", copy(CLUSTER)),
    ("rds", "CopyDBSnapshot", copy(INSTANCE)),
    ("rds", "DescribeDBClusterSnapshots", describe(CLUSTER)),
    ("rds", "DescribeDBSnapshots", describe(INSTANCE)),
    ("rds", "DeleteDBClusterSnapshot", identified(CLUSTER)),
    ("rds", "DeleteDBSnapshot", identified(INSTANCE)),
    ("rds", "DescribeDBClusterSnapshotAttributes", identified(CLUSTER)),
    ("rds", "DescribeDBSnapshotAttributes", identified(INSTANCE)),
    ("rds", "ModifyDBClusterSnapshotAttribute", modify(CLUSTER)),
    ("rds", "ModifyDBSnapshotAttribute", modify(INSTANCE)),
    ("rds", "ListTagsForResource", list_tags),
    ("rds", "AddTagsToResource", add_tags),
    ("rds", "RemoveTagsFromResource", remove_tags),
    ("rds", "DescribeEvents", events),
    ("rds", "DescribeAccountAttributes", nothing),
    ("kms", "DescribeKey", describe_key),
    ("kms", "GetKeyPolicy", key_policy),
    ("kms", "ListGrants", key_grants),
    ("sts", "GetCallerIdentity", nothing),
    ("sts", "AssumeRole", assume_role),
    ("sts", "AssumeRoleWithWebIdentity", web_identity),
]
UNSIGNED = {"AssumeRoleWithWebIdentity"}
ADDED_LATER = {"user-agent", "amz-sdk-invocation-id", "amz-sdk-request", "authorization", "x-amz-date"}
SESSION = botocore.session.Session()


def serialised(service, operation, parameters):
    model = SESSION.get_service_model(service)
    serializer = create_serializer("json" if service == "kms" else "query")
    return serializer.serialize_to_request(parameters, model.operation_model(operation))


def parameters_of(body):
    assert re.fullmatch(r"([A-Za-z0-9_.~=&-]|%[0-9A-F]{2})*", body.decode()), "not encoded as AWS wants it"
    return sorted(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True))


@pytest.mark.parametrize("seed", range(ROUNDS))
@pytest.mark.parametrize(("service", "operation", "make"), OPERATIONS, ids=[row[1] for row in OPERATIONS])
def test_requests_agree(oracle, service, operation, make, seed):
    rng = random.Random(f"{operation} {seed}")
    ours, theirs = make(rng)
    wall_ms = rng.randrange(2 * 10**12)
    url, body, headers = oracle.call(operation, ours, wall_ms)
    expected = serialised(service, operation, theirs)

    assert urlsplit(url).netloc == f"{service}.{REGION}.amazonaws.com"
    if service == "kms":
        assert json.loads(body) == json.loads(expected["body"])
    else:
        assert parameters_of(body) == sorted((key, str(value)) for key, value in expected["body"].items())
    sent = {key.lower(): value for key, value in headers}
    for key, value in expected["headers"].items():
        assert sent[key.lower()] == value
    check_signature(operation, url, body, headers, (*KEY, service), wall_ms)


def check_signature(operation, url, body, headers, key, wall_ms):
    sent = {key.lower(): value for key, value in headers}
    if operation in UNSIGNED:
        assert "authorization" not in sent and "x-amz-security-token" not in sent
        return
    signed = [(key, value) for key, value in headers if key.lower() not in ADDED_LATER | {"x-amz-security-token"}]
    request = {"method": "POST", "url": url, "body": body, "headers": signed}
    assert sent["authorization"] == botocore_stages(request, key, wall_ms)[3]
