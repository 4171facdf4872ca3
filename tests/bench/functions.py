# SPDX-License-Identifier: MPL-2.0
"""Calls of one of this provider's functions: what its server does in a second, whoever asks."""

import time

from figures import measured
from messages import call_function

METHOD = "/tfplugin6.Provider/CallFunction"
REQUEST = call_function("snapshot_arn", "aws", "eu-central-1", "111122223333", "cluster", "orders-2026-01")
IN_FLIGHT = (1, 10, 100)


def calls(bench):
    rates, peaks = {count: {} for count in IN_FLIGHT}, {}
    for subject in bench.ours:
        with subject.session() as session:
            for count in IN_FLIGHT:
                bench.doing(f"{subject.title}, {count} in flight")
                began = time.perf_counter()
                answer = session.client.run(METHOD, REQUEST, bench.repeat, count)
                rates[count][subject.title] = bench.repeat / (time.perf_counter() - began)
                assert b"cluster-snapshot:orders-2026-01" in answer, answer
            peaks[subject.title] = session.memory_kib() / 1024
    for count, found in rates.items():
        yield measured("calls", "{} in flight", bench.in_order(found), count)
    yield measured("calls", "memory after that", bench.in_order(peaks))
