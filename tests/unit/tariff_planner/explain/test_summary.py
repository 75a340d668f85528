"""The plan in a few sentences: what is done now, what is bought next, and which sun cannot be used."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from ems.contract.plan import PlanSlot
from support.evening import BERLIN, FLAT, NIGHT, QUARTER, SEVEN, known, loadpoint, scheduled
from tariff_planner.domain.decision.decide import decide
from tariff_planner.domain.explain.summary import summary
from tariff_planner.domain.inputs.rules import GridRules


def test_the_next_purchase_is_told_while_there_is_none_now() -> None:
    plan = decide(known(NIGHT, battery=False, lp=loadpoint(), goal=scheduled(80, SEVEN))).plan
    assert plan.summary.en == (
        "Limo takes only surplus sun, until 23:00 (30.0 ct). "
        "Next, limo charges from 23:00 to tomorrow 01:30 at 12.0 ct."
    )
    assert plan.summary.de == (
        "Limo nimmt nur überschüssige Sonne, bis 23:00 (30,0 ct). "
        "Als Nächstes lädt limo von 23:00 bis morgen 01:30 für 12,0 ct."
    )


def test_the_batterys_next_purchase_is_told_too() -> None:
    said = decide(known(NIGHT, soc_pct=10)).plan.summary
    assert "Next, the battery charges from the grid from 23:00 to" in said.en
    assert "Als Nächstes lädt die Batterie aus dem Netz von 23:00 bis" in said.de


def test_where_nothing_is_bought_nothing_is_said_of_it() -> None:
    assert "Next" not in decide(known(FLAT, soc_pct=50)).plan.summary.en
    now = decide(known([0.10] * 8 + [0.50] * 136, battery=False, lp=loadpoint(), goal=scheduled(80, SEVEN))).plan
    assert "Next" not in now.summary.en


def curtailed(slots: Sequence[PlanSlot], kwh: dict[int, float]) -> list[PlanSlot]:
    return [s.model_copy(update={"curtailed_kwh": kwh.get(i, 0.0)}) for i, s in enumerate(slots)]


def test_sun_that_cannot_be_used_is_told_with_when() -> None:
    slots = decide(known(FLAT, soc_pct=50)).plan.slots
    said = summary(curtailed(slots, {60: 1.5, 61: 2.0, 63: 0.7}), BERLIN, {})
    assert said.en.endswith("From tomorrow 12:00 to 13:00 4.2 kWh of sun cannot be used.")
    assert said.de.endswith("Von morgen 12:00 bis 13:00 können 4,2 kWh Sonne nicht genutzt werden.")
    assert "cannot" not in summary(curtailed(slots, {60: 0.05}), BERLIN, {}).en


@pytest.mark.parametrize("curtailable", [True, False])
def test_whether_the_site_curtails_is_a_setting(*, curtailable: bool) -> None:
    case = known(FLAT)
    decision = decide(replace(case, home=replace(case.home, grid=GridRules(curtailable=curtailable))))
    assert decision.problem.curtailable is curtailable


def test_the_summary_covers_the_first_change() -> None:
    plan = decide(known(NIGHT, battery=False, lp=loadpoint(), goal=scheduled(80, SEVEN))).plan
    first = next(s for s in plan.slots if s.devices != plan.slots[0].devices)
    assert first.start - plan.at == timedelta(hours=2) == 8 * QUARTER
