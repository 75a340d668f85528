"""Whoever is away for long, in whatever way: health says so while it lasts, the log says it once, and it is over."""

import asyncio
import os
import random
import re
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from campaign.home import Home, campaign_home
from campaign.outside import WAYS
from campaign.wishes import TOPICS, Wishes
from ems.contract.service import SERVICES, Service
from ems.contract.site import BatteryMode
from ems.contract.vehicle import ProblemKind
from ems.runtime.health import MAX_REASONS
from vehicle_soc.domain.circuit_breaker import MAX_WAIT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]

SPEED = 60.0
"""Seconds of the home in a real one: an hour is a minute."""
HOUR_S = 3600 / SPEED
"""An hour of the home, in real seconds: longer than any timeout there is."""
WITHIN_S = MAX_WAIT[ProblemKind.TRANSIENT].total_seconds() / SPEED + 60
"""Real seconds in which health must say that all is well again: a car's cloud that was away for hours is asked again
after hours of the home's time, and waits of the other tries are up to a minute of the real clock."""
TOLD_WITHIN_S = 180.0
"""Real seconds after that hour: three long polls of Telegram have to fail first."""
WHOSE: dict[str, tuple[Service, str]] = {
    "the car's cloud": (Service.VEHICLE_SOC, "car:mini"),
    "Telegram": (Service.NOTIFIER, "telegram"),
    "InfluxDB": (Service.EVCC_POLLER, "influx"),
    "evcc": (Service.EVCC_POLLER, "evcc"),
}
"""Who misses whom, and under which key its health says so."""


@pytest.mark.skipif(not os.environ.get("KILLS"), reason="opt-in, because it takes long: make faults")
@pytest.mark.parametrize("way", WAYS)
async def test_an_absence_is_in_health_and_once_in_the_log(tmp_path: Path, way: str) -> None:
    async with campaign_home(tmp_path, SPEED) as home:
        wishes, dice = Wishes(), random.Random(1)
        for topic in sorted(TOPICS):
            await wishes.say(home, topic, dice)
        gates = {**home.outside.gates, "evcc": home.evcc_line}
        # On a busy machine a start is not without hitches of its own.
        await _over(home, list(gates))
        marks: dict[str, int] = {}
        for what, gate in gates.items():
            if what == "evcc":
                # Without its facts there is nothing to write: InfluxDB has to be missed before.
                await asyncio.sleep(HOUR_S / 2)
            marks[what] = len(home.suite.said(WHOSE[what][0]))
            await WAYS[way](gate)
        await asyncio.sleep(HOUR_S)
        with suppress(TimeoutError):
            async with asyncio.timeout(TOLD_WITHIN_S):
                while not all(_reasons(home, what) for what in gates):  # noqa: ASYNC110  they are other processes'
                    await asyncio.sleep(0.2)
        told = {what: _reasons(home, what) for what in gates}
        too_soon = [what for what in gates if _logged(home, *WHOSE[what], marks[what])[1]]
        assert too_soon == [], "said to be well again while they were away"
        for gate in gates.values():
            await gate.mend()
        missed = [what for what, reasons in told.items() if not reasons]
        assert missed == [], "nobody says that they are away"
        await _over(home, list(gates))
        await home.well()
        assert wishes.broken(home) == []
        for what in gates:
            sys.stdout.write(f"  {what} {way}: {'; '.join(sorted(told[what]))}\n")
            _told_once(home, *WHOSE[what], marks[what])


@pytest.mark.skipif(not os.environ.get("KILLS"), reason="opt-in, because it takes long: make faults")
async def test_an_hour_without_a_broker_costs_nothing_that_was_said(tmp_path: Path) -> None:
    async with campaign_home(tmp_path, SPEED) as home:
        wishes, dice = Wishes(), random.Random(1)
        for topic in sorted(TOPICS):
            await wishes.say(home, topic, dice)
        marks = {service: len(home.suite.said(service)) for service in SERVICES}
        home.rights.broker.stop()
        await asyncio.sleep(HOUR_S)
        assert home.battery_mode is BatteryMode.NORMAL, "nobody plans any more, and the battery is not evcc's"
        assert home.suite.dead() == []
        home.rights.broker.start()
        await home.well()
        assert wishes.broken(home) == []
        for service in SERVICES:
            _told_once(home, service, "mqtt", marks[service])
            sys.stdout.write(f"  {service} without a broker: {dict(_logged(home, service, 'mqtt', 0)[0])}\n")


def _reasons(home: Home, what: str) -> set[str]:
    """What the health says of ``what`` now."""
    service, key = WHOSE[what]
    logged = {entry["why"] for entry in home.suite.said(service) if entry.get("about") == key and "why" in entry}
    kinds = {_kind(why) for why in logged}
    return {reason for reason in home.watcher.health[service].reasons if _kind(reason) in kinds}


async def _over(home: Home, away: list[str]) -> None:
    """Waits until health says that everybody in ``away`` is back."""
    end = time.monotonic() + WITHIN_S
    while still := {what: reasons for what in away if (reasons := _reasons(home, what))}:
        assert time.monotonic() < end, f"back for {WITHIN_S:.0f} s, and still missed: {still}"
        await asyncio.sleep(0.2)


def _told_once(home: Home, service: Service, key: str, mark: int) -> None:
    """Holds if the log from ``mark`` on says each reason once, and that it is over."""
    begun, ended = _logged(home, service, key, mark)
    assert all(times == 1 for times in begun.values()), f"{service} of {key}: {begun}"
    assert begun.total() <= MAX_REASONS, f"{service} of {key}: {begun}"
    # What it had said of a hitch in the ten minutes before it does not say again.
    assert begun or any(e.get("about") == key for e in home.suite.said(service)[:mark]), f"{service}: no word of {key}"
    assert ended or not begun, f"{service}: {key} is not well again"


def _logged(home: Home, service: Service, key: str, mark: int) -> tuple[Counter[str], bool]:
    """How often each reason under ``key`` stands in the log from ``mark`` on until it is over, and whether it is."""
    entries = [entry for entry in home.suite.said(service)[mark:] if entry.get("about") == key]
    until = next((i for i, entry in enumerate(entries) if entry["event"] == "well again"), len(entries))
    return Counter(f"{e['event']}: {_kind(e['why'])}" for e in entries[:until]), until < len(entries)


def _kind(reason: str) -> str:
    return re.sub(r"[0-9]+", "0", reason)
