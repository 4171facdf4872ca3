# SPDX-License-Identifier: MPL-2.0
"""The role of an EC2 instance: each way in which its metadata service refuses or fails, as a user sees it."""

import contextlib
import re
import socket
import subprocess

import pytest
from harness.access.instance import IDENTITY, ROLES, TOKEN, Instance, Metadata
from harness.access.plans import Plans
from harness.access.way import KEYS
from harness.namespace import Namespace
from harness.world import NEW, REGION, snapshot_arn

pytestmark = pytest.mark.started

TOKEN_PATH = "/latest/api/token"
HOPS = "aws ec2 modify-instance-metadata-options --http-put-response-hop-limit 2"
SETTINGS = "AWS_EC2_METADATA_SERVICE_ENDPOINT"
LIMIT_SECONDS = 2.0  # for finding out that nobody answers


@pytest.fixture
def machine(cluster_copy, world, sandbox):
    plans = Plans(cluster_copy, Instance(world, sandbox))
    plans.metadata = plans.way.metadata
    yield plans
    plans.end()


def asked(machine):
    return [str(request) for request in machine.metadata.asked]


def test_the_keys_are_asked_for_with_a_token(machine):
    machine.works()
    role = machine.metadata.role
    assert asked(machine)[:3] == [f"PUT {TOKEN_PATH}", f"GET {ROLES}", f"GET {ROLES}{role}"]
    assert all(request.headers[TOKEN] in machine.metadata.tokens for request in machine.metadata.asked[1:3])
    machine.plan(secrets=machine.metadata.tokens)


# ---- Without a token


@pytest.mark.parametrize("status", [403, 404, 405])
def test_a_service_without_tokens_is_asked_without(machine, status):
    machine.metadata.token_status, machine.metadata.needs_token = status, False
    machine.works()
    assert all(TOKEN not in request.headers for request in machine.metadata.asked)


@pytest.mark.parametrize("by", ["environment", "profile"])
def test_a_request_without_a_token_can_be_switched_off(machine, by):
    machine.metadata.token_status, machine.metadata.needs_token = 403, False
    if by == "environment":
        machine.set(AWS_EC2_METADATA_V1_DISABLED="true")
        name = "AWS_EC2_METADATA_V1_DISABLED"
    else:
        machine.way.config.write_text("[default]\nec2_metadata_v1_disabled = true\n")
        name = f'ec2_metadata_v1_disabled of the profile "default" ({machine.way.config}, line 2)'
    machine.refuse("gave no token (HTTP status 403)", "(IMDSv1) are switched off by", name)
    assert asked(machine) == [f"PUT {TOKEN_PATH}"]


def test_a_bad_request_is_final(machine):
    machine.metadata.token_status, machine.metadata.needs_token = 400, False
    machine.refuse("answered the request for a token with HTTP status 400")
    assert asked(machine) == [f"PUT {TOKEN_PATH}"]


def test_an_answer_that_does_not_make_the_hop_is_explained(machine):
    """In a container on an instance with a hop limit of 1: only the answer with the token is lost."""
    machine.metadata.token_seconds = 5
    machine.refuse("HTTP status 401; it had given no token: no answer", HOPS)
    machine.metadata.needs_token = False
    machine.works()


# ---- What fails, what is not there


def test_a_token_that_has_ended_is_replaced(machine):
    machine.metadata.forgets = 1
    machine.works()
    assert asked(machine)[:4] == [f"PUT {TOKEN_PATH}", f"GET {ROLES}", f"PUT {TOKEN_PATH}", f"GET {ROLES}"]


def test_a_service_that_fails_twice_is_asked_again(machine):
    machine.metadata.failures = [500, 503]
    machine.works()


def test_a_slow_service_is_waited_for(machine):
    machine.metadata.delay = 0.6
    machine.works()


def test_a_service_that_keeps_failing_is_an_error(machine):
    machine.metadata.failures = [500] * 50
    machine.refuse(f"answered {ROLES} with HTTP status 500; it had given no token: HTTP status 500")


def test_a_service_that_is_off_is_an_error_with_its_remedy(machine):
    machine.metadata.failures = [403] * 50
    machine.refuse("HTTP status 403", "aws ec2 modify-instance-metadata-options --http-endpoint enabled")


def test_an_instance_without_a_role_has_none(machine):
    machine.metadata.role = None
    instance = f"this EC2 instance ({machine.metadata.url})"
    machine.refuse("no AWS credentials were found", f"EC2 metadata: {instance} has no role")


@pytest.mark.parametrize(
    "body, fragment",
    [
        ("<html>hush</html>", "is not a JSON object with credentials"),
        ('{"Code": "Success", "AccessKeyId": "hush"}', "has no SecretAccessKey"),
        ('{"AccessKeyId": "a", "SecretAccessKey": "hush", "Token": "t", "Expiration": "hush"}', "is not a time"),
        ("x" * 100_000, "has 100000 bytes"),
    ],
    ids=["no-json", "half", "no-time", "too-long"],
)
def test_an_answer_without_keys_is_an_error_that_does_not_show_it(machine, body, fragment):
    machine.metadata.body = body
    machine.refuse(fragment)


def test_a_role_that_ec2_cannot_assume_is_said_with_code_and_message(machine):
    code, message = "AssumeRoleUnauthorizedAccess", "EC2 cannot assume the role migration-host."
    machine.metadata.refusal = {"Code": code, "Message": message, "LastUpdated": "hush"}
    machine.refuse("has no credentials for the role", f"{code}: {message}")


def test_keys_that_have_expired_on_arrival_are_used_for_a_while(machine):
    """EC2 hands out the old ones while it cannot get new ones, and AWS goes on to accept them then."""
    machine.metadata.expiration = "2026-01-01T00:00:00Z"
    machine.works()
    assert "had expired when they came: is this clock right?" in machine.log
    assert machine.way.minted == 1


# ---- Where, and whether


def test_the_block_goes_before_the_environment(machine):
    machine.set(AWS_EC2_METADATA_SERVICE_ENDPOINT="http://127.0.0.1:1", AWS_EC2_METADATA_DISABLED="TRUE")
    machine.provider(
        f'region = "{REGION}"\nec2_metadata_service_endpoint = "{machine.metadata.url}/"\n'
        'ec2_metadata_service_endpoint_mode = "IPv6"\nskip_metadata_api_check = "false"'
    )
    machine.works()


def test_a_profile_may_say_where(machine):
    machine.unset(SETTINGS)
    machine.way.config.write_text(f"[default]\nec2_metadata_service_endpoint = {machine.metadata.url}\n")
    machine.works()


def test_the_older_variable_is_read_with_a_warning(machine):
    machine.unset(SETTINGS)
    machine.set(AWS_METADATA_URL=machine.metadata.url)
    machine.works().assert_warning("AWS_METADATA_URL", SETTINGS)
    machine.set(AWS_METADATA_URL="http://127.0.0.1:1", **{SETTINGS: machine.metadata.url})
    machine.works().assert_warning("AWS_METADATA_URL is not used")


@pytest.mark.parametrize("by", ["AWS_EC2_METADATA_DISABLED", "`skip_metadata_api_check`"])
def test_what_switches_it_off_is_said(machine, by):
    if by.startswith("AWS"):
        machine.set(AWS_EC2_METADATA_DISABLED="True")
    else:
        machine.provider(f'region = "{REGION}"\nskip_metadata_api_check = "true"')
    machine.refuse("no AWS credentials were found", f"EC2 metadata: switched off by {by}")
    assert asked(machine) == []


def test_a_wrong_setting_is_named(machine):
    machine.unset(SETTINGS)
    machine.set(AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE="both")
    machine.refuse('AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is "both", neither "IPv4" nor "IPv6"')


def test_no_proxy_is_asked(machine):
    """By a name that is not excepted from the proxy, behind which nobody is."""
    machine.set(HTTP_PROXY="http://127.0.0.1:1")
    machine.set(**{SETTINGS: machine.metadata.url.replace("127.0.0.1", "aws.localhost")})
    machine.works()


# ---- Its Region


WITHOUT_REGION = ""  # the body of a provider block


def test_the_region_of_the_instance_is_known_at_plan(machine):
    machine.provider(WITHOUT_REGION)
    machine.works()
    after = machine.workspace.planned(machine.copy.address)["after"]
    assert (after["region"], after["arn"]) == (REGION, machine.copy.arn)
    assert [str(request) for request in machine.metadata.asked].count(f"GET {IDENTITY}") == 1
    machine.workspace.apply()
    assert machine.workspace.is_settled()


@pytest.mark.parametrize(
    "where", [{"AWS_REGION": REGION}, {"AWS_DEFAULT_REGION": REGION}, "block", "profile"], ids=str
)
def test_every_other_place_goes_before_it(machine, where):
    machine.metadata.region = None
    machine.provider(f'region = "{REGION}"' if where == "block" else WITHOUT_REGION)
    if where == "profile":
        machine.way.config.write_text(f"[default]\nregion = {REGION}\n")
    elif where != "block":
        machine.set(**where)
    machine.works()
    assert f"GET {IDENTITY}" not in asked(machine)


def test_an_instance_that_names_no_region_is_an_error(machine):
    machine.provider(WITHOUT_REGION)
    machine.metadata.region = None
    machine.refuse("no Region is set", "EC2 metadata gave none: the EC2 metadata service at", "no instance identity")


def test_other_credentials_do_not_bring_the_region_of_the_machine(machine):
    keys = machine.world.accounts[machine.way.account]
    machine.provider(WITHOUT_REGION)
    machine.set(AWS_ACCESS_KEY_ID=keys.access_key, AWS_SECRET_ACCESS_KEY=keys.secret_key)
    machine.refuse("no Region is set", "EC2 metadata was not asked, since the credentials come from the environment")
    assert asked(machine) == []


def test_whoami_shows_the_region_of_the_instance(machine, binaries):
    environment = {name: value for name, value in machine.workspace.environment.items() if name != "AWS_REGION"}
    command = [binaries["rds-snapshot/snapshot"], "whoami", "--explain"]
    shown = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert re.search(rf"(?m)^region +{REGION} .*the EC2 instance, by its metadata", shown), shown
    assert 'the role "migration-host" of this EC2 instance' in shown


def test_the_seven_steps_in_the_region_of_the_instance(chain, world, sandbox):
    way = Instance(world, sandbox)
    for name in KEYS:
        chain.environment.pop(name, None)
    chain.environment |= way.open()
    for name in ("providers.tf", "source.tf", "target.tf"):
        text = (chain.folder / name).read_text()
        fewer = re.sub(r"(?m)^ +region += (var|local)\.\w+\n", "", text)
        assert fewer != text
        chain.write(name, fewer)
    try:
        chain.apply()
        assert world.cluster("orders", NEW)["snapshot_arn"] == snapshot_arn("orders-1", NEW)
        assert chain.is_settled()
    finally:
        way.end()
    assert f"GET {IDENTITY}" in [str(request) for request in way.metadata.asked]


# ---- Where nobody is


@contextlib.contextmanager
def silence():
    """An address on which no connection comes about: nobody takes those that wait, and no more may."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        waiting = []
        for _ in range(4):
            waiting.append(socket.socket())
            waiting[-1].setblocking(False)
            waiting[-1].connect_ex(server.getsockname())
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        for client in waiting:
            client.close()


def test_where_nobody_answers_the_chain_ends_soon(machine):
    with silence() as url:
        machine.set(**{SETTINGS: url})
        refused = machine.refuse(
            "no AWS credentials were found",
            "environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set",
            "container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            f"EC2 metadata: nothing answers at {url} (tried for ",
        )
    # TF_SNAPSHOT_TIME_SCALE speeds the clock of the message up.
    (tried_ms,) = re.findall(r"tried for (\d+) ms", refused.errors[0].detail)
    assert int(tried_ms) / machine.world.time_scale < LIMIT_SECONDS * 1000
    assert refused.seconds < LIMIT_SECONDS + 5


@pytest.fixture
def namespace(machine, sandbox):
    namespace = Namespace(sandbox.folder)
    machine.unset(SETTINGS)
    terraform = sandbox.folder / "terraform"
    namespace.wrap(terraform, machine.workspace.terraform)
    machine.workspace.terraform = terraform
    yield namespace
    namespace.end()


@pytest.mark.root_with("unshare")
def test_without_any_route_the_chain_ends_at_once(machine, namespace):
    refused = machine.refuse("no AWS credentials were found", "nothing answers at http://169.254.169.254 (tried for ")
    (tried_ms,) = re.findall(r"tried for (\d+) ms", refused.errors[0].detail)
    assert int(tried_ms) / machine.world.time_scale < 500


@pytest.mark.root_with("ip")
@pytest.mark.parametrize("mode, address", [("IPv4", "169.254.169.254"), ("IPv6", "fd00:ec2::254")])
def test_the_addresses_of_ec2_are_asked(machine, namespace, mode, address):
    nodad = ["nodad"] if mode == "IPv6" else []  # it can be used at once
    inside = ["nsenter", f"--target={namespace.pid}", "--net", "ip", "address", "add", address, "dev", "lo", *nodad]
    subprocess.run(inside, check=True)
    (listener,) = namespace.listeners(80, address)
    service = Metadata(machine.way.mint, listener=listener)
    machine.set(AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=mode)
    try:
        machine.plan(ok=None)  # AWS itself cannot be reached from there
    finally:
        service.end()
    assert [str(request) for request in service.asked][:3] == [
        f"PUT {TOKEN_PATH}",
        f"GET {ROLES}",
        f"GET {ROLES}{service.role}",
    ]
