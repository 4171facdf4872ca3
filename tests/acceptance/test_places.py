# SPDX-License-Identifier: MPL-2.0
"""Region and endpoints of random settings, as `whoami` says them, beside the clients that botocore makes of the same.

botocore has no provider block: what is written there goes to its clients as arguments. Not compared is what differs
on purpose: AWS_REGION, which botocore does not read, and FIPS or dual-stack beside an endpoint of one's own, which is
an error there.
"""

import contextlib
import json
import os
import subprocess
from unittest import mock
from urllib.parse import urlsplit

import botocore.session
import pytest
from botocore.config import Config
from botocore.configprovider import ConfiguredEndpointProvider
from botocore.loaders import Loader
from harness.proxy import Proxy
from harness.relay import TlsRelay
from harness.world import OLD
from hypothesis import given, settings
from hypothesis import strategies as st

ROUNDS = 80
SERVICES = {"rds": "DescribeDBSnapshots", "kms": "DescribeKey", "sts": "GetCallerIdentity"}  # with some operation
LOADER = Loader()  # remembers the models
# For dual-stack in the other partitions botocore's clients look into an older table, and fail; its resolver, beside
# which tests/oracle/test_endpoints.py compares all of them, does not.
REGION = st.sampled_from("eu-central-1 us-east-1 eu-middle-9 us-gov-west-1 us-gov-east-1 cn-north-1".split())
ADDRESS = st.sampled_from([f"http://{name}.example" for name in "abcde"])
FLAG = st.sampled_from(["true", "TRUE", "false"])


def some(**values):
    """Each is there or not."""
    return st.fixed_dictionaries({}, optional=values)


BLOCK = some(
    region=REGION,
    use_fips_endpoint=st.booleans(),
    use_dualstack_endpoint=st.booleans(),
    endpoints=some(**{service: ADDRESS for service in SERVICES}),
)
ENVIRONMENT = some(
    AWS_DEFAULT_REGION=REGION,
    AWS_USE_FIPS_ENDPOINT=FLAG,
    AWS_USE_DUALSTACK_ENDPOINT=FLAG,
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=FLAG,
    AWS_ENDPOINT_URL=ADDRESS,
    **{f"AWS_ENDPOINT_URL_{service.upper()}": ADDRESS for service in SERVICES},
)
PROFILE = st.fixed_dictionaries(
    {"region": REGION},
    optional={
        "use_fips_endpoint": FLAG,
        "use_dualstack_endpoint": FLAG,
        "ignore_configured_endpoint_urls": FLAG,
        "endpoint_url": ADDRESS,
        "services": st.just("local"),
    },
)
SECTION = some(**{service: ADDRESS for service in SERVICES}).map(lambda it: it | {"s3": "http://other.example"})


def written(profile, section):
    lines = ["[default]", *(f"{key} = {value}" for key, value in profile.items()), "[services local]"]
    for service, address in section.items():
        lines += [f"{service} =", f"  endpoint_url = {address}"]
    return "\n".join(lines) + "\n"


class Theirs:
    """botocore in the environment as it is now."""

    def __init__(self, block):
        self.block, self.session = block, botocore.session.Session()
        self.session.register_component("data_loader", LOADER)
        self.session.set_credentials("AKID", "secret")

    def configured(self, service):
        own = self.block.get("endpoints", {}).get(service)
        if own or self.session.get_config_variable("ignore_configured_endpoint_urls"):
            return own
        files = self.session.full_config, self.session.get_scoped_config()
        return ConfiguredEndpointProvider(*files, service).provide()

    def computed(self, service):
        """Only what is true in the block is set there: false is as if not written."""
        variants = ("use_fips_endpoint", "use_dualstack_endpoint")
        config = Config(**{name: True for name in variants if self.block.get(name)})
        client = self.session.create_client(service, region_name=self.block.get("region"), config=config)
        operation = client.meta.service_model.operation_model(SERVICES[service])
        # meta.endpoint_url is of older rules than those by which requests are sent.
        return client._ruleset_resolver.construct_endpoint(operation, {}, {}).url

    def places(self):
        region = self.block.get("region") or self.session.get_config_variable("region")
        return region, [self.configured(service) or self.computed(service) for service in SERVICES]


@pytest.fixture
def ways_to_aws(world, sandbox):
    """Proxies that lead each request, whatever its host, to the imitation of AWS."""
    target = urlsplit(world.aws.url)
    with contextlib.ExitStack() as ends:
        relay = TlsRelay(sandbox.folder, world.aws.url)
        ends.callback(relay.end)
        http, https = Proxy((target.hostname, target.port)), Proxy(("127.0.0.1", relay.port))
        ends.callback(http.end)
        ends.callback(https.end)
        yield {"HTTP_PROXY": http.url, "HTTPS_PROXY": https.url}


def test_region_and_endpoints_are_those_of_botocore(binaries, world, sandbox, ways_to_aws, show):
    keys = {name: value for name, value in world.environment(OLD).items() if "ENDPOINT" not in name}
    file, block_file = sandbox.home / "aws-config", sandbox.home / "provider.tf.json"
    counts = {"compared": 0, "computed": 0}

    @settings(max_examples=ROUNDS, deadline=None, derandomize=True)
    @given(BLOCK, ENVIRONMENT, PROFILE, SECTION)
    def compare(block, environment, profile, section):
        file.write_text(written(profile, section))
        block_file.write_text(json.dumps({"provider": {"snapshot": {"insecure": True, **block}}}))
        with mock.patch.dict(os.environ, environment | {"AWS_CONFIG_FILE": str(file)}, clear=True):
            region, urls = Theirs(block).places()
        ended = subprocess.run(
            [binaries["rds-snapshot/snapshot"], "whoami", "--json", "--config", block_file],
            env=sandbox.environment(**keys, **ways_to_aws, **environment),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        found = json.loads(ended.stdout)
        assert found["region"]["name"] == region
        assert [found["endpoints"][service]["url"] for service in SERVICES] == urls
        counts["compared"] += len(urls)
        counts["computed"] += sum(url.startswith("https:") for url in urls)

    compare()
    show([f"places: {', '.join(f'{count} {name}' for name, count in counts.items())}, 0 differing"])
    assert 0 < counts["computed"] < counts["compared"]
