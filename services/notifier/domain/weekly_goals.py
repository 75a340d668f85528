"""Goals that come again every week."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class WeeklyEntry:
    """``soc_pct`` % by ``by`` (local time) on ``days`` (of :data:`DAYS`)."""

    soc_pct: float
    by: time
    days: tuple[str, ...] = DAYS


def upcoming(entries: Iterable[WeeklyEntry], after: datetime, zone: ZoneInfo) -> tuple[float, datetime] | None:
    """The first (SoC in %, departure in UTC) of a schedule after ``after``; on a tie the fuller one."""
    local = after.astimezone(zone)
    found = []
    for entry in entries:
        for ahead in range(8):
            day = (local + timedelta(days=ahead)).date()
            departure = datetime.combine(day, entry.by, tzinfo=zone).astimezone(UTC)
            if DAYS[day.weekday()] in entry.days and departure > after:
                found.append((departure, -entry.soc_pct))
                break
    if not found:
        return None
    departure, minus_soc_pct = min(found)
    return -minus_soc_pct, departure
