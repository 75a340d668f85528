"""A real evcc beside a gateway whose wall clock is set, and one that steers by itself."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ems.contract.control import Owner, Phase
from ems.contract.site import BatteryMode, LoadpointMode
from support.evcc_rig import Rig

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

FAKETIME = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)
RIGHT_AGAIN_S = 65
LP = "loadpoint-1"


def owner(rig: Rig, device: str) -> Owner | None:
    control = rig.control(device)
    return control.owner if control else None


async def planned(rig: Rig, battery: BatteryMode) -> None:
    rig.plan_car(LoadpointMode.NOW)
    await rig.forced(battery)
    await rig.until(lambda: (c := rig.control(LP)) is not None and c.phase is Phase.VERIFIED, 30, "the car is planned")
    await rig.until(lambda: rig.house.car_w > 4000, 30, "the car charges")


@pytest.mark.parametrize("battery", [BatteryMode.HOLD, BatteryMode.CHARGE])
@pytest.mark.parametrize("step_s", [-3600, 3600])
async def test_a_step_of_our_wall_clock_changes_nothing_at_the_house(
    rig: Rig, tmp_path: Path, step_s: int, battery: BatteryMode
) -> None:
    if FAKETIME is None:
        pytest.skip("NO FAKETIME HERE: this test needs Debian's package libfaketime")
    offset = tmp_path / "offset"
    offset.write_text("+0\n")
    rig.poller_env = {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    await rig.end("poller")
    await rig.start_poller()
    await planned(rig, battery)
    began, asked = time.monotonic(), len(rig.house.asked)
    offset.write_text(f"{step_s:+d}\n")
    wrong_s = 0.0
    while time.monotonic() - began < RIGHT_AGAIN_S + 25:
        await asyncio.sleep(0.5)
        right = rig.house.battery_mode == battery and rig.house.car_w > 4000
        wrong_s = wrong_s if right else time.monotonic() - began
    control = rig.control("battery")
    assert control is not None
    drift_s = control.at.timestamp() - time.time()
    assert abs(drift_s - step_s) < 60, "the poller's clock was not set"
    rig.note(f"{step_s:+d} s during {battery}: wrong until {wrong_s:.1f} s, modes asked {rig.house.asked[asked:]}")
    assert wrong_s <= RIGHT_AGAIN_S
    assert (owner(rig, "battery"), owner(rig, LP)) == (Owner.PLAN, Owner.PLAN)
    assert not rig.problems


@asynccontextmanager
async def optimizing(rig: Rig, value: str | bool) -> AsyncGenerator[list[str]]:
    """The same evcc, which says besides what its optimizer steers; and the writes that came by."""
    writes: list[str] = []
    async with aiohttp.ClientSession() as http:

        async def pass_on(request: web.Request) -> web.Response:
            url = f"http://127.0.0.1:{rig.port}{request.path_qs}"
            async with http.request(request.method, url, data=await request.read()) as answer:
                if request.method != "GET":
                    writes.append(f"{request.method} {request.path}")
                if request.path == "/api/state" and answer.status == 200:
                    state = await answer.json(content_type=None)
                    state.get("result", state)["optimizerAutomatic"] = value
                    return web.json_response(state)
                return web.Response(status=answer.status, body=await answer.read(), content_type=answer.content_type)

        app = web.Application()
        app.router.add_route("*", "/api/{rest:.*}", pass_on)
        async with TestServer(app, host="127.0.0.1") as server:
            rig.evcc_url = f"http://127.0.0.1:{server.port}"
            await rig.end("poller")
            await rig.start_poller()
            yield writes
            await rig.end("poller")


async def rests(rig: Rig) -> None:
    """The poller has freed the battery of an evcc that had just started, and holds nothing any more."""
    await rig.until(
        lambda: rig.house.asked and (c := rig.control("battery")) is not None and c.found is None,
        30,
        "all is given back",
    )


def steered(value: str | bool) -> tuple[bool, bool]:
    """Whether such an evcc steers the battery, and everything."""
    return value in {"battery", "full", True}, value in {"full", True}


async def left_alone(rig: Rig, value: str | bool) -> None:
    """For a while, what evcc steers is nobody's, and the plan has what it does not steer."""
    battery, everything = steered(value)
    await rig.until(lambda: any("optimizer" in problem for problem in rig.problems) is battery, 30, "it is said")
    await asyncio.sleep(30)
    assert (owner(rig, "battery") is Owner.PLAN, owner(rig, LP) is Owner.PLAN) == (not battery, not everything)
    assert rig.house.battery_mode == ("normal" if battery else "hold")
    assert await rig.mode() == ("pv" if everything else "now")


VALUES = ["off", "battery", "full", True, False]
"""No evcc that can be had here has the switch: the rest of these two tests is real."""
NORMAL, RELEASED, HOLD = "POST /api/batterymode/normal", "DELETE /api/batterymode", "POST /api/batterymode/hold"
FOUND, PLANNED = "POST /api/loadpoints/1/mode/pv", "POST /api/loadpoints/1/mode/now"


@pytest.mark.parametrize("value", VALUES)
async def test_an_evcc_that_optimizes_is_left_alone_exactly_where_it_steers(rig: Rig, value: str | bool) -> None:
    battery, everything = steered(value)
    await rests(rig)
    async with optimizing(rig, value) as writes:
        rig.plan_battery(BatteryMode.HOLD)
        rig.plan_car(LoadpointMode.NOW)
        await left_alone(rig, value)
        rig.note(f"optimizerAutomatic {value}: {writes}")
        assert set(writes) == (set() if battery else {HOLD}) | (set() if everything else {PLANNED})


@pytest.mark.parametrize("value", VALUES)
async def test_what_was_held_of_an_evcc_that_optimizes_now_is_given_back_once(rig: Rig, value: str | bool) -> None:
    battery, everything = steered(value)
    await planned(rig, BatteryMode.HOLD)
    async with optimizing(rig, value) as writes:
        await left_alone(rig, value)
        rig.note(f"optimizerAutomatic {value}, held before: {writes}")
        to_battery = [write for write in writes if "batterymode" in write]
        assert to_battery == ([NORMAL, RELEASED] if battery else [HOLD] * len(to_battery))
        assert [write for write in writes if "batterymode" not in write] == ([FOUND] if everything else [])
