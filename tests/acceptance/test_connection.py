# SPDX-License-Identifier: MPL-2.0
"""How AWS is called: how often, under which name, through which proxy, trusting whom.

Everything here is an imitation of AWS on this machine. libcurl takes every name below "localhost" for
this machine, and so reaches it directly where no proxy is asked.
"""

import contextlib
from urllib.parse import urlsplit

import pytest
from harness.proxy import Proxy
from harness.relay import TlsRelay
from harness.resources import write_plain_copy
from harness.world import OLD, REGION

SERVICES = ("RDS", "KMS", "STS")
IDENTITY = "GetCallerIdentity"


@pytest.fixture
def copy(new_workspace, world):
    """A copy in the old account; `provider` writes its provider block."""
    workspace = new_workspace(OLD)
    write_plain_copy(workspace, world)
    provider(workspace)
    return workspace


def provider(workspace, *lines):
    workspace.write("provider.tf", "\n".join(('provider "snapshot" {', f'  region = "{REGION}"', *lines, "}\n")))


def profile(sandbox, *lines):
    (sandbox.home / "aws-config").write_text("\n".join(("[default]", *lines, "")))


def point_to(workspace, url):
    workspace.environment |= {f"AWS_ENDPOINT_URL_{service}": url for service in SERVICES}


# ---- Retries

THREE_TIMES = {
    "argument": ["max_retries = 3", {"AWS_MAX_ATTEMPTS": "1"}, "max_attempts = 1"],
    "environment": ["", {"AWS_MAX_ATTEMPTS": "3"}, "max_attempts = 1"],
    "profile": ["", {}, "max_attempts = 3"],
    "argument-of-0": ["max_retries = 0", {"AWS_MAX_ATTEMPTS": "3"}, ""],
    "empty-variable": ["", {"AWS_MAX_ATTEMPTS": ""}, "max_attempts = 3"],
}


@pytest.mark.parametrize("way", THREE_TIMES.values(), ids=THREE_TIMES)
def test_a_call_is_sent_as_often_as_argument_environment_or_profile_say(copy, world, sandbox, way):
    line, environment, key = way
    provider(copy, line)
    profile(sandbox, key)
    copy.environment |= environment
    world.aws.fault(IDENTITY, "throttle", count=None)
    copy.plan(ok=False).assert_error("Throttling")
    assert [c["attempt"] for c in world.aws.calls(IDENTITY)] == [1, 2, 3]


@pytest.mark.parametrize(
    "environment, key, fragments",
    [
        ({"AWS_MAX_ATTEMPTS": "many"}, "", ["AWS_MAX_ATTEMPTS", "many", "or 0 for the default"]),
        ({"AWS_RETRY_MODE": "hasty"}, "", ["AWS_RETRY_MODE", "hasty", "standard", "adaptive", "legacy"]),
        ({}, "max_attempts = -1", ["max_attempts", 'profile "default"', "aws-config, line 2", "-1"]),
        ({}, "retry_mode = hasty", ["retry_mode", 'profile "default"', "aws-config, line 2", "hasty"]),
        ({"AWS_USE_FIPS_ENDPOINT": "yes"}, "", ["AWS_USE_FIPS_ENDPOINT", "yes", "true", "false"]),
        ({"AWS_USE_DUALSTACK_ENDPOINT": "1"}, "", ["AWS_USE_DUALSTACK_ENDPOINT", "true", "false"]),
        ({"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "y"}, "", ["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", "false"]),
    ],
)
def test_a_setting_that_is_none_is_an_error_that_names_who_set_it(copy, world, sandbox, environment, key, fragments):
    profile(sandbox, key)
    copy.environment |= environment
    copy.plan(ok=False).assert_error(*fragments)
    assert world.aws.calls() == []


@pytest.mark.parametrize("mode", ["adaptive", "legacy"])
@pytest.mark.parametrize("place", ["argument", "environment", "profile"])
def test_other_retry_modes_work_as_the_standard_mode_and_say_so(copy, world, sandbox, mode, place):
    """As many attempts, and a line in the log."""
    provider(copy, f'retry_mode = "{mode}"' if place == "argument" else "")
    profile(sandbox, f"retry_mode = {mode}" if place == "profile" else "")
    if place == "environment":
        copy.environment["AWS_RETRY_MODE"] = mode
    world.aws.fault(IDENTITY, "throttle", count=6)
    log = copy.folder / "debug.log"
    copy.plan(environment={"TF_LOG": "DEBUG", "TF_LOG_PATH": str(log)})
    assert max(c["attempt"] for c in world.aws.calls(IDENTITY)) == 7  # legacy would have ended at 5
    assert "retries follow the standard mode" in log.read_text("utf-8", "replace")


def test_the_pause_that_aws_asks_for_is_kept(copy, world):
    """In real time: the longest pause of the first attempt would be 1 s."""
    world.aws.settings(time_scale=1)
    copy.environment |= world.environment(OLD, time_scale=1)
    world.aws.fault(IDENTITY, "throttle", count=1, header={"x-amz-retry-after": "2500"})
    copy.plan()
    first, second, *_ = (c["time"] for c in world.aws.calls(IDENTITY))
    assert 2.4 < second - first < 6


# ---- User agent


def test_every_call_names_the_provider_the_blocks_products_and_the_environments(copy, world):
    provider(copy, 'user_agent = ["module/2 (a comment)", ""]')
    copy.environment["TF_APPEND_USER_AGENT"] = "ci/3"
    copy.apply()
    said = {c["user_agent"] for c in world.aws.calls()}
    assert len(said) == 1
    name, rest = said.pop().split(" ", 1)
    assert name.startswith("terraform-provider-snapshot/") and rest == "module/2 (a comment) ci/3"


# ---- Proxies


@pytest.fixture
def proxy_to():
    """Starts a proxy in front of (host, port)."""
    with contextlib.ExitStack() as ends:

        def start(target):
            started = Proxy(target)
            ends.callback(started.end)
            return started

        yield start


@pytest.fixture
def proxy(proxy_to, world):
    target = urlsplit(world.aws.url)
    return proxy_to((target.hostname, target.port))


WAYS = ["argument", "capitals", "small letters"]


def set_by(way, copy, argument, value):
    """The line for the block."""
    if way != "argument":
        copy.environment[argument.upper() if way == "capitals" else argument] = value
    return f'{argument} = "{value}"' if way == "argument" else ""


@pytest.mark.parametrize("way", WAYS)
def test_http_goes_through_the_proxy(copy, world, proxy, way):
    """The host is one that only the proxy knows."""
    point_to(copy, "http://aws.inner")
    provider(copy, set_by(way, copy, "http_proxy", proxy.url))
    copy.apply()
    assert world.snapshot("after")["status"] == "available"
    assert set(proxy.asked) == {"http://aws.inner/"}
    assert len(proxy.asked) == len(world.aws.calls())


@pytest.mark.parametrize("way", WAYS)
def test_a_host_is_excepted_from_the_proxy_by_its_port(copy, world, proxy, way):
    port = urlsplit(world.aws.url).port
    point_to(copy, f"http://aws.localhost:{port}")
    lines = [set_by(way, copy, "http_proxy", proxy.url)]
    provider(copy, *lines, set_by(way, copy, "no_proxy", f"10.0.0.0/8,aws.localhost:{port + 1}"))
    copy.plan()
    assert proxy.asked and len(proxy.asked) == len(world.aws.calls())
    proxy.asked.clear()
    provider(copy, *lines, set_by(way, copy, "no_proxy", f"10.0.0.0/8,.localhost:{port}"))
    copy.plan()
    assert proxy.asked == []


def test_a_block_of_addresses_is_excepted_from_the_proxy(copy, world, proxy):
    """Nothing is called at that address: the proxy alone would have an answer."""
    point_to(copy, "http://[::ffff:0.0.0.0]:1")
    provider(copy, "max_retries = 1")
    copy.environment |= {"HTTP_PROXY": proxy.url, "NO_PROXY": "10.0.0.0/8"}
    copy.plan()
    assert proxy.asked
    proxy.asked.clear()
    copy.environment["NO_PROXY"] = "10.0.0.0/8,0.0.0.0/24"
    copy.plan(ok=False)
    assert proxy.asked == []


# ---- TLS


@pytest.fixture
def tls(world, sandbox):
    """The imitation of AWS behind HTTPS, with a certificate that nobody knows."""
    relay = TlsRelay(sandbox.folder, world.aws.url)
    yield relay
    relay.end()


@pytest.mark.parametrize("way", WAYS)
def test_https_goes_through_the_proxy(copy, world, tls, proxy_to, way):
    proxy = proxy_to(("127.0.0.1", tls.port))
    point_to(copy, "https://aws.inner")
    provider(copy, "insecure = true", set_by(way, copy, "https_proxy", proxy.url))
    copy.plan()
    assert set(proxy.asked) == {"aws.inner:443"}
    assert world.aws.calls(IDENTITY)


@pytest.mark.parametrize("way", ["argument", "environment", "profile", "insecure"])
def test_who_answers_must_be_trusted_by_one_of_the_ways(copy, world, tls, sandbox, way):
    point_to(copy, tls.url)
    provider(copy, "max_retries = 1")
    copy.plan(ok=False).assert_error("certificate", "custom_ca_bundle")
    assert world.aws.calls() == []
    if way == "environment":
        copy.environment["AWS_CA_BUNDLE"] = str(tls.authority)
    profile(sandbox, f"ca_bundle = {tls.authority}" if way == "profile" else "")
    line = {"argument": f'custom_ca_bundle = "{tls.authority}"', "insecure": "insecure = true"}
    provider(copy, line.get(way, ""))
    copy.plan()
    assert world.aws.calls(IDENTITY)


def test_a_ca_bundle_of_the_profile_that_is_missing_is_named(copy, sandbox):
    profile(sandbox, "ca_bundle = /nonexistent/ca.pem")
    copy.plan(ok=False).assert_error("ca_bundle", 'profile "default"', "/nonexistent/ca.pem")


# ---- The Region, and where there is no endpoint of its own

PLACES = ["argument", "AWS_REGION", "AWS_DEFAULT_REGION", "profile"]


@pytest.mark.parametrize("first", PLACES)
def test_the_region_is_of_the_first_place_that_names_one(copy, world, sandbox, first):
    """Those behind it name another."""
    regions = {place: REGION if place == first else "eu-west-3" for place in PLACES[PLACES.index(first) :]}
    copy.environment |= {name: region for name, region in regions.items() if name.startswith("AWS_")}
    profile(sandbox, f"region = {regions['profile']}")
    line = f'  region = "{regions["argument"]}"' if first == "argument" else ""
    copy.write("provider.tf", f'provider "snapshot" {{\n{line}\n}}\n')
    copy.plan()
    assert {c["region"] for c in world.aws.calls()} == {REGION}


def test_sts_may_be_called_in_another_region(copy, world):
    provider(copy, '  sts_region = "us-east-1"')
    copy.plan()
    called = {(c["service"], c["region"]) for c in world.aws.calls()}
    assert called == {("sts", "us-east-1"), ("rds", REGION), ("kms", REGION)}


@pytest.mark.parametrize(
    "lines, environment, host",
    [
        (["use_fips_endpoint = true"], {}, "sts-fips.eu-central-1.amazonaws.com"),
        ([], {"AWS_USE_FIPS_ENDPOINT": "true"}, "sts-fips.eu-central-1.amazonaws.com"),
        (["use_fips_endpoint = false"], {"AWS_USE_FIPS_ENDPOINT": "TRUE"}, "sts-fips.eu-central-1.amazonaws.com"),
        (["use_dualstack_endpoint = true"], {}, "sts.eu-central-1.api.aws"),
        (['sts_region = "us-gov-west-1"'], {"AWS_USE_FIPS_ENDPOINT": "true"}, "sts.us-gov-west-1.amazonaws.com"),
        (['sts_region = "aws-global"'], {}, "sts.amazonaws.com"),
        (['sts_region = "cn-north-1"'], {}, "sts.cn-north-1.amazonaws.com.cn"),
        (['sts_region = "eusc-de-east-1"'], {}, "sts.eusc-de-east-1.amazonaws.eu"),
        ([], {"AWS_STS_REGIONAL_ENDPOINTS": "legacy"}, "sts.eu-central-1.amazonaws.com"),
        (
            ["endpoints {", '  rds = "http://aws.inner"', "}"],
            {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "AWS_ENDPOINT_URL_STS": "http://aws.inner"},
            "sts.eu-central-1.amazonaws.com",
        ),
    ],
)
def test_the_host_is_that_of_the_region_and_variant(copy, world, tls, proxy_to, lines, environment, host):
    """All of it behind a proxy, so nothing leaves this machine."""
    proxy = proxy_to(("127.0.0.1", tls.port))
    for service in SERVICES:
        del copy.environment[f"AWS_ENDPOINT_URL_{service}"]
    copy.environment |= environment | {"HTTPS_PROXY": proxy.url}
    provider(copy, "insecure = true", *lines)
    copy.plan(ok=None)
    assert {it for it in proxy.asked if it.startswith("sts")} == {f"{host}:443"}
