"""Homes that a person can check in the head, as planning problems."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tariff_planner.domain.milp.solver.branch_and_bound import Effort
from tariff_planner.domain.problem.problem import Loadpoint, Problem, Step
from tariff_planner.domain.problem.solution import Solution
from tariff_planner.domain.problem.storage import (
    Battery,
    Car,
    EnergyGoal,
    TerminalValue,
)

EVENING = datetime(2026, 1, 14, 18, tzinfo=UTC)
MORNING = EVENING + timedelta(hours=12)
FINE = Effort(gap_eur=1e-4)
WALLBOX = Loadpoint("loadpoint-1")


def steps(
    prices: Sequence[float],
    *,
    start: datetime = EVENING,
    load_kw: float = 0.5,
    pv_kw: Sequence[float] = (),
    export: float = 0.08,
    minutes: int = 60,
) -> tuple[Step, ...]:
    made = []
    for i, price in enumerate(prices):
        at = start + timedelta(minutes=minutes * i)
        pv = pv_kw[i] if pv_kw else 0.0
        hours = minutes / 60
        made.append(Step(at, at + timedelta(minutes=minutes), load_kw * hours, pv * hours, price, export))
    return tuple(made)


def battery(energy_kwh: float = 0.0, *, worth: float = 0.20, **more: object) -> Battery:
    home = Battery("battery", energy_kwh, 10.0, 5.0, 5.0, worth=(TerminalValue(10.0, worth),))
    return replace(home, **more)  # type: ignore[arg-type]  # fields by name


def car(energy_kwh: float = 20.0, goal_kwh: float | None = 40.0, by: datetime = MORNING, **more: object) -> Car:
    goals = () if goal_kwh is None else (EnergyGoal(goal_kwh, by),)
    return replace(Car("zoe", "loadpoint-1", energy_kwh, 60.0, goals=goals), **more)  # type: ignore[arg-type]


def with_car(prices: Sequence[float], one: Car, **more: object) -> Problem:
    return replace(Problem(steps(prices), cars=(one,), loadpoints=(WALLBOX,)), **more)  # type: ignore[arg-type]


def charged(solution: Solution, name: str = "zoe") -> tuple[float, ...]:
    return solution.cars[name].charge_kwh


NIGHT = [0.45, 0.44, 0.40, 0.30, 0.20, 0.10, 0.08, 0.09, 0.15, 0.30, 0.42, 0.45]
