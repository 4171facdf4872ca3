#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Measures the provider: start-up and memory, calls, and how fast it ends while it waits for a copy.

The reference (tests/bench/reference_start.c) only makes a P-256 certificate and opens a socket: the
least that a start costs, and, ended by SIGTERM, an end.
"""

import signal

signal.signal(signal.SIGINT, signal.SIG_DFL)  # until script.run can say something about it

import datetime
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / "acceptance"), str(ROOT / "tests" / "bench")]
from grpc_client import Client
from harness import script
from harness.sandbox import BUILD, Sandbox, build, provider_binaries
from messages import call_function
from stops import Copying, provider_stops, terraform_interrupts

HOST = {
    "TF_PLUGIN_MAGIC_COOKIE": "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
    "PLUGIN_PROTOCOL_VERSIONS": "6",
}
ARN_PARTS = ("aws", "eu-central-1", "111122223333", "cluster", "orders-2026-01")


def main():
    parser = script.parser("bench")
    parser.add_argument("--starts", type=int, default=40)
    parser.add_argument("--calls", type=int, default=20000)
    parser.add_argument("--stops", type=int, default=200)
    parser.add_argument("--interrupts", type=int, default=20)
    options = parser.parse_args()
    script.require_loopback()
    build("--with-tests")
    sandbox = Sandbox("bench")
    try:
        measure(sandbox, options)
    finally:
        with script.undisturbed():
            sandbox.remove()


def measure(sandbox, options):
    provider = provider_binaries(BUILD / "release")["rds-snapshot/snapshot"]
    reference = BUILD / "release" / "tests" / "reference_start"
    with_tls = {**HOST, "PLUGIN_CLIENT_CERT": host_certificate(sandbox)}

    print(f"{datetime.date.today()}, {os.cpu_count()} cores\n")
    print("start to first line          median      best   memory (VmHWM)")
    for title, binary, environment in (
        ("reference in C", reference, {}),
        ("provider, AutoMTLS", provider, with_tls),
        ("provider, without TLS", provider, HOST),
    ):
        times, kib = starts(binary, sandbox.environment(**environment), options.starts)
        print(f"  {title:24} {statistics.median(times):6.1f} ms {min(times):6.1f} ms {kib / 1024:9.1f} MiB")

    print("\nCallFunction snapshot_arn, one connection")
    process, line = start(provider, sandbox.environment(**HOST))
    client = Client(line.split("|")[3])
    try:
        request = call_function("snapshot_arn", *ARN_PARTS)
        for in_flight in (1, 10, 100):
            began = time.perf_counter()
            answer = client.run("/tfplugin6.Provider/CallFunction", request, options.calls, in_flight)
            seconds = time.perf_counter() - began
            assert b"cluster-snapshot:orders-2026-01" in answer, answer
            print(f"  {in_flight:3} in flight            {options.calls / seconds:10.0f} calls/s")
        print(f"  memory after that        {memory_kib(process.pid) / 1024:10.1f} MiB")
    finally:
        client.close()
        end(process)

    print("\nto the end while a copy is waited for   p50       p99       max")
    print_ends("reference in C, SIGTERM", terminations(reference, sandbox.environment(), options.stops))
    copying = Copying(sandbox)
    try:
        answers, ends = provider_stops(copying, provider, HOST, options.stops)
        print_ends("StopProvider to the answer", answers)
        print_ends("StopProvider to the exit", ends)
        interrupts = terraform_interrupts(copying, sandbox, provider_binaries(BUILD / "release"), options.interrupts)
        print_ends("Ctrl-C to Terraform's exit", interrupts)
    finally:
        copying.end()


def print_ends(title, times):
    times = sorted(times)
    p50, p99 = (times[min(len(times) - 1, int(len(times) * share))] for share in (0.5, 0.99))
    print(f"  {title:28} {p50:9.1f} {p99:9.1f} {times[-1]:9.1f} ms   of {len(times)}", flush=True)


def terminations(binary, environment, count):
    """Milliseconds from SIGTERM to the end."""
    times = []
    for _ in range(count):
        process, _line = start(binary, environment)
        began = time.perf_counter()
        process.terminate()
        process.wait()
        times.append((time.perf_counter() - began) * 1000)
        process.stdout.close()
    return times


def starts(binary, environment, count):
    """Milliseconds of each start, and the memory at the first line."""
    times, peaks = [], []
    for _ in range(count):
        began = time.perf_counter()
        process, _line = start(binary, environment)
        times.append((time.perf_counter() - began) * 1000)
        peaks.append(memory_kib(process.pid))
        end(process)
    return times, statistics.median(peaks)


def start(binary, environment):
    process = subprocess.Popen(
        [binary], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    line = process.stdout.readline().decode().strip()
    if not line:
        raise SystemExit(f"{binary} ended with {process.wait()} before its first line")
    return process, line


def end(process):
    process.kill()
    process.wait()
    process.stdout.close()


def memory_kib(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise SystemExit(f"no VmHWM of {pid}")


def host_certificate(sandbox):
    """As the host makes it: P-521, self-signed, SHA-512."""
    pem = sandbox.folder / "host.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521", "-sha512", "-nodes",
         "-subj", "/CN=localhost", "-days", "1", "-keyout", os.devnull, "-out", pem],
        check=True, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return pem.read_text()


if __name__ == "__main__":
    script.run(main)
