"""A real evcc in its demo mode: every field of our facts on the broker against evcc's own answer, and an outage.

Opt-in, because evcc is nobody's to ship here: ``EVCC=path/to/evcc pytest tests/e2e/test_evcc_facts.py``.
"""

import asyncio
import json
import os
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ems.bus.session import MqttBus
from ems.contract.service import Service
from ems.contract.site import Loadpoint, Site, Tariff
from ems.contract.topics import HEALTH, LOADPOINT, SITE, TARIFF
from ems.demo.broker import free_port
from ems.runtime.settings import MqttSettings
from evcc_poller.app import run
from evcc_poller.settings import Settings
from support.brokers import MOSQUITTO, Broker, Embedded, Mosquitto
from support.bus import eventually, session

EVCC = os.environ.get("EVCC")
pytestmark = [
    pytest.mark.skipif(EVCC is None, reason="NO EVCC HERE: set EVCC to the path of an evcc binary"),
    pytest.mark.timeout(600),
]
POLL_S = 2


class RealEvcc:
    """evcc --demo behind a proxy that remembers every state that was asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, free_port()
        self.states: list[tuple[datetime, dict[str, Any]]] = []
        self.rates: dict[str, Any] = {}
        self._process: Process | None = None

    async def start(self) -> None:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self._folder),
            "EVCC_NETWORK_PORT": str(self._port),
            "EVCC_OCPP_PORT": str(free_port()),
        }
        self._process = await asyncio.create_subprocess_exec(
            str(EVCC), "--demo", "--database", str(self._folder / "evcc.db"),
            env=environment, stdout=DEVNULL, stderr=DEVNULL,
        )  # fmt: skip

    async def ready(self) -> None:
        """Returns when it shows loadpoints that are complete."""
        # Without a network it takes a while to start, and then it asks one charger in each of its cycles of 30 s.
        async with asyncio.timeout(240), aiohttp.ClientSession() as http:
            while True:
                try:
                    async with http.get(f"http://127.0.0.1:{self._port}/api/state") as reply:
                        state = (await reply.json()) if reply.status == 200 else {}
                except (aiohttp.ClientError, OSError):
                    state = {}
                loadpoints = state.get("result", state).get("loadpoints") or [{}]
                if all("connected" in lp and "mode" in lp for lp in loadpoints):
                    return
                await asyncio.sleep(0.5)

    async def kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    @asynccontextmanager
    async def proxy(self) -> AsyncIterator[str]:
        """The address to give to the poller. A closed evcc shows as a closed connection."""
        async with aiohttp.ClientSession() as http:

            async def forward(request: web.Request) -> web.StreamResponse:
                asked = datetime.now(UTC)
                url = f"http://127.0.0.1:{self._port}{request.path_qs}"
                try:
                    async with http.request(request.method, url) as reply:
                        text, status, kind = await reply.text(), reply.status, reply.content_type
                except (aiohttp.ClientError, OSError):
                    return web.Response(status=502)
                if request.path == "/api/state" and status == 200:
                    self.states.append((asked, json.loads(text)))
                if request.path.startswith("/api/tariff/") and status == 200:
                    self.rates[request.path.rsplit("/", 1)[1]] = json.loads(text)
                return web.Response(status=status, text=text, content_type=kind)

            app = web.Application()
            app.router.add_route("*", "/{path:.*}", forward)
            async with TestServer(app, host="127.0.0.1") as server:
                yield f"http://127.0.0.1:{server.port}"

    def state_at(self, at: datetime) -> dict[str, Any]:
        """What the look of ``at`` was answered."""
        body = next(body for asked, body in self.states if asked >= at)
        found: dict[str, Any] = body.get("result", body)
        return found


def dig(state: dict[str, Any], *paths: str) -> Any:
    """The first value that is there, without the noise of binary fractions."""
    for path in paths:
        value: Any = state
        for part in path.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if value is not None:
            return round(value, 6) if isinstance(value, float) else value
    return None


def expect_site(site: Site, state: dict[str, Any]) -> None:
    """Every field of the site that evcc has an answer to."""
    battery = site.battery
    devices = dig(state, "battery.devices") or (state["battery"] if isinstance(state.get("battery"), list) else [])
    mode = {"unknown": None}.get(state.get("batteryMode", "unknown"), state.get("batteryMode"))
    assert site.evcc.version == dig(state, "version")
    assert site.evcc.interval_s == state["interval"]
    assert site.grid_w == dig(state, "grid.power", "gridPower")
    assert site.pv_w == dig(state, "pvPower")
    assert site.home_w == dig(state, "homePower")
    assert site.title == (state.get("siteTitle") or None)
    assert site.currency == state["currency"]
    assert site.import_eur_per_kwh == dig(state, "tariffGrid")
    assert site.export_eur_per_kwh == dig(state, "tariffFeedIn")
    assert site.residual_power_w == dig(state, "residualPower")
    assert site.priority_soc_pct == dig(state, "prioritySoc")
    assert site.buffer_soc_pct == dig(state, "bufferSoc")
    assert site.buffer_start_soc_pct == dig(state, "bufferStartSoc")
    assert {v.name for v in site.vehicles} == set(state["vehicles"])
    for vehicle in site.vehicles:
        shown = state["vehicles"][vehicle.name]
        assert (vehicle.title, vehicle.capacity_kwh) == (shown.get("title"), shown.get("capacity") or None)
        assert (vehicle.min_soc_pct, vehicle.limit_soc_pct) == (shown.get("minSoc"), shown.get("limitSoc"))
    assert battery is not None
    assert battery.power_w == dig(state, "battery.power", "batteryPower")
    assert battery.soc_pct == dig(state, "battery.soc", "batterySoc")
    assert battery.capacity_kwh == dig(state, "battery.capacity", "batteryCapacity")
    assert (battery.mode, battery.mode_external) == (mode, None)
    assert len(battery.devices) == len(devices)
    for ours, shown in zip(battery.devices, devices, strict=True):
        assert (ours.power_w, ours.soc_pct) == (dig(shown, "power"), dig(shown, "soc"))
        assert (ours.capacity_kwh, ours.controllable) == (dig(shown, "capacity") or None, shown["controllable"])


def expect_loadpoint(lp: Loadpoint, state: dict[str, Any]) -> None:
    """Every field of a loadpoint that evcc has an answer to."""
    shown = state["loadpoints"][lp.id - 1]
    heater, here = shown["chargerFeatureHeating"], shown["connected"]
    car = here and not heater
    soc = dig(shown, "vehicleSoc") or None
    mode = shown["mode"] if shown["mode"] != "smart" else "minpv" if shown["alwaysCharge"] in {"on", "once"} else "pv"
    plan = shown.get("effectivePlanTime")
    assert (lp.mode, lp.kind) == (mode, "heater" if heater else "car")
    assert (lp.title, lp.connected, lp.charging) == (shown["title"], here, shown["charging"])
    assert (lp.enabled, lp.power_w) == (shown["enabled"], dig(shown, "chargePower"))
    assert lp.vehicle == ((shown["vehicleName"] or None) if here else None)
    assert lp.vehicle_title == ((shown["vehicleTitle"] or None) if here else None)
    assert lp.capacity_kwh == (dig(state, f"vehicles.{shown['vehicleName']}.capacity") or None if car else None)
    assert lp.soc_pct == (soc if car else None)
    assert lp.temperature_c == (soc if heater else None)
    assert lp.limit_temperature_c == ((shown["effectiveLimitSoc"] or None) if heater else None)
    assert lp.range_km == ((shown["vehicleRange"] or None) if car else None)
    assert lp.limit_soc_pct == (None if heater else shown["limitSoc"] or None)
    assert lp.effective_limit_soc_pct == (None if heater else shown["effectiveLimitSoc"] or None)
    assert lp.vehicle_limit_soc_pct == ((shown["vehicleLimitSoc"] or None) if car else None)
    assert lp.min_current_a == dig(shown, "effectiveMinCurrent", "minCurrent")
    assert lp.max_current_a == dig(shown, "effectiveMaxCurrent", "maxCurrent")
    assert (lp.phases_configured, lp.phases_active) == (shown["phasesConfigured"], shown["phasesActive"])
    assert lp.phases_switchable == shown["chargerPhases1p3p"]
    assert lp.session_kwh == (round(shown["sessionEnergy"] / 1000, 6) if here else None)
    assert (lp.priority, lp.smart_cost_limit) == (shown["priority"], dig(shown, "smartCostLimit"))
    if plan and car:
        assert lp.plan is not None
        assert lp.plan.departure == datetime.fromisoformat(plan)
        assert (lp.plan.soc_pct or 0) == shown["effectivePlanSoc"]
    else:
        assert lp.plan is None


def expect_tariff(tariff: Tariff, body: Any) -> None:
    """Every rate."""
    shown = body.get("result", body)["rates"]
    assert [r.start for r in tariff.rates] == [datetime.fromisoformat(rate["start"]) for rate in shown]
    assert [r.end for r in tariff.rates] == [datetime.fromisoformat(rate["end"]) for rate in shown]
    least = 0 if tariff.kind == "solar" else -1e9
    assert [r.value for r in tariff.rates] == [max(least, round(rate["value"], 6)) for rate in shown]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    one: Broker = Mosquitto(tmp_path) if MOSQUITTO else Embedded(tmp_path)
    one.start()
    yield one
    one.kill()


@asynccontextmanager
async def polled(folder: Path, broker: Broker) -> AsyncGenerator[tuple[RealEvcc, MqttBus]]:
    """evcc, the poller (only reading), and somebody who listens."""
    evcc, mqtt = RealEvcc(folder), MqttSettings(host="127.0.0.1", port=broker.port)
    await evcc.start()
    try:
        await evcc.ready()
        async with (
            evcc.proxy() as url,
            session(mqtt) as bus,
            session(mqtt, Service.USERS) as listener,
            asyncio.TaskGroup() as tasks,
        ):
            settings = Settings.model_validate(
                {"state_dir": folder, "evcc": {"url": url}, "poll_interval_s": POLL_S, "control": {"enabled": False}}
            )
            listener.watch(SITE), listener.watch(LOADPOINT), listener.watch(TARIFF), listener.watch(HEALTH)
            task = tasks.create_task(run(bus, settings))
            yield evcc, listener
            task.cancel()
    finally:
        await evcc.kill()


async def test_every_fact_is_what_evcc_answered(tmp_path: Path, broker: Broker) -> None:
    async with polled(tmp_path, broker) as (evcc, listener):
        sites, loadpoints, tariffs = listener.watch(SITE), listener.watch(LOADPOINT), listener.watch(TARIFF)
        await eventually(lambda: len(evcc.states) >= 5, 60)
        await eventually(lambda: (site := sites.get()) and site.at >= evcc.states[4][0] - timedelta(seconds=1), 20)
        await eventually(lambda: len(tariffs.items()) >= len(evcc.rates) > 0, 20)
        site = sites.get()
        assert site is not None
        expect_site(site, evcc.state_at(site.at))
        found = loadpoints.items()
        assert len(found) == len(evcc.state_at(site.at)["loadpoints"])
        for lp in found.values():
            expect_loadpoint(lp, evcc.state_at(lp.at))
        for kind, body in evcc.rates.items():
            tariff = tariffs.get(kind)
            assert tariff is not None
            expect_tariff(tariff, body)
        health = listener.watch(HEALTH).get("evcc-poller")
        assert health is not None
        # A demo whose prices come from the internet has none without it, and that is said.
        without_prices = () if "grid" in evcc.rates else tuple(r for r in health.reasons if r.startswith("grid rates"))
        assert health.reasons == without_prices


async def test_an_evcc_that_was_killed_is_said_within_30_s_and_so_is_its_return(tmp_path: Path, broker: Broker) -> None:
    async with polled(tmp_path, broker) as (evcc, listener):
        sites = listener.watch(SITE)
        await eventually(lambda: (site := sites.get()) and site.evcc.reachable, 30)
        await evcc.kill()
        await eventually(lambda: (site := sites.get()) and not site.evcc.reachable, 30)
        gone = sites.get()
        assert gone is not None
        assert (gone.grid_w, gone.battery) == (None, None)
        await evcc.start()
        await eventually(lambda: (site := sites.get()) and site.evcc.reachable and site.grid_w is not None, 60)
