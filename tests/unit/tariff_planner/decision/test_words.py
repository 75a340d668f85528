"""What people read of a decision: nothing of seconds, and no riddle about what costs the same."""

from dataclasses import replace
from datetime import timedelta

import pytest

from support.evening import FLAT, NIGHT, NOW, QUARTER, SEVEN, known, loadpoint, scheduled
from tariff_planner.domain.decision.decide import PlanningResult, decide


def shortly_before(left: timedelta, values: list[float]) -> PlanningResult:
    """As it is so long before the first slot's end."""
    case = known(values, soc_pct=40, lp=loadpoint(soc_pct=30.0), goal=scheduled(80, SEVEN))
    now = NOW + QUARTER - left
    site = case.facts.site.model_copy(update={"at": now})
    return decide(replace(case, facts=replace(case.facts, now=now, site=site, loadpoints={"1": loadpoint(at=now)})))


@pytest.mark.parametrize("seconds", [0.5, 5, 30, 59])
@pytest.mark.parametrize("values", [NIGHT, [0.10, *FLAT[1:]], FLAT[:1] + [0.10] * 143])
def test_in_the_last_seconds_of_a_slot_nobody_is_told_of_0_kwh(seconds: float, values: list[float]) -> None:
    plan = shortly_before(timedelta(seconds=seconds), values).plan
    texts = [f"{e.text.en} {e.alternative.en if e.alternative else ''}" for e in plan.explanations]
    assert not any(" 0.0 kWh" in text for text in texts)
    assert plan.slots[0].end == NOW + 2 * QUARTER


def test_who_need_not_charge_in_these_hours_is_said_to_charge_in_others() -> None:
    plan = decide(known(FLAT, battery=False, lp=loadpoint(), goal=scheduled(80, SEVEN + timedelta(hours=20)))).plan
    told = [e.alternative for e in plan.explanations if e.alternative]
    assert not any("Not charging" in t.en and "cost the same" in t.en for t in told)
    assert not any("nicht zu laden würde gleich viel" in t.de for t in told)

    same = [0.30] * 8 + [0.12] * 30 + [0.45] * 106
    cheap = decide(known(same, battery=False, lp=loadpoint(), goal=scheduled(80, SEVEN))).plan
    assert any(
        "Charging in other hours would cost the same." in e.alternative.en for e in cheap.explanations if e.alternative
    )
    assert any(
        "In anderen Stunden zu laden würde gleich" in e.alternative.de for e in cheap.explanations if e.alternative
    )
