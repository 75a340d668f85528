"""A person who is some milliseconds faster than our write: evcc's own words on its changes give them back."""

from datetime import timedelta
from pathlib import Path

import pytest

from ems.contract.control import Owner
from ems.contract.people import EventKind
from ems.contract.site import BatteryMode, LoadpointMode
from evcc_poller.domain.observation import ToldChange
from support.controlled import Controlled, controlled

OFF, PV, MINPV, NOW = LoadpointMode.OFF, LoadpointMode.PV, LoadpointMode.MINPV, LoadpointMode.NOW
LP = "loadpoint-1"


def tell(
    rig: Controlled, *changes: tuple[str, str], source: str = "tree", earlier_s: float = 0, lp: int | None = 1
) -> None:
    at = rig.clock.steady() - timedelta(seconds=earlier_s)
    rig.told += [ToldChange(at, source, lp, setting, value) for setting, value in changes]


async def planned(rig: Controlled, before: LoadpointMode, after: LoadpointMode) -> None:
    """The plan changes; what follows it in the test is told in the same moment."""
    rig.plan_car(before)
    await rig.pass_time(150)
    rig.plan_car(after)
    await rig.poll()
    await rig.step()
    assert rig.mode is after


@pytest.mark.parametrize("sources", [("tree",), ("socket",), ("tree", "socket")])
async def test_a_mode_that_we_overwrote_comes_back_and_is_the_persons(
    rig: Controlled, sources: tuple[str, ...]
) -> None:
    await planned(rig, MINPV, NOW)
    for source in sources:
        tell(rig, ("mode", "off"), ("mode", "now"), source=source)
    await rig.pass_time(5)
    await rig.poll()
    await rig.step()
    assert (rig.mode, rig.control(LP).owner) == (OFF, Owner.USER)
    await rig.pass_time(120)
    assert (rig.mode, rig.control(LP).owner) == (OFF, Owner.USER)
    assert len(rig.events(EventKind.OVERRIDE)) == 1


async def test_a_limit_that_we_overwrote_comes_back_and_the_plan_goes_on(rig: Controlled) -> None:
    rig.plan_car(NOW, 80)
    await rig.poll()
    await rig.step()
    tell(rig, ("limitSoc", "55"), ("limitSoc", "80"), ("mode", "now"))
    await rig.pass_time(60)
    assert (rig.limit, rig.mode, rig.control(LP).owner) == (55, NOW, Owner.PLAN)
    assert len(rig.events(EventKind.OVERRIDE)) == 1


async def test_of_what_a_person_set_one_after_the_other_the_last_stands(rig: Controlled) -> None:
    await planned(rig, MINPV, NOW)
    tell(rig, ("mode", "now"), ("mode", "pv"), ("mode", "off"))
    rig.person_sets(OFF)
    await rig.pass_time(120)
    assert (rig.mode, rig.control(LP).owner) == (OFF, Owner.USER)
    assert rig.writes("loadpoints/1/mode")[-1].endswith("now")
    assert len(rig.events(EventKind.OVERRIDE)) == 1


@pytest.mark.parametrize(
    "changes",
    [
        [("mode", "now")],
        [("mode", "minpv"), ("mode", "now")],
        [("mode", "")],
        [("limitSoc", "many"), ("vehicleName", "limo")],
    ],
)
async def test_what_we_wrote_ourselves_is_nobodys_wish(rig: Controlled, changes: list[tuple[str, str]]) -> None:
    await planned(rig, MINPV, NOW)
    tell(rig, *changes)
    await rig.pass_time(120)
    assert (rig.mode, rig.control(LP).owner) == (NOW, Owner.PLAN)
    assert not rig.events(EventKind.OVERRIDE)


async def test_what_was_told_of_another_loadpoint_or_before_is_nobodys_wish(rig: Controlled) -> None:
    await planned(rig, MINPV, NOW)
    tell(rig, ("mode", "off"), earlier_s=2)
    tell(rig, ("mode", "off"), lp=2)
    await rig.pass_time(120)
    assert (rig.mode, rig.control(LP).owner) == (NOW, Owner.PLAN)


async def test_what_evcc_sets_when_the_car_leaves_in_that_moment_is_nobodys_wish(rig: Controlled) -> None:
    await planned(rig, MINPV, OFF)
    rig.sim.home.cars["limo"].loadpoint = None
    tell(rig, ("mode", "pv"))
    await rig.pass_time(120)
    assert rig.control(LP).owner is Owner.NONE
    assert not rig.events(EventKind.OVERRIDE)


async def test_in_the_words_of_0_316_the_mode_is_put_together(tmp_path: Path) -> None:
    async with controlled(tmp_path / "control.db", dialect="0.316") as rig:
        await planned(rig, NOW, PV)
        tell(rig, ("alwaysCharge", "once"), ("mode", "smart"), ("alwaysCharge", "off"))
        await rig.pass_time(60)
        assert (rig.mode, rig.head.settings.loadpoints["1"].always_charge) == (PV, "once")
        assert rig.control(LP).owner is Owner.USER
        await planned_again(rig)


async def planned_again(rig: Controlled) -> None:
    """Another plan changes nothing for the person."""
    rig.plan_car(NOW)
    await rig.pass_time(60)
    assert (rig.mode, rig.head.settings.loadpoints["1"].always_charge) == (PV, "once")


async def test_a_battery_mode_of_somebody_elses_that_we_overwrote_comes_back_until_it_lapses(rig: Controlled) -> None:
    await rig.pass_time(150)
    rig.plan_battery(BatteryMode.HOLD)
    await rig.poll()
    await rig.step()
    assert rig.writes("batterymode/hold")
    tell(rig, ("batteryModeExternal", "charge"), ("batteryModeExternal", "hold"), lp=None)
    await rig.pass_time(20)
    assert (rig.house_battery, rig.control("battery").owner) == (BatteryMode.CHARGE, Owner.USER)
    assert len(rig.writes("batterymode/charge")) == 1
    await rig.pass_time(150)
    assert (rig.house_battery, rig.control("battery").owner) == (BatteryMode.HOLD, Owner.PLAN)
    assert len(rig.events(EventKind.OVERRIDE)) == 1


async def test_our_own_battery_modes_are_nobodys_wish(rig: Controlled) -> None:
    await rig.pass_time(150)
    rig.plan_battery(BatteryMode.HOLD)
    await rig.poll()
    await rig.step()
    assert rig.writes("batterymode/hold")
    tell(rig, ("batteryModeExternal", "hold"), ("batteryModeExternal", "unknown"), ("batteryMode", "charge"), lp=None)
    await rig.pass_time(150)
    rig.plan_battery(BatteryMode.CHARGE)
    await rig.poll()
    await rig.step()
    assert rig.writes("batterymode/charge")
    tell(rig, ("batteryModeExternal", "hold"), ("batteryModeExternal", "charge"), lp=None)
    await rig.pass_time(150)
    assert (rig.house_battery, rig.control("battery").owner) == (BatteryMode.CHARGE, Owner.PLAN)
    assert not rig.events(EventKind.OVERRIDE)
