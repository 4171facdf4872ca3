# SPDX-License-Identifier: MPL-2.0
"""Where contracts are run: two accounts, two Regions, and the snapshots to begin with. An imitation and real accounts
each have a field of their own; a contract knows only this."""

import abc
import json
import time
from dataclasses import dataclass
from typing import Any

from .contract import Untold

LIMIT_SECONDS = 3600

READING = ("kms:DescribeKey", "kms:CreateGrant", "kms:Decrypt", "kms:ReEncryptFrom")


@dataclass(frozen=True)
class Account:
    id: str
    clients: Any  # (service, region) -> a boto3 client with this account's credentials

    def client(self, service, region):
        return self.clients(service, region)


class Field(abc.ABC):
    """`old` has the snapshots, `new` shall have them. Whoever makes a field also removes what was made in it: each name
    begins with `prefix`."""

    region: str
    elsewhere: str
    old: Account
    new: Account
    prefix = "contract-"

    def __init__(self):
        self._names = 0

    @abc.abstractmethod
    def snapshot(self, kind, encryption):
        """ARN of an available one in `old`. `encryption`: the ARN of a key, "aws/rds", "sse-rds" or "none"."""

    @abc.abstractmethod
    def pass_time(self):
        """Lets AWS get on, for about a minute."""

    def name(self):
        self._names += 1
        return f"{self.prefix}{self._names}"

    def rds(self, account, region=None):
        return account.client("rds", region or self.region)

    def key(self, account, region=None, reader=None, actions=READING, via=None):
        """ARN of a new key, which `reader` may use for `actions`: through RDS of the Region `via`, or in any way."""
        statements = [allow(account, "kms:*")]
        if reader and actions:
            through = {"StringEquals": {"kms:ViaService": f"rds.{via}.amazonaws.com"}}
            statements.append(allow(reader, *actions) | ({"Condition": through} if via else {}))
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        kms = account.client("kms", region or self.region)
        return kms.create_key(Policy=policy)["KeyMetadata"]["Arn"]

    def until(self, look, what):
        """The first of its answers that is not empty."""
        began = time.monotonic()
        while time.monotonic() - began < LIMIT_SECONDS:
            if found := look():
                return found
            self.pass_time()
        raise TimeoutError(what)

    def ended(self, kind, account, name, region=None):
        """The status of a snapshot that is under way no longer."""

        def look():
            (found,) = kind.describe(self.rds(account, region), name)
            return found["Status"] not in ("pending", "creating", "copying") and found["Status"]

        return self.until(look, f"the end of {name}")

    def running(self, kind, account, source, key):
        """The name of a copy that is under way."""
        name = self.name()
        kind.copy(self.rds(account), source, name, KmsKeyId=key)
        (found,) = kind.describe(self.rds(account), name)
        if found["Status"] not in ("pending", "creating", "copying"):
            raise Untold("a copy takes no time")
        return name

    def shared(self, kind, encryption):
        """ARN of one that `new` sees."""
        source = self.snapshot(kind, encryption)
        kind.share(self.rds(self.old), name_of(source), ValuesToAdd=[self.new.id])
        return source


def allow(account, *actions):
    return {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account.id}:root"},
        "Action": list(actions),
        "Resource": "*",
    }


def name_of(arn):
    return arn.rpartition(":")[2]
