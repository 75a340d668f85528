"""A battery that nobody steers follows the house; the plan says so, and plans the cars around it."""

from dataclasses import replace

import pytest

from ems.contract.site import BatteryMode
from ems.house.battery import step as physics
from support.problems import FINE, NIGHT, WALLBOX, battery, car, charged, steps
from tariff_planner.domain.milp.solve import plan
from tariff_planner.domain.problem.problem import Problem
from tariff_planner.domain.problem.solution import Solution
from tariff_planner.domain.problem.storage import Battery, EnergyGoal


def unsteered(energy_kwh: float, *, worth: float = 0.20, goals: tuple[EnergyGoal, ...] = ()) -> Battery:
    return battery(energy_kwh, worth=worth, can_hold=False, can_charge_from_grid=False, goals=goals)


def follows(problem: Problem, found: Solution) -> None:
    """In every step it does what an inverter in ``normal`` does beside these cars."""
    one, did = problem.batteries[0], found.batteries["battery"]
    energy = one.energy_kwh
    for t, step in enumerate(problem.steps):
        cars = sum(plan.charge_kwh[t] for plan in found.cars.values())
        need_kw = (step.load_kwh - step.pv_kwh + cars) / step.hours
        flow = physics(one.in_house(), energy, BatteryMode.NORMAL, need_kw, step.hours)
        energy = flow.energy_kwh
        assert (did.discharge_kwh[t] - did.charge_kwh[t]) / step.hours == pytest.approx(flow.power_kw, abs=1e-6)
        assert did.energy_kwh[t] == pytest.approx(energy, abs=1e-6)
        balance = found.import_kwh[t] - found.export_kwh[t] - found.curtailed_kwh[t]
        assert balance == pytest.approx((need_kw - flow.power_kw) * step.hours, abs=1e-6)


def test_it_gives_at_the_cheapest_price_what_one_that_can_be_held_keeps_for_the_dear_hours() -> None:
    cheap_first = steps([0.05, 0.05, 0.50, 0.50], load_kw=1.0)
    held = plan(Problem(cheap_first, (battery(2.0, can_charge_from_grid=False, worth=0.0),)), FINE)
    assert held.batteries["battery"].discharge_kwh[0] == pytest.approx(0, abs=1e-3)
    home = Problem(cheap_first, (unsteered(2.0, worth=0.0),))
    found = plan(home, FINE)
    assert found.batteries["battery"].discharge_kwh == pytest.approx((1.0, 0.9, 0.0, 0.0))
    assert found.import_kwh == pytest.approx((0.0, 0.1, 1.0, 1.0))
    assert found.cost_eur == pytest.approx(0.1 * 0.05 + 2 * 0.50)
    assert found.proof.proven
    follows(home, found)


def test_it_takes_the_sun_though_there_is_more_than_enough_later() -> None:
    sun = steps([0.30] * 3, pv_kw=[4.0, 9.0, 9.0], load_kw=0.0, export=0.08)
    home = Problem(sun, (unsteered(4.0, worth=0.1),))
    follows(home, plan(home, FINE))


def test_a_car_that_charges_at_night_drains_it_and_the_plan_counts_that() -> None:
    night = replace(Problem(steps(NIGHT), (unsteered(9.0),), (car(),), (WALLBOX,)))
    found = plan(night, FINE)
    assert sum(charged(found)) == pytest.approx(20 / 0.9, abs=0.01)
    follows(night, found)
    bill = sum(s.import_eur_per_kwh * kwh for s, kwh in zip(night.steps, found.import_kwh, strict=True))
    assert found.bill_eur == pytest.approx(bill)
    assert found.proof.bound_eur <= found.proof.objective_eur


def test_what_it_cannot_keep_below_a_limit_is_told_as_it_is() -> None:
    dimmed = tuple(
        replace(s, import_limit_kw=1.0 if t > 1 else None) for t, s in enumerate(steps([0.3] * 4, load_kw=2.0))
    )
    home = Problem(dimmed, (unsteered(2.0, goals=(EnergyGoal(2.0, dimmed[-1].end),)),))
    found = plan(home, FINE)
    follows(home, found)
    assert {u.requirement.value: pytest.approx(u.kwh, abs=1e-3) for u in found.unmet} == {
        "import_limit": 2.0,
        "battery_goal": 2.0,
    }


def test_sun_that_it_cannot_take_stays_within_the_limit_of_feeding_in() -> None:
    sunny = tuple(replace(s, export_limit_kw=1.0) for s in steps([0.3] * 2, pv_kw=[9.0] * 2, load_kw=1.0))
    home = Problem(sunny, (unsteered(8.0),))
    found = plan(home, FINE)
    follows(home, found)
    assert found.export_kwh == pytest.approx((1.0, 1.0))
    assert sum(found.curtailed_kwh) == pytest.approx(14.0 - 2.0 / 0.95)
