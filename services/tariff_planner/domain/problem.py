"""The planning problem: everything the model knows, as plain numbers in kWh, kW and EUR.

Every wish of a person (goal, limit, reserve) is soft and priced, so that no input that passes validation is infeasible.
Sources for defaults: docs/planning.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import override

from ems.house.battery import Battery as HouseBattery
from ems.house.slots import Slot
from tariff_planner.domain.checks import efficiency, finite, not_negative

WALK = timedelta(minutes=15)
"""Nobody plugs a car in sooner than this."""


@dataclass(frozen=True, slots=True)
class Step(Slot):
    """A slot with what is known or foreseen for it. The running slot is shorter than the others."""

    load_kwh: float
    """House without cars and battery."""
    pv_kwh: float
    import_eur_per_kwh: float
    export_eur_per_kwh: float
    """What a kWh fed in earns; may be negative."""
    import_limit_kw: float | None = None
    export_limit_kw: float | None = None
    price_known: bool = True
    swap: bool = True
    """Whether somebody may be asked to change cars at a shared loadpoint (not at night)."""

    @override
    def __post_init__(self) -> None:
        Slot.__post_init__(self)  # dataclasses with slots break the short form of super()
        finite(self.load_kwh, self.pv_kwh, self.import_eur_per_kwh, self.export_eur_per_kwh)
        not_negative(load_kwh=self.load_kwh, pv_kwh=self.pv_kwh)
        not_negative(import_limit_kw=self.import_limit_kw, export_limit_kw=self.export_limit_kw)


@dataclass(frozen=True, slots=True)
class Goal:
    """So much energy in a storage by a moment; each kWh that is missing then costs ``eur_per_kwh``."""

    energy_kwh: float
    by: datetime
    eur_per_kwh: float = 10.0

    def __post_init__(self) -> None:
        finite(self.energy_kwh, self.eur_per_kwh)
        not_negative(energy_kwh=self.energy_kwh, eur_per_kwh=self.eur_per_kwh)


@dataclass(frozen=True, slots=True)
class Worth:
    """What the energy in a storage is worth at the horizon's end: ``eur_per_kwh`` for each kWh up to ``upto_kwh``.

    Several of them form a value that falls with the energy: the first kWh replace dear imports, the last ones none.
    """

    upto_kwh: float
    eur_per_kwh: float

    def __post_init__(self) -> None:
        finite(self.upto_kwh, self.eur_per_kwh)


@dataclass(frozen=True, slots=True)
class Battery:
    """A home battery. Powers are on the AC side; losses lie between there and the stored energy."""

    name: str
    energy_kwh: float
    capacity_kwh: float
    charge_kw: float
    discharge_kw: float
    min_kwh: float = 0.0
    """Not planned below this (reserve). A battery that is below already is left alone, not forced up."""
    max_kwh: float | None = None
    """Not planned above this; absent = capacity. What is above already may stay until it is used."""
    charge_efficiency: float = 0.95
    discharge_efficiency: float = 0.95
    wear_eur_per_kwh: float = 0.0
    """Price of ageing per kWh discharged."""
    can_hold: bool = True
    can_charge_from_grid: bool = True
    can_discharge_to_grid: bool = False
    """None of evcc's modes does that; for files and other houses."""
    min_charge_kw: float = 0.0
    demand_kwh: tuple[float, ...] = ()
    """By step: charged at least so much, as far as there is room (a car in "minimum and PV" in others' files)."""
    demand_eur_per_kwh: float = 10.0
    worth: tuple[Worth, ...] = ()
    goals: tuple[Goal, ...] = ()

    def __post_init__(self) -> None:
        _storage(self.name, self.energy_kwh, self.capacity_kwh, self.worth)
        not_negative(charge_kw=self.charge_kw, discharge_kw=self.discharge_kw, min_kwh=self.min_kwh)
        not_negative(max_kwh=self.max_kwh, wear_eur_per_kwh=self.wear_eur_per_kwh, min_charge_kw=self.min_charge_kw)
        efficiency(self.charge_efficiency)
        efficiency(self.discharge_efficiency)
        finite(*self.demand_kwh, self.demand_eur_per_kwh)

    @property
    def floor_kwh(self) -> float:
        """The energy that discharging stops at."""
        return min(self.min_kwh, self.ceiling_kwh)

    @property
    def ceiling_kwh(self) -> float:
        """The energy that charging stops at."""
        return self.capacity_kwh if self.max_kwh is None else min(self.max_kwh, self.capacity_kwh)

    def in_house(self) -> HouseBattery:
        """The same battery in the model of the house, between floor and ceiling."""
        return HouseBattery(
            capacity_kwh=self.ceiling_kwh,
            charge_kw=self.charge_kw,
            discharge_kw=self.discharge_kw,
            charge_efficiency=self.charge_efficiency,
            discharge_efficiency=self.discharge_efficiency,
            min_kwh=self.floor_kwh,
        )


@dataclass(frozen=True, slots=True)
class Trip:
    """A time in which a car is away, and the energy that it comes back without."""

    leave: datetime
    back: datetime
    kwh: float = 0.0

    def __post_init__(self) -> None:
        finite(self.kwh)
        not_negative(kwh=self.kwh)
        if self.back <= self.leave:
            raise ValueError("a trip ends after it starts")


@dataclass(frozen=True, slots=True)
class Car:
    """A car and the loadpoint where it is, or will be, charged. ``max_kw`` is what it takes from the wall."""

    name: str
    loadpoint: str
    energy_kwh: float
    capacity_kwh: float
    max_kw: float = 11.0
    plugged: bool = True
    """Whether it is plugged in now (where cars share a loadpoint, at most one of them is)."""
    charging: bool = False
    """Whether it charges now: going on is no new start."""
    charge_efficiency: float = 0.9
    limit_kwh: float | None = None
    """Never charged beyond; absent = capacity."""
    taper_from_kwh: float | None = None
    """Energy above which it takes less, linearly down to ``taper_to`` of its power when full; absent = never."""
    taper_to: float = 0.3
    goals: tuple[Goal, ...] = ()
    trips: tuple[Trip, ...] = ()
    worth: tuple[Worth, ...] = ()
    """Opportunistic charging: what a kWh in the car is worth, up to a level."""

    def __post_init__(self) -> None:
        _storage(self.name, self.energy_kwh, self.capacity_kwh, self.worth)
        not_negative(max_kw=self.max_kw, limit_kwh=self.limit_kwh, taper_from_kwh=self.taper_from_kwh)
        efficiency(self.charge_efficiency)
        if not 0 <= self.taper_to <= 1:
            raise ValueError(f"{self.name}: taper_to lies from 0 to 1")

    @property
    def ceiling_kwh(self) -> float:
        """The energy that charging stops at."""
        return self.capacity_kwh if self.limit_kwh is None else min(self.limit_kwh, self.capacity_kwh)

    def at_home(self, slot: Slot) -> float:
        """The share of ``slot`` in which it is at home."""
        away = sum(slot.overlap_hours(trip.leave, trip.back) for trip in self.trips)
        return max(0.0, 1 - away / slot.hours)

    def used_kwh(self, slot: Slot) -> float:
        """What the trips that begin in ``slot`` need."""
        return sum(trip.kwh for trip in self.trips if slot.start <= trip.leave < slot.end)


@dataclass(frozen=True, slots=True)
class Loadpoint:
    """A charging point: it gives nothing, or from ``min_kw`` (1.38 on one phase, 4.14 on three) to ``max_kw``."""

    name: str
    min_kw: float = 4.14
    max_kw: float = 11.04
    min_on_minutes: int = 0
    """On and off for whole blocks of this length on the clock (a divisor of an hour); 0: every step by itself."""

    def __post_init__(self) -> None:
        finite(self.min_kw, self.max_kw)
        if not 0 <= self.min_kw <= self.max_kw:
            raise ValueError(f"{self.name}: a loadpoint needs 0 <= min_kw <= max_kw")
        if self.min_on_minutes < 0 or (self.min_on_minutes and 60 % self.min_on_minutes):
            raise ValueError(f"{self.name}: min_on_minutes is 0 or a divisor of 60")


@dataclass(frozen=True, slots=True)
class CapacityPrice:
    """A price for the highest mean import of a slot, and the peak that is paid for already."""

    eur_per_kw: float
    peak_kw: float = 0.0

    def __post_init__(self) -> None:
        finite(self.eur_per_kw, self.peak_kw)
        not_negative(eur_per_kw=self.eur_per_kw, peak_kw=self.peak_kw)


@dataclass(frozen=True, slots=True)
class Before(Slot):
    """A slot of the previous plan: who was to charge (from the grid, for a battery) in it."""

    charging: frozenset[str]


@dataclass(frozen=True, slots=True)
class Weights:
    """Prices of what is not money on the bill. Of plans that cost the same, the one that charges earlier is taken."""

    limit_eur_per_kwh: float = 10.0
    """Beyond the connection's limits."""
    start: float = 1.0
    """Of plans that cost the same: a start less is worth as much as 1 kWh charged a whole horizon earlier."""
    swap_eur: float = 0.10
    """Each change of cars at a loadpoint: a person walks."""
    churn_eur_per_kwh: float = 0.002
    """Each kWh charged where the previous plan had none."""

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            finite(getattr(self, name))
            not_negative(**{name: getattr(self, name)})


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything that a plan is made from. Same problem, same plan."""

    steps: tuple[Step, ...]
    batteries: tuple[Battery, ...] = ()
    cars: tuple[Car, ...] = ()
    loadpoints: tuple[Loadpoint, ...] = ()
    capacity_price: CapacityPrice | None = None
    before: tuple[Before, ...] = ()
    exact: timedelta = timedelta(hours=12)
    """So far ahead a car is on or off for whole steps. Later, where there is a surplus of PV, it may be on for a part
    of a step (so its mean power may be below the least): the sun is not foreseen to the quarter of an hour."""
    weights: Weights = field(default_factory=Weights)

    def __post_init__(self) -> None:
        if not self.steps:
            raise ValueError("a problem needs at least one step")
        if any(a.end != b.start for a, b in pairwise(self.steps)):
            raise ValueError("steps follow each other without gaps")
        names = [b.name for b in self.batteries] + [c.name for c in self.cars] + [p.name for p in self.loadpoints]
        if len(set(names)) != len(names):
            raise ValueError("devices have different names")
        if any(b.demand_kwh and len(b.demand_kwh) != len(self.steps) for b in self.batteries):
            raise ValueError("a demand has one value a step")
        known = {p.name for p in self.loadpoints}
        for car in self.cars:
            if car.loadpoint not in known:
                raise ValueError(f"{car.name}: no loadpoint {car.loadpoint!r}")

    @property
    def start(self) -> datetime:
        """The plan's beginning."""
        return self.steps[0].start

    @property
    def end(self) -> datetime:
        """The horizon."""
        return self.steps[-1].end

    def loadpoint(self, name: str) -> Loadpoint:
        """The loadpoint of that name."""
        return next(p for p in self.loadpoints if p.name == name)

    def cars_by_loadpoint(self) -> Mapping[str, tuple[Car, ...]]:
        """The cars that are charged at each loadpoint."""
        return {p.name: tuple(c for c in self.cars if c.loadpoint == p.name) for p in self.loadpoints}


def _storage(name: str, energy_kwh: float, capacity_kwh: float, worth: tuple[Worth, ...]) -> None:
    finite(energy_kwh, capacity_kwh)
    if capacity_kwh <= 0 or not 0 <= energy_kwh <= capacity_kwh:
        raise ValueError(f"{name}: needs a capacity above 0 and an energy from 0 to the capacity")
    if any(a.upto_kwh > b.upto_kwh or a.eur_per_kwh < b.eur_per_kwh for a, b in pairwise(worth)):
        raise ValueError(f"{name}: a kWh is worth less the more there are")
