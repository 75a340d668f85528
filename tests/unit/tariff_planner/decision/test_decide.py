"""A whole decision from the bus's facts: what is planned, what is left alone, and what is said about it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ems.contract.control import BatteryAction, LoadpointAction
from ems.contract.plan import PlanStatus
from ems.contract.site import BatteryMode, EvccFact, LoadpointKind, LoadpointMode, OptimizerScope
from ems.contract.vehicle import AgeClass, Vehicle
from support.evening import FLAT, NIGHT, NOW, QUARTER, SEVEN, history, known, loadpoint, rates, scheduled, site
from tariff_planner.domain.decision.decide import (
    DecisionInputs,
    NotPossible,
    PlanningResult,
    decide,
    why_stale,
)
from tariff_planner.domain.inputs.facts import Facts
from tariff_planner.domain.inputs.rules import BatteryRules


def charged_ct(decision: PlanningResult, device: str) -> list[float]:
    """The prices, in ct, of the slots in which ``device`` buys from the grid."""
    sign = -1 if device == "battery" else 1
    return [
        s.import_eur_per_kwh * 100
        for s in decision.plan.slots
        if device in s.devices and sign * s.devices[device].power_w > 50 and s.import_kwh > 0.01
    ]


def test_an_empty_battery_before_a_dear_morning_is_charged_in_the_cheap_hours_only() -> None:
    decision = decide(known(soc_pct=10))
    assert decision.plan.status is PlanStatus.OPTIMAL
    assert set(charged_ct(decision, "battery")) == {12.0}
    assert decision.plan.saving_eur is not None
    assert decision.plan.saving_eur > 0.5
    assert decision.plan.next_charge is not None
    assert decision.plan.next_charge.start >= NOW + 8 * QUARTER


def test_flat_prices_cause_no_grid_charging() -> None:
    decision = decide(known(FLAT, soc_pct=10))
    assert charged_ct(decision, "battery") == []
    assert all(
        s.devices["battery"].action in (BatteryAction(mode=BatteryMode.NORMAL), BatteryAction(mode=BatteryMode.HOLD))
        for s in decision.plan.slots
    )


def test_a_car_with_a_weekly_goal_charges_in_the_cheapest_slots_before_its_departure() -> None:
    decision = decide(known(lp=loadpoint(), goal=scheduled(80, SEVEN), battery=False))
    assert set(charged_ct(decision, "loadpoint-1")) == {12.0}
    assert decision.plan.shortfalls == ()
    at_departure = [s for s in decision.plan.slots if s.end <= SEVEN][-1]
    assert at_departure.devices["loadpoint-1"].soc_pct == pytest.approx(80, abs=0.1)


def test_a_departure_that_cannot_be_met_says_by_how_much_it_falls_short() -> None:
    hurry = scheduled(100, NOW + timedelta(hours=1))
    decision = decide(known(lp=loadpoint(soc_pct=10.0), goal=hurry, battery=False))
    (short,) = decision.plan.shortfalls
    assert (short.what, short.vehicle, short.device) == ("goal", "limo", "loadpoint-1")
    assert short.missing_kwh == pytest.approx(54 - 11 * 0.9, abs=0.3)
    assert short.reaches_soc_pct is not None
    assert f"{short.missing_kwh:.1f} kWh are missing" in short.text.en
    assert "fehlen" in short.text.de
    assert decision.proposals["loadpoint-1"].action == LoadpointAction(mode=LoadpointMode.NOW, limit_soc_pct=100)


def test_a_car_without_a_goal_takes_only_the_sun() -> None:
    decision = decide(known(lp=loadpoint(), battery=False))
    assert charged_ct(decision, "loadpoint-1") == []
    assert decision.proposals["loadpoint-1"].action == LoadpointAction(mode=LoadpointMode.PV)


def test_a_car_whose_soc_nobody_knows_is_left_to_evcc_and_that_is_said() -> None:
    decision = decide(known(lp=loadpoint(soc_pct=None, vehicle_title="Limousine"), battery=False))
    assert decision.proposals == {}
    assert [t.en for t in decision.plan.problems] == ["Limousine is not planned, because its SoC is unknown."]


def test_a_car_that_nobody_knows_is_not_said_to_lack_what_is_known_of_it() -> None:
    decision = decide(known(lp=loadpoint(vehicle=None, soc_pct=40.0, capacity_kwh=60.0), battery=False))
    assert [t.en for t in decision.plan.problems] == [
        "loadpoint-1 is not planned, because nobody knows which car it is."
    ]


def test_a_heater_is_never_planned_as_a_car() -> None:
    heater = loadpoint(kind=LoadpointKind.HEATER, temperature_c=48.0)
    assert decide(known(lp=heater, battery=False)).proposals == {}


def test_the_cars_cloud_knows_better_than_evcc_unless_it_is_too_old() -> None:
    def from_cloud(hours: float) -> Vehicle:
        measured = NOW - timedelta(hours=hours)
        return Vehicle(name="limo", at=NOW, soc_pct=70, measured_at=measured, age=AgeClass.FRESH)

    fresh_one = decide(known(lp=loadpoint(), vehicle=from_cloud(1), battery=False))
    old_one = decide(known(lp=loadpoint(), vehicle=from_cloud(48), battery=False))
    assert fresh_one.plan.slots[0].devices["loadpoint-1"].soc_pct == pytest.approx(70)
    assert old_one.plan.slots[0].devices["loadpoint-1"].soc_pct == pytest.approx(50)


def test_a_battery_that_can_only_hold_is_never_told_to_charge() -> None:
    can = frozenset({BatteryMode.NORMAL, BatteryMode.HOLD})
    decision = decide(known(soc_pct=60, battery_rules=BatteryRules(modes=can)))
    modes = {s.devices["battery"].action for s in decision.plan.slots}
    assert modes <= {BatteryAction(mode=m) for m in can}
    assert BatteryAction(mode=BatteryMode.HOLD) in modes


def test_96_percent_with_a_maximum_of_90_is_planned_without_complaint() -> None:
    decision = decide(known(soc_pct=96, battery_rules=BatteryRules(max_soc_pct=90)))
    assert decision.plan.status is PlanStatus.OPTIMAL
    assert decision.plan.slots[0].devices["battery"].soc_pct is not None
    assert decision.plan.slots[0].devices["battery"].soc_pct <= 96


def test_a_battery_of_unknown_soc_is_left_to_evcc() -> None:
    decision = decide(known(soc_pct=None))
    assert "battery" not in decision.proposals
    assert "unknown" in decision.plan.problems[0].en


def test_without_a_price_for_now_or_any_knowledge_of_the_load_there_is_no_plan() -> None:
    gone = known()
    with pytest.raises(NotPossible, match="No price"):
        decide(DecisionInputs(facts=gone.facts, home=gone.home, rates=(), history=history()))
    dark = gone.facts.site.model_copy(update={"home_w": None})
    facts = Facts(now=NOW, site=dark, loadpoints={})
    with pytest.raises(NotPossible, match="load"):
        decide(DecisionInputs(facts=facts, home=gone.home, rates=rates(NIGHT)))


def test_proposals_are_of_the_running_slot_and_end_after_two_intervals() -> None:
    decision = decide(known(soc_pct=10))
    proposal = decision.proposals["battery"]
    assert proposal.plan_id == decision.plan.id
    assert proposal.valid_until - proposal.at == timedelta(minutes=30)
    assert proposal.action == decision.plan.slots[0].devices["battery"].action


def test_the_same_facts_make_the_same_plan() -> None:
    one, two = decide(known(soc_pct=10)), decide(known(soc_pct=10))
    assert one.plan.slots == two.plan.slots
    assert one.plan.id == two.plan.id


def test_the_bill_is_the_sum_of_its_slots() -> None:
    plan = decide(known(soc_pct=10, lp=loadpoint())).plan
    for slot in plan.slots:
        battery, car = slot.devices["battery"].power_w, slot.devices["loadpoint-1"].power_w
        hours = (slot.end - slot.start) / timedelta(hours=1)
        balance = slot.import_kwh - slot.export_kwh + slot.pv_kwh - slot.load_kwh + (battery - car) / 1000 * hours
        assert balance == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"evcc": EvccFact(reachable=False)}, "evcc does not answer."),
        ({"evcc": EvccFact(reachable=True, optimizer_active=True)}, "evcc's own optimizer is in charge."),
        ({"at": NOW - timedelta(minutes=5)}, "evcc's values are 5 min old."),
    ],
)
def test_stale_facts_are_not_planned_with(change: dict[str, object], why: str) -> None:
    words = why_stale(site().model_copy(update=change), NOW, timedelta(seconds=120))
    assert words is not None
    assert words.en == why
    assert why_stale(site(), NOW, timedelta(seconds=120)) is None


def test_a_battery_that_evccs_optimizer_steers_is_left_to_it_while_the_car_is_planned() -> None:
    inputs = known(soc_pct=10, lp=loadpoint(), goal=scheduled(80, SEVEN))
    evcc = inputs.facts.site.evcc.model_copy(
        update={"optimizer_active": True, "optimizer_scope": OptimizerScope.BATTERY}
    )
    steered = replace(inputs, facts=replace(inputs.facts, site=inputs.facts.site.model_copy(update={"evcc": evcc})))
    assert why_stale(steered.facts.site, NOW, timedelta(seconds=120)) is None
    normal = BatteryAction(mode=BatteryMode.NORMAL)
    ours, theirs = decide(inputs), decide(steered)
    assert any(slot.devices["battery"].action != normal for slot in ours.plan.slots)
    assert all(slot.devices["battery"].action == normal for slot in theirs.plan.slots)
    assert charged_ct(theirs, "loadpoint-1")
    assert "evcc's own optimizer steers the battery: it is left to it." in [text.en for text in theirs.plan.problems]


@pytest.mark.parametrize("soc_pct", [5, 20, 60, 100])
@pytest.mark.parametrize("values", [NIGHT, FLAT, NIGHT[8:] + NIGHT[:8]])
def test_the_reason_of_what_the_battery_does_never_speaks_of_something_else(
    soc_pct: float, values: list[float]
) -> None:
    decision = decide(known(values, soc_pct=soc_pct))
    why = next(e for e in decision.plan.explanations if e.device == "battery")
    proposal = decision.proposals["battery"]
    assert why.action == proposal.action
    assert isinstance(proposal.action, BatteryAction)
    kinds = {
        BatteryMode.NORMAL: {"battery_follows", "battery_idle", "battery_weighed"},
        BatteryMode.HOLD: {"battery_holds", "battery_keeps_reserve", "battery_weighed"},
        BatteryMode.CHARGE: {"battery_charges", "battery_weighed"},
    }
    assert why.reason is not None
    assert why.reason.kind in kinds[proposal.action.mode]
    assert why.text.en in proposal.reason.en


def test_only_what_the_battery_does_now_is_weighed_anew_and_is_its_reason() -> None:
    decision = decide(known(NIGHT[8:] + NIGHT[:8], soc_pct=20))
    now, *later = (e for e in decision.plan.explanations if e.device == "battery")
    assert now.reason is not None
    assert now.reason.kind == "battery_weighed"
    assert now.limits == ()
    assert later
    assert not any(e.reason and e.reason.kind == "battery_weighed" for e in later)
    assert decision.proposals["battery"].reason.en.startswith(now.text.en)


def test_a_reason_names_what_binds_and_what_else_would_cost() -> None:
    hurry = scheduled(100, NOW + timedelta(hours=1))
    decision = decide(known(lp=loadpoint(soc_pct=10.0), goal=hurry, battery=False))
    now = decision.plan.explanations[0]
    assert now.vehicle == "limo"
    assert now.limits
    assert now.alternative is not None
    reason = decision.proposals["loadpoint-1"].reason
    missed = decision.plan.shortfalls[0].text
    limits = " ".join(limit.en for limit in now.limits)
    assert reason.en == f"{now.text.en} {missed.en} {limits} {now.alternative.en}"


@pytest.mark.parametrize(
    ("soc_pct", "current", "mode"),
    [
        (30.9, BatteryMode.NORMAL, BatteryMode.HOLD),
        (20.0, BatteryMode.NORMAL, BatteryMode.HOLD),
        (31.5, BatteryMode.NORMAL, BatteryMode.NORMAL),
        (31.5, BatteryMode.HOLD, BatteryMode.HOLD),
        (40.0, BatteryMode.HOLD, BatteryMode.NORMAL),
    ],
)
def test_what_people_reserve_is_held_because_the_inverter_would_go_on(
    soc_pct: float, current: BatteryMode, mode: BatteryMode
) -> None:
    case = known(FLAT, soc_pct=soc_pct)
    battery = case.facts.site.battery
    assert battery is not None
    site = case.facts.site.model_copy(update={"battery": battery.model_copy(update={"mode": current})})
    case = replace(case, home=replace(case.home, reserve_soc_pct=30), facts=replace(case.facts, site=site))
    decision = decide(case)
    assert decision.proposals["battery"].action == BatteryAction(mode=mode)
    why = next(e.reason for e in decision.plan.explanations if e.device == "battery")
    assert why is not None
    assert (why.kind == "battery_keeps_reserve") is (mode is BatteryMode.HOLD)
    assert (why.parameters == {"reserve_soc_pct": 30}) is (mode is BatteryMode.HOLD)


def test_a_battery_that_cannot_hold_is_not_asked_to_keep_its_reserve() -> None:
    rules = BatteryRules(modes=frozenset({BatteryMode.NORMAL}))
    case = known(FLAT, soc_pct=20, battery_rules=rules)
    decision = decide(replace(case, home=replace(case.home, reserve_soc_pct=30)))
    assert decision.proposals["battery"].action == BatteryAction(mode=BatteryMode.NORMAL)
