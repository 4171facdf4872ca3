# SPDX-License-Identifier: MPL-2.0
"""Our side of the comparison: build/<preset>/tests/aws_oracle, driven over a pipe."""

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis.configuration import set_hypothesis_home_dir

ROOT = Path(__file__).resolve().parents[2]
set_hypothesis_home_dir(ROOT / "build" / "hypothesis")


class World(NamedTuple):
    """Environment, and the texts of files by their paths."""

    env: dict
    files: dict


class Profile(NamedTuple):
    exists: bool
    static: tuple  # access key, secret key, token; "" for none
    values: dict


class Resolved(NamedTuple):
    kind: str  # "error" when there are none
    keys: list  # access key, secret key, token
    error: str
    calls: list  # ("AssumeRole", {...}), ...
    tried: list  # each source with its reason


class Oracle:
    def __init__(self, program):
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={})

    def close(self):
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def sign(self, request, key, wall_ms):
        """(canonical request, string to sign, signature, Authorization)"""
        fields = [request["method"], request["url"], request["body"], *key, wall_ms]
        self._write("sign", *fields, len(request["headers"]), *_flat(request["headers"]))
        return tuple(self._read().decode() for _ in range(4))

    def call(self, operation, arguments, wall_ms):
        """(URL, body, [(header, value)]) of the request that the call would send"""
        self._write("call", operation, wall_ms, len(arguments), *_flat(arguments))
        url, body = self._read().decode(), self._read()
        count = int(self._read())
        return url, body, [(self._read().decode(), self._read().decode()) for _ in range(count)]

    def decide(self, policy, account, caller_arn, action, resource, keys=(), own=False):
        """What a policy says: "allowed", "denied", "not allowed" or "cannot tell"."""
        fields = [policy, account, caller_arn, action, resource, "own" if own else "key"]
        self._write("decide", *fields, len(keys), *_flat(keys))
        return self._read().decode()

    def endpoint(self, service, region, fips, dualstack):
        """(URL, signing Region, partition); the first is "!" and the error where there is none."""
        self._write("endpoint", service, region, *(str(it).lower() for it in (fips, dualstack)))
        return tuple(self._read().decode() for _ in range(3))

    def split(self, command_line):
        """The words of a command line; None: refused."""
        self._write("split", command_line)
        if self._read() == b"refused":
            return None
        return [self._read() for _ in range(int(self._read()))]

    def configured(self, config, profile, service, environment):
        """The endpoint that environment and profile set; None: none."""
        self._write("configured", config, profile, service, len(environment), *_flat(environment.items()))
        return self._read().decode() or None

    def is_direct(self, url, no_proxy):
        self._write("direct", url, no_proxy)
        return self._read() == b"direct"

    def profile(self, world, profile, keys=()):
        """What the shared files say: a Profile."""
        self._write("profile", *_world(world), profile, len(keys), *keys)
        exists, *static = (self._text() for _ in range(4))
        return Profile(exists == "yes", tuple(static), {key: self._text() for key in keys})

    def services(self, world, section, service, key):
        """A value of the [services SECTION] section; "" for none."""
        self._write("services", *_world(world), section, service, key)
        return self._text()

    def resolve(self, world, profile="", refusals=(), answers=()):
        """What the chain of credentials gives: a Resolved. `answers` are (URL, status, body)."""
        self._write("resolve", *_world(world), profile, len(refusals), *_flat(refusals), len(answers), *_flat(answers))
        ok = self._text() == "ok"
        parts = [self._text() for _ in range(4 if ok else 2)]
        calls = [(self._text(), dict(self._pairs())) for _ in range(int(self._read()))]
        tried = [self._text() for _ in range(int(self._read()))]
        if ok:
            return Resolved(parts[0], parts[1:], "", calls, tried)
        return Resolved("error", [], ": ".join(parts), calls, tried)

    def _pairs(self):
        return [(self._text(), self._text()) for _ in range(int(self._read()))]

    def _text(self):
        return self._read().decode(errors="surrogateescape")

    def _write(self, *values):
        for value in values:
            data = value if isinstance(value, bytes) else str(value).encode(errors="surrogateescape")
            self._process.stdin.write(b"%d:%s," % (len(data), data))
        self._process.stdin.flush()

    def _read(self):
        digits = b""
        while (byte := self._process.stdout.read(1)) != b":":
            if not byte:
                raise EOFError("aws_oracle has ended")
            digits += byte
        data = self._process.stdout.read(int(digits))
        assert self._process.stdout.read(1) == b","
        return data


def _world(world):
    return [len(world.env), *_flat(world.env.items()), len(world.files), *_flat(world.files.items())]


def _flat(pairs):
    return [value for pair in pairs for value in pair]


def _program():
    """$AWS_ORACLE, or the newest build's."""
    if given := os.environ.get("AWS_ORACLE"):
        return Path(given)
    built = sorted(ROOT.glob("build/*/tests/aws_oracle"), key=lambda path: path.stat().st_mtime)
    if not built:
        pytest.fail("aws_oracle is not built: script/build --with-tests")
    return built[-1]


@pytest.fixture(scope="session")
def oracle():
    oracle = Oracle(_program())
    yield oracle
    oracle.close()


def pytest_terminal_summary(terminalreporter):
    from .worlds import compared

    if compared:
        counts = ", ".join(f"{count} {name}" for name, count in sorted(compared.items()))
        terminalreporter.write_line(f"compared: {counts}")
