"""Spans that come again every week at the site's local time, whatever DST does to it."""

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from ems.house.calendar import Weekday, dates, utc


def spans(
    days: Iterable[Weekday],
    start: time,
    end: time,
    zone: ZoneInfo,
    since: datetime,
    until: datetime,
    *,
    nights: int | None = None,
) -> Iterator[tuple[datetime, datetime]]:
    """Each (start, end) in UTC, oldest first, that overlaps ``since`` to ``until``; ``days`` are those of the start.

    Args:
        days: on which a span starts.
        start: local time.
        end: local time, ``nights`` days later; absent: of the next day where it is not after ``start``.
        zone: the site's.
        since: aware.
        until: aware.
        nights: see ``end``.
    """
    later = timedelta(days=nights if nights is not None else int(end <= start))
    first, last = (m.astimezone(zone).date() for m in (since, until))
    for day in dates(days, first - later - timedelta(days=1), last):
        begins, ends = utc(day, start, zone), utc(day + later, end, zone)
        if begins < until and ends > since and begins < ends:
            yield begins, ends
