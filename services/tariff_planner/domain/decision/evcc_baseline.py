"""What the same horizon would cost under evcc alone: self-consumption, and its own plans for cars with a goal."""

from datetime import datetime

from ems.contract.site import BatteryMode, LoadpointMode
from ems.house.car import CarSpec as HouseCar
from ems.house.car import Charger
from ems.house.home import Home, PluggedCar, simulate
from tariff_planner.domain.milp.storage_terms import worth_eur
from tariff_planner.domain.problem.bank import bank
from tariff_planner.domain.problem.problem import Problem
from tariff_planner.domain.problem.solution import bill_eur
from tariff_planner.domain.problem.storage import Car


def evcc_alone_eur(problem: Problem) -> float:
    """Cost in EUR over the horizon under the same forecast, with the energy that is left credited as in the plan.

    evcc lets the battery follow the meter, charges a car with a goal in the cheapest slots before its departure, and
    the others from the sun.
    """
    battery = bank(problem.batteries, problem) if problem.batteries else None
    house = Home(battery.in_house() if battery else None, {c.name: _charger(problem, c) for c in problem.cars})
    stored = battery.energy_kwh if battery else 0.0
    cars = {c.name: c.energy_kwh for c in problem.cars}
    chosen = {c.name: _cheapest(c, problem) for c in problem.cars}
    imports, exports, wear = [], [], 0.0
    there = _occupants(problem)
    for t, step in enumerate(problem.steps):
        for c in problem.cars:
            cars[c.name] = max(
                0.0, cars[c.name] - sum(trip.kwh for trip in c.trips if step.start <= trip.leave < step.end)
            )
        plugged = {
            c.name: PluggedCar(
                HouseCar(c.capacity_kwh, c.max_kw, c.charge_efficiency),
                cars[c.name],
                LoadpointMode.NOW if t in chosen[c.name] else LoadpointMode.PV,
                c.ceiling_kwh,
            )
            for c in problem.cars
            if c.name in there[t]
        }
        hours = step.hours
        flows = simulate(house, stored, BatteryMode.NORMAL, plugged, step.load_kwh / hours, step.pv_kwh / hours, hours)
        stored = flows.battery_kwh
        cars |= flows.cars_kwh
        imports.append(max(0.0, flows.grid_kw) * hours)
        exports.append(_fed_in_kwh(problem, t, max(0.0, -flows.grid_kw) * hours, max(0.0, -flows.battery_kw) * hours))
        wear += max(0.0, flows.battery_kw) * hours * (battery.wear_eur_per_kwh if battery else 0.0)
    left = worth_eur(battery.worth, stored) if battery else 0.0
    left += sum(worth_eur(c.worth, cars[c.name]) for c in problem.cars)
    return bill_eur(problem, tuple(imports), tuple(exports)) + wear - left


def _fed_in_kwh(problem: Problem, t: int, left_kwh: float, stored_kwh: float) -> float:
    """What of the sun that is left is fed in: not what does not fit through an inverter, nor beyond a limit."""
    step = problem.steps[t]
    lost_kwh = sum(i.beyond_ac_kwh(step.pv_kwh, step.hours) for i in problem.inverters)
    fits_kwh = max(0.0, left_kwh - max(0.0, lost_kwh - stored_kwh))
    limit_kw = problem.feed_in_limit_kw(step)
    return fits_kwh if limit_kw is None else min(fits_kwh, limit_kw * step.hours)


def _occupants(problem: Problem) -> list[set[str]]:
    """By step the cars that are plugged in where nobody is asked to change them.

    Who is plugged in stays until its trip; who comes home takes a free loadpoint, and stays as well.
    """
    found: list[set[str]] = []
    for of in problem.cars_by_loadpoint().values():
        now = next((c for c in of if c.plugged), None)
        for t, step in enumerate(problem.steps):
            if len(found) <= t:
                found.append(set())
            if now is not None and now.at_home(step) < 1:
                now = None
            if now is None:
                now = next((c for c in of if c.at_home(step) == 1 and _has_been_home(c, step.start)), None)
            if now is not None:
                found[t].add(now.name)
    return found or [set() for _ in problem.steps]


def _has_been_home(car: Car, moment: datetime) -> bool:
    """Whether it was plugged in, or has come back since: who merely stands there is not plugged in by itself."""
    return car.plugged or any(trip.back <= moment for trip in car.trips)


def _charger(problem: Problem, car: Car) -> Charger:
    loadpoint = problem.loadpoint(car.loadpoint)
    return Charger(phases=1, min_a=loadpoint.min_kw / 0.23, max_a=loadpoint.max_kw / 0.23)


def _cheapest(car: Car, problem: Problem) -> frozenset[int]:
    """The steps that evcc's own plans take: the cheapest ones before each departure, as many as are needed."""
    loadpoint = problem.loadpoint(car.loadpoint)
    power = min(car.max_kw, loadpoint.max_kw)
    chosen: set[int] = set()
    charged_kwh = 0.0
    for goal in sorted(car.goals, key=lambda g: g.by):
        before = [(t, s) for t, s in enumerate(problem.steps) if s.end <= goal.by]
        stored_kwh = car.energy_kwh + charged_kwh - sum(car.used_kwh(s) for _, s in before)
        need_h = max(0.0, min(goal.energy_kwh, car.ceiling_kwh) - stored_kwh) / car.charge_efficiency / power
        for _, t in sorted((s.import_eur_per_kwh, t) for t, s in before if t not in chosen and car.at_home(s) > 0):
            if need_h <= 0:
                break
            chosen.add(t)
            need_h -= problem.steps[t].hours
            charged_kwh += problem.steps[t].hours * power * car.charge_efficiency
    return frozenset(chosen)
