"""The first modes of cars: what can really be switched, never later than what full power still reaches."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from ems.contract.plan import Explanation, PlanSlot
from ems.contract.site import BatteryMode, LoadpointMode
from ems.forecast.scenarios import Scenarios
from support.evening import BERLIN, NOW, QUARTER
from support.explained import solved, steps, with_car
from tariff_planner.domain.actions.car_decision import CarDecision
from tariff_planner.domain.actions.evcc_modes import car_action
from tariff_planner.domain.actions.messages import PlanContext, plan_slots
from tariff_planner.domain.decision.car_lookahead import CarModes, choose_cars
from tariff_planner.domain.decision.within_reach import safe_mode
from tariff_planner.domain.explain.explanations import explain
from tariff_planner.domain.milp.solve import plan
from tariff_planner.domain.problem.problem import Loadpoint, Problem, Step
from tariff_planner.domain.problem.storage import Battery, Car, EnergyGoal, TerminalValue
from tariff_planner.domain.wording.renderer import Renderer

SLOTS = 24
HOUR = timedelta(hours=1)
NORMAL = [BatteryMode.NORMAL, BatteryMode.HOLD]


def _steps(prices: list[float], pv_kw: float = 0.0, *, limit_kw: float | None = None) -> tuple[Step, ...]:
    return tuple(
        Step(NOW + i * QUARTER, NOW + (i + 1) * QUARTER, 0.1, pv_kw / 4, price, 0.08, limit_kw)
        for i, price in enumerate(prices)
    )


def _car(energy_kwh: float, goal_kwh: float, by: int = SLOTS) -> Car:
    goal = EnergyGoal(goal_kwh, NOW + by * QUARTER)
    return Car("limo", "point", energy_kwh, 60, limit_kwh=48, goals=(goal,), worth=(TerminalValue(60, 0.08),))


def _chosen(problem: Problem, *, later_kwh: float = 0.0) -> tuple[CarModes, LoadpointMode]:
    """What was decided, and the mode that is told in the end."""
    solution = plan(problem)
    net = np.array([(s.load_kwh - s.pv_kwh) / s.hours for s in problem.steps])
    scenarios = Scenarios(net[:, None], np.ones((1, 1)), 0)
    beside = [0.0] * len(problem.steps)
    later = {"limo": later_kwh}
    found = choose_cars(problem, lambda: solution, scenarios, NORMAL, beside, later_kwh=later, current={})
    planned = car_action(problem, solution, problem.cars[0], problem.loadpoints[0], 0).mode
    decided = found.beside_plan(problem, solution)
    return found, decided["limo"].mode if decided else planned


def test_a_small_surplus_is_worth_the_chargers_least_power_when_the_rest_is_cheap() -> None:
    """3.9 kW of sun earn 0.08 EUR/kWh in the grid; 4.14 kW of charging save 0.30 later, and buy 0.24 kW."""
    home = _steps([0.25] * SLOTS, pv_kw=4.3)
    weekend = replace(_car(30, 0.1), goals=(EnergyGoal(48, NOW + timedelta(hours=40)),))
    problem = Problem(home, cars=(weekend,), loadpoints=(Loadpoint("point"),))
    _, mode = _chosen(problem, later_kwh=48)
    assert mode is LoadpointMode.MINPV


def test_where_the_plans_mode_costs_the_same_it_stays() -> None:
    flat = Problem(_steps([0.3] * SLOTS), cars=(_car(30, 36),), loadpoints=(Loadpoint("point"),))
    found, _ = _chosen(flat)
    assert found.beside_plan(flat, plan(flat)) == {}


@pytest.mark.parametrize(("missing_kwh", "safe"), [(40.0, LoadpointMode.NOW), (5.0, LoadpointMode.PV)])
def test_no_mode_is_later_than_what_full_power_still_reaches(missing_kwh: float, safe: LoadpointMode) -> None:
    # 11 kW for 4 h through 0.9 are 39.6 kWh: who lacks 40 cannot wait, whatever was chosen.
    problem = Problem(_steps([0.3] * 16), cars=(_car(5, 5 + missing_kwh, by=16),), loadpoints=(Loadpoint("point"),))
    solution = plan(problem)
    assert safe_mode(problem, solution, problem.cars[0], LoadpointMode.PV, LoadpointMode.NOW, 1) is safe


def test_a_mode_that_is_kept_longer_is_left_earlier() -> None:
    # Full power is needed for 3.6 h of 4: a quarter can be waited, three quarters cannot.
    problem = Problem(_steps([0.3] * 16), cars=(_car(5, 5 + 36, by=16),), loadpoints=(Loadpoint("point"),))
    solution = plan(problem)
    kept = [safe_mode(problem, solution, problem.cars[0], LoadpointMode.OFF, LoadpointMode.NOW, n) for n in (1, 3)]
    assert kept == [LoadpointMode.OFF, LoadpointMode.NOW]


def test_what_a_connection_leaves_later_is_what_counts_as_reach() -> None:
    # Later the connection leaves 2 kW: the goal is only reached by charging now.
    home = _steps([0.3] * 16)
    narrow = tuple(s if t < 4 else replace(s, import_limit_kw=2.4) for t, s in enumerate(home))
    problem = Problem(narrow, cars=(_car(5, 19, by=16),), loadpoints=(Loadpoint("point", min_kw=1.38),))
    solution = plan(problem)
    assert safe_mode(problem, solution, problem.cars[0], LoadpointMode.PV, LoadpointMode.NOW, 1) is not LoadpointMode.PV


def test_the_battery_is_not_fed_into_a_car_that_it_may_not_feed() -> None:
    """What is chosen beside such a battery charges when the grid is cheap, not when the battery would give."""
    battery = Battery("battery", 9.0, 10, 5, 5, feeds_cars=False, worth=(TerminalValue(10, 0.2),))
    prices = [0.30] * 12 + [0.15] * 12
    problem = Problem(_steps(prices), batteries=(battery,), cars=(_car(30, 40),), loadpoints=(Loadpoint("point"),))
    found, mode = _chosen(problem)
    assert mode in {LoadpointMode.PV, LoadpointMode.OFF}
    assert found.kwh[:12].sum() == pytest.approx(0, abs=0.01)


def test_two_cars_do_not_both_take_what_the_connection_gives_once() -> None:
    home = _steps([0.1] * 8 + [0.3] * 16, limit_kw=13.0)
    cars = tuple(replace(_car(30, 39), name=name, loadpoint=point) for name, point in (("limo", "one"), ("van", "two")))
    problem = Problem(home, cars=cars, loadpoints=(Loadpoint("one"), Loadpoint("two")))
    found, _ = _chosen(problem)
    assert found.kwh[0] <= 13.0 / 4 + 0.05


def test_a_dimmed_device_does_what_is_planned() -> None:
    home = tuple(replace(step, device_limit_kw=4.2) for step in _steps([0.1] * 8 + [0.3] * 16))
    found, _ = _chosen(Problem(home, cars=(_car(30, 45),), loadpoints=(Loadpoint("point"),)))
    assert found.chosen == {}


def test_a_car_without_a_departure_does_what_is_planned() -> None:
    home = _steps([0.1] * SLOTS, pv_kw=3.5)
    idle = replace(_car(30, 45), goals=())
    assert _chosen(Problem(home, cars=(idle,), loadpoints=(Loadpoint("point"),)))[0].chosen == {}


def told(decision: CarDecision) -> tuple[Explanation, PlanSlot]:
    """What is said first of the car, whose plan waits, and the first slot as it is published."""
    problem = with_car(steps([0.50, 0.20, 0.20, 0.50]))
    solution, _ = solved(problem)
    name = problem.cars[0].name
    context = PlanContext(problem.start, problem.start, problem, solution, 0.0, None, (), (), {name: decision})
    slots = plan_slots(context)
    renderer = Renderer(BERLIN, problem.start)
    return explain(problem, solution, slots, renderer, cars={name: decision})[0], slots[0]


def test_what_was_chosen_is_told_with_what_the_plans_mode_would_cost_more() -> None:
    one, slot = told(CarDecision(LoadpointMode.NOW, 11.0, LoadpointMode.PV, 0.12))
    assert one.action == slot.devices[one.device].action
    assert slot.devices[one.device].power_w == 11000
    assert slot.import_kwh == pytest.approx(slot.load_kwh - slot.pv_kwh + 11 * (slot.end - slot.start) / HOUR)
    assert one.reason is not None
    assert (one.reason.kind, one.reason.parameters) == ("car_weighed", {"mode": "now", "in_time": False})
    assert "at full power: of all that can be switched, nothing costs the house less." in one.text.en
    assert one.alternative is not None
    assert one.alternative.en == "Charging with surplus sun only would probably cost 0.12 EUR more."
    assert one.alternative_cost_eur == pytest.approx(0.12)


def test_what_is_done_for_a_goal_is_not_told_as_cheap() -> None:
    one, _ = told(CarDecision(LoadpointMode.MINPV, 4.14, LoadpointMode.PV, None))
    assert one.text.de.endswith("Später würde es vielleicht nicht rechtzeitig fertig.")
    assert one.alternative is None
