"""The model's meter: power balance, import and export, the connection's limits, the capacity price."""

from bisect import bisect_right
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from tariff_planner.domain.milp.solver.highs import Var
from tariff_planner.domain.milp.solver.linear_program import LinearProgram
from tariff_planner.domain.problem.problem import PreviousSlot, Problem
from tariff_planner.domain.problem.storage import Car

NOTHING_KWH = 1e-4
"""Energies below this (0.1 Wh) are none."""
SPARED = 3.0
"""More than a battery's use is worth among plans that cost the same: sun is left unused only where it must be."""


class Exclusion(StrEnum):
    """Two flows that cannot be at once in one step; only where it matters this costs a binary."""

    BOTH_WAYS = "import and export"
    THROUGH = "charge and discharge"
    GRID_CHARGE = "import and charge"
    GRID_DISCHARGE = "export and discharge"


type Excluded = tuple[Exclusion, str, int]
"""What is excluded, for which device ("" for the meter), in which step."""


@dataclass(frozen=True, slots=True)
class Switched:
    """A device in a step: what it charges, whether it is on, and what it takes at least when it is, in kWh."""

    charge: Var
    on: Var
    least_kwh: float


@dataclass
class Build:
    """A model in the making."""

    problem: Problem
    excluded: frozenset[Excluded]
    lp: LinearProgram = field(default_factory=LinearProgram)
    imports: list[Var] = field(default_factory=list)
    exports: list[Var] = field(default_factory=list)
    over_import: dict[int, Var] = field(default_factory=dict)
    curtailed: dict[int, Var] = field(default_factory=dict)
    """By step in which it can be: PV that is not used, in kWh."""
    lost: dict[tuple[str, int], Var] = field(default_factory=dict)
    """By inverter and step in which it can be: PV that neither fits through to AC nor into a battery, in kWh."""
    relaxed: bool = False
    """Whether binaries may lie between 0 and 1: then those that say nothing are left out."""
    peak_kw: tuple[float, float] | None = None
    """From where to where the highest import of a plan that is worth looking for lies, where that is known."""
    peak: Var | None = None
    """The highest import of the horizon in kW, where it has a price."""
    taken: list[dict[Var, float]] = field(default_factory=list)
    """By step: +1 for what charges, -1 for what discharges."""
    exporting: dict[int, Var] = field(default_factory=dict)
    """By step: 1 when the meter may only export, 0 when it may only import."""
    sunny: dict[int, list[Switched]] = field(default_factory=dict)
    """By step with a surplus: devices that are on or not."""

    some_car: dict[int, Var] = field(default_factory=dict)
    """By step with a tight limit: whether any of several cars is on."""

    @cached_property
    def previous(self) -> list[PreviousSlot | None]:
        """By step: the previous plan's slot that its start lies in."""
        starts = [slot.start for slot in self.problem.previous]
        slots = [
            self.problem.previous[i - 1] if i else None
            for i in (bisect_right(starts, s.start) for s in self.problem.steps)
        ]
        return [b if b and s.start < b.end else None for b, s in zip(slots, self.problem.steps, strict=True)]

    @cached_property
    def surplus_kwh(self) -> list[float]:
        """PV minus load by step."""
        return [s.pv_kwh - s.load_kwh for s in self.problem.steps]

    def lost_in(self, t: int) -> list[Var]:
        """What inverters lose in step ``t``."""
        return [var for (_, at), var in self.lost.items() if at == t]

    def late(self, t: int) -> float:
        """The tie-break's price of a kWh in step ``t``: 0 at the start, 1 at the end."""
        steps = self.problem.steps
        return (steps[t].start - self.problem.start) / (self.problem.end - self.problem.start)

    def churn(self, t: int, device: str) -> float:
        """The price of a kWh charged in step ``t`` when the previous plan had none there."""
        slot = self.previous[t]
        if slot is None or device in slot.charging:
            return 0.0
        return self.problem.weights.churn_eur_per_kwh

    def haste(self, t: int, car: Car) -> float:
        """The price of a kWh that a car takes in step ``t`` if it should have it as soon as it can be had."""
        if not any(goal.soonest for goal in car.goals):
            return 0.0
        return self.problem.weights.haste_eur_per_kwh * self.late(t)


def add_meter(b: Build) -> None:
    """(1) import and export with their prices; (2) limits of the connection; (3) capacity price; (20) PV not used."""
    weights, capacity = b.problem.weights, b.problem.capacity_price
    if capacity is not None:
        low, high = b.peak_kw or (capacity.peak_kw, None)
        b.peak = b.lp.var(low, high, capacity.eur_per_kw)
    peak = b.peak
    for t, step in enumerate(b.problem.steps):
        imported = b.lp.var(cost=step.import_eur_per_kwh)
        exported = b.lp.var(cost=-step.export_eur_per_kwh)
        b.imports.append(imported)
        b.exports.append(exported)
        b.taken.append({})
        if step.import_limit_kw is not None:
            b.over_import[t] = b.lp.var(cost=weights.limit_eur_per_kwh)
            b.lp.at_most({imported: 1, b.over_import[t]: -1}, step.import_limit_kw * step.hours)
        if step.export_limit_kw is not None:
            b.lp.at_most({exported: 1}, step.export_limit_kw * step.hours)
        if peak is not None:
            b.lp.at_most({imported: 1, peak: -step.hours}, 0)
        if b.problem.curtails(t):
            _curtail(b, t)


def _curtail(b: Build, t: int) -> None:
    """(20) 0 <= curtailed <= surplus; only beyond the limit where feeding in costs money and the site cannot more."""
    step, price = b.problem.steps[t], b.problem.weights.curtailed_eur_per_kwh
    curtailed = b.curtailed[t] = b.lp.var(0, b.surplus_kwh[t], price)
    if step.export_eur_per_kwh >= 0:
        b.lp.tie(curtailed, SPARED)
    most_out = (step.export_limit_kw or 0.0) * step.hours
    if b.problem.curtailable or not most_out or step.export_eur_per_kwh + price >= 0:
        return
    full = b.lp.binary()
    b.lp.at_most({curtailed: 1, full: -b.surplus_kwh[t]}, 0)
    b.lp.at_least({b.exports[t]: 1, full: -most_out}, 0)


def add_balance(b: Build) -> None:
    """(4) import + PV - curtailed + discharge = export + load + charge; (5) one direction where both pay."""
    for t, step in enumerate(b.problem.steps):
        taken = {var: -sign for var, sign in b.taken[t].items()}
        curtailed = [b.curtailed[t]] if t in b.curtailed else []
        out = dict.fromkeys([b.exports[t], *curtailed, *b.lost_in(t)], -1.0)
        b.lp.equal({b.imports[t]: 1, **out, **taken}, step.load_kwh - step.pv_kwh)
        needs_direction = any((kind, device, t) in b.excluded for kind, device in _directed(b))
        if needs_direction:
            _one_direction(b, t)


def _directed(b: Build) -> list[tuple[Exclusion, str]]:
    names = [battery.name for battery in b.problem.batteries]
    pairs = [(kind, n) for kind in (Exclusion.GRID_CHARGE, Exclusion.GRID_DISCHARGE) for n in names]
    return [(Exclusion.BOTH_WAYS, ""), *pairs]


def _one_direction(b: Build, t: int) -> None:
    step = b.problem.steps[t]
    most_in = step.load_kwh + sum(v.upBound for v, sign in b.taken[t].items() if sign > 0)
    most_out = step.pv_kwh + sum(v.upBound for v, sign in b.taken[t].items() if sign < 0)
    out = b.lp.binary()
    b.exporting[t] = out
    b.lp.at_most({b.imports[t]: 1, out: most_in}, most_in)
    b.lp.at_most({b.exports[t]: 1, out: -most_out}, 0)
    if t in b.curtailed:
        b.lp.at_most({b.curtailed[t]: 1, out: -b.surplus_kwh[t]}, 0)
