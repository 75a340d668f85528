"""The dialect of evcc 0.316: `pv` and `minpv` are `smart` with `alwaysCharge`, which is kept as it was found."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from ems.contract.control import Boost, Owner, Release, SetMode
from ems.contract.people import EventKind
from ems.contract.site import AlwaysCharge, LoadpointMode
from ems.contract.topics import BOOST, RELEASE, SET_MODE
from support.controlled import Controlled, a_home, controlled

OFF, PV, MINPV, NOW = LoadpointMode.OFF, LoadpointMode.PV, LoadpointMode.MINPV, LoadpointMode.NOW
LP = "loadpoint-1"
type Always = Literal["off", "once", "on"]


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncGenerator[Controlled]:
    async with controlled(tmp_path / "control.db", dialect="0.316") as rig:
        yield rig


def shown(rig: Controlled) -> tuple[LoadpointMode, str]:
    """The mode (`pv` stands for `smart`) and `alwaysCharge` that evcc has."""
    return rig.mode, rig.head.settings.loadpoints["1"].always_charge


def person_sets(rig: Controlled, mode: LoadpointMode, always: Always) -> None:
    rig.head.settings.loadpoints["1"].always_charge = always
    rig.person_sets(mode)


@pytest.mark.parametrize("always", ["off", "once", "on"])
@pytest.mark.parametrize("mode", [OFF, PV, NOW])
@pytest.mark.parametrize("plan", [OFF, PV, MINPV, NOW])
async def test_what_was_found_comes_back_word_for_word(
    rig: Controlled, mode: LoadpointMode, always: Always, plan: LoadpointMode
) -> None:
    person_sets(rig, mode, always)
    await rig.pass_time(60, step_s=10)
    rig.plan_car(plan, minutes=3)
    await rig.pass_time(120, step_s=10)
    wanted = {PV: (PV, "off"), MINPV: (PV, "on" if always == "off" else always)}
    assert shown(rig) == wanted.get(plan, (plan, always))
    assert not rig.events(EventKind.OVERRIDE)
    await rig.pass_time(240, step_s=10)
    assert rig.control(LP).owner is Owner.NONE
    assert shown(rig) == (mode, always)
    assert rig.store.loadpoint(LP).found is None


async def test_once_is_not_made_on_on_the_way_back(rig: Controlled) -> None:
    person_sets(rig, PV, "once")
    await rig.pass_time(60)
    await rig.bus.command(BOOST, Boost(minutes=2), id="1")
    assert shown(rig) == (NOW, "once")
    await rig.pass_time(180)
    assert shown(rig) == (PV, "once")
    assert not rig.writes("/mode/minpv")


async def test_a_service_that_stops_puts_it_back(rig: Controlled) -> None:
    person_sets(rig, NOW, "on")
    await rig.pass_time(60)
    rig.plan_car(PV)
    await rig.pass_time(60)
    await rig.stop()
    assert shown(rig) == (NOW, "on")


async def test_once_that_a_person_chooses_is_theirs_and_comes_back_when_evcc_was_restarted(rig: Controlled) -> None:
    rig.plan_car(MINPV)
    await rig.pass_time(60)
    assert shown(rig) == (PV, "on")
    person_sets(rig, PV, "once")
    await rig.pass_time(60)
    assert rig.control(LP).owner is Owner.USER
    rig.plan_car(OFF)
    await rig.pass_time(60)
    assert shown(rig) == (PV, "once")
    await rig.sim.kill()
    await rig.sim.start()
    await rig.pass_time(60)
    assert (shown(rig), rig.control(LP).owner) == ((PV, "once"), Owner.USER)


async def test_once_ends_with_the_stay_and_is_not_put_back_for_the_next_car(rig: Controlled) -> None:
    person_sets(rig, PV, "once")
    await rig.pass_time(60)
    rig.plan_car(NOW)
    await rig.pass_time(60)
    rig.sim.home.cars["limo"].loadpoint = None
    await rig.pass_time(120)
    assert shown(rig) == (PV, "off")
    await rig.pass_time(300)
    assert (shown(rig), rig.control(LP).owner) == ((PV, "off"), Owner.NONE)


async def test_what_a_person_sets_of_it_while_it_does_nothing_is_no_override_and_comes_back(rig: Controlled) -> None:
    rig.plan_car(NOW, minutes=5)
    await rig.pass_time(60)
    person_sets(rig, NOW, "once")
    await rig.pass_time(60)
    assert rig.control(LP).owner is Owner.PLAN
    await rig.pass_time(300)
    assert shown(rig) == (PV, "once")
    assert not rig.events(EventKind.OVERRIDE)


async def test_what_a_person_sets_of_it_beside_a_mode_of_theirs_stays(rig: Controlled) -> None:
    rig.plan_car(PV)
    await rig.pass_time(60)
    person_sets(rig, NOW, "off")
    await rig.pass_time(60)
    person_sets(rig, NOW, "on")
    await rig.pass_time(180)
    assert (shown(rig), rig.control(LP).owner) == ((NOW, "on"), Owner.USER)


async def test_a_switch_that_refuses_it_is_told_what_it_can(tmp_path: Path) -> None:
    home = a_home()
    home = replace(home, switches=frozenset({"1"}))
    async with controlled(tmp_path / "control.db", home=home, dialect="0.316") as rig:
        await rig.pass_time(60)
        rig.plan_car(MINPV)
        await rig.pass_time(120)
        assert (shown(rig), rig.control(LP).owner) == ((PV, "off"), Owner.PLAN)
        assert not rig.writes("loadpoints/1/")
        assert not rig.events(EventKind.OVERRIDE)
        answer = await rig.bus.answer(SET_MODE, SetMode(mode=MINPV), id="1")
        assert (answer.kind, answer.parameters) == ("cannot_mode", {"mode": "minpv", "able": "off, pv, now"})
        await rig.bus.command(RELEASE, Release(), device=LP)


async def test_it_is_told_as_a_fact(rig: Controlled) -> None:
    person_sets(rig, PV, "once")
    await rig.poll()
    assert rig.devices.seen is not None
    (loadpoint, *_) = rig.devices.seen.loadpoints
    assert (loadpoint.mode, loadpoint.always_charge) == (MINPV, AlwaysCharge.ONCE)
