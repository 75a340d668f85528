"""Rates over time: what holds when, however finely and however untidily a tariff's slots are cut."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import datetime, timedelta

from ems.contract.site import Rate
from ems.house.slots import Slot

LATE = timedelta(minutes=1)
"""A rate that begins so much later than the one before it ends is a late one, and no gap lies between them."""
_MINUTE = timedelta(minutes=1)
_FIVE_MINUTES = timedelta(minutes=5)


class RateTimeline:
    """A tariff's rates in order, without overlaps; in its unit."""

    def __init__(self, rates: Iterable[Rate]) -> None:
        """Takes them in any order; of two that overlap the later one holds from its beginning."""
        self.rates = tidy(rates)
        self._starts = [rate.start for rate in self.rates]
        self._ends = [rate.end for rate in self.rates]

    def at(self, moment: datetime) -> float | None:
        """The value at ``moment``; None where no rate holds."""
        index = bisect_right(self._starts, moment) - 1
        return self.rates[index].value if index >= 0 and self._ends[index] > moment else None

    def mean(self, slot: Slot) -> float | None:
        """The mean over ``slot``, by time; None where rates hold for less than half of it."""
        among = self.rates[bisect_right(self._ends, slot.start) : bisect_left(self._starts, slot.end)]
        hours = [slot.overlap_hours(rate.start, rate.end) for rate in among]
        if sum(hours) < slot.hours / 2 or not among:
            return None
        if len(among) == 1:
            return among[0].value
        return sum(rate.value * h for rate, h in zip(among, hours, strict=True)) / sum(hours)

    def until(self, now: datetime) -> datetime:
        """How far the rates reach from ``now`` without a gap; ``now`` when none covers it."""
        reached = now
        for rate in self.rates:
            if rate.start <= reached < rate.end:
                reached = rate.end
        return reached


def tidy(rates: Iterable[Rate]) -> tuple[Rate, ...]:
    """The rates oldest first, on whole minutes, without overlaps and without gaps that only a late clock explains."""
    found: list[Rate] = []
    for rate in sorted(rates, key=lambda r: r.start):
        start, end = (_on_the_clock(moment, rate.end - rate.start) for moment in (rate.start, rate.end))
        if start >= end:
            continue
        if found and found[-1].end > start:
            last = found.pop()
            if last.start < start:
                found.append(last.model_copy(update={"end": start}))
        # A minute earlier where nothing else holds then: a price that is known a second late is known.
        begins = max(found[-1].end, start - LATE) if found else start - LATE
        found.append(Rate(start=begins, end=end, value=rate.value))
    return tuple(found)


def _on_the_clock(moment: datetime, length: timedelta) -> datetime:
    """The whole minute that a rate of ``length`` means: five of them where one is nearer than a minute, else the next.

    Tariffs change at 5, 10, 15 ... minutes; what lies a few seconds beside that is a clock's or a rounding's doing.
    """
    nearest = _nearest(moment, _FIVE_MINUTES)
    if length >= _FIVE_MINUTES - LATE and abs(nearest - moment) < LATE:
        return nearest
    return _nearest(moment, _MINUTE)


def _nearest(moment: datetime, step: timedelta) -> datetime:
    begin = moment.replace(minute=0, second=0, microsecond=0)
    return begin + (moment - begin + step / 2) // step * step
