# SPDX-License-Identifier: MPL-2.0
"""The PreSignedUrl of copies between Regions, byte by byte beside the one that botocore's clients put in."""

import datetime
import random
from urllib.parse import parse_qsl

import botocore.auth
import pytest
from botocore.config import Config

from .test_query import CLUSTER, INSTANCE, KEY, SESSION, check_signature, copy

ROUNDS = 10
GOVCLOUD, DOCUMENTDB = ("us-gov-west-1", "us-gov-east-1"), ("eu-west-1", "us-east-1")
ENDPOINTS = ["", "http://127.0.0.1:4566", "https://vpce-1.rds.{}.vpce.amazonaws.com", "https://proxy.example:8443/{}/rds/"]


class Stopped(Exception):
    """Before a request goes out."""


def sent_by_botocore(service, operation, parameters, regions, endpoint, token, moment, monkeypatch):
    """The parameters of the request that a client of botocore would send."""
    source, destination = regions
    SESSION.set_credentials(KEY[0], KEY[1], token or None)
    client = SESSION.create_client(
        service,
        region_name=destination,
        endpoint_url=endpoint or None,
        config=Config(parameter_validation=False),
    )
    sent = []

    def stop(request, **_):
        sent.append(request)
        raise Stopped

    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *_, **__: moment.replace(tzinfo=None))
    client.meta.events.register("before-send", stop)
    with pytest.raises(Stopped):
        client._make_api_call(operation, parameters | {"SourceRegion": source})
    return dict(parse_qsl(sent[0].body, keep_blank_values=True, strict_parsing=True))


@pytest.mark.parametrize("seed", range(ROUNDS))
@pytest.mark.parametrize(
    ("service", "kind", "regions"),
    [
        ("rds", CLUSTER, GOVCLOUD),
        ("rds", INSTANCE, GOVCLOUD),
        ("docdb", CLUSTER, DOCUMENTDB),
        ("docdb", CLUSTER, GOVCLOUD),
    ],
    ids=["cluster", "instance", "documentdb", "documentdb-in-govcloud"],
)
def test_presigned_urls_agree(oracle, service, kind, regions, seed, monkeypatch):
    rng = random.Random(f"{service} {kind} {seed}")
    source, destination = regions
    operation = f"Copy{kind}"
    ours, theirs = copy(kind)(rng)
    wall_ms = rng.randrange(2 * 10**12)
    token = rng.choice(["", KEY[2]])
    endpoint = rng.choice(ENDPOINTS).format(destination)
    settings = [("region", destination), ("source_region", source), ("endpoint", endpoint), ("token", token)]
    url, body, headers = oracle.call(operation, [*ours, *settings], wall_ms)

    moment = datetime.datetime.fromtimestamp(wall_ms // 1000, datetime.UTC)
    expected = sent_by_botocore(service, operation, theirs, regions, endpoint, token, moment, monkeypatch)
    sent = dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True))
    assert sent["PreSignedUrl"] == expected["PreSignedUrl"]
    assert sent == expected
    key = (KEY[0], KEY[1], token, destination, "rds")
    check_signature(operation, url, body, headers, key, wall_ms)


@pytest.mark.parametrize("kind", [CLUSTER, INSTANCE])
def test_no_copy_has_a_url_unless_it_is_wanted(oracle, kind):
    ours, _ = copy(kind)(random.Random(1))
    _, body, _ = oracle.call(f"Copy{kind}", ours, 10**12)
    assert b"PreSignedUrl" not in body and b"DestinationRegion" not in body
