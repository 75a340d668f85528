"""The plan's slots and what a kWh costs in each: known rates, then foreseen ones."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite
from zoneinfo import ZoneInfo

import numpy as np

from ems.contract.requests import HistoryRow
from ems.forecast.history_grid import (
    Floats,
    Ints,
    Measured,
    Past,
    calendar,
)
from ems.forecast.price import SHAPE_DAYS, price_tail
from ems.house.slots import Slot, floor_to, grid
from tariff_planner.domain.inputs.prices.rate_timeline import RateTimeline

MINUTES = 15
MIN_SLOT = timedelta(minutes=1)
"""Shortest rest of the running slot that is decided for; in its last minute nothing begins."""
MAX_H = 72
"""Beyond this nothing that is foreseen today is worth deciding on."""
_LATELY = timedelta(days=SHAPE_DAYS)
_ONE_DAY = timedelta(hours=24)
"""A tariff that has one price for so long has no other."""


@dataclass(frozen=True, slots=True)
class SlotPrice:
    """What a kWh costs in one slot, and whether that is known or foreseen."""

    eur_per_kwh: float
    known: bool


def horizon_slots(now: datetime, known_until: datetime, least_h: float) -> tuple[Slot, ...]:
    """From now to the end of the known prices, at least ``least_h`` and at most three days; the first is shorter.

    In a slot's last minute it is the next one, begun a little earlier: nothing is decided for seconds.
    """
    end = min(max(known_until, now + timedelta(hours=least_h)), now + timedelta(hours=MAX_H))
    whole = floor_to(end, MINUTES)
    first, *others = grid(now, whole if whole == end else whole + timedelta(minutes=MINUTES), MINUTES)
    if others and first.end - first.start < MIN_SLOT:
        first, *others = Slot(first.start, others[0].end), *others[1:]
    return (first, *others)


def slot_prices(
    rates: RateTimeline, wanted: Sequence[Slot], known: Past, history: Iterable[HistoryRow | Measured], zone: ZoneInfo
) -> tuple[SlotPrice, ...]:
    """The import price of each slot, the mean by time; beyond the rates what the last days cost at the same local time.

    Args:
        rates: the known ones; at least one of them.
        wanted: the plan's slots.
        known: the past, whose grid is used.
        history: its rows, for the prices of the last days.
        zone: the site's, in which prices have their daily shape.

    Raises:
        ValueError: there are no rates at all.
    """
    if not rates.rates:
        raise ValueError("no rates")
    found = [rates.mean(slot) for slot in wanted]
    past_rates = [(row.start, row.import_eur_per_kwh) for row in history]
    tail = iter(_foreseen(rates, past_rates, _without(found, wanted), known, zone))
    return tuple(SlotPrice(next(tail), known=False) if p is None else SlotPrice(p, known=True) for p in found)


def feedin_prices(
    rates: RateTimeline,
    now_eur_per_kwh: float,
    wanted: Sequence[Slot],
    known: Past,
    history: Iterable[HistoryRow | Measured],
    zone: ZoneInfo,
) -> tuple[float, ...]:
    """What a kWh fed in earns in each slot, in EUR/kWh; beyond the rates foreseen as import prices are.

    Args:
        rates: the known ones; there may be none.
        now_eur_per_kwh: what it earns now. Later it counts only where nothing tells that it changes with the hours.
        wanted: the plan's slots.
        known: the past, whose grid is used.
        history: its rows, for the prices of the last days.
        zone: the site's.
    """
    found = [rates.mean(slot) for slot in wanted]
    if found[0] is None:
        found[0] = now_eur_per_kwh
    past_rates = [(row.start, row.export_eur_per_kwh) for row in history]
    lately = {price for start, price in past_rates if price is not None and start >= wanted[0].start - _LATELY}
    unknown = _without(found, wanted)
    if not rates.rates and len(lately) < 2:
        return tuple(now_eur_per_kwh if price is None else price for price in found)
    tail = iter(_foreseen(rates, past_rates, unknown, known, zone))
    foreseen = (next(tail) if price is None else price for price in found)
    return tuple(price if isfinite(price) else now_eur_per_kwh for price in foreseen)


def _without(found: Sequence[float | None], wanted: Sequence[Slot]) -> list[Slot]:
    """The slots that no price was found for."""
    return [slot for slot, price in zip(wanted, found, strict=True) if price is None]


def _foreseen(
    rates: RateTimeline,
    history: Iterable[tuple[datetime, float | None]],
    wanted: Sequence[Slot],
    known: Past,
    zone: ZoneInfo,
) -> Iterator[float]:
    """The price of each of ``wanted``: the contract's where it has only one, else that of the last days."""
    values = {rate.value for rate in rates.rates}
    if len(values) == 1 and rates.rates[-1].end - rates.rates[0].start >= _ONE_DAY:
        return iter([rates.rates[0].value] * len(wanted))
    targets = np.array([known.index(slot.start) for slot in wanted], dtype=np.int64)
    return iter(_tail(rates, history, known, zone, targets).tolist())


def _tail(
    rates: RateTimeline,
    history: Iterable[tuple[datetime, float | None]],
    known: Past,
    zone: ZoneInfo,
    targets: Ints,
) -> Floats:
    first, last = known.start, known.start + len(known.load_kw) * timedelta(minutes=known.minutes)
    if rates.rates:
        first, last = min(first, rates.rates[0].start), max(last, rates.rates[-1].end)
    shift = -known.index(first)
    values = np.full(known.index(last) + shift + 1, np.nan)
    priced = [(start.timestamp(), price) for start, price in history if price is not None]
    if priced:
        starts, prices = np.array(priced).T
        at = ((starts - known.start.timestamp()) // (known.minutes * 60)).astype(np.int64) + shift
        within = (at >= 0) & (at < len(values))
        values[at[within]] = prices[within]
    step = timedelta(minutes=known.minutes)
    for at in range(known.index(rates.rates[0].start), known.index(last) + 1) if rates.rates else ():
        price = rates.mean(Slot(known.start + at * step, known.start + (at + 1) * step))
        if price is not None:
            values[at + shift] = price
    there = np.flatnonzero(np.isfinite(values))
    values = values[: there[-1] + 1] if len(there) else values
    # The calendar counts from the past's beginning: what lies before it (a home without a past) is left out.
    return price_tail(calendar(known, zone), known.per_day, values[shift:], targets)
