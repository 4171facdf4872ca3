# SPDX-License-Identifier: MPL-2.0
"""Each kind of fault, and which calls a fault meets."""

import socket
import threading
import time

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, HTTPClientError, ReadTimeoutError
from botocore.parsers import ResponseParserError

from simulator.client import Refused

from . import raw
from .names import CLUSTER, NEW, OLD, OTHER_REGION, REGION

COPY = "CopyDBClusterSnapshot"
GONE = (ConnectionClosedError, ConnectionResetError)


@pytest.fixture
def copy(aws, rds):
    CLUSTER.add(aws, "s")
    return lambda target="t", client=rds: CLUSTER.copy(client, "s", target)


def targets(aws):
    return [s["identifier"] for s in aws.snapshots() if s["identifier"] != "s"]


# Kinds that act instead of the effect


@pytest.mark.parametrize("fields, code, status", [
    ({"kind": "throttle"}, "Throttling", 400),
    ({"kind": "error", "code": "InternalFailure", "status": 500}, "InternalFailure", 500),
    ({"kind": "error", "code": "OptInRequired", "message": "..."}, "OptInRequired", 400),
    ({"kind": "http", "status": 503}, "ServiceUnavailable", 503),
    ({"kind": "access_denied"}, "AccessDenied", 403),
    ({"kind": "explicit_deny"}, "AccessDenied", 403),
    ({"kind": "expired_token"}, "ExpiredToken", 403),
    ({"kind": "not_found"}, "DBClusterSnapshotNotFoundFault", 404),
])  # fmt: skip
def test_refusals_come_once_and_have_no_effect(aws, copy, fields, code, status, refused):
    fault = aws.fault(COPY, **fields)
    with refused(code, status=status):
        copy()
    assert targets(aws) == []
    copy()
    assert targets(aws) == ["t"]
    first, second = aws.calls(COPY)
    assert (first["fault"], first["status"], second["fault"], second["status"]) == (fault, status, None, 200)
    if fields["kind"] != "http":
        assert first["error_code"] == code


def test_texts_of_refusals(aws, copy, refused):
    aws.fault(COPY, "explicit_deny"), aws.fault(COPY, "throttle")
    with refused("AccessDenied", "with an explicit deny in a service control policy"):
        copy()
    with refused("Throttling", "Rate exceeded"):
        copy()


def test_kms_forms(aws, old, refused):
    kms = old.client("kms")
    for kind, code in (
        ("throttle", "ThrottlingException"),
        ("access_denied", "AccessDeniedException"),
        ("not_found", "NotFoundException"),
    ):
        aws.fault("DescribeKey", kind)
        with refused(code, status=400):
            kms.describe_key(KeyId="alias/aws/rds")
    aws.fault("DescribeKey", "error", code="DependencyTimeoutException", status=503)
    with refused("DependencyTimeoutException", status=503):
        kms.describe_key(KeyId="alias/aws/rds")


@pytest.mark.parametrize(
    "body, content_type",
    [("xml", "text/xml"), ("html", "text/html"), ("empty", "text/plain"), ("echo", "text/html")],
)
def test_front_end_failures(aws, old, body, content_type):
    aws.fault("GetCallerIdentity", "http", status=502, body=body)
    status, text, headers = raw.post(raw.connect(aws), raw.IDENTITY, raw.signed(aws, old, raw.IDENTITY))
    assert (status, headers["Content-Type"], bool(text)) == (502, content_type, body != "empty")


def test_headers(aws, copy):
    aws.fault(COPY, "throttle", header={"x-amz-retry-after": "1500", "Date": "Thu, 01 Jan 2026 00:00:00 GMT"})
    with pytest.raises(ClientError) as caught:
        copy()
    headers = caught.value.response["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amz-retry-after"] == "1500"
    assert headers["date"] == "Thu, 01 Jan 2026 00:00:00 GMT"


# Connections


@pytest.mark.parametrize("kind, effect", [("reset_before", []), ("reset_after", ["t"])])
def test_resets(aws, copy, kind, effect):
    aws.fault(COPY, kind)
    with pytest.raises(GONE):
        copy()
    assert targets(aws) == effect
    assert aws.calls(COPY)[0]["status"] == 0
    assert aws.calls(COPY)[0]["acted"] == bool(effect)


def test_a_reset_is_a_reset(aws, old):
    aws.fault("GetCallerIdentity", "reset_before")
    connection = raw.connect(aws)
    with pytest.raises(ConnectionResetError):
        raw.post(connection, raw.IDENTITY, raw.signed(aws, old, raw.IDENTITY))


def test_cut(aws, copy):
    aws.fault(COPY, "cut")
    with pytest.raises((*GONE, HTTPClientError, ResponseParserError)):
        copy()
    assert targets(aws) == ["t"]


def test_cut_ends_in_the_middle(aws, old):
    aws.fault("GetCallerIdentity", "cut")
    host, port = aws.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as plain:
        headers = raw.signed(aws, old, raw.IDENTITY)
        head = "".join(f"{k}: {v}\r\n" for k, v in headers.items())
        text = f"POST / HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: {len(raw.IDENTITY)}\r\n{head}\r\n"
        plain.sendall((text + raw.IDENTITY).encode())
        answer = b"".join(iter(lambda: plain.recv(65536), b"")).partition(b"\r\n\r\n")
    declared = int(answer[0].lower().partition(b"content-length: ")[2].split()[0])
    assert 0 < len(answer[2]) < declared


def test_endless(aws, old):
    aws.fault("GetCallerIdentity", "endless")
    connection = raw.connect(aws)
    connection.request("POST", "/", raw.IDENTITY, raw.signed(aws, old, raw.IDENTITY))
    answer = connection.getresponse()
    assert len(answer.read(5000)) == 5000
    connection.close()


def test_garbage(aws, copy):
    aws.fault(COPY, "garbage")
    with pytest.raises(ResponseParserError):
        copy()
    assert targets(aws) == ["t"]


def test_slow(aws, old, copy):
    aws.fault(COPY, "slow", seconds=0.3)
    start = time.monotonic()
    copy()
    assert time.monotonic() - start >= 0.3


@pytest.mark.parametrize("phase, effect", [("after", ["t"]), ("before", [])])
def test_hold_and_release(aws, copy, phase, effect):
    fault = aws.fault(COPY, "hold", phase=phase)
    thread = threading.Thread(target=copy)
    thread.start()
    aws.wait_until_held(fault)
    assert targets(aws) == effect
    assert aws.calls(COPY)[0]["status"] is None
    assert aws.snapshots(), "others are not held up"
    aws.release(fault)
    thread.join(5)
    assert not thread.is_alive()
    assert targets(aws) == ["t"]
    assert [f["holding"] for f in aws.faults()] == [0]


def test_a_hold_ends_by_itself_and_by_reset(aws, copy):
    aws.fault(COPY, "hold", seconds=0.2)
    copy()
    fault = aws.fault("*", "hold")
    thread = threading.Thread(target=lambda: copy("u"))
    thread.start()
    aws.wait_until_held(fault)
    aws.reset()
    thread.join(5)
    assert not thread.is_alive()


def test_a_client_that_gives_up_on_a_held_answer(aws, old, copy):
    impatient = old.client(
        "rds", config=Config(read_timeout=0.3, retries={"total_max_attempts": 1}, proxies={})
    )
    aws.fault(COPY, "hold")
    with pytest.raises(ReadTimeoutError):
        copy(client=impatient)
    assert targets(aws) == ["t"]
    aws.clear_faults()


def test_fail_copy(aws, rds, copy):
    aws.settings(copy_seconds=100)
    aws.fault(COPY, "fail_copy", at_percent=20, reason="no luck")
    assert copy()["Status"] == "copying"
    aws.advance(25)
    assert CLUSTER.describe(rds, "t")[0]["Status"] == "failed"
    assert aws.snapshot(CLUSTER.arn("t"))["fail_reason"] == "no luck"


# Which calls


def test_count_and_skip(aws, rds):
    fault = aws.fault("DescribeDBClusterSnapshots", "throttle", skip=1, count=2)
    outcomes = []
    for _ in range(4):
        try:
            CLUSTER.describe(rds)
            outcomes.append("ok")
        except ClientError:
            outcomes.append("refused")
    assert outcomes == ["ok", "refused", "refused", "ok"]
    seen = aws.faults()[0]
    assert (seen["id"], seen["hits"], seen["remaining"]) == (fault, 2, 0)


def test_for_ever_until_cleared(aws, rds, refused):
    aws.fault("*", "throttle", count=None)
    for _ in range(3):
        with refused("Throttling"):
            CLUSTER.describe(rds)
    aws.clear_faults()
    CLUSTER.describe(rds)


@pytest.mark.parametrize("scope", [
    {"account_id": NEW}, {"region": OTHER_REGION}, {"service": "kms"}, {"match": "another-name"},
])  # fmt: skip
def test_scopes_that_do_not_fit(aws, rds, scope):
    aws.fault("*", "throttle", **scope)
    CLUSTER.add(aws, "a-name")
    CLUSTER.describe(rds, "a-name")


def test_scopes_that_fit(aws, rds, refused):
    aws.fault("*", "throttle", account_id=OLD, region=REGION, service="rds", match="a-na")
    with refused("Throttling"):
        CLUSTER.describe(rds, "a-name")


def test_a_fault_meets_correctly_signed_calls_only(aws, old):
    def status(**how):
        return raw.post(raw.connect(aws), raw.IDENTITY, raw.signed(aws, old, raw.IDENTITY, **how))[0]

    fault = aws.fault("GetCallerIdentity", "http")
    assert status(secret="wrong") == 403
    assert raw.post(raw.connect(aws), raw.IDENTITY, {"Content-Type": raw.FORM})[0] == 403
    (armed,) = aws.faults()
    assert (armed["id"], armed["hits"]) == (fault, 0)
    assert [status(), status()] == [503, 200]


def test_the_oldest_fault_acts(aws, rds, refused):
    aws.fault("*", "error", code="First"), aws.fault("*", "error", code="Second")
    for code in ("First", "Second"):
        with refused(code):
            CLUSTER.describe(rds)


def test_mistakes_in_a_fault_are_told(aws):
    with pytest.raises(Refused, match="unknown fault kind"):
        aws.fault("*", "explode")
    with pytest.raises(Refused, match="no field wait"):
        aws.fault("*", "hold", wait=3)
    with pytest.raises(Refused, match="no fault 99"):
        aws.release(99)


@pytest.mark.parametrize("phase, effect", [("after", ["t"]), ("before", [])])
def test_a_held_call_can_be_forgotten(aws, copy, phase, effect):
    fault = aws.fault(COPY, "hold", phase=phase)
    outcomes = []

    def call():
        try:
            outcomes.append(copy()["Status"])
        except GONE:
            outcomes.append("gone")

    thread = threading.Thread(target=call)
    thread.start()
    aws.wait_until_held(fault)
    aws.release(fault, drop=True)
    thread.join(5)
    assert outcomes == (["gone"] if phase == "before" else ["copying"])
    assert targets(aws) == effect


def test_several_operations_and_one_client(aws, old, rds, refused):
    fault = aws.fault(["Copy*", "DescribeDBClusterSnapshots"], "throttle", user_agent="ours/1", count=None)
    CLUSTER.describe(rds)
    ours = old.client("rds", config=Config(user_agent="ours/1.0", retries={"total_max_attempts": 1}, proxies={}))
    with refused("Throttling"):
        CLUSTER.describe(ours)
    with refused("Throttling"):
        CLUSTER.copy(ours, "s", "t")
    ours.describe_db_instances()
    assert aws.faults()[0]["id"] == fault and aws.faults()[0]["hits"] == 2


def test_a_fault_after_another(aws, rds, copy, refused):
    noted = aws.fault(COPY, "note", count=2)
    aws.fault("DescribeDBClusterSnapshots", "throttle", since=noted)
    for target in ("t", "u"):
        CLUSTER.describe(rds)
        copy(target)
    with refused("Throttling"):
        CLUSTER.describe(rds)
    with pytest.raises(Refused, match="no fault 99"):
        aws.fault(COPY, "throttle", since=99)


def test_calls_tell_the_connection(aws, old):
    connection = raw.connect(aws)
    raw.post(connection, raw.IDENTITY, raw.signed(aws, old, raw.IDENTITY))
    assert aws.calls("GetCallerIdentity")[-1]["client_port"] == connection.sock.getsockname()[1]
