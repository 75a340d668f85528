"""Where sun may not be fed in it is left unused, and nothing is bought to avoid that."""

from dataclasses import replace

import pytest

from ems.contract.control import BatteryAction
from ems.contract.site import BatteryMode, Rate
from support.evening import FLAT, NIGHT, NOW, QUARTER, history, known, loadpoint, rates
from tariff_planner.domain.decision.decide import DecisionInputs, PlanningResult, decide
from tariff_planner.domain.inputs.rules import GridRules


def sunny(case: DecisionInputs, grid: GridRules, feedin: float = 0.08) -> DecisionInputs:
    """3 kW of sun at noon, too little for a car on three phases."""
    sun = tuple(
        Rate(start=NOW + i * QUARTER, end=NOW + (i + 1) * QUARTER, value=3_000.0 if i % 96 in range(52, 76) else 0.0)
        for i in range(144)
    )
    facts = replace(case.facts, feedin=rates([feedin] * 144))
    return replace(case, solar=sun, facts=facts, home=replace(case.home, grid=grid))


def unused_kwh(decision: PlanningResult) -> float:
    return sum(slot.curtailed_kwh for slot in decision.plan.slots)


@pytest.mark.parametrize("limit_kw", [0.0, 0.5])
def test_an_export_limit_costs_what_is_not_fed_in_and_no_more(limit_kw: float) -> None:
    case = known(FLAT, battery=False, lp=loadpoint())
    decision = decide(sunny(case, GridRules(export_limit_kw=limit_kw)))
    assert max(s.devices["loadpoint-1"].power_w for s in decision.plan.slots) == 0, "nothing is bought to avoid it"
    assert all(s.export_kwh <= limit_kw / 4 + 1e-6 for s in decision.plan.slots)
    assert unused_kwh(decision) > 5
    assert decision.plan.shortfalls == ()
    assert "of sun cannot be used." in decision.plan.summary.en
    assert "Sonne nicht genutzt werden." in decision.plan.summary.de


def test_what_the_battery_can_take_is_not_left_unused() -> None:
    alone = decide(sunny(known(FLAT, battery=False), GridRules(export_limit_kw=0)))
    stored = decide(sunny(known(FLAT, soc_pct=20), GridRules(export_limit_kw=0)))
    assert unused_kwh(stored) < unused_kwh(alone) - 5


def test_the_slots_balance_with_what_is_left_unused() -> None:
    for slot in decide(sunny(known(NIGHT, battery=False), GridRules(export_limit_kw=0))).plan.slots:
        balance = slot.import_kwh - slot.export_kwh + slot.pv_kwh - slot.curtailed_kwh - slot.load_kwh
        assert balance == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("curtailable", [True, False])
def test_negative_feed_in_prices_stop_feeding_in_where_the_site_can(*, curtailable: bool) -> None:
    case = sunny(known(FLAT, battery=False), GridRules(curtailable=curtailable), feedin=-0.05)
    decision = decide(case)
    fed = sum(slot.export_kwh for slot in decision.plan.slots)
    assert (fed == pytest.approx(0, abs=1e-6)) is curtailable
    assert (unused_kwh(decision) > 5) is curtailable


def test_without_a_limit_all_sun_is_fed_in() -> None:
    decision = decide(sunny(known(FLAT, battery=False), GridRules(curtailable=True)))
    assert unused_kwh(decision) == 0
    assert "cannot be used" not in decision.plan.summary.en


@pytest.mark.parametrize("limit_kw", [None, 0.0, 1.0])
def test_one_is_paid_to_charge_at_night_although_the_sun_will_then_be_left_unused(limit_kw: float | None) -> None:
    """The battery is still full when the sun comes: what is then left unused is worth nothing, and forbids nothing."""
    negative = [-0.05] * 4 + [0.30] * 140
    case = replace(sunny(known(negative, soc_pct=20), GridRules(export_limit_kw=limit_kw)), history=history(200))
    decision = decide(case)
    assert decision.proposals["battery"].action == BatteryAction(mode=BatteryMode.CHARGE)
    assert "may be fed in" not in decision.proposals["battery"].reason.en, "there is no sun at night"
    assert "may not be fed in" not in decision.proposals["battery"].reason.en


def test_negative_feed_in_at_noon_only_is_left_unused_then_and_sold_otherwise() -> None:
    earns = [-0.06 if i % 96 in range(60, 68) else 0.08 for i in range(144)]
    case = sunny(known(FLAT, battery=False), GridRules(curtailable=True))
    decision = decide(replace(case, facts=replace(case.facts, feedin=rates(earns))))
    for i, slot in enumerate(decision.plan.slots):
        if i % 96 in range(52, 76):
            paying = earns[i] < 0
            assert (slot.curtailed_kwh > 0.1) is paying
            assert (slot.export_kwh > 0.1) is not paying


def test_at_a_limit_of_60_percent_only_what_is_above_it_is_left_unused() -> None:
    case = sunny(known(FLAT, battery=False), GridRules(export_limit_kw=1.8))
    decision = decide(case)
    noon = [s for s in decision.plan.slots if s.pv_kwh > 0.7]
    assert [s.export_kwh for s in noon] == pytest.approx([0.45] * len(noon))
    assert [s.curtailed_kwh for s in noon] == pytest.approx([0.75 - 0.2 - 0.45] * len(noon), abs=1e-3)


def test_that_nothing_may_be_fed_in_is_said_in_plain_words() -> None:
    decision = decide(sunny(known(FLAT, soc_pct=95, lp=loadpoint()), GridRules(export_limit_kw=0)))
    limits = [limit for e in decision.plan.explanations for limit in e.limits]
    assert any("nothing may be fed in." in limit.en.lower() for limit in limits)
    assert any("darf nichts eingespeist werden." in t.de or "Nichts darf eingespeist werden." in t.de for t in limits)
    assert not any("0.0 kW" in limit.en for limit in limits)


def test_what_the_meter_shows_now_fits_the_mode_that_the_battery_is_told() -> None:
    """Where the look-ahead decides against the plan's forecast, the running slot follows what it decides."""
    case = known([-0.05] * 16 + [0.30] * 128, soc_pct=20)
    for limit_kw in (None, 0.0):
        first = decide(sunny(case, GridRules(export_limit_kw=limit_kw))).plan.slots[0]
        battery_kwh = first.devices["battery"].power_w / 1000 / 4
        balance = first.import_kwh - first.export_kwh + first.pv_kwh - first.curtailed_kwh - first.load_kwh
        assert balance + battery_kwh == pytest.approx(0, abs=1e-3)
        assert first.cost_eur == pytest.approx(-0.05 * first.import_kwh - 0.08 * first.export_kwh)
