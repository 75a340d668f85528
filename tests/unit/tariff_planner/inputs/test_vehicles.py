"""Cars as they really stand there: limits, goals without departure, people's own charging, ghosts and doubles."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ems.contract.control import BatteryAction, Control, LoadpointAction, Owner
from ems.contract.message import Text
from ems.contract.people import Goal
from ems.contract.site import BatteryFact, BatteryMode, Loadpoint, LoadpointMode, Rate
from ems.contract.vehicle import AgeClass, Vehicle
from support.evening import NIGHT, NOW, known, loadpoint
from tariff_planner.domain.decision.decide import DecisionInputs, decide

LIKE_NIGHT = [0.10] * 12 + NIGHT[12:]


def with_goal(case: DecisionInputs, soc_pct: float, hours: float | None = None) -> DecisionInputs:
    departure = None if hours is None else NOW + timedelta(hours=hours)
    goal = Goal(vehicle="limo", soc_pct=soc_pct, departure=departure, asked_by="anna", asked_at=NOW)
    return replace(case, facts=replace(case.facts, goals={"limo": goal}))


def at(case: DecisionInputs, **points: Loadpoint) -> DecisionInputs:
    return replace(case, facts=replace(case.facts, loadpoints={k.removeprefix("lp"): v for k, v in points.items()}))


def owned(case: DecisionInputs, owner: Owner) -> DecisionInputs:
    words = Text(en="a person", de="ein Mensch")
    control = Control(device="loadpoint-1", at=NOW, since=NOW, owner=owner, reason=words)
    return replace(case, facts=replace(case.facts, controls={"loadpoint-1": control}))


def bought_kwh(case: DecisionInputs) -> float:
    plan = decide(case).plan
    return sum(
        s.devices["loadpoint-1"].power_w / 1000 * ((s.end - s.start) / timedelta(hours=1))
        for s in plan.slots
        if "loadpoint-1" in s.devices
    )


def test_a_goal_below_the_cars_limit_never_lowers_the_limit() -> None:
    car = loadpoint(soc_pct=40.0, effective_limit_soc_pct=90.0)
    action = decide(with_goal(known([0.10] * 144, battery=False, lp=car), 60, 2)).proposals["loadpoint-1"].action
    assert action == LoadpointAction(mode=LoadpointMode.NOW)


def test_in_the_last_slot_before_a_departure_a_car_gets_at_least_what_is_planned() -> None:
    case = known([0.30] * 144, battery=False, lp=loadpoint(soc_pct=78.0))
    soon, later = (decide(with_goal(case, 80, hours)).proposals["loadpoint-1"] for hours in (0.25, 0.5))
    assert soon.power_w == pytest.approx(1200 / 0.9 * 4, abs=10), "nearer to 4.1 kW than to 11"
    assert soon.action == LoadpointAction(mode=LoadpointMode.NOW)
    assert later.action.mode in {LoadpointMode.NOW, LoadpointMode.MINPV}


def test_a_goal_above_the_limit_raises_it() -> None:
    car = loadpoint(soc_pct=40.0, effective_limit_soc_pct=50.0)
    action = decide(with_goal(known([0.10] * 144, battery=False, lp=car), 80, 2)).proposals["loadpoint-1"].action
    assert action == LoadpointAction(mode=LoadpointMode.NOW, limit_soc_pct=80)


def test_a_goal_without_departure_is_charged_in_the_cheap_hours() -> None:
    case = with_goal(known(NIGHT, battery=False, lp=loadpoint(soc_pct=60.0)), 80)
    plan = decide(case).plan
    prices = {s.import_eur_per_kwh for s in plan.slots if s.devices["loadpoint-1"].power_w > 50}
    assert prices == {0.12}
    assert bought_kwh(case) == pytest.approx(12 / 0.9, abs=0.2)


def test_evccs_live_soc_beats_a_vehicle_soc_that_is_silent() -> None:
    silent = Vehicle(
        name="limo", at=NOW - timedelta(hours=3), soc_pct=80, measured_at=NOW - timedelta(hours=20), age=AgeClass.AGING
    )
    case = known(lp=loadpoint(soc_pct=30.0), vehicle=silent, battery=False)
    assert decide(case).plan.slots[0].devices["loadpoint-1"].soc_pct == pytest.approx(30)


def test_an_estimate_of_days_ago_is_no_soc() -> None:
    old = Vehicle(
        name="limo", at=NOW, soc_pct=80, measured_at=NOW - timedelta(hours=100), estimated=True, age=AgeClass.STALE
    )
    case = known(lp=loadpoint(soc_pct=None), vehicle=old, battery=False)
    assert "loadpoint-1" not in decide(case).proposals


@pytest.mark.parametrize("owner", [Owner.USER, Owner.BOOST])
def test_a_person_who_charges_is_left_alone_and_their_load_keeps_the_battery_from_emptying_into_the_car(
    owner: Owner,
) -> None:
    charging = loadpoint(mode=LoadpointMode.NOW, charging=True, power_w=11_000.0, soc_pct=20.0)
    case = known(LIKE_NIGHT, soc_pct=100, lp=charging)
    decision = decide(owned(case, owner))
    assert "loadpoint-1" not in decision.proposals
    assert decision.plan.slots[1].load_kwh > 2.5
    assert decision.proposals["battery"].action == BatteryAction(mode=BatteryMode.HOLD)


def test_a_guest_who_charges_is_a_load_that_ends() -> None:
    guest = loadpoint(vehicle=None, capacity_kwh=None, soc_pct=None, charging=True, power_w=11_000.0)
    plan = decide(known(LIKE_NIGHT, lp=guest)).plan
    assert plan.slots[0].load_kwh > 2.5
    assert plan.slots[10].load_kwh < 0.5


def test_a_loadpoint_that_nobody_tells_of_any_more_is_not_planned() -> None:
    ghost = loadpoint(at=NOW - timedelta(days=30))
    assert decide(known(battery=False, lp=ghost)).proposals == {}


def test_a_car_that_stands_at_two_loadpoints_is_planned_where_it_charges() -> None:
    case = at(known(battery=False), lp1=loadpoint(), lp2=loadpoint(id=2, charging=True))
    decision = decide(case)
    assert list(decision.proposals) == ["loadpoint-2"]
    assert any("stands elsewhere too" in t.en for t in decision.plan.problems)


def test_a_car_that_is_called_like_a_device_is_left_to_evcc_and_said() -> None:
    decision = decide(known(lp=loadpoint(vehicle="battery")))
    assert list(decision.proposals) == ["battery"]
    assert "device's name" in decision.plan.problems[0].en


def test_a_battery_that_evcc_cannot_control_is_not_planned_to_charge() -> None:
    case = known(soc_pct=10)
    fixed = BatteryFact(power_w=0, soc_pct=10, capacity_kwh=10, controllable=False)
    case = replace(case, facts=replace(case.facts, site=case.facts.site.model_copy(update={"battery": fixed})))
    plan = decide(case).plan
    assert {s.devices["battery"].action for s in plan.slots} == {BatteryAction(mode=BatteryMode.NORMAL)}
    assert plan.problems[0].en == "evcc cannot control the battery."


def test_what_is_expected_of_the_battery_fits_the_mode_that_it_is_told() -> None:
    for soc_pct in (5, 30, 100):
        for shift in range(0, 40, 8):
            proposal = decide(known(NIGHT[shift:] + NIGHT[:shift], soc_pct=soc_pct)).proposals["battery"]
            assert isinstance(proposal.action, BatteryAction)
            assert proposal.power_w is not None
            if proposal.action.mode is BatteryMode.HOLD:
                assert proposal.power_w <= 0.1
            if proposal.action.mode is BatteryMode.NORMAL:
                assert -0.1 <= proposal.power_w <= 900


def test_a_car_that_waits_for_the_sun_is_not_said_to_pay_for_it() -> None:
    day = [0.30] * 144
    case = with_goal(known(day, battery=False, lp=loadpoint(soc_pct=60.0)), 80, 22)
    noon = tuple(
        Rate(start=NOW + timedelta(hours=h), end=NOW + timedelta(hours=h + 1), value=9000.0 if 12 <= h < 18 else 0.0)
        for h in range(36)
    )
    why, *_ = decide(replace(case, solar=noon)).plan.explanations
    assert "then charges from the sun" in why.text.en
    assert "lädt dann mit Sonne" in why.text.de


def test_a_car_that_waits_for_a_cheap_hour_is_said_to_pay_its_price() -> None:
    why, *_ = decide(with_goal(known(NIGHT, battery=False, lp=loadpoint()), 80, 12)).plan.explanations
    assert "then charges at 12.0 ct to reach 80 % by" in why.text.en
    assert "zu 12,0 ct" in why.text.de
