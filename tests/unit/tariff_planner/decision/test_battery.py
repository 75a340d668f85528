"""What the battery is told now is decided once, with its cause, and told as that."""

import pytest

from ems.contract.control import BatteryAction
from ems.contract.plan import Explanation
from ems.contract.site import BatteryMode
from ems.lookahead.dynamic_program import ModeChoice
from support.evening import BERLIN
from support.explained import solved, steps, with_battery
from tariff_planner.domain.actions.battery_decision import AsPlanned, AtReserve, BatteryDecision, Weighed
from tariff_planner.domain.actions.messages import PlanContext, plan_slots
from tariff_planner.domain.decision.battery import decide_battery
from tariff_planner.domain.explain.explanations import explain
from tariff_planner.domain.problem.problem import Problem
from tariff_planner.domain.wording.renderer import Renderer

NORMAL, HOLD, CHARGE = BatteryMode.NORMAL, BatteryMode.HOLD, BatteryMode.CHARGE
HOME = with_battery(steps([0.20, 0.20, 0.50, 0.50]), can_charge_from_grid=False)
"""Its plan holds now."""


def decided(
    chosen: ModeChoice | None, problem: Problem = HOME, current: BatteryMode | None = None
) -> BatteryDecision | None:
    planned = solved(problem)[0]
    cars_kwh = sum(plan.charge_kwh[0] for plan in planned.cars.values())
    return decide_battery(problem, lambda: planned, chosen, current, 30, cars_kwh)


def told(decision: BatteryDecision, problem: Problem = HOME) -> Explanation:
    """What is said first of the battery."""
    solution, _ = solved(problem)
    context = PlanContext(problem.start, problem.start, problem, solution, 0.0, decision.mode, (), ())
    return explain(problem, solution, plan_slots(context), Renderer(BERLIN, problem.start), decision)[0]


def test_without_a_look_ahead_the_plan_decides() -> None:
    assert decided(None) == BatteryDecision(HOLD, AsPlanned())
    assert decided(ModeChoice(HOLD, {NORMAL: 0.0, HOLD: 0.1})) == BatteryDecision(HOLD, AsPlanned())
    assert decided(None, Problem(steps([0.2]))) is None


def test_a_look_ahead_that_decides_otherwise_is_the_cause_with_its_second_best() -> None:
    chosen = ModeChoice(NORMAL, {NORMAL: 0.0, HOLD: -0.125, CHARGE: -0.3})
    assert decided(chosen) == BatteryDecision(NORMAL, Weighed(HOLD, 0.125))


def test_what_people_reserve_goes_before_both() -> None:
    low = with_battery(steps([0.50, 0.20]), energy_kwh=3.0, min_kwh=3.0, can_charge_from_grid=False)
    assert decided(ModeChoice(NORMAL, {NORMAL: 0.0, HOLD: -1.0}), low) == BatteryDecision(HOLD, AtReserve(30))


def test_what_was_weighed_is_told_with_what_it_is_worth() -> None:
    one = told(BatteryDecision(NORMAL, Weighed(HOLD, 0.12)))
    assert one.action == BatteryAction(mode=NORMAL)
    assert one.reason is not None
    assert (one.reason.kind, one.reason.parameters) == ("battery_weighed", {"mode": "normal"})
    assert one.alternative is not None
    assert one.alternative.en == "Keeping its energy would probably cost 0.12 EUR more."
    assert one.alternative_cost_eur == pytest.approx(0.12)
    assert one.limits == ()


def test_a_weighing_that_hardly_matters_costs_the_same() -> None:
    one = told(BatteryDecision(NORMAL, Weighed(HOLD, 0.001)))
    assert one.alternative is not None
    assert one.alternative.de == "Die Energie zu behalten würde voraussichtlich gleich viel kosten."


def test_a_kept_reserve_has_no_alternative() -> None:
    one = told(BatteryDecision(HOLD, AtReserve(30)))
    assert one.reason is not None
    assert (one.reason.kind, one.reason.parameters) == ("battery_keeps_reserve", {"reserve_soc_pct": 30})
    assert one.alternative is None
    assert one.alternative_cost_eur is None


def test_only_what_is_done_now_was_decided_so() -> None:
    decision = BatteryDecision(HOLD, AtReserve(30))
    solution, _ = solved(HOME)
    context = PlanContext(HOME.start, HOME.start, HOME, solution, 0.0, decision.mode, (), ())
    _, later = explain(HOME, solution, plan_slots(context), Renderer(BERLIN, HOME.start), decision)
    assert later.reason is not None
    assert later.reason.kind == "battery_follows"
