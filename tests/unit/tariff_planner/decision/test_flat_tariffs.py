"""Flat tariffs: nothing is gained by planning, so the battery simply follows the house."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from ems.contract.control import BatteryAction
from ems.contract.site import BatteryDevice, BatteryFact, BatteryMode, Rate
from support.evening import FLAT, NOW, QUARTER, known
from tariff_planner.adapters.problem_file import solve
from tariff_planner.domain.decision.decide import DecisionInputs, PlanningResult, decide
from tariff_planner.domain.inputs.rules import BatteryRules

NORMAL = BatteryAction(mode=BatteryMode.NORMAL)


def modes(decision: PlanningResult) -> list[object]:
    return [slot.devices["battery"].action for slot in decision.plan.slots]


def sunny(case: DecisionInputs) -> DecisionInputs:
    sun = tuple(
        Rate(start=NOW + i * QUARTER, end=NOW + (i + 1) * QUARTER, value=5_000.0 if i % 96 in range(52, 76) else 0.0)
        for i in range(144)
    )
    return replace(case, solar=sun)


@pytest.mark.parametrize("soc_pct", [20, 60, 100])
@pytest.mark.parametrize("wear", [0.0, 0.05])
def test_the_battery_follows_the_house_until_it_is_empty(soc_pct: float, wear: float) -> None:
    decision = decide(known(FLAT, soc_pct=soc_pct, battery_rules=BatteryRules(wear_eur_per_kwh=wear)))
    assert set(modes(decision)) == {NORMAL}
    power = [round(s.devices["battery"].power_w) for s in decision.plan.slots]
    used = [w for w in power if w > 0]
    assert power[: len(used)] == used, "without a pause"
    assert all(w == 800 for w in used[:-1])
    assert decision.plan.slots[-1].devices["battery"].soc_pct == pytest.approx(5, abs=1.5)


@pytest.mark.parametrize("soc_pct", [20, 60, 100])
def test_with_sun_it_stores_what_is_left_and_gives_what_is_missing(soc_pct: float) -> None:
    decision = decide(sunny(known(FLAT, soc_pct=soc_pct)))
    assert set(modes(decision)) == {NORMAL}
    flows = [s.devices["battery"].power_w for s in decision.plan.slots]
    directions = [w > 0 for w in flows if abs(w) > 50]
    assert sum(a != b for a, b in pairwise(directions)) <= 2, "empties, fills, empties"


@pytest.mark.parametrize("soc_pct", [(20.0, 80.0), (55.0, 54.0)])
@pytest.mark.parametrize("times", [1.0, 25.0])
def test_two_batteries_follow_the_house_to_the_plans_end(soc_pct: tuple[float, float], times: float) -> None:
    two = tuple(BatteryDevice(name=f"b{i}", soc_pct=soc, capacity_kwh=7.5) for i, soc in enumerate(soc_pct))
    fact = BatteryFact(power_w=0, soc_pct=sum(soc_pct) / 2, capacity_kwh=15, mode=BatteryMode.NORMAL, devices=two)
    case = sunny(known([0.30 * times] * 144))
    site = case.facts.site.model_copy(update={"battery": fact, "export_eur_per_kwh": 0.08 * times})
    decision = decide(replace(case, facts=replace(case.facts, site=site)))
    assert set(modes(decision)) == {NORMAL}
    for name in ("battery-1", "battery-2"):
        plan = decision.solution.batteries[name]
        flows = [out - into for into, out in zip(plan.charge_kwh, plan.discharge_kwh, strict=True)]
        directions = [kwh > 0 for kwh in flows if abs(kwh) > 0.01]
        assert sum(a != b for a, b in pairwise(directions)) <= 2


CASES = Path(__file__).parents[3] / "fixtures" / "planner-cases"


def flows(case: str) -> dict[str, list[float]]:
    """What each battery of a file gives (positive) or takes, by step, in kWh."""
    answer = solve((CASES / f"{case}.json").read_text("utf-8"), 10)
    return {
        name: [out - into for into, out in zip(b["charge_kwh"], b["discharge_kwh"], strict=True)]
        for name, b in answer["batteries"].items()
    }


def test_the_given_flat_file_uses_the_battery_until_it_is_empty() -> None:
    (given,) = flows("01-flat").values()
    used = [kwh for kwh in given if kwh > 0.01]
    assert given[: len(used)] == used
    assert sum(used) == pytest.approx(5 * 0.95, abs=0.05)


def test_two_batteries_take_turns_only_once() -> None:
    for given in flows("36-two-bat-flat").values():
        directions = [kwh > 0 for kwh in given if abs(kwh) > 0.01]
        assert sum(a != b for a, b in pairwise(directions)) <= 2
    both = list(zip(*flows("36-two-bat-flat").values(), strict=True))
    assert not any(min(a, b) < -0.01 and max(a, b) > 0.01 for a, b in both), "none fills the other"
