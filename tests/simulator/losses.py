# SPDX-License-Identifier: MPL-2.0
"""Lost copies: an available snapshot with the provider's mark that a Delete call took away, though nobody had
allowed it and no later copy of the same data was there in its place."""

from .snapshots import MARK


class Losses:
    def __init__(self, snapshots):
        self._snapshots = snapshots
        self._lost = []
        self._names = set()  # allowed for good

    def note(self, call, snapshot, now):
        """Before a Delete call takes effect."""
        is_copy = MARK in snapshot.tags and snapshot.status(now) == "available"
        is_allowed = snapshot.may_be_deleted or snapshot.name in self._names
        if is_copy and not is_allowed and not self._has_successor(snapshot, now):
            self._lost.append((call, snapshot.arn))

    def _has_successor(self, snapshot, now):
        """The same account has a later copy of the same database."""
        return any(
            other.created > snapshot.created
            and other.account == snapshot.account
            and other.origin == snapshot.origin
            and MARK in other.tags
            and other.status(now) == "available"
            for other in self._snapshots.all()
        )

    def allow(self, identifier, later=False):
        """The snapshots of that name, or the one of that ARN; their ARNs. One made later under the same name is another
        snapshot: it is allowed only with `later`."""
        allowed = [s for s in self._snapshots.all() if identifier.lower() in (s.name, s.arn)]
        if later:
            self._names.add(identifier.lower())
        elif not allowed:
            raise ValueError(f"no snapshot {identifier}")
        for snapshot in allowed:
            snapshot.may_be_deleted = True
        return sorted(s.arn for s in allowed)

    def report(self):
        return [
            {
                "arn": arn,
                "call": call.n,
                "operation": call.operation,
                "account_id": call.account,
                "region": call.region,
                "caller_arn": call.caller.arn,
            }
            for call, arn in self._lost
        ]
