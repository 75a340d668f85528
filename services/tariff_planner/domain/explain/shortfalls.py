"""The requirements that a plan cannot keep: how much is missing, and what is reached instead."""

from collections.abc import Iterator

from ems.contract.plan import Shortfall
from tariff_planner.domain.problem.problem import Problem
from tariff_planner.domain.problem.solution import Requirement, Solution, Unmet
from tariff_planner.domain.problem.storage import Battery, Car
from tariff_planner.domain.wording.plan import (
    BeyondExportLimit,
    BeyondImportLimit,
    CarLate,
    DemandShort,
    GoalMissed,
    Shortage,
    TripShort,
)
from tariff_planner.domain.wording.renderer import Renderer

MIN_SHORTFALL_KWH = 0.05
"""Shortfalls below this, in kWh, are not reported."""


def shortfalls(problem: Problem, solution: Solution, renderer: Renderer) -> tuple[Shortfall, ...]:
    """Each requirement that the plan cannot keep, with how much is missing and what is reached instead.

    What a car is late for comes first, as long as it lacks it: that it is charged now does not make it punctual.
    """
    unmet = (missing for missing in solution.unmet if not is_late(problem, missing))
    return (*_late(problem, renderer), *(_shortfall(problem, missing, renderer) for missing in unmet))


def is_late(problem: Problem, missing: Unmet) -> bool:
    """Whether that is of a goal without a moment of its own: one that has passed, or one that is wanted at once."""
    goals = (g for c in problem.cars if c.name == missing.device for g in c.goals if g.soonest or g.due is not None)
    return missing.requirement is Requirement.GOAL and any(missing.lacks(goal) for goal in goals)


def _late(problem: Problem, renderer: Renderer) -> Iterator[Shortfall]:
    """What cars are late for: what they lack of it now."""
    for car in problem.cars:
        goal = next((g for g in car.goals if g.due is not None), None)
        if goal is None or goal.due is None:
            continue
        wanted_pct, holds_pct = (kwh / car.capacity_kwh * 100 for kwh in (goal.energy_kwh, car.energy_kwh))
        missing_kwh = goal.energy_kwh - car.energy_kwh
        yield Shortfall(
            what=Requirement.GOAL,
            device=car.loadpoint,
            vehicle=car.name,
            missing_kwh=missing_kwh,
            by=goal.due,
            reaches_soc_pct=round(holds_pct, 1),
            text=renderer.text(CarLate(car.called, wanted_pct, goal.due, missing_kwh)),
        )


def _shortfall(problem: Problem, missing: Unmet, renderer: Renderer) -> Shortfall:
    capacity = {b.name: b.capacity_kwh for b in problem.batteries} | {c.name: c.capacity_kwh for c in problem.cars}
    reaches = None
    if missing.reaches_kwh is not None and missing.device is not None:
        reaches = min(100.0, max(0.0, missing.reaches_kwh / capacity[missing.device] * 100))
    loadpoints = {c.name: c.loadpoint for c in problem.cars}
    return Shortfall(
        what=missing.requirement,
        device=loadpoints.get(missing.device or "", missing.device),
        vehicle=missing.device if missing.device in loadpoints else None,
        missing_kwh=missing.kwh,
        by=missing.by,
        reaches_soc_pct=None if reaches is None else round(reaches, 1),
        text=renderer.text(_reason(problem, missing, reaches or 0.0)),
    )


def _reason(problem: Problem, missing: Unmet, reaches_pct: float) -> Shortage:
    who = next((c.called for c in problem.cars if c.name == missing.device), missing.device or "")
    at = missing.by or problem.start
    match missing.requirement:
        case Requirement.BATTERY_GOAL:
            return GoalMissed(None, reaches_pct, _wanted_pct(problem, missing), at, missing.kwh)
        case Requirement.GOAL:
            return GoalMissed(who, reaches_pct, _wanted_pct(problem, missing), at, missing.kwh)
        case Requirement.TRIP:
            return TripShort(who, missing.kwh)
        case Requirement.DEMAND:
            return DemandShort(who, missing.kwh)
        case Requirement.IMPORT_LIMIT:
            return BeyondImportLimit(at, missing.kwh)
        case Requirement.EXPORT_LIMIT:
            return BeyondExportLimit(at, missing.kwh)


def _wanted_pct(problem: Problem, missing: Unmet) -> float | None:
    """How full it should have been."""
    storages: tuple[Battery | Car, ...] = (*problem.batteries, *problem.cars)
    for storage in storages:
        for goal in storage.goals:
            if storage.name == missing.device and missing.lacks(goal):
                return goal.energy_kwh / storage.capacity_kwh * 100
    return None
