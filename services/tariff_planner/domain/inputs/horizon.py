"""The plan's slots and what a kWh costs in each: known rates, then foreseen ones."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from ems.contract.requests import HistoryRow
from ems.contract.site import Rate
from ems.house.slots import Slot, floor_to, grid
from tariff_planner.domain.forecast.history_grid import (
    Floats,
    Ints,
    Measured,
    Past,
    calendar,
)
from tariff_planner.domain.forecast.price import price_tail

MINUTES = 15
MAX_H = 72
"""Beyond this nothing that is foreseen today is worth deciding on."""


@dataclass(frozen=True, slots=True)
class SlotPrice:
    """What a kWh costs in one slot, and whether that is known or foreseen."""

    eur_per_kwh: float
    known: bool


def horizon_slots(now: datetime, known_until: datetime, least_h: float) -> tuple[Slot, ...]:
    """From now to the end of the known prices, at least ``least_h`` and at most three days; the first is shorter."""
    end = min(max(known_until, now + timedelta(hours=least_h)), now + timedelta(hours=MAX_H))
    whole = floor_to(end, MINUTES)
    return tuple(grid(now, whole if whole == end else whole + timedelta(minutes=MINUTES), MINUTES))


def known_until(rates: Iterable[Rate], now: datetime) -> datetime:
    """How far the rates reach from now without a gap; ``now`` when none covers it."""
    until = now
    for rate in sorted(rates, key=lambda r: r.start):
        if rate.start <= until < rate.end:
            until = rate.end
    return until


def slot_prices(
    rates: Sequence[Rate], wanted: Sequence[Slot], known: Past, history: Iterable[HistoryRow | Measured], zone: ZoneInfo
) -> tuple[SlotPrice, ...]:
    """The price of each slot; beyond the rates what the last days cost at the same local time.

    Args:
        rates: the known ones; at least one of them.
        wanted: the plan's slots.
        known: the past, whose grid is used.
        history: its rows, for the prices of the last days.
        zone: the site's, in which prices have their daily shape.

    Raises:
        ValueError: there are no rates at all.
    """
    if not rates:
        raise ValueError("no rates")
    ordered = sorted(rates, key=lambda r: r.start)
    starts = [r.start for r in ordered]

    def at(moment: datetime) -> float | None:
        index = bisect_right(starts, moment) - 1
        return ordered[index].value if index >= 0 and ordered[index].end > moment else None

    found = [at(slot.start) for slot in wanted]
    unknown = [known.index(slot.start) for slot, price in zip(wanted, found, strict=True) if price is None]
    tail = iter(_tail(ordered, known, history, zone, np.array(unknown, dtype=np.int64)))
    return tuple(SlotPrice(float(next(tail)), known=False) if p is None else SlotPrice(p, known=True) for p in found)


def _tail(
    rates: Sequence[Rate], known: Past, history: Iterable[HistoryRow | Measured], zone: ZoneInfo, targets: Ints
) -> Floats:
    begin = min(rates[0].start, known.start)
    shift = -known.index(begin)
    values = np.full(known.index(max(r.end for r in rates)) + shift, np.nan)
    for row in history:
        at = known.index(row.start) + shift
        if row.import_eur_per_kwh is not None and 0 <= at < len(values):
            values[at] = row.import_eur_per_kwh
    for rate in rates:
        values[known.index(rate.start) + shift : known.index(rate.end) + shift] = rate.value
    # The calendar counts from the past's beginning: what lies before it (a home without a past) is left out.
    return price_tail(calendar(known, zone), known.per_day, values[shift:], targets)
