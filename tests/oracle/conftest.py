# SPDX-License-Identifier: MPL-2.0
"""Our side of the comparison: build/<preset>/tests/aws_oracle, driven over a pipe."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


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

    def _write(self, *values):
        for value in values:
            data = value if isinstance(value, bytes) else str(value).encode()
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
