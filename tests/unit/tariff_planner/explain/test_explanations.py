"""What each device does, why, and what something else would cost: in both languages, for homes checked in the head."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ems.contract.control import BatteryAction, LoadpointAction
from ems.contract.plan import Explanation
from ems.contract.site import BatteryMode, LoadpointMode
from support.explained import START, steps, told, with_battery, with_car
from tariff_planner.domain.problem.problem import CapacityPrice, Loadpoint, Problem
from tariff_planner.domain.problem.storage import EnergyGoal, TerminalValue, Trip


def only(explanations: tuple[Explanation, ...], mode: LoadpointMode | BatteryMode) -> Explanation:
    """The one segment in this mode."""
    (one,) = (e for e in explanations if e.action.mode is mode)
    return one


def en(one: Explanation) -> str:
    """All that is said, in English."""
    return " ".join(t.en for t in (one.text, one.alternative, *one.limits) if t)


def de(one: Explanation) -> str:
    """All that is said, in German."""
    return " ".join(t.de for t in (one.text, one.alternative, *one.limits) if t)


def test_a_waiting_car_says_until_when_at_which_price_and_what_charging_now_would_cost_more() -> None:
    one, *_ = told(with_car(steps([0.40, 0.30, 0.20, 0.35])))
    assert one.text.en == "zoe waits until 00:00: it then charges at 20.0 ct, to have 50 % by tomorrow 02:00."
    assert one.text.de == "zoe wartet bis 00:00 und lädt dann für 20,0 ct, um bis morgen 02:00 50 % zu haben."
    assert one.alternative_cost_eur == pytest.approx(11.0 * (0.40 - 0.20), abs=0.01)
    assert one.alternative is not None
    assert one.alternative.en == "Charging now would cost 2.20 EUR more."
    assert one.alternative.de == "Jetzt zu laden würde 2,20 EUR mehr kosten."
    assert one.vehicle == "zoe"


def test_a_cheap_night_is_told_stretch_by_stretch() -> None:
    waits, charges, done = told(with_car(steps([0.40, 0.30, 0.20, 0.35])))
    assert en(charges) == (
        "From tomorrow 00:00 to 01:00 zoe charges: 11.0 kWh at 20.0 ct, to have 50 % by tomorrow 02:00. "
        "Not charging then would cost 1.10 EUR more. The charger gives no more than 11.0 kW."
    )
    assert de(charges) == (
        "Von morgen 00:00 bis 01:00 lädt zoe: 11,0 kWh für 20,0 ct, um bis morgen 02:00 50 % zu haben. "
        "Dann nicht zu laden würde 1,10 EUR mehr kosten. Der Ladepunkt gibt höchstens 11,0 kW."
    )
    assert en(done) == (
        "From tomorrow 01:00 on zoe has its 50 %. Charging 11.0 kWh from tomorrow 01:00 on would cost 3.85 EUR more."
    )
    assert (waits.end, charges.end, done.end) == (charges.start, done.start, START + (done.end - START))


def test_a_charging_car_says_what_waiting_would_cost_more() -> None:
    one, *_ = told(with_car(steps([0.20, 0.30, 0.40])))
    assert one.text.en == "zoe charges now until 23:00: 11.0 kWh at 20.0 ct, to have 50 % by tomorrow 01:00."
    assert one.text.de == "zoe lädt jetzt bis 23:00: 11,0 kWh für 20,0 ct, um bis morgen 01:00 50 % zu haben."
    assert one.alternative is not None
    assert one.alternative.en == "Waiting until 23:00 would cost 1.10 EUR more."
    assert one.alternative.de == "Bis 23:00 zu warten würde 1,10 EUR mehr kosten."


def test_with_a_flat_tariff_alternatives_cost_the_same_and_no_hour_is_called_dearer() -> None:
    one, *_ = told(with_car(steps([0.30, 0.30, 0.30])))
    assert one.alternative is not None
    assert one.alternative.en == "Waiting until 23:00 would cost the same."
    assert one.alternative.de == "Bis 23:00 zu warten würde gleich viel kosten."
    home = told(with_battery(steps([0.30] * 4), worth=0.285, can_charge_from_grid=False))
    assert all("instead" not in e.text.en for e in home)
    assert {e.alternative.en for e in home if e.alternative} <= {
        "Using it now would cost the same.",
        "Keeping its energy now would cost the same.",
        "Using it then would cost the same.",
        "Keeping its energy then would cost the same.",
    }


def test_who_is_paid_for_charging_is_told_the_negative_price() -> None:
    problem = with_car(steps([0.10, -0.05, 0.10]), goal_kwh=None, limit_kwh=29.9)
    charges = only(told(problem), LoadpointMode.NOW)
    assert "11.0 kWh at -5.0 ct" in charges.text.en
    assert "11,0 kWh für -5,0 ct" in charges.text.de
    assert "worth" not in charges.text.en
    assert charges.alternative is not None
    assert charges.alternative.en == "Not charging then would cost 0.55 EUR more."


def test_a_car_that_waits_for_the_sun_pays_nothing_for_it_and_charging_now_would_cost_its_price() -> None:
    problem = with_car(steps([0.30] * 4, [0.0, 0.0, 9.0, 0.0]), goal_kwh=None, worth=(TerminalValue(60.0, 0.10),))
    problem = replace(problem, cars=(replace(problem.cars[0], limit_kwh=20.0 + 8.5 * 0.9),))
    problem = replace(problem, loadpoints=(Loadpoint("loadpoint-1", min_kw=4.14, max_kw=11.0),))
    one, *_ = told(problem)
    assert one.action == LoadpointAction(mode=LoadpointMode.PV)
    assert one.text.en == "zoe waits until 00:00: it then charges from the sun."
    assert one.text.de == "zoe wartet bis 00:00 und lädt dann mit Sonne."
    assert one.alternative_cost_eur == pytest.approx(8.5 * (0.30 - 0.08), abs=0.03)


def test_the_connections_limit_is_named_where_it_is_in_the_way() -> None:
    hours = [replace(s, import_limit_kw=6.0) for s in steps([0.20, 0.30, 0.40])]
    first, *_ = told(with_car(hours))
    assert first.limits[0].en.endswith("he connection gives no more than 6.0 kW.")
    assert first.limits[0].de.endswith("höchstens 6,0 kW.")
    free, *_ = told(with_car([replace(s, import_limit_kw=13.8) for s in hours]))
    assert "connection" not in en(free)


def test_an_alternative_beyond_a_limit_is_told_in_kwh_and_has_no_price() -> None:
    hours = steps([0.40, 0.20, 0.30])
    problem = with_car([replace(hours[0], import_limit_kw=3.0), *hours[1:]])
    one, *_ = told(problem)
    assert one.alternative is not None
    assert one.alternative.en == "Charging now would take 8.5 kWh more than the connection may give."
    assert one.alternative.de == "Jetzt zu laden würde 8,5 kWh mehr brauchen, als der Anschluss geben darf."
    assert one.alternative_cost_eur is None


def test_a_peak_that_costs_is_named() -> None:
    problem = replace(with_car(steps([0.20] * 4)), capacity_price=CapacityPrice(5.0))
    one, *_ = told(problem)
    assert one.limits[0].en == "More power would raise the import peak of 3.3 kW."
    assert one.limits[0].de == "Mehr Leistung würde die Bezugsspitze von 3,3 kW erhöhen."


def test_a_goal_out_of_reach_says_what_is_missing_what_is_reached_and_when_it_would_be_there() -> None:
    one, *_ = told(with_car(steps([0.30, 0.30, 0.30]), goal_kwh=54.5))
    assert one.text.en == (
        "zoe charges now: 33.0 kWh at 30.0 ct. zoe reaches 83 % by tomorrow 01:00: 4.8 kWh are missing. "
        "It charges at full power (11.0 kW) until then and would need until tomorrow 01:30."
    )
    assert one.text.de == (
        "zoe lädt jetzt: 33,0 kWh für 30,0 ct. zoe erreicht bis morgen 01:00 83 %: es fehlen 4,8 kWh. "
        "Er lädt bis dahin mit voller Leistung (11,0 kW) und bräuchte bis morgen 01:30."
    )
    assert one.alternative is not None
    assert one.alternative.en == "Not charging now would leave zoe another 29.7 kWh short."
    assert one.alternative.de == "Jetzt nicht zu laden hieße: zoe fehlen weitere 29,7 kWh."


def test_a_goal_that_the_connection_keeps_from_being_met_says_so() -> None:
    hours = [replace(s, import_limit_kw=6.0) for s in steps([0.30, 0.30, 0.30])]
    one, *_ = told(with_car(hours, goal_kwh=45.0))
    assert "it would make it" in one.text.en
    assert one.text.de.endswith("Ohne die Anschlussgrenze würde er es schaffen.")
    less, *_ = told(with_car(hours, goal_kwh=54.5))
    assert less.text.en.endswith("Without the connection's limit only 4.8 kWh would be missing.")


def test_where_only_a_relaxed_charger_would_meet_the_goal_no_alternative_is_priced() -> None:
    hours = [replace(s, import_limit_kw=0.8) for s in steps([0.30, 0.30, 0.30])]
    problem = replace(with_car(hours, goal_kwh=21.0), loadpoints=(Loadpoint("loadpoint-1", 4.14, 11.0),))
    one, *_ = told(problem)
    assert one.text.en == (
        "zoe is not charged. zoe reaches 33 % by tomorrow 01:00: 1.0 kWh are missing. "
        "Without the connection's limit it would make it."
    )
    assert one.limits[0].en == "The connection gives no more than 0.8 kW."
    assert one.alternative is None


def test_a_limit_below_the_goal_is_named_as_what_keeps_the_car_from_it() -> None:
    one, *_ = told(with_car(steps([0.30] * 4), limit_kwh=25.0))
    assert one.text.en.endswith("Its limit of 42 % is lower.")


def test_a_battery_that_holds_says_until_when_and_what_using_it_now_would_cost() -> None:
    holds, follows = told(with_battery(steps([0.20, 0.20, 0.50, 0.50]), can_charge_from_grid=False))
    assert holds.text.en == ("The battery keeps its energy until 00:00, then a kWh costs 50.0 ct instead of 20.0 ct.")
    assert holds.text.de == (
        "Die Batterie behält bis 00:00 ihre Energie, danach kostet eine kWh 50,0 ct statt 20,0 ct."
    )
    assert holds.alternative_cost_eur == pytest.approx(0.95 * 0.30, abs=0.01)
    assert en(follows).startswith(
        "From tomorrow 00:00 on the battery follows the house: "
        "it gives 0.9 kWh that from the grid would cost 50.0 ct each."
    )


def test_a_battery_that_charges_says_what_the_energy_replaces() -> None:
    charges, *_ = told(with_battery(steps([0.10, 0.50, 0.50]), energy_kwh=0.0))
    assert charges.action == BatteryAction(mode=BatteryMode.CHARGE)
    assert charges.text.en == (
        "The battery charges until 23:00: 1.1 kWh from the grid at 10.0 ct, which later replace energy at 50.0 ct."
    )
    assert charges.alternative is not None
    assert charges.alternative.en == "Not charging from the grid now would cost 0.39 EUR more."
    assert charges.alternative.de == "Jetzt nicht aus dem Netz zu laden würde 0,39 EUR mehr kosten."


def test_a_battery_that_leaves_room_says_for_what() -> None:
    hours = steps([0.30] * 3, [3.0, 6.5, 0.0])
    hours = (replace(hours[0], export_eur_per_kwh=0.2), *(replace(s, export_eur_per_kwh=0.02) for s in hours[1:]))
    one, *_ = told(with_battery(hours, worth=0.1, charge_kw=5.0))
    assert one.action == BatteryAction(mode=BatteryMode.HOLDCHARGE)
    assert one.text.en == "The battery leaves room until 23:00 for the sun from 23:00 on."
    assert one.text.de == "Die Batterie lässt bis 23:00 Platz für die Sonne ab 23:00."


def test_a_battery_that_misses_its_goal_says_by_how_much() -> None:
    problem = with_battery(steps([0.30, 0.30]), can_charge_from_grid=False)
    goal = EnergyGoal(5.0, problem.end)
    one, *_ = told(replace(problem, batteries=(replace(problem.batteries[0], goals=(goal,)),)))
    assert "The battery reaches 10 % by 00:00: 4.0 kWh are missing." in one.text.en
    assert "Die Batterie erreicht bis 00:00 10 %: es fehlen 4,0 kWh." in one.text.de


def test_two_cars_are_told_one_after_the_other_each_with_its_own_goal() -> None:
    one = with_car(steps([0.40, 0.20, 0.20, 0.40]))
    other = replace(
        one.cars[0], name="twingo", loadpoint="loadpoint-2", energy_kwh=10.0, goals=(EnergyGoal(19.9, one.end),)
    )
    loadpoint = replace(one.loadpoints[0], name="loadpoint-2")
    both = Problem(one.steps, cars=(one.cars[0], other), loadpoints=(*one.loadpoints, loadpoint))
    explained = told(both)
    assert [e.vehicle for e in explained] == sorted((e.vehicle or "" for e in explained), reverse=True)
    first = {e.vehicle: e.text.en for e in reversed(explained)}
    assert first == {
        "zoe": "zoe waits until 23:00: it then charges at 20.0 ct, to have 50 % by tomorrow 02:00.",
        "twingo": "twingo waits until 23:00: it then charges at 20.0 ct, to have 33 % by tomorrow 02:00.",
    }


def test_a_car_without_a_goal_says_what_a_kwh_costs_and_what_it_is_worth() -> None:
    one, *_ = told(with_car(steps([0.30, 0.25]), goal_kwh=None, worth=(TerminalValue(60.0, 0.10),)))
    assert one.text.en == "zoe is not charged: a kWh costs 25.0 ct at least and is worth 9.0 ct in the car."
    assert one.text.de == "zoe wird nicht geladen: eine kWh kostet mindestens 25,0 ct und ist im Auto 9,0 ct wert."
    _, buys = told(with_car(steps([0.30, 0.05]), goal_kwh=None, worth=(TerminalValue(60.0, 0.10),)))
    assert buys.text.en == "From 23:00 on zoe charges: 11.0 kWh at 5.0 ct, a kWh is worth 9.0 ct in the car."
    assert buys.text.de == "Ab 23:00 lädt zoe: 11,0 kWh für 5,0 ct, eine kWh ist im Auto 9,0 ct wert."


def test_a_car_on_the_road_is_said_to_be_away_and_from_when_on_it_charges() -> None:
    trip = Trip(START - timedelta(hours=1), START + timedelta(hours=2), 5.0)
    away, charges, *_ = told(with_car(steps([0.10, 0.10, 0.30, 0.20, 0.40]), trips=(trip,)))
    assert (
        away.text.en
        == "zoe is away until 00:00: from tomorrow 01:00 on it charges at 20.0 ct, to have 50 % by tomorrow 03:00."
    )
    assert (
        away.text.de
        == "zoe ist bis 00:00 unterwegs und lädt ab morgen 01:00 für 20,0 ct, um bis morgen 03:00 50 % zu haben."
    )
    assert away.alternative is None
    assert charges.text.en.startswith("From tomorrow 01:00 to 02:00 zoe charges: 11.0 kWh at 20.0 ct")


def test_prices_that_are_only_foreseen_are_called_about() -> None:
    hours = [replace(s, price_known=False) for s in steps([0.40, 0.20, 0.30])]
    one, *_ = told(with_car(hours))
    assert "it then charges at about 20.0 ct" in one.text.en
    assert "lädt dann für etwa 20,0 ct" in one.text.de
