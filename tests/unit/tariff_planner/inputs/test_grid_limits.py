"""Limits of the connection over time, the month's peak, and how full the battery shall be by when."""

from dataclasses import replace
from datetime import time, timedelta

import numpy as np
import pytest

from ems.contract.control import BatteryAction
from ems.contract.plan import BatteryGoal
from ems.contract.requests import HistoryRow
from ems.contract.site import BatteryMode
from ems.forecast.history_grid import month_peak_kw
from ems.forecast.scenarios import Scenarios
from support.evening import BERLIN, FLAT, NIGHT, NOW, known, loadpoint
from tariff_planner.domain.decision.battery_lookahead import look_ahead
from tariff_planner.domain.decision.decide import DecisionInputs, PlanningResult, decide
from tariff_planner.domain.inputs.grid_limits import GridLimits
from tariff_planner.domain.inputs.rules import (
    BatteryRules,
    GoalRules,
    GridRules,
    LimitRules,
)
from tariff_planner.domain.problem.solution import Solution


def with_grid(case: DecisionInputs, grid: GridRules) -> DecisionInputs:
    return replace(case, home=replace(case.home, grid=grid))


def test_the_tightest_of_all_limits_holds_in_each_slot() -> None:
    evening = LimitRules(start=time(21), end=time(22), import_limit_kw=4.2)
    case = with_grid(known(FLAT), GridRules(import_limit_kw=13.8, limits=(evening,)))
    steps = decide(case).problem.steps
    assert [s.import_limit_kw for s in steps[:5]] == [4.2, 4.2, 4.2, 4.2, 13.8]
    assert {s.export_limit_kw for s in steps} == {None}


def test_what_the_grid_operator_limits_now_is_taken_to_last_for_an_hour() -> None:
    case = known(FLAT)
    dimmed = replace(
        case.facts, site=case.facts.site.model_copy(update={"import_limit_w": 4_200.0, "export_limit_w": 0.0})
    )
    steps = decide(replace(case, facts=dimmed)).problem.steps
    assert [s.import_limit_kw for s in steps[:5]] == [4.2, 4.2, 4.2, 4.2, None]
    assert [s.export_limit_kw for s in steps[:5]] == [0, 0, 0, 0, None]


def test_a_limit_that_ends_inside_a_slot_holds_in_it() -> None:
    odd = LimitRules(start=time(21), end=time(21, 5), export_limit_kw=1)
    case = with_grid(known(FLAT), GridRules(limits=(odd,)))
    limits = GridLimits(case.home, case.facts, NOW, NOW + timedelta(hours=1))
    steps = decide(case).problem.steps
    assert limits.at(steps[0]) == (None, 1, None)
    assert limits.at(steps[1]) == (None, None, None)


def test_a_car_and_the_battery_share_a_small_connection() -> None:
    case = with_grid(known(NIGHT, lp=loadpoint(soc_pct=20.0)), GridRules(import_limit_kw=6))
    plan = decide(case).plan
    for slot in plan.slots:
        assert slot.import_kwh <= 6 * ((slot.end - slot.start) / timedelta(hours=1)) + 1e-6


def test_the_months_peak_is_known_from_the_history_and_free_up_to_it() -> None:
    past = [
        HistoryRow(start=NOW - timedelta(days=days), seconds=900, coverage_s=900, home_w=800, grid_w=watts)
        for days, watts in ((20, 9_000), (3, 5_000), (2, -4_000))
    ]
    assert month_peak_kw(past, BERLIN, NOW) == 5, "the 9 kW were in December"
    case = with_grid(known(NIGHT), GridRules(capacity_eur_per_kw=5))
    case = replace(case, history=(*case.history, past[1]))
    price = decide(case).problem.capacity_price
    assert price is not None
    assert price.peak_kw == 5


def test_a_capacity_price_keeps_the_battery_from_a_new_peak() -> None:
    free = decide(known(NIGHT)).plan
    dear = decide(with_grid(known(NIGHT), GridRules(capacity_eur_per_kw=20, capacity_peak_kw=1.5))).plan
    assert max(s.import_kwh for s in free.slots) > 1
    assert max(s.import_kwh for s in dear.slots) <= 1.5 / 4 + 1e-6


def test_the_battery_is_full_by_the_hour_that_somebody_set() -> None:
    by = NOW + timedelta(minutes=45)
    case = known(FLAT, soc_pct=50)
    plain, asked = (
        decide(replace(case, home=replace(case.home, battery_goal=goal)))
        for goal in (None, BatteryGoal(soc_pct=80, by=by))
    )

    def then(decision: PlanningResult) -> float:
        return next(s.devices["battery"].soc_pct or 0 for s in decision.plan.slots if s.end == by)

    assert then(plain) < 50
    assert then(asked) == pytest.approx(80, abs=0.1)
    assert asked.proposals["battery"].action == BatteryAction(mode=BatteryMode.CHARGE)


def test_the_batterys_weekly_goals_are_all_within_the_horizon() -> None:
    rules = BatteryRules(goals=(GoalRules(soc_pct=90, by=time(6)),))
    (battery,) = decide(known(FLAT, battery_rules=rules)).problem.batteries
    assert [g.by.astimezone(BERLIN).hour for g in battery.goals] == [6, 6]
    assert [g.energy_kwh for g in battery.goals] == pytest.approx([9, 9])


def test_a_goal_that_is_over_is_none() -> None:
    case = known(FLAT)
    over = BatteryGoal(soc_pct=80, by=NOW - timedelta(minutes=1))
    (battery,) = decide(replace(case, home=replace(case.home, battery_goal=over))).problem.batteries
    assert battery.goals == ()


def no_plan() -> Solution:
    """A choice of the battery's mode needs none where the month's peak costs nothing."""
    raise AssertionError("asked for a plan")


def test_the_look_ahead_does_not_charge_beyond_the_connection() -> None:
    cheap_now = [0.05] * 8 + [0.45] * 136
    case = known(cheap_now)
    modes = tuple(BatteryMode)
    for limit, expected in ((None, BatteryMode.CHARGE), (3.0, BatteryMode.HOLD)):
        made = decide(with_grid(case, GridRules(import_limit_kw=limit)))
        steps = len(made.problem.steps)
        certain = Scenarios(np.full((steps, 1), 0.8), np.ones((1, 1)), 0)
        found = look_ahead(made.problem, no_plan, certain, modes, BatteryMode.NORMAL, np.zeros(steps))
        assert found.mode is expected, limit
