"""The goals that a car is planned to: the notifier's, all within the horizon, else evcc's own plan."""

from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from ems.contract.people import Goal, NextGoal
from ems.contract.site import EvccPlan
from ems.runtime.settings import SettingsError
from support.evening import FLAT, NOW, SEVEN, known, loadpoint, scheduled
from tariff_planner.domain.decision.decide import PlanningResult, decide
from tariff_planner.domain.inputs.rules import TripRules, VehicleRules
from tariff_planner.domain.inputs.vehicle_goals import goals_of, replace_goal
from tariff_planner.settings import Settings

DAY = timedelta(days=1)
TWICE = scheduled(80, SEVEN, SEVEN + DAY)
ANNA = Goal(vehicle="limo", soc_pct=90, departure=NOW + timedelta(hours=5), asked_by="anna", asked_at=NOW)
EVCC = EvccPlan(departure=NOW + timedelta(hours=7), soc_pct=60)


def soc_pct_at(decision: PlanningResult, moment: datetime) -> float:
    found = [s for s in decision.plan.slots if s.end <= moment][-1].devices["loadpoint-1"].soc_pct
    assert found is not None
    return found


def test_two_departures_within_the_horizon_are_both_planned() -> None:
    work = TripRules(leave=time(7, 15), back=time(17), kwh=30)
    decision = decide(known(FLAT, lp=loadpoint(), rules=VehicleRules(trips=(work,)), battery=False, goal=TWICE))
    (car,) = decision.problem.cars
    assert [g.by for g in car.goals] == [SEVEN, SEVEN + DAY]
    assert [g.energy_kwh for g in car.goals] == pytest.approx([48, 48])
    assert soc_pct_at(decision, SEVEN) >= 79.9
    assert soc_pct_at(decision, SEVEN + DAY) == pytest.approx(80, abs=0.1), "what the day used is charged again"
    assert decision.plan.shortfalls == ()


def test_what_follows_beyond_the_horizon_waits() -> None:
    far = scheduled(80, SEVEN, SEVEN + 5 * DAY)
    (car,) = decide(known(lp=loadpoint(), battery=False, goal=far)).problem.cars
    assert [g.by for g in car.goals] == [SEVEN]


def test_a_home_without_the_notifier_is_planned_to_evccs_own_plan() -> None:
    plan = EvccPlan(departure=SEVEN, soc_pct=80)
    decision = decide(known(lp=loadpoint(plan=plan), battery=False))
    assert soc_pct_at(decision, SEVEN) == pytest.approx(80, abs=0.1)
    assert soc_pct_at(decision, NOW + timedelta(hours=2)) == pytest.approx(50, abs=0.1), "in the cheap hours"


def test_what_a_person_asks_for_comes_before_evccs_plan() -> None:
    assert goals_of(ANNA, EVCC, NOW) == ((90, ANNA.departure),)
    assert goals_of(None, EVCC, NOW) == ((60, EVCC.departure),)
    whenever = ANNA.model_copy(update={"departure": None})
    assert goals_of(whenever, EVCC, NOW) == ((90, None),)
    later = (NextGoal(soc_pct=70, departure=SEVEN + DAY),)
    assert goals_of(ANNA.model_copy(update={"following": later}), EVCC, NOW) == (
        (90, ANNA.departure),
        (70, SEVEN + DAY),
    )


def test_what_somebody_has_set_in_evcc_stands_beside_the_weekly_schedule() -> None:
    assert goals_of(TWICE, EVCC, NOW) == ((60, EVCC.departure), (80, SEVEN), (80, SEVEN + DAY))
    handed_over = EvccPlan(departure=SEVEN, soc_pct=80)
    assert goals_of(TWICE, handed_over, NOW) == ((80, SEVEN), (80, SEVEN + DAY)), "the same one is not wanted twice"


def test_a_departure_that_has_passed_no_longer_counts_but_those_after_it_do() -> None:
    assert goals_of(TWICE, None, SEVEN) == ((80, SEVEN + DAY),)
    assert goals_of(ANNA, EVCC, NOW + timedelta(hours=6)) == ((60, EVCC.departure),)
    assert goals_of(ANNA, EVCC, NOW + timedelta(hours=8)) == ()


def test_a_what_if_replaces_what_is_due_by_then_and_leaves_the_rest() -> None:
    tomorrow = (NextGoal(soc_pct=80, departure=SEVEN + DAY),)
    wish = replace_departure(SEVEN + timedelta(hours=1))
    assert replace_goal(TWICE, wish).following == tomorrow
    assert replace_goal(None, wish).following == ()
    assert [g.departure for g in replace_goal(TWICE, replace_departure(None)).following] == [SEVEN, SEVEN + DAY]


def replace_departure(departure: datetime | None) -> Goal:
    return ANNA.model_copy(update={"departure": departure, "asked_by": "what-if"})


def test_a_cars_weekly_goals_in_the_planners_settings_are_refused_with_where_they_belong(tmp_path: Path) -> None:
    file = tmp_path / "tariff-planner.yaml"
    file.write_text(f"state_dir: {tmp_path}\nvehicles: {{limo: {{goals: [{{soc_pct: 80, by: '07:00'}}]}}}}\n")
    with pytest.raises(SettingsError) as error:
        Settings.load(file)
    assert str(error.value) == f"{file}: vehicles.limo: goals: unknown; set it in the notifier's weekly_goals"
