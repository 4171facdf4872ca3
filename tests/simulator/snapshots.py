# SPDX-License-Identifier: MPL-2.0
"""Snapshots of both kinds: what one is, the state it is in at a given time, and all of them.

A state is computed from the simulated time whenever it is asked for; nothing runs between calls.
"""

import functools
import math
from dataclasses import dataclass, field

from .arns import parse_rds_arn, rds_arn
from .clock import iso
from .errors import AwsError
from .kinds import Kind

ALL = "all"
MARK = "terraform-provider-snapshot"  # tag of the copies that the provider made


@dataclass
class Snapshot:
    kind: Kind
    account: str
    region: str
    name: str
    created: float  # simulated
    database: dict  # the fields of the cluster or instance it was made of, by wire name
    type: str = "manual"
    kms_key_arn: str | None = None
    sse_rds: bool = False
    source_arn: str | None = None
    original_created: float | None = None
    tags: dict = field(default_factory=dict)
    shared_with: dict = field(default_factory=dict)  # account or ALL -> simulated time it is visible from
    # Life: pending, perhaps queued, then `working` for a while, then `outcome`; then perhaps deleting and gone.
    working: str = "creating"
    pending_seconds: float = 0
    working_seconds: float = 0
    outcome: str = "available"
    ends_at: float = 1.0  # share of the work after which the outcome is there: less for a failing copy
    fail_reason: str | None = None
    needs: object = None  # of a copy, while it runs: needs.Needs
    queued_until: float = -math.inf
    broken: tuple | None = None  # (time, reason): it fails then, if it still runs
    gone_at: float | None = None
    # What a test has laid down instead.
    fixed_status: str | None = None
    fixed_percent: int | None = None
    may_be_deleted: bool = False  # without being a lost copy: see losses.py

    @functools.cached_property
    def arn(self):
        return str(rds_arn(self.region, self.account, self.kind.arn_type, self.name))

    @property
    def origin(self):
        """The database it goes back to, through whatever copies; the VPC tells the account."""
        return self.kind, self.database["VpcId"], self.database[self.kind.database_identifier]

    @property
    def encrypted(self):
        return bool(self.kms_key_arn or self.sse_rds)

    @property
    def encryption_type(self):
        return "sse-kms" if self.kms_key_arn else "sse-rds" if self.sse_rds else "none"

    @property
    def cross_region(self):
        return self.source_arn is not None and parse_rds_arn(self.source_arn).region != self.region

    @property
    def accepted_until(self):
        return self.created + self.pending_seconds

    @property
    def begins_at(self):
        return max(self.accepted_until, self.queued_until)

    @property
    def end(self):
        """(time, outcome, reason of a failure)"""
        ends_at = self.begins_at + self.working_seconds * self.ends_at
        if self.broken and self.broken[0] <= ends_at:
            return self.broken[0], "failed", self.broken[1]
        return ends_at, self.outcome, self.fail_reason

    def gone(self, now):
        return self.gone_at is not None and now >= self.gone_at

    def status(self, now):
        if self.fixed_status:
            return self.fixed_status
        if self.gone_at is not None:
            return "deleting"
        if now < self.accepted_until:
            return "pending"
        ends_at, outcome, _ = self.end
        return self.working if now < ends_at else outcome

    def percent(self, now):
        """0 for the first tenth (queued behind other copies), 100 for the last: percent does not tell
        when a copy ends."""
        if self.fixed_percent is not None:
            return self.fixed_percent
        ends_at, outcome, _ = self.end
        if now >= ends_at and outcome == "available":
            return 100
        elapsed = min(now, ends_at) - self.begins_at
        if elapsed <= 0 or not self.working_seconds:
            return 0
        return max(0, min(100, int(125 * elapsed / self.working_seconds - 12.5)))

    def in_progress(self, now):
        return self.status(now) in ("pending", "creating", "copying")

    def visible_to(self, account, now):
        """Whether a foreign account sees it: shared with it, or public and unencrypted."""
        seen_from = self.shared_with.get(account)
        if seen_from is None and not self.encrypted:
            seen_from = self.shared_with.get(ALL)
        return seen_from is not None and now >= seen_from and self.status(now) == "available"

    def wire(self, now, reader):
        """The answer's element as `reader` (an account) sees it."""
        kind, own = self.kind, reader == self.account
        done = self.status(now) not in ("pending", "creating", "copying")
        return {
            **self.database,
            kind.identifier: self.name if own else self.arn,
            kind.arn: self.arn,
            kind.source: self.source_arn,
            kind.encrypted: bool(self.kms_key_arn),  # false also for sse-rds: botocore, DBClusterSnapshot
            "StorageEncryptionType": self.encryption_type,
            "KmsKeyId": self.kms_key_arn,
            "Status": self.status(now),
            "PercentProgress": self.percent(now),
            "SnapshotType": self.type if own else "public" if ALL in self.shared_with else "shared",
            "SnapshotCreateTime": iso(self.created),
            "OriginalSnapshotCreateTime": iso(self.original_created or self.created),
            "SnapshotTarget": "region",
            "SourceRegion": parse_rds_arn(self.source_arn).region if self.cross_region else None,
            "SnapshotDatabaseTime": iso(self.created) if done else None,
            "TagList": [{"Key": k, "Value": v} for k, v in sorted(self.tags.items())] if own else [],
        }

    def report(self, now):
        """The control endpoint's view."""
        return {
            "arn": self.arn,
            "kind": self.kind.name,
            "identifier": self.name,
            "account_id": self.account,
            "region": self.region,
            "status": self.status(now),
            "percent": self.percent(now),
            "type": self.type,
            "kms_key_arn": self.kms_key_arn,
            "encrypted": bool(self.kms_key_arn),
            "storage_encryption_type": self.encryption_type,
            "source_arn": self.source_arn,
            "source_identifier": self.database[self.kind.database_identifier],
            "engine": self.database.get("Engine"),
            "engine_version": self.database.get("EngineVersion"),
            "tags": dict(self.tags),
            "shared_with": sorted(self.shared_with),
            "create_time": iso(self.created),
            "fail_reason": self.end[2],
            "fields": self.database,
        }


class SnapshotStore:
    """Every snapshot by its ARN; looking forgets what has gone in the meantime."""

    def __init__(self, clock):
        self._clock = clock
        self._by_arn = {}

    def add(self, snapshot):
        self._by_arn[snapshot.arn] = snapshot
        return snapshot

    def remove(self, snapshot):
        del self._by_arn[snapshot.arn]

    def by_arn(self, arn):
        snapshot = self._by_arn.get(arn)
        if snapshot and snapshot.gone(self._clock.now()):
            self.remove(snapshot)
            return None
        return snapshot

    def all(self):
        now = self._clock.now()
        for gone in [s for s in self._by_arn.values() if s.gone(now)]:
            self.remove(gone)
        return list(self._by_arn.values())

    def own(self, kind, account, region):
        return [s for s in self.all() if s.kind is kind and s.account == account and s.region == region]

    def foreign(self, kind, account, region):
        """Snapshots of other accounts that this one sees in the Region."""
        now = self._clock.now()
        return [
            s
            for s in self.all()
            if s.kind is kind and s.region == region and s.account != account and s.visible_to(account, now)
        ]

    def named(self, kind, account, region, name):
        return self.by_arn(str(rds_arn(region, account, kind.arn_type, name)))

    def find(self, kind, account, region, identifier):
        """An own snapshot by name, an own or visible foreign one by ARN (any Region); else not found."""
        arn = parse_rds_arn(identifier)
        if arn is None:
            found = self.named(kind, account, region, identifier)
        else:
            found = self.by_arn(str(arn)) if arn.type == kind.arn_type else None
            if found and found.account != account and not found.visible_to(account, self._clock.now()):
                found = None
        if found is None:
            raise not_found(kind, identifier)
        return found


def not_found(kind, identifier):
    return AwsError(kind.not_found, f"{kind.noun} not found: {identifier}", 404)
