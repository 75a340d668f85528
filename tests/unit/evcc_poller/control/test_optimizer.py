"""Beside evcc's own optimizer: what it steers is left alone, whatever evcc answers, and what it does not is not."""

from pathlib import Path

import pytest

from ems.contract.control import Boost, Owner
from ems.contract.site import BatteryMode, LoadpointMode
from ems.contract.topics import BOOST, PROPOSAL
from evcc_poller.domain.control.settings import ControlSettings
from support.controlled import Controlled, controlled

LP = "loadpoint-1"
VALUES = ["off", "battery", "full", True, False]
ON_BATTERY, ON_ALL = {"battery", "full", True}, {"full", True}


@pytest.mark.parametrize("value", VALUES)
async def test_it_is_left_alone_exactly_where_it_steers(rig: Controlled, value: str | bool) -> None:
    rig.sim.faults.automatic = value
    rig.plan_battery(BatteryMode.HOLD)
    rig.plan_car(LoadpointMode.NOW)
    await rig.pass_time(180)
    assert bool(rig.writes("batterymode")) is (value not in ON_BATTERY)
    assert bool(rig.writes("loadpoints/1/mode")) is (value not in ON_ALL)
    assert rig.control("battery").owner is (Owner.NONE if value in ON_BATTERY else Owner.PLAN)
    assert rig.control(LP).owner is (Owner.NONE if value in ON_ALL else Owner.PLAN)


@pytest.mark.parametrize("value", VALUES)
async def test_what_was_ours_is_given_back_once_and_then_left_alone(rig: Controlled, value: str | bool) -> None:
    rig.plan_battery(BatteryMode.HOLD)
    rig.plan_car(LoadpointMode.NOW)
    await rig.pass_time(120)
    rig.sim.faults.automatic = value
    await rig.pass_time(60)
    assert rig.house_battery is (BatteryMode.NORMAL if value in ON_BATTERY else BatteryMode.HOLD)
    assert rig.mode is (LoadpointMode.PV if value in ON_ALL else LoadpointMode.NOW)
    before = len(rig.writes())
    await rig.pass_time(300)
    later = rig.writes()[before:]
    assert any("batterymode" in write for write in later) is (value not in ON_BATTERY)
    assert not [write for write in later if "/mode/" in write]


async def test_its_battery_is_not_touched_when_evcc_is_started_anew(rig: Controlled) -> None:
    rig.sim.faults.automatic = "battery"
    await rig.pass_time(60)
    await rig.sim.kill()
    await rig.sim.start()
    await rig.pass_time(120)
    assert not rig.writes("batterymode")


async def test_its_battery_is_not_held_for_a_boost(tmp_path: Path) -> None:
    async with controlled(tmp_path / "control.db", rules=ControlSettings(boost_holds_battery=True)) as rig:
        rig.sim.faults.automatic = "battery"
        await rig.pass_time(60)
        await rig.bus.command(BOOST, Boost(minutes=30), id="1")
        await rig.pass_time(60)
        assert rig.mode is LoadpointMode.NOW
        assert not rig.writes("batterymode")


async def test_its_grid_charge_limit_is_not_cleared(tmp_path: Path) -> None:
    async with controlled(tmp_path / "control.db", rules=ControlSettings(take_over_limits=True)) as rig:
        await rig.evcc.set_battery_grid_charge_limit(0.1)
        await rig.evcc.set_smart_cost_limit(0.2, 1)
        rig.sim.faults.automatic = "battery"
        rig.plan_car(LoadpointMode.NOW)
        await rig.pass_time(60)
        assert {w for w in rig.writes() if w.startswith("DELETE")} == {"DELETE /api/loadpoints/1/smartcostlimit"}


async def test_limits_that_it_manages_are_put_back_only_once_it_is_off(tmp_path: Path) -> None:
    async with controlled(tmp_path / "control.db", rules=ControlSettings(take_over_limits=True)) as rig:
        await rig.evcc.set_smart_cost_limit(0.2, 1)
        rig.plan_car(LoadpointMode.NOW)
        await rig.pass_time(60)
        rig.sim.faults.automatic, rig.sim.faults.optimizer = "full", True
        await rig.pass_time(120)
        assert not rig.writes("smartcostlimit/0.2")[1:]
        rig.sim.faults.automatic, rig.sim.faults.optimizer = "off", False
        await rig.stop()
        assert rig.head.settings.loadpoints["1"].smart_cost_limit is None
        rig.start()
        rig.bus.set(PROPOSAL, None, f"lp/{LP}")
        await rig.pass_time(120)
        assert rig.head.settings.loadpoints["1"].smart_cost_limit == 0.2
