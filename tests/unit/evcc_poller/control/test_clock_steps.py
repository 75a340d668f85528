"""Somebody sets the wall clock by an hour: nothing changes at the house, and what is on disk survives it."""

from datetime import timedelta

import pytest

from ems.contract.control import Boost, Owner
from ems.contract.people import EventKind
from ems.contract.site import BatteryMode, LoadpointMode
from ems.contract.topics import BOOST, PROPOSAL
from support.controlled import Controlled

LP = "loadpoint-1"
STEPS = pytest.mark.parametrize("step_s", [-3600, 3600])


@STEPS
@pytest.mark.parametrize("mode", [BatteryMode.HOLD, BatteryMode.CHARGE])
async def test_a_forced_battery_stays_forced_without_a_gap(rig: Controlled, mode: BatteryMode, step_s: float) -> None:
    rig.plan_battery(mode)
    await rig.pass_time(60)
    rig.clock.set_wall_clock(step_s)
    for _ in range(60):
        await rig.pass_time(5)
        assert rig.house_battery is mode
    assert rig.control("battery").owner is Owner.PLAN


@STEPS
async def test_a_plan_is_stale_after_its_own_time_and_not_sooner(rig: Controlled, step_s: float) -> None:
    rig.plan_battery(BatteryMode.HOLD, minutes=30)
    await rig.pass_time(60)
    rig.clock.set_wall_clock(step_s)
    await rig.pass_time(28 * 60)
    before = rig.house_battery
    await rig.pass_time(4 * 60)
    assert (before, rig.house_battery) == (BatteryMode.HOLD, BatteryMode.NORMAL)


@STEPS
async def test_a_boost_and_an_override_last_as_long_as_was_said(rig: Controlled, step_s: float) -> None:
    await rig.pass_time(20)
    rig.person_sets(LoadpointMode.MINPV)
    await rig.pass_time(60)
    await rig.bus.command(BOOST, Boost(minutes=30), id="1")
    rig.clock.set_wall_clock(step_s)
    await rig.pass_time(29 * 60)
    assert (rig.mode, rig.control(LP).owner) == (LoadpointMode.NOW, Owner.BOOST)
    until = rig.control(LP).until
    assert until is not None
    assert timedelta(0) < until - rig.clock.now() <= timedelta(seconds=61)
    await rig.pass_time(70)
    assert (rig.mode, rig.control(LP).owner) == (LoadpointMode.MINPV, Owner.USER)
    assert len(rig.events(EventKind.BOOST_ENDED)) == 1


@STEPS
async def test_a_persons_choice_on_disk_keeps_its_length_over_a_step_and_a_restart(
    rig: Controlled, step_s: float
) -> None:
    rig.plan_car(LoadpointMode.NOW)
    await rig.pass_time(60)
    rig.person_sets(LoadpointMode.OFF)
    await rig.pass_time(60)
    rig.kill()
    rig.clock.set_wall_clock(step_s)
    rig.start()
    await rig.pass_time(60)
    assert (rig.mode, rig.control(LP).owner) == (LoadpointMode.OFF, Owner.USER)
    until = rig.control(LP).until
    assert until is not None
    assert until - rig.clock.now() <= timedelta(hours=6)


async def test_a_proposal_that_is_dated_in_the_future_is_not_followed(rig: Controlled) -> None:
    rig.clock.set_wall_clock(3600)
    rig.plan_battery(BatteryMode.CHARGE)
    rig.clock.set_wall_clock(-3600)
    kept = rig.bus.watch(PROPOSAL).get("lp/battery")
    rig.bus.set(PROPOSAL, kept, "lp/battery")
    await rig.pass_time(60)
    assert rig.house_battery is BatteryMode.NORMAL
