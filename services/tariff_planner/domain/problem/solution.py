"""A plan as plain numbers: what flows in every step, what it costs, what it leaves unmet, how good it provably is.

``alias`` is a field's name in files, where it differs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tariff_planner.domain.problem.problem import Problem
from tariff_planner.domain.problem.storage import EnergyGoal

_SAME_KWH = 0.001
"""Two goals of one moment that differ by less are one."""


class Requirement(StrEnum):
    """What people want and a plan may fall short of."""

    GOAL = "goal"
    BATTERY_GOAL = "battery_goal"
    IMPORT_LIMIT = "import_limit"
    EXPORT_LIMIT = "export_limit"
    TRIP = "trip"
    DEMAND = "demand"


@dataclass(frozen=True, slots=True)
class Unmet:
    """Energy that is missing for (or beyond) a requirement; ``reaches_kwh`` is what a goal's storage will hold."""

    requirement: Requirement = field(metadata={"alias": "wish"})
    kwh: float
    device: str | None = None
    by: datetime | None = None
    reaches_kwh: float | None = None

    def lacks(self, goal: EnergyGoal) -> bool:
        """Whether it is this goal of its device's that is missed: there may be others of the same moment."""
        wanted_kwh = None if self.reaches_kwh is None else self.reaches_kwh + self.kwh
        return self.by == goal.by and wanted_kwh is not None and abs(wanted_kwh - goal.energy_kwh) < _SAME_KWH


@dataclass(frozen=True, slots=True)
class BatteryPlan:
    """A battery's energies by step: charged and discharged (AC), and stored at each step's end."""

    charge_kwh: tuple[float, ...]
    discharge_kwh: tuple[float, ...]
    energy_kwh: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class CarPlan:
    """A car's energies by step: charged (from the wall), and stored at each step's end; whether it is plugged in."""

    charge_kwh: tuple[float, ...]
    energy_kwh: tuple[float, ...]
    plugged: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """How the plan was found. No plan's objective is below ``bound_eur``."""

    proven: bool
    objective_eur: float
    bound_eur: float
    seconds: float
    rows: int
    binaries: int

    @property
    def gap_eur(self) -> float:
        """No plan is better by more."""
        return max(0.0, self.objective_eur - self.bound_eur)


@dataclass(frozen=True, slots=True)
class Solution:
    """A plan for a problem. Tuples have one entry a step."""

    import_kwh: tuple[float, ...]
    export_kwh: tuple[float, ...]
    batteries: Mapping[str, BatteryPlan]
    cars: Mapping[str, CarPlan]
    bill_eur: float
    """Import, export, wear and a higher capacity peak."""
    worth_eur: float
    """Value of the energy that is left at the horizon's end."""
    proof: Proof
    unmet: tuple[Unmet, ...] = field(default=(), metadata={"alias": "missing"})
    curtailed_kwh: tuple[float, ...] = ()
    """PV that is neither used nor fed in, by step."""

    @property
    def cost_eur(self) -> float:
        """The bill, with the energy that is left credited."""
        return self.bill_eur - self.worth_eur


def bill_eur(problem: Problem, import_kwh: tuple[float, ...], export_kwh: tuple[float, ...]) -> float:
    """Import minus export income plus what a new capacity peak costs."""
    steps = problem.steps
    total = sum(
        i * s.import_eur_per_kwh - e * s.export_eur_per_kwh
        for s, i, e in zip(steps, import_kwh, export_kwh, strict=True)
    )
    if problem.capacity_price is not None:
        peak_kw = max(i / s.hours for s, i in zip(steps, import_kwh, strict=True))
        total += max(0.0, peak_kw - problem.capacity_price.peak_kw) * problem.capacity_price.eur_per_kw
    return total
