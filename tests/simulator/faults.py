# SPDX-License-Identifier: MPL-2.0
"""Failures on demand: which calls they meet (armed), and what the client then sees (acted out)."""

import itertools
import json
import threading
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from .errors import AwsError
from .kinds import CLUSTER, INSTANCE
from .message import Response

BEFORE, AFTER, INSIDE = "before", "after", "inside"  # when a kind acts, relative to the effect

# kind -> (when, its fields with their defaults)
KINDS = {
    "throttle": (BEFORE, {"code": "Throttling", "message": "Rate exceeded"}),
    "error": (BEFORE, {"status": 400, "code": "InternalFailure", "message": "An error of the simulator's."}),
    "http": (BEFORE, {"status": 503, "body": "xml"}),
    "access_denied": (BEFORE, {}),
    "explicit_deny": (BEFORE, {}),
    "expired_token": (BEFORE, {}),
    "not_found": (BEFORE, {}),
    "reset_before": (BEFORE, {}),
    "reset_after": (AFTER, {}),
    "hold": (AFTER, {"phase": AFTER, "seconds": 60}),
    "slow": (AFTER, {"seconds": 1}),
    "cut": (AFTER, {}),
    "endless": (AFTER, {}),
    "garbage": (AFTER, {}),
    "fail_copy": (INSIDE, {"at_percent": 50, "reason": "The copy was made to fail."}),
    "note": (INSIDE, {}),
}
MATCHING = {
    "operation": "*", "service": None, "account_id": None, "region": None, "match": None,
    "user_agent": None, "since": None, "skip": 0, "count": 1, "header": None,
}  # fmt: skip
HTTP_BODIES = {
    "xml": (b"<ErrorResponse><Error><Code>ServiceUnavailable</Code></Error></ErrorResponse>", "text/xml"),
    "html": (b"<html><head><title>Unavailable</title></head><body>Try later</body></html>", "text/html"),
    "empty": (b"", "text/plain"),
    "echo": (b"<html><body>" + b"TOKEN " * 25 + b"</body></html>", "text/html"),
}
GARBAGE = bytes(range(256)) * 4


@dataclass
class Fault:
    id: int
    spec: dict
    to_skip: int
    remaining: int | None
    hits: int = 0
    holding: int = 0
    dropped: bool = False
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def kind(self):
        return self.spec["kind"]

    @property
    def when(self):
        return self.spec.get("phase") or KINDS[self.kind][0]

    def matches(self, call):
        spec = self.spec
        return (
            any(fnmatchcase(call.operation or "", pattern) for pattern in _listed(spec["operation"]))
            and spec["service"] in (None, call.service)
            and spec["account_id"] in (None, call.account)
            and spec["region"] in (None, call.region)
            and (spec["match"] is None or spec["match"] in json.dumps(call.params))
            and (spec["user_agent"] is None or spec["user_agent"] in (call.request.header("user-agent") or ""))
        )

    def report(self):
        return {
            **self.spec,
            "id": self.id,
            "hits": self.hits,
            "remaining": self.remaining,
            "holding": self.holding,
        }


def _listed(operation):
    return [operation] if isinstance(operation, str) else operation


class Faults:
    def __init__(self):
        self.lock = threading.Lock()
        self._ids = itertools.count(1)
        self._faults = []

    def arm(self, asked):
        if asked.get("kind") not in KINDS:
            raise ValueError(f"unknown fault kind {asked.get('kind')}; known: {', '.join(KINDS)}")
        known = {**MATCHING, **KINDS[asked["kind"]][1]}
        unknown = set(asked) - set(known) - {"kind"}
        if unknown:
            raise ValueError(f"a fault of kind {asked['kind']} has no field {', '.join(sorted(unknown))}")
        spec = {**known, **asked}
        with self.lock:
            if spec["since"] is not None and all(f.id != spec["since"] for f in self._faults):
                raise ValueError(f"no fault {spec['since']} to begin after")
            fault = Fault(next(self._ids), spec, spec["skip"], spec["count"])
            self._faults.append(fault)
        return fault

    def take(self, call):
        """The oldest fault that this call meets, counted; None if there is none."""
        with self.lock:
            for fault in self._faults:
                if fault.remaining == 0 or not self._is_due(fault) or not fault.matches(call):
                    continue
                if fault.to_skip:
                    fault.to_skip -= 1
                    continue
                fault.hits += 1
                if fault.remaining is not None:
                    fault.remaining -= 1
                return fault
        return None

    def _is_due(self, fault):
        since = fault.spec["since"]
        return since is None or all(f.remaining == 0 for f in self._faults if f.id == since)

    def report(self):
        with self.lock:
            return [fault.report() for fault in self._faults]

    def release(self, fault_id, drop=False):
        with self.lock:
            found = [fault for fault in self._faults if fault.id == fault_id]
        if not found:
            raise ValueError(f"no fault {fault_id}")
        found[0].remaining = 0
        found[0].dropped = drop
        found[0].released.set()

    def clear(self, fault_id=None):
        with self.lock:
            leaving = [f for f in self._faults if fault_id in (None, f.id)]
            self._faults = [f for f in self._faults if f not in leaving]
        for fault in leaving:
            fault.remaining = 0
            fault.released.set()

    def hold(self, fault):
        """False when the call is to be forgotten."""
        with self.lock:
            fault.holding += 1
        fault.released.wait(fault.spec["seconds"])
        with self.lock:
            fault.holding -= 1
        return not fault.dropped


# Acting out


def before(world, fault, call):
    """Instead of the effect: an answer, or an AwsError. None lets the effect happen."""
    kind, spec = fault.kind, fault.spec
    if kind in ("throttle", "error"):
        raise AwsError(spec["code"], spec["message"], spec.get("status", 400))
    if kind in REFUSALS:
        raise REFUSALS[kind](call)
    if kind == "http":
        body, content_type = HTTP_BODIES[spec["body"]]
        token = call.request.header("x-amz-security-token") or ""
        return Response(spec["status"], body.replace(b"TOKEN", token.encode()), content_type)
    if kind == "reset_before":
        return Response(0, delivery="reset")
    return None if world.faults.hold(fault) else Response(0, delivery="reset")


def _refused(call, reason):
    who = call.caller.arn if call.caller else "anonymous"
    text = f"User: {who} is not authorized to perform: {call.service}:{call.operation} {reason}"
    return AwsError("AccessDenied", text, 403)


def _not_found(call):
    if call.service == "kms":
        return AwsError("NotFoundException", "Key does not exist")
    kind = CLUSTER if "Cluster" in call.operation else INSTANCE
    return AwsError(kind.not_found, f"{kind.noun} not found.", 404)


REFUSALS = {
    "access_denied": lambda call: _refused(
        call, f"because no identity-based policy allows the {call.service}:{call.operation} action"
    ),
    "explicit_deny": lambda call: _refused(call, "with an explicit deny in a service control policy"),
    "expired_token": lambda call: AwsError(
        "ExpiredToken", "The security token included in the request is expired", 403
    ),
    "not_found": _not_found,
}


def after(world, fault, answer):
    """What becomes of the answer once the effect has happened."""
    if fault.kind == "hold":
        world.faults.hold(fault)
    elif fault.kind == "slow":
        fault.released.wait(fault.spec["seconds"])
    elif fault.kind == "garbage":
        return Response(200, GARBAGE, answer.content_type)
    elif fault.kind == "reset_after":
        answer.delivery = "reset"
    else:
        answer.delivery = fault.kind  # cut, endless
    return answer


def failure_of_copy(world, call, target):
    """(at_percent, reason) when this copy is to fail, by a fault on the call or by the settings."""
    if call.fault and call.fault.kind == "fail_copy":
        return call.fault.spec["at_percent"], call.fault.spec["reason"]
    rule = world.settings["copy_fails"]
    if not rule or rule.get("match", "") not in target or rule.get("count") == 0:
        return None
    if rule.get("count") is not None:
        world.settings["copy_fails"] = {**rule, "count": rule["count"] - 1}
    defaults = KINDS["fail_copy"][1]
    return rule.get("at_percent", defaults["at_percent"]), rule.get("reason", defaults["reason"])
