# SPDX-License-Identifier: MPL-2.0
"""RDS events of snapshots. The end of a copy is filed when it begins, dated when it will end: a
reader sees what lies in the past, and a cancelled copy takes its end back."""

from dataclasses import dataclass

from .clock import from_iso, iso
from .kinds import KINDS


@dataclass
class Event:
    kind: object
    account: str
    region: str
    arn: str
    name: str
    date: float
    category: str
    message: str

    def wire(self):
        return {
            "SourceIdentifier": self.name,
            "SourceType": self.kind.event_source,
            "SourceArn": self.arn,
            "Message": self.message,
            "Date": iso(self.date),
            "EventCategories": [self.category],
        }


class Events:
    def __init__(self, clock):
        self._clock = clock
        self._events = []

    def add(self, snapshot, what, date):
        """Nothing happens where the kind has no such event: AWS documents none for cluster copies."""
        if what in snapshot.kind.events:
            _, category, message = snapshot.kind.events[what]
            place = (snapshot.account, snapshot.region, snapshot.arn, snapshot.name)
            self._events.append(Event(snapshot.kind, *place, date, category, message))

    def cancel(self, snapshot):
        now = self._clock.now()
        self._events = [e for e in self._events if e.arn != snapshot.arn or e.date <= now]

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
                if (e.account, e.region) == (call.account, call.region)
                and start <= e.date <= min(end, now)
                and params.get("SourceType") in (None, e.kind.event_source)
                and params.get("SourceIdentifier", e.name).lower() in (e.name, e.arn)
                and (not categories or e.category in categories)
            ),
            key=lambda e: e.date,
        )


SOURCE_TYPES = {kind.event_source for kind in KINDS.values()}
