# SPDX-License-Identifier: MPL-2.0
"""What a provider costs before it has work: its file, its start, its memory, its schema."""

import functools
import statistics
import subprocess
import time

from figures import measured, median_and
from harness import runs
from harness.handshake import HOST
from harness.world import OLD
from subject import end, memory_kib

MIB = 1 << 20


def sizes(bench):
    yield measured("size", "binary", bench.each(lambda subject: subject.path.stat().st_size / MIB))
    yield measured("size", "shared libraries", bench.each(shared_libraries))


def shared_libraries(subject):
    listed = subprocess.run(["ldd", subject.path], capture_output=True, text=True)
    return sum("(0x" in line for line in listed.stdout.splitlines())


def handshake(bench):
    """In turns, so that a disturbance of the machine meets all of them."""
    ways = {"with certificate": {**HOST, "PLUGIN_CLIENT_CERT": host_certificate()}, "without certificate": HOST}
    for way, environment in ways.items():
        times = {subject.title: [] for subject in bench.subjects}
        for i in range(bench.repeat):
            bench.doing(way, f"{i} of {bench.repeat}")
            for subject in bench.subjects:
                if subject.kind or way == "with certificate":  # the reference has but one way
                    times[subject.title].append(milliseconds_to_start(subject, environment))
        found = {title: median_and(0.9, samples) for title, samples in times.items()}
        yield measured("handshake", f"{way}, median", {title: pair[0] for title, pair in found.items()})
        yield measured("handshake", f"{way}, p90", {title: pair[1] for title, pair in found.items()})


def milliseconds_to_start(subject, environment):
    began = time.perf_counter()
    process, _line = subject.start(**environment)
    took = (time.perf_counter() - began) * 1000
    end(process)
    return took


def memory(bench):
    with_certificate = {**HOST, "PLUGIN_CLIENT_CERT": host_certificate()}
    world, key = bench.new_world(bench.subjects[0])
    environment = world.environment(OLD)

    def at_handshake(subject):
        process, _line = subject.start(**with_certificate)
        peak = memory_kib(process.pid)
        end(process)
        return peak / 1024

    def after_schema_and_plan(subject):
        with subject.session(**environment) as session:
            schemas = session.schemas()
            after_schema = session.memory_kib()
            session.plan(schemas, key)
            return after_schema / 1024, session.memory_kib() / 1024

    yield measured("memory", "at the handshake", bench.each_median(at_handshake))
    pairs = {it.title: [after_schema_and_plan(it) for _ in range(bench.repeat)] for it in bench.providers}
    for i, moment in enumerate(("after the schema", "after a plan")):
        values = {title: statistics.median(pair[i] for pair in found) for title, found in pairs.items()}
        yield measured("memory", moment, bench.in_order(values))


def schema(bench):
    def ask(session):
        began = time.perf_counter()
        answer = session.schema_bytes()
        return (time.perf_counter() - began) * 1000, len(answer)

    asked = {subject.title: [] for subject in bench.providers}
    for _ in range(bench.repeat):
        for subject in bench.providers:
            with subject.session() as session:
                asked[subject.title].append((ask(session), ask(session)))
    values = {title: found[0][0][1] / 1024 for title, found in asked.items()}
    yield measured("schema", "answer", bench.in_order(values))
    for i, which in enumerate(("first", "next")):
        values = {title: statistics.median(pair[i][0] for pair in found) for title, found in asked.items()}
        yield measured("schema", f"{which} answer, median", bench.in_order(values))


@functools.cache
def host_certificate():
    """By the tests' own Python, which has what that takes."""
    command = [runs.PYTHON, runs.HARNESS / "harness" / "certificate.py"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
