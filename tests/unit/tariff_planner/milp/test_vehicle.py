"""What a plan does with cars: one or several, plugged in, away, nearly full."""

from dataclasses import replace
from datetime import timedelta

import pytest

from support.problems import EVENING, FINE, MORNING, NIGHT, WALLBOX, car, charged, steps, with_car
from support.reference_milp import cost_of
from tariff_planner.domain.milp import solve
from tariff_planner.domain.milp.solve import plan
from tariff_planner.domain.milp.solver.branch_and_bound import Effort
from tariff_planner.domain.milp.solver.budget import Budget
from tariff_planner.domain.problem.problem import Loadpoint, Problem, Weights
from tariff_planner.domain.problem.solution import Requirement, Solution
from tariff_planner.domain.problem.storage import (
    Car,
    EnergyGoal,
    TerminalValue,
    Trip,
)


def test_cars_that_share_a_loadpoint_charge_one_at_a_time_and_the_plan_says_who_when() -> None:
    zoe = replace(car(20.0, 38.0), plugged=True)
    kona = Car("kona", "loadpoint-1", 30.0, 64.0, plugged=False, goals=(EnergyGoal(48.0, MORNING),))
    found = plan(Problem(steps(NIGHT), (), (zoe, kona), (WALLBOX,)))
    assert not found.unmet
    assert all(min(a, b) < 1e-3 for a, b in zip(charged(found), charged(found, "kona"), strict=True))
    for name in ("zoe", "kona"):
        one = found.cars[name]
        assert all(there for there, kwh in zip(one.plugged, one.charge_kwh, strict=True) if kwh > 1e-3)


def test_a_change_of_cars_that_a_goal_needs_is_a_whole_one_from_the_first_bound_on() -> None:
    zoe = replace(car(20.0, 38.0), plugged=True)
    kona = Car("kona", "loadpoint-1", 30.0, 64.0, plugged=False, goals=(EnergyGoal(48.0, MORNING),))
    home = Problem(steps(NIGHT), (), (zoe, kona), (WALLBOX,), weights=Weights(swap_eur=1.0))
    best = plan(home, FINE).proof.objective_eur
    # With a wide gap no branch and bound follows: the bound is the relaxation's.
    assert plan(home, Effort(gap_eur=3.0)).proof.bound_eur > best - 0.25


def test_where_the_time_is_too_short_to_find_out_who_should_be_plugged_in_the_car_that_is_gets_its_plan(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    zoe = replace(car(20.0, 38.0), plugged=True)
    kona = Car("kona", "loadpoint-1", 30.0, 64.0, plugged=False, goals=(EnergyGoal(48.0, MORNING),))
    niro = replace(kona, name="niro", worth=(TerminalValue(64.0, 0.05),), goals=())
    niro = replace(niro, trips=(Trip(EVENING + timedelta(hours=3), EVENING + timedelta(hours=5), 32.0),))
    home = Problem(steps(NIGHT), (), (zoe, kona, niro), (WALLBOX,))
    in_time = solve._plan  # what takes too long is played here

    def too_long(problem: Problem, effort: Effort, budget: Budget) -> Solution:
        if len(problem.cars) > 1:
            raise RuntimeError("no plan found")
        return in_time(problem, effort, budget)

    monkeypatch.setattr(solve, "_plan", too_long)
    found = plan(home)
    assert sum(charged(found)) == pytest.approx(20, abs=0.01)
    assert [(m.requirement, m.device, round(m.kwh, 3)) for m in found.unmet] == [
        (Requirement.GOAL, "kona", 18.0),
        (Requirement.TRIP, "niro", 2.0),
    ]
    assert found.proof.objective_eur == pytest.approx(cost_of(home, found), abs=0.01)
    assert not found.proof.proven
    monkeypatch.undo()
    assert found.proof.bound_eur < plan(home).proof.objective_eur


def test_nobody_is_asked_to_change_cars_at_night() -> None:
    asleep = tuple(replace(s, swap=False) for s in steps(NIGHT))
    kona = Car("kona", "loadpoint-1", 30.0, 64.0, plugged=False, goals=(EnergyGoal(48.0, MORNING),))
    found = plan(Problem(asleep, (), (car(), kona), (WALLBOX,)))
    assert sum(charged(found, "kona")) == pytest.approx(0, abs=1e-6)
    assert [m.device for m in found.unmet] == ["kona"]


def test_a_car_that_is_away_is_charged_when_it_is_back() -> None:
    back = EVENING + timedelta(hours=8)
    away = car(trips=(Trip(EVENING - timedelta(hours=3), back),))
    found = plan(with_car(NIGHT, away), FINE)
    assert charged(found)[:8] == pytest.approx([0.0] * 8)
    assert not found.unmet


def test_what_a_trip_takes_is_charged_again() -> None:
    trip = Trip(EVENING + timedelta(hours=3), EVENING + timedelta(hours=5), 9.0)
    found = plan(with_car(NIGHT, car(trips=(trip,))), FINE)
    assert sum(charged(found)) * 0.9 == pytest.approx(40 - 20 + 9, abs=0.01)


def test_above_80_pct_a_car_takes_less_and_the_plan_begins_earlier() -> None:
    plain = car(48.0, 60.0, EVENING + timedelta(hours=3))
    tapered = replace(plain, taper_from_kwh=48.0)
    assert not plan(with_car([0.3] * 12, plain), FINE).unmet
    found = plan(with_car([0.3] * 12, tapered), FINE)
    energy = (48.0, *found.cars["zoe"].energy_kwh)
    for kwh, before in zip(charged(found), energy, strict=False):
        assert kwh <= 11.0 * (1 - 0.7 * (before - 48) / 12) + 1e-4


@pytest.mark.parametrize("least_kw", [1.38, 4.14])
def test_a_car_takes_nothing_or_at_least_what_its_phases_need(least_kw: float) -> None:
    loadpoint = Loadpoint("loadpoint-1", min_kw=least_kw, max_kw=11.04)
    thin = steps([0.30] * 12, pv_kw=[2.5] * 12, load_kw=0.5)
    found = plan(Problem(thin, (), (car(goal_kwh=None, worth=(TerminalValue(60.0, 0.15),)),), (loadpoint,)), FINE)
    assert all(kwh == 0 or kwh >= least_kw - 1e-4 for kwh in charged(found))
    assert (sum(charged(found)) > 10) is (least_kw < 2)


def test_a_car_that_lacks_less_than_the_least_power_gives_in_a_slot_is_still_filled() -> None:
    found = plan(with_car([0.3] * 12, car(39.5, 40.0, limit_kwh=40.0)), FINE)
    assert not found.unmet


def test_a_car_that_lacks_little_before_a_long_trip_is_still_filled() -> None:
    trip = Trip(EVENING + timedelta(hours=6), EVENING + timedelta(hours=9), 9.0)
    one = car(39.5, 40.0, by=EVENING + timedelta(hours=5), limit_kwh=40.0, trips=(trip,))
    assert not plan(with_car([0.3] * 12, one), FINE).unmet


def test_without_a_goal_a_car_is_charged_while_a_kwh_costs_less_than_it_is_worth_up_to_the_level() -> None:
    found = plan(with_car(NIGHT, car(goal_kwh=None, worth=(TerminalValue(30.0, 0.15),))), FINE)
    assert sum(charged(found)) * 0.9 == pytest.approx(10.0, abs=0.15)  # one hour at full power; another is not worth it
    assert all(kwh < 1e-6 for kwh, price in zip(charged(found), NIGHT, strict=True) if price / 0.9 > 0.15)


def test_where_it_costs_nothing_a_car_charges_early_and_in_one_go() -> None:
    found = plan(with_car([0.30] * 12, car(20.0, 38.0)), FINE)
    assert charged(found)[:2] == pytest.approx((11.0, 9.0), abs=0.01)
    assert sum(charged(found)[2:]) == pytest.approx(0, abs=1e-6)


def test_least_on_time_keeps_a_charger_on_for_whole_blocks() -> None:
    jagged = steps([0.20, 0.30] * 24, minutes=15)
    patient = Loadpoint("loadpoint-1", min_on_minutes=30)
    found = plan(Problem(jagged, (), (car(20.0, 30.0, EVENING + timedelta(hours=12)),), (patient,)), FINE)
    on = [kwh > 1e-3 for kwh in charged(found)]
    assert on[0::2] == on[1::2]
