"""Moments as programs write them: Home Assistant's helpers give local ones, with a day or without."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from ems.house.calendar import EVERY_DAY, next_weekly, utc


def read_departure(words: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The moment that ``words`` name, in UTC; None: they name none in such a form.

    Understood are ``2026-11-30 07:00:00`` and ``2026-11-30T07:00`` in the site's ``zone``, the same with an offset or
    ``Z``, and ``07:00:00`` for the next time that a clock there shows it. A day alone is no moment.
    """
    words = words.strip()
    try:
        if "-" not in words or ":" not in words:
            clock = time.fromisoformat(words) if ":" in words else None
            return None if clock is None or clock.tzinfo else next_weekly(EVERY_DAY, clock, zone, now)
        moment = datetime.fromisoformat(words)
        return utc(moment.date(), moment.time(), zone) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
