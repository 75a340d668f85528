"""Counts energies from every look at evcc, keeps them on disk, and tells them once a minute."""

import asyncio
from datetime import datetime, timedelta

from ems.bus.api import Bus
from ems.contract.topics import ENERGY
from ems.runtime.errors import TransientError
from evcc_poller.adapters.history_db import HistoryDb
from evcc_poller.domain.observation import Observation
from evcc_poller.domain.recording.energy import Counters, count
from evcc_poller.domain.recording.history import Sample, sample

KEEP = timedelta(minutes=1)
"""A power cut costs at most so much."""


class EnergyMeter:
    """Nothing is told before it is on disk, so that no counter is ever seen to fall."""

    def __init__(self, bus: Bus, db: HistoryDb, *, hold: timedelta) -> None:
        self._bus, self._db, self._hold = bus, db, hold
        self._counters = db.counters() or Counters(since=bus.clock.now())
        self._before: Sample | None = None
        self._kept_at: datetime | None = None

    async def listen(self, seen: Observation) -> None:
        """Takes a look at evcc into account."""
        looked = sample(seen) if seen.site.evcc.reachable else None
        for each in (self._before, looked):
            # The newest look counts for no time yet, but brings its counters up.
            if each is not None:
                self._counters = count(self._counters, each, seen.at, self._hold)
        self._before = looked
        if self._kept_at is None or seen.at - self._kept_at >= KEEP:
            self._kept_at, counters = seen.at, self._counters
            if self._ok(await asyncio.to_thread(self._keep, counters)):
                self._bus.publish(ENERGY, counters.told(seen.at))

    def close(self) -> None:
        """Keeps and tells what was counted up to the end."""
        now = self._bus.clock.now()
        if self._before is not None:
            self._counters = count(self._counters, self._before, now, self._hold)
        if self._kept_at is not None and self._ok(self._keep(self._counters)):
            self._bus.publish(ENERGY, self._counters.told(now))

    def _keep(self, counters: Counters) -> str | None:
        """Why it could not be kept."""
        try:
            self._db.keep_counters(counters)
        except TransientError as error:
            return str(error)
        return None

    def _ok(self, problem: str | None) -> bool:
        if problem is None:
            self._bus.health.ok("energy")
        else:
            self._bus.health.degraded("energy", f"the energy counters cannot be kept, so they stand still: {problem}")
        return problem is None
