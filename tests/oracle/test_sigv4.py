# SPDX-License-Identifier: MPL-2.0
"""Signatures of random requests, stage by stage, beside botocore's signer."""

import datetime
import random
import string
from urllib.parse import quote

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ROUNDS = 300
TEXT = string.ascii_letters + string.digits + " -_.~/+=&?%:;,*'()!@$\"<>[]{}|\\^`éß漢\t"
HOSTS = ["rds.eu-west-1.amazonaws.com", "kms.cn-north-1.amazonaws.com.cn", "localhost:4566", "127.0.0.1:80", "h:443"]
HEADERS = ["X-Amz-Target", "Content-Type", "X-Custom", "x-foo", "x-foo-bar", "X-A", "Expect", "X-Amzn-Trace-Id"]


def text(rng, longest, alphabet=TEXT):
    return "".join(rng.choice(alphabet) for _ in range(rng.randrange(longest)))


def path(rng):
    pieces = [rng.choice(["", ".", "..", quote(text(rng, 8), safe="")]) for _ in range(rng.randrange(5))]
    return "/" + "/".join(pieces)


def query(rng):
    pairs = [f"{quote(text(rng, 5), safe='')}={quote(text(rng, 5), safe='')}" for _ in range(rng.randrange(4))]
    return "?" + "&".join(pairs) if pairs else ""


def random_request(rng):
    scheme = rng.choice(["http", "https"])
    names = rng.sample(HEADERS, rng.randrange(len(HEADERS)))
    headers = [(name, text(rng, 20, string.ascii_letters + "  ,;=/-").strip() or "x") for name in names]
    return {
        "method": rng.choice(["POST", "GET", "PUT"]),
        "url": f"{scheme}://{rng.choice(HOSTS)}{path(rng)}{query(rng)}",
        "headers": headers,
        "body": text(rng, 200).encode(),
    }


class FixedTime(SigV4Auth):
    """botocore's signer at a time of ours, keeping its stages."""

    def __init__(self, credentials, service, region, wall_ms):
        super().__init__(credentials, service, region)
        moment = datetime.datetime.fromtimestamp(wall_ms // 1000, datetime.UTC)
        self.timestamp = moment.strftime("%Y%m%dT%H%M%SZ")
        self.stages = {}

    def add_auth(self, request):
        request.context["timestamp"] = self.timestamp
        self._modify_request_before_signing(request)
        canonical = self.canonical_request(request)
        to_sign = self.string_to_sign(request, canonical)
        signature = self.signature(to_sign, request)
        self._inject_signature_to_request(request, signature)
        self.stages = (canonical, to_sign, signature, request.headers["Authorization"])


def botocore_stages(request, key, wall_ms):
    access_key, secret, token, region, service = key
    signer = FixedTime(Credentials(access_key, secret, token or None), service, region, wall_ms)
    signed = AWSRequest(method=request["method"], url=request["url"], data=request["body"])
    for name, value in request["headers"]:
        signed.headers[name] = value
    signer.add_auth(signed)
    return signer.stages


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_stages_agree(oracle, seed):
    rng = random.Random(seed)
    request = random_request(rng)
    token = text(rng, 30, string.ascii_letters + "/+=") if rng.random() < 0.5 else ""
    key = ("AKID" + text(rng, 9, string.ascii_uppercase), text(rng, 40) or "s", token.strip(), "eu-west-1", "rds")
    wall_ms = rng.randrange(4 * 10**12)
    assert oracle.sign(request, key, wall_ms) == botocore_stages(request, key, wall_ms)
