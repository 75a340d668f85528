"""Many homes, each with a root of its own on one broker, and two workers that share their planning; one is killed."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ems.bus.session import MqttBus
from ems.contract.plan import Plan, Planning
from ems.contract.requests import History, HistoryGet
from ems.contract.service import Health, HealthState, Service
from ems.contract.site import EvccVehicle, Tariff, TariffKind
from ems.contract.topics import HISTORY_GET, LOADPOINT, SITE, TARIFF
from ems.runtime.clock import AcceleratedClock, Clock
from ems.runtime.settings import MqttSettings
from support.brokers import MOSQUITTO, Broker, Mosquitto
from support.bus import Raw, eventually, raw
from support.evening import NIGHT, NOW, history, loadpoint, rates, site
from support.process_usage import usage
from tariff_planner import app
from tariff_planner.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]

COUNT = int(os.environ.get("HOMES", "0"))
WITHIN_S = float(os.environ.get("WITHIN_S", "300"))
"""Real seconds in which all homes are planned, on a busy machine."""
POOL = {"timeout_s": 60}
"""The homes' and the workers' own: an order that its home has given up is not carried out."""


@dataclass(frozen=True)
class Home:
    """One of the homes: its root, its car, and what its people want."""

    number: int

    @property
    def root(self) -> str:
        return f"homes/{self.number:06d}/ems"

    @property
    def car(self) -> str:
        return f"car-{self.number}"

    @property
    def reserve_soc_pct(self) -> float:
        return 10 + self.number % 50


@asynccontextmanager
async def gateway(home: Home, mqtt: MqttSettings, clock: Clock) -> AsyncGenerator[None]:
    """What a home's evcc-poller tells: its site, its car, its prices, its past."""
    bus = MqttBus(Service.EVCC_POLLER, mqtt, clock)

    async def past(_: HistoryGet, __: Any) -> History:
        return History(rows=history())

    bus.on_request(HISTORY_GET, past)
    bus.publish(SITE, site().model_copy(update={"vehicles": (EvccVehicle(name=home.car),)}))
    bus.publish(LOADPOINT, loadpoint(vehicle=home.car, soc_pct=20 + home.number % 30), id="1")
    dearer = [value + home.number / 1000 for value in NIGHT]
    bus.publish(
        TARIFF,
        Tariff(kind=TariffKind.GRID, unit="EUR/kWh", fetched_at=NOW, rates=rates(dearer)),
        tariff=TariffKind.GRID,
    )
    async with bus.session():
        yield


@asynccontextmanager
async def planner(home: Home, mqtt: MqttSettings, clock: Clock, folder: Path) -> AsyncGenerator[None]:
    """A home's own planner, which keeps its state and has its plans made by workers."""
    state = folder / f"planner-{home.number}"
    state.mkdir()
    settings = Settings.model_validate(
        {
            "state_dir": state,
            "site_stale_s": 3600,
            "event_delay_s": 0.5,
            "workers": POOL,
            "vehicles": {home.car: {"max_kw": 11}},
        }
    )
    bus = MqttBus(Service.TARIFF_PLANNER, mqtt, clock)
    async with bus.session():
        task = asyncio.create_task(app.run(bus, settings))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])


@contextmanager
def mosquitto(folder: Path) -> Iterator[Broker]:
    """A broker for all of them."""
    broker = Mosquitto(folder)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


@contextmanager
def workers(broker: Broker, folder: Path, count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes of the real program; their logs are in ``folder``."""
    config = folder / "worker.json"
    mqtt = {"host": "127.0.0.1", "port": broker.port}
    config.write_text(json.dumps({"mqtt": mqtt, "state_dir": str(folder), "workers": POOL}))
    running = []
    for number in range(count):
        with (folder / f"worker-{number}.log").open("wb") as log:
            running.append(
                subprocess.Popen(
                    [sys.executable, "-m", "tariff_planner", "worker", "--config", str(config)],
                    stdout=log,
                    stderr=log,
                    env={**os.environ, "OMP_NUM_THREADS": "1"},
                )
            )
    try:
        yield running
    finally:
        for process in running:
            process.kill()
            process.wait()


def carried_out(folder: Path, number: int) -> list[dict[str, Any]]:
    """What a worker says of each order that it has carried out."""
    lines = (folder / f"worker-{number}.log").read_text().splitlines()
    entries = [json.loads(line) for line in lines if line.startswith("{")]
    return [entry for entry in entries if entry["event"] == "carried out"]


@pytest.mark.skipif(not COUNT, reason="opt-in, because it takes long: make workers HOMES=20")
@pytest.mark.skipif(MOSQUITTO is None, reason="needs mosquitto")
async def test_a_worker_that_dies_leaves_no_home_without_its_own_plan(tmp_path: Path) -> None:
    clock = AcceleratedClock(time.time(), NOW.timestamp(), 1.0)
    homes = [Home(n) for n in range(1, COUNT + 1)]
    with mosquitto(tmp_path) as broker, workers(broker, tmp_path, 2) as running:
        async with AsyncExitStack() as stack:
            hand = await stack.enter_async_context(raw(broker.settings(), "homes/+/ems/#"))
            await eventually(lambda: all(b"works" in (tmp_path / f"worker-{n}.log").read_bytes() for n in (0, 1)), 60)
            for home in homes:
                mqtt = broker.settings(prefix=home.root, client_id=f"gateway-{home.number}")
                await stack.enter_async_context(gateway(home, mqtt, clock))
            for home in homes:
                mqtt = broker.settings(prefix=home.root, client_id=f"planner-{home.number}")
                await stack.enter_async_context(planner(home, mqtt, clock, tmp_path))
            await hand.until(lambda: all(plans(hand, home) for home in homes), WITHIN_S)
            assert all(carried_out(tmp_path, n) for n in (0, 1)), "one worker did everything"
            firsts = {home: len(plans(hand, home)) for home in homes}
            for home in homes:
                wanted = json.dumps({"id": "1", "reserve_soc_pct": home.reserve_soc_pct})
                await hand.publish(f"{home.root}/planning/set", wanted)

            def left() -> int:
                return sum(len(plans(hand, home)) == firsts[home] for home in homes)

            # Both have some of the orders by then, and have not done them.
            await hand.until(lambda: left() <= 3 * COUNT // 4, WITHIN_S)
            running[0].send_signal(signal.SIGKILL)
            undone = left()
            assert undone, "nothing was left to do when it died"
            await hand.until(lambda: not left(), WITHIN_S)
            seat_mb = usage(os.getpid()).rss_mb / COUNT
            for home in homes:
                _is_its_own(hand, home)
        done = [entry for n in (0, 1) for entry in carried_out(tmp_path, n)]
        cpu_s, size, answer = (sum(e[key] for e in done) / len(done) for key in ("cpu_s", "size", "answer"))
        sys.stdout.write(
            f"\n  {COUNT} homes, two workers, one killed with {undone} homes to do: {len(done)} orders carried out, "
            f"{cpu_s:.2f} CPU s each, {size:.0f} bytes an order, {answer:.0f} bytes an answer; "
            f"worker {usage(running[1].pid).rss_mb:.0f} MB, planner and gateway of a home {seat_mb:.0f} MB at most\n"
        )


def plans(hand: Raw, home: Home) -> list[bytes]:
    """A home's plans with something in them, as they came."""
    return [p for p in hand.payloads(f"{home.root}/plan") if p and b'"slots":[{' in p.replace(b" ", b"")]


def _is_its_own(hand: Raw, home: Home) -> None:
    """The newest plan is of this home, with what its people want, and no plan came twice."""
    every = [Plan.parse(payload) for payload in plans(hand, home)]
    assert len({plan.id for plan in every}) == len(every), f"{home.root}: a plan came twice"
    for plan in every:
        assert {e.device for e in plan.explanations} <= {"battery", "loadpoint-1"}
        prices = {slot.import_eur_per_kwh for slot in plan.slots}
        dearer = {round(value + home.number / 1000, 6) for value in NIGHT}
        assert {round(price, 6) for price in prices} <= dearer, f"{home.root} has another home's prices"
    planning = Planning.parse(hand.payloads(f"{home.root}/planning")[-1])
    assert planning.reserve_soc_pct == home.reserve_soc_pct
    health = Health.parse(hand.payloads(f"{home.root}/tariff-planner/health")[-1])
    assert health.state is not HealthState.FAILED, health.reasons
    assert not [reason for reason in health.reasons if "worker" in reason], health.reasons
