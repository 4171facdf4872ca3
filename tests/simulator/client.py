# SPDX-License-Identifier: MPL-2.0
"""Starts an imitation and drives it: thin wrappers around README.md's control calls.

Standard library only; boto3 is imported when a boto3 client is asked for.
"""

import contextlib
import functools
import json
import os
import select
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


class Refused(Exception):
    """A control call was answered with an error."""


@dataclass(frozen=True)
class Account:
    simulator: "Simulator"
    id: str
    access_key: str
    secret_key: str

    def client(self, service, region="eu-central-1", **options):
        """A boto3 client with this account's keys, without retries unless `config` says otherwise."""
        keys = {"aws_access_key_id": self.access_key, "aws_secret_access_key": self.secret_key}
        return self.simulator.client(service, region, **{**keys, **options})


class _Forked:
    """What Simulator.stop() needs of a process that is another's child, and reaped there. A handle tells that it has
    ended before whoever inherited it has reaped it, which may take a second."""

    stdin = stdout = None

    def __init__(self, pid):
        self.pid = pid
        self._handle = os.pidfd_open(pid)

    def terminate(self):
        self._send(signal.SIGTERM)

    def kill(self):
        self._send(signal.SIGKILL)

    def wait(self, timeout=10):
        ended = select.poll()
        ended.register(self._handle, select.POLLIN)
        if not ended.poll(timeout * 1000):
            raise subprocess.TimeoutExpired("fork", timeout)
        os.close(self._handle)

    def _send(self, number):
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, number)


class Simulator:
    """`with Simulator.start(time_scale=600) as aws:`; or Simulator(url) for one that runs already."""

    def __init__(self, url, process=None):
        self.url = url
        self._process = process
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    @classmethod
    def start(cls, time_scale=1.0, python=sys.executable, stderr=None):
        command = [str(python), str(FOLDER), "--time-scale", str(time_scale), "--exit-with-stdin"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr)
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"the simulator did not start, exit code {process.wait()}")
        return cls(json.loads(line)["url"], process)

    @property
    def pid(self):
        return self._process.pid

    def stay(self):
        """It goes on when its starter has ended."""
        self._process.stdin.write(b"stay")
        self._process.stdin.close()

    def stop(self):
        if self._process:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe:
                    pipe.close()
            self._process = None

    def fork(self):
        """Another imitation that begins as a copy of this one; stop() ends it."""
        made = self.control("POST", "fork")
        return Simulator(made["url"], _Forked(made["pid"]))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def control(self, method, path, body=None, **query):
        query = {name: value for name, value in query.items() if value is not None}
        url = f"{self.url}/_simulator/{path}" + ("?" + urllib.parse.urlencode(query) if query else "")
        data = json.dumps(body or {}).encode() if method != "GET" else None
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
        try:
            with self._opener.open(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise Refused(json.load(error)["error"]) from None

    # The world

    def reset(self):
        self.control("POST", "reset")

    @functools.cached_property
    def _session(self):
        import boto3  # one session: it keeps the service models

        return boto3.session.Session()

    def client(self, service, region="eu-central-1", **options):
        from botocore.config import Config

        options.setdefault("config", Config(retries={"total_max_attempts": 1}, proxies={}))
        return self._session.client(service, region, endpoint_url=self.url, **options)

    def account(self, account_id):
        made = self.control("POST", "accounts", {"account_id": account_id})
        return Account(self, account_id, made["access_key"], made["secret_key"])

    def add_key(self, account_id, region, **fields):
        """ARN of a new key."""
        return self.control("POST", "keys", {"account_id": account_id, "region": region, **fields})["arn"]

    def add_cluster(self, account_id, region, identifier, **fields):
        return self._add("clusters", account_id, region, identifier, fields)

    def add_instance(self, account_id, region, identifier, **fields):
        return self._add("instances", account_id, region, identifier, fields)

    def add_snapshot(self, account_id, region, identifier, **fields):
        return self._add("snapshots", account_id, region, identifier, fields)

    def _add(self, path, account_id, region, identifier, fields):
        place = {"account_id": account_id, "region": region, "identifier": identifier}
        return self.control("POST", path, {**place, **fields})["arn"]

    def change_key(self, arn, **fields):
        return self.control("PATCH", "keys", {"arn": arn, **fields})

    def change_snapshot(self, arn, **fields):
        return self.control("PATCH", "snapshots", {"arn": arn, **fields})

    def remove_snapshot(self, arn):
        self.control("DELETE", "snapshots", {"arn": arn})

    def keys(self, account_id=None, region=None):
        return self.control("GET", "keys", account_id=account_id, region=region)["keys"]

    def clusters(self, account_id=None, region=None):
        return self.control("GET", "clusters", account_id=account_id, region=region)["clusters"]

    def instances(self, account_id=None, region=None):
        return self.control("GET", "instances", account_id=account_id, region=region)["instances"]

    def snapshots(self, account_id=None, region=None, kind=None):
        answer = self.control("GET", "snapshots", account_id=account_id, region=region, kind=kind)
        return answer["snapshots"]

    def snapshot(self, arn):
        """One of them, or None."""
        return next((s for s in self.snapshots() if s["arn"] == arn), None)

    def allow_delete(self, identifier, later=False):
        """The snapshots of that name, or the one of that ARN, may be deleted without counting as lost; their ARNs.
        With `later` those made later under that name, too."""
        return self.control("POST", "allow_delete", {"identifier": identifier, "later": later})["allowed"]

    def lost_copies(self):
        return self.control("GET", "lost_copies")["lost"]

    # Behaviour

    def settings(self, **changes):
        return self.control("PUT", "settings", changes)

    def advance(self, seconds):
        return self.control("POST", "advance", {"seconds": seconds})["now"]

    def expire_credentials(self, account_id=None):
        return self.control("POST", "expire_credentials", {"account_id": account_id})["expired"]

    def identity_policy(self, account_id, policy, role=None, user=None):
        body = {"account_id": account_id, "role": role, "user": user, "policy": policy}
        self.control("POST", "identity_policies", body)

    def fault(self, operation, kind, **fields):
        """Arms one; its id."""
        return self.control("POST", "faults", {"operation": operation, "kind": kind, **fields})["id"]

    def faults(self):
        return self.control("GET", "faults")["faults"]

    def clear_faults(self):
        self.control("DELETE", "faults")

    def release(self, fault_id, drop=False):
        self.control("POST", "release", {"id": fault_id, "drop": drop})

    def wait_until_held(self, fault_id, timeout=10):
        self._wait(lambda: any(f["id"] == fault_id and f["holding"] for f in self.faults()), timeout)

    @staticmethod
    def _wait(condition, timeout):
        deadline = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError("the simulator did not get there")
            time.sleep(0.01)

    # Observation

    def calls(self, operation=None, after=0):
        calls = self.control("GET", "calls", after=after)["calls"]
        return [c for c in calls if operation in (None, c["operation"])]

    def last_call(self):
        """Number of the latest call: the `after` of a later calls()."""
        return self.control("GET", "calls", after=1 << 40)["last"]

    def secrets(self):
        """Whatever no log may hold: secret keys and session tokens given out so far."""
        given = self.control("GET", "credentials")["credentials"]
        return [it[name] for it in given for name in ("secret_key", "token") if it[name]]

    def counts(self):
        return self.control("GET", "counts")["counts"]

    @contextlib.contextmanager
    def recording(self):
        """Yields a list that holds the calls made inside the block once it has ended."""
        start, made = self.last_call(), []
        try:
            yield made
        finally:
            made += self.calls(after=start)
