"""A car without a wish has the surplus sun, whatever feeding in earns; nothing is bought for it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from ems.contract.control import LoadpointAction
from ems.contract.site import LoadpointMode, Rate
from support.evening import FLAT, NIGHT, NOW, QUARTER, history, known, loadpoint, rates, scheduled
from tariff_planner.domain.decision.decide import DecisionInputs, PlanningResult, decide
from tariff_planner.domain.inputs.rules import GridRules, VehicleRules

SUNNY = range(56, 76)
"""Slots with sun, the next day's noon."""


def sunny(case: DecisionInputs, feedin: Sequence[float], now: float | None = None) -> DecisionInputs:
    """9 kW at noon; ``feedin`` as rates from now on, ``now`` as evcc tells the moment's."""
    sun = tuple(
        Rate(start=NOW + i * QUARTER, end=NOW + (i + 1) * QUARTER, value=9000.0 if i in SUNNY else 0.0)
        for i in range(144)
    )
    site = case.facts.site.model_copy(update={"export_eur_per_kwh": now})
    return replace(case, solar=sun, facts=replace(case.facts, feedin=rates(feedin), site=site))


def charged(decision: PlanningResult, device: str = "loadpoint-1") -> dict[int, float]:
    """By slot what a car takes, in kWh."""
    found = {}
    for i, slot in enumerate(decision.plan.slots):
        kwh = slot.devices[device].power_w / 1000 * ((slot.end - slot.start) / timedelta(hours=1))
        if kwh > 0.01:
            found[i] = kwh
    return found


def bought_kwh(decision: PlanningResult) -> float:
    """What is bought in slots in which the car charges."""
    return sum(decision.plan.slots[i].import_kwh for i in charged(decision))


EVENING = [0.40] * 8 + [0.05] * 136
SPOT = [0.15 if i % 96 < 48 else 0.02 for i in range(144)]


@pytest.mark.parametrize("battery", [False, True])
@pytest.mark.parametrize(
    ("prices", "feedin", "now"),
    [
        (FLAT, [0.43] * 144, 0.43),
        (FLAT, [], 0.43),
        (NIGHT, [0.43] * 144, 0.43),
        (NIGHT, EVENING, 0.40),
        (NIGHT, [0.30] * 144, 0.30),
        (NIGHT, [0.121] * 144, 0.121),
        (FLAT, SPOT, 0.15),
        (FLAT, [-0.05] * 40 + [0.08] * 104, -0.05),
        (FLAT, [0.02 * (i % 24) for i in range(144)], 0.0),
    ],
)
def test_a_car_without_a_goal_takes_the_sun_and_nothing_is_bought_for_it(
    prices: list[float], feedin: list[float], now: float, *, battery: bool
) -> None:
    decision = decide(sunny(known(prices, soc_pct=90, battery=battery, lp=loadpoint()), feedin, now))
    assert bought_kwh(decision) == pytest.approx(0, abs=0.01)
    assert sum(charged(decision).values()) > 25
    assert set(charged(decision)) <= set(SUNNY)


@pytest.mark.parametrize(
    ("prices", "grid", "earns"),
    [
        (FLAT, GridRules(curtailable=True), -0.05),
        (FLAT, GridRules(export_limit_kw=0), -0.05),
        (NIGHT, GridRules(export_limit_kw=1, curtailable=True), -0.30),
        ([0.30] * 4 + [-0.02] * 2 + [0.30] * 138, GridRules(curtailable=True), -0.05),
    ],
)
def test_sun_that_would_be_lost_at_negative_feed_in_prices_goes_into_a_car_without_a_goal(
    prices: list[float], grid: GridRules, earns: float
) -> None:
    case = sunny(known(prices, soc_pct=90, lp=loadpoint(soc_pct=20.0)), [earns] * 144, earns)
    decision = decide(replace(case, home=replace(case.home, grid=grid)))
    at_noon = {i: kwh for i, kwh in charged(decision).items() if i in SUNNY}
    assert sum(at_noon.values()) > 25
    assert sum(decision.plan.slots[i].import_kwh for i in at_noon) == pytest.approx(0, abs=0.01)
    assert all(decision.plan.slots[i].import_eur_per_kwh < 0 for i in set(charged(decision)) - set(SUNNY))


def test_two_cars_that_want_the_same_sun_are_not_both_told_that_it_is_theirs() -> None:
    """6 kW are left over and both have to be gone soon: one charges at full power, the other has none of the sun."""
    goals = (scheduled(70, NOW + 8 * QUARTER), scheduled(50, NOW + 8 * QUARTER, vehicle="zoe"))
    case = known([0.10] * 8 + [0.50] * 136, battery=False)
    sun = tuple(Rate(start=NOW + i * QUARTER, end=NOW + (i + 1) * QUARTER, value=6000.0) for i in range(4))
    points = {"1": loadpoint(), "2": loadpoint(id=2, vehicle="zoe", capacity_kwh=52.0, soc_pct=30.0)}
    dimmed = case.facts.site.model_copy(update={"import_limit_w": 4200.0, "home_w": 500.0})
    facts = replace(case.facts, loadpoints=points, goals={g.vehicle: g for g in goals}, site=dimmed)
    home = replace(case.home, grid=GridRules(dimming="devices"))
    decision = decide(replace(case, facts=facts, home=home, solar=sun, history=history(500)))
    told = {d: p.action.mode for d, p in decision.proposals.items() if isinstance(p.action, LoadpointAction)}
    assert sum(s.power_w for s in decision.plan.slots[0].devices.values()) > 12_000
    assert sorted(told.values()) == [LoadpointMode.MINPV, LoadpointMode.NOW]


def test_its_action_in_the_sun_buys_nothing_either() -> None:
    def at_noon(now: float) -> LoadpointAction | object:
        case = sunny(known(FLAT, battery=False, lp=loadpoint()), [now] * 144, now)
        noon = NOW + SUNNY[0] * QUARTER
        site = case.facts.site.model_copy(update={"at": noon, "pv_w": 9000.0})
        facts = replace(case.facts, now=noon, site=site, loadpoints={"1": loadpoint(at=noon)})
        return decide(replace(case, facts=facts)).proposals["loadpoint-1"].action

    assert {at_noon(now) for now in (0.08, 0.30, 0.43)} == {LoadpointAction(mode=LoadpointMode.PV)}


def test_two_cars_without_a_goal_share_the_sun_and_buy_nothing() -> None:
    case = sunny(known(FLAT, soc_pct=50, lp=loadpoint()), [0.43] * 144, 0.43)
    second = loadpoint(id=2, vehicle="mini")
    decision = decide(replace(case, facts=replace(case.facts, loadpoints={"1": loadpoint(), "2": second})))
    both = {i for device in ("loadpoint-1", "loadpoint-2") for i in charged(decision, device)}
    assert both <= set(SUNNY)
    assert sum(decision.plan.slots[i].import_kwh for i in both) == pytest.approx(0, abs=0.01)


def test_what_a_goal_needs_is_bought_where_feeding_in_earns_more() -> None:
    goal = scheduled(80, NOW + 100 * QUARTER)
    decision = decide(sunny(known(FLAT, battery=False, lp=loadpoint(), goal=goal), [0.43] * 144, 0.43))
    assert sum(charged(decision).values()) == pytest.approx(18 / 0.9, abs=0.2)
    assert bought_kwh(decision) >= 20
    assert not set(charged(decision)) & set(SUNNY)


def test_a_person_who_says_what_a_kwh_is_worth_gets_it_bought_below_that() -> None:
    rules = VehicleRules(opportunistic_eur_per_kwh=0.20)
    decision = decide(sunny(known(NIGHT, battery=False, lp=loadpoint(soc_pct=10.0), rules=rules), [0.08] * 144, 0.08))
    assert sum(charged(decision).values()) == pytest.approx(42 / 0.9, abs=5)
    assert bought_kwh(decision) > 1


Foreseen = Callable[[int], float]


@pytest.mark.parametrize("known_slots", [0, 16, 48])
def test_feed_in_prices_beyond_the_known_ones_are_those_of_the_last_days_at_that_time(known_slots: int) -> None:
    def earns(slot: int) -> float:
        return 0.20 if slot % 96 in range(52, 80) else 0.03

    case = known(FLAT, battery=False)
    past = [
        row.model_copy(update={"export_eur_per_kwh": earns((row.start - NOW) // QUARTER)})
        for row in case.history
        if hasattr(row, "model_copy")
    ]
    case = sunny(replace(case, history=tuple(past)), [earns(i) for i in range(known_slots)], now=earns(0))
    found = [slot.export_eur_per_kwh for slot in decide(case).plan.slots]
    assert found == pytest.approx([earns(i) for i in range(len(found))])


@pytest.mark.parametrize("history_knows", [False, True])
def test_a_contract_with_one_price_has_it_beyond_what_is_known(*, history_knows: bool) -> None:
    case = known(FLAT, battery=False)
    if history_knows:
        rows = [
            row.model_copy(update={"export_eur_per_kwh": 0.12}) for row in case.history if hasattr(row, "model_copy")
        ]
        case = replace(case, history=tuple(rows))
    rates_of_a_day = decide(sunny(case, [0.0778] * 100, 0.0778)).plan.slots
    assert {slot.export_eur_per_kwh for slot in rates_of_a_day} == {0.0778}
    nothing_but_now = decide(sunny(case, [], 0.0778)).plan.slots
    assert {slot.export_eur_per_kwh for slot in nothing_but_now} == {0.0778}


def test_the_price_of_now_is_not_that_of_tomorrow_where_the_rates_say_otherwise() -> None:
    spot = [0.30] * 4 + [0.05] * 60
    found = [slot.export_eur_per_kwh for slot in decide(sunny(known(FLAT, battery=False), spot, 0.30)).plan.slots]
    assert set(found[4:96]) == {0.05} | set(found[64:96])
    assert max(found[64:96]) < 0.30
