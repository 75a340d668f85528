"""What keeps a goal from being met: a lower limit, the connection, or too little time."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from tariff_planner.domain.explain.segments import Case
from tariff_planner.domain.explain.shortfalls import is_late
from tariff_planner.domain.explain.vehicle import most_kw, most_kwh
from tariff_planner.domain.milp.vehicle import fastest_kw
from tariff_planner.domain.milp.whatif import SOME_KWH
from tariff_planner.domain.problem.solution import Requirement, Unmet
from tariff_planner.domain.problem.storage import Car
from tariff_planner.domain.wording.limits import GoalRestricted, LimitBelowGoal, LimitReason, Restriction, TimeTooShort

_FULL_POWER = 0.97
"""From this share of what is possible on, it charges at full power."""
_LOOK = timedelta(hours=24)
_MINUTES = timedelta(minutes=5)


def in_the_way(case: Case, name: str) -> Iterator[LimitReason]:
    """What keeps a car from the goals that it misses."""
    for missing in case.solution.unmet:
        if missing.device != name or missing.requirement is not Requirement.GOAL or missing.kwh <= SOME_KWH:
            continue
        if not is_late(case.problem, missing):
            yield from _of_goal(case, case.car(name), missing)


def _of_goal(case: Case, car: Car, missing: Unmet) -> Iterator[LimitReason]:
    goal = next(g for g in car.goals if missing.lacks(g))
    if goal.energy_kwh > car.ceiling_kwh + SOME_KWH:
        if (missing.reaches_kwh or 0.0) > car.ceiling_kwh - SOME_KWH:
            yield LimitBelowGoal(car.called, car.ceiling_kwh / car.capacity_kwh * 100)
        return
    if len(case.problem.cars_by_loadpoint()[car.loadpoint]) > 1:
        return
    most = _at_full_power(case, car, goal.by)
    if most < (missing.reaches_kwh or 0.0) + SOME_KWH:
        power_kw = fastest_kw(car, case.problem.loadpoint(car.loadpoint))
        yield TimeTooShort(car.called, power_kw, _when_there(case, car, goal.by, most, goal.energy_kwh))
    elif (whose := _limited_by(case, car, goal.by)) is not None:
        left = goal.energy_kwh - most
        yield GoalRestricted(car.called, whose, None if left < SOME_KWH else left)


def _at_full_power(case: Case, car: Car, by: datetime) -> float:
    """What it would hold by then when it charged at full power from now on."""
    stored = car.energy_kwh
    for t, step in enumerate(case.problem.steps):
        if step.start >= by:
            break
        share = min(1.0, (by - step.start) / (step.end - step.start))
        stored -= car.used_kwh(step)
        stored = max(0.0, stored) + most_kwh(case, car, t, stored) * share * car.charge_efficiency
    return stored


def _limited_by(case: Case, car: Car, by: datetime) -> Restriction | None:
    """Whose limit holds in a step in which the plan charges less than it could; None where nobody's does."""
    slow = [
        step
        for t, step in enumerate(case.problem.steps)
        if step.start < by
        and case.charge_kwh(car.name)[t] < _FULL_POWER * most_kwh(case, car, t, case.stored_kwh(car.name, t))
    ]
    if any(step.device_limit_kw is not None for step in slow):
        return Restriction.GRID_OPERATOR
    return Restriction.CONNECTION if any(step.import_limit_kw is not None for step in slow) else None


def _when_there(case: Case, car: Car, by: datetime, stored_kwh: float, goal_kwh: float) -> datetime | None:
    """When it would be there if it stayed; None where that takes more than a day."""
    at, hours = by, _MINUTES / timedelta(hours=1)
    while stored_kwh < goal_kwh and at < by + _LOOK:
        stored_kwh += most_kw(case, car, stored_kwh) * hours * car.charge_efficiency
        at += _MINUTES
    return at if stored_kwh >= goal_kwh else None
