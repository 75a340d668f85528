"""How fast a real evcc and the bus hear of each other; ``SAMPLES=200`` on a quiet machine for figures to keep."""

import asyncio
import os
import random
import time

import pytest

from ems.contract.control import SetMode
from ems.contract.site import LoadpointMode
from ems.contract.topics import LOADPOINT, SET_MODE
from support.evcc_rig import Rig

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

SAMPLES = int(os.environ.get("SAMPLES", "20"))
HEARD_S, WRITTEN_S = 0.3, 0.1
"""Within this time, in 99 of 100, a change in evcc is on the bus, and evcc tells of what a command has set."""


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


async def test_a_command_is_at_evcc_at_once(rig: Rig) -> None:
    dice, taken, mode = random.Random(5), list[float](), LoadpointMode.PV
    async with rig.told_modes() as modes:
        for _ in range(SAMPLES):
            await asyncio.sleep(dice.uniform(0.3, 1.5))
            mode = dice.choice([m for m in (LoadpointMode.OFF, LoadpointMode.PV, LoadpointMode.NOW) if m is not mode])
            modes.clear()
            began = time.monotonic()
            await rig.command(SET_MODE, SetMode(mode=mode), id="1")
            # evcc tells a mode that is there already now and then.
            while mode not in (words := [word for _, word in modes]):
                await asyncio.sleep(0.01)
                assert time.monotonic() - began < 5, words
            taken.append(next(at for at, word in modes if word == mode) - began)
    told(rig, "a command to evcc's own word of it", taken, WRITTEN_S)
