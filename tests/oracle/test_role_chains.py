# SPDX-License-Identifier: MPL-2.0
"""Random graphs of profiles, resolved by us and by botocore: the same calls to STS, with the same keys."""

import os
from unittest import mock

import botocore.credentials
import botocore.exceptions
import botocore.session
import pytest
from botocore.configprovider import ConfiguredEndpointProvider
from hypothesis import given
from hypothesis import strategies as st

from .conftest import World
from .worlds import (
    ANSWERS,
    CONFIG,
    CONTAINER_URL,
    CREDENTIALS,
    OTHER_CONTAINER_URL,
    SSO,
    SSO_KEYS,
    SSO_ROLE,
    SSO_TOKEN,
    TOKEN_FILE,
    TOKEN_FILES,
    compared,
    document,
    examples,
    files_on_disk,
    role_graph,
    role_of,
    written,
)

HOME, ALONE = {"HOME": "/h"}, {"AWS_EC2_METADATA_DISABLED": "true"}
KEYS_A = {"aws_access_key_id": "AKIAA", "aws_secret_access_key": "secret-a"}
ENDS_IN_A = {"role_arn": role_of("p"), "source_profile": "a"}
# What we resolve as aws-sdk-go-v2 does, and botocore does not: name, profiles, the roles that we assume for "p" in
# their order (None: an error), botocore's.
DIFFERENCES = [
    ("a source profile with keys and a role assumes its role",
     {"p": ENDS_IN_A, "a": KEYS_A | {"role_arn": role_of("a"), "source_profile": "a"}}, ["a", "p"], ["p"]),
    ("a role beside keys is assumed with them",
     {"p": KEYS_A | {"role_arn": role_of("p")}}, ["p"], None),
    ("a loop may end in a profile with keys",
     {"p": KEYS_A | ENDS_IN_A, "a": {"role_arn": role_of("a"), "source_profile": "p"}}, ["a", "p"], None),
    ("a source_profile needs a role",
     {"p": {"source_profile": "a"} | KEYS_A, "a": KEYS_A}, None, []),
    ("a profile says one thing only",
     {"p": ENDS_IN_A | {"credential_process": "false"}, "a": KEYS_A}, None, ["p"]),
]  # fmt: skip


class Sts:
    """botocore's client of STS, which gives numbered keys and notes the calls."""

    def __init__(self, refusals):
        self.calls, self.given, self.refusals = [], 0, refusals

    def create(self, _service, **options):
        return _Client(self, options)


class Metadata:
    """botocore's way to EC2 metadata."""

    def __init__(self, **_options):
        pass

    def retrieve_iam_role_credentials(self):
        if os.environ.get("AWS_EC2_METADATA_DISABLED") == "true":
            return {}
        found = document("imds")
        return {
            "role_name": "machine",
            "access_key": found["AccessKeyId"],
            "secret_key": found["SecretAccessKey"],
            "token": found["Token"],
            "expiry_time": found["Expiration"],
        }


class Container:
    """botocore's way to a container's endpoint."""

    def full_url(self, relative):
        return "http://169.254.170.2" + relative

    def retrieve_full_uri(self, url, headers=None):
        for known, mark in ((CONTAINER_URL, "ecs"), (OTHER_CONTAINER_URL, "eks")):
            if url == known:
                return document(mark)
        raise botocore.exceptions.MetadataRetrievalError(error_msg="not allowed")


class _Client:
    def __init__(self, sts, options):
        self.sts, self.options = sts, options

    def get_role_credentials(self, **_arguments):
        return {"roleCredentials": SSO_KEYS | {"expiration": 4070908800000}}

    def assume_role(self, **arguments):
        who = {"with": self.options["aws_access_key_id"], "token": self.options.get("aws_session_token")}
        return self._answer("AssumeRole", arguments, who)

    def assume_role_with_web_identity(self, **arguments):
        return self._answer("AssumeRoleWithWebIdentity", arguments, {})

    def _answer(self, name, arguments, who):
        parts = who | {
            "role_arn": arguments["RoleArn"],
            "session_name": arguments["RoleSessionName"],
            "external_id": arguments.get("ExternalId"),
            "web_identity_token": arguments.get("WebIdentityToken"),
            "duration_seconds": arguments.get("DurationSeconds"),
        }
        self.sts.calls.append((name, {key: str(value) for key, value in parts.items() if value}))
        if code := self.sts.refusals.get(arguments["RoleArn"]):
            raise botocore.exceptions.ClientError({"Error": {"Code": code, "Message": "no"}}, name)
        self.sts.given += 1
        made = {"AccessKeyId": "ASIA", "SecretAccessKey": "secret", "SessionToken": "token"}
        credentials = {key: f"{text}{self.sts.given}" for key, text in made.items()}
        return {"Credentials": credentials | {"Expiration": "2099-01-01T00:00:00Z"}}


def theirs(files, env, profile, refusals=()):
    """(the keys, or None; the calls)"""
    sts = Sts(dict(refusals))
    with files_on_disk(files) as root:
        here = {"AWS_CONFIG_FILE": root + CONFIG, "AWS_SHARED_CREDENTIALS_FILE": root + CREDENTIALS}
        here |= {"HOME": root + "/h", "PATH": os.environ.get("PATH", "")}
        here |= {"AWS_LOGIN_CACHE_DIRECTORY": root + "/h/.aws/login/cache"}
        here |= {name: value.replace(TOKEN_FILE, root + TOKEN_FILE) for name, value in env.items()}
        for path in (CONFIG, CREDENTIALS):
            with open(root + path, "r+") as file:
                text = file.read().replace(TOKEN_FILE, root + TOKEN_FILE)
                file.seek(0)
                file.write(text)
        with (
            mock.patch.dict(os.environ, here, clear=True),
            mock.patch("botocore.credentials._get_client_creator", lambda *_: sts.create),
            mock.patch("botocore.session.Session.create_client", lambda _, *arguments, **options: sts.create("sso")),
            mock.patch("botocore.credentials.SSOProvider._SSO_TOKEN_CACHE_DIR", root + "/h/.aws/sso/cache"),
            mock.patch("botocore.tokens.SSOTokenProvider._SSO_TOKEN_CACHE_DIR", root + "/h/.aws/sso/cache"),
            mock.patch("botocore.credentials.EC", object()),  # of a library that only a renewal of a login needs
            mock.patch("botocore.credentials.InstanceMetadataFetcher", Metadata),
            mock.patch("botocore.credentials.ContainerMetadataFetcher", Container),
        ):
            session = botocore.session.Session(profile=profile)
            try:
                found = botocore.credentials.create_credential_resolver(session).load_credentials()
                frozen = found and found.get_frozen_credentials()
            except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError, OSError):
                return None, sts.calls
    return frozen and [frozen.access_key, frozen.secret_key, frozen.token or ""], sts.calls


def ours(oracle, files, env, profile, refusals):
    found = oracle.resolve(World(HOME | env, files), profile, list(refusals.items()), ANSWERS)
    calls = [call for call in found.calls if call[0] != "HTTP"]
    return None if found.kind == "error" else found.keys, calls


def without_made_up_names(calls):
    return [
        (name, {k: v for k, v in parts.items() if k != "session_name" or v.startswith("session-of-")})
        for name, parts in calls
    ]


def keys_beside_a_role(profiles, name):
    """The one difference that the graphs have: from the second profile on, keys end botocore's chain."""
    seen = [name]
    while (name := profiles.get(name, {}).get("source_profile")) and name not in seen:
        if {"aws_access_key_id", "role_arn"} <= set(profiles.get(name, {})):
            return True
        seen.append(name)
    return False


def their_url(config, profile):
    """Where botocore looks for SSO's portal, with that profile."""
    with files_on_disk({CONFIG: config}) as root:
        here = {"AWS_CONFIG_FILE": root + CONFIG, "HOME": root + "/h"}
        with mock.patch.dict(os.environ, here, clear=True):
            session = botocore.session.Session(profile=profile)
            return ConfiguredEndpointProvider(session.full_config, session.get_scoped_config(), "sso").provide()


WHERE = {"services": "{}", "endpoint_url": "http://{}.example", "ec2_metadata_service_endpoint": "http://{}.example"}


@pytest.mark.parametrize(("key", "value"), WHERE.items())
def test_where_services_are_is_said_by_the_profile_that_is_asked_for(oracle, key, value):
    """In a chain both profiles say it; its clients are those of the first, as in aws-sdk-go-v2."""
    is_metadata = key.startswith("ec2")
    base = {"role_arn": role_of("a"), "credential_source": "Ec2InstanceMetadata"} if is_metadata else SSO | SSO_ROLE
    profiles = {"p": ENDS_IN_A | {key: value.format("p")}, "a": base | {key: value.format("a")}}
    config = written([(f"[profile {name}]", keys) for name, keys in profiles.items()])
    for mark in "pa":
        config += f"[services {mark}]\nsso =\n  endpoint_url = http://{mark}.example\n"
    files = {CONFIG: config, CREDENTIALS: "", **dict.fromkeys(TOKEN_FILES, SSO_TOKEN)}
    found = oracle.resolve(World(HOME, files), "p", [], ANSWERS)
    urls = [parts["url"] for name, parts in found.calls if name == "HTTP"]
    assert found.kind == "error"  # nobody is there
    assert urls
    assert all(url.startswith("http://p.example/") for url in urls), urls
    if not is_metadata:
        assert their_url(config, "p") == "http://p.example"


@examples
@given(graph=role_graph(), refused=st.sampled_from([None, None, "a", "b", "c"]))
def test_random_graphs_make_the_same_calls(oracle, graph, refused):
    profiles, files, env = graph
    refusals = {role_of(refused): "AccessDenied"} if refused else {}
    for name in list(profiles)[:2]:
        if keys_beside_a_role(profiles, name):
            continue
        (our_keys, our_calls), (their_keys, their_calls) = (
            ours(oracle, files, env, name, refusals), theirs(files, env, name, refusals)
        )  # fmt: skip
        assert our_keys == their_keys, name
        if our_keys:
            assert without_made_up_names(our_calls) == without_made_up_names(their_calls), name
        compared["chains of roles"] += 1
        compared["roles assumed"] += len(our_calls)


@pytest.mark.parametrize(("profiles", "our_roles", "their_roles"), [d[1:] for d in DIFFERENCES],
                         ids=[d[0] for d in DIFFERENCES])  # fmt: skip
def test_what_is_resolved_differently(oracle, profiles, our_roles, their_roles):
    files = {CONFIG: written([(f"[profile {name}]", keys) for name, keys in profiles.items()]), CREDENTIALS: ""}
    for resolved, roles in (
        (ours(oracle, files, ALONE, "p", {}), our_roles),
        (theirs(files, ALONE, "p", {}), their_roles),
    ):
        keys, calls = resolved
        assert (keys is None) == (roles is None)
        assert roles is None or [parts["role_arn"] for _, parts in calls] == [role_of(role) for role in roles]
