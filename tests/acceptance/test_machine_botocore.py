# SPDX-License-Identifier: MPL-2.0
"""EC2 metadata and a container's endpoint, asked by whoami and by botocore: the same requests, keys or none.

Requests that are repeated at once count as one: botocore repeats every answer but a good one, whoami only
those that may pass.
"""

import itertools
import subprocess

import pytest
from botocore.credentials import ContainerProvider
from botocore.exceptions import BotoCoreError
from botocore.utils import ContainerMetadataFetcher, InstanceMetadataFetcher
from harness.access.container import PATH, Endpoint
from harness.access.instance import TOKEN, TTL, Instance, Metadata
from harness.world import OLD, REGION

ATTEMPTS = 3
KEPT = (TTL, "authorization")


@pytest.fixture
def mint(world, sandbox):
    way = Instance(world, sandbox)
    way.account = OLD
    return way.mint


@pytest.fixture
def whoami(world, sandbox, binaries):
    """Does it get keys, with these variables?"""
    program = binaries["rds-snapshot/snapshot"]

    def run(**variables):
        environment = sandbox.environment(**world.environment(OLD), AWS_REGION=REGION)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            del environment[name]
        ended = subprocess.run([program, "whoami"], env={**environment, **variables}, capture_output=True, text=True)
        assert "hush" not in ended.stdout + ended.stderr
        return ended.returncode == 0

    return run


def trace_of(server):
    """Method, path, the headers that count; whether a token of the service went along, not which."""
    shown = [
        (r.method, r.path, *(r.headers.get(name) for name in KEPT), TOKEN in r.headers and r.headers[TOKEN] != "")
        for r in server.asked
    ]
    return [request for request, _ in itertools.groupby(shown)]


# ---- EC2 metadata

# Attributes of the imitation; v1_off is of the environment.
INSTANCES = [
    {},
    {"needs_token": False},
    {"v1_off": True},
    *({"token_status": status, "needs_token": False} for status in (400, 401, 403, 404, 405, 500)),
    *({"token_status": status, "needs_token": False, "v1_off": True} for status in (400, 401, 403, 404, 405, 500)),
    {"failures": [500]},
    {"failures": [503, 500]},
    {"failures": [429]},
    {"failures": [500] * 9},
    {"role": None},
    {"role": "a.Role_of+signs=,@-"},
    {"body": "hush"},
    {"body": ""},
    {"body": '{"Code": "Success"}'},
    {"body": '{"Code": "Success", "AccessKeyId": "hush", "SecretAccessKey": "hush", "Token": "hush"}'},
    {"refusal": {"Code": "AssumeRoleUnauthorizedAccess", "Message": "EC2 cannot assume the role"}},
    {"expiration": "2026-01-01T00:00:00Z"},
    {"delay": 0.3},
]


def instance_by_botocore(url, v1_off):
    config = {"ec2_metadata_service_endpoint": url, "ec2_metadata_v1_disabled": v1_off}
    fetcher = InstanceMetadataFetcher(timeout=1, num_attempts=ATTEMPTS, env={}, config=config)
    try:
        return bool(fetcher.retrieve_iam_role_credentials())
    except BotoCoreError:  # no token, and none may be done without
        return False


def instance_trace(mint, settings, ask):
    server = Metadata(mint)
    for name, value in settings.items():
        setattr(server, name, list(value) if isinstance(value, list) else value)
    try:
        return ask(server.url, settings.get("v1_off", False)), trace_of(server)
    finally:
        server.end()


@pytest.mark.parametrize("settings", INSTANCES, ids=lambda settings: "-".join(settings) or "plain")
def test_an_instance(mint, whoami, settings):
    def by_us(url, v1_off):
        return whoami(
            AWS_EC2_METADATA_DISABLED="false",
            AWS_EC2_METADATA_SERVICE_ENDPOINT=url,
            AWS_EC2_METADATA_V1_DISABLED=str(v1_off),
        )

    assert instance_trace(mint, settings, by_us) == instance_trace(mint, settings, instance_by_botocore)


# ---- A container

CONTAINERS = [
    {},
    {"token": "Basic dXNlcjpwYXNz"},
    {"token": "a", "sent": "b"},
    {"token": "a", "sent": None},
    {"sent": "two\nlines"},
    {"sent": "two\rlines"},
    {"failures": [500]},
    {"failures": [429, 503]},
    {"failures": [500] * 9},
    {"refusal": (400, "InvalidIdInRequest", "no such task")},
    {"refusal": (404, "NotFound", "no such task")},
    {"body": "hush"},
    {"body": '{"AccessKeyId": "hush", "Token": "hush", "Expiration": "2099-01-01T00:00:00Z"}'},
]


def container_by_botocore(environ):
    fetcher = ContainerMetadataFetcher(sleep=lambda _: None)
    try:
        return bool(ContainerProvider(environ, fetcher).load().get_frozen_credentials())
    except (BotoCoreError, KeyError, ValueError):
        return False


def container_trace(mint, settings, how, file, ask):
    token = settings.get("token")
    server = Endpoint(mint, token)
    for name in ("failures", "refusal", "body"):
        value = settings.get(name, getattr(server, name))
        setattr(server, name, list(value) if isinstance(value, list) else value)
    sent = settings.get("sent", token)
    environ = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": server.url + PATH}
    if sent is not None and how == "file":
        file.write_text(sent, newline="")
        environ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = str(file)
    elif sent is not None:
        environ["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = sent
    try:
        return ask(environ), trace_of(server)
    finally:
        server.end()


@pytest.mark.parametrize("how", ["file", "variable"])
@pytest.mark.parametrize("settings", CONTAINERS, ids=lambda settings: "-".join(settings) or "plain")
def test_a_container(mint, whoami, sandbox, settings, how):
    file = sandbox.home / "token"
    ours = container_trace(mint, settings, how, file, lambda environ: whoami(**environ))
    assert ours == container_trace(mint, settings, how, file, container_by_botocore)
