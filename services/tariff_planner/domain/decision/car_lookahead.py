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
from tariff_planner.domain.actions.evcc_modes import car_action, car_slot_flow
from tariff_planner.domain.decision.battery_lookahead import import_ceilings
from tariff_planner.domain.decision.car_in_house import charger_in_house, in_house, scheduled
from tariff_planner.domain.decision.guide import Guide
from tariff_planner.domain.decision.within_reach import safe_mode, surely_in_reach
from tariff_planner.domain.problem.problem import NOTHING_KW, Problem
from tariff_planner.domain.problem.solution import Solution
from tariff_planner.domain.problem.storage import Car


@dataclass(frozen=True, slots=True)
class ChosenMode:
    """A mode that a car's loadpoint is to be in now, whatever the plan has it do."""

    mode: LoadpointMode
    power_kw: float
    """What it takes in it."""
    gain_eur: Mapping[LoadpointMode, float] | None
    """What each mode is expected to earn against the dearest; None where it is not for money, but in time."""


@dataclass(frozen=True, slots=True)
class CarModes:
    """What the cars are told now, and what they then take."""

    chosen: Mapping[str, ChosenMode]
    """By car; who is not among them does what is planned."""
    kwh: Floats
    """All of them, by step."""

    @classmethod
    def planned(cls, problem: Problem, solution: Solution) -> "CarModes":
        """As the plan has it."""
        kwh = [sum(plan.charge_kwh[t] for plan in solution.cars.values()) for t in range(len(problem.steps))]
        return cls({}, np.array(kwh, dtype=np.float64))

    def beside_plan(self, problem: Problem, solution: Solution) -> dict[str, CarDecision]:
        """What is not what is planned; a mode in which a car takes the same is."""
        decided: dict[str, CarDecision] = {}
        for name, usual, usual_kw in _planned_modes(problem, solution):
            chosen = self.chosen.get(name)
            if chosen is None or chosen.mode is usual or abs(chosen.power_kw - usual_kw) < NOTHING_KW:
                continue
            gain = chosen.gain_eur
            more_eur = None if gain is None else max(0.0, gain[chosen.mode] - gain[usual])
            decided[name] = CarDecision(chosen.mode, chosen.power_kw, usual, more_eur)
        return decided


def choose_cars(
    problem: Problem,
    guide: Guide,
    scenarios: Scenarios,
    battery_modes: Sequence[BatteryMode],
    beside_kwh: Sequence[float],
    *,
    later_kwh: Mapping[str, float],
    current: Mapping[str, LoadpointMode],
    kept: int = 1,
) -> CarModes:
    """The modes of all loadpoints in the first steps.

    Args:
        problem: what is planned.
        guide: gives its plan, which counts for every other car, for what is in reach, and where nothing is to be
            chosen. It is asked for only there.
        scenarios: net load in the problem's steps.
        battery_modes: what the battery can do.
        beside_kwh: by step what the problem has and the scenarios have not.
        later_kwh: by car what is wanted in it after the horizon.
        current: the loadpoints' modes, by car.
        kept: for how many steps a mode lasts until the next decision.
    """
    hours = np.array([step.hours for step in problem.steps], dtype=np.float64)
    # A car that is here and not plugged in is told of by the plan; one on the road is taken to be plugged in again.
    known = all(car.plugged or not car.at_home(problem.steps[0]) for car in problem.cars)
    alone = known and len(problem.cars) <= 1 and all(_may_choose(problem, car, kept, 0.0) for car in problem.cars)
    taken = {car.name: np.zeros(len(hours)) for car in problem.cars}
    plugged = {car.name: np.ones(len(hours)) for car in problem.cars}
    if not alone:
        for name, plan in guide().cars.items():
            taken[name] = np.array(plan.charge_kwh, dtype=np.float64) / hours
            plugged[name] = np.array(plan.plugged, dtype=np.float64)
    ahead = _home(problem, guide, scenarios, battery_modes, np.array(beside_kwh) / hours, hours, kept)
    now_kw = sum((kw[0] for kw in taken.values()), 0.0)
    cars = {
        car.name: replace(
            _car(problem, car, plugged[car.name], later_kwh.get(car.name, 0.0)),
            planned_kw=taken[car.name],
            current=current.get(car.name),
            chosen=bool(plugged[car.name][0]) and _may_choose(problem, car, kept, now_kw - float(taken[car.name][0])),
        )
        for car in problem.cars
    }
    found: dict[str, ChosenMode] = {}
    for name, choice in car_modes(ahead, cars).items():
        car = next(c for c in problem.cars if c.name == name)
        taken[name] = choice.planned_kw
        if not cars[name].home[:kept].any():
            continue
        mode = choice.mode
        if not surely_in_reach(problem, car, mode, kept):
            planned = (mode for other, mode, _ in _planned_modes(problem, guide()) if other == name)
            usual = next(planned, choice.mode)
            mode = safe_mode(problem, guide(), car, choice.mode, usual, kept)
        if mode is not choice.mode:
            taken[name] = np.array(guide().cars[name].charge_kwh, dtype=np.float64) / hours
        others = sum((kw[0] for other, kw in taken.items() if other != name), 0.0)
        here = cars[name].home[0] > 0
        power_kw = _power_kw(problem, car, mode, float(-ahead.expected_kw[0] - others)) if here else 0.0
        taken[name] = np.concatenate([[power_kw], taken[name][1:]])
        found[name] = ChosenMode(mode, power_kw, choice.gain_eur if mode is choice.mode else None)
    return CarModes(found, sum(taken.values(), np.zeros(len(hours))) * hours)


def _planned_modes(problem: Problem, solution: Solution) -> Iterator[tuple[str, LoadpointMode, float]]:
    """The plan's modes of the cars that are plugged in, as they come nearest to its powers, and these in kW."""
    for loadpoint in problem.loadpoints:
        cars = (c for c in problem.cars if c.loadpoint == loadpoint.name and solution.cars[c.name].plugged[0])
        for car in cars:
            mode = car_action(problem, solution, car, loadpoint, 0).mode
            yield car.name, mode, car_slot_flow(solution, car, problem.steps, 0).power_kw


def _home(
    problem: Problem,
    guide: Guide,
    scenarios: Scenarios,
    modes: Sequence[BatteryMode],
    beside_kw: Floats,
    hours: Floats,
    kept: int,
) -> HomeAhead:
    """The home without its cars."""
    steps = problem.steps
    net_kw, chances = scenarios.likely()
    home = HomeAhead(
        hours,
        net_kw + beside_kw[:, None],
        np.array([s.import_eur_per_kwh for s in steps], dtype=np.float64),
        np.array([s.export_eur_per_kwh for s in steps], dtype=np.float64),
        ceilings=tuple(import_ceilings(problem, guide, max(1, len(problem.batteries)))),
        kept_slots=kept,
        money_scale=problem.weights.money_scale,
        chances=chances,
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


def _car(problem: Problem, car: Car, plugged: Floats, later_kwh: float) -> CarAhead:
    """The car before the steps; nothing is planned for it."""
    steps, loadpoint = problem.steps, problem.loadpoint(car.loadpoint)
    made = scheduled(car, loadpoint)
    worth = tuple((tier.upto_kwh, tier.eur_per_kwh) for tier in car.worth)
    if later_kwh > 0:
        prices = np.array([s.import_eur_per_kwh for s in steps], dtype=np.float64)
        cheap = cheap_worth(made, min(later_kwh, car.ceiling_kwh), prices)
        worth = cheap + tuple(tier for tier in worth if tier[1] < cheap[0][1])
    home = [0.0 if car.is_paused(t) else car.at_home(s) for t, s in enumerate(steps)]
    used = [0.0, *(car.used_kwh(s) for s in steps)]
    return CarAhead(
        made,
        car.energy_kwh,
        np.array(home, dtype=np.float64) * plugged,
        # What a trip needs is missing from the next step on: until then the car may be there, and charge.
        np.array(used[:-1], dtype=np.float64),
        np.zeros(len(steps)),
        tuple(_goals(problem, car, min(car.max_kw, loadpoint.max_kw))),
        worth,
        np.array(car.sun_eur_per_kwh, dtype=np.float64) if car.sun_eur_per_kwh else None,
    )


def _may_choose(problem: Problem, car: Car, kept: int, others_kw: float) -> bool:
    """Whether its mode is a matter of money: a departure ahead, no hurry, no wish, and all modes possible now."""
    if any(car.is_paused(t) or car.is_pushed(t) for t in range(min(kept, len(problem.steps)))):
        return False
    loadpoint, step = problem.loadpoint(car.loadpoint), problem.steps[0]
    hurries = any(goal.soonest and goal.energy_kwh > car.energy_kwh for goal in car.goals)
    if not car.goals or hurries or loadpoint.min_on_minutes or step.device_limit_kw is not None:
        return False
    if step.import_limit_kw is None:
        return True
    beside_kw = (step.load_kwh - step.pv_kwh) / step.hours + others_kw
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
