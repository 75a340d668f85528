"""evcc-poller as a whole on a real broker: facts, history on request, metrics, and a broker that is away."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from ems.bus.session import MqttBus
from ems.contract.requests import History, HistoryGet, HistoryRow
from ems.contract.service import Service
from ems.contract.topics import HISTORY_GET, LOADPOINT, SITE, TARIFF
from ems.house.battery import BatterySpec
from ems.house.car import CarSpec, Charger
from ems.runtime.paced_clock import PacedClock
from ems.runtime.settings import MqttSettings
from ems.simulator.environment import Conditions, Steady
from ems.simulator.home import SimulatedCar, SimulatedHome
from ems.simulator.server import SimulatedEvcc
from evcc_poller.app import run
from evcc_poller.settings import Settings
from support.brokers import Broker
from support.bus import eventually, session
from support.pacing import waiting_for

START = datetime(2026, 1, 15, 18, 0, tzinfo=UTC)
PATIENCE_S = 120
"""Longest time that a fact is waited for: the machine may be busy with other things."""
POLL = timedelta(seconds=10)
SPEED = 150
"""A quarter of an hour passes in six seconds, or in as many as the service needs."""


@asynccontextmanager
async def influx1() -> AsyncGenerator[tuple[str, list[str]]]:
    """An InfluxDB 1.x that takes everything."""
    lines: list[str] = []

    async def write(request: web.Request) -> web.Response:
        lines.extend((await request.text()).splitlines())
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/write", write)
    async with TestServer(app, host="127.0.0.1") as server:
        yield f"http://127.0.0.1:{server.port}", lines


@asynccontextmanager
async def poller(folder: Path, broker: Broker, **more: Any) -> AsyncGenerator[tuple[SimulatedEvcc, MqttBus]]:
    """The service on a simulated evcc in a hurry, and somebody who listens."""
    mqtt = MqttSettings(host="127.0.0.1", port=broker.port)
    clock = PacedClock.create(folder / "clock", START, SPEED)
    home = SimulatedHome(
        now=clock.now(),
        environment=Steady(Conditions(load_w=1000, pv_w=200, import_eur_per_kwh=0.3, export_eur_per_kwh=0.08)),
        battery=BatterySpec(capacity_kwh=10, charge_kw=5, discharge_kw=5),
        battery_kwh=9,
        chargers={"1": Charger(), "2": Charger()},
        cars={"limo": SimulatedCar("limo", "Limousine", CarSpec(60, 11), energy_kwh=24, loadpoint="1", parks_at="1")},
    )
    async with (
        SimulatedEvcc(home, clock) as evcc,
        session(mqtt, clock=clock) as bus,
        session(mqtt, Service.USERS, clock=clock) as listener,
        asyncio.TaskGroup() as tasks,
    ):
        settings = Settings.model_validate({"state_dir": folder, "evcc": {"url": evcc.url}, **more})
        site, _, _ = listener.watch(SITE), listener.watch(LOADPOINT), listener.watch(TARIFF)
        task = tasks.create_task(run(bus, settings))
        async with waiting_for(lambda: (seen := site.get()) is None or clock.now() - seen.at > 4 * POLL, clock):
            yield evcc, listener
        task.cancel()


async def test_facts_history_and_metrics_of_half_an_hour(tmp_path: Path, broker: Broker) -> None:
    async with influx1() as (url, lines):
        influx = {"version": 1, "url": url, "database": "smartload"}
        async with poller(tmp_path, broker, influx=influx) as (_, listener):
            await eventually(
                lambda: listener.watch(SITE).get() and len(listener.watch(LOADPOINT).items()) == 2, PATIENCE_S
            )
            await eventually(lambda: set(listener.watch(TARIFF).items()) == {"grid", "feedin", "solar"}, PATIENCE_S)
            row = await covered(listener)
            asked = HistoryGet(id="h", start=START, end=START + timedelta(hours=6), limit=1)
            first = await listener.request(HISTORY_GET, asked)
            assert isinstance(first, History)
            assert (first.id, len(first.rows)) == ("h", 1)
            assert first.next is not None
            second = await listener.request(HISTORY_GET, asked.model_copy(update={"start": first.next}))
            assert isinstance(second, History)
            assert second.rows[0].start >= first.next
            await eventually(
                lambda: any("battery_power=800" in line and "price_ct=30" in line for line in lines), PATIENCE_S
            )
    assert (row.home_w, row.pv_w, row.battery_w, row.import_eur_per_kwh) == (1000, 200, 800, 0.3)
    assert row.loadpoints["1"].vehicle == "limo"
    assert row.loadpoints["1"].soc_pct == 40


async def covered(listener: MqttBus) -> HistoryRow:
    """The first slot after the one in which the service was started that was seen for the most part."""
    asked = HistoryGet(id="h", start=START, end=START + timedelta(hours=6), limit=50)
    async with asyncio.timeout(PATIENCE_S):
        while True:
            answer = await listener.request(HISTORY_GET, asked)
            assert isinstance(answer, History)
            found = [row for row in answer.rows[1:] if row.coverage_s > 300]
            if found:
                return found[0]
            await asyncio.sleep(0.5)


async def test_a_broker_that_is_away_costs_nothing_but_its_time(tmp_path: Path, broker: Broker) -> None:
    async with poller(tmp_path, broker) as (_, listener):
        await eventually(lambda: listener.watch(SITE).get(), PATIENCE_S)
        broker.kill()
        await eventually(lambda: not listener.connected, PATIENCE_S)
        await asyncio.to_thread(broker.start)
        back = listener.clock.now()
        await eventually(lambda: (site := listener.watch(SITE).get()) and site.at > back, PATIENCE_S)
        await eventually(lambda: len(listener.watch(LOADPOINT).items()) == 2, PATIENCE_S)
