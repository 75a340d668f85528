"""A boost: full power for a while, with what was before back at its end."""

from pathlib import Path

import pytest

from ems.contract.control import Boost, Owner
from ems.contract.people import EventKind
from ems.contract.site import BatteryMode, LoadpointMode
from ems.contract.topics import BOOST
from evcc_poller.domain.control.settings import ControlSettings
from support.controlled import Controlled, controlled, unplug

OFF, PV, MINPV, NOW = LoadpointMode.OFF, LoadpointMode.PV, LoadpointMode.MINPV, LoadpointMode.NOW
LP = "loadpoint-1"


async def test_a_boost_ends_on_time_with_the_former_mode_back(rig: Controlled) -> None:
    await rig.pass_time(20)
    rig.person_sets(MINPV)
    await rig.pass_time(60)
    await rig.bus.command(BOOST, Boost(minutes=30), id="1")
    assert rig.mode is NOW
    await rig.pass_time(29 * 60)
    assert (rig.mode, rig.control(LP).owner) == (NOW, Owner.BOOST)
    await rig.pass_time(70)
    assert (rig.mode, rig.control(LP).owner) == (MINPV, Owner.USER)
    assert len(rig.events(EventKind.BOOST_ENDED)) == 1
    assert len(rig.events(EventKind.OVERRIDE)) == 1


async def test_a_boost_without_plan_or_person_ends_with_the_mode_that_was_found(rig: Controlled) -> None:
    await rig.pass_time(20)
    await rig.bus.command(BOOST, Boost(minutes=10), id="1")
    await rig.pass_time(610)
    assert (rig.mode, rig.control(LP).owner) == (PV, Owner.NONE)


async def test_a_boost_survives_our_death_and_still_ends_on_time(rig: Controlled) -> None:
    rig.plan_car(OFF)
    await rig.pass_time(60)
    await rig.bus.command(BOOST, Boost(minutes=10), id="1")
    await rig.pass_time(60)
    rig.kill()
    await rig.pass_time(60)
    rig.start()
    await rig.pass_time(60)
    assert (rig.mode, rig.control(LP).owner) == (NOW, Owner.BOOST)
    await rig.pass_time(430)
    assert (rig.mode, rig.control(LP).owner) == (OFF, Owner.PLAN)
    assert not rig.events(EventKind.OVERRIDE)


@pytest.mark.parametrize("how", ["unplugged", "stopped", "full", "overruled"])
async def test_a_boost_ends_early(rig: Controlled, how: str) -> None:
    await rig.pass_time(20)
    await rig.bus.command(BOOST, Boost(minutes=90), id="1")
    await rig.pass_time(60)
    match how:
        case "unplugged":
            await unplug(rig)
        case "stopped":
            await rig.bus.command(BOOST, Boost(minutes=0), id="1")
        case "full":
            limo = rig.sim.home.cars["limo"]
            limo.energy_kwh = limo.spec.capacity_kwh
        case _:
            rig.person_sets(OFF)
    await rig.pass_time(240)
    assert rig.mode is (OFF if how == "overruled" else PV)
    assert rig.control(LP).owner is (Owner.USER if how == "overruled" else Owner.NONE)
    assert len(rig.events(EventKind.BOOST_ENDED)) == 1


async def test_a_boost_needs_a_car(rig: Controlled) -> None:
    await unplug(rig)
    await rig.pass_time(20)
    answer = await rig.bus.answer(BOOST, Boost(), id="1")
    assert (answer.kind, answer.parameters) == ("impossible", {"why": "no_car"})


async def test_a_boost_holds_the_battery_where_that_is_set(tmp_path: Path) -> None:
    rules = ControlSettings(boost_holds_battery=True)
    async with controlled(tmp_path / "control.db", rules=rules) as rig:
        rig.plan_battery(BatteryMode.NORMAL)
        await rig.pass_time(60)
        await rig.bus.command(BOOST, Boost(minutes=10), id="1")
        await rig.pass_time(60)
        held = rig.house_battery
        assert (held, rig.control("battery").owner) == (BatteryMode.HOLD, Owner.BOOST)
        await rig.pass_time(620)
        assert rig.house_battery is BatteryMode.NORMAL


async def test_a_boost_goes_on_after_an_orderly_stop_in_its_time(rig: Controlled) -> None:
    await rig.pass_time(20)
    await rig.bus.command(BOOST, Boost(minutes=10), id="1")
    await rig.pass_time(60)
    await rig.stop()
    assert rig.mode is PV
    rig.start()
    await rig.pass_time(60)
    assert (rig.mode, rig.control(LP).owner) == (NOW, Owner.BOOST)
    await rig.pass_time(500)
    assert (rig.mode, rig.control(LP).owner) == (PV, Owner.NONE)
    assert not rig.events(EventKind.OVERRIDE)
