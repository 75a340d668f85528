"""The measured past in memory, kept up to date from evcc-poller; what lies before it from another source."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from ems.bus.api import Bus
from ems.bus.history import NoHistory, history_rows
from ems.contract.requests import HistoryRow
from ems.house.slots import floor_to
from ems.i18n.health import troubles
from ems.runtime.errors import PermanentError, TransientError
from rl_agent.domain.columns import CarPlace, MeasuredColumns

_log = structlog.get_logger(__name__)

ASK_AGAIN = timedelta(hours=1)
"""Time after which an InfluxDB that did not tell is asked again."""


class OlderHistory(Protocol):
    """Another source of history."""

    def rows(self, start: datetime, end: datetime) -> AsyncIterator[tuple[HistoryRow, ...]]:
        """Quarter hours from ``start`` to ``end``; raises TransientError and PermanentError."""
        ...


class HistoryKeeper:
    """What is learnt from. What evcc-poller tells counts; ``older`` is asked once for what it does not know."""

    def __init__(self, bus: Bus, days: int, car: CarPlace | None, older: OlderHistory | None = None) -> None:
        self._bus, self._days = bus, timedelta(days=days)
        self._older, self._ask_at = older, datetime.min.replace(tzinfo=bus.clock.now().tzinfo)
        self.measured = MeasuredColumns(days, car)

    async def refresh(self, now: datetime) -> bool:
        """Asks for what is new, and for the last day anew (it may have been backfilled); whether it was told."""
        oldest = now - self._days
        empty = not self.measured.values.shape[1]
        start = oldest if empty else max(oldest, self.measured.end - timedelta(days=1))
        try:
            async for page in history_rows(self._bus, start, now):
                self.measured.add(page)
        except NoHistory as why:
            self._bus.health.degraded("history", troubles.HistoryUnanswered(str(why)))
            return False
        self._bus.health.ok("history")
        if self._older is not None and now >= self._ask_at:
            await self._ask(self._older, now)
        return True

    async def _ask(self, older: OlderHistory, now: datetime) -> None:
        self._ask_at, before = now + ASK_AGAIN, self.measured.known_days
        end = floor_to(now, 15)
        try:
            async for rows in older.rows(end - self._days, end):
                self.measured.fill(rows)
        except (TransientError, PermanentError) as why:
            self._bus.health.degraded("influx", troubles.InfluxUnanswered(str(why)))
            return
        self._older = None
        self._bus.health.ok("influx")
        _log.info("history from InfluxDB", days=round(self.measured.known_days - before, 1))
