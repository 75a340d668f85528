"""What batteries and cars have in common: goals, the worth of what is left, and power that is nothing or enough."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tariff_planner.domain.milp.grid import Build
from tariff_planner.domain.milp.solver.highs import Var
from tariff_planner.domain.milp.solver.linear_program import LinearProgram
from tariff_planner.domain.problem.problem import Problem
from tariff_planner.domain.problem.storage import EnergyGoal, TerminalValue

_NO_TAPER_KWH = 0.001
"""A taper over less than this is none: its slope would be beyond what the solver can hold."""


@dataclass(frozen=True, slots=True)
class GoalVar:
    """A goal and the variable of what is missing for it."""

    goal: EnergyGoal
    missing: Var
    needed_kwh: float
    """What is to be stored at that moment, or at the horizon's end where that comes first."""


@dataclass(frozen=True, slots=True)
class Taper:
    """Above ``begin_kwh`` the power falls linearly with the energy at a step's start, to ``share`` of it when full."""

    start_kwh: float
    begin_kwh: float
    capacity_kwh: float
    share: float

    def add(self, lp: LinearProgram, charge: Var, before: Var | None, most_kwh: float, least_kwh: float) -> None:
        """(12) charge <= most x (1 - fall x (energy before - begin) / (capacity - begin)).

        Not below the least power: what a nearly full car takes less than that, no plan hangs on, and without it the
        last percents could not be planned at all.
        """
        if most_kwh <= 0 or charge.upBound <= 0 or self.capacity_kwh - self.begin_kwh < _NO_TAPER_KWH:
            return
        slope = (1 - max(self.share, least_kwh / most_kwh)) / (self.capacity_kwh - self.begin_kwh)
        if before is None:
            left = most_kwh * (1 - slope * max(0.0, self.start_kwh - self.begin_kwh))
            charge.upBound = max(0.0, min(charge.upBound, left))
        else:
            lp.at_most({charge: 1.0, before: most_kwh * slope}, most_kwh * (1 + slope * self.begin_kwh))


def add_goals(
    b: Build, goals: Sequence[EnergyGoal], energy: Sequence[Var], start_kwh: float, fastest_kw: float
) -> list[GoalVar]:
    """(13) missing >= goal - energy at that moment. ``fastest_kw`` (stored) tells what can follow after the horizon."""
    added = []
    for goal in goals:
        if goal.by <= b.problem.start or goal.energy_kwh <= 0:
            continue
        missing = b.lp.var(cost=goal.eur_per_kwh)
        needed = goal.energy_kwh
        if goal.by > b.problem.end:
            needed -= fastest_kw * (goal.by - b.problem.end).total_seconds() / 3600
        terms, constant = energy_at(b.problem, goal.by, energy, start_kwh)
        b.lp.at_least({**terms, missing: 1.0}, needed - constant)
        added.append(GoalVar(goal, missing, needed))
    return added


def energy_at(
    problem: Problem, moment: datetime, energy: Sequence[Var], start_kwh: float
) -> tuple[dict[Var, float], float]:
    """The energy at ``moment`` as terms and a constant: inside a step, power is steady."""
    for t, step in enumerate(problem.steps):
        if moment >= step.end:
            continue
        share = (moment - step.start) / (step.end - step.start)
        if t == 0:
            return {energy[0]: share}, (1 - share) * start_kwh
        return {energy[t - 1]: 1 - share, energy[t]: share}, 0.0
    return {energy[-1]: 1.0}, 0.0


def add_worth(lp: LinearProgram, worth: Sequence[TerminalValue], last: Var, capacity_kwh: float) -> None:
    """(14) minus the worth of the energy at the end: a value per kWh that falls from tier to tier."""
    if not worth:
        return
    if len(worth) == 1 and worth[0].upto_kwh >= capacity_kwh:
        lp.cost(last, -worth[0].eur_per_kwh)
        return
    below, parts = 0.0, {}
    for tier in worth:
        size = max(0.0, min(tier.upto_kwh, capacity_kwh) - below)
        parts[lp.var(0, size, -tier.eur_per_kwh)] = 1.0
        below += size
    parts[lp.var(0, max(0.0, capacity_kwh - below))] = 1.0
    lp.equal({**parts, last: -1.0}, 0)


def worth_eur(worth: Sequence[TerminalValue], energy_kwh: float) -> float:
    """What ``energy_kwh`` are worth at the end."""
    total, below = 0.0, 0.0
    for tier in worth:
        size = max(0.0, min(tier.upto_kwh, energy_kwh) - below)
        total += size * tier.eur_per_kwh
        below += size
    return total


def nothing_or_enough(lp: LinearProgram, power: Var, least_kwh: float, on: Var | None = None) -> Var | None:
    """(7) energy is 0 or at least ``least_kwh`` and at most its bound; the binary that says which, if one is needed.

    ``on``: that of the step before, when both may only be on together.
    """
    if least_kwh <= 0 or not power.upBound:
        return None
    switch = lp.binary() if on is None else on
    lp.switch(switch, power, least_kwh)
    return switch
