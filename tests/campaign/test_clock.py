"""Clocks that are set, and the two nights in which they change, lived through by all five services."""

import asyncio
import os
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from campaign.home import Home, campaign_home
from campaign.test_campaign import crashes
from campaign.wishes import TOPICS, Wishes
from ems.contract.plan import Plan
from ems.contract.service import SERVICES
from ems.contract.topics import PREFIX
from ems.house.slots import floor_to

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(0),
    pytest.mark.skipif(not os.environ.get("KILLS"), reason="opt-in, because it takes long: make faults"),
]

FAKETIME = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)
NIGHTS = {
    "summer time begins": datetime(2024, 3, 31, 0, 20, tzinfo=UTC),
    "summer time ends": datetime(2024, 10, 27, 0, 20, tzinfo=UTC),
}
"""When each home begins: both change at 01:00 UTC."""
NIGHT_SPEED = 60.0
NIGHT_S = 80 * 60 / NIGHT_SPEED
"""Until well after the hour that is left out, or there twice, in real seconds."""
SET_FOR_S = 75.0
"""How long each setting of the clock lasts: longer than a lease and the grace after a start."""


@pytest.mark.parametrize("night", NIGHTS)
async def test_a_night_in_which_the_clocks_change_is_planned_slot_by_slot(tmp_path: Path, night: str) -> None:
    async with campaign_home(tmp_path, NIGHT_SPEED, NIGHTS[night]) as home:
        wishes = await _everything_said(home)
        end, seen = time.monotonic() + NIGHT_S, set[datetime]()
        while time.monotonic() < end:
            await home.look()
            plan = Plan.parse(home.facts[f"{PREFIX}/plan"])
            assert all(one.end == other.start for one, other in pairwise(plan.slots)), plan.slots
            # The first one has begun before it was planned.
            assert all(slot.start == floor_to(slot.start, 15) for slot in plan.slots[1:])
            seen.add(plan.slots[0].end)
            await asyncio.sleep(2)
        assert min(seen) < NIGHTS[night] + timedelta(minutes=40) < max(seen), "the night was not lived through"
        await _unharmed(home, wishes)


async def test_a_clock_that_is_set_by_an_hour_and_back_costs_nothing(tmp_path: Path) -> None:
    if FAKETIME is None:
        pytest.skip("NO FAKETIME HERE: this test needs Debian's package libfaketime")
    offset = tmp_path / "offset"
    offset.write_text("+0\n")
    set_by = {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    async with campaign_home(tmp_path, 1.0, datetime.now(UTC), set_by) as home:
        wishes = await _everything_said(home)
        for step_s in (3600, 0, -3600, 0):
            offset.write_text(f"{step_s:+d}\n")
            changes = len(home.watcher.battery_changes())
            await asyncio.sleep(SET_FOR_S)
            await home.well()
            shown = datetime.now(UTC) + timedelta(seconds=step_s)
            for service in SERVICES:
                said_at = datetime.fromisoformat(home.fact(f"{service}/health")["at"])
                assert abs(said_at - shown) < timedelta(minutes=5), f"{service} tells {said_at}, the clock {shown}"
            # Set forward, the last plan's slot is over at once; set back, it lasts until its quarter of an hour is.
            planned_at = Plan.parse(home.facts[f"{PREFIX}/plan"]).at
            assert planned_at > shown - timedelta(minutes=20)
            assert len(home.watcher.battery_changes()) - changes <= 2
            sys.stdout.write(f"  the clock at {step_s:+d} s: planned at {planned_at:%T}, all well\n")
        await _unharmed(home, wishes)


async def _everything_said(home: Home) -> Wishes:
    wishes, dice = Wishes(), random.Random(1)
    for topic in sorted(TOPICS):
        await wishes.say(home, topic, dice)
    assert wishes.answered == wishes.asked
    return wishes


async def _unharmed(home: Home, wishes: Wishes) -> None:
    await home.well()
    assert wishes.broken(home) == []
    assert crashes(home) == []
    for service in SERVICES:
        reasons = sorted(home.watcher.reasons.get(service, ()))
        sys.stdout.write(f"  {service}: {reasons}\n")
