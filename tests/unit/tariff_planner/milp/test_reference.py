"""Plans against a plain MILP that shares nothing with the planner's model: hard homes, drawn and given."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from support.random_homes import KINDS, problem
from support.reference_milp import best
from tariff_planner.adapters import evcc_optimizer
from tariff_planner.domain.milp.solve import plan
from tariff_planner.domain.milp.solver.branch_and_bound import Effort
from tariff_planner.domain.problem.money import money_scale, weights, wish_per_kwh
from tariff_planner.domain.problem.problem import Problem

CASES = Path(__file__).parents[3] / "fixtures" / "planner-cases"
REQUESTS = Path(__file__).parents[3] / "fixtures" / "planner-requests" / "hard"
QUICK = (0, 2, 3, 4, 5, 8, 9, 10, 11, 12, 14, 17, 18, 19, 20)
"""Seeds that the plain MILP solves in a second or two."""


@pytest.mark.parametrize("seed", QUICK, ids=lambda seed: f"{KINDS[seed % len(KINDS)]} {seed}")
def test_a_plan_costs_what_the_plain_milp_says_and_is_proven(seed: int) -> None:
    home, scale = problem(seed)
    agree(home, scale)


def agree(home: Problem, scale: float = 1.0) -> None:
    found = plan(home, Effort(gap_eur=0.01 * scale, seconds=60.0))
    price = home.capacity_price
    paid = 0.0 if price is None else price.peak_kw * price.eur_per_kw
    right, bound = best(home, 0.002 * scale, 60.0)
    assert found.proof.proven
    assert bound - 0.002 * scale <= found.proof.objective_eur - paid <= right + 0.01 * scale
    if all(min(s.import_eur_per_kwh, s.export_eur_per_kwh) >= 0 for s in home.steps):
        # Below 0, emptying a battery has a price of its own.
        assert found.proof.bound_eur - paid <= right + 0.001 * scale


def given(name: str) -> Problem:
    return TypeAdapter(Problem).validate_json((CASES / f"{name}.json").read_text())


@pytest.mark.parametrize("name", ["14-zerofeed-night-neg", "14d-zerofeed-3p-car", "36-two-bat-flat", "01-flat"])
def test_each_given_case_costs_what_the_plain_milp_says(name: str) -> None:
    agree(given(name))


def test_the_given_case_in_forint_costs_what_the_plain_milp_says() -> None:
    home = given("17-HUF")
    prices = [s.import_eur_per_kwh for s in home.steps]
    scale = money_scale(prices, [s.hours for s in home.steps])
    wish = wish_per_kwh(scale, prices)
    cars = tuple(replace(c, goals=tuple(replace(g, eur_per_kwh=wish) for g in c.goals)) for c in home.cars)
    agree(replace(home, cars=cars, weights=weights(scale, wish)), scale)


@pytest.mark.parametrize("seed", [50, 130, 145, 151], ids=lambda seed: f"{KINDS[seed % len(KINDS)]} {seed}")
def test_two_cars_below_a_limit_or_a_peak_are_proven_in_little_time(seed: int) -> None:
    home, _ = problem(seed)
    began = time.process_time()
    found = plan(home, Effort(seconds=60.0))
    assert found.proof.proven
    # Without the cuts for all cars together none of them was proven within 10 s.
    assert time.process_time() - began < 5.0


def test_a_car_with_more_least_power_than_the_connection_gives_is_planned_through_the_battery_and_proven() -> None:
    found = plan(given("be3-import-limit-2.5"), Effort(seconds=60.0))
    assert found.proof.proven
    assert found.proof.objective_eur == pytest.approx(-1.065, abs=0.011)
    assert not found.unmet


def test_cars_that_need_more_than_the_sun_beside_a_battery_that_stores_only_sun_are_proven_without_a_search() -> None:
    text = (REQUESTS / "twotime-48h-2024-06-29.json").read_text()
    home = evcc_optimizer.problem(evcc_optimizer.Request.model_validate_json(text))
    found = plan(home, Effort(quick=True))
    # Without (27), and (17) for two of three cars, the relaxation is 3 ct lower, and the proof takes 16 s.
    assert found.proof.proven
    assert found.proof.objective_eur == pytest.approx(-30.5036, abs=0.01)


def test_sun_beyond_an_export_limit_is_not_charged_for_and_never_bought_against() -> None:
    found = plan(given("14d-zerofeed-3p-car"))
    assert found.bill_eur == pytest.approx(0.56, abs=0.01)
    assert sum(found.curtailed_kwh) > 1
    assert not found.unmet


def test_negative_prices_at_night_fill_the_battery_of_a_home_that_feeds_nothing_in() -> None:
    found = plan(given("14-zerofeed-night-neg"))
    assert sum(found.batteries["battery"].charge_kwh) > 9
