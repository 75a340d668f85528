"""What stores energy in a planning problem: batteries and cars, with what people want of them, in kWh, kW and EUR.

Everything that a person requires (goal, limit, reserve) is soft and priced. Sources for defaults: docs/planning.md.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from ems.house.battery import BatterySpec as HouseBattery
from ems.house.slots import Slot
from tariff_planner.domain.problem.validation import aware, efficiency, finite, not_negative


@dataclass(frozen=True, slots=True)
class EnergyGoal:
    """Energy wanted in a storage by a moment; each kWh that is missing then costs ``eur_per_kwh``."""

    energy_kwh: float
    by: datetime
    eur_per_kwh: float = 10.0
    due: datetime | None = None
    """When it was wanted, where that has passed: ``by`` is then the earliest moment at which it can be had."""
    soonest: bool = False
    """Whether it is wanted as soon as can be: ``by`` is no departure then, and nobody is told that it is missed."""

    def __post_init__(self) -> None:
        aware(by=self.by, due=self.due)
        finite(self.energy_kwh, self.eur_per_kwh)
        not_negative(energy_kwh=self.energy_kwh, eur_per_kwh=self.eur_per_kwh)


@dataclass(frozen=True, slots=True)
class TerminalValue:
    """What the energy in a storage is worth at the horizon's end: ``eur_per_kwh`` for each kWh up to ``upto_kwh``.

    Several of them form a value that falls with the energy: the first kWh replace dear imports, the last ones none.
    """

    upto_kwh: float
    eur_per_kwh: float

    def __post_init__(self) -> None:
        finite(self.upto_kwh, self.eur_per_kwh)


@dataclass(frozen=True, slots=True)
class Inverter:
    """A hybrid inverter: the batteries that name it, and a part of the PV, share what it converts to and from AC.

    PV on its DC side that is more than ``ac_kw`` charges these batteries, or is lost.
    """

    name: str
    ac_kw: float
    """The most that it gives to the home, and that it takes from there, in kW."""
    pv_share: float = 0.0
    """Share of the steps' ``pv_kwh`` (0 to 1) that is made on its DC side, told as the panels give it, before
    ``ac_kw``; absent: none."""

    def __post_init__(self) -> None:
        not_negative(ac_kw=self.ac_kw)
        if not 0 <= self.pv_share <= 1:
            raise ValueError(f"{self.name}: pv_share lies from 0 to 1")

    def pv_kwh(self, step_pv_kwh: float) -> float:
        """What its panels give of a step's PV."""
        return self.pv_share * step_pv_kwh

    def beyond_ac_kwh(self, step_pv_kwh: float, hours: float) -> float:
        """What of it does not fit through to AC: for its batteries alone."""
        return max(0.0, self.pv_kwh(step_pv_kwh) - self.ac_kw * hours)


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
    feeds_cars: bool = True
    """Whether what is stored may go into a car; false: it gives what the house lacks without cars, and no more."""
    held_beside_cars: bool = False
    """Whether it gives nothing, not to the house either, while a car takes more than the sun: evcc's ``hold`` is how
    it is kept from feeding cars."""
    inverter: str | None = None
    """The name of the :class:`Inverter` on whose DC side it is; absent: one of its own, as large as its powers."""
    taper_from_kwh: float | None = None
    """Energy above which it takes less, linearly down to ``taper_to`` of ``charge_kw`` when full; absent: never."""
    taper_to: float = 0.2
    """Share of ``charge_kw`` (0 to 1) that it still takes at its capacity."""
    min_charge_kw: float = 0.0
    demand_kwh: tuple[float, ...] = ()
    """By step: minimum charge in kWh, as far as there is room (a car in "minimum and PV" in others' files)."""
    demand_eur_per_kwh: float = 10.0
    worth: tuple[TerminalValue, ...] = ()
    goals: tuple[EnergyGoal, ...] = ()
    held: tuple[bool, ...] = ()
    """By step: whether people want it to give nothing; absent: never."""

    def __post_init__(self) -> None:
        _storage(self.name, self.energy_kwh, self.capacity_kwh, self.worth)
        not_negative(charge_kw=self.charge_kw, discharge_kw=self.discharge_kw, min_kwh=self.min_kwh)
        not_negative(max_kwh=self.max_kwh, wear_eur_per_kwh=self.wear_eur_per_kwh, min_charge_kw=self.min_charge_kw)
        efficiency(self.charge_efficiency)
        efficiency(self.discharge_efficiency)
        finite(*self.demand_kwh, self.demand_eur_per_kwh)
        not_negative(taper_from_kwh=self.taper_from_kwh)
        if not 0 <= self.taper_to <= 1:
            raise ValueError(f"{self.name}: taper_to lies from 0 to 1")

    @property
    def follows(self) -> bool:
        """Whether nobody steers it: it takes the sun that is left and gives what lacks, at every price."""
        return not (self.can_hold or self.can_charge_from_grid or self.can_discharge_to_grid)

    def charge_kw_at(self, energy_kwh: float) -> float:
        """What it takes at most, in kW, when it holds so much."""
        if self.taper_from_kwh is None or energy_kwh <= self.taper_from_kwh:
            return self.charge_kw
        full = min(1.0, (energy_kwh - self.taper_from_kwh) / (self.capacity_kwh - self.taper_from_kwh))
        return self.charge_kw * (1 - (1 - self.taper_to) * full)

    @property
    def floor_kwh(self) -> float:
        """The energy that discharging stops at."""
        return min(self.min_kwh, self.ceiling_kwh)

    @property
    def ceiling_kwh(self) -> float:
        """The energy that charging stops at."""
        return self.capacity_kwh if self.max_kwh is None else min(self.max_kwh, self.capacity_kwh)

    def is_held(self, t: int) -> bool:
        """Whether people want it to give nothing in step ``t``."""
        return bool(self.held) and self.held[t]

    def is_demanded(self, t: int) -> bool:
        """Whether it is to charge in step ``t`` whatever that costs."""
        return bool(self.demand_kwh) and self.demand_kwh[t] > 0

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
        aware(leave=self.leave, back=self.back)
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
    goals: tuple[EnergyGoal, ...] = ()
    trips: tuple[Trip, ...] = ()
    worth: tuple[TerminalValue, ...] = ()
    """Opportunistic charging: what a kWh in the car is worth, up to a level, wherever it comes from."""
    sun_eur_per_kwh: tuple[float, ...] = ()
    """By step: what a kWh of surplus sun, at the wall, is worth beyond that; never one from the grid."""
    title: str | None = None
    """Its name for people."""
    paused: tuple[bool, ...] = ()
    """By step: whether people want it not to be charged; absent: never."""
    pushed: tuple[bool, ...] = ()
    """By step: whether people want it charged at full power; absent: never."""
    pushed_eur_per_kwh: float = 10.0
    """What a kWh costs that it then is not given, as far as it has room."""

    def __post_init__(self) -> None:
        _storage(self.name, self.energy_kwh, self.capacity_kwh, self.worth)
        not_negative(max_kw=self.max_kw, limit_kwh=self.limit_kwh, taper_from_kwh=self.taper_from_kwh)
        efficiency(self.charge_efficiency)
        finite(*self.sun_eur_per_kwh, self.pushed_eur_per_kwh)
        if not 0 <= self.taper_to <= 1:
            raise ValueError(f"{self.name}: taper_to lies from 0 to 1")

    @property
    def ceiling_kwh(self) -> float:
        """The energy that charging stops at."""
        return self.capacity_kwh if self.limit_kwh is None else min(self.limit_kwh, self.capacity_kwh)

    @property
    def called(self) -> str:
        """What people call it."""
        return self.title or self.name

    def at_home(self, slot: Slot) -> float:
        """The share of ``slot`` in which it is at home."""
        away = sum(slot.overlap_hours(trip.leave, trip.back) for trip in self.trips)
        return max(0.0, 1 - away / slot.hours)

    def is_paused(self, t: int) -> bool:
        """Whether people want it not to be charged in step ``t``."""
        return bool(self.paused) and self.paused[t]

    def is_pushed(self, t: int) -> bool:
        """Whether people want it charged at full power in step ``t``."""
        return bool(self.pushed) and self.pushed[t] and not self.is_paused(t)

    def used_kwh(self, slot: Slot) -> float:
        """What the trips that begin in ``slot`` need."""
        return sum(trip.kwh for trip in self.trips if slot.start <= trip.leave < slot.end)


def _storage(name: str, energy_kwh: float, capacity_kwh: float, worth: tuple[TerminalValue, ...]) -> None:
    finite(energy_kwh, capacity_kwh)
    if capacity_kwh <= 0 or not 0 <= energy_kwh <= capacity_kwh:
        raise ValueError(f"{name}: needs a capacity above 0 and an energy from 0 to the capacity")
    if any(a.upto_kwh > b.upto_kwh or a.eur_per_kwh < b.eur_per_kwh for a, b in pairwise(worth)):
        raise ValueError(f"{name}: a kWh is worth less the more there are")
