"""A grid operator limits the whole connection, or each controllable device beside a free house, as is set."""

from dataclasses import replace
from datetime import time, timedelta
from typing import Literal

import pytest

from ems.contract.control import BatteryAction
from ems.contract.site import BatteryMode, Rate
from support.evening import FLAT, NOW, QUARTER, history, known, loadpoint, scheduled
from tariff_planner.domain.decision.decide import DecisionInputs, PlanningResult, decide
from tariff_planner.domain.inputs.rules import GridRules, LimitRules

HOUR = timedelta(hours=1)
CHEAP_NOW = [0.10] * 8 + [0.50] * 136
Kind = Literal["connection", "devices"]


def dimmed(case: DecisionInputs, kind: Kind, limit_w: float = 4_200.0) -> DecisionInputs:
    """With a house of 3 kW beside the devices, dimmed for the next hour."""
    site = case.facts.site.model_copy(update={"import_limit_w": limit_w, "home_w": 3_000.0})
    home = replace(case.home, grid=GridRules(dimming=kind))
    return replace(case, home=home, facts=replace(case.facts, site=site), history=history(3_000))


def power_w(decision: PlanningResult, slot: int, device: str = "loadpoint-1") -> float:
    return decision.plan.slots[slot].devices[device].power_w


def car(kind: Kind) -> PlanningResult:
    goal = scheduled(80, NOW + 2 * HOUR)
    return decide(dimmed(known(CHEAP_NOW, battery=False, lp=loadpoint(), goal=goal), kind))


def test_beside_a_free_house_a_car_gets_all_that_a_device_may_take() -> None:
    decision = car("devices")
    assert [power_w(decision, t) for t in range(4)] == pytest.approx([4_200] * 4, abs=1)
    assert power_w(decision, 4) > 10_000, "the limit is taken to last for an hour"
    assert all(s.import_kwh == pytest.approx(1.8, abs=0.05) for s in decision.plan.slots[:4])
    assert decision.plan.problems[0].en == (
        "The grid operator limits each controllable device to 4.2 kW from the grid; the house is free."
    )


def test_the_limit_of_a_whole_connection_leaves_a_car_what_the_house_does_not_take() -> None:
    decision = car("connection")
    assert [power_w(decision, t) for t in range(4)] == pytest.approx([0] * 4, abs=1)
    assert all(s.import_kwh <= 4.2 / 4 + 1e-6 for s in decision.plan.slots[:4])
    assert decision.plan.problems == ()


def test_sun_comes_on_top_of_what_a_device_may_take() -> None:
    case = known(CHEAP_NOW, battery=False, lp=loadpoint(), goal=scheduled(80, NOW + 2 * HOUR))
    sun = tuple(Rate(start=NOW + i * QUARTER, end=NOW + (i + 1) * QUARTER, value=6_000.0) for i in range(144))
    decision = decide(replace(dimmed(case, "devices"), solar=sun))
    assert power_w(decision, 1) == pytest.approx(4_200 + 3_000, abs=400)


def test_each_device_has_its_own_limit() -> None:
    case = known(CHEAP_NOW, soc_pct=10, lp=loadpoint(), goal=scheduled(65, NOW + 2 * HOUR))
    decision = decide(dimmed(case, "devices"))
    for slot in decision.plan.slots[:4]:
        assert slot.devices["loadpoint-1"].power_w <= 4_201
        assert -slot.devices["battery"].power_w <= 4_201
        assert slot.import_kwh <= (3 + 2 * 4.2) / 4 + 0.01
    assert sum(-s.devices["battery"].power_w for s in decision.plan.slots[:4]) > 4_000


def test_a_battery_that_gives_lets_the_car_take_more() -> None:
    case = known(CHEAP_NOW, soc_pct=100, lp=loadpoint(soc_pct=20.0), goal=scheduled(95, NOW + HOUR))
    decision = decide(dimmed(case, "devices"))
    assert power_w(decision, 1) > 4_200
    taken = [s.devices["loadpoint-1"].power_w - s.devices["battery"].power_w for s in decision.plan.slots[:4]]
    assert all(w <= 4_201 for w in taken)


@pytest.mark.parametrize("kind", ["connection", "devices"])
def test_a_limit_that_leaves_nothing_leaves_the_devices_nothing(kind: Kind) -> None:
    case = known(CHEAP_NOW, soc_pct=10, lp=loadpoint(), goal=scheduled(80, NOW + 2 * HOUR))
    decision = decide(dimmed(case, kind, 0.0))
    assert [power_w(decision, t) for t in range(4)] == pytest.approx([0] * 4, abs=1)
    assert decision.proposals["battery"].action != BatteryAction(mode=BatteryMode.CHARGE)


def test_hours_of_the_week_can_limit_the_devices_too() -> None:
    evening = LimitRules(start=time(21), end=time(22), devices_limit_kw=4.2)
    case = known(CHEAP_NOW, battery=False, lp=loadpoint(), goal=scheduled(80, NOW + 2 * HOUR))
    decision = decide(replace(case, home=replace(case.home, grid=GridRules(limits=(evening,)))))
    assert [s.device_limit_kw for s in decision.problem.steps[:5]] == [4.2, 4.2, 4.2, 4.2, None]
    assert [power_w(decision, t) for t in range(4)] == pytest.approx([4_200] * 4, abs=1)
    assert all(s.import_limit_kw is None for s in decision.problem.steps)


def test_without_a_limit_nothing_is_said_of_one() -> None:
    case = known(FLAT, lp=loadpoint())
    decision = decide(replace(case, home=replace(case.home, grid=GridRules(dimming="devices"))))
    assert decision.plan.problems == ()
    assert all(s.device_limit_kw is None for s in decision.problem.steps)
