"""The site's local time: what comes again every day or week, whatever DST does to it.

Local times are naive ``time`` objects in a zone; moments are aware, and UTC where they are returned. Of an hour that
comes twice the earlier one is meant.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
EVERY_DAY: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""All days of the week; a date's ``weekday()`` is the index."""


@dataclass(frozen=True, slots=True)
class DailyHours:
    """From ``start`` (inclusive) to ``end`` (exclusive) every day, over midnight where ``start`` is after ``end``.

    Where both are the same there are no hours at all.
    """

    start: time
    end: time
    zone: ZoneInfo

    def __contains__(self, moment: datetime) -> bool:
        clock = moment.astimezone(self.zone).time()
        if self.start <= self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end

    def end_after(self, moment: datetime) -> datetime | None:
        """When the hours end that ``moment`` lies in, in UTC; None outside of them."""
        if moment not in self:
            return None
        local = moment.astimezone(self.zone)
        today = local.time() < self.end
        return utc(local.date() if today else local.date() + timedelta(days=1), self.end, self.zone)


def utc(day: date, at: time, zone: ZoneInfo) -> datetime:
    """That local time of that day, in UTC."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def dates(days: Iterable[Weekday], since: date, until: date) -> Iterator[date]:
    """The dates from ``since`` to ``until``, both included, that fall on one of ``days``."""
    wanted = {EVERY_DAY.index(day) for day in days}
    for ahead in range((until - since).days + 1):
        day = since + timedelta(days=ahead)
        if day.weekday() in wanted:
            yield day


def next_weekly(days: Iterable[Weekday], at: time, zone: ZoneInfo, after: datetime) -> datetime | None:
    """The first moment after ``after`` at which it is the local time ``at`` on one of ``days``, in UTC."""
    today = after.astimezone(zone).date()
    moments = (utc(day, at, zone) for day in dates(days, today, today + timedelta(days=7)))
    return next((moment for moment in moments if moment > after), None)
