"""A real evcc, the simulated house, a real broker and the real evcc-poller, each killed and started at will."""

import asyncio
import json
import os
import signal
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from ems.bus.session import MqttBus
from ems.contract.control import Action, BatteryAction, Control, ControllerName, LoadpointAction, Proposal, Release
from ems.contract.message import Message, Text
from ems.contract.people import Event, Goal
from ems.contract.service import Service
from ems.contract.site import BatteryMode, LoadpointMode
from ems.contract.topic import Topic
from ems.contract.topics import CONTROL, EVENT, GOAL, HEALTH, LOADPOINT, PROPOSAL, RELEASE
from ems.demo.broker import free_port
from ems.runtime.settings import MqttSettings
from support.bus import session
from support.house import DEVICES, House

LEASE_S = 65
"""Within this time nothing of ours may be left in the house."""

CONFIG = (
    """
interval: {interval}s
log: info
network: {{host: 127.0.0.1, port: {port}}}
database: {{type: sqlite, dsn: {folder}/evcc.db}}
{mqtt}
site: {{title: Rig, meters: {{grid: grid, pv: [pv]{battery}}}}}
"""
    + DEVICES
    + """{chargers}vehicles:
  - {{name: limo, type: custom, title: Limo, capacity: 60, soc: {{source: http, uri: "{house}/state", jq: .car_soc}}}}
loadpoints:
  - {{title: Garage, charger: garage, meter: carmeter, vehicle: limo, mode: pv}}
{loadpoints}tariffs:
  currency: EUR
  grid: {{type: custom, tariff: priceforecast, interval: 1m, forecast: {{source: http, uri: "{house}/rates"}}}}
"""
)

CARPORT = """  - name: carport
    type: custom
    status: {{source: const, value: B}}
    enabled: {{source: const, value: false}}
    enable: {{source: http, method: POST, uri: "{house}/carport"}}
    maxcurrent: {{source: http, method: POST, uri: "{house}/carport"}}
"""
"""A second charger with a car that never charges."""

POLLER = """
mqtt: {{host: 127.0.0.1, port: {broker}}}
state_dir: {folder}/state
evcc: {{url: "{evcc}"}}
history: {{backfill: false}}
control: {{offline_grace_s: 5, dwell_s: 0, startup_grace_s: 5, battery_modes: [{modes}]}}
"""


@dataclass
class Rig:
    """All of it, and hands to push."""

    folder: Path
    evcc_path: Path
    house: House
    port: int
    house_url: str
    mqtt: MqttSettings
    http: aiohttp.ClientSession
    planner: MqttBus
    user: MqttBus
    modes: str
    planner_stack: AsyncExitStack
    events: list[Event] = field(default_factory=list)
    doorbell: bool = True
    """Whether evcc publishes its own tree on the broker."""
    interval_s: int = 3
    """Evcc's control cycle; the one that takes effect is that of its next start."""
    battery: bool = True
    """Whether evcc knows the home battery, from its next start on."""
    evcc_url: str | None = None
    """Where the poller finds evcc from its next start on, if not at evcc itself."""
    poller_env: dict[str, str] = field(default_factory=dict)
    """What the poller's environment has besides, from its next start on."""
    carport: bool = False
    """Whether there is a second charger, from evcc's next start on."""
    evcc: Process | None = None
    poller: Process | None = None

    async def start_evcc(self) -> None:
        """Returns when its API works."""
        config = self.folder / "evcc.yaml"
        mqtt = f"mqtt: {{broker: 127.0.0.1:{self.mqtt.port}, topic: evcc/core}}" if self.doorbell else ""
        carport = CARPORT.format(house=self.house_url) if self.carport else ""
        second = "  - {title: Carport, charger: carport}\n" if self.carport else ""
        config.write_text(
            CONFIG.format(
                port=self.port,
                folder=self.folder,
                house=self.house_url,
                mqtt=mqtt,
                interval=self.interval_s,
                chargers=carport,
                battery=", battery: [battery]" if self.battery else "",
                loadpoints=second,
            )
        )
        with (self.folder / "evcc.log").open("ab") as log:
            self.evcc = await asyncio.create_subprocess_exec(
                self.evcc_path, "-c", config, stdout=log, stderr=log, env={**os.environ, "HOME": str(self.folder)}
            )
        await self.until(self._evcc_answers, 60, "evcc answers")

    async def start_poller(self) -> None:
        config = self.folder / "poller.yaml"
        state = self.folder / "state"
        state.mkdir(exist_ok=True)
        evcc = self.evcc_url or f"http://127.0.0.1:{self.port}"
        config.write_text(POLLER.format(broker=self.mqtt.port, folder=self.folder, evcc=evcc, modes=self.modes))
        program = (sys.executable, "-m", "evcc_poller", "--config", config)
        with (self.folder / "poller.log").open("ab") as log:
            self.poller = await asyncio.create_subprocess_exec(
                *program, stdout=log, stderr=log, env={**os.environ, **self.poller_env}
            )

    async def restore(self) -> int:
        """What systemd does after the poller has ended."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "evcc_poller", "restore", "--config", self.folder / "poller.yaml"
        )
        return await process.wait()

    async def end(self, which: str, how: signal.Signals = signal.SIGKILL) -> float:
        """Ends ``evcc`` or ``poller``; returns when, in monotonic seconds."""
        process: Process = getattr(self, which)
        if process.returncode is not None:
            raise AssertionError(f"{which} has ended by itself: see {self.folder}/{which}.log")
        process.send_signal(how)
        at = time.monotonic()
        await asyncio.wait_for(process.wait(), 30)
        setattr(self, which, None)
        return at

    def plan(self, device: str, action: Action, minutes: float = 30) -> None:
        now = datetime.now(UTC)
        proposal = Proposal(
            device=device,
            controller=ControllerName.LP,
            at=now,
            valid_until=now + timedelta(minutes=minutes),
            action=action,
            reason=Text(en="the rig says so", de="so will es der Prüfstand"),
        )
        self.planner.publish(PROPOSAL, proposal, controller="lp", device=device)

    def plan_battery(self, mode: BatteryMode) -> None:
        self.plan("battery", BatteryAction(mode=mode))

    def plan_car(self, mode: LoadpointMode) -> None:
        self.plan("loadpoint-1", LoadpointAction(mode=mode))

    def goal(self, soc_pct: float, departure: datetime) -> None:
        """Published by the planner's hand: the rig's broker lets it."""
        asked = Goal(vehicle="limo", soc_pct=soc_pct, departure=departure, asked_by="anna", asked_at=datetime.now(UTC))
        self.planner.publish(GOAL, asked, vehicle="limo")

    async def planner_leaves(self) -> None:
        """The planner ends in order; its proposals stay on the broker."""
        await self.planner_stack.aclose()

    async def command(self, topic: Topic[Any], command: Any, **names: str) -> Message:
        return await self.user.request(topic, command, timeout_s=10, **names)

    async def release(self, device: str) -> None:
        """A person gives a device back."""
        await self.command(RELEASE, Release(), device=device)

    async def api(self, method: str, path: str) -> Any:
        """evcc's own API, as a person uses it."""
        async with self.http.request(method, f"http://127.0.0.1:{self.port}/api/{path}") as response:
            body = await response.json(content_type=None)
            return body.get("result", body) if isinstance(body, dict) else body

    async def loadpoint(self) -> dict[str, Any]:
        state = await self.api("GET", "state")
        found: dict[str, Any] = state["loadpoints"][0]
        return found

    async def mode(self) -> str:
        """The loadpoint's mode, in the words of old and new evcc."""
        found = await self.loadpoint()
        mode = str(found["mode"])
        return ("minpv" if found.get("alwaysCharge") in {"on", "once"} else "pv") if mode == "smart" else mode

    async def left_alone(self) -> bool:
        """The house's battery is normal, and evcc holds no mode from outside that could still come."""
        external = (await self.api("GET", "state")).get("batteryModeExternal")
        return self.house.battery_mode == "normal" and external in {None, "unknown"}

    def control(self, device: str) -> Control | None:
        return self.user.watch(CONTROL).get(device)

    @property
    def problems(self) -> tuple[str, ...]:
        """What the poller says is wrong."""
        health = self.user.watch(HEALTH).get(Service.EVCC_POLLER)
        return health.reasons if health else ()

    @asynccontextmanager
    async def told_modes(self) -> AsyncGenerator[list[tuple[float, str]]]:
        """The loadpoint's modes as evcc's socket tells them, each with when (monotonic seconds)."""
        told: list[tuple[float, str]] = []

        async def follow(socket: aiohttp.ClientWebSocketResponse) -> None:
            nonlocal told
            async for message in socket:
                mode = json.loads(message.data).get("loadpoints.0.mode")
                told += [] if mode is None else [(time.monotonic(), "pv" if mode == "smart" else mode)]

        async with aiohttp.ClientSession() as http, http.ws_connect(f"http://127.0.0.1:{self.port}/ws") as socket:
            following = asyncio.create_task(follow(socket))
            yield told
            following.cancel()

    async def until(self, condition: Callable[[], Any], within_s: float, what: str, every_s: float = 0.2) -> float:
        """Waits for a condition (plain or awaitable), looked at ``every_s`` seconds; returns how long it took."""
        began = time.monotonic()
        while True:
            holds = condition()
            if asyncio.iscoroutine(holds):
                holds = await holds
            took = time.monotonic() - began
            if holds:
                return took
            if took > within_s:
                raise AssertionError(f"not within {within_s:g} s: {what}; {self.house}; {self.control('battery')}")
            await asyncio.sleep(every_s)

    def note(self, words: str) -> None:
        """A measurement for who reads the run's output (pytest -s)."""
        sys.stdout.write(f"\n  {self.evcc_path.name}: {words}\n")

    async def forced(self, mode: BatteryMode) -> None:
        """Plans a mode and waits until the house has it."""
        self.plan_battery(mode)
        await self.until(lambda: self.house.battery_mode == mode, 30, f"the house is in {mode}")

    async def _evcc_answers(self) -> bool:
        try:
            state = await self.api("GET", "state")
        except (aiohttp.ClientError, ValueError, TimeoutError):
            return False
        return isinstance(state, dict) and bool(state.get("loadpoints")) and "mode" in state["loadpoints"][0]


@asynccontextmanager
async def evcc_rig(
    folder: Path,
    evcc_path: Path,
    mqtt: MqttSettings,
    *,
    hold_only: bool = False,
    modes: str = "hold, charge, holdcharge",
) -> AsyncGenerator[Rig]:
    """A house in the evening with evcc and the poller running, and a planner that is online."""
    house = House(hold_only=hold_only)
    async with AsyncExitStack() as stack:
        runner = web.AppRunner(house.app(), access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        house_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        http = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)))
        events: list[Event] = []

        def listen(bus: MqttBus) -> None:
            bus.watch(CONTROL), bus.watch(HEALTH), bus.watch(LOADPOINT)
            bus.on_event(EVENT, lambda event, _: events.append(event))

        planner_stack = await stack.enter_async_context(AsyncExitStack())
        planner = await planner_stack.enter_async_context(session(mqtt, Service.TARIFF_PLANNER))
        user = await stack.enter_async_context(session(mqtt, Service.USERS, prepare=listen))
        rig = Rig(
            folder, evcc_path, house, free_port(), house_url, mqtt, http, planner, user, modes, planner_stack, events
        )
        try:
            await rig.start_evcc()
            await rig.start_poller()
            await rig.until(lambda: rig.control("battery"), 30, "the poller controls")
            yield rig
        finally:
            for which in ("poller", "evcc"):
                process: Process | None = getattr(rig, which)
                if process is not None and process.returncode is None:
                    await rig.end(which)
