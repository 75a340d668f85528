"""The history, requested from evcc-poller page by page and kept up to date."""

from datetime import datetime, timedelta

import structlog

from ems.bus.api import Bus
from ems.contract.message import Malformed
from ems.contract.requests import History, HistoryGet
from ems.contract.topics import HISTORY_GET
from tariff_planner.domain.forecast.history_grid import Measured

_log = structlog.get_logger(__name__)
_PAGE = 1000
_TIMEOUT_S = 10


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
        at: datetime | None = start
        while at is not None:
            try:
                page = await self._bus.request(
                    HISTORY_GET, HistoryGet(start=at, end=now, limit=_PAGE), timeout_s=_TIMEOUT_S
                )
            except TimeoutError:
                self._bus.health.degraded("history", "evcc-poller does not tell the history: forecasts are poorer")
                return False
            except Malformed as why:
                self._bus.health.degraded("history", f"evcc-poller's history cannot be read: {why}")
                return False
            if not isinstance(page, History) or page.refused is not None:
                _log.warning("history refused", why=getattr(page, "refused", None))
                return False
            self._rows |= {row.start: Measured.of(row) for row in page.rows}
            at = page.next
        self._rows = {start: row for start, row in self._rows.items() if start >= oldest}
        self._bus.health.ok("history")
        return True
