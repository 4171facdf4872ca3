#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Measures the provider: start-up and memory beside the least that a start costs, and calls.

The reference (tests/bench/reference_start.c) only makes a P-256 certificate and opens a socket.
"""

import argparse
import datetime
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / "acceptance"), str(ROOT / "tests" / "bench")]
from grpc_client import Client, call_function  # noqa: E402
from harness.sandbox import BUILD, Sandbox, build, provider_binaries  # noqa: E402

HOST = {
    "TF_PLUGIN_MAGIC_COOKIE": "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
    "PLUGIN_PROTOCOL_VERSIONS": "6",
}
ARN_PARTS = ("aws", "eu-central-1", "111122223333", "cluster", "orders-2026-01")


def main():
    parser = argparse.ArgumentParser(
        prog="script/bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--starts", type=int, default=40, help="starts per program (default: 40)")
    parser.add_argument("--calls", type=int, default=20000, help="calls per measurement (default: 20000)")
    options = parser.parse_args()
    build("--with-tests")
    sandbox = Sandbox("bench")
    try:
        measure(sandbox, options)
    finally:
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
    main()
