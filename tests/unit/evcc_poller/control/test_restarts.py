"""What evcc's crash, our death or a restart of the machine takes back is set again, and nobody's wish."""

from datetime import timedelta
from pathlib import Path

import pytest

from ems.contract.control import Owner
from ems.contract.people import EventKind, Goal
from ems.contract.site import LoadpointMode
from ems.contract.topics import GOAL, PROPOSAL
from support.controlled import START, Controlled, a_home, controlled, plug, unplug

OFF, PV, MINPV, NOW = LoadpointMode.OFF, LoadpointMode.PV, LoadpointMode.MINPV, LoadpointMode.NOW
LP = "loadpoint-1"


async def test_what_evccs_crash_took_back_is_set_again_and_nobodys_wish(rig: Controlled) -> None:
    await rig.pass_time(100)
    rig.plan_car(NOW, 80)
    await rig.pass_time(15)
    await rig.sim.kill()
    await rig.pass_time(20)
    await rig.sim.start()
    assert rig.mode is PV
    await rig.pass_time(40)
    assert (rig.mode, rig.limit, rig.control(LP).owner) == (NOW, 80, Owner.PLAN)
    assert not rig.events(EventKind.OVERRIDE)


async def test_a_persons_mode_that_evccs_crash_took_back_is_restored(rig: Controlled) -> None:
    rig.plan_car(NOW)
    await rig.pass_time(60)
    rig.person_sets(OFF)
    await rig.pass_time(10)
    await rig.sim.kill()
    await rig.pass_time(20)
    await rig.sim.start()
    assert rig.mode is not OFF
    await rig.pass_time(40)
    assert (rig.mode, rig.control(LP).owner) == (OFF, Owner.USER)


async def test_a_persons_mode_without_any_plan_survives_evccs_crash_too(rig: Controlled) -> None:
    await rig.pass_time(65)
    rig.person_sets(OFF)
    await rig.pass_time(10)
    await rig.sim.kill()
    await rig.sim.start()
    await rig.pass_time(40)
    assert rig.mode is OFF


async def test_a_persons_mode_survives_a_restart_of_the_machine_that_evcc_and_we_are_on(tmp_path: Path) -> None:
    """evcc's session begins anew, as if another car had come; nobody was away for long enough for that.

    Where we have set a battery's mode its loss tells of the restart; here there is none.
    """
    home = a_home()
    home.battery = None
    async with controlled(tmp_path / "control.db", home=home) as rig:
        rig.plan_car(NOW, minutes=600)
        await rig.pass_time(600)
        rig.person_sets(MINPV)
        await rig.pass_time(300)
        rig.kill()
        await rig.sim.kill()
        await rig.pass_time(120)
        await rig.sim.start()
        await rig.pass_time(40)
        rig.start()
        rig.plan_car(NOW)
        await rig.pass_time(60)
        assert (rig.mode, rig.control(LP).owner) == (MINPV, Owner.USER)


@pytest.mark.parametrize("battery", [True, False])
async def test_a_persons_mode_survives_an_evcc_that_is_back_before_anybody_misses_it(
    tmp_path: Path, battery: bool
) -> None:
    """No look finds it away: the same car's session begins anew, and its default mode is back."""
    home = a_home()
    home.battery = home.battery if battery else None
    async with controlled(tmp_path / "control.db", home=home) as rig:
        rig.plan_car(NOW, minutes=600)
        await rig.pass_time(600)
        rig.person_sets(MINPV)
        await rig.pass_time(300)
        await rig.sim.kill()
        await rig.sim.start()
        await rig.pass_time(120)
        assert (rig.mode, rig.control(LP).owner) == (MINPV, Owner.USER)


async def test_a_persons_mode_set_while_we_were_down_is_the_persons(rig: Controlled) -> None:
    rig.plan_car(NOW)
    await rig.pass_time(60)
    rig.kill()
    await rig.pass_time(30)
    rig.person_sets(OFF)
    await rig.pass_time(30)
    rig.start()
    await rig.pass_time(60)
    assert (rig.mode, rig.control(LP).owner) == (OFF, Owner.USER)


async def test_our_death_while_a_write_is_on_its_way_makes_nobody_a_person(rig: Controlled) -> None:
    await rig.pass_time(60)
    rig.plan_car(NOW)
    rig.sim.faults.lose_reply("mode/now", times=9)
    await rig.pass_time(10)
    rig.kill()
    rig.start()
    await rig.pass_time(60)
    assert (rig.mode, rig.control(LP).owner) == (NOW, Owner.PLAN)
    assert not rig.events(EventKind.OVERRIDE)


async def test_a_car_that_came_back_while_we_were_down_brings_no_person(rig: Controlled) -> None:
    rig.plan_car(NOW, minutes=600)
    await rig.pass_time(600)
    rig.kill()
    await unplug(rig)
    await rig.pass_time(300)
    await plug(rig)
    await rig.pass_time(300)
    rig.start()
    rig.plan_car(NOW)
    await rig.pass_time(60)
    assert (rig.mode, rig.control(LP).owner) == (NOW, Owner.PLAN)
    assert not rig.events(EventKind.OVERRIDE)


async def test_a_stop_puts_back_what_was_found_and_gives_evcc_the_open_goal(rig: Controlled) -> None:
    departure = START + timedelta(hours=12)
    goal = Goal(vehicle="limo", soc_pct=80, departure=departure, asked_by="anna", asked_at=START)
    rig.bus.set(GOAL, goal, "limo")
    rig.scheduler.plans.remember_goals()
    rig.plan_car(NOW, 80)
    await rig.pass_time(60)
    await rig.stop()
    assert (rig.mode, rig.limit) == (PV, 0)
    plan = rig.head.settings.vehicles["limo"].plan
    assert plan is not None
    assert (plan.value, plan.time) == (80, departure)
    rig.start()
    rig.plan_car(NOW, 80)
    await rig.pass_time(60)
    assert rig.head.settings.vehicles["limo"].plan is None
    assert (rig.mode, rig.control(LP).owner) == (NOW, Owner.PLAN)
    assert not rig.events(EventKind.OVERRIDE)


async def test_a_persons_mode_is_left_by_a_stop(rig: Controlled) -> None:
    rig.plan_car(NOW)
    await rig.pass_time(60)
    rig.person_sets(OFF)
    await rig.pass_time(30)
    await rig.stop()
    assert rig.mode is OFF


async def test_without_proposals_just_after_a_start_everything_stays_as_it_is(rig: Controlled) -> None:
    rig.plan_car(NOW)
    await rig.pass_time(60)
    rig.kill()
    rig.bus.set(PROPOSAL, None, f"lp/{LP}")
    rig.start()
    await rig.pass_time(10)
    assert rig.mode is NOW
