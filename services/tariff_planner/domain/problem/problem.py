"""The planning problem: everything the model knows, as plain numbers in kWh, kW and EUR.

Everything that a person requires (goal, limit, reserve) is soft and priced, so that no input that passes validation is
infeasible. Sources for defaults: docs/planning.md. ``alias`` is a field's name in files, where it differs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from itertools import pairwise
from typing import override

from ems.house.slots import Slot
from tariff_planner.domain.problem.storage import Battery, Car, Inverter
from tariff_planner.domain.problem.validation import finite, not_negative

MIN_SWAP_DELAY = timedelta(minutes=15)
"""Earliest moment, from now, at which a person can swap cars."""
NOTHING_KW = 0.05
"""Powers below this, in kW, are none: forecasts are not that good."""
_ROUNDING = 1e-9


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
    device_limit_kw: float | None = None
    """What each controllable device (battery, loadpoint) may take beside a free house; sun and battery come on top."""
    price_known: bool = True
    swap: bool = True
    """Whether somebody may be asked to change cars at a shared loadpoint (not at night)."""
    unplanned_cars_kwh: float = 0.0
    """Part of ``load_kwh``: what cars take that are not planned. A battery that feeds no cars does not give it."""

    @override
    def __post_init__(self) -> None:
        Slot.__post_init__(self)  # dataclasses with slots break the short form of super()
        finite(self.load_kwh, self.pv_kwh, self.import_eur_per_kwh, self.export_eur_per_kwh)
        not_negative(load_kwh=self.load_kwh, pv_kwh=self.pv_kwh)
        not_negative(import_limit_kw=self.import_limit_kw, export_limit_kw=self.export_limit_kw)
        not_negative(device_limit_kw=self.device_limit_kw, unplanned_cars_kwh=self.unplanned_cars_kwh)

    def cars_beyond_sun_kwh(self, planned_kwh: float) -> float:
        """What cars take beyond the sun, which a battery in ``normal`` would give; planned ones take so much."""
        cars_kwh = planned_kwh + self.unplanned_cars_kwh
        return max(0.0, cars_kwh - max(0.0, self.pv_kwh - self.load_kwh + self.unplanned_cars_kwh))


@dataclass(frozen=True, slots=True)
class Loadpoint:
    """A charging point: it gives nothing, or from ``min_kw`` (1.38 on one phase, 4.14 on three) to ``max_kw``."""

    name: str
    min_kw: float = 4.14
    max_kw: float = 11.04
    min_on_minutes: int = 0
    """On and off for whole blocks of this length on the clock (a divisor of an hour); 0: every step by itself."""
    title: str | None = None
    """Its name for people."""

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
class PreviousSlot(Slot):
    """A slot of the previous plan: who was to charge (from the grid, for a battery) in it."""

    charging: frozenset[str]


@dataclass(frozen=True, slots=True)
class Weights:
    """Prices of what is not money on the bill. Of plans that cost the same, the one that charges earlier is taken."""

    limit_eur_per_kwh: float = 10.0
    """Beyond the connection's limits."""
    start_penalty: float = field(default=1.0, metadata={"alias": "start"})
    """Weight of a start among plans that cost the same: 1 is as much as 1 kWh charged a whole horizon earlier."""
    swap_eur: float = 0.10
    """Each change of cars at a loadpoint: a person walks."""
    churn_eur_per_kwh: float = 0.002
    """Each kWh charged where the previous plan had none."""
    haste_eur_per_kwh: float = 0.05
    """Each kWh of a car that should have it at once, if it takes it only at the horizon's end; less before."""
    money_scale: float = 1.0
    """How many units of money are what 1 is in euros: what is too little to matter is so much more."""
    curtailed_eur_per_kwh: float = 0.0
    """Each kWh of PV that cannot be used, beside what it would have earned: an inverter curtails by itself."""

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            finite(value)
            not_negative(**{each.metadata.get("alias", each.name): value})


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything that a plan is made from. Same problem, same plan."""

    steps: tuple[Step, ...]
    batteries: tuple[Battery, ...] = ()
    cars: tuple[Car, ...] = ()
    loadpoints: tuple[Loadpoint, ...] = ()
    capacity_price: CapacityPrice | None = None
    previous: tuple[PreviousSlot, ...] = field(default=(), metadata={"alias": "before"})
    integer_horizon: timedelta | None = field(default=None, metadata={"alias": "exact"})
    """How far ahead a car is on or off for whole steps; absent: to the end. Later, where there is a surplus of PV, it
    may be on for a part of a step (so its mean power may be below the minimum)."""
    weights: Weights = field(default_factory=Weights)
    curtailable: bool = False
    """Whether the site stops feeding in when that costs money. At a limit of export its inverters always do."""
    inverters: tuple[Inverter, ...] = ()
    """Hybrid inverters that batteries (by ``inverter``) and PV (by ``pv_share``) have in common; absent: none."""

    def __post_init__(self) -> None:
        if not self.steps:
            raise ValueError("a problem needs at least one step")
        for t, (one, other) in enumerate(pairwise(self.steps), start=1):
            if one.end != other.start:
                moments = f"this one starts at {other.start.isoformat()}, the one before ends at {one.end.isoformat()}"
                raise ValueError(f"steps.{t}: steps follow each other without gaps; {moments}")
        names = [b.name for b in self.batteries] + [c.name for c in self.cars] + [p.name for p in self.loadpoints]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"devices have different names; there is more than one {', '.join(map(repr, twice))}")
        for name, by_step in self._by_step():
            if by_step and len(by_step) != len(self.steps):
                raise ValueError(f"{name} has one value a step: {len(self.steps)}, not {len(by_step)}")
        self._check_places()

    def _by_step(self) -> Iterator[tuple[str, Sequence[float]]]:
        """What devices have one value a step of, by its name."""
        for battery in self.batteries:
            yield f"{battery.name}: demand_kwh", battery.demand_kwh
            yield f"{battery.name}: held", battery.held
        for car in self.cars:
            yield f"{car.name}: sun_eur_per_kwh", car.sun_eur_per_kwh
            yield f"{car.name}: paused", car.paused
            yield f"{car.name}: pushed", car.pushed

    def _check_places(self) -> None:
        """Each device is at a loadpoint or inverter that there is."""
        loadpoints, inverters = {p.name for p in self.loadpoints}, {i.name for i in self.inverters}
        if len(inverters) < len(self.inverters):
            raise ValueError("inverters have different names")
        if sum(i.pv_share for i in self.inverters) > 1 + _ROUNDING:
            raise ValueError("pv_share: all inverters together have at most 1")
        for car in self.cars:
            if car.loadpoint not in loadpoints:
                raise ValueError(f"{car.name}: no loadpoint {car.loadpoint!r}")
        for battery in self.batteries:
            if battery.inverter is not None and battery.inverter not in inverters:
                raise ValueError(f"{battery.name}: no inverter {battery.inverter!r}")

    @property
    def start(self) -> datetime:
        """The plan's beginning."""
        return self.steps[0].start

    @property
    def end(self) -> datetime:
        """The horizon."""
        return self.steps[-1].end

    def curtails(self, t: int) -> bool:
        """Whether PV may be left unused in step ``t``: at a limit of export, or where feeding in costs money."""
        step = self.steps[t]
        return self.feed_in_limit_kw(step) is not None and step.pv_kwh > step.load_kwh

    def feed_in_limit_kw(self, step: Step) -> float | None:
        """What is fed in at most: nothing where that costs money and the site stops, else the limit; None without."""
        return 0.0 if self.curtailable and step.export_eur_per_kwh < 0 else step.export_limit_kw

    def beyond_ac_kwh(self, battery: Battery, t: int) -> float:
        """PV of step ``t`` that only the batteries on this one's inverter can have: it does not fit through to AC."""
        step = self.steps[t]
        return sum(i.beyond_ac_kwh(step.pv_kwh, step.hours) for i in self.inverters if i.name == battery.inverter)

    def loadpoint(self, name: str) -> Loadpoint:
        """The loadpoint of that name."""
        return next(p for p in self.loadpoints if p.name == name)

    def cars_by_loadpoint(self) -> Mapping[str, tuple[Car, ...]]:
        """The cars that are charged at each loadpoint."""
        return {p.name: tuple(c for c in self.cars if c.loadpoint == p.name) for p in self.loadpoints}
