"""Why the car waits and what charging now would cost more: the words follow from planning again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ems.contract.plan import Explanation
from tariff_planner.domain.explain import explain
from tariff_planner.domain.model import Alternative, alternative_eur, plan
from tariff_planner.domain.problem import Battery, Car, Goal, Loadpoint, Problem, Step, Worth
from tariff_planner.domain.telling import Answer, plan_slots

START = datetime(2026, 1, 14, 21, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def home(prices: list[float], *, soc_kwh: float = 20.0, goal_kwh: float = 29.9) -> Problem:
    steps = tuple(
        Step(START + timedelta(hours=i), START + timedelta(hours=i + 1), 0.5, 0.0, price, 0.08)
        for i, price in enumerate(prices)
    )
    car = Car("zoe", "loadpoint-1", soc_kwh, 60.0, goals=(Goal(goal_kwh, steps[-1].end),))
    return Problem(steps, cars=(car,), loadpoints=(Loadpoint("loadpoint-1", min_kw=0.0, max_kw=11.0),))


def told(problem: Problem) -> dict[str, Explanation]:
    solution = plan(problem)
    answer = Answer(START, START, problem, solution, 0.0, None, (), ())
    return {e.device: e for e in explain(problem, solution, plan_slots(answer), BERLIN)}


def test_a_waiting_car_says_until_when_at_which_price_and_what_charging_now_would_cost_more() -> None:
    one = told(home([0.40, 0.30, 0.20, 0.35]))["loadpoint-1"]
    assert one.text.en == "zoe waits until 00:00: it then charges at 20.0 ct on average, to have 50 % by 02:00."
    assert one.text.de == "zoe wartet bis 00:00 und lädt dann für durchschnittlich 20,0 ct, um bis 02:00 50 % zu haben."
    assert one.alternative_cost_eur == pytest.approx(11.0 * (0.40 - 0.20), abs=0.01)
    assert one.alternative is not None
    assert one.alternative.en == "Charging now would cost 2.20 EUR more."
    assert one.alternative.de == "Jetzt zu laden würde 2,20 EUR mehr kosten."


def test_a_charging_car_says_what_waiting_would_cost_more() -> None:
    one = told(home([0.20, 0.30, 0.40]))["loadpoint-1"]
    assert one.text.en.startswith("zoe charges now at 20.0 ct")
    assert one.alternative_cost_eur == pytest.approx(11.0 * 0.10, abs=0.01)


def test_alternatives_that_cost_the_same_are_called_that() -> None:
    one = told(home([0.30, 0.30, 0.30]))["loadpoint-1"]
    assert one.alternative is not None
    assert one.alternative.en == "Waiting would cost the same."


def test_a_battery_that_holds_says_until_when_and_what_using_it_now_would_cost() -> None:
    battery = Battery("battery", 1.0, 10.0, 5.0, 5.0, worth=(Worth(10.0, 0.0),), can_charge_from_grid=False)
    problem = replace(home([0.20, 0.20, 0.50, 0.50]), cars=(), loadpoints=(), batteries=(battery,))
    one = told(problem)["battery"]
    assert one.text.en == "The battery keeps its energy until 00:00, when a kWh costs more."
    assert one.alternative_cost_eur == pytest.approx(0.5 * 0.30, abs=0.01)


def test_an_alternative_that_cannot_be_has_no_price() -> None:
    assert alternative_eur(home([0.3, 0.3]), [Alternative("zoe", 99.0, 99.0)]) == (None,)
