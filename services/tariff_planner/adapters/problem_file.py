"""Problems in files: our own format (``domain.problem`` as JSON) and evcc-io/optimizer's requests."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ems.contract.validation import nearest
from tariff_planner.adapters import evcc_optimizer
from tariff_planner.adapters.file_check import few, in_words, odd_places, read_object
from tariff_planner.domain.explain.shortfalls import is_late
from tariff_planner.domain.inputs.vehicles import at_once
from tariff_planner.domain.milp.solve import plan
from tariff_planner.domain.milp.solver.branch_and_bound import Effort
from tariff_planner.domain.milp.vehicle import fastest_kw
from tariff_planner.domain.problem.money import money_scale, weights, wish_per_kwh
from tariff_planner.domain.problem.problem import Problem, Weights
from tariff_planner.domain.problem.solution import Requirement, Solution, Unmet
from tariff_planner.domain.problem.storage import Car, EnergyGoal


def schema() -> dict[str, Any]:
    """The JSON Schema of our own format."""
    return TypeAdapter(Problem).json_schema()


def solve(text: str, seconds: float) -> dict[str, Any]:
    """The plan for the problem in ``text``, in the format that it came in.

    Raises:
        ValueError: says what is wrong with the text.
        RuntimeError: no plan was found in time.
    """
    content = read_object(text)
    try:
        if _is_request(content):
            if odd := odd_places(content, evcc_optimizer.Request.model_json_schema()):
                raise ValueError(few(odd))
            request = evcc_optimizer.Request.model_validate(content)
            problem = evcc_optimizer.problem(request)
            return evcc_optimizer.response(
                request, plan(problem, evcc_optimizer.effort(request, seconds), time.monotonic)
            )
        if odd := odd_places(content, schema()):
            raise ValueError(few(odd))
        problem = TypeAdapter(Problem).validate_json(text)
        if (scaled := _scaled(content, problem)) is not content:
            problem = TypeAdapter(Problem).validate_json(json.dumps(scaled))
    except ValidationError as error:
        raise ValueError(few([in_words(e) for e in error.errors(include_url=False)])) from None
    _refuse(problem)
    usual, hurried = Effort(seconds=seconds), _hurried(problem)
    late = tuple(_late(problem))
    effort = replace(usual, gap_eur=usual.gap_eur * problem.weights.money_scale)
    solution = plan(hurried, effort, time.monotonic)
    if late:
        solution = replace(solution, unmet=(*late, *(m for m in solution.unmet if not is_late(hurried, m))))
    answer: dict[str, Any] = TypeAdapter(Solution).dump_python(solution, mode="json", by_alias=True)
    return answer | {"cost_eur": solution.cost_eur, "gap_eur": solution.proof.gap_eur}


def _is_request(content: Mapping[str, Any]) -> bool:
    """Whether an object without steps is meant for evcc-io/optimizer: it has a key that only its requests have."""
    foreign = set(evcc_optimizer.Request.model_fields) - set(schema()["properties"])
    return "steps" not in content and any(nearest(key, foreign) for key in content)


def _scaled(content: Mapping[str, Any], problem: Problem) -> Mapping[str, Any]:
    """The same content with prices of wishes and ties, where it gives none, for the size of money that it is in."""
    prices = [(s.import_eur_per_kwh, s.hours) for s in problem.steps]
    scale = money_scale([price for price, _ in prices], [hours for _, hours in prices])
    wish = wish_per_kwh(scale, [*(price for price, _ in prices), *(s.export_eur_per_kwh for s in problem.steps)])
    fitting = replace(weights(scale, wish), limit_eur_per_kwh=wish)
    if fitting == Weights():
        return content
    devices = {
        kind: [
            ({"demand_eur_per_kwh": wish} if kind == "batteries" else {})
            | device
            | {"goals": [{"eur_per_kwh": wish} | goal for goal in device.get("goals") or ()]}
            for device in content.get(kind) or ()
        ]
        for kind in ("batteries", "cars")
    }
    given = content.get("weights") or {}
    return {**content, **devices, "weights": TypeAdapter(Weights).dump_python(fitting, by_alias=True) | given}


def _refuse(problem: Problem) -> None:
    """Raises ValueError for a reserve that a battery cannot hold; the service has to plan with it."""
    for i, battery in enumerate(problem.batteries):
        most = {"max_kwh": battery.max_kwh, "capacity_kwh": battery.capacity_kwh}
        for name, kwh in most.items():
            if kwh is not None and battery.min_kwh > kwh:
                raise ValueError(f"batteries.{i}.min_kwh: {battery.min_kwh:g} is above {name} {kwh:g}")


def _passed(problem: Problem, car: Car) -> EnergyGoal | None:
    """The last goal whose moment has passed while the car stands there short of it."""
    passed = (goal for goal in car.goals if goal.by <= problem.start and goal.energy_kwh > car.energy_kwh)
    return max(passed, key=lambda goal: goal.by, default=None) if car.plugged else None


def _late(problem: Problem) -> Iterator[Unmet]:
    """What cars are late for: what they lack of it now."""
    for car in problem.cars:
        goal = _passed(problem, car)
        if goal is not None:
            short_kwh = goal.energy_kwh - car.energy_kwh
            yield Unmet(Requirement.GOAL, short_kwh, car.name, goal.by, car.energy_kwh)


def _hurried(problem: Problem) -> Problem:
    """The same with what cars are late for wanted at once, as the service wants it."""
    cars = tuple(_at_once(problem, car) for car in problem.cars)
    return replace(problem, cars=cars)


def _at_once(problem: Problem, car: Car) -> Car:
    goal = _passed(problem, car)
    if goal is None:
        return car
    late = replace(goal, by=problem.end, due=goal.by)
    soon = at_once(car, late, fastest_kw(car, problem.loadpoint(car.loadpoint)), problem.start)
    goals = [replace(g, by=next((s.end for s in problem.steps if s.end >= g.by), g.by)) for g in soon]
    return replace(car, goals=(*goals, *car.goals))
