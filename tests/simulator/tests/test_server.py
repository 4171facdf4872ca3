# SPDX-License-Identifier: MPL-2.0
"""The process and its HTTP."""

import signal
import subprocess
import sys
import threading
import time

from simulator.client import FOLDER, Simulator

from . import raw


def test_it_starts_at_once_and_says_one_line():
    process = subprocess.Popen([sys.executable, FOLDER], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    line = process.stdout.readline()
    try:
        assert line.startswith(b'{"url": "http://127.0.0.1:') and f'"pid": {process.pid}'.encode() in line
        simulator = Simulator(line.decode().split('"')[3])
        simulator.account("111111111111").client("sts").get_caller_identity()
    finally:
        process.send_signal(signal.SIGTERM)
        rest = process.communicate(timeout=10)
    assert (process.returncode, rest) == (0, (b"", b""))


def test_after_stay_it_outlasts_its_input():
    simulator = Simulator.start()
    simulator.stay()
    time.sleep(0.2)
    assert simulator.account("111111111111").id == "111111111111"
    simulator.stop()


def test_it_ends_with_its_input():
    simulator = Simulator.start()
    process = simulator._process
    process.stdin.close()
    assert process.wait(60) == 0
    process.stdout.close()


def test_connections_are_kept(aws, old):
    connection = raw.connect(aws)
    headers = raw.signed(aws, old, raw.IDENTITY)
    for _ in range(3):
        assert raw.post(connection, raw.IDENTITY, headers)[0] == 200
        socket = connection.sock
        assert socket is not None
    assert connection.sock is socket


def test_motos_answers_keep_the_connection_too(aws, old):
    connection = raw.connect(aws)
    body = "Action=DescribeDBClusters&Version=2014-10-31"
    for _ in range(2):
        assert raw.post(connection, body, raw.signed(aws, old, body, "rds"))[0] == 200
        assert connection.sock is not None


def test_a_hundred_and_more_at_once(aws, old):
    headers = raw.signed(aws, old, raw.IDENTITY)
    statuses, go = [], threading.Barrier(128)

    def call():
        go.wait()
        connection = raw.connect(aws)
        for _ in range(3):
            statuses.append(raw.post(connection, raw.IDENTITY, headers)[0])
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(128)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 384


def test_unknown_and_malformed_operations(aws, old):
    connection = raw.connect(aws)
    for body, code in (
        ("Action=Nonsense&Version=2014-10-31", "InvalidAction"),
        ("Action=DeleteDBClusterSnapshot&Version=2014-10-31", "MissingParameter"),
        ("Action=DescribeDBClusterSnapshots&Version=2014-10-31&MaxRecords=many", "InvalidParameterValue"),
        ("Action=DescribeDBClusterSnapshots&Version=2014-10-31&IncludeShared=perhaps", "MalformedInput"),
    ):
        status, text, _ = raw.post(connection, body, raw.signed(aws, old, body, "rds"))
        assert status == 400 and f"<Code>{code}</Code>" in text, text


def test_lists_may_be_written_as_members(aws, old):
    arn = aws.add_snapshot(old.id, "eu-central-1", "s")
    head = f"Action=AddTagsToResource&Version=2014-10-31&ResourceName={arn}"
    body = head + "&Tags.member.1.Key=k&Tags.member.1.Value=v"
    answer = raw.post(raw.connect(aws), body, raw.signed(aws, old, body, "rds"))
    assert answer[0] == 200
    assert "<AddTagsToResourceResult>" not in answer[1]
    assert aws.snapshot(arn)["tags"] == {"k": "v"}
