# SPDX-License-Identifier: MPL-2.0
"""The log of every AWS call, for assertions. No secret enters it."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

SECRET = {"MasterUserPassword", "WebIdentityToken", "TokenCode", "PreSignedUrl", "SAMLAssertion", "Plaintext"}
ATTEMPT = re.compile(r"attempt=(\d+)")


@dataclass
class Call:
    """One request on its way through the gateway."""

    request: Any
    n: int = 0
    time: float = 0
    service: str | None = None
    operation: str | None = None
    region: str | None = None
    params: dict = field(default_factory=dict)
    caller: Any = None  # identity.Credential, once authenticated
    signature: str | None = None
    fault: Any = None
    acted: bool = False  # the operation was carried out, whatever became of the answer
    status: int | None = None
    error_code: str | None = None

    @property
    def account(self):
        return self.caller.account if self.caller else None

    def report(self):
        attempt = ATTEMPT.search(self.request.header("amz-sdk-request") or "")
        return {
            "n": self.n,
            "time": self.time,
            "service": self.service,
            "operation": self.operation,
            "account_id": self.account,
            "region": self.region,
            "caller_arn": self.caller.arn if self.caller else None,
            "parameters": _redacted(self.params),
            "user_agent": self.request.header("user-agent"),
            "client_port": self.request.client_port,
            "signature": self.signature,
            "acted": self.acted,
            "status": self.status,
            "error_code": self.error_code,
            "attempt": int(attempt.group(1)) if attempt else None,
            "fault": self.fault.id if self.fault else None,
        }


def _redacted(value):
    if isinstance(value, dict):
        return {k: "***" if k in SECRET else _redacted(v) for k, v in value.items()}
    return [_redacted(v) for v in value] if isinstance(value, list) else value


class CallLog:
    def __init__(self, clock):
        self._clock = clock
        self._calls = []

    def begin(self, call):
        """Filed when it arrives, so that a test sees a call that is being held."""
        call.time = self._clock.wall()
        self._calls.append(call)
        call.n = len(self._calls)

    def after(self, n):
        return {"calls": [call.report() for call in self._calls[n:]], "last": len(self._calls)}

    def counts(self):
        return dict(Counter(call.operation for call in self._calls if call.operation))
