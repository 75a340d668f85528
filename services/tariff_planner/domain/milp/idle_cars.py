"""Cars that nobody plugs in while another one of their loadpoint stands there: a plan that is there at once."""

from collections.abc import Sequence
from dataclasses import replace

from tariff_planner.domain.milp.grid import NOTHING_KWH
from tariff_planner.domain.milp.storage_terms import worth_eur
from tariff_planner.domain.problem.problem import Problem
from tariff_planner.domain.problem.solution import CarPlan, Requirement, Solution, Unmet
from tariff_planner.domain.problem.storage import Car


def in_line(problem: Problem) -> list[Car]:
    """Of several cars at a loadpoint all but the one that stands there, else all but the next that leaves.

    Who should be plugged in when is nearly all of the work where three cars share a loadpoint.
    """
    waiting: list[Car] = []
    for cars in problem.cars_by_loadpoint().values():
        in_turn = sorted(cars, key=lambda car: (not car.plugged, min((g.by for g in car.goals), default=problem.end)))
        waiting += in_turn[1:]
    return waiting


def beside_idle(problem: Problem, found: Solution, idle: Sequence[Car]) -> Solution:
    """A plan for the others, with cars that nobody plugs in: what they then lack is told, and counts."""
    cars, unmet = dict(found.cars), list(found.unmet)
    missed_eur = worth = 0.0
    for car in idle:
        energy_kwh, short_kwh = [car.energy_kwh], 0.0
        for step in problem.steps:
            used = car.used_kwh(step)
            short_kwh += max(0.0, used - energy_kwh[-1])
            energy_kwh.append(max(0.0, energy_kwh[-1] - used))
        nothing = (0.0,) * len(problem.steps)
        cars[car.name] = CarPlan(nothing, tuple(energy_kwh[1:]), (False,) * len(problem.steps))
        if short_kwh > 10 * NOTHING_KWH:
            unmet.append(Unmet(Requirement.TRIP, short_kwh, car.name))
        for goal in car.goals:
            reaches = next(
                (kwh for s, kwh in zip(problem.steps, energy_kwh[1:], strict=True) if s.end >= goal.by), None
            )
            if reaches is not None and goal.by > problem.start and goal.energy_kwh - reaches > 10 * NOTHING_KWH:
                missing = Unmet(Requirement.GOAL, goal.energy_kwh - reaches, car.name, goal.by, reaches)
                unmet.append(missing)
                missed_eur += missing.kwh * goal.eur_per_kwh
        missed_eur += short_kwh * problem.weights.limit_eur_per_kwh
        worth += worth_eur(car.worth, energy_kwh[-1])
    proof = replace(found.proof, objective_eur=found.proof.objective_eur + missed_eur - worth)
    in_order = {car.name: cars[car.name] for car in problem.cars}
    return replace(found, cars=in_order, unmet=tuple(unmet), worth_eur=found.worth_eur + worth, proof=proof)
