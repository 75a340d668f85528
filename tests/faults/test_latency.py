"""How fast a real evcc and the bus hear of each other; ``SAMPLES=200`` on a quiet machine for figures to keep."""

import asyncio
import os
import random
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from ems.contract.control import SetMode
from ems.contract.site import LoadpointMode
from ems.contract.topics import LOADPOINT, SET_MODE
from support.evcc_rig import Rig

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

SAMPLES = int(os.environ.get("SAMPLES", "20"))
HEARD_S, POSTED_S, WRITTEN_S, SHOWN_S = 0.3, 0.05, 0.1, 1.0
"""Within this time, in 99 of 100: a change in evcc is on the bus; a command is at evcc, told by it, and shown."""


def told(rig: Rig, what: str, taken: list[float], bound_s: float) -> None:
    taken.sort()
    p50, p99 = taken[len(taken) // 2], taken[min(len(taken) - 1, len(taken) * 99 // 100)]
    rig.note(f"{what}: p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms of {len(taken)}")
    assert p99 <= bound_s


async def test_a_change_in_evcc_is_on_the_bus_at_once(rig: Rig) -> None:
    dice, facts, taken = random.Random(3), rig.user.watch(LOADPOINT), list[float]()
    limit = 50
    for _ in range(SAMPLES):
        await asyncio.sleep(dice.uniform(0.3, 1.0))
        limit = 50 + (limit - 50 + dice.randint(1, 39)) % 40
        await rig.api("POST", f"loadpoints/1/limitsoc/{limit}")
        began = time.monotonic()
        while (seen := facts.get("1")) is None or seen.limit_soc_pct != limit:
            await asyncio.sleep(0.002)
            assert time.monotonic() - began < 15
        taken.append(time.monotonic() - began)
    told(rig, "a change in evcc to the bus", taken, HEARD_S)


@asynccontextmanager
async def tapped(rig: Rig) -> AsyncGenerator[list[tuple[float, str]]]:
    """What the poller posts to evcc, each with when its first bytes are there (monotonic seconds)."""
    posts, ways = list[tuple[float, str]](), set[asyncio.Task[None]]()

    async def pass_on(source: StreamReader, sink: StreamWriter, *, to_evcc: bool) -> None:
        try:
            while data := await source.read(65536):
                if to_evcc and data.startswith(b"POST "):
                    posts.append((time.monotonic(), data.split(b" ", 2)[1].decode()))
                sink.write(data)
                await sink.drain()
        except ConnectionError:
            pass
        finally:
            sink.close()

    async def connected(reader: StreamReader, writer: StreamWriter) -> None:
        evcc_reader, evcc_writer = await asyncio.open_connection("127.0.0.1", rig.port)
        there, back = pass_on(reader, evcc_writer, to_evcc=True), pass_on(evcc_reader, writer, to_evcc=False)
        ways.update(map(asyncio.create_task, (there, back)))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    rig.evcc_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    await rig.end("poller")
    await rig.start_poller()
    try:
        await rig.until(lambda: rig.control("loadpoint-1"), 30, "the poller controls")
        await asyncio.sleep(8)
        yield posts
    finally:
        server.close()
        for way in ways:
            way.cancel()


async def test_a_command_is_at_evcc_at_once(rig: Rig) -> None:
    dice, posted, told_of, mode = random.Random(5), list[float](), list[float](), LoadpointMode.PV
    async with tapped(rig) as posts, rig.told_modes() as modes:
        for _ in range(SAMPLES):
            await asyncio.sleep(dice.uniform(0.3, 1.5))
            mode = dice.choice([m for m in (LoadpointMode.OFF, LoadpointMode.PV, LoadpointMode.NOW) if m is not mode])
            modes.clear()
            posts.clear()
            began = time.monotonic()
            await rig.command(SET_MODE, SetMode(mode=mode), id="1")
            posted.append(next(at for at, path in posts if path.endswith(f"/loadpoints/1/mode/{mode}")) - began)
            # evcc tells a mode that is there already now and then.
            while mode not in (words := [word for _, word in modes]):
                await asyncio.sleep(0.01)
                assert time.monotonic() - began < 5, words
            told_of.append(next(at for at, word in modes if word == mode) - began)
    told(rig, "a command to the write at evcc", posted, POSTED_S)
    told(rig, "a command to evcc's own word of it", told_of, WRITTEN_S)


async def test_a_click_is_shown_within_a_second(rig: Rig) -> None:
    """From a person's command to the loadpoint's fact with its mode, which is what Home Assistant shows."""
    dice, facts, taken, mode = random.Random(7), rig.user.watch(LOADPOINT), list[float](), LoadpointMode.PV
    for _ in range(SAMPLES):
        await asyncio.sleep(dice.uniform(0.3, 1.5))
        mode = dice.choice([m for m in (LoadpointMode.OFF, LoadpointMode.PV, LoadpointMode.NOW) if m is not mode])
        began = time.monotonic()
        await rig.command(SET_MODE, SetMode(mode=mode), id="1")
        while (seen := facts.get("1")) is None or seen.mode is not mode:
            await asyncio.sleep(0.002)
            assert time.monotonic() - began < 15
        taken.append(time.monotonic() - began)
    told(rig, "a click to its value on the bus", taken, SHOWN_S)
