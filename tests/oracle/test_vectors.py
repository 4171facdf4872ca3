# SPDX-License-Identifier: MPL-2.0
"""What shared files and chains of sources come to, case by case: tests/vectors/credentials."""

import json
from pathlib import Path

import pytest

from .conftest import World
from .worlds import CONFIG, CREDENTIALS

FOLDER = Path(__file__).resolve().parents[1] / "vectors" / "credentials"


def cases(name):
    table = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return pytest.mark.parametrize("case", table, ids=[case["name"] for case in table])


def world_of(case):
    files = {CONFIG: case.get("config", ""), CREDENTIALS: case.get("credentials", "")} | case.get("paths", {})
    return World({"HOME": "/h"} | case.get("env", {}), files)


@cases("files")
def test_shared_files(oracle, case):
    world = world_of(case)
    for name, values in case.get("profiles", {}).items():
        found = oracle.profile(world, name, list(values))
        assert found.exists and found.values == values
    for name in case.get("absent", []):
        assert not oracle.profile(world, name).exists
    for name, keys in case.get("keys", {}).items():
        assert list(oracle.profile(world, name).static) == keys
    for section, service, key, value in case.get("services", []):
        assert oracle.services(world, section, service, key) == value


@cases("chains")
def test_chains(oracle, case):
    found = oracle.resolve(
        world_of(case), case.get("profile", ""), list(case.get("refused", {}).items()), case.get("answers", [])
    )
    told = [
        f"{name} {parts['role_arn']} with {parts.get('with', 'a token')}" if name != "HTTP" else parts["url"]
        for name, parts in found.calls
    ]
    assert told == case.get("calls", [])
    for name, value in case.get("last", {}).items():
        assert found.calls[-1][1].get(name, "") == value
    for text, said in zip(case.get("tried", found.tried), found.tried, strict=True):
        assert text in said
    if error := case.get("error"):
        assert found.kind == "error" and error in found.error
    else:
        assert (found.kind, found.keys[0]) == tuple(case["gives"]), found.error
