"""Days in accelerated time: memory, descriptors, threads and the log of five services stay as they are."""

import asyncio
import os
import sys
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ems.bus.session import MqttBus
from ems.contract.service import Service
from ems.demo.pace import Pace
from ems.demo.pacer import Pacer
from ems.demo.terminal.bus_snapshot import BusWatcher
from ems.runtime.clock import VARIABLE
from ems.runtime.paced_clock import PacedClock
from ems.simulator.server import SimulatedEvcc
from load.house import large_home, settings
from support.brokers import MOSQUITTO, Mosquitto
from support.process_usage import Usage, usage
from support.suite import Suite, started

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]

HOURS = float(os.environ.get("SOAK_HOURS", "0"))
SPEED = float(os.environ.get("SPEED", "144"))
START = datetime(2026, 3, 2, 11, tzinfo=UTC)
LOOKS = 12
"""How often everything is measured."""
MAX_IDLE_PSS_MB = 220.0
"""Most that the five services use together before anything has happened."""
GROWTH, ALLOWED_MB = 1.05, 4.0
"""Most growth of memory between the end of the first third and the end: caches are full by then."""


def _paced(evcc_url: str, pace: Pace) -> dict[Service, dict[str, Any]]:
    """What allows for delays of the machine is stretched, as in the demo."""
    own = settings(evcc_url, cars=2)
    control = {"stale_s": pace.stale_s, "offline_grace_s": pace.grace_s, "startup_grace_s": pace.grace_s}
    own[Service.EVCC_POLLER] = {
        "evcc": {"url": evcc_url},
        "poll_interval_s": 30,
        "control": {"refresh_s": 30, "tick_s": 10, **control},
    }
    own[Service.TARIFF_PLANNER]["site_stale_s"] = pace.planner_stale_s
    return own


@pytest.mark.skipif(not HOURS, reason="opt-in, because it takes long: make soak HOURS=72")
@pytest.mark.skipif(MOSQUITTO is None, reason="needs mosquitto")
@pytest.mark.usefixtures("cold_start")
async def test_days_go_by_and_nothing_grows(tmp_path: Path) -> None:
    broker, pace = Mosquitto(tmp_path), Pace(SPEED)
    broker.start()
    clock = PacedClock.create(tmp_path / "clock", START, SPEED)
    evcc = SimulatedEvcc(large_home(START, 2, 2, step_s=900), clock, lease_s=pace.lease_s)
    bus = MqttBus(Service.USERS, broker.settings(), clock)
    pacer = Pacer(clock, pace, BusWatcher(bus))
    seen: dict[Service, list[tuple[Usage, int]]] = defaultdict(list)
    try:
        async with evcc, bus.session():
            running = Suite(broker, tmp_path, evcc, _paced(evcc.url, pace), environment={VARIABLE: str(clock.file)})
            async with started(running), asyncio.TaskGroup() as tasks:
                pacing = tasks.create_task(pacer.run())
                for look in range(LOOKS + 1):
                    until = START + timedelta(hours=0.25 + HOURS * look / LOOKS)
                    await clock.sleep(max(0.0, (until - clock.now()).total_seconds()))
                    assert running.dead() == []
                    for service, process in running.processes.items():
                        seen[service].append((usage(process.pid), running.logs[service].stat().st_size))
                pacing.cancel()
    finally:
        broker.stop()
    _tell(seen)
    assert sum(looks[0][0].pss_mb for looks in seen.values()) <= MAX_IDLE_PSS_MB
    for service, looks in seen.items():
        (third, log_third), (half, log_half), (end, log_end) = looks[LOOKS // 3], looks[LOOKS // 2], looks[-1]
        assert end.rss_mb <= third.rss_mb * GROWTH + ALLOWED_MB, f"{service} grows"
        assert end.descriptors <= third.descriptors + 2, f"{service} leaks descriptors"
        assert end.threads <= max(third.threads, half.threads) + 2, f"{service} leaks threads"
        # As much log in the second half as in the sixth before it, times three; some nights say more.
        assert log_end - log_half <= 6 * (log_half - log_third) + 20_000, f"{service} says more and more"


def _tell(seen: dict[Service, list[tuple[Usage, int]]]) -> None:
    say = sys.stdout.write
    say(f"\n{HOURS:g} h at x{SPEED:g}; first, a third, the end\n")
    for service, looks in seen.items():
        first, third, end = (looks[i][0] for i in (0, LOOKS // 3, -1))
        say(
            f"  {service:<15} RSS {first.rss_mb:.1f} {third.rss_mb:.1f} {end.rss_mb:.1f} MB, "
            f"PSS {first.pss_mb:.1f} {end.pss_mb:.1f} MB, descriptors {first.descriptors} {end.descriptors}, "
            f"threads {first.threads} {end.threads}, log {looks[-1][1] / 1000:.0f} kB, "
            f"CPU {end.cpu_s - first.cpu_s:.0f} s\n"
        )
    say(f"  PSS in sum: {sum(looks[0][0].pss_mb for looks in seen.values()):.0f} MB at first\n")
