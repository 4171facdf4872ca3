# SPDX-License-Identifier: MPL-2.0
"""RDS events of snapshots. A good end is filed when the work begins and dated by what the snapshot says of its end: a
reader sees what lies in the past, and a cancelled copy takes its end back."""

import math
from dataclasses import dataclass

from .clock import from_iso, iso
from .kinds import KINDS


@dataclass
class Event:
    snapshot: object
    category: str
    message: str
    dated: float | None  # None: when the snapshot ends well

    @property
    def date(self):
        if self.dated is not None:
            return self.dated
        ends_at, outcome, _ = self.snapshot.end
        return ends_at if outcome == "available" else math.inf

    def wire(self):
        return {
            "SourceIdentifier": self.snapshot.name,
            "SourceType": self.snapshot.kind.event_source,
            "SourceArn": self.snapshot.arn,
            "Message": self.message,
            "Date": iso(self.date),
            "EventCategories": [self.category],
        }


class Events:
    def __init__(self, clock):
        self._clock = clock
        self._events = []

    def add(self, snapshot, what, date=None):
        """Without a date: when the snapshot ends well. Nothing happens where the kind has no such event: AWS documents
        none for cluster copies."""
        if what in snapshot.kind.events:
            _, category, message = snapshot.kind.events[what]
            self._events.append(Event(snapshot, category, message, date))

    def cancel(self, snapshot):
        now = self._clock.now()
        self._events = [e for e in self._events if e.snapshot is not snapshot or e.date <= now]

    def select(self, call):
        params, now = call.params, self._clock.now()
        end = from_iso(params["EndTime"]) if "EndTime" in params else now
        minutes = params.get("Duration", 60)
        start = from_iso(params["StartTime"]) if "StartTime" in params else end - 60 * minutes
        categories = set(params.get("EventCategories", []))
        return sorted(
            (
                e
                for e in self._events
                if (e.snapshot.account, e.snapshot.region) == (call.account, call.region)
                and start <= e.date <= min(end, now)
                and params.get("SourceType") in (None, e.snapshot.kind.event_source)
                and params.get("SourceIdentifier", e.snapshot.name).lower() in (e.snapshot.name, e.snapshot.arn)
                and (not categories or e.category in categories)
            ),
            key=lambda e: e.date,
        )


SOURCE_TYPES = {kind.event_source for kind in KINDS.values()}
