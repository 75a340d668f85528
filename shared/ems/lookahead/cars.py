"""The modes of all loadpoints now: car by car by its schedule, the others as they are planned by then.

A schedule knows one car. What the others take beside it is their own schedule, where they have been chosen for, else
what somebody plans for them (the MILP, which sees all of them at once).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ems.contract.site import BatteryMode, LoadpointMode
from ems.forecast.history_grid import Floats, Ints
from ems.house.battery import BatterySpec
from ems.lookahead.battery_task import Ceiling, FullBy
from ems.lookahead.car_schedule import CarChoice, CarTask, ScheduledCar, schedule

LONGEST_H = 0.5
"""Slots that are alike are looked at together, up to so many hours."""
SAME_EUR_PER_KWH = 1e-6
_ROUNDING_H = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class HomeAhead:
    """The home without its cars before some slots; arrays have one value a slot."""

    hours: Floats
    net_kw: Floats
    """What it may take without cars and battery: (slots, levels)."""
    import_eur_per_kwh: Floats
    export_eur_per_kwh: Floats
    battery: BatterySpec | None = None
    battery_kwh: float = 0.0
    battery_modes: tuple[BatteryMode, ...] = (BatteryMode.NORMAL,)
    worth_eur_per_kwh: float = 0.0
    """Value of energy that is left in the battery at the end."""
    feeds_cars: bool = True
    ceilings: tuple[Ceiling, ...] = ()
    kept_slots: int = 1
    """For how many slots the first mode is kept before the next decision."""
    money_scale: float = 1.0
    chances: Floats | None = None
    """How likely the levels are, (slots, levels); None: equally."""

    @property
    def expected_kw(self) -> Floats:
        """The mean of the levels, by slot."""
        found: Floats = np.average(self.net_kw, axis=1, weights=self.chances)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class CarAhead:
    """A car before the same slots. See :class:`CarTask` for what is not told here."""

    car: ScheduledCar
    stored_kwh: float
    home: Floats
    trip_kwh: Floats
    planned_kw: Floats
    """What it is planned to take while others are chosen for."""
    goals: tuple[FullBy, ...] = ()
    worth: tuple[tuple[float, float], ...] = ()
    sun_eur_per_kwh: Floats | None = None
    current: LoadpointMode | None = None
    chosen: bool = True
    """Whether its mode is chosen here; false: it does what is planned."""


def car_modes(ahead: HomeAhead, cars: Mapping[str, CarAhead]) -> dict[str, CarChoice]:
    """The choice for each of ``cars`` that is to be chosen for, in their order.

    Who is away and comes back within the slots is planned for as well: others share the house with it by then.
    """
    taken_kw = {name: car.planned_kw for name, car in cars.items()}
    found: dict[str, CarChoice] = {}
    for name, car in cars.items():
        if car.chosen and car.home.any():
            others = sum((kw for other, kw in taken_kw.items() if other != name), np.zeros(len(ahead.hours)))
            found[name] = _choice(ahead, car, others)
            taken_kw[name] = found[name].planned_kw
    return found


def cheap_worth(car: ScheduledCar, upto_kwh: float, import_eur_per_kwh: Floats) -> tuple[tuple[float, float], ...]:
    """What is left in a car that is charged again: it saves charging later, at what cheap hours cost then."""
    return ((upto_kwh, float(np.quantile(import_eur_per_kwh, 0.2)) / car.spec.charge_efficiency),)


def _choice(ahead: HomeAhead, car: CarAhead, others_kw: Floats) -> CarChoice:
    starts = _groups(ahead, car)
    of = _Grouped(starts, ahead.hours)
    group = np.searchsorted(starts, np.arange(len(ahead.hours)), side="right") - 1
    task = CarTask(
        car.car,
        car.stored_kwh,
        ahead.battery,
        ahead.battery_kwh,
        ahead.battery_modes,
        ahead.worth_eur_per_kwh,
        of.total(ahead.hours),
        np.stack([of.mean(level + others_kw) for level in ahead.net_kw.T], axis=1),
        of.mean(ahead.import_eur_per_kwh),
        of.mean(ahead.export_eur_per_kwh),
        of.mean(car.home),
        of.total(car.trip_kwh),
        tuple(replace(goal, slot=int(group[goal.slot])) for goal in car.goals),
        car.worth,
        None if car.sun_eur_per_kwh is None else of.mean(car.sun_eur_per_kwh),
        tuple(replace(c, level_kwh=of.total(c.level_kwh), eur_per_kwh=of.mean(c.eur_per_kwh)) for c in ahead.ceilings),
        ahead.feeds_cars,
        car.current,
        ahead.money_scale,
        None if ahead.chances is None else ahead.chances[starts],
    )
    choice = schedule(task)
    return replace(choice, planned_kw=choice.planned_kw[group])


@dataclass(frozen=True, slots=True, eq=False)
class _Grouped:
    """Values of slots for groups of them that begin at ``starts``."""

    starts: Ints
    hours: Floats

    def total(self, values: Floats) -> Floats:
        found: Floats = np.add.reduceat(values, self.starts)
        return found

    def mean(self, values: Floats) -> Floats:
        """By time; where a group has none (nothing is measured in it), of the slots."""
        hours = self.total(self.hours)
        plain = self.total(values) / self.total(np.ones_like(values))
        return np.where(hours > 0, self.total(values * self.hours) / np.where(hours > 0, hours, 1), plain)


def _groups(ahead: HomeAhead, car: CarAhead) -> Ints:
    """Where groups begin: the slots that the first mode is kept for, then what costs the same, at most half an hour."""
    changes = np.zeros(len(ahead.hours), dtype=bool)
    for values in (ahead.import_eur_per_kwh, ahead.export_eur_per_kwh, car.home):
        changes[1:] |= np.abs(np.diff(values)) > SAME_EUR_PER_KWH
    changes |= car.trip_kwh > 0
    changes[[goal.slot + 1 for goal in car.goals if goal.slot + 1 < len(changes)]] = True
    return np.array(_starts(changes.tolist(), ahead.hours.tolist(), ahead.kept_slots), dtype=np.int64)


def _starts(changes: Sequence[bool], hours: Sequence[float], kept: int) -> list[int]:
    starts, so_far = [0], 0.0
    for slot in range(min(kept, len(hours)), len(hours)):
        if slot == kept or changes[slot] or so_far + hours[slot] > LONGEST_H + _ROUNDING_H:
            starts.append(slot)
            so_far = 0.0
        so_far += hours[slot]
    return starts
