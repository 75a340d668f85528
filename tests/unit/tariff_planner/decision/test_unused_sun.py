"""Where sun may not be fed in it is left unused, and nothing is bought to avoid that."""

from dataclasses import replace

import pytest

from ems.contract.site import Rate
from support.evening import FLAT, NIGHT, NOW, QUARTER, known, loadpoint, rates
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
