"""Counts energies from every observation, saves them on disk, and publishes them once a minute."""

import asyncio
from datetime import datetime, timedelta

from ems.bus.api import Bus
from ems.contract.topics import ENERGY
from ems.i18n.health import troubles
from ems.runtime.errors import TransientError
from evcc_poller.adapters.history_db import HistoryDb
from evcc_poller.domain.observation import Observation
from evcc_poller.domain.recording.energy import Counters, count
from evcc_poller.domain.recording.history import Sample, sample

SAVE_INTERVAL = timedelta(minutes=1)
"""Time between two saves; a power cut loses at most this much."""


class EnergyMeter:
    """Publishes nothing before it is on disk, so that no counter is ever seen to fall."""

    def __init__(self, bus: Bus, db: HistoryDb, *, hold: timedelta) -> None:
        self._bus, self._db, self._hold = bus, db, hold
        self._counters = db.counters() or Counters(since=bus.clock.now())
        self._before: Sample | None = None
        self._saved_at: datetime | None = None

    async def observe(self, seen: Observation) -> None:
        """Takes an observation into account."""
        current = sample(seen) if seen.site.evcc.reachable else None
        for each in (self._before, current):
            # The newest observation counts for no time yet, but creates its counters.
            if each is not None:
                self._counters = count(self._counters, each, seen.at, self._hold)
        self._before = current
        if self._saved_at is None or seen.at - self._saved_at >= SAVE_INTERVAL:
            self._saved_at, counters = seen.at, self._counters
            if self._report(await asyncio.to_thread(self._save, counters)):
                self._bus.publish(ENERGY, counters.as_fact(seen.at))

    def close(self) -> None:
        """Saves and publishes what was counted up to now."""
        now = self._bus.clock.now()
        if self._before is not None:
            self._counters = count(self._counters, self._before, now, self._hold)
        if self._saved_at is not None and self._report(self._save(self._counters)):
            self._bus.publish(ENERGY, self._counters.as_fact(now))

    def _save(self, counters: Counters) -> str | None:
        """Saves ``counters``; returns why they could not be saved."""
        try:
            self._db.keep_counters(counters)
        except TransientError as error:
            return str(error)
        return None

    def _report(self, problem: str | None) -> bool:
        if problem is None:
            self._bus.health.ok("energy")
        else:
            self._bus.health.degraded("energy", troubles.NotKept(troubles.COUNTERS, problem))
        return problem is None
