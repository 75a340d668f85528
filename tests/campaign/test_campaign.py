"""Hundreds of faults at random, and a person who goes on speaking: nothing promised is lost, nothing stays forced."""

import asyncio
import os
import random
import re
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from campaign.faults import FAULTS
from campaign.home import SERVICES, Home, campaign_home
from campaign.wishes import Wishes
from ems.contract.site import BatteryMode

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]

COUNT = int(os.environ.get("FAULTS", "0"))
SEED = int(os.environ.get("SEED", "1"))
FORCED_AT_MOST_S = 65.0
"""How long after the gateway's death the battery may be forced, in the home's time."""


@pytest.mark.skipif(not COUNT, reason="opt-in, because it takes long: make faults FAULTS=300")
async def test_whatever_goes_wrong_what_a_person_was_promised_holds(tmp_path: Path) -> None:
    dice, wishes, told = random.Random(SEED), Wishes(), Counter[str]()
    chosen, weights = zip(*FAULTS, strict=True)
    async with campaign_home(tmp_path) as home:
        watching = asyncio.create_task(_never_forced_for_long(home))
        for number in range(1, COUNT + 1):
            fault = dice.choices(chosen, weights)[0]
            said = asyncio.create_task(_speak(wishes, home, dice.randrange(2**32)))
            what = await fault(home, dice)
            await said
            told[re.sub(r" [\d.]+ s|x\d+", "", what)] += 1
            await home.well()
            for _ in range(20):
                if not (broken := wishes.broken(home)):
                    break
                await asyncio.sleep(0.5)
                await home.look()
            assert not broken, f"seed {SEED}, fault {number}: {what}"
            assert not watching.done(), watching.exception()
            if number % 10 == 0:
                sys.stdout.write(
                    f"  {number} faults, {wishes.answered} of {wishes.asked} commands answered, {_memory(home)}\n"
                )
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    for what, times in sorted(told.items()):
        sys.stdout.write(f"  {times:4d} x {what}\n")


async def _speak(wishes: Wishes, home: Home, seed: int) -> None:
    dice = random.Random(seed)
    await asyncio.sleep(dice.uniform(0, 2))
    await wishes.say(home, dice)


async def _never_forced_for_long(home: Home) -> None:
    """Looks at the battery itself all the time while the gateway is dead and evcc alive."""
    evcc_since_s: float | None = None
    while True:
        now_s = home.clock.monotonic()
        if home.evcc.evcc is None:
            evcc_since_s = None
        elif evcc_since_s is None:
            evcc_since_s = now_s
        died_s = home.poller_died_s
        if died_s is not None and evcc_since_s is not None:
            alone_s = now_s - max(died_s, evcc_since_s)
            mode = home.battery_mode
            assert alone_s < FORCED_AT_MOST_S or mode is BatteryMode.NORMAL, f"{mode} {alone_s:.0f} s after its death"
        await asyncio.sleep(0.1)


def _memory(home: Home) -> str:
    """Resident memory of each service that runs, in MB."""
    found = []
    for service in SERVICES:
        with suppress(KeyError, OSError):
            status = Path(f"/proc/{home.suite.processes[service].pid}/status").read_text()
            if resident := re.search(r"VmRSS:\s+(\d+)", status):
                found.append(f"{service} {int(resident[1]) // 1024} MB")
    return ", ".join(found)
