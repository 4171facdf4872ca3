# SPDX-License-Identifier: MPL-2.0
"""Every Region of every partition, with and without FIPS and dual-stack, beside botocore's resolver; and the table
that our answers come from, beside what its script makes of the botocore that is installed."""

import gzip
import itertools
import json
import runpy
from pathlib import Path

import botocore
import pytest
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import BotoCoreError, InvalidRegionError
from botocore.utils import validate_region_name
from hypothesis import given, settings
from hypothesis import strategies as st

from .conftest import ROOT

DATA = Path(botocore.__file__).parent / "data"
PARTITIONS = json.loads((DATA / "partitions.json").read_text())
# What we call a service -> botocore's folder.
SERVICES = {"rds": "rds", "kms": "kms", "sts": "sts", "portal.sso": "sso", "oidc": "sso-oidc"}
VARIANTS = list(itertools.product([False, True], repeat=2))
# Regions that nobody has heard of: of a partition's form, and of none.
UNHEARD = {
    "aws": ["eu-middle-1", "mx-west-12"],
    "aws-cn": ["cn-south-3"],
    "aws-us-gov": ["us-gov-north-1"],
    "aws-eusc": ["eusc-de-west-2"],
    "aws-iso": ["us-iso-north-1"],
    "aws-iso-b": ["us-isob-north-1"],
    "aws-iso-e": ["eu-isoe-east-1"],
    "aws-iso-f": ["us-isof-west-9"],
}
FORMLESS = [
    *("xy-somewhere-1", "us-gov-west-1-lax", "cn-north-1x", "cn--1", "us", "CN-NORTH-1", "eusc-fr-x-1", "a" * 63),
    *("aws-eusc-global", "aws-moon-global", "AWS-GLOBAL", "local", "eu-isof-x-1", "us-isoe-x-1"),
]
REFUSED = [
    *("", "1234", "-eu-west-1", "eu-west-1-", "cn-north-", "us-", "us-x_y-1", "eu_west_1", "eu west 1", "a" * 64),
    *("eu-west-1.evil.example", "a@b", "a/b", "#", "eu-west-1?"),
]


def known():
    """Also of the older list of endpoints."""
    older = json.loads((DATA / "endpoints.json").read_text())["partitions"]
    return list(dict.fromkeys(it for each in (*PARTITIONS["partitions"], *older) for it in each["regions"]))


@pytest.fixture(scope="module")
def resolvers():
    def resolver(folder):
        (rules,) = sorted((DATA / folder).iterdir())[-1].glob("endpoint-rule-set-1.json.gz")
        return EndpointProvider(json.loads(gzip.decompress(rules.read_bytes())), PARTITIONS)

    return {service: resolver(folder) for service, folder in SERVICES.items()}


def theirs(resolver, region, fips, dualstack):
    """(URL, signing Region); no URL where it is refused, as a client's constructor does for a Region's name."""
    parameters = {"UseFIPS": fips, "UseDualStack": dualstack} | ({"Region": region} if region else {})
    try:
        validate_region_name(region or None)
        found = resolver.resolve_endpoint(**parameters)
    except (BotoCoreError, InvalidRegionError):
        return None, None
    (signing,) = found.properties.get("authSchemes", [{}])
    return found.url, signing.get("signingRegion", region)


def ours(oracle, service, region, fips, dualstack):
    url, signing, _ = oracle.endpoint(service, region, fips, dualstack)
    return (None, None) if url.startswith("!") else (url, signing)


def test_every_region_and_variant_of_each_service_agrees(oracle, resolvers, capsys):
    regions = [*known(), *itertools.chain(*UNHEARD.values()), *FORMLESS, *REFUSED]
    compared, refused, differing = 0, 0, []
    for service, region, variant in itertools.product(SERVICES, regions, VARIANTS):
        expected = theirs(resolvers[service], region, *variant)
        got = ours(oracle, service, region, *variant)
        compared += 1
        refused += expected == (None, None)
        if got != expected:
            differing.append((service, region, variant, got, expected))
    assert refused == len(SERVICES) * len(REFUSED) * len(VARIANTS)
    with capsys.disabled():
        print(
            f"\nendpoints: {compared} compared ({len(known())} known Regions of {len(PARTITIONS['partitions'])} "
            f"partitions, {len(regions) - len(known())} other names), {refused} refused by both, "
            f"{len(differing)} differing"
        )
    assert not differing


WORDS = st.sampled_from("us eu cn aws gov iso isob isof eusc de global x_y 1 - 12".split())


@settings(max_examples=2000, deadline=None, derandomize=True)
@given(words=st.lists(WORDS, max_size=5), service=st.sampled_from([*SERVICES]), variant=st.sampled_from(VARIANTS))
def test_names_made_up_of_the_words_of_regions_agree(oracle, resolvers, words, service, variant):
    region = "-".join(words)
    assert ours(oracle, service, region, *variant) == theirs(resolvers[service], region, *variant)


def test_every_region_is_in_the_same_partition(oracle):
    expected = {region: it["id"] for it in PARTITIONS["partitions"] for region in it["regions"]}
    expected |= {region: name for name, regions in UNHEARD.items() for region in regions}
    expected |= {region: "aws" for region in FORMLESS}
    assert UNHEARD.keys() == {it["id"] for it in PARTITIONS["partitions"]}
    assert {region: oracle.endpoint("rds", region, False, False)[2] for region in expected} == expected


def test_what_signs_for_another_region_is_the_global_endpoint_alone(oracle):
    others = {
        (service, region)
        for service, region, variant in itertools.product(SERVICES, known(), VARIANTS)
        if oracle.endpoint(service, region, *variant)[1] != region
    }
    assert others == {("sts", "aws-global")}


def test_a_call_to_the_global_endpoint_is_signed_for_where_that_is(oracle):
    url, _, headers = oracle.call("GetCallerIdentity", [("region", "aws-global")], 10**12)
    assert url == "https://sts.amazonaws.com/"
    assert "/us-east-1/sts/aws4_request" in dict(headers)["Authorization"]


# ---- The table


def script():
    return runpy.run_path(str(ROOT / "aws" / "endpoint_table.py"))


def test_the_table_is_what_its_script_makes_of_this_botocore():
    assert script()["table"]() == (ROOT / "aws" / "endpoint_table.c").read_text()


@pytest.mark.parametrize(
    "condition",
    [
        {"fn": "aws.parseArn", "argv": [{"ref": "Region"}], "assign": "arn"},
        {"fn": "booleanEquals", "argv": [{"ref": "UseMagic"}, True]},
        {"fn": "not", "argv": [{"fn": "booleanEquals", "argv": [{"ref": "UseFIPS"}, True]}]},
    ],
)
def test_a_rule_that_the_table_cannot_express_stops_its_script(condition):
    made = script()
    rules = {"rules": [{"type": "error", "conditions": [condition], "error": "x"}]}
    with pytest.raises(SystemExit, match="unknown condition"):
        list(made["service_rules"]("rds", rules))


def test_a_new_partition_needs_no_code():
    """A row of the table, and no more: it is of partitions.json alone."""
    made = script()
    moon = {
        "id": "aws-moon",
        "regionRegex": r"^moon\-\w+\-\d+$",
        "regions": {"moon-sea-1": {"description": "Tranquility"}},
        "outputs": {
            "dnsSuffix": "amazonaws.moon",
            "dualStackDnsSuffix": "api.moon",
            "supportsFIPS": False,
            "supportsDualStack": True,
        },
    }
    row = made["partition_row"](moon)
    assert '"aws-moon", "amazonaws.moon", "api.moon"' in row and '.prefixes = "moon"' in row
    assert ".has_fips = false, .has_dualstack = true" in row and '"moon-sea-1"' in row
