"""From a planned problem to the look-ahead over likely loads: the battery's mode now, the cars' schedule given."""

from collections.abc import Sequence

import numpy as np

from ems.contract.site import BatteryMode
from tariff_planner.domain.forecast.scenarios import Scenarios
from tariff_planner.domain.lookahead.dynamic_program import (
    Ceiling,
    FullBy,
    ModeChoice,
    Task,
    battery_mode,
)
from tariff_planner.domain.problem.problem import Problem, Step
from tariff_planner.domain.problem.solution import Solution
from tariff_planner.domain.problem.storage import Battery


def look_ahead(
    problem: Problem,
    solution: Solution,
    scenarios: Scenarios,
    modes: Sequence[BatteryMode],
    current: BatteryMode | None,
) -> ModeChoice:
    """The mode of the problem's first battery.

    Args:
        problem: has a battery.
        solution: its plan.
        scenarios: net load in the problem's steps.
        modes: what the battery can do.
        current: the mode that it is in.
    """
    battery, steps = problem.batteries[0], problem.steps
    hours = np.array([s.hours for s in steps], dtype=np.float64)
    cars = np.array([sum(p.charge_kwh[t] for p in solution.cars.values()) for t in range(len(steps))]) / hours
    task = Task(
        battery.in_house(),
        battery.energy_kwh,
        hours,
        np.array([s.import_eur_per_kwh for s in steps], dtype=np.float64),
        np.array([s.export_eur_per_kwh for s in steps], dtype=np.float64),
        battery.worth[0].eur_per_kwh if battery.worth else 0.0,
        ceilings=_ceilings(problem, solution),
        goals=_goals(problem, battery),
        money_scale=problem.weights.money_scale,
    )
    return battery_mode(task, scenarios, modes=modes, other_kw=cars, current=current)


def _ceilings(problem: Problem, solution: Solution) -> tuple[Ceiling, ...]:
    """The connection's limits, and the capacity peak that the plan pays for: a higher one costs its price."""
    steps = problem.steps
    hours = np.array([s.hours for s in steps], dtype=np.float64)
    beyond = np.full(len(steps), problem.weights.limit_eur_per_kwh)
    found = []
    for sign, limits in ((1, [_import_limit_kw(problem, s) for s in steps]), (-1, [s.export_limit_kw for s in steps])):
        if any(limit is not None for limit in limits):
            level = np.array([np.inf if limit is None else limit for limit in limits], dtype=np.float64)
            found.append(Ceiling(level * hours, beyond, sign))
    if problem.capacity_price is not None:
        planned_kw = max(kwh / s.hours for kwh, s in zip(solution.import_kwh, steps, strict=True))
        peak_kw = max(problem.capacity_price.peak_kw, planned_kw)
        found.append(Ceiling(peak_kw * hours, problem.capacity_price.eur_per_kw / hours))
    return tuple(found)


def _import_limit_kw(problem: Problem, step: Step) -> float | None:
    """The connection's limit; where the devices have one, what the house takes and they may beside it."""
    limit_kw = step.import_limit_kw
    if step.device_limit_kw is not None:
        devices = len(problem.batteries) + len({c.loadpoint for c in problem.cars})
        house_kw = max(0.0, step.load_kwh - step.pv_kwh) / step.hours
        beside_kw = house_kw + devices * step.device_limit_kw
        limit_kw = beside_kw if limit_kw is None else min(limit_kw, beside_kw)
    return limit_kw


def _goals(problem: Problem, battery: Battery) -> tuple[FullBy, ...]:
    """The battery's goals within the horizon, at the end of the last step before their moment."""
    return tuple(
        FullBy(max(0, sum(s.end <= goal.by for s in problem.steps) - 1), goal.energy_kwh, goal.eur_per_kwh)
        for goal in battery.goals
        if problem.start < goal.by <= problem.end
    )
