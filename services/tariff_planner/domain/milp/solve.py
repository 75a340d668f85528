"""From a problem to a plan: builds the model, solves it, checks what was left out, reads the plan off.

The formulas with the numbers that the comments name are in docs/planning.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tariff_planner.domain.milp.battery import BatteryVars, add_battery, add_direction
from tariff_planner.domain.milp.branch_and_bound import Effort
from tariff_planner.domain.milp.device_limits import add_device_limits
from tariff_planner.domain.milp.grid import (
    Build,
    Excluded,
    Exclusion,
    add_balance,
    add_meter,
)
from tariff_planner.domain.milp.linear_program import SolveResult
from tariff_planner.domain.milp.storage_terms import GoalVar, worth_eur
from tariff_planner.domain.milp.surplus import add_surplus
from tariff_planner.domain.milp.vehicle import (
    CarVars,
    add_car,
    add_cuts,
    add_sharing,
)
from tariff_planner.domain.problem.problem import Problem
from tariff_planner.domain.problem.solution import (
    BatteryPlan,
    CarPlan,
    Proof,
    Requirement,
    Solution,
    Unmet,
    bill_eur,
)

_NOTHING_KWH = 1e-4
"""Energies below this (0.1 Wh) are none."""
_ROUNDS = 5
"""Most solves after a plan with two flows at once; in the last plan they are then read as their difference."""
_LIKELY_ROUNDS = 3
"""Rounds in which only the steps where that may pay get a binary; then all do."""
DEFAULT_EFFORT = Effort()


@dataclass(slots=True)
class _Model:
    build: Build
    batteries: list[BatteryVars]
    cars: list[CarVars]


def model_parts(problem: Problem) -> tuple[Build, list[BatteryVars], list[CarVars]]:
    """The model as it is first built: its meter and linear program, its batteries and its cars."""
    model = _build(problem, frozenset(_expected(problem)))
    return model.build, model.batteries, model.cars


def plan(problem: Problem, effort: Effort = DEFAULT_EFFORT) -> Solution:
    """The cheapest plan for ``problem``, to ``effort.gap_eur``; or the best one found in ``effort.seconds``, labelled.

    Exclusions (import and export, charge and discharge at once) cost a binary only in steps where a first plan would
    break them: with ordinary prices none does.

    Raises:
        RuntimeError: no plan at all was found in time.
    """
    excluded = frozenset(_expected(problem))
    seconds = 0.0
    for round_ in range(_ROUNDS + 1):
        model = _build(problem, excluded)
        found = model.build.lp.solve(replace(effort, seconds=max(0.5, effort.seconds - seconds)))
        seconds += found.seconds
        broken = _broken(model, everything=round_ >= _LIKELY_ROUNDS) - excluded
        if not broken or round_ == _ROUNDS:
            break
        excluded |= broken
    return _read(model, found, seconds)


def _build(problem: Problem, excluded: frozenset[Excluded]) -> _Model:
    b = Build(problem, excluded)
    add_meter(b)
    batteries = [add_battery(b, battery) for battery in problem.batteries]
    cars = [add_car(b, car) for car in problem.cars]
    for sharing in problem.cars_by_loadpoint().values():
        add_sharing(b, [v for v in cars if v.car in sharing])
    add_cuts(b, cars)
    add_balance(b)
    add_surplus(b, cars)
    add_device_limits(b, batteries, cars)
    for v in batteries:
        add_direction(b, v)
    return _Model(b, batteries, cars)


def _expected(problem: Problem) -> set[Excluded]:
    """Where two flows at once are known to pay: selling for more than buying costs."""
    return {
        (Exclusion.BOTH_WAYS, "", t) for t, s in enumerate(problem.steps) if s.export_eur_per_kwh > s.import_eur_per_kwh
    }


def _broken(model: _Model, *, everything: bool) -> set[Excluded]:
    """What the plan does that cannot be, and the same kinds where they are likely; ``everything``: in all steps."""
    b = model.build
    steps = range(len(b.problem.steps))
    value = b.lp.value

    def both(one: float, other: float) -> bool:
        return min(one, other) > _NOTHING_KWH

    broken: set[Excluded] = set()
    for t in steps:
        step = b.problem.steps[t]
        imported, exported = value(b.imports[t]), value(b.exports[t])
        # At equal prices the two cancel out and are read as their difference.
        if step.export_eur_per_kwh > step.import_eur_per_kwh and both(imported, exported):
            broken.add((Exclusion.BOTH_WAYS, "", t))
        net = imported - exported
        for v in model.batteries:
            charge, discharge = value(v.charge[t]), value(v.discharge[t])
            if both(charge, discharge):
                broken.add((Exclusion.THROUGH, v.battery.name, t))
            if not v.battery.can_charge_from_grid and both(charge, net):
                broken.add((Exclusion.GRID_CHARGE, v.battery.name, t))
            if not v.battery.can_discharge_to_grid and both(discharge, -net):
                broken.add((Exclusion.GRID_DISCHARGE, v.battery.name, t))
    return broken | {
        (kind, device, t) for kind, device, _ in broken for t in steps if everything or _likely(b, kind, t)
    }


def _likely(b: Build, kind: Exclusion, t: int) -> bool:
    """Whether step ``t`` may break ``kind``, too: where somebody pays for energy that is lost, or the sun is shared."""
    step, sunny = b.problem.steps[t], b.surplus_kwh[t] > 0
    burning_pays = step.import_eur_per_kwh < 0 or (step.export_eur_per_kwh < 0 and sunny)
    return burning_pays or (kind is Exclusion.GRID_DISCHARGE and sunny)


def _read(model: _Model, found: SolveResult, seconds: float) -> Solution:
    b, value = model.build, model.build.lp.value
    steps = range(len(b.problem.steps))
    net = [value(b.imports[t]) - value(b.exports[t]) for t in steps]
    imports = tuple(max(0.0, x) for x in net)
    exports = tuple(max(0.0, -x) for x in net)
    batteries = {
        v.battery.name: BatteryPlan(
            tuple(_clean(value(x)) for x in v.charge),
            tuple(_clean(value(x)) for x in v.discharge),
            tuple(value(x) for x in v.energy),
        )
        for v in model.batteries
    }
    cars = {
        v.car.name: CarPlan(
            tuple(_clean(value(x)) for x in v.charge),
            tuple(value(x) for x in v.energy),
            tuple(value(x) > 0.5 for x in v.plugged) or tuple(True for _ in steps),
        )
        for v in model.cars
    }
    wear = sum(value(x) * v.battery.wear_eur_per_kwh for v in model.batteries for x in v.discharge)
    worth = sum(worth_eur(v.battery.worth, value(v.energy[-1])) for v in model.batteries)
    worth += sum(worth_eur(v.car.worth, value(v.energy[-1])) for v in model.cars)
    return Solution(
        imports,
        exports,
        batteries,
        cars,
        bill_eur(b.problem, imports, exports) + wear,
        worth,
        Proof(found.proven, found.objective, found.bound, seconds, found.rows, found.binaries),
        tuple(_missing(model)),
    )


def _missing(model: _Model) -> list[Unmet]:
    b, value = model.build, model.build.lp.value
    missing: list[Unmet] = []
    for battery in model.batteries:
        missing += _goals(model, battery.goals, Requirement.BATTERY_GOAL, battery.battery.name)
        unmet = sum(value(x) for x in battery.unmet)
        if unmet > _NOTHING_KWH:
            missing.append(Unmet(Requirement.DEMAND, unmet, battery.battery.name))
    for car in model.cars:
        missing += _goals(model, car.goals, Requirement.GOAL, car.car.name)
        short = sum(value(x) for x in car.elsewhere)
        if short > 10 * _NOTHING_KWH:
            missing.append(Unmet(Requirement.TRIP, short, car.car.name))
    for requirement, over in ((Requirement.IMPORT_LIMIT, b.over_import), (Requirement.EXPORT_LIMIT, b.over_export)):
        beyond = {t: value(x) for t, x in over.items() if value(x) > _NOTHING_KWH}
        if beyond:
            missing.append(Unmet(requirement, sum(beyond.values()), by=b.problem.steps[min(beyond)].start))
    return missing


def _goals(model: _Model, goals: Sequence[GoalVar], requirement: Requirement, device: str) -> list[Unmet]:
    value = model.build.lp.value
    return [
        Unmet(requirement, value(g.missing), device, g.goal.by, g.goal.energy_kwh - value(g.missing))
        for g in goals
        if value(g.missing) > 10 * _NOTHING_KWH
    ]


def _clean(kwh: float) -> float:
    return kwh if kwh > 1e-7 else 0.0
