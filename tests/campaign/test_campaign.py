"""Hundreds of faults at random, and a person who goes on speaking: nothing promised is lost, nothing stays forced."""

import asyncio
import os
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from campaign.faults import cut_power, draw_round, happen
from campaign.home import Home, campaign_home
from campaign.wishes import TOPICS, Wishes
from ems.contract.service import SERVICES, Service
from ems.contract.site import BatteryMode

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]

KILLS = int(os.environ.get("KILLS", "0"))
SEED = int(os.environ.get("SEED", "1"))
POWER_CUT_EVERY = 20
"""Rounds between two power cuts."""
MAX_FORCED_S = 65.0
"""How long after the gateway's death the battery may be forced, in the home's time."""
MAX_CHANGES_AN_HOUR = 4
"""Of the battery's mode, beside those that a fault explains."""
MAX_MESSAGES_A_MINUTE = 200
"""On one topic in a minute of the home: the gateway starts again and again, and polls evcc at each sign of life."""
MAX_GROWTH = 1.4
"""Resident memory at the end by that at the start, of processes that are all young."""


@pytest.mark.skipif(not KILLS, reason="opt-in, because it takes long: make faults KILLS=200")
async def test_whatever_goes_wrong_what_a_person_was_promised_holds(tmp_path: Path) -> None:
    dice, wishes, told = random.Random(SEED), Wishes(), Counter[str]()
    async with campaign_home(tmp_path) as home:
        watching = asyncio.create_task(_never_forced_for_long(home))
        at_first, biggest, number, began = _memory(home), Counter[Service](), 0, time.monotonic()
        while home.kills < KILLS or home.broker_restarts < KILLS // 4:
            number += 1
            faults = draw_round(dice)
            saying = asyncio.create_task(_speak(wishes, home, random.Random(dice.randrange(2**32))))
            if number % POWER_CUT_EVERY:
                await happen(home, faults, dice, told)
            else:
                await cut_power(home, dice, told)
            await saying
            await home.well()
            for _ in range(20):
                if not (broken := wishes.broken(home)):
                    break
                await asyncio.sleep(0.5)
                await home.look()
            assert not broken, f"seed {SEED}, round {number}: {broken}; {[f.harm.__name__ for f in faults]}"
            assert not watching.done(), watching.exception()
            for service, mb in _memory(home).items():
                biggest[service] = max(biggest[service], mb)
            if number % 10 == 0:
                minutes = (time.monotonic() - began) / 60
                sys.stdout.write(
                    f"  {number} rounds in {minutes:.0f} min, {told.total()} faults, {home.kills} kills, "
                    f"{home.broker_restarts} broker restarts, "
                    f"{wishes.answered} of {wishes.asked} commands answered, {_words(biggest)} MB\n"
                )
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        for what, times in sorted(told.items()):
            sys.stdout.write(f"  {times:4d} x {what}\n")
        for (why, late), times in sorted(Counter(_causes(home)).items()):
            sys.stdout.write(f"  {times:4d} commands without an answer in time{late}: {why}\n")
        watcher = home.watcher
        sys.stdout.write(
            f"  {len(watcher.battery_changes())} changes of the battery's mode, at most "
            f"{watcher.unexplained_changes()} of an hour unexplained\n"
            f"  {watcher.messages_an_hour():.0f} messages an hour of the home, at most {watcher.busiest_minute()} in a "
            f"minute on one topic\n"
            f"  log lines for each of {told.total()} faults: "
            f"{_words({service: round(lines / told.total(), 1) for service, lines in _lines(home).items()})}\n"
            f"  memory at first {_words(at_first)}, at most {_words(biggest)}, at last {_words(_memory(home))} MB\n"
        )
        assert watcher.unexplained_changes() <= MAX_CHANGES_AN_HOUR
        assert watcher.busiest_minute()[0] <= MAX_MESSAGES_A_MINUTE, watcher.busiest_minute()
        for service, mb in at_first.items():
            assert biggest[service] < MAX_GROWTH * mb + 40, f"{service}: {mb} MB at first, then {biggest[service]} MB"
        assert crashes(home) == []
        assert _floods(home, told.total()) == []


async def _speak(wishes: Wishes, home: Home, dice: random.Random) -> None:
    """Three things, while it happens."""

    async def say(topic: str, its: random.Random) -> None:
        await asyncio.sleep(its.uniform(0, 3))
        await wishes.say(home, topic, its)

    async with asyncio.TaskGroup() as tasks:
        for topic in dice.sample(sorted(TOPICS), 3):
            home.watcher.disturb()
            tasks.create_task(say(topic, random.Random(dice.randrange(2**32))))


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
            assert alone_s < MAX_FORCED_S or mode is BatteryMode.NORMAL, f"{mode} {alone_s:.0f} s after its death"
        await asyncio.sleep(0.1)


def _causes(home: Home) -> Iterator[tuple[str, str]]:
    """Why each command got no answer in time, and whether it got one later."""
    for name, why in home.unanswered.items():
        yield why, " but later" if name in home.watcher.answered else ""


def _memory(home: Home) -> dict[Service, int]:
    """Resident memory of each service that runs, in MB."""
    found: dict[Service, int] = {}
    for service in SERVICES:
        with suppress(KeyError, OSError):
            status = Path(f"/proc/{home.suite.processes[service].pid}/status").read_text()
            if resident := re.search(r"VmRSS:\s+(\d+)", status):
                found[service] = int(resident[1]) // 1024
    return found


def _words(by_service: Mapping[Service, float]) -> str:
    return ", ".join(f"{service} {number}" for service, number in by_service.items())


def _lines(home: Home) -> dict[Service, int]:
    """Lines that each service has logged."""
    return {service: len(home.suite.said(service)) for service in SERVICES}


def _floods(home: Home, faults: int) -> list[str]:
    """What a service warned of more often than something went wrong, numbers apart."""
    found = []
    for service in SERVICES:
        warned = Counter(
            (entry["event"], entry.get("about"), re.sub(r"[0-9]+", "0", str(entry.get("why"))))
            for entry in home.suite.said(service)
            if entry["level"] == "warning"
        )
        found += [f"{service}: {times} x {what}" for what, times in warned.items() if times > faults]
    return found


def crashes(home: Home) -> list[str]:
    """What the services logged as their own faults."""
    return [
        f"{service}: {entry.get('event')} {entry.get('exception', '')[-600:]}"
        for service in SERVICES
        for entry in home.suite.said(service)
        if entry.get("level") in {"error", "critical"} or "exception" in entry
    ]
