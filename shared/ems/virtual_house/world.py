"""What happened in a home, and what was known of it when: the stage of a backtest. Powers in kW."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from ems.forecast.history_grid import (
    Bools,
    Floats,
    Ints,
    Past,
)
from ems.forecast.price import price_tail
from ems.forecast.similar_days import Days, days
from ems.forecast.solar import SolarModel, solar_model
from ems.virtual_house.house import VirtualHouse


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A home's file: regular slots, NaN where there is no value."""

    start: datetime
    minutes: int
    load_kw: Floats
    pv_kw: Floats
    solar_kw: Floats
    spot_eur_per_kwh: Floats


@dataclass(frozen=True, slots=True)
class MeasuredTrip:
    """A car is away from ``leave`` to ``back`` and comes back with ``kwh`` less in its battery."""

    leave: datetime
    back: datetime
    kwh: float


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """One home's past, all of it; ``first`` to ``end`` is what is judged, the slots before it are only learned from."""

    house: VirtualHouse
    past: Past
    days: Days
    solar_model: SolarModel
    import_eur_per_kwh: Floats
    export_eur_per_kwh: Floats
    known: Ints
    """Up to which slot (exclusive) the prices are known at the start of each slot."""
    idle: Bools
    """No load or price was measured: nothing happens, for no policy."""
    first: int
    end: int
    home: Bools
    """Whether the car is at home."""
    trip_kwh: Floats
    """What a car that comes back at the start of the slot has used."""
    goal_at: Bools
    """Whether the car should be charged to its goal by the start of the slot."""
    trips: tuple[MeasuredTrip, ...] = ()

    @property
    def hours(self) -> float:
        """A slot's length."""
        return self.past.minutes / 60

    @property
    def mean_import_eur_per_kwh(self) -> float:
        """The mean price of the judged slots: what energy left in a storage is valued at."""
        judged = slice(self.first, self.end)
        return float(self.import_eur_per_kwh[judged][~self.idle[judged]].mean())

    def moment(self, slot: int) -> datetime:
        """When a slot starts."""
        return self.past.start + timedelta(minutes=slot * self.past.minutes)

    def prices_seen(self, slot: int, end: int) -> tuple[Floats, Floats]:
        """Import and export prices from ``slot`` to ``end`` as known, beyond that as expected, at ``slot``."""
        known = min(int(self.known[slot]), end)
        tail = np.arange(known, end)
        both = []
        for prices in (self.import_eur_per_kwh, self.export_eur_per_kwh):
            expected = price_tail(self.days.calendar, self.past.per_day, prices[:known], tail)
            both.append(np.concatenate([prices[slot:known], expected]))
        return both[0], both[1]


def world(
    table: Table,
    house: VirtualHouse,
    trips: Sequence[MeasuredTrip] = (),
    since: datetime | None = None,
    until: datetime | None = None,
) -> World:
    """Sets the stage.

    Args:
        table: what was measured.
        house: the home's nature.
        trips: of the car; only with a car in the house.
        since: what is judged begins here (rounded up to a slot); the beginning of the table if None.
        until: and ends here.

    Raises:
        ValueError: nothing is left to judge, or trips without a car.
    """
    if trips and house.car is None:
        raise ValueError("trips need a car in the house")
    past = Past(
        table.start, table.minutes, table.load_kw, table.pv_kw * house.pv_factor, table.solar_kw * house.pv_factor
    )
    count = len(past.load_kw)
    of = days(past, house.tz())
    step = timedelta(minutes=table.minutes)
    first = 0 if since is None else max(0, -((table.start - since) // step))
    end = count if until is None else min(count, -((table.start - until) // step))
    idle = ~(np.isfinite(table.load_kw) & np.isfinite(table.spot_eur_per_kwh))
    if first >= end or idle[first:end].all():
        raise ValueError("nothing to judge: no slot with load and price in this time")
    home, used, goal = _car(past, house, trips)
    imported = table.spot_eur_per_kwh * house.import_price.spot_factor + house.import_price.plus_eur_per_kwh
    exported = table.spot_eur_per_kwh * house.export_price.spot_factor + house.export_price.plus_eur_per_kwh
    known = _known(past, house)
    return World(
        house, past, of, solar_model(of), imported, exported, known, idle, first, end, home, used, goal, tuple(trips)
    )


def _known(past: Past, house: VirtualHouse) -> Ints:
    """Day-ahead prices: until the end of the local day, from the time of publication until the end of the next one."""
    count, zone = len(past.load_kw), house.tz()
    local = [(past.start + timedelta(minutes=i * past.minutes)).astimezone(zone) for i in range(count)]
    ends: dict[object, int] = {}
    for i, t in enumerate(local):
        ends[t.date()] = i + 1
    asked = [t.date() + timedelta(days=1 if t.time() >= house.prices_published else 0) for t in local]
    return np.array([ends.get(day, count) for day in asked], dtype=np.int64)


def _car(past: Past, house: VirtualHouse, trips: Sequence[MeasuredTrip]) -> tuple[Bools, Floats, Bools]:
    """When the car is at home, what its trips used, and when its goals are due."""
    count = len(past.load_kw)
    home, used, goal = np.ones(count, bool), np.zeros(count), np.zeros(count, bool)
    for trip in trips:
        leave, back = past.index(trip.leave), past.index(trip.back)
        home[max(leave, 0) : max(back, 0)] = False
        if 0 <= back < count:
            used[back] += trip.kwh
        due = leave
        if house.car is not None and house.car.ready is not None:
            day = trip.leave.astimezone(house.tz())
            due = past.index(datetime.combine(day.date(), house.car.ready, house.tz()))
        if 0 <= due < count:
            goal[due] = True
    return home, used, goal
