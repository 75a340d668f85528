"""What is switched now: the cars by their schedules, and given them the battery by look-ahead over likely loads.

The service and its backtest decide by this alone. The plan is beside it: it guides where a choice depends on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from ems.contract.site import BatteryMode, LoadpointMode
from ems.forecast.outlook import Outlook
from ems.lookahead.dynamic_program import ModeChoice, MonthSoFar
from tariff_planner.domain.actions.evcc_modes import car_action
from tariff_planner.domain.decision.battery import battery_now
from tariff_planner.domain.decision.battery_lookahead import look_ahead
from tariff_planner.domain.decision.car_lookahead import CarModes, choose_cars
from tariff_planner.domain.decision.guide import Guide
from tariff_planner.domain.inputs.batteries import controllable_modes
from tariff_planner.domain.inputs.build_problem import BuiltProblem
from tariff_planner.domain.inputs.facts import Facts, HomeRules
from tariff_planner.domain.problem.bank import banked
from tariff_planner.domain.problem.problem import Problem
from tariff_planner.domain.problem.storage import Car


@dataclass(frozen=True, slots=True, eq=False)
class Situation:
    """What a decision is made in: facts, what is foreseen, and the problem that follows."""

    facts: Facts
    home: HomeRules
    interval: timedelta
    """How long a mode lasts until the next decision."""
    expected: Outlook
    built: BuiltProblem
    month: MonthSoFar
    problem: Problem = field(init=False)
    """With all batteries as one."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "problem", banked(self.built.problem))

    @property
    def battery_mode(self) -> BatteryMode | None:
        """The mode that the battery is in."""
        return self.facts.site.battery.mode if self.facts.site.battery else None


@dataclass(frozen=True, slots=True)
class Choices:
    """What was chosen for cars and battery; None for the battery where nothing is to be chosen."""

    cars: CarModes
    battery: ModeChoice | None


def choose(now: Situation, guide: Guide) -> Choices:
    """The choices for the first step; ``guide`` gives the plan for ``now.problem``, where they depend on it."""
    problem, expected = now.problem, now.expected
    if expected.scenarios is None:
        return Choices(CarModes.planned(problem, guide()), None)
    beside_kwh = [
        step.load_kwh - step.pv_kwh - (use.mean_w - sun.mean_w) / 1000 * step.hours
        for step, use, sun in zip(problem.steps, expected.load.slots, expected.pv.slots, strict=True)
    ]
    modes = _battery_modes(now)
    until = now.facts.now + now.interval
    points = {f"loadpoint-{number}": fact.mode for number, fact in now.facts.loadpoints.items()}
    cars = choose_cars(
        problem,
        guide,
        expected.scenarios,
        modes,
        beside_kwh,
        later_kwh={car.name: _later_kwh(now.facts, problem, car) for car in problem.cars},
        current={car.name: points[car.loadpoint] for car in problem.cars if car.plugged and car.loadpoint in points},
        kept=max(1, sum(step.end <= until for step in problem.steps)),
    )
    if not problem.batteries:
        return Choices(cars, None)
    battery = look_ahead(
        problem,
        guide,
        expected.scenarios,
        modes,
        now.battery_mode,
        cars.kwh,
        each=now.built.problem.batteries,
        beside_kwh=beside_kwh,
        month=now.month,
    )
    return Choices(cars, battery)


def told(now: Situation, choices: Choices, guide: Guide) -> tuple[BatteryMode | None, dict[str, LoadpointMode]]:
    """The battery's mode, and by car that of its loadpoint, as they are told in the end; without any words."""
    problem, modes = now.problem, {name: chosen.mode for name, chosen in choices.cars.chosen.items()}
    for car in problem.cars:
        if car.name not in modes and car.plugged:
            modes[car.name] = car_action(problem, guide(), car, problem.loadpoint(car.loadpoint), 0).mode
    if not problem.batteries:
        return None, modes
    reserve, cars_kwh = now.home.reserve_soc_pct, float(choices.cars.kwh[0])
    return battery_now(problem, guide, choices.battery, now.battery_mode, reserve, cars_kwh)[0], modes


def _battery_modes(now: Situation) -> Sequence[BatteryMode]:
    """What the first battery can do, with ``normal`` first."""
    can = controllable_modes(now.facts, now.home) | {BatteryMode.NORMAL}
    for battery in now.problem.batteries[:1]:
        if not battery.can_charge_from_grid:
            can -= {BatteryMode.CHARGE}
        if not battery.can_hold:
            can -= {BatteryMode.HOLD, BatteryMode.HOLDCHARGE}
    return [m for m in BatteryMode if m in can]


def _later_kwh(facts: Facts, problem: Problem, car: Car) -> float:
    """The most that is wanted in a car after the horizon."""
    goal = facts.goals.get(car.name)
    if goal is None:
        return 0.0
    wanted = [(goal.departure, goal.soc_pct), *((later.departure, later.soc_pct) for later in goal.following)]
    after = [soc_pct for departure, soc_pct in wanted if departure is not None and departure > problem.end]
    return max(after, default=0.0) / 100 * car.capacity_kwh
