"""Goals that come again every week."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from ems.house.calendar import EVERY_DAY, Weekday, next_weekly


@dataclass(frozen=True, slots=True)
class WeeklyEntry:
    """``soc_pct`` % by ``by`` (local time) on ``days``."""

    soc_pct: float
    by: time
    days: tuple[Weekday, ...] = EVERY_DAY


def upcoming(entries: Iterable[WeeklyEntry], after: datetime, zone: ZoneInfo) -> tuple[float, datetime] | None:
    """The first (SoC in %, departure in UTC) of a schedule after ``after``; on a tie the fuller one."""
    found = [
        (departure, -entry.soc_pct)
        for entry in entries
        if (departure := next_weekly(entry.days, entry.by, zone, after)) is not None
    ]
    if not found:
        return None
    departure, minus_soc_pct = min(found)
    return -minus_soc_pct, departure
