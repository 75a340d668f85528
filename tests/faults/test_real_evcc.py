"""A real evcc in the simulated house: what counts is what the house's battery does and what evcc's API shows."""

import asyncio
import os
import random
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ems.contract.control import Boost, Owner, Phase, Release, SetMode, SetVehicle
from ems.contract.people import EventKind
from ems.contract.requests import Result
from ems.contract.site import BatteryMode, LoadpointMode, OverruledBy
from ems.contract.topics import BOOST, RELEASE, SET_MODE, SET_VEHICLE
from support.brokers import Mosquitto
from support.evcc_rig import LEASE_S, Rig, evcc_rig

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

KILLS = int(os.environ.get("KILLS", "2"))
"""How many random moments the poller is killed at."""
DEPARTURES = int(os.environ.get("DEPARTURES", "5"))
"""How often a car leaves that a person had set."""
LP = "loadpoint-1"


def owner(rig: Rig, device: str) -> Owner | None:
    control = rig.control(device)
    return control.owner if control else None


def phase(rig: Rig, device: str) -> Phase | None:
    control = rig.control(device)
    return control.phase if control else None


async def test_a_plan_moves_the_houses_battery_and_the_car(rig: Rig) -> None:
    await rig.forced(BatteryMode.CHARGE)
    await rig.until(lambda: phase(rig, "battery") is Phase.VERIFIED, 20, "verified")
    rig.plan_car(LoadpointMode.NOW)
    await rig.until(lambda: rig.house.car_w > 4000, 20, "the car charges")


async def test_a_person_in_evccs_own_interface_is_respected_until_release(rig: Rig) -> None:
    rig.plan_car(LoadpointMode.NOW)
    await rig.until(lambda: phase(rig, LP) is Phase.VERIFIED, 20, "the plan's mode is there")
    await rig.api("POST", "loadpoints/1/mode/off")
    await rig.until(lambda: owner(rig, LP) is Owner.USER, 10, "the person owns it")
    rig.plan_car(LoadpointMode.MINPV)
    await asyncio.sleep(10)
    assert await rig.mode() == "off"
    answer = await rig.command(RELEASE, Release(), device=LP)
    assert isinstance(answer, Result)
    assert answer.accepted
    await rig.until(lambda: owner(rig, LP) is Owner.PLAN, 10, "released")
    assert await rig.mode() == "minpv"


async def test_a_person_is_respected_until_the_car_leaves_and_its_leaving_is_nobodys_wish(rig: Rig) -> None:
    for n in range(1, DEPARTURES + 1):
        rig.plan_car(LoadpointMode.NOW)
        await rig.until(lambda: owner(rig, LP) is Owner.PLAN, 30, f"departure {n}: the plan has it")
        await rig.until(lambda: phase(rig, LP) is Phase.VERIFIED, 20, "the plan's mode is there")
        await rig.api("POST", "loadpoints/1/mode/off")
        await rig.api("POST", "loadpoints/1/limitsoc/85")
        await rig.until(lambda: owner(rig, LP) is Owner.USER, 10, "the person owns it")
        rig.house.plugged = False
        await rig.until(lambda: owner(rig, LP) is Owner.NONE, 30, "the car has left")
        await asyncio.sleep(5)
        rig.house.plugged = True
        await rig.until(lambda: owner(rig, LP) is Owner.PLAN, 30, "the plan is back")
        # The mode and the limit.
        overrides = [e.text.en for e in rig.events if e.event_type is EventKind.OVERRIDE]
        assert len(overrides) == 2 * n, overrides


async def test_a_release_brings_back_what_was_found_on_an_empty_loadpoint_too(rig: Rig) -> None:
    found = await rig.mode()
    rig.house.plugged = False
    await rig.until(lambda: owner(rig, LP) is Owner.NONE, 30, "nobody's")
    # evcc has set back mode and limit a minute after a car has left, at the latest.
    await asyncio.sleep(65)
    answer = await rig.command(SET_MODE, SetMode(mode=LoadpointMode.NOW), id="1")
    assert isinstance(answer, Result)
    assert answer.accepted
    assert await rig.mode() == "now"
    vehicle = await rig.command(SET_VEHICLE, SetVehicle(vehicle="limo"), id="1")
    assert isinstance(vehicle, Result)
    assert (vehicle.accepted, vehicle.kind, vehicle.parameters) == (False, "impossible", {"why": "no_car"})
    await rig.command(RELEASE, Release(), device=LP)
    await rig.until(lambda: owner(rig, LP) is Owner.NONE, 10, "released")
    assert await rig.mode() == found
    rig.house.plugged = True
    await asyncio.sleep(15)
    assert rig.house.car_w < 4000


async def test_a_boost_ends_on_time_with_the_former_mode_back(rig: Rig) -> None:
    await rig.api("POST", "loadpoints/1/mode/minpv")
    await rig.until(lambda: owner(rig, LP) is Owner.USER, 10, "the person owns it")
    await rig.command(BOOST, Boost(minutes=0.5), id="1")
    assert await rig.mode() == "now"
    await rig.until(lambda: rig.house.car_w > 4000, 20, "the car charges")
    await rig.until(lambda: any(e.event_type is EventKind.BOOST_ENDED for e in rig.events), 40, "the boost ends")
    await asyncio.sleep(1)
    assert await rig.mode() == "minpv"


async def test_the_poller_killed_at_random_moments_leaves_a_normal_house_and_no_false_person(rig: Rig) -> None:
    dice = random.Random()
    rig.plan_car(LoadpointMode.NOW)
    for n in range(KILLS):
        mode = dice.choice([BatteryMode.HOLD, BatteryMode.CHARGE])
        rig.plan_battery(mode)
        rig.plan_car(dice.choice([LoadpointMode.NOW, LoadpointMode.OFF, LoadpointMode.MINPV]))
        await asyncio.sleep(dice.uniform(0, 12))
        await rig.end("poller")
        took = await rig.until(rig.left_alone, LEASE_S, f"kill {n}: the house is normal and evcc holds nothing for us")
        rig.note(f"kill {n}: {mode}, normal after {took:.1f} s")
        await rig.start_poller()
        await rig.forced(mode)
        await rig.until(lambda: owner(rig, LP) is Owner.PLAN, 20, f"kill {n}: the plan owns the loadpoint")
    assert not [e for e in rig.events if e.event_type is EventKind.OVERRIDE]


async def test_restore_after_a_kill_frees_the_battery_within_a_cycle(rig: Rig) -> None:
    await rig.forced(BatteryMode.CHARGE)
    rig.plan_car(LoadpointMode.NOW)
    await rig.until(lambda: phase(rig, LP) is Phase.VERIFIED, 20, "the plan's mode is there")
    await rig.end("poller")
    assert await rig.restore() == 0
    await rig.until(lambda: rig.house.battery_mode == "normal", 10, "the house is normal")
    assert await rig.mode() == "pv"


@pytest.mark.parametrize("who", ["evcc", "both", "evcc with the poller down"])
async def test_evcc_killed_while_forced_leaves_the_house_normal_or_as_planned(rig: Rig, who: str) -> None:
    await rig.forced(BatteryMode.CHARGE)
    if who != "evcc":
        await rig.end("poller")
    await rig.end("evcc")
    await asyncio.sleep(5)
    assert rig.house.battery_mode == "charge"
    if who == "both":
        rig.plan_battery(BatteryMode.HOLD)
    asked = len(rig.house.asked)
    await rig.start_evcc()
    if who != "evcc":
        await asyncio.sleep(3)
        await rig.start_poller()
    wanted = "hold" if who == "both" else "charge"

    def freed_first() -> bool:
        return [mode for _, mode in rig.house.asked[asked:]] == ["normal", wanted]

    took = await rig.until(freed_first, LEASE_S, "the house was freed and is as planned")
    rig.note(f"{who} killed: freed and as planned after {took:.1f} s")


async def test_evcc_killed_while_forced_and_the_plan_gone_leaves_the_house_normal(rig: Rig) -> None:
    await rig.forced(BatteryMode.CHARGE)
    await rig.end("poller")
    await rig.end("evcc")
    rig.plan_battery(BatteryMode.NORMAL)
    await rig.start_evcc()
    await rig.start_poller()
    await rig.until(lambda: rig.house.battery_mode == "normal", LEASE_S, "the house is normal")


@pytest.mark.parametrize("fault", ["refuse", "swallow"])
@pytest.mark.parametrize("mode", [BatteryMode.HOLD, BatteryMode.CHARGE])
async def test_a_battery_that_does_not_follow_is_seen_within_two_cycles_and_repaired(
    rig: Rig, fault: str, mode: BatteryMode
) -> None:
    await asyncio.sleep(8)
    rig.house.battery_fault = fault
    rig.plan_battery(mode)

    def said() -> bool:
        control = rig.control("battery")
        return control is not None and control.error is not None

    # A cycle until evcc acts, two for us to see it, and a look. 0.207 goes on showing `normal` when a battery refuses.
    took = await rig.until(said, 4 * 3 + 4, "it is said")
    rig.note(f"{fault} {mode}: said after {took:.1f} s, evcc's cycle is 3 s")
    rig.house.battery_fault = None
    await rig.until(lambda: rig.house.battery_mode == mode, 60, "repaired")
    await rig.until(lambda: phase(rig, "battery") is Phase.VERIFIED, 30, "verified")


async def test_a_battery_that_never_follows_is_lost_loudly_and_found_again(rig: Rig) -> None:
    rig.house.battery_fault = "swallow"
    rig.plan_battery(BatteryMode.CHARGE)
    await rig.until(lambda: phase(rig, "battery") is Phase.REFUSED, 180, "given up")
    assert [e for e in rig.events if e.event_type is EventKind.CONTROL_LOST]
    rig.house.battery_fault = None
    await rig.until(lambda: rig.house.battery_mode == "charge", 150, "tried again")
    await rig.until(
        lambda: any(e.event_type is EventKind.CONTROL_BACK for e in rig.events), 30, "people hear that it is back"
    )


@pytest.mark.parametrize("configured", [True, False])
async def test_a_house_whose_battery_can_only_hold(
    tmp_path: Path, evcc_path: Path, rig_broker: Mosquitto, configured: bool
) -> None:
    modes = "hold" if configured else "hold, charge, holdcharge"
    async with evcc_rig(tmp_path, evcc_path, rig_broker.settings(), hold_only=True, modes=modes) as rig:
        rig.plan_battery(BatteryMode.CHARGE)
        if configured:
            await rig.until(lambda: rig.house.battery_mode == "hold", 30, "held instead")
            assert "charge" not in [mode for _, mode in rig.house.asked]
        else:
            await rig.until(lambda: phase(rig, "battery") is Phase.REFUSED, 180, "seen that it does not charge")
            await rig.until(lambda: rig.house.battery_mode == "normal", 10, "left to evcc")


async def test_a_planner_that_is_gone_leaves_evcc_the_goal_and_the_house_normal(rig: Rig) -> None:
    departure = (datetime.now(UTC) + timedelta(hours=9)).replace(microsecond=0)
    rig.goal(80, departure)
    await rig.forced(BatteryMode.HOLD)
    rig.plan_car(LoadpointMode.OFF)
    await rig.until(lambda: phase(rig, LP) is Phase.VERIFIED, 20, "the plan's mode is there")
    await rig.planner_leaves()

    async def evccs_own_plan() -> bool:
        found = await rig.loadpoint()
        return bool(found.get("effectivePlanSoc") == 80 and found.get("effectivePlanTime"))

    await rig.until(evccs_own_plan, 30, "evcc has the goal")
    await rig.until(lambda: rig.house.battery_mode == "normal", 30, "the house is normal")
    assert await rig.mode() == "pv"


async def test_a_stop_hands_over_within_seconds(rig: Rig) -> None:
    rig.goal(90, (datetime.now(UTC) + timedelta(hours=9)).replace(microsecond=0))
    await rig.forced(BatteryMode.CHARGE)
    rig.plan_car(LoadpointMode.NOW)
    await rig.until(lambda: phase(rig, LP) is Phase.VERIFIED, 20, "the plan's mode is there")
    began = asyncio.get_running_loop().time()
    await rig.end("poller", signal.SIGTERM)
    assert asyncio.get_running_loop().time() - began < 5
    assert await rig.mode() == "pv"
    assert (await rig.loadpoint())["effectivePlanSoc"] == 90
    await rig.until(lambda: rig.house.battery_mode == "normal", 8, "the house is normal")


async def test_a_mode_that_a_person_set_just_before_evccs_crash_comes_back(rig: Rig) -> None:
    rig.plan_car(LoadpointMode.NOW)
    await rig.until(lambda: phase(rig, LP) is Phase.VERIFIED, 20, "the plan's mode is there")
    await rig.api("POST", "loadpoints/1/mode/off")
    await asyncio.sleep(5)
    await rig.end("evcc")
    await asyncio.sleep(4)
    await rig.start_evcc()
    before = await rig.mode()
    await asyncio.sleep(8)
    rig.note(f"evcc came back with {before}")
    assert await rig.mode() == "off"
    assert owner(rig, LP) is Owner.USER


async def test_what_evccs_crash_takes_back_of_the_plan_is_nobodys_wish(rig: Rig) -> None:
    await rig.forced(BatteryMode.HOLD)
    rig.plan_car(LoadpointMode.NOW)
    await rig.until(lambda: phase(rig, LP) is Phase.VERIFIED, 20, "the plan's mode is there")
    await rig.end("evcc")
    await asyncio.sleep(4)
    await rig.start_evcc()
    before = await rig.mode()
    await rig.until(lambda: owner(rig, LP) is Owner.PLAN, 10, "the plan owns it")
    await asyncio.sleep(8)
    rig.note(f"evcc came back with {before}")
    assert await rig.mode() == "now"
    assert not [e for e in rig.events if e.event_type is EventKind.OVERRIDE]


async def test_a_mode_that_a_person_set_while_we_were_down_is_theirs(rig: Rig) -> None:
    rig.plan_car(LoadpointMode.NOW)
    await rig.until(lambda: phase(rig, LP) is Phase.VERIFIED, 20, "the plan's mode is there")
    await rig.end("poller")
    await rig.api("POST", "loadpoints/1/mode/off")
    await rig.start_poller()
    await rig.until(lambda: owner(rig, LP) is Owner.USER, 20, "the person owns it")
    await asyncio.sleep(8)
    assert await rig.mode() == "off"


@pytest.mark.parametrize(
    ("what", "by"),
    [
        ("vehicles/limo/minsoc/90", OverruledBy.MIN_SOC),
        ("vehicles/limo/plan/soc/100/{soon}", OverruledBy.PLAN),
        ("loadpoints/1/smartcostlimit/0.9", OverruledBy.PRICE_LIMIT),
    ],
)
async def test_a_car_that_charges_in_pv_for_a_reason_of_evccs_is_told_and_not_verified(
    rig: Rig, what: str, by: OverruledBy
) -> None:
    rig.plan_car(LoadpointMode.PV)
    await rig.until(lambda: phase(rig, LP) is Phase.VERIFIED, 20, "the plan's mode is there")
    soon = (datetime.now(UTC) + timedelta(minutes=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    await rig.api("POST", what.format(soon=soon))
    await rig.until(lambda: rig.house.car_w > 4000, 60, "the car charges")

    def told() -> bool:
        control = rig.control(LP)
        return control is not None and control.overruled is not None and control.overruled_by is by

    await rig.until(told, 25, "it is told")
    assert phase(rig, LP) is Phase.PENDING
    assert owner(rig, LP) is Owner.PLAN
