"""The backtest's service: the running service's own decisions, and the same policy as the plan's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from ems.contract.control import BatteryAction, LoadpointAction
from ems.contract.site import BatteryMode, LoadpointMode
from ems.virtual_house.live import HomeState, live
from ems.virtual_house.policies import Planned
from support.homes import reference
from tariff_planner.domain.backtest.service import POINT, AsService
from tariff_planner.domain.decision.decide import decide, situation

BEGIN = datetime(2024, 6, 12, tzinfo=UTC)
HOURS = (1, 11, 20)
EMPTY_KWH = 0.6


@pytest.mark.parametrize("hour", HOURS)
def test_it_does_what_the_service_tells_without_solving_the_plan(hour: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """At night, away at noon, home in the evening."""
    world = reference(BEGIN, BEGIN + timedelta(days=2), car=True)
    slot, state = world.first + 2 * hour, HomeState(5.0, BatteryMode.NORMAL, 41.0)
    policy = AsService(world)
    told = decide(policy.known(slot, state)).proposals
    with monkeypatch.context() as patch:
        patch.setattr("tariff_planner.domain.decision.guide.solve", _no_plan)
        found = policy.decide(slot, state)
    battery = told["battery"].action
    assert isinstance(battery, BatteryAction)
    assert battery.mode is found.battery
    point = told[POINT].action if world.home[slot] else LoadpointAction(mode=LoadpointMode.PV)
    assert isinstance(point, LoadpointAction)
    assert point.mode is found.car


def _no_plan(*_: object) -> None:
    raise AssertionError("asked for a plan")


def test_what_was_learned_once_of_a_whole_past_foresees_the_same_as_what_is_learned_now() -> None:
    world = reference(BEGIN, BEGIN + timedelta(days=2), car=True)
    inputs = AsService(world).known(world.first + 30, HomeState(5.0, BatteryMode.NORMAL, 41.0))
    once, anew = (situation(inputs, learned).expected for learned in (world.solar_model, None))
    assert (once.load, once.pv) == (anew.load, anew.pv)
    assert once.scenarios is not None
    assert anew.scenarios is not None
    assert once.scenarios.net_kw == pytest.approx(anew.scenarios.net_kw, abs=1e-9)


def test_plan_and_service_are_the_same_policy() -> None:
    """An evening and a night with a car: the car's modes are the same, the battery's where it is not empty.

    The service sees quarters where the plan sees the file's half hours; it holds a battery at its reserve.
    """
    begin = BEGIN + timedelta(hours=16)
    world = reference(begin, begin + timedelta(days=4), car=True)
    stage = replace(world, end=world.first + 28)
    plan, service = live(stage, Planned(world)), live(stage, AsService(world))
    assert [mode.split("/")[1:] for mode in plan.modes] == [mode.split("/")[1:] for mode in service.modes]
    before_kwh = service.stored_kwh["battery"][0]
    others = [
        (a, b) for a, b, kwh in zip(plan.modes, service.modes, before_kwh, strict=True) if kwh > EMPTY_KWH and a != b
    ]
    assert len(others) <= 2, others
    assert plan.short_kwh == service.short_kwh == pytest.approx(0, abs=0.1)
    worth = {name: np.full(28, world.mean_import_eur_per_kwh) for name in plan.stored_kwh}
    plan_eur, service_eur = (float(life.true_cost_eur(worth).sum()) for life in (plan, service))
    assert service_eur == pytest.approx(plan_eur, abs=0.05)
