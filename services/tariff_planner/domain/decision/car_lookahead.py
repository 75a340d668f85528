"""From a planned problem to the modes of its loadpoints now: each car by its schedule, the others as planned."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ems.contract.site import BatteryMode, LoadpointMode
from ems.forecast.history_grid import Floats
from ems.forecast.scenarios import Scenarios
from ems.house.car import charge, offered_kw
from ems.lookahead.battery_task import FullBy
from ems.lookahead.cars import CarAhead, HomeAhead, car_modes, cheap_worth
from tariff_planner.domain.actions.car_decision import CarDecision
from tariff_planner.domain.actions.evcc_modes import car_action
from tariff_planner.domain.decision.battery_lookahead import import_ceilings
from tariff_planner.domain.decision.car_in_house import charger_in_house, in_house, scheduled
from tariff_planner.domain.decision.within_reach import safe_mode
from tariff_planner.domain.problem.problem import Problem
from tariff_planner.domain.problem.solution import Solution
from tariff_planner.domain.problem.storage import Car


@dataclass(frozen=True, slots=True)
class CarModes:
    """What the cars are told now, and what they then take."""

    decided: Mapping[str, CarDecision]
    """By car, where that is not what is planned."""
    kwh: Floats
    """All of them, by step."""

    @classmethod
    def planned(cls, problem: Problem, solution: Solution) -> "CarModes":
        """As the plan has it."""
        kwh = [sum(plan.charge_kwh[t] for plan in solution.cars.values()) for t in range(len(problem.steps))]
        return cls({}, np.array(kwh, dtype=np.float64))


def choose_cars(
    problem: Problem,
    solution: Solution,
    scenarios: Scenarios,
    battery_modes: Sequence[BatteryMode],
    beside_kwh: Sequence[float],
    *,
    later_kwh: Mapping[str, float],
    kept: int = 1,
) -> CarModes:
    """The modes of all loadpoints in the first steps.

    Args:
        problem: what was planned.
        solution: its plan: the guide for every other car, for what is in reach, and where nothing is to be chosen.
        scenarios: net load in the problem's steps.
        battery_modes: what the battery can do.
        beside_kwh: by step what the problem has and the scenarios have not.
        later_kwh: by car what is wanted in it after the horizon.
        kept: for how many steps a mode lasts until the next decision.
    """
    hours = np.array([step.hours for step in problem.steps], dtype=np.float64)
    taken = {name: np.array(plan.charge_kwh, dtype=np.float64) / hours for name, plan in solution.cars.items()}
    planned = dict(_planned_modes(problem, solution))
    ahead = _home(problem, solution, scenarios, battery_modes, np.array(beside_kwh) / hours, hours, kept)
    cars = {
        car.name: _car(
            problem, solution, car, taken[car.name], planned.get(car.name), later_kwh.get(car.name, 0.0), kept
        )
        for car in problem.cars
    }
    decided: dict[str, CarDecision] = {}
    for name, choice in car_modes(ahead, cars).items():
        car, usual = next(c for c in problem.cars if c.name == name), planned[name]
        mode = safe_mode(problem, solution, car, choice.mode, usual, kept)
        if mode is choice.mode:
            taken[name] = choice.planned_kw
        if mode is usual:
            continue
        others = sum((kw[0] for other, kw in taken.items() if other != name), 0.0)
        power_kw = _power_kw(problem, car, mode, float(-ahead.net_kw[0] - others))
        taken[name] = np.concatenate([[power_kw], choice.planned_kw[1:]])
        more_eur = max(0.0, choice.gain_eur[mode] - choice.gain_eur[usual]) if mode is choice.mode else None
        decided[name] = CarDecision(mode, power_kw, usual, more_eur)
    return CarModes(decided, sum(taken.values(), np.zeros(len(hours))) * hours)


def _planned_modes(problem: Problem, solution: Solution) -> Iterator[tuple[str, LoadpointMode]]:
    """The plan's modes of the cars that are plugged in, as they come nearest to its powers."""
    for loadpoint in problem.loadpoints:
        cars = (c for c in problem.cars if c.loadpoint == loadpoint.name and solution.cars[c.name].plugged[0])
        for car in cars:
            yield car.name, car_action(problem, solution, car, loadpoint, 0).mode


def _home(
    problem: Problem,
    solution: Solution,
    scenarios: Scenarios,
    modes: Sequence[BatteryMode],
    beside_kw: Floats,
    hours: Floats,
    kept: int,
) -> HomeAhead:
    """The home without its cars."""
    steps = problem.steps
    home = HomeAhead(
        hours,
        scenarios.net_kw.mean(axis=1) + beside_kw,
        np.array([s.import_eur_per_kwh for s in steps], dtype=np.float64),
        np.array([s.export_eur_per_kwh for s in steps], dtype=np.float64),
        ceilings=tuple(import_ceilings(problem, solution, max(1, len(problem.batteries)))),
        kept_slots=kept,
        money_scale=problem.weights.money_scale,
    )
    if not problem.batteries:
        return home
    battery = problem.batteries[0]
    return replace(
        home,
        battery=battery.in_house(),
        battery_kwh=battery.energy_kwh,
        battery_modes=tuple(modes),
        worth_eur_per_kwh=battery.worth[0].eur_per_kwh if battery.worth else 0.0,
        feeds_cars=battery.feeds_cars,
    )


def _car(
    problem: Problem,
    solution: Solution,
    car: Car,
    planned_kw: Floats,
    planned: LoadpointMode | None,
    later_kwh: float,
    kept: int,
) -> CarAhead:
    steps, loadpoint = problem.steps, problem.loadpoint(car.loadpoint)
    made = scheduled(car, loadpoint)
    plugged = solution.cars[car.name].plugged
    worth = tuple((tier.upto_kwh, tier.eur_per_kwh) for tier in car.worth)
    if later_kwh > 0:
        prices = np.array([s.import_eur_per_kwh for s in steps], dtype=np.float64)
        cheap = cheap_worth(made, min(later_kwh, car.ceiling_kwh), prices)
        worth = cheap + tuple(tier for tier in worth if tier[1] < cheap[0][1])
    return CarAhead(
        made,
        car.energy_kwh,
        np.array(
            [0.0 if car.is_paused(t) else car.at_home(s) * plugged[t] for t, s in enumerate(steps)], dtype=np.float64
        ),
        np.array([car.used_kwh(s) for s in steps], dtype=np.float64),
        planned_kw,
        tuple(_goals(problem, car, min(car.max_kw, loadpoint.max_kw))),
        worth,
        np.array(car.sun_eur_per_kwh, dtype=np.float64) if car.sun_eur_per_kwh else None,
        current=planned,
        chosen=planned is not None and _may_choose(problem, solution, car, kept),
    )


def _may_choose(problem: Problem, solution: Solution, car: Car, kept: int) -> bool:
    """Whether its mode is a matter of money: a departure ahead, no hurry, no wish, and all modes possible now."""
    if any(car.is_paused(t) or car.is_pushed(t) for t in range(min(kept, len(problem.steps)))):
        return False
    loadpoint, step = problem.loadpoint(car.loadpoint), problem.steps[0]
    hurries = any(goal.soonest and goal.energy_kwh > car.energy_kwh for goal in car.goals)
    if not car.goals or hurries or loadpoint.min_on_minutes or step.device_limit_kw is not None:
        return False
    if step.import_limit_kw is None:
        return True
    others_kwh = sum(plan.charge_kwh[0] for name, plan in solution.cars.items() if name != car.name)
    beside_kw = (step.load_kwh - step.pv_kwh + others_kwh) / step.hours
    return beside_kw + min(car.max_kw, loadpoint.max_kw) <= step.import_limit_kw


def _goals(problem: Problem, car: Car, fastest_kw: float) -> Iterator[FullBy]:
    """Its goals at the end of the last step before their moment; of later ones what cannot follow after the horizon."""
    for goal in car.goals:
        if goal.by <= problem.start:
            continue
        beyond_h = max(0.0, (goal.by - problem.end).total_seconds() / 3600)
        kwh = min(goal.energy_kwh, car.ceiling_kwh) - fastest_kw * car.charge_efficiency * beyond_h
        last = max(0, sum(step.end <= goal.by for step in problem.steps) - 1)
        if kwh > 0:
            yield FullBy(last, kwh, goal.eur_per_kwh)


def _power_kw(problem: Problem, car: Car, mode: LoadpointMode, surplus_kw: float) -> float:
    """What it takes in the first step."""
    offered = offered_kw(charger_in_house(problem.loadpoint(car.loadpoint)), mode, surplus_kw)
    return charge(in_house(car), car.energy_kwh, offered, problem.steps[0].hours, car.ceiling_kwh)
