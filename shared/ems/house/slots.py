"""Time cut into slots; a slot knows its own length."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """From ``start`` (inclusive) to ``end`` (exclusive), both aware, UTC."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a slot's times must be aware")
        if self.end <= self.start:
            raise ValueError("a slot ends after it starts")

    @property
    def hours(self) -> float:
        """Length in hours."""
        return (self.end - self.start) / _HOUR

    def overlap_hours(self, start: datetime, end: datetime) -> float:
        """How many hours of ``start`` to ``end`` lie in this slot."""
        return max(0.0, (min(self.end, end) - max(self.start, start)) / _HOUR)


def floor_to(moment: datetime, minutes: int) -> datetime:
    """The start of the slot of ``minutes`` (a divisor of an hour) that ``moment`` lies in, UTC."""
    utc = moment.astimezone(UTC)
    return utc.replace(minute=utc.minute - utc.minute % minutes, second=0, microsecond=0)


def grid(start: datetime, end: datetime, minutes: int = 15) -> Iterator[Slot]:
    """Slots on the clock's ``minutes`` from ``start`` to ``end``; the first (and last) is shorter when it must be.

    UTC has no summer time: a local day simply has 92, 96 or 100 of them.
    """
    at = start.astimezone(UTC)
    last = end.astimezone(UTC)
    while at < last:
        following = min(floor_to(at, minutes) + timedelta(minutes=minutes), last)
        yield Slot(at, following)
        at = following
