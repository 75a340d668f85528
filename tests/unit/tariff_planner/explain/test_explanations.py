"""What each device does, why, and what something else would cost: for homes checked in the head."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from pydantic import JsonValue

from ems.contract.control import BatteryAction, LoadpointAction
from ems.contract.plan import Explanation
from ems.contract.site import BatteryMode, LoadpointMode
from support.explained import START, steps, told, with_battery, with_car
from tariff_planner.domain.problem.problem import CapacityPrice, Loadpoint, Problem
from tariff_planner.domain.problem.storage import EnergyGoal, TerminalValue, Trip

HOUR = timedelta(hours=1)


def kind(one: Explanation) -> str:
    assert one.reason is not None
    return one.reason.kind


def why(one: Explanation) -> Mapping[str, JsonValue]:
    """The reason's parameters."""
    assert one.reason is not None
    return one.reason.parameters


def at(hours: float) -> str:
    """A moment after the start, as it is published."""
    return (START + hours * HOUR).strftime("%Y-%m-%dT%H:%M:%SZ")


def goal(soc_pct: float, hours: float, *, missed: bool = False) -> dict[str, object]:
    return {"soc_pct": pytest.approx(soc_pct, abs=0.01), "by": at(hours), "missed": missed, "soonest": False}


def bought(eur_per_kwh: float, *, average: bool = False, foreseen: bool = False) -> dict[str, object]:
    """All of it, at that price."""
    mix = {"sun": False, "battery": False, "average": average, "foreseen": foreseen}
    return {**mix, "eur_per_kwh": pytest.approx(eur_per_kwh, abs=1e-4)}


def otherwise(one: Explanation) -> str:
    assert one.alternative is not None
    return one.alternative.en


def limits(one: Explanation) -> list[str]:
    return [limit.en for limit in one.limits]


def only(explanations: tuple[Explanation, ...], mode: LoadpointMode | BatteryMode) -> Explanation:
    """The one segment in this mode."""
    (one,) = (e for e in explanations if e.action.mode is mode)
    return one


def test_a_waiting_car_knows_until_when_at_which_price_and_what_charging_now_would_cost_more() -> None:
    one, *_ = told(with_car(steps([0.40, 0.30, 0.20, 0.35])))
    assert kind(one) == "car_waits"
    assert why(one) == {"until": at(2), "mix": bought(0.20), "goal": goal(49.83, 4)}
    assert one.alternative_cost_eur == pytest.approx(11.0 * (0.40 - 0.20), abs=0.01)
    assert otherwise(one) == "Charging now would cost 2.20 EUR more."
    assert one.vehicle == "zoe"


def test_a_cheap_night_is_told_stretch_by_stretch() -> None:
    waits, charges, done = told(with_car(steps([0.40, 0.30, 0.20, 0.35])))
    assert [kind(e) for e in (waits, charges, done)] == ["car_waits", "car_charges", "car_has_goal"]
    assert why(charges) == {"kwh": pytest.approx(11.0, abs=0.05), "mix": bought(0.20), "goal": goal(49.83, 4)}
    assert otherwise(charges) == "Charging at other times would cost 1.10 EUR more."
    assert limits(charges) == ["The charger gives no more than 11.0 kW."]
    assert why(done) == {"soc_pct": pytest.approx(49.83, abs=0.01)}
    assert otherwise(done) == "Charging 11.0 kWh then would cost 3.85 EUR more."
    assert (waits.end, charges.end) == (charges.start, done.start)


def test_a_charging_car_knows_what_waiting_would_cost_more() -> None:
    one, *_ = told(with_car(steps([0.20, 0.30, 0.40])))
    assert kind(one) == "car_charges"
    assert why(one)["goal"] == goal(49.83, 3)
    assert otherwise(one) == "Waiting until 23:00 would cost 1.10 EUR more."


def test_with_a_flat_tariff_alternatives_cost_the_same_and_no_hour_is_called_more_expensive() -> None:
    one, *_ = told(with_car(steps([0.30, 0.30, 0.30])))
    assert otherwise(one) == "Waiting until 23:00 would cost the same."
    home = told(with_battery(steps([0.30] * 4), worth=0.285, can_charge_from_grid=False))
    assert all("later_eur_per_kwh" not in why(e) for e in home)
    assert {e.alternative_cost_eur for e in home if e.alternative} <= {0.0}


def test_who_is_paid_for_charging_is_told_the_negative_price_and_no_worth() -> None:
    problem = with_car(steps([0.10, -0.05, 0.10]), goal_kwh=None, limit_kwh=29.9)
    charges = only(told(problem), LoadpointMode.NOW)
    assert why(charges) == {"kwh": pytest.approx(11.0, abs=0.05), "mix": bought(-0.05)}
    assert "-5.0 ct" in charges.text.en
    assert "-5,0 ct" in charges.text.de
    assert otherwise(charges) == "Not charging then would cost 0.55 EUR more."


def test_a_car_that_waits_for_the_sun_pays_nothing_for_it_and_charging_now_would_cost_its_price() -> None:
    problem = with_car(steps([0.30] * 4, [0.0, 0.0, 9.0, 0.0]), goal_kwh=None, worth=(TerminalValue(60.0, 0.10),))
    problem = replace(problem, cars=(replace(problem.cars[0], limit_kwh=20.0 + 8.5 * 0.9),))
    problem = replace(problem, loadpoints=(Loadpoint("loadpoint-1", min_kw=4.14, max_kw=11.0),))
    one, *_ = told(problem)
    assert one.action == LoadpointAction(mode=LoadpointMode.PV)
    assert kind(one) == "car_waits"
    assert why(one) == {"until": at(2), "mix": {"sun": True, "battery": False, "average": False, "foreseen": False}}
    assert one.alternative_cost_eur == pytest.approx(8.5 * (0.30 - 0.08), abs=0.03)


def test_the_connections_limit_is_named_where_it_is_in_the_way() -> None:
    hours = [replace(s, import_limit_kw=6.0) for s in steps([0.20, 0.30, 0.40])]
    first, *_ = told(with_car(hours))
    assert limits(first)[0].endswith("he connection gives no more than 6.0 kW.")
    free, *_ = told(with_car([replace(s, import_limit_kw=13.8) for s in hours]))
    assert not any("connection" in limit for limit in limits(free))


def test_an_alternative_beyond_a_limit_is_told_in_kwh_and_has_no_price() -> None:
    hours = steps([0.40, 0.20, 0.30])
    problem = with_car([replace(hours[0], import_limit_kw=3.0), *hours[1:]])
    one, *_ = told(problem)
    assert otherwise(one) == "Charging now would take 8.5 kWh more than the connection may give."
    assert one.alternative_cost_eur is None


def test_a_peak_that_costs_is_named() -> None:
    problem = replace(with_car(steps([0.20] * 5)), capacity_price=CapacityPrice(5.0))
    one, *_ = told(problem)
    assert limits(one)[0] == "More power would raise the import peak of 2.7 kW."


def test_a_goal_out_of_reach_is_told_as_missed_and_when_it_would_be_there() -> None:
    one, *_ = told(with_car(steps([0.30, 0.30, 0.30]), goal_kwh=54.5))
    assert why(one) == {"kwh": pytest.approx(33.0, abs=0.05), "mix": bought(0.30), "goal": goal(90.83, 3, missed=True)}
    assert limits(one)[0] == "Even at full power (11.0 kW) zoe needs until tomorrow 01:30."
    assert otherwise(one) == "Not charging now would leave zoe another 29.7 kWh short."


def test_a_goal_that_the_connection_keeps_from_being_met_says_so() -> None:
    hours = [replace(s, import_limit_kw=6.0) for s in steps([0.30, 0.30, 0.30])]
    one, *_ = told(with_car(hours, goal_kwh=45.0))
    assert limits(one)[0] == "Without the connection's limit zoe would make it."
    less, *_ = told(with_car(hours, goal_kwh=54.5))
    assert limits(less)[0] == "Without the connection's limit only 4.8 kWh would be missing."


def test_where_only_a_relaxed_charger_would_meet_the_goal_no_alternative_is_priced() -> None:
    hours = [replace(s, import_limit_kw=0.8) for s in steps([0.30, 0.30, 0.30])]
    problem = replace(with_car(hours, goal_kwh=21.0), loadpoints=(Loadpoint("loadpoint-1", 4.14, 11.0),))
    one, *_ = told(problem)
    assert kind(one) == "car_not_charged"
    assert why(one) == {"goal": goal(35.0, 3, missed=True)}
    assert limits(one) == [
        "Without the connection's limit zoe would make it.",
        "The connection gives no more than 0.8 kW.",
    ]
    assert one.alternative is None


def test_a_limit_below_the_goal_is_named_as_what_keeps_the_car_from_it() -> None:
    one, *_ = told(with_car(steps([0.30] * 4), limit_kwh=25.0))
    assert limits(one)[0] == "zoe may only be charged to 42 %."


def test_a_battery_that_holds_knows_the_more_expensive_hour_and_what_using_it_now_would_cost() -> None:
    holds, follows = told(with_battery(steps([0.20, 0.20, 0.50, 0.50]), can_charge_from_grid=False))
    assert kind(holds) == "battery_holds"
    assert why(holds) == {"eur_per_kwh": 0.2, "later_eur_per_kwh": 0.5, "later_from": at(2)}
    assert otherwise(holds).startswith("Using the energy now would cost")
    assert holds.alternative_cost_eur == pytest.approx(0.95 * 0.30, abs=0.01)
    assert kind(follows) == "battery_follows"
    assert why(follows) == {"given_kwh": pytest.approx(0.95, abs=0.01), "eur_per_kwh": 0.5}


def test_a_battery_that_charges_knows_what_the_energy_replaces() -> None:
    charges, *_ = told(with_battery(steps([0.10, 0.50, 0.50]), energy_kwh=0.0))
    assert charges.action == BatteryAction(mode=BatteryMode.CHARGE)
    assert kind(charges) == "battery_charges"
    assert why(charges) == {"kwh": pytest.approx(1.1, abs=0.01), "eur_per_kwh": 0.1, "later_eur_per_kwh": 0.5}
    assert otherwise(charges) == "Not charging from the grid now would cost 0.39 EUR more."


def test_a_battery_that_leaves_room_knows_for_what() -> None:
    hours = steps([0.30] * 3, [3.0, 6.5, 0.0])
    hours = (replace(hours[0], export_eur_per_kwh=0.2), *(replace(s, export_eur_per_kwh=0.02) for s in hours[1:]))
    one, *_ = told(with_battery(hours, worth=0.1, charge_kw=5.0))
    assert one.action == BatteryAction(mode=BatteryMode.HOLDCHARGE)
    assert kind(one) == "battery_leaves_room"
    assert why(one)["sun_from"] == at(1)
    assert (why(one)["earns_eur_per_kwh"], why(one)["later_earns_eur_per_kwh"]) == (0.2, 0.02)


def test_a_battery_whose_later_sun_could_not_be_fed_in_leaves_room_for_it() -> None:
    hours = steps([0.30] * 4, [3.0, 6.5, 6.5, 0.0])
    limited = (hours[0], *(replace(s, export_limit_kw=1.0) for s in hours[1:]))
    one, *_ = told(with_battery(limited, worth=0.1, energy_kwh=4.0))
    assert kind(one) == "battery_leaves_room"
    assert why(one)["else_lost"] is True


def test_two_cars_are_told_one_after_the_other_each_with_its_own_goal() -> None:
    one = with_car(steps([0.40, 0.20, 0.20, 0.40]))
    other = replace(
        one.cars[0], name="twingo", loadpoint="loadpoint-2", energy_kwh=10.0, goals=(EnergyGoal(19.9, one.end),)
    )
    loadpoint = replace(one.loadpoints[0], name="loadpoint-2")
    both = Problem(one.steps, cars=(one.cars[0], other), loadpoints=(*one.loadpoints, loadpoint))
    explained = told(both)
    assert [e.vehicle for e in explained] == sorted((e.vehicle or "" for e in explained), reverse=True)
    first = {e.vehicle: e for e in reversed(explained)}
    assert {name: kind(e) for name, e in first.items()} == {"zoe": "car_waits", "twingo": "car_waits"}
    assert {name: why(e)["goal"] for name, e in first.items()} == {"zoe": goal(49.83, 4), "twingo": goal(33.17, 4)}


def test_a_car_without_a_goal_knows_what_a_kwh_costs_and_what_it_is_worth() -> None:
    one, *_ = told(with_car(steps([0.30, 0.25]), goal_kwh=None, worth=(TerminalValue(60.0, 0.10),)))
    assert kind(one) == "car_not_charged"
    assert why(one) == {"worth": {"eur_per_kwh": 0.25, "worth_eur_per_kwh": pytest.approx(0.09, abs=1e-3)}}
    _, buys = told(with_car(steps([0.30, 0.05]), goal_kwh=None, worth=(TerminalValue(60.0, 0.10),)))
    assert kind(buys) == "car_charges"
    assert why(buys)["worth_eur_per_kwh"] == pytest.approx(0.09, abs=1e-3)


def test_a_worth_that_equals_the_price_is_no_reason() -> None:
    _, buys = told(with_car(steps([0.30, 0.09]), goal_kwh=None, worth=(TerminalValue(60.0, 0.1004),)))
    assert kind(buys) == "car_charges"
    assert "worth_eur_per_kwh" not in why(buys)


def test_a_car_on_the_road_is_said_to_be_away_and_from_when_on_it_charges() -> None:
    trip = Trip(START - HOUR, START + 2 * HOUR, 5.0)
    away, charges, *_ = told(with_car(steps([0.10, 0.10, 0.30, 0.20, 0.40]), trips=(trip,)))
    assert kind(away) == "car_away"
    assert why(away) == {"back": at(2), "charges_from": at(3), "mix": bought(0.20), "goal": goal(49.83, 5)}
    assert away.alternative is None
    assert kind(charges) == "car_charges"


def test_prices_that_are_only_foreseen_are_called_about() -> None:
    hours = [replace(s, price_known=False) for s in steps([0.40, 0.20, 0.30])]
    one, *_ = told(with_car(hours))
    assert why(one)["mix"] == bought(0.20, foreseen=True)
    assert "about 20.0 ct" in one.text.en


def test_prices_that_differ_are_called_an_average() -> None:
    one, *_ = told(with_car(steps([0.40, 0.20, 0.22, 0.45]), goal_kwh=39.8))
    assert why(one)["mix"] == bought(0.21, average=True)


def test_neighbours_with_the_same_reason_are_one() -> None:
    """The car takes less in its last hour, which is another mode for evcc and no other matter for people."""
    hours = steps([0.40, 0.20, 0.20, 0.40])
    problem = with_car(hours, goal_kwh=20.0 + 13.5)
    problem = replace(problem, loadpoints=(Loadpoint("loadpoint-1", min_kw=4.0, max_kw=11.0),))
    explained = told(problem)
    kinds = [kind(e) for e in explained]
    assert kinds == ["car_waits", "car_charges", "car_has_goal"]
    charges = explained[1]
    assert charges.end - charges.start == 2 * HOUR
    assert why(charges)["kwh"] == pytest.approx(15.0, abs=0.01)


def test_a_charge_over_a_short_wait_is_told_once_with_pauses_and_what_is_done_now_by_itself() -> None:
    prices = [0.4, 0.2, 0.4, 0.2, 0.4, 0.4, 0.4, 0.2]
    waits, charges, again, later = told(with_car(steps(prices), goal_kwh=49.7))
    assert [kind(one) for one in (waits, charges, again, later)] == [
        "car_waits",
        "car_charges",
        "car_waits",
        "car_charges",
    ]
    assert (charges.start, charges.end) == (START + HOUR, START + 4 * HOUR)
    assert why(charges)["kwh"] == pytest.approx(22.0, abs=0.01)
    assert "car_charges" not in charges.text.en
    assert "zoe charges with pauses, 22.0 kWh at 20.0 ct to reach" in charges.text.en
    assert "lädt zoe mit Pausen 22,0 kWh" in charges.text.de
    now, *_ = told(with_car(steps([0.2, 0.4, 0.2]), goal_kwh=39.8))
    assert now.end == START + HOUR


def test_what_is_published_is_plain_and_leaves_out_what_is_not_known() -> None:
    for one in (*told(with_car(steps([0.40, 0.30, 0.20]))), *told(with_battery(steps([0.1, 0.5, 0.5])))):
        assert one.reason is not None
        written = one.reason.model_dump_json()
        assert "null" not in written
        assert "during" not in written
        for name, value in one.reason.parameters.items():
            if name in {"until", "back", "charges_from"}:
                assert datetime.fromisoformat(str(value)).tzinfo is not None


def test_a_battery_that_is_charged_for_after_the_plan_knows_what_a_kwh_is_worth_then() -> None:
    *_, charges = told(with_battery(steps([0.30, 0.10]), energy_kwh=0.0, worth=0.25))
    assert kind(charges) == "battery_charges"
    assert why(charges)["worth_eur_per_kwh"] == pytest.approx(0.25 * 0.95, abs=1e-3)
    assert "later_eur_per_kwh" not in why(charges)
