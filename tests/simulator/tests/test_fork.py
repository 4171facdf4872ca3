# SPDX-License-Identifier: MPL-2.0
"""A second server that begins as a copy of the first."""

import threading

from .names import CLUSTER, OLD, REGION


def names(simulator):
    return sorted(s["identifier"] for s in simulator.snapshots())


def test_both_go_their_own_ways(aws, old):
    key = aws.add_key(OLD, REGION)
    CLUSTER.add(aws, "s")
    with aws.fork() as other:
        assert other.url != aws.url and names(other) == ["s"]
        there = CLUSTER.copy(other.client("rds", aws_access_key_id=old.access_key,
                                          aws_secret_access_key=old.secret_key), "s", "there")  # fmt: skip
        CLUSTER.copy(old.client("rds"), "s", "here")
        assert (names(other), names(aws)) == (["s", "there"], ["here", "s"])
        assert there["Status"] == "copying"
        other.change_key(key, state="Disabled")
        assert [k["state"] for k in other.keys() if k["arn"] == key] == ["Disabled"]
        assert [k["state"] for k in aws.keys() if k["arn"] == key] == ["Enabled"]
        other.advance(10**6)
        with other.fork() as third:
            assert names(third) == ["s", "there"]


def test_while_calls_are_under_way(aws, old):
    """Forked at any moment it answers: no lock is taken along closed."""
    CLUSTER.add(aws, "s")
    done = threading.Event()

    def call_all_the_time():
        rds = old.client("rds")
        while not done.is_set():
            CLUSTER.describe(rds)

    threads = [threading.Thread(target=call_all_the_time) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(10):
            with aws.fork() as other:
                assert names(other) == ["s"]
                CLUSTER.describe(other.client("rds", aws_access_key_id=old.access_key,
                                              aws_secret_access_key=old.secret_key))  # fmt: skip
    finally:
        done.set()
        for thread in threads:
            thread.join()
