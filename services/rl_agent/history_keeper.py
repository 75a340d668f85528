"""The measured past in memory, kept up to date from evcc-poller."""

from datetime import datetime, timedelta

from ems.bus.api import Bus
from ems.bus.history import NoHistory, history_rows
from ems.i18n.health import troubles
from rl_agent.domain.columns import CarPlace, MeasuredColumns


class HistoryKeeper:
    """What is learnt from."""

    def __init__(self, bus: Bus, days: int, car: CarPlace | None) -> None:
        self._bus, self._days = bus, timedelta(days=days)
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
        return True
