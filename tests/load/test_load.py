"""50 loadpoints and 100 vehicles at 1 Hz: CPU, memory and messages of each service, and how late anything is."""

import asyncio
import json
import os
import statistics
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import override

import aiomqtt
import pytest

from ems.contract.control import Control
from ems.contract.plan import Plan
from ems.contract.requests import Result
from ems.contract.service import SERVICES, Service
from ems.contract.topics import PREFIX
from ems.contract.vehicle import Vehicle
from ems.runtime.clock import SystemClock
from ems.simulator.server import SimulatedEvcc
from load.house import car_name, large_home, settings
from support.brokers import MOSQUITTO, Mosquitto
from support.bus import Raw, eventually, raw
from support.process_usage import Usage, usage
from support.suite import Suite, started

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]

SECONDS = int(os.environ.get("LOAD_SECONDS", "0"))
LOADPOINTS, CARS = int(os.environ.get("LOADPOINTS", "50")), int(os.environ.get("CARS", "100"))
WELL_WITHIN_S = 600.0
"""Real seconds until every service has seen everything once, and all cars are planned, on a busy machine."""
GROWTH = 1.15
"""Most memory in the last third of the time against that in the first: all caches are full by then."""


@dataclass
class Seen:
    """What went by, without keeping it."""

    messages: Counter[str] = field(default_factory=Counter)
    """By the topic's first two levels below the prefix."""
    size: Counter[str] = field(default_factory=Counter)
    command_s: list[float] = field(default_factory=list)
    """From a person's command to its answer."""
    soc_s: list[float] = field(default_factory=list)
    """From a car's own message to the fact."""
    evcc_s: list[float] = field(default_factory=list)
    """From a change in evcc to the fact."""
    unanswered: int = 0


@pytest.mark.skipif(not SECONDS, reason="opt-in, because it takes long: make load")
@pytest.mark.skipif(MOSQUITTO is None, reason="needs mosquitto")
@pytest.mark.usefixtures("cold_start")
async def test_a_large_home_at_one_hertz_is_carried(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path, ["allow_anonymous true", "max_queued_messages 100000"])
    broker.start()
    evcc = SimulatedEvcc(large_home(SystemClock().now(), LOADPOINTS, CARS), SystemClock(), interval_s=1)
    try:
        async with evcc:
            running = Suite(broker, tmp_path, evcc, settings(evcc.url, CARS))
            async with started(running), raw(broker.settings(), "none") as hand:
                await _measure(hand, running)
    finally:
        broker.stop()


async def _measure(hand: Raw, running: Suite) -> None:
    seen = Seen()
    hand.seen = _Counting(seen)
    await hand.client.subscribe(f"{PREFIX}/#")
    async with asyncio.TaskGroup() as tasks:
        telling = tasks.create_task(_cars_tell(hand))
        with suppress(TimeoutError):
            await eventually(lambda: not _missing(hand), WELL_WITHIN_S)
        assert not (missing := _missing(hand)), missing
        begun, began_s = _usages(running), time.monotonic()
        running.evcc.requests_log.clear()
        seen.messages.clear()
        seen.size.clear()
        asking = [tasks.create_task(each(hand, running, seen)) for each in (_ask, _watch_cars, _change_evcc)]
        peaks_mb = [await _peaks_mb(running, SECONDS / 3) for _ in range(3)]
        ended, took_s = _usages(running), time.monotonic() - began_s
        for task in (telling, *asking):
            task.cancel()
    polls = sum(request.path == "/api/state" for request in running.evcc.requests_log)
    _tell(seen, begun, peaks_mb, ended, took_s, polls)
    _tell_plan(_newest(hand)[f"{PREFIX}/plan"][0])
    assert seen.unanswered == 0
    for service, now in ended.items():
        assert peaks_mb[-1][service] < peaks_mb[0][service] * GROWTH + 5, f"{service} grows"
        assert now.descriptors <= begun[service].descriptors + 5, f"{service} leaks descriptors"


async def _peaks_mb(running: Suite, seconds: float) -> dict[Service, float]:
    """Most memory of each service in so many seconds from now: a plan needs more while it is made."""
    until, peaks = time.monotonic() + seconds, dict.fromkeys(running.processes, 0.0)
    while time.monotonic() < until:
        await asyncio.sleep(1)
        assert running.dead() == []
        peaks = {service: max(peaks[service], now.rss_mb) for service, now in _usages(running).items()}
    return peaks


class _Counting(list[aiomqtt.Message]):
    """Keeps the newest message of each topic alone, and counts."""

    def __init__(self, seen: Seen) -> None:
        super().__init__()
        self._seen = seen
        self.newest: dict[str, tuple[bytes, float]] = {}

    @override
    def append(self, message: aiomqtt.Message) -> None:
        topic = message.topic.value
        kind = topic.removeprefix(f"{PREFIX}/").split("/")[0]
        self._seen.messages[kind] += 1
        self._seen.size[kind] += len(topic) + len(message.payload)
        self.newest[topic] = message.payload, time.monotonic()


def _newest(hand: Raw) -> dict[str, tuple[bytes, float]]:
    assert isinstance(hand.seen, _Counting)
    return hand.seen.newest


def _missing(hand: Raw) -> list[str]:
    """What has not been said by anybody yet."""
    facts = [f"loadpoint/{n + 1}" for n in range(LOADPOINTS)] + [f"vehicle/{car_name(n)}" for n in range(CARS)]
    healths = [f"{service}/health" for service in SERVICES]
    missing = [fact for fact in (*facts, *healths, "plan") if f"{PREFIX}/{fact}" not in _newest(hand)]
    if not missing and not Plan.parse(_newest(hand)[f"{PREFIX}/plan"][0]).slots:
        missing.append("a plan for the cars")
    return missing


def _usages(running: Suite) -> dict[Service, Usage]:
    return {service: usage(process.pid) for service, process in running.processes.items()}


async def _cars_tell(hand: Raw) -> None:
    """Every car's own program publishes its SoC once a second, spread over the second."""
    second = 0
    while True:
        began = time.monotonic()
        for n in range(1, CARS - 1, 2):
            await hand.client.publish(f"cars/{car_name(n)}", str(_soc_pct(n, second)))
        second += 1
        await asyncio.sleep(max(0.0, began + 1 - time.monotonic()))


def _soc_pct(car: int, second: int) -> float:
    """A charge that creeps: no reading is one that no charger makes."""
    return round(20 + car % 30 + second * 0.01, 2)


async def _ask(hand: Raw, running: Suite, seen: Seen) -> None:
    """A person changes a loadpoint's mode once a second, and waits for the answer."""
    del running
    number = 0
    while True:
        began, number = time.monotonic(), number + 1
        path = f"{PREFIX}/loadpoint/{1 + number % LOADPOINTS}/mode"
        wanted = f"load-{number}"
        mode = ("pv", "now", "minpv")[number // LOADPOINTS % 3]
        await hand.publish(f"{path}/set", json.dumps({"id": wanted, "mode": mode}))
        try:
            await hand.until(lambda: _result_id(_newest(hand).get(f"{path}/result")) == wanted, within_s=20)  # noqa: B023
            seen.command_s.append(time.monotonic() - began)
        except TimeoutError:
            seen.unanswered += 1
        await asyncio.sleep(max(0.0, began + 1 - time.monotonic()))


def _result_id(found: tuple[bytes, float] | None) -> str | None:
    return Result.parse(found[0]).id if found else None


async def _watch_cars(hand: Raw, running: Suite, seen: Seen) -> None:
    """How long the newest SoC of a car that is away took to be a fact."""
    del running
    car, number = CARS - 1, 0
    while True:
        number += 1
        # Facts tell a tenth of a percent.
        soc_pct = round(50 + number * 0.1, 1)
        began = time.monotonic()
        await hand.client.publish(f"cars/{car_name(car)}", str(soc_pct))
        fact = f"{PREFIX}/vehicle/{car_name(car)}"
        try:
            await hand.until(lambda: Vehicle.parse(_newest(hand)[fact][0]).soc_pct == soc_pct, within_s=20)  # noqa: B023
            seen.soc_s.append(time.monotonic() - began)
        except TimeoutError:
            seen.unanswered += 1
        await asyncio.sleep(2)


async def _change_evcc(hand: Raw, running: Suite, seen: Seen) -> None:
    """A person sets a limit in evcc's own interface, and evcc tells its tree."""
    number = 0
    while True:
        number += 1
        loadpoint = str(1 + (7 * number) % LOADPOINTS)
        limit = 50 + number % 50
        assert running.evcc.evcc is not None
        running.evcc.evcc.settings.loadpoints[loadpoint].limit_soc_pct = limit
        began = time.monotonic()
        await hand.client.publish(f"evcc/core/loadpoints/{loadpoint}/limitSoc", str(limit), retain=True)
        fact = f"{PREFIX}/control/loadpoint-{loadpoint}"
        try:
            await hand.until(lambda: _limit(_newest(hand).get(fact)) == limit, within_s=20)  # noqa: B023
            seen.evcc_s.append(time.monotonic() - began)
        except TimeoutError:
            seen.unanswered += 1
        await asyncio.sleep(2)


def _limit(found: tuple[bytes, float] | None) -> float | None:
    if found is None:
        return None
    control = Control.parse(found[0])
    return getattr(control.observed, "limit_soc_pct", None)


def _tell(
    seen: Seen,
    begun: dict[Service, Usage],
    peaks_mb: list[dict[Service, float]],
    ended: dict[Service, Usage],
    took_s: float,
    polls: int,
) -> None:
    say = sys.stdout.write
    say(f"\n{LOADPOINTS} loadpoints, {CARS} vehicles, {took_s:.0f} s, load {os.getloadavg()[0]:.1f}\n")
    for service, now in ended.items():
        cpu = (now.cpu_s - begun[service].cpu_s) / took_s
        say(
            f"  {service:<15} CPU {cpu:6.1%}  RSS {begun[service].rss_mb:.0f}, at most {peaks_mb[0][service]:.0f} > "
            f"{peaks_mb[-1][service]:.0f} MB  fds {now.descriptors}  threads {now.threads}\n"
        )
    for name, values in (("command", seen.command_s), ("SoC", seen.soc_s), ("change in evcc", seen.evcc_s)):
        if len(values) > 1:
            cuts = statistics.quantiles(values, n=100)
            say(f"  {name}: {len(values)}, median {cuts[49] * 1000:.0f} ms, p99 {cuts[98] * 1000:.0f} ms\n")
    poller_s = ended[Service.EVCC_POLLER].cpu_s - begun[Service.EVCC_POLLER].cpu_s
    say(f"  evcc was read {polls} times: {poller_s / max(1, polls) * 1000:.0f} ms CPU of the gateway each\n")
    total, size = seen.messages.total() / took_s, seen.size.total() / took_s
    say(f"  {total:.0f} messages/s, {size / 1000:.0f} kB/s, {seen.unanswered} unanswered\n")
    for kind, count in seen.messages.most_common(8):
        say(f"    {kind}: {count / took_s:.1f}/s, {seen.size[kind] / count:.0f} bytes\n")


def _tell_plan(payload: bytes) -> None:
    plan = Plan.parse(payload)
    took = f"{plan.solver.seconds:.1f} s" if plan.solver else "by rules"
    sys.stdout.write(f"  newest plan: {plan.status}, {took}, {len(payload) / 1000:.0f} kB\n")
