"""What people have set in the car and in evcc counts in the plan, and what cannot be had because of it is said."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ems.contract.control import LoadpointAction
from ems.contract.site import EvccPlan, EvccVehicle, LoadpointMode
from support.evening import NOW, SEVEN, known, loadpoint, scheduled
from tariff_planner.domain.decision.decide import DecisionInputs, PlanningResult, decide
from tariff_planner.domain.inputs.rules import GridRules, VehicleRules
from tariff_planner.domain.milp.solver.branch_and_bound import Effort

DEAR_NOW = [0.60] * 40 + [0.10] * 104


def soc_pct(decision: PlanningResult, slot: int = -1) -> float:
    found = decision.plan.slots[slot].devices["loadpoint-1"].soc_pct
    assert found is not None
    return found


def problems(decision: PlanningResult) -> list[str]:
    return [text.en for text in decision.plan.problems]


def with_min_soc(case: DecisionInputs, least_pct: float) -> DecisionInputs:
    vehicle = EvccVehicle(name="limo", min_soc_pct=least_pct)
    site = case.facts.site.model_copy(update={"vehicles": (vehicle,)})
    return replace(case, facts=replace(case.facts, site=site))


@pytest.mark.parametrize("goal_pct", [90, 100])
def test_a_goal_above_the_limit_in_the_car_is_charged_to_the_limit_and_that_is_said(goal_pct: float) -> None:
    car = loadpoint(vehicle_limit_soc_pct=80.0)
    decision = decide(known(lp=car, goal=scheduled(goal_pct, SEVEN), battery=False))
    assert soc_pct(decision) == pytest.approx(80, abs=0.1)
    assert problems(decision) == [f"limo: {goal_pct} % are wanted, but the limit in the car is 80 %."]
    assert decision.plan.problems[0].de == (
        f"limo: {goal_pct} % sind gewünscht, aber das Limit im Auto steht auf 80 %."
    )
    assert [s.reaches_soc_pct for s in decision.plan.shortfalls] == [80]


def test_a_limit_in_the_car_that_is_no_hindrance_is_not_spoken_of() -> None:
    car = loadpoint(vehicle_limit_soc_pct=80.0)
    decision = decide(known(lp=car, goal=scheduled(80, SEVEN), battery=False))
    assert problems(decision) == []
    assert decision.plan.shortfalls == ()


def test_the_limit_in_the_car_ends_a_wish_without_a_departure_too() -> None:
    wish = scheduled(90, SEVEN).model_copy(update={"departure": None, "asked_by": "anna"})
    decision = decide(known(lp=loadpoint(vehicle_limit_soc_pct=70.0), goal=wish, battery=False))
    assert soc_pct(decision) == pytest.approx(70, abs=0.1)
    assert problems(decision) == ["limo: 90 % are wanted, but the limit in the car is 70 %."]


def test_evccs_least_soc_is_charged_at_once_whatever_it_costs() -> None:
    decision = decide(with_min_soc(known(DEAR_NOW, lp=loadpoint(soc_pct=10.0), battery=False), 25))
    assert decision.proposals["loadpoint-1"].action == LoadpointAction(mode=LoadpointMode.NOW)
    assert soc_pct(decision, 4) == pytest.approx(25, abs=1)
    assert soc_pct(decision) == pytest.approx(25, abs=1)
    told = known(DEAR_NOW, lp=loadpoint(soc_pct=10.0, effective_min_soc_pct=25.0), battery=False)
    assert decide(told).plan.slots == decision.plan.slots


def test_above_its_least_soc_a_car_waits() -> None:
    decision = decide(with_min_soc(known(DEAR_NOW, lp=loadpoint(soc_pct=30.0), battery=False), 25))
    assert decision.proposals["loadpoint-1"].action == LoadpointAction(mode=LoadpointMode.PV)


def test_evccs_plan_in_kwh_counts_for_a_car_whose_soc_is_known() -> None:
    plan = EvccPlan(departure=SEVEN, energy_kwh=10)
    decision = decide(known(lp=loadpoint(energy_plan=plan), battery=False))
    charged = sum(s.import_kwh - s.load_kwh for s in decision.plan.slots if s.end <= SEVEN)
    assert charged == pytest.approx(10, abs=0.1)
    assert soc_pct(decision) == pytest.approx(50 + 9 / 60 * 100, abs=0.2)
    bare = decide(known(lp=loadpoint(plan=plan), battery=False))
    assert bare.plan.slots == decision.plan.slots


def test_of_that_plan_what_was_charged_in_this_session_is_done() -> None:
    car = loadpoint(energy_plan=EvccPlan(departure=SEVEN, energy_kwh=10), session_kwh=4.0)
    decision = decide(known(lp=car, battery=False))
    assert soc_pct(decision) == pytest.approx(50 + 6 * 0.9 / 60 * 100, abs=0.2)


def test_plans_in_kwh_and_in_soc_stand_beside_each_other() -> None:
    car = loadpoint(
        plan=EvccPlan(departure=SEVEN + timedelta(hours=8), soc_pct=80),
        energy_plan=EvccPlan(departure=SEVEN, energy_kwh=10),
    )
    decision = decide(known(lp=car, battery=False))
    (first, second) = decision.problem.cars[0].goals
    assert first.by == SEVEN
    assert first.energy_kwh == pytest.approx(39)
    assert second.energy_kwh == pytest.approx(48)


def test_evccs_limit_of_a_session_ends_charging_and_a_goal_above_it_is_told() -> None:
    rules = VehicleRules(opportunistic_eur_per_kwh=0.40, opportunistic_soc_pct=100)
    car = loadpoint(limit_energy_kwh=12.0, session_kwh=2.0)
    decision = decide(known(lp=car, rules=rules, battery=False))
    assert soc_pct(decision) == pytest.approx(50 + 9 / 60 * 100, abs=0.2)
    assert problems(decision) == []
    goal = decide(known(lp=car, goal=scheduled(80, SEVEN), battery=False))
    assert soc_pct(goal) == pytest.approx(65, abs=0.2)
    assert problems(goal) == ["limo: 80 % are wanted, but evcc's limit of 12.0 kWh for this session ends at 65 %."]
    assert [s.by for s in goal.plan.shortfalls] == [SEVEN]


def test_evccs_least_soc_above_a_goal_counts_and_is_told_as_evccs() -> None:
    case = with_min_soc(known(DEAR_NOW, lp=loadpoint(soc_pct=20.0), goal=scheduled(40, SEVEN), battery=False), 60)
    decision = decide(case)
    assert soc_pct(decision, 12) == pytest.approx(60, abs=1)
    assert soc_pct(decision) == pytest.approx(60, abs=1)
    why = decision.plan.explanations[0].reason
    assert why is not None
    goal = why.parameters["goal"]
    assert isinstance(goal, dict)
    assert (goal["soc_pct"], goal["soonest"]) == (60, True)
    assert decision.plan.shortfalls == ()


def test_a_least_soc_that_the_cars_own_limit_keeps_away_is_told_once_and_is_no_missed_departure() -> None:
    car = loadpoint(soc_pct=20.0, vehicle_limit_soc_pct=50.0, effective_min_soc_pct=60.0)
    decision = decide(known(DEAR_NOW, lp=car, battery=False))
    assert soc_pct(decision) == pytest.approx(50, abs=0.1)
    assert problems(decision) == ["limo: 60 % are wanted, but the limit in the car is 50 %."]
    assert decision.plan.shortfalls == ()
    why = decision.plan.explanations[-1].reason
    assert why is not None
    assert (why.kind, why.parameters) == ("car_full", {"limit_soc_pct": 50})


def test_nor_is_one_that_the_connection_only_lets_come_slowly() -> None:
    case = known(DEAR_NOW, lp=loadpoint(soc_pct=10.0, effective_min_soc_pct=40.0), battery=False)
    tight = replace(case.home, grid=GridRules(import_limit_kw=5.5))
    # Seconds of a busy machine are shorter than the solver's: what is judged is the plan.
    decision = decide(replace(case, home=tight, effort=Effort(seconds=60)))
    assert decision.plan.shortfalls == ()
    assert soc_pct(decision, 24) == pytest.approx(40, abs=1)


def test_of_two_limits_the_tighter_one_ends_charging_and_is_named() -> None:
    goal = scheduled(90, SEVEN)
    session = loadpoint(vehicle_limit_soc_pct=70.0, limit_energy_kwh=5.0, session_kwh=1.0)
    decision = decide(known(lp=session, goal=goal, battery=False))
    assert soc_pct(decision) == pytest.approx(56, abs=0.2)
    assert problems(decision) == ["limo: 90 % are wanted, but evcc's limit of 5.0 kWh for this session ends at 56 %."]
    car = loadpoint(vehicle_limit_soc_pct=52.0, limit_energy_kwh=5.0, session_kwh=1.0)
    assert problems(decide(known(lp=car, goal=goal, battery=False))) == [
        "limo: 90 % are wanted, but the limit in the car is 52 %."
    ]


@pytest.mark.parametrize(
    "car", [{"vehicle_limit_soc_pct": 40.0}, {"limit_energy_kwh": 5.0, "session_kwh": 7.0}, {"limit_energy_kwh": 0.0}]
)
def test_a_car_beyond_its_limit_already_is_left_as_it_is(car: dict[str, float]) -> None:
    decision = decide(known(lp=loadpoint(**car), goal=scheduled(90, SEVEN), battery=False))
    assert soc_pct(decision) == pytest.approx(50, abs=0.1)
    assert decision.proposals["loadpoint-1"].action.mode is LoadpointMode.PV
    assert [s.reaches_soc_pct for s in decision.plan.shortfalls] == [50]


def test_more_kwh_than_fit_are_a_full_car() -> None:
    plan = EvccPlan(departure=SEVEN, energy_kwh=30)
    decision = decide(known(lp=loadpoint(soc_pct=90.0, energy_plan=plan), battery=False))
    assert soc_pct(decision) == pytest.approx(100, abs=0.1)
    assert decision.plan.shortfalls == ()


@pytest.mark.parametrize("as_energy_plan", [True, False])
def test_evccs_plan_in_kwh_whose_moment_has_passed_is_one_to_be_late_for(*, as_energy_plan: bool) -> None:
    plan = EvccPlan(departure=NOW - timedelta(minutes=30), energy_kwh=10)
    car = loadpoint(session_kwh=2.0, **{"energy_plan" if as_energy_plan else "plan": plan})
    decision = decide(known(DEAR_NOW, lp=car, battery=False))
    assert decision.proposals["loadpoint-1"].action == LoadpointAction(mode=LoadpointMode.NOW)
    (short,) = decision.plan.shortfalls
    assert short.missing_kwh == pytest.approx(8 * 0.9)
    assert soc_pct(decision) == pytest.approx(50 + 7.2 / 60 * 100, abs=0.5)
    done = car.model_copy(update={"session_kwh": 10.0})
    assert decide(known(DEAR_NOW, lp=done, battery=False)).plan.shortfalls == ()


def test_a_person_who_asks_for_less_than_evccs_plan_gets_what_they_ask_for() -> None:
    plan = EvccPlan(departure=SEVEN, soc_pct=90)
    goal = scheduled(60, SEVEN).model_copy(update={"asked_by": "anna"})
    decision = decide(known(lp=loadpoint(plan=plan), goal=goal, battery=False))
    assert soc_pct(decision) == pytest.approx(60, abs=0.2)
