"""The whole suite as its own processes, beside a simulated evcc, on whatever broker a test brings."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ems.contract.service import Service
from ems.demo import day
from ems.runtime.clock import VARIABLE, AcceleratedClock
from ems.simulator.server import SimulatedEvcc
from support.brokers import Broker

MODULES = {Service.EVCC_POLLER: "evcc_poller", Service.TARIFF_PLANNER: "tariff_planner"}
SPEED = 10.0
"""Fast enough that polls and leases pass in parts of a second, slow enough that nothing is late on a busy machine."""
Login = Callable[[Service], Mapping[str, Any]]
"""What a service's ``mqtt`` settings hold besides the broker's address."""


@dataclass
class Suite:
    """What runs."""

    broker: Broker
    home: Path
    evcc: SimulatedEvcc
    own: Mapping[Service, Mapping[str, Any]]
    """The services and their settings."""
    login: Login = lambda _: {}
    environment: Mapping[str, str] = field(default_factory=dict)
    processes: dict[Service, "subprocess.Popen[str]"] = field(default_factory=dict)
    logs: dict[Service, Path] = field(default_factory=dict)

    def start(self, service: Service, environment: Mapping[str, str] | None = None) -> None:
        """Starts it, for the first time or again."""
        name = service.replace("-", "_")
        state, config = self.home / name, self.home / f"{name}.json"
        state.mkdir(exist_ok=True)
        mqtt = {"host": "127.0.0.1", "port": self.broker.port, **self.login(service)}
        config.write_text(json.dumps({"mqtt": mqtt, "state_dir": str(state), **self.own[service]}))
        self.logs[service] = self.home / f"{name}.log"
        with self.logs[service].open("a") as log:
            self.processes[service] = subprocess.Popen(
                [sys.executable, "-m", name, "--config", str(config)],
                env={**os.environ, **self.environment, **(environment or {})},
                stdout=log,
                stderr=log,
                text=True,
            )

    async def end(self, *services: Service, how: signal.Signals = signal.SIGTERM) -> None:
        """Ends them together; those that do not go are killed."""
        ending = [self.processes.pop(service) for service in services]
        for process in ending:
            process.send_signal(how)
        for process in ending:
            try:
                await asyncio.to_thread(process.wait, timeout=10)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()

    def dead(self) -> list[str]:
        """Services that have ended."""
        return [s for s, p in self.processes.items() if p.poll() is not None]

    def said(self, service: Service) -> list[dict[str, Any]]:
        """A service's log, an entry a line."""
        lines = self.logs[service].read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]


@asynccontextmanager
async def suite(broker: Broker, home: Path) -> AsyncGenerator[Suite]:
    """Gateway and planner, from the demo's afternoon on."""
    clock = AcceleratedClock(time.time(), day.START.timestamp(), SPEED)
    evcc = SimulatedEvcc(day.demo_home(day.START), clock, zone=day.ZONE)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(evcc)
        own: dict[Service, dict[str, Any]] = {
            Service.EVCC_POLLER: {"evcc": {"url": evcc.url}},
            Service.TARIFF_PLANNER: {"site_stale_s": 300},
        }
        running = Suite(broker, home, evcc, own, environment={VARIABLE: clock.variable()})
        yield await stack.enter_async_context(started(running))


@asynccontextmanager
async def started(running: Suite) -> AsyncGenerator[Suite]:
    """All its services, until the end."""
    for service in running.own:
        running.start(service)
    try:
        yield running
    finally:
        await running.end(*list(running.processes))
