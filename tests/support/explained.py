"""Plans with their explanations, as tests of explanations want them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ems.contract.plan import Explanation, PlanSlot
from support.evening import BERLIN
from tariff_planner.domain.actions.messages import PlanContext, plan_slots
from tariff_planner.domain.explain.explanations import explain
from tariff_planner.domain.milp.solve import plan
from tariff_planner.domain.problem.problem import Loadpoint, Problem, Step
from tariff_planner.domain.problem.solution import Solution
from tariff_planner.domain.problem.storage import (
    Battery,
    Car,
    EnergyGoal,
    TerminalValue,
)
from tariff_planner.domain.wording.renderer import Renderer

START = datetime(2026, 1, 14, 21, tzinfo=UTC)
"""A Wednesday at 22:00 in Berlin."""


def steps(
    prices: Sequence[float], pv_kw: Sequence[float] = (), *, start: datetime = START, load_kw: float = 0.5
) -> tuple[Step, ...]:
    """Hours with these prices."""
    hour = timedelta(hours=1)
    sun = pv_kw or [0.0] * len(prices)
    return tuple(
        Step(start + i * hour, start + (i + 1) * hour, load_kw, pv, price, 0.08)
        for i, (price, pv) in enumerate(zip(prices, sun, strict=True))
    )


def with_car(hours: Sequence[Step], energy_kwh: float = 20.0, goal_kwh: float | None = 29.9, **more: object) -> Problem:
    """A car alone; 9.9 kWh more are an hour at full power. ``more``: fields of the car."""
    goals = () if goal_kwh is None else (EnergyGoal(goal_kwh, hours[-1].end),)
    car = Car("zoe", "loadpoint-1", energy_kwh, 60.0, goals=goals)
    car = replace(car, **more)  # type: ignore[arg-type]  # fields by name
    return Problem(tuple(hours), cars=(car,), loadpoints=(Loadpoint("loadpoint-1", min_kw=0.0, max_kw=11.0),))


def with_battery(hours: Sequence[Step], energy_kwh: float = 1.0, worth: float = 0.0, **more: object) -> Problem:
    """A battery alone. ``more``: its fields."""
    home = Battery("battery", energy_kwh, 10.0, 5.0, 5.0, worth=(TerminalValue(10.0, worth),))
    return Problem(tuple(hours), (replace(home, **more),))  # type: ignore[arg-type]  # fields by name


def solved(problem: Problem) -> tuple[Solution, tuple[PlanSlot, ...]]:
    """The plan, and its slots as they are published."""
    solution = plan(problem)
    return solution, plan_slots(PlanContext(problem.start, problem.start, problem, solution, 0.0, None, (), ()))


def told(problem: Problem) -> tuple[Explanation, ...]:
    """What is said about the plan for ``problem``."""
    solution, slots = solved(problem)
    return explain(problem, solution, slots, Renderer(BERLIN, problem.start))
