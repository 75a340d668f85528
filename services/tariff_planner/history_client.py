"""The history, requested from evcc-poller page by page and kept up to date."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from ems.bus.api import Bus
from ems.contract.message import Malformed
from ems.contract.requests import History, HistoryGet, HistoryRow
from ems.contract.topics import HISTORY_GET
from ems.forecast.history_grid import Measured

_PAGE = 1000
_TIMEOUT_S = 10


class NoHistory(Exception):
    """The history is not told; the text says why."""


async def history_rows(bus: Bus, start: datetime, end: datetime) -> AsyncIterator[tuple[HistoryRow, ...]]:
    """The finished rows from ``start`` (inclusive) to ``end`` (exclusive), page by page, oldest first.

    Raises:
        NoHistory: evcc-poller does not answer, or not with a history.
    """
    at: datetime | None = start
    while at is not None:
        try:
            page = await bus.request(HISTORY_GET, HistoryGet(start=at, end=end, limit=_PAGE), timeout_s=_TIMEOUT_S)
        except TimeoutError:
            raise NoHistory("evcc-poller does not tell the history: forecasts are poorer") from None
        except Malformed as why:
            raise NoHistory(f"evcc-poller's history cannot be read: {why}") from None
        if not isinstance(page, History) or page.refused is not None:
            raise NoHistory(f"evcc-poller refuses to tell the history: {getattr(page, 'refused', None)}")
        yield page.rows
        at = page.next


class HistoryClient:
    """The rows of the last days, reduced to what the forecasts use."""

    def __init__(self, bus: Bus, days: int) -> None:
        self._bus, self._days = bus, timedelta(days=days)
        self._rows: dict[datetime, Measured] = {}

    @property
    def rows(self) -> tuple[Measured, ...]:
        """Oldest first."""
        return tuple(self._rows[start] for start in sorted(self._rows))

    async def refresh(self, now: datetime) -> bool:
        """Requests new rows, and the last day anew (it may have been backfilled); returns whether it was answered."""
        oldest = now - self._days
        start = max(oldest, max(self._rows, default=oldest) - timedelta(days=1))
        try:
            async for page in history_rows(self._bus, start, now):
                self._rows |= {row.start: Measured.of(row) for row in page}
        except NoHistory as why:
            self._bus.health.degraded("history", str(why))
            return False
        self._rows = {start: row for start, row in self._rows.items() if start >= oldest}
        self._bus.health.ok("history")
        return True
