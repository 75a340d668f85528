"""The history, kept up to date with what evcc-poller tells."""

from datetime import datetime, timedelta

from ems.bus.api import Bus
from ems.bus.history import NoHistory, history_rows
from ems.forecast.history_grid import Measured
from ems.i18n.health import troubles


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
            self._bus.health.degraded("history", troubles.HistoryUnanswered(str(why)))
            return False
        self._rows = {start: row for start, row in self._rows.items() if start >= oldest}
        self._bus.health.ok("history")
        return True
