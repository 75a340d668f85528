"""Whether a car can still have in time what the plan gives it, when it does less now and all that it can later."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ems.contract.site import LoadpointMode
from tariff_planner.domain.decision.car_in_house import charger_in_house, in_house
from tariff_planner.domain.problem.problem import Problem, Step
from tariff_planner.domain.problem.solution import Solution
from tariff_planner.domain.problem.storage import Car

_TOLERANCE_KWH = 0.05


@dataclass(frozen=True, slots=True)
class _Needed:
    """What is to be stored at the end of a step."""

    step: int
    kwh: float


def safe_mode(
    problem: Problem, solution: Solution, car: Car, mode: LoadpointMode, planned: LoadpointMode, kept: int
) -> LoadpointMode:
    """``mode``, if full power after it still reaches all that the plan reaches; else the plan's own.

    A mode that is kept for longer than the plan's step may be too weak for that even if it is the plan's: then it is a
    stronger one.

    Args:
        problem: what was planned.
        solution: its plan.
        car: plugged in.
        mode: what was chosen for the first ``kept`` steps.
        planned: the plan's own mode in the first one.
        kept: how many steps a mode lasts.
    """
    needed = list(_needed(problem, car, solution.cars[car.name].energy_kwh))

    def in_reach(candidate: LoadpointMode) -> bool:
        stored = _stored_kwh(problem, car, candidate, kept, solution)
        return _all_there(needed, stored)

    if mode is not planned and in_reach(mode):
        return mode
    if kept == 1 or in_reach(planned):
        return planned
    soon = any(kwh > 0 for kwh in solution.cars[car.name].charge_kwh[:kept])
    last_resort = LoadpointMode.NOW if soon else planned
    return next((m for m in (LoadpointMode.MINPV, LoadpointMode.NOW) if in_reach(m)), last_resort)


def surely_in_reach(problem: Problem, car: Car, mode: LoadpointMode, kept: int) -> bool:
    """Whether full power after ``kept`` steps of ``mode`` reaches all that it reaches from now on, with no plan asked.

    Then :func:`safe_mode` lets it be, as no plan reaches more. False where others or the connection have a say.
    """
    shares = len(problem.cars_by_loadpoint()[car.loadpoint]) > 1
    if shares or any(s.import_limit_kw is not None or s.device_limit_kw is not None for s in problem.steps):
        return False
    needed = _needed(problem, car, _stored_kwh(problem, car, LoadpointMode.NOW, 0, None))
    return _all_there(needed, _stored_kwh(problem, car, mode, kept, None))


def _all_there(needed: Iterable[_Needed], stored_kwh: Sequence[float]) -> bool:
    return all(stored_kwh[n.step] >= n.kwh - _TOLERANCE_KWH for n in needed)


def _needed(problem: Problem, car: Car, reached_kwh: Sequence[float]) -> Iterator[_Needed]:
    """The goals and trips, as far as ``reached_kwh`` at the steps' ends has them."""
    steps = problem.steps
    fastest_kw = min(car.max_kw, problem.loadpoint(car.loadpoint).max_kw) * car.charge_efficiency
    found = []
    for goal in car.goals:
        last = max(0, sum(step.end <= goal.by for step in steps) - 1)
        beyond_h = max(0.0, (goal.by - problem.end).total_seconds() / 3600)
        found.append((last, goal.energy_kwh - fastest_kw * beyond_h))
    for trip in car.trips:
        last = sum(step.end <= trip.leave for step in steps) - 1
        if 0 <= last < len(steps) - 1:
            found.append((last, trip.kwh))
    return (_Needed(last, kwh) for last, all_kwh in found if (kwh := min(all_kwh, reached_kwh[last])) > 0)


def _stored_kwh(
    problem: Problem, car: Car, first: LoadpointMode, kept: int, solution: Solution | None
) -> Sequence[float]:
    """The energy at each step's end: ``first`` without any sun for as long as it is kept, then full power.

    ``solution`` says when it is plugged in and what is left for it; without one it is always, and all.
    """
    loadpoint = problem.loadpoint(car.loadpoint)
    charger, spec = charger_in_house(loadpoint), replace(in_house(car), max_kw=min(car.max_kw, loadpoint.max_kw))
    least_kw = {LoadpointMode.NOW: charger.max_kw, LoadpointMode.MINPV: charger.min_kw}.get(first, 0.0)
    stored, found = car.energy_kwh, []
    for t, step in enumerate(problem.steps):
        offered_kw = least_kw if t < kept else _allowed_kw(solution, car, step, t)
        power_kw = min(offered_kw, spec.acceptable_kw(stored)) * car.at_home(step)
        if solution is not None:
            power_kw *= solution.cars[car.name].plugged[t]
        room_kwh = max(0.0, car.ceiling_kwh - stored)
        stored += min(room_kwh, power_kw * step.hours * car.charge_efficiency)
        stored = max(0.0, stored - car.used_kwh(step))
        found.append(stored)
    return found


def _allowed_kw(solution: Solution | None, car: Car, step: Step, t: int) -> float:
    """The most that the connection leaves for it, beside the house and the other cars; all where it has no limit."""
    sun_kw = max(0.0, step.pv_kwh - step.load_kwh) / step.hours
    allowed_kw = float("inf") if step.device_limit_kw is None else step.device_limit_kw + sun_kw
    if solution is not None and step.import_limit_kw is not None:
        others_kwh = sum(plan.charge_kwh[t] for name, plan in solution.cars.items() if name != car.name)
        left_kw = step.import_limit_kw - (step.load_kwh - step.pv_kwh + others_kwh) / step.hours
        # What the plan gives it then, with the battery's help, it can have.
        allowed_kw = min(allowed_kw, max(left_kw, solution.cars[car.name].charge_kwh[t] / step.hours))
    return max(0.0, allowed_kw)
