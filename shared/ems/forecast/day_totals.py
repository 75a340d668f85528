"""What people read off a forecast: the energy of the rest of today and of tomorrow, by the site's own midnights."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from ems.forecast.history_grid import Floats, Past


@dataclass(frozen=True, slots=True)
class DaySpans:
    """Now, the midnight that ends today, and the one that ends tomorrow."""

    now: datetime
    today_ends: datetime
    tomorrow_ends: datetime

    @classmethod
    def at(cls, now: datetime, zone: ZoneInfo) -> "DaySpans":
        """The spans as they are at ``now``; a day of 23 or 25 hours is as long as it is."""
        today = now.astimezone(zone).date()
        ends = (datetime.combine(today + timedelta(days=ahead), time(), tzinfo=zone) for ahead in (1, 2))
        return cls(now, *ends)

    def energies_kwh(self, known: Past, origin: int, mean_kw: Floats) -> tuple[float | None, float | None]:
        """The energy of each span in kWh, of mean powers a grid slot from ``origin``; None where one is not known."""
        edges = known.start.timestamp() + (origin + np.arange(len(mean_kw) + 1)) * known.minutes * 60

        def kwh(begin: datetime, end: datetime) -> float | None:
            seconds = np.minimum(edges[1:], end.timestamp()) - np.maximum(edges[:-1], begin.timestamp())
            found = float((mean_kw * seconds)[seconds > 0].sum()) / 3600
            return round(found, 3) if np.isfinite(found) else None

        return kwh(self.now, self.today_ends), kwh(self.today_ends, self.tomorrow_ends)
