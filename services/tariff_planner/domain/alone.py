"""What the same horizon would cost under evcc alone: self-consumption, and its own plans for cars with a goal."""

from ems.contract.site import BatteryMode, LoadpointMode
from ems.house.car import Car as HouseCar
from ems.house.car import Charger
from ems.house.home import Home, Plugged, simulate
from tariff_planner.domain.model_store import worth_eur
from tariff_planner.domain.problem import Car, Problem
from tariff_planner.domain.solution import bill_eur


def evcc_alone_eur(problem: Problem) -> float:
    """Cost in EUR over the horizon under the same forecast, with the energy that is left credited as in the plan.

    evcc lets the battery follow the meter, charges a car with a goal in the cheapest slots before its departure, and
    the others from the sun.
    """
    battery = next(iter(problem.batteries), None)
    house = Home(battery.in_house() if battery else None, {c.name: _charger(problem, c) for c in problem.cars})
    stored = battery.energy_kwh if battery else 0.0
    cars = {c.name: c.energy_kwh for c in problem.cars}
    chosen = {c.name: _cheapest(c, problem) for c in problem.cars}
    imports, exports, wear = [], [], 0.0
    for t, step in enumerate(problem.steps):
        plugged = {
            c.name: Plugged(
                HouseCar(c.capacity_kwh, c.max_kw, c.charge_efficiency),
                cars[c.name],
                LoadpointMode.NOW if t in chosen[c.name] else LoadpointMode.PV,
                c.ceiling_kwh,
            )
            for c in problem.cars
            if c.plugged
        }
        hours = step.hours
        flows = simulate(house, stored, BatteryMode.NORMAL, plugged, step.load_kwh / hours, step.pv_kwh / hours, hours)
        stored = flows.battery_kwh
        cars |= flows.cars_kwh
        imports.append(max(0.0, flows.grid_kw) * hours)
        exports.append(max(0.0, -flows.grid_kw) * hours)
        wear += max(0.0, flows.battery_kw) * hours * (battery.wear_eur_per_kwh if battery else 0.0)
    left = worth_eur(battery.worth, stored) if battery else 0.0
    left += sum(worth_eur(c.worth, cars[c.name]) for c in problem.cars)
    return bill_eur(problem, tuple(imports), tuple(exports)) + wear - left


def _charger(problem: Problem, car: Car) -> Charger:
    loadpoint = problem.loadpoint(car.loadpoint)
    return Charger(phases=1, min_a=loadpoint.min_kw / 0.23, max_a=loadpoint.max_kw / 0.23)


def _cheapest(car: Car, problem: Problem) -> frozenset[int]:
    """The steps that evcc's own plan takes: the cheapest ones before the departure, as many as are needed."""
    loadpoint = problem.loadpoint(car.loadpoint)
    power = min(car.max_kw, loadpoint.max_kw)
    chosen: set[int] = set()
    for goal in car.goals:
        need_h = max(0.0, min(goal.energy_kwh, car.ceiling_kwh) - car.energy_kwh) / car.charge_efficiency / power
        usable = [(s.import_eur_per_kwh, t) for t, s in enumerate(problem.steps) if s.end <= goal.by]
        for _, t in sorted(usable):
            if need_h <= 0:
                break
            chosen.add(t)
            need_h -= problem.steps[t].hours
    return frozenset(chosen)
