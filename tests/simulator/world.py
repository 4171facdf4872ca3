# SPDX-License-Identifier: MPL-2.0
"""All state of one imitation, behind one lock (the server is threaded)."""

import threading

from . import moto_patches, settings
from .calls import CallLog
from .clock import Clock
from .databases import Databases
from .events import Events
from .faults import Faults
from .identity import Identities
from .keys import Keys
from .losses import Losses
from .moto_bridge import Moto
from .snapshots import SnapshotStore


class World:
    def __init__(self, time_scale=1.0, exit_with_stdin=False):
        self.lock = threading.RLock()
        self.moto = Moto()
        self.exit_with_stdin = exit_with_stdin
        self._start_scale = time_scale
        self._make()

    def _make(self):
        self.settings = {**settings.START, "time_scale": self._start_scale}
        self.clock = Clock(self._start_scale)
        self.identities = Identities()
        self.faults = Faults()
        self.calls = CallLog(self.clock)
        self.snapshots = SnapshotStore(self.clock)
        self.events = Events(self.clock)
        self.losses = Losses(self.snapshots)
        self.databases = Databases(self)
        self.keys = Keys(self.moto, self.identities, self.settings, self.clock)

    def load_moto(self):
        self.moto.load(lambda: moto_patches.install(self))

    def reset(self):
        self.load_moto()
        self.faults.clear()  # whoever is held must not wait for a world that is gone
        with self.lock:
            self.moto.reset()
            self._make()

    def change_settings(self, changes):
        settings.check(changes)
        with self.lock:
            self.settings.update(changes)
            if "time_scale" in changes:
                self.clock.scale = changes["time_scale"]
            if "clock_offset_seconds" in changes:
                self.clock.offset_seconds = changes["clock_offset_seconds"]
            return dict(self.settings)
