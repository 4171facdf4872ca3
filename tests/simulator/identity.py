# SPDX-License-Identifier: MPL-2.0
"""Who may call: key pairs, assumed roles, and the STS operations.

Any role of any account can be assumed, no trust policy is read; a test refuses it with a fault or
an identity policy. Accounts come into being when they are first named.
"""

import base64
import json
import re
import secrets
import string
from dataclasses import dataclass

from .arns import partition_of
from .clock import iso
from .errors import AwsError

ROLE_ARN = re.compile(r"arn:(aws[a-z-]*):iam::(\d{12}):role/([\w+=,.@/-]+)")
SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
CHAINED_ROLE_MAX_SECONDS = 3600


@dataclass
class Credential:
    access_key: str
    secret_key: str
    account: str
    arn: str  # as GetCallerIdentity tells it
    principal_arn: str  # the user's or role's own ARN: what policies name
    user_id: str
    token: str | None = None
    expires: float | None = None  # wall time


def _random(prefix, length, alphabet=string.ascii_uppercase + string.digits):
    return prefix + "".join(secrets.choice(alphabet) for _ in range(length))


class Identities:
    def __init__(self):
        self._by_access_key = {}
        self._policies = {}  # (account, "role/NAME" | "user/NAME" | None) -> policy

    def add_administrator(self, account, region="us-east-1"):
        arn = f"arn:{partition_of(region)}:iam::{account}:user/administrator"
        credential = Credential(
            _random("AKIA", 16), secrets.token_urlsafe(30)[:40], account, arn, arn, _random("AIDA", 17)
        )
        self._by_access_key[credential.access_key] = credential
        return credential

    def report(self):
        kept = ("access_key", "secret_key", "token", "account")
        return [{name: getattr(it, name) for name in kept} for it in self._by_access_key.values()]

    def find(self, access_key):
        return self._by_access_key.get(access_key) or self._issued_by_iam(access_key)

    @staticmethod
    def _issued_by_iam(access_key):
        """Keys that a test made with IAM's CreateAccessKey live in moto."""
        from moto.iam.models import iam_backends

        for account, partitions in list(iam_backends.items()):
            for backend in list(partitions.values()):
                for user in list(backend.users.values()):
                    for key in user.access_keys:
                        if key.access_key_id == access_key and key.status == "Active":
                            return Credential(
                                access_key, key.secret_access_key, account, user.arn, user.arn, user.id
                            )
        return None

    def assume(self, role_arn, session_name, seconds, wall):
        partition, account, path = ROLE_ARN.fullmatch(role_arn).groups()
        role = path.rpartition("/")[2]
        credential = Credential(
            _random("ASIA", 16),
            secrets.token_urlsafe(30)[:40],
            account,
            f"arn:{partition}:sts::{account}:assumed-role/{role}/{session_name}",
            role_arn,
            f"{_random('AROA', 17)}:{session_name}",
            token=secrets.token_urlsafe(90),
            expires=wall + seconds,
        )
        self._by_access_key[credential.access_key] = credential
        return credential

    def expire(self, account, wall):
        """Ends temporary credentials at once; how many."""
        ended = [
            c
            for c in self._by_access_key.values()
            if c.expires and c.expires > wall and account in (None, c.account)
        ]
        for credential in ended:
            credential.expires = wall
        return len(ended)

    # Identity policies

    def set_policy(self, account, role, user, policy):
        name = f"role/{role}" if role else f"user/{user}" if user else None
        self._policies.pop((account, name), None)
        if policy is not None:
            self._policies[(account, name)] = policy

    def policies_of(self, credential):
        kind, _, path = credential.principal_arn.rpartition(":")[2].partition("/")
        name = f"{kind}/{path.rpartition('/')[2]}"
        return [
            self._policies[key]
            for key in ((credential.account, None), (credential.account, name))
            if key in self._policies
        ]


# STS operations: (world, call) -> result, see gateway.py


def get_caller_identity(_world, call):
    caller = call.caller
    return {"UserId": caller.user_id, "Account": caller.account, "Arn": caller.arn}


def assume_role(world, call):
    chained = call.caller.token is not None
    return _assume(world, call.params, CHAINED_ROLE_MAX_SECONDS if chained else 43200)


def assume_role_with_web_identity(world, call):
    params = call.params
    if params["WebIdentityToken"].count(".") != 2:
        raise AwsError("InvalidIdentityToken", "The ID Token provided is not a valid JWT.")
    return {
        **_assume(world, params, 43200),
        "SubjectFromWebIdentityToken": _subject(params["WebIdentityToken"]),
        "Provider": "simulator",
    }


def _subject(token):
    body = token.split(".")[1]
    try:
        return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))).get("sub", "unknown")
    except (ValueError, AttributeError):
        raise AwsError("InvalidIdentityToken", "The ID Token provided is not a valid JWT.") from None


def _assume(world, params, max_seconds):
    role_arn, name = params["RoleArn"], params["RoleSessionName"]
    seconds = params.get("DurationSeconds") or 3600
    if not ROLE_ARN.fullmatch(role_arn):
        raise AwsError("ValidationError", f"{role_arn} is invalid")
    if not SESSION_NAME.fullmatch(name):
        raise AwsError("ValidationError", f"Value '{name}' at 'roleSessionName' failed to satisfy constraint")
    if not 900 <= seconds <= max_seconds:
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role or is below 900.",
        )
    seconds = world.settings["session_seconds"] or seconds
    credential = world.identities.assume(role_arn, name, seconds, world.clock.wall())
    return {
        "Credentials": {
            "AccessKeyId": credential.access_key,
            "SecretAccessKey": credential.secret_key,
            "SessionToken": credential.token,
            "Expiration": iso(credential.expires),
        },
        "AssumedRoleUser": {"AssumedRoleId": credential.user_id, "Arn": credential.arn},
        "PackedPolicySize": 0,
    }


OPERATIONS = {
    "GetCallerIdentity": get_caller_identity,
    "AssumeRole": assume_role,
    "AssumeRoleWithWebIdentity": assume_role_with_web_identity,
}
