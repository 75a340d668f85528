"""Spans that come again every week at the site's local time, whatever DST does to it."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ems.house.calendar import Weekday, dates, utc

_MINUTE = timedelta(minutes=1)


def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """That local time of that day, in UTC; where a spring night leaves it out, the moment that comes instead."""
    local = datetime.combine(day, at, tzinfo=zone)
    found = utc(day, at, zone)
    if found.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return found
    before, after = (local.replace(fold=fold).utcoffset() or timedelta(0) for fold in (0, 1))
    # The clock jumps by their difference; the time that is left out lies as far beyond the jump as it is in the gap.
    jump = found
    while jump.astimezone(zone).utcoffset() == after and found - jump <= after - before:
        jump -= _MINUTE
    return jump + _MINUTE


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
        begins, ends = moment(day, start, zone), moment(day + later, end, zone)
        if ends <= begins:
            # All of it lies in the hour that a spring night leaves out: it is as long as it always is.
            ends = begins + (datetime.combine(day + later, end) - datetime.combine(day, start))
        if begins < until and ends > since and begins < ends:
            yield begins, ends
