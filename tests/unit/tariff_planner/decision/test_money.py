"""Money of any size: what is weighed against the bill is as large as the bill, and is written as people write it."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from ems.contract.control import BatteryAction, LoadpointAction
from ems.contract.message import Language
from ems.contract.plan import Plan
from ems.contract.site import BatteryMode, LoadpointMode, Rate
from support.evening import FLAT, NIGHT, SEVEN, known, loadpoint, rates, scheduled
from tariff_planner.adapters.problem_file import solve
from tariff_planner.domain.chart.plan_chart import chart
from tariff_planner.domain.decision.decide import DecisionInputs, PlanningResult, decide

CASES = Path(__file__).parents[3] / "fixtures" / "planner-cases"


def paying(case: DecisionInputs, code: str, times: float) -> DecisionInputs:
    """The same house with money of another size."""
    site = case.facts.site.model_copy(update={"currency": code, "export_eur_per_kwh": 0.08 * times})
    dear = tuple(Rate(start=r.start, end=r.end, value=r.value * times) for r in case.rates)
    return replace(case, rates=dear, facts=replace(case.facts, site=site))


def car(decision: PlanningResult) -> list[object]:
    """What the car is told in every slot."""
    return [slot.devices["loadpoint-1"].action for slot in decision.plan.slots]


def said(plan: Plan) -> str:
    return " ".join(
        [plan.summary.en, *(f"{e.text.en} {e.alternative.en if e.alternative else ''}" for e in plan.explanations)]
    )


def usual_case(soc_pct: float) -> DecisionInputs:
    return known(NIGHT, soc_pct=soc_pct, lp=loadpoint(), goal=scheduled(80, SEVEN))


@cache
def usual_plan(soc_pct: float) -> PlanningResult:
    return decide(usual_case(soc_pct))


@pytest.mark.parametrize(
    ("code", "times"), [("HUF", 200), ("NOK", 40), ("JPY", 120), ("CZK", 20), ("EUR", 0.01), ("XYZ", 1000)]
)
@pytest.mark.parametrize("soc_pct", [20, 80])
def test_the_size_of_money_changes_no_plan(code: str, times: float, soc_pct: float) -> None:
    usual, other = usual_plan(soc_pct), decide(paying(usual_case(soc_pct), code, times))
    assert other.plan.shortfalls == ()
    assert car(other) == car(usual)
    assert other.proposals["loadpoint-1"].action == usual.proposals["loadpoint-1"].action
    assert other.proposals["battery"].action == usual.proposals["battery"].action
    assert (other.plan.cost_eur or 0) / times == pytest.approx(usual.plan.cost_eur, abs=0.011), (
        "within the gap of a cent"
    )


def test_a_spike_of_14_a_kwh_is_no_reason_to_miss_a_departure() -> None:
    case = known(battery=False, lp=loadpoint(), goal=scheduled(80, SEVEN))
    spike = paying(replace(case, rates=rates([14.0] * 144)), "AUD", 1)
    assert decide(spike).plan.shortfalls == ()
    some = paying(replace(case, rates=rates([14.0] * 30 + [0.2] * 114)), "AUD", 1)
    decision = decide(some)
    assert decision.plan.shortfalls == ()
    assert decision.proposals["loadpoint-1"].action == LoadpointAction(mode=LoadpointMode.PV)


def test_after_a_spike_nothing_is_bought_to_be_kept_for_the_next_one() -> None:
    """An hour at 14 within a day of 0.30: before it the battery is filled, afterwards a kWh is worth what it was."""
    spike = [0.35] * 8 + [14.0] * 4 + [0.30] * 132
    decision = decide(paying(replace(known(soc_pct=10), rates=rates(spike)), "AUD", 1))
    modes = [slot.devices["battery"].action for slot in decision.plan.slots]
    assert sum(decision.solution.batteries["battery"].charge_kwh[:8]) == pytest.approx(0.36, abs=0.05)
    assert BatteryAction(mode=BatteryMode.CHARGE) not in modes[12:]
    assert decision.plan.slots[11].devices["battery"].power_w == pytest.approx(800, abs=5)


def test_the_given_file_in_forint_meets_its_goal() -> None:
    answer = solve((CASES / "17-HUF.json").read_text("utf-8"), 10)
    assert answer["missing"] == []


def test_what_a_file_gives_itself_is_left_as_it_is() -> None:
    content = json.loads((CASES / "17-HUF.json").read_text("utf-8"))
    content["cars"][0]["goals"][0]["eur_per_kwh"] = 10
    assert solve(json.dumps(content), 10)["missing"] != []


@pytest.mark.parametrize(
    ("code", "times", "words", "axis"),
    [
        ("EUR", 1, "12.0 ct", "ct/kWh"),
        ("NOK", 10, "120.0 øre", "øre/kWh"),
        ("SEK", 10, "120.0 öre", "öre/kWh"),
        ("GBP", 1, "12.0 p", "p/kWh"),
        ("CHF", 1, "12.0 Rp.", "Rp./kWh"),
        ("HUF", 200, "24.0 HUF", "HUF/kWh"),
        ("CZK", 20, "2.40 CZK", "CZK/kWh"),
        ("XYZ", 20, "2.40 XYZ", "XYZ/kWh"),
        ("ISK", 60, "7.2 ISK", "ISK/kWh"),
    ],
)
def test_prices_are_written_in_what_people_say_them_in(code: str, times: float, words: str, axis: str) -> None:
    case = paying(known(NIGHT, soc_pct=20, lp=loadpoint(), goal=scheduled(80, SEVEN)), code, times)
    decision = decide(case)
    text = said(decision.plan)
    assert words in text
    assert axis in chart(decision.plan, (), case.home.zone, Language.EN)
    if code != "EUR":
        assert " ct" not in text.replace("ct/kWh", "")
        assert " EUR" not in text


def test_amounts_have_as_many_digits_as_people_pay() -> None:
    case = known(NIGHT, soc_pct=20, lp=loadpoint(), goal=scheduled(80, SEVEN))
    assert "EUR more" in said(decide(case).plan)
    forint = said(decide(paying(case, "HUF", 200)).plan)
    assert "HUF more" in forint
    amounts = [word for word, after in zip(forint.split(), forint.split()[1:], strict=False) if after == "HUF"]
    assert amounts
    assert not any(len(a.partition(".")[2]) > 1 for a in amounts)


@pytest.mark.parametrize(
    ("code", "times", "told"),
    [
        ("EUR", 100, True),
        ("EUR", 1, False),
        ("NOK", 10, False),
        ("NOK", 1000, True),
        ("HUF", 200, False),
        ("XYZ", 1e4, False),
    ],
)
def test_prices_that_look_like_ct_are_told_with_what_to_change(code: str, times: float, *, told: bool) -> None:
    problems = [p.en for p in decide(paying(known(FLAT, battery=False), code, times)).plan.problems]
    assert any(p.startswith("The import prices look as if they were in") for p in problems) is told
    assert any(p.startswith("The feed-in prices look as if they were in") for p in problems) is told
    if told:
        assert f"Let evcc's grid tariff give {code}/kWh." in problems[0]


def test_a_feed_in_price_that_was_set_in_ct_is_told_alone() -> None:
    case = known(FLAT, battery=False)
    problems = decide(replace(case, home=replace(case.home, export_eur_per_kwh=8.2))).plan.problems
    assert len(problems) == 1
    assert problems[0].en == (
        "The feed-in prices look as if they were in ct: a kWh does not cost 8.2 EUR. Set export_eur_per_kwh in EUR/kWh."
    )
    assert problems[0].de == (
        "Die Einspeisepreise sehen aus, als stünden sie in ct: Eine kWh kostet nicht 8,2 EUR. "
        "Die Einstellung export_eur_per_kwh ist in EUR/kWh."
    )


def test_one_that_evcc_tells_in_ct_is_evccs_to_mend() -> None:
    case = known(FLAT, battery=False)
    site = case.facts.site.model_copy(update={"export_eur_per_kwh": 8.2})
    (told,) = decide(replace(case, facts=replace(case.facts, site=site))).plan.problems
    assert "Let evcc's feedin tariff give EUR/kWh." in told.en
