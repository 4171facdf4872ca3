#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Makes endpoint_table.c, beside it, of the partitions and rule sets in botocore's package data.

Run by build/venv/bin/python, whose botocore tests/simulator/requirements.txt pins. What the table
cannot express stops it: a condition that is not in `Path`, a Region pattern that is not in
`prefixes`. Then aws/endpoint.c needs to learn something first.
"""

import gzip
import json
import re
import textwrap
from dataclasses import dataclass, replace
from pathlib import Path

import botocore

TABLE = Path(__file__).with_suffix(".c")
DATA = Path(botocore.__file__).parent / "data"
# The name before the Region in our code -> the folder of the rule set.
SERVICES = {"kms": "kms", "oidc": "sso-oidc", "portal.sso": "sso", "rds": "rds", "sts": "sts"}
SUFFIXES = {"{PartitionResult#dnsSuffix}": "{dns}", "{PartitionResult#dualStackDnsSuffix}": "{dualstack}"}
TEXT = """/* SPDX-License-Identifier: MPL-2.0
 *
 * Made by endpoint_table.py of botocore %s: change that.
 */
#include "aws/endpoint_table.h"

/* clang-format off */
static const struct aws_endpoint_partition partitions[] = {
%s
    { .partition = { .name = NULL } },
};

static const struct aws_endpoint_rule rules[] = {
%s
    { .service = NULL },
};
/* clang-format on */

const struct aws_endpoint_table aws_endpoint_table = { partitions, rules };
"""


# ---- Rules


@dataclass(frozen=True)
class Path:
    """What the conditions on the way to a rule ask for; None: anything."""

    fips: bool | None = None
    dualstack: bool | None = None
    partition: str | None = None
    region: str | None = None
    supported: frozenset = frozenset()

    def narrowed(self, **to):
        """None: it can never be reached."""
        if any(getattr(self, name) not in (None, value) for name, value in to.items()):
            return None
        return replace(self, **to)


def argument(value):
    """A name for what the condition looks at, or a constant."""
    if not isinstance(value, dict):
        return value
    if "ref" in value:
        return f"${value['ref']}"
    if value["fn"] == "getAttr":
        return f"${value['argv'][1]}"
    raise SystemExit(f"a condition of an unknown form: {value}")


def entered(path, condition):
    """The path behind the condition. There is a Region, no custom endpoint, and STS is regional."""
    function = condition["fn"]
    if function == "not":
        inner = condition["argv"][0]
        if inner["fn"] != "isSet" or argument(inner["argv"][0]) != "$Endpoint":
            raise SystemExit(f"an unknown condition: {condition}")
        return path
    names = sorted((argument(value) for value in condition["argv"]), key=lambda value: not str(value).startswith("$"))
    match function, *names:
        case "isSet", "$Region":
            return path
        case "isSet", "$Endpoint":
            return None
        case "aws.partition", "$Region":
            return path
        case "booleanEquals", "$UseGlobalEndpoint", bool(value):
            return None if value else path
        case "booleanEquals", "$UseFIPS", bool(value):
            return path.narrowed(fips=value)
        case "booleanEquals", "$UseDualStack", bool(value):
            return path.narrowed(dualstack=value)
        case "booleanEquals", ("$supportsFIPS" | "$supportsDualStack") as name, True:
            return replace(path, supported=path.supported | {name})
        case "stringEquals", "$name", str(value):
            return path.narrowed(partition=value)
        case "stringEquals", "$Region", str(value):
            return path.narrowed(region=value)
    raise SystemExit(f"an unknown condition: {condition}")


def leaves(rules, path):
    """(path, host, signing Region) in the order of trial. Refusals have no host."""
    for rule in rules:
        inner = path
        for condition in rule["conditions"]:
            inner = inner and entered(inner, condition)
        if not inner:
            continue
        if rule["type"] == "tree":
            yield from leaves(rule["rules"], inner)
        elif rule["type"] == "error":
            yield inner, None, None
        else:
            endpoint = rule["endpoint"]
            (signing,) = endpoint["properties"].get("authSchemes", [{}])
            yield inner, endpoint["url"], signing.get("signingRegion")


def variants(path):
    return [
        (fips, dualstack)
        for fips in (True, False)
        for dualstack in (True, False)
        if path.fips in (None, fips) and path.dualstack in (None, dualstack)
    ]


def check_support(path, fips, dualstack):
    """What the partition lacks is refused before the rules: each must ask for just that."""
    wanted = {name for name, it in (("$supportsFIPS", fips), ("$supportsDualStack", dualstack)) if it}
    if path.supported != wanted:
        raise SystemExit(f"support is not asked for as the table takes it: {path}")


def host(url):
    for theirs, ours in SUFFIXES.items():
        url = url.replace(theirs, ours)
    text = url.removeprefix("https://").replace("{Region}", "{region}")
    if not re.fullmatch(r"https://([a-z0-9.-]|\{(Region|dns|dualstack)\})+", url):
        raise SystemExit(f"a URL of an unknown form: {url}")
    return text


def service_rules(service, rule_set):
    """Rows of the table. What an earlier row takes away is left out."""
    seen = []
    for path, url, signing in leaves(rule_set["rules"], Path()):
        for fips, dualstack in variants(path):
            hidden = any(
                row[:2] == (fips, dualstack) and row[2] in (None, path.partition) and row[3] in (None, path.region)
                for row in seen
            )
            if hidden:
                continue
            if url is None:
                raise SystemExit(f"a refusal that is not of a partition without support: {path}")
            check_support(path, fips, dualstack)
            seen.append((fips, dualstack, path.partition, path.region))
            elsewhere = None if signing == "{Region}" else signing
            yield rule_row(service, fips, dualstack, path, host(url), elsewhere)


# ---- Rows


def quoted(text):
    return f'"{text}"'


def flag(value):
    return "true" if value else "false"


def rule_row(service, fips, dualstack, path, host, signing):
    members = {
        "service": quoted(service),
        "fips": fips and "true",
        "dualstack": dualstack and "true",
        "partition": path.partition and quoted(path.partition),
        "region": path.region and quoted(path.region),
        "host": quoted(host),
        "signing_region": signing and quoted(signing),
    }
    return "    { %s }," % ", ".join(f".{name} = {value}" for name, value in members.items() if value)


def prefixes(pattern):
    """["us-gov"] of `^us\\-gov\\-\\w+\\-\\d+$`: what stands before the last two words."""
    found = re.fullmatch(r"\^((?:[a-z]|\\-)*)(?:\(([a-z|]+)\))?\\-\\w\+\\-\\d\+\$", pattern)
    if not found:
        raise SystemExit(f"a pattern of an unknown form: {pattern}")
    before, choices = found[1].replace("\\-", "-"), (found[2] or "").split("|")
    return [before + choice for choice in choices]


def partition_row(partition):
    outputs = partition["outputs"]
    names = ", ".join(quoted(it) for it in (partition["id"], outputs["dnsSuffix"], outputs["dualStackDnsSuffix"]))
    lines = textwrap.wrap(" ".join(sorted(partition["regions"])), 90, break_on_hyphens=False)
    regions = ' "\n                 "'.join(lines)
    return (
        f"    {{ .partition = {{ {names} }},\n"
        f"      .has_fips = {flag(outputs['supportsFIPS'])}, .has_dualstack = {flag(outputs['supportsDualStack'])},\n"
        f"      .prefixes = {quoted(' '.join(prefixes(partition['regionRegex'])))},\n"
        f"      .regions = {quoted(regions)} }},"
    )


def partitions():
    """The first one takes what matches none, as botocore's does."""
    found = json.loads((DATA / "partitions.json").read_text())["partitions"]
    if found[0]["id"] != "aws" or any(set(it) - {"description"} for p in found for it in p["regions"].values()):
        raise SystemExit("partitions.json: another order, or a Region with outputs of its own")
    return found


def rule_set(folder):
    newest = max((DATA / folder).iterdir())
    return json.loads(gzip.decompress((newest / "endpoint-rule-set-1.json.gz").read_bytes()))


def table():
    rows = [row for service, folder in SERVICES.items() for row in service_rules(service, rule_set(folder))]
    return TEXT % (botocore.__version__, "\n".join(map(partition_row, partitions())), "\n".join(rows))


if __name__ == "__main__":
    TABLE.write_text(table())
