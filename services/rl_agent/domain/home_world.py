"""The stage that a learner sees: what was measured, and the hours ahead, of which only prices and sun are known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np

from ems.contract.site import Rate
from ems.forecast.history_grid import Bools, Floats
from ems.virtual_house.house import PriceTerms, VirtualBattery, VirtualCar, VirtualHouse
from ems.virtual_house.world import MeasuredTrip, Table, World, world
from rl_agent.domain.columns import SLOT, Column, MeasuredColumns

AHEAD = timedelta(hours=48)
"""How far beyond the measured past the stage reaches: further than any policy looks."""
LONGEST_TRIP = timedelta(days=21)
"""A car that was away for longer was elsewhere, or not recognised: nothing is learnt from that."""
AWAY = timedelta(hours=9)
"""How long a car is taken to be away after a departure that has not happened yet."""


@dataclass(frozen=True, slots=True)
class HouseTerms:
    """What does not change from night to night."""

    zone: ZoneInfo
    battery: VirtualBattery | None
    car: VirtualCar | None
    export_eur_per_kwh: float = 0.0
    """Where no feed-in price was measured."""

    def house(self) -> VirtualHouse:
        """As the virtual house has it. Prices are taken as they are measured."""
        as_measured = PriceTerms(spot_factor=1.0)
        return VirtualHouse(
            zone=self.zone.key, import_price=as_measured, export_price=as_measured, battery=self.battery, car=self.car
        )


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is known of the hours to come."""

    buy: Sequence[Rate] = ()
    sell: Sequence[Rate] = ()
    solar_w: Sequence[Rate] = ()
    departures: Sequence[datetime] = ()
    """When the car should have its goal."""


def home_world(measured: MeasuredColumns, terms: HouseTerms, ahead: Ahead | None = None) -> World:
    """The whole stage: every measured slot, then :data:`AHEAD`, which is idle; ``first`` is the first slot.

    Raises:
        ValueError: nothing was measured with a price.
    """
    ahead = ahead or Ahead()
    more = round(AHEAD / SLOT)
    columns = np.concatenate([measured.values, np.full((len(Column), more), np.nan)], axis=1)
    count, now = columns.shape[1], measured.values.shape[1]
    for column, rates, scale in (
        (Column.IMPORT_EUR_PER_KWH, ahead.buy, 1.0),
        (Column.EXPORT_EUR_PER_KWH, ahead.sell, 1.0),
        (Column.SOLAR_KW, ahead.solar_w, 0.001),
    ):
        _lay(columns[column], rates, scale, measured.start, now)
    buy = columns[Column.IMPORT_EUR_PER_KWH]
    trips = (*measured_trips(measured, terms), *_coming(ahead.departures, measured.end)) if terms.car else ()
    table = Table(
        measured.start, round(SLOT.total_seconds() / 60), columns[Column.LOAD_KW], _sun(columns[Column.PV_KW]),
        columns[Column.SOLAR_KW], buy,
    )  # fmt: skip
    stage = world(table, terms.house(), trips)
    # Rates begin with the running slot, which may be later than what is measured: the slots between are past, too.
    running = now + int(np.argmax(np.isfinite(buy[now:])))
    known_until = _first_gap(buy, running)
    return replace(
        stage,
        import_eur_per_kwh=_filled(buy, running),
        export_eur_per_kwh=np.where(
            np.isfinite(columns[Column.EXPORT_EUR_PER_KWH]),
            columns[Column.EXPORT_EUR_PER_KWH],
            terms.export_eur_per_kwh,
        ),
        known=np.minimum(np.maximum(stage.known, np.arange(count) + 1), max(known_until, 1)),
    )


def measured_trips(measured: MeasuredColumns, terms: HouseTerms) -> tuple[MeasuredTrip, ...]:
    """The times in which the car was seen to be away, with what it came back without; 0 where its SoC is not known."""
    if terms.car is None:
        return ()
    here, soc = measured.values[Column.CAR_HOME], measured.values[Column.CAR_PCT]
    seen = np.flatnonzero(np.isfinite(here))
    trips: list[MeasuredTrip] = []
    left: int | None = None
    for before, slot in pairwise(seen):
        if here[before] and not here[slot]:
            left = int(slot)
        elif left is not None and here[slot] and not here[before]:
            leave, back = measured.start + left * SLOT, measured.start + int(slot) * SLOT
            if back - leave <= LONGEST_TRIP:
                used = _last(soc[:left]) - _first(soc[slot : slot + 4])
                trips.append(
                    MeasuredTrip(leave, back, max(0.0, float(np.nan_to_num(used))) / 100 * terms.car.capacity_kwh)
                )
            left = None
    return tuple(trips)


def day_bounds(stage: World, zone: ZoneInfo, until: datetime) -> list[tuple[int, int]]:
    """First slot and end of every local day that lies whole in the measured past, before ``until``."""
    local = (stage.past.start.astimezone(zone) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    bounds: list[tuple[int, int]] = []
    slot = timedelta(minutes=stage.past.minutes)
    while True:
        following = (local + timedelta(days=1)).replace(hour=0)
        first, end = (-((stage.past.start - moment) // slot) for moment in (local, following))
        if following.astimezone(until.tzinfo) > until or end > len(stage.past.load_kw):
            return bounds
        bounds.append((first, end))
        local = following


def _lay(column: Floats, rates: Sequence[Rate], scale: float, start: datetime, now: int) -> None:
    """Writes rates into the slots from ``now`` on that begin within them."""
    for rate in rates:
        first = max(now, -((start - rate.start) // SLOT))
        end = min(len(column), -((start - rate.end) // SLOT))
        column[first:end] = rate.value * scale


def _coming(departures: Sequence[datetime], now: datetime) -> list[MeasuredTrip]:
    return [MeasuredTrip(at, at + AWAY, 0.0) for at in departures if at > now]


def _sun(pv_kw: Floats) -> Floats:
    """A house in which no PV was ever measured has none."""
    return pv_kw if np.isfinite(pv_kw).any() else np.zeros(len(pv_kw))


def _first_gap(prices: Floats, now: int) -> int:
    gaps = np.flatnonzero(~np.isfinite(prices[now:]))
    return now + int(gaps[0]) if len(gaps) else len(prices)


def _filled(prices: Floats, now: int) -> Floats:
    """Gaps of the past with the price before them: such slots are idle, but a look ahead passes over them."""
    there: Bools = np.isfinite(prices[:now])
    if not there.any():
        return prices
    last = np.maximum.accumulate(np.where(there, np.arange(now), -1))
    last = np.where(last < 0, int(np.argmax(there)), last)
    return np.concatenate([prices[:now][last], prices[now:]])


def _last(values: Floats) -> float:
    there = values[np.isfinite(values)]
    return float(there[-1]) if len(there) else float("nan")


def _first(values: Floats) -> float:
    there = values[np.isfinite(values)]
    return float(there[0]) if len(there) else float("nan")
