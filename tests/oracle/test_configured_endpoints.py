# SPDX-License-Identifier: MPL-2.0
"""The endpoints that environment and profile set, in random configurations, beside botocore's own look-up."""

import os
from unittest import mock

import botocore.session
from botocore.configprovider import ConfiguredEndpointProvider
from botocore.exceptions import InvalidConfigError
from hypothesis import given, settings
from hypothesis import strategies as st

SERVICES = ["rds", "kms", "sts", "iam"]
ADDRESS = st.sampled_from(["", *(f"http://{name}.example:{port}" for name in "abcd" for port in (1, 2))])
FLAGS = ["true", "TRUE", "True", "false", "yes"]
ROUNDS = 600


def some(**values):
    """Each is there or not."""
    return st.fixed_dictionaries({}, optional=values)


ENVIRONMENT = some(
    AWS_ENDPOINT_URL=ADDRESS,
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=st.sampled_from(FLAGS),  # empty it is unset here, as in aws-sdk-go-v2
    **{f"AWS_ENDPOINT_URL_{service.upper()}": ADDRESS for service in SERVICES},
)
PROFILE = some(
    endpoint_url=ADDRESS,
    services=st.sampled_from(["one", "two", "gone"]),
    ignore_configured_endpoint_urls=st.sampled_from([*FLAGS, ""]),
)
# A section that is there sets something: botocore takes an empty one for none.
SECTION = some(**{service: ADDRESS for service in SERVICES}).map(lambda it: it | {"s3": "http://other.example"})


def written(profile, sections):
    lines = ["[profile p]", *(f"{key} = {value}" for key, value in profile.items())]
    for name, services in sections.items():
        lines.append(f"[services {name}]")
        for service, address in services.items():
            lines += [f"{service} =", f"  endpoint_url = {address}", "  signature_version = v4"]
    return "\n".join(lines) + "\n"


def their_answers(path, environment):
    """(service, URL, whether the section that the profile names exists)"""
    with mock.patch.dict(os.environ, environment | {"AWS_CONFIG_FILE": str(path)}, clear=True):
        session = botocore.session.Session(profile="p")
        ignored = session.get_config_variable("ignore_configured_endpoint_urls")
        full, profile = session.full_config, session.get_scoped_config()
        for service in SERVICES:
            try:
                url = None if ignored else ConfiguredEndpointProvider(full, profile, service).provide()
                yield service, url, True
            except InvalidConfigError:
                yield service, profile.get("endpoint_url") or None, False


def test_configured_endpoints_agree(oracle, tmp_path, capsys):
    """But for a services section that does not exist: an error there, nothing here, as in aws-sdk-go-v2."""
    counts = {"compared": 0, "none": 0, "without the section": 0}
    path = tmp_path / "config"

    @settings(max_examples=ROUNDS, deadline=None, derandomize=True)
    @given(environment=ENVIRONMENT, profile=PROFILE, one=SECTION, two=SECTION)
    def compare(environment, profile, one, two):
        config = written(profile, {"one": one, "two": two})
        path.write_text(config)
        for service, expected, has_section in their_answers(path, environment):
            assert oracle.configured(config, "p", service, environment) == expected
            counts["compared"] += 1
            counts["none"] += expected is None
            counts["without the section"] += not has_section

    compare()
    with capsys.disabled():
        print("\nconfigured endpoints:", ", ".join(f"{count} {name}" for name, count in counts.items()), "0 differing")
    assert all(counts.values())
