"""Batteries as they are: each of several by itself under one mode, what they share, and whether they feed cars."""

from dataclasses import replace
from typing import Any

import pytest

from ems.contract.control import BatteryAction
from ems.contract.plan import BatteryGoal, BatteryShare, PlanSlot
from ems.contract.site import BatteryFact, BatteryMode, LoadpointMode, Rate
from support.batteries import HOUR, LARGE, SMALL, balances, device, with_batteries
from support.evening import FLAT, NIGHT, NOW, QUARTER, history, known, loadpoint, scheduled
from tariff_planner.domain.decision.decide import PlanningResult, decide
from tariff_planner.domain.inputs.rules import BatteryDeviceRules, BatteryRules, GridRules

DEAR_LATER = [0.30] * 8 + [0.45] * 136


def shares(slot: PlanSlot) -> dict[str, BatteryShare]:
    return {share.name: share for share in slot.devices["battery"].batteries or ()}


def problems(decision: PlanningResult) -> list[str]:
    return [text.en for text in decision.plan.problems]


def test_each_of_two_batteries_is_planned_with_its_own_size_and_soc() -> None:
    decision = decide(with_batteries(known(NIGHT), SMALL, LARGE))
    planned = {b.name: (b.energy_kwh, b.capacity_kwh) for b in decision.problem.batteries}
    assert planned == {"battery-1": (0.5, 5.0), "battery-2": (9.0, 10.0)}
    assert [b.charge_kw for b in decision.problem.batteries] == pytest.approx([5 / 3, 10 / 3])
    for name, plan in decision.solution.batteries.items():
        assert max(plan.energy_kwh) <= planned[name][1] + 1e-6
    first = shares(decision.plan.slots[0])
    assert first["byd"].soc_pct == pytest.approx(10, abs=0.5)
    assert first["LG im Keller"].soc_pct == pytest.approx(90, abs=3)
    balances(decision.plan)


def test_evcc_is_told_one_mode_for_all_and_the_device_is_their_sum() -> None:
    decision = decide(with_batteries(known(NIGHT), SMALL, LARGE))
    assert list(decision.proposals) == ["battery"]
    for slot in decision.plan.slots:
        assert list(slot.devices) == ["battery"]
        of = slot.devices["battery"]
        assert of.power_w == pytest.approx(sum(s.power_w for s in of.batteries or ()), abs=0.2)
        stored = sum((s.soc_pct or 0) * kwh for s, kwh in zip(of.batteries or (), (5, 10), strict=True)) / 15
        assert of.soc_pct == pytest.approx(stored, abs=0.1)
    night = [s for s in decision.plan.slots if s.devices["battery"].action == BatteryAction(mode=BatteryMode.CHARGE)]
    assert {s.import_eur_per_kwh for s in night} == {0.12}
    assert decision.plan.saving_eur is not None
    assert decision.plan.saving_eur > 1


def test_what_a_full_battery_cannot_take_the_empty_one_does_not_either() -> None:
    """As a sum, 15 kWh at half could take 5 kW; the one that is not full takes no more than its own power."""
    cheap_now = [0.05] * 4 + [0.60] * 140
    full = {**LARGE, "soc_pct": 100.0}
    decision = decide(with_batteries(known(cheap_now), SMALL, full, soc_pct=70.0))
    assert device(decision).action == BatteryAction(mode=BatteryMode.CHARGE)
    assert device(decision).power_w == pytest.approx(-5_000 / 3, abs=1)
    assert shares(decision.plan.slots[0])["LG im Keller"].power_w == 0


def test_an_empty_battery_has_no_part_in_what_both_can_give() -> None:
    case = with_batteries(known(FLAT), {**SMALL, "soc_pct": 5.0}, LARGE)
    decision = decide(replace(case, history=history(6_000)))
    assert device(decision).action == BatteryAction(mode=BatteryMode.NORMAL)
    assert device(decision).power_w == pytest.approx(10_000 / 3, abs=5)
    assert {name: share.power_w for name, share in shares(decision.plan.slots[0]).items()} == {
        "byd": pytest.approx(0, abs=1),
        "LG im Keller": pytest.approx(10_000 / 3, abs=5),
    }


def test_flat_prices_with_two_batteries_are_self_consumption() -> None:
    decision = decide(with_batteries(known(FLAT), {**SMALL, "soc_pct": 60.0}, {**LARGE, "soc_pct": 60.0}))
    assert {d.action for d in (s.devices["battery"] for s in decision.plan.slots)} == {
        BatteryAction(mode=BatteryMode.NORMAL)
    }
    used = [s.devices["battery"].power_w for s in decision.plan.slots]
    assert used[:36] == pytest.approx([800] * 36, abs=1)


@pytest.mark.parametrize(
    ("lacks", "words"),
    [
        ({"soc_pct": None}, "The SoC of battery LG im Keller is unknown"),
        ({"capacity_kwh": None}, "The capacity of battery LG im Keller is unknown"),
    ],
)
def test_of_two_batteries_one_of_which_is_unknown_the_other_is_planned_and_none_charged_blindly(
    lacks: dict[str, None], words: str
) -> None:
    decision = decide(with_batteries(known(NIGHT), SMALL, {**LARGE, **lacks}, capacity_kwh=None))
    assert [(b.name, b.capacity_kwh) for b in decision.problem.batteries] == [("battery", 5.0)]
    assert "battery" in decision.proposals
    actions = {s.devices["battery"].action for s in decision.plan.slots}
    assert BatteryAction(mode=BatteryMode.CHARGE) not in actions, "evcc would charge the unknown one as well"
    (told,) = problems(decision)
    assert told.startswith(words)
    assert "none is charged from the grid" in told


def test_a_size_that_only_people_know_is_enough() -> None:
    lacks = {**LARGE, "capacity_kwh": None}
    alone = BatteryRules(devices={"db:7": BatteryDeviceRules(capacity_kwh=9.0)})
    rest = BatteryRules(capacity_kwh=14.0)
    for rules in (alone, rest):
        decision = decide(with_batteries(known(NIGHT, battery_rules=rules), SMALL, lacks, capacity_kwh=None))
        assert [b.capacity_kwh for b in decision.problem.batteries] == [5.0, 9.0]
        assert problems(decision) == []


def test_a_size_of_all_shrinks_each() -> None:
    rules = BatteryRules(capacity_kwh=12.0)
    decision = decide(with_batteries(known(NIGHT, battery_rules=rules), SMALL, LARGE))
    assert [b.capacity_kwh for b in decision.problem.batteries] == [pytest.approx(4.0), pytest.approx(8.0)]


@pytest.mark.parametrize("devices", [(), (SMALL,), ({"name": "a"}, {"name": "b"}), (SMALL, {**LARGE, "soc_pct": None})])
def test_where_evcc_does_not_tell_them_apart_the_sum_is_planned_as_ever(devices: tuple[dict[str, Any], ...]) -> None:
    if len(devices) == 2 and "soc_pct" in devices[0]:
        devices = tuple({**d, "capacity_kwh": None} for d in devices)
    decision = decide(with_batteries(known(NIGHT), *devices))
    (battery,) = decision.problem.batteries
    assert (battery.name, battery.capacity_kwh, battery.charge_kw) == ("battery", 15.0, 5.0)
    assert battery.energy_kwh == pytest.approx(9.45)
    assert device(decision).batteries is None
    assert problems(decision) == []


def test_powers_sizes_and_taper_of_each_can_be_set() -> None:
    rules = BatteryRules(
        taper_from_pct=90,
        devices={
            "byd": BatteryDeviceRules(charge_kw=2.5, discharge_kw=3.0, taper_from_pct=80),
            "db:7": BatteryDeviceRules(capacity_kwh=9.0),
        },
    )
    small, large = decide(with_batteries(known(NIGHT, battery_rules=rules), SMALL, LARGE)).problem.batteries
    assert (small.charge_kw, small.discharge_kw, small.taper_from_kwh) == (2.5, 3.0, 4.0)
    assert large.capacity_kwh == 9.0
    assert large.taper_from_kwh == pytest.approx(8.1)
    assert large.charge_kw == pytest.approx(5 * 9 / 14)


def test_a_name_that_evcc_does_not_have_is_told_with_the_nearest() -> None:
    rules = BatteryRules(devices={"by": BatteryDeviceRules(charge_kw=2.5)})
    decision = decide(with_batteries(known(NIGHT, battery_rules=rules), SMALL, LARGE))
    assert problems(decision) == ["battery.devices names 'by', which evcc does not have (did you mean 'byd'?)."]


def test_a_battery_that_evcc_cannot_steer_follows_the_house_beside_the_one_that_it_can() -> None:
    case = with_batteries(
        known(NIGHT), {**SMALL, "controllable": True}, {**LARGE, "controllable": False}, controllable=True
    )
    decision = decide(case)
    assert [b.capacity_kwh for b in decision.problem.batteries] == [5.0]
    assert problems(decision) == ["evcc cannot control battery LG im Keller: it follows the house."]
    found = [shares(slot)["LG im Keller"] for slot in decision.plan.slots]
    assert [s.power_w for s in found[:30]] == pytest.approx([800] * 30), "until it is empty, at every price"
    assert found[-1].soc_pct == pytest.approx(5, abs=0.1)
    assert any(s.devices["battery"].action == BatteryAction(mode=BatteryMode.CHARGE) for s in decision.plan.slots)


def test_one_that_evcc_cannot_steer_and_of_which_little_is_known_keeps_no_other_from_charging() -> None:
    fixed = {**LARGE, "soc_pct": None, "controllable": False}
    decision = decide(with_batteries(known(NIGHT), {**SMALL, "controllable": True}, fixed, controllable=True))
    assert problems(decision) == ["The SoC of battery LG im Keller is unknown: it is not planned."]
    assert any(s.devices["battery"].action == BatteryAction(mode=BatteryMode.CHARGE) for s in decision.plan.slots)


def test_batteries_none_of_which_evcc_can_steer_are_only_told_to_follow_the_house() -> None:
    fixed = [{**device, "controllable": False} for device in (SMALL, LARGE)]
    decision = decide(with_batteries(known(NIGHT), *fixed))
    assert problems(decision) == ["evcc cannot control the battery."]
    assert {s.devices["battery"].action for s in decision.plan.slots} == {BatteryAction(mode=BatteryMode.NORMAL)}


def test_a_battery_that_evcc_cannot_steer_is_planned_as_it_will_flow() -> None:
    case = known(NIGHT, soc_pct=60)
    fact = BatteryFact(power_w=0, soc_pct=60, capacity_kwh=10, controllable=False, mode=BatteryMode.NORMAL)
    decision = decide(
        replace(case, facts=replace(case.facts, site=case.facts.site.model_copy(update={"battery": fact})))
    )
    planned = [device(decision, t) for t in range(len(decision.plan.slots))]
    assert {p.action for p in planned} == {BatteryAction(mode=BatteryMode.NORMAL)}
    assert [p.power_w for p in planned[:26]] == pytest.approx([800] * 26, abs=1), "until it is empty, at every price"
    assert sum(slot.import_kwh for slot in decision.plan.slots[:26]) == pytest.approx(0, abs=0.01)
    assert planned[-1].soc_pct == pytest.approx(5, abs=0.1)
    assert decision.plan.saving_eur == pytest.approx(0, abs=0.005)
    balances(decision.plan)


def test_a_battery_that_is_not_for_cars_is_planned_to_give_nothing_at_all_beside_one_that_charges() -> None:
    case = known(FLAT, soc_pct=90, lp=loadpoint(), goal=scheduled(60, NOW + 2 * HOUR))
    case = replace(case, home=replace(case.home, battery=BatteryRules(into_cars=False)))
    decision = decide(case)
    charging = [s for s in decision.plan.slots if s.devices["loadpoint-1"].power_w > 100]
    assert charging
    for slot in charging:
        assert slot.devices["battery"].power_w == pytest.approx(0, abs=1), "evcc's hold is for the house, too"
        assert slot.devices["battery"].action == BatteryAction(mode=BatteryMode.HOLD)
    others = [s for s in decision.plan.slots[8:24] if s not in charging]
    assert others[0].devices["battery"].power_w == pytest.approx(800, abs=1)
    balances(decision.plan)


def test_nobody_can_keep_such_a_battery_from_feeding_cars() -> None:
    fact = BatteryFact(power_w=0, soc_pct=60, capacity_kwh=10, controllable=False, mode=BatteryMode.NORMAL)
    case = known(FLAT, lp=loadpoint(), goal=scheduled(80, NOW + 3 * HOUR), battery_rules=BatteryRules(into_cars=False))
    decision = decide(
        replace(case, facts=replace(case.facts, site=case.facts.site.model_copy(update={"battery": fact})))
    )
    charging = [s for s in decision.plan.slots if s.devices["loadpoint-1"].power_w > 2000]
    assert charging[0].devices["battery"].power_w == pytest.approx(5000, abs=1)
    balances(decision.plan)


def test_the_reserve_is_held_for_all_of_them_together() -> None:
    case = with_batteries(known(FLAT), {**SMALL, "soc_pct": 30.0}, {**LARGE, "soc_pct": 30.0})
    decision = decide(replace(case, home=replace(case.home, reserve_soc_pct=30)))
    assert device(decision).action == BatteryAction(mode=BatteryMode.HOLD)
    assert device(decision).power_w == pytest.approx(0, abs=0.1)
    assert "reserve of 30 %" in decision.proposals["battery"].reason.en
    assert "expensive hours" not in decision.plan.summary.en


def test_a_goal_is_each_ones_and_what_is_missing_is_told_once() -> None:
    case = with_batteries(known(FLAT), SMALL, LARGE)
    decision = decide(replace(case, home=replace(case.home, battery_goal=BatteryGoal(soc_pct=95, by=NOW + HOUR))))
    (short,) = decision.plan.shortfalls
    assert (short.what, short.device) == ("battery_goal", "battery")
    assert short.missing_kwh == pytest.approx(0.95 * 5 - 0.5 - 5 / 3 * 0.95, abs=0.1)
    assert short.reaches_soc_pct == pytest.approx((0.95 * 15 - short.missing_kwh) / 15 * 100, abs=0.5)
    assert short.text.en.startswith("The battery reaches")


def test_the_last_plan_counts_for_batteries_that_are_planned_apart() -> None:
    case = with_batteries(known(NIGHT), SMALL, LARGE)
    first = decide(case)
    again = decide(replace(case, last=first.plan))
    charging = {"battery", "battery-1", "battery-2"}
    assert any(slot.charging == charging for slot in again.problem.previous)
    assert [s.devices["battery"].action for s in again.plan.slots] == [
        s.devices["battery"].action for s in first.plan.slots
    ]


@pytest.mark.parametrize("into_cars", [True, False, None])
@pytest.mark.parametrize("evcc", [True, False])
def test_a_battery_that_is_not_to_feed_cars_is_held_while_one_takes_more_than_the_sun(
    *, into_cars: bool | None, evcc: bool
) -> None:
    rules = BatteryRules(into_cars=into_cars)
    car = scheduled(80, NOW + 2 * HOUR)
    case = known(FLAT, soc_pct=100, lp=loadpoint(soc_pct=40.0), goal=car, battery_rules=rules)
    fact = case.facts.site.battery
    assert fact is not None
    fact = fact.model_copy(update={"discharge_control": evcc})
    case = replace(case, facts=replace(case.facts, site=case.facts.site.model_copy(update={"battery": fact})))
    decision = decide(case)
    kept = into_cars is False or (into_cars is None and evcc)
    car_now = decision.plan.slots[0].devices["loadpoint-1"]
    assert car_now.action.mode is LoadpointMode.NOW
    assert (device(decision).action == BatteryAction(mode=BatteryMode.HOLD)) is kept
    why = next(e.reason for e in decision.plan.explanations if e.device == "battery")
    assert why is not None
    assert (why.kind == "battery_not_for_cars") is kept
    for slot in decision.plan.slots:
        if kept and slot.devices["loadpoint-1"].power_w > 100:
            assert slot.devices["battery"].action == BatteryAction(mode=BatteryMode.HOLD)
        if kept and slot.devices["loadpoint-1"].power_w == 0:
            assert slot.devices["battery"].action == BatteryAction(mode=BatteryMode.NORMAL), "the house has it again"


def test_nor_does_it_feed_a_car_that_a_person_or_a_guest_charges() -> None:
    guest = loadpoint(vehicle=None, capacity_kwh=None, soc_pct=None, charging=True, power_w=11_000.0)
    dear_now = [0.45] * 8 + [0.30] * 136
    fed = decide(known(dear_now, soc_pct=100, lp=guest, battery_rules=BatteryRules(into_cars=True)))
    assert device(fed).action == BatteryAction(mode=BatteryMode.NORMAL)
    kept = decide(known(dear_now, soc_pct=100, lp=guest, battery_rules=BatteryRules(into_cars=False)))
    assert [device(kept, t).action for t in range(4)] == [BatteryAction(mode=BatteryMode.HOLD)] * 4
    assert device(kept).power_w == pytest.approx(0, abs=0.1)
    assert device(kept, 6).action == BatteryAction(mode=BatteryMode.NORMAL)


def test_a_car_on_surplus_sun_alone_does_not_hold_the_battery() -> None:
    case = known(FLAT, soc_pct=50, lp=loadpoint(), battery_rules=BatteryRules(into_cars=False))
    sun = tuple(Rate(start=NOW + i * QUARTER, end=NOW + (i + 1) * QUARTER, value=9_000.0) for i in range(144))
    decision = decide(replace(case, solar=sun))
    assert device(decision, 1).action != BatteryAction(mode=BatteryMode.HOLD)


@pytest.mark.parametrize("kind", ["peak", "limit"])
def test_a_battery_that_helps_a_car_under_a_limit_is_not_said_to_hold(kind: str) -> None:
    grid = GridRules(capacity_eur_per_kw=50, capacity_peak_kw=4) if kind == "peak" else GridRules(import_limit_kw=4)
    case = known(FLAT, soc_pct=100, lp=loadpoint(soc_pct=50.0), goal=scheduled(60, NOW + 2 * HOUR))
    decision = decide(replace(case, home=replace(case.home, grid=grid)))
    for slot in decision.plan.slots:
        hours = (slot.end - slot.start) / HOUR
        car_w = slot.devices["loadpoint-1"].power_w
        if car_w / 1000 + slot.load_kwh / hours > 4.1:
            assert slot.devices["battery"].power_w > 100
            assert slot.devices["battery"].action == BatteryAction(mode=BatteryMode.NORMAL)
