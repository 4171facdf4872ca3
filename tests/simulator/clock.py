# SPDX-License-Identifier: MPL-2.0
"""Two clocks: a simulated one for states that take time, and wall time for what AWS dates.

Nothing here sleeps or ticks: whoever wants to know a state asks for the time.
"""

import time
from datetime import datetime, timezone


class Clock:
    def __init__(self, scale=1.0):
        self._scale = scale
        self._simulated = time.time()
        self._real = time.monotonic()
        self.offset_seconds = 0.0

    def now(self):
        """Simulated seconds since the epoch; runs `scale` times as fast as real time."""
        return self._simulated + (time.monotonic() - self._real) * self._scale

    def wall(self):
        """What this server believes the time to be: signatures, credentials, the Date header."""
        return time.time() + self.offset_seconds

    @property
    def scale(self):
        return self._scale

    @scale.setter
    def scale(self, value):
        self._rebase(0)
        self._scale = value

    def advance(self, seconds):
        self._rebase(seconds)

    def _rebase(self, seconds):
        self._simulated = self.now() + seconds
        self._real = time.monotonic()


def iso(seconds):
    """As RDS writes times: UTC with milliseconds."""
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def from_iso(text):
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
