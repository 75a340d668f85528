"""The whole suite as its own processes, beside a simulated evcc, on whatever broker a test brings."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ems.contract.service import Service
from ems.demo import day
from ems.demo.simulated_evcc import SimulatedEvcc
from ems.runtime.clock import VARIABLE, AcceleratedClock
from support.brokers import Broker

MODULES = {Service.EVCC_POLLER: "evcc_poller", Service.TARIFF_PLANNER: "tariff_planner"}
SPEED = 10.0
"""Fast enough that polls and leases pass in parts of a second, slow enough that nothing is late on a busy machine."""


@dataclass
class Suite:
    """What runs."""

    evcc: SimulatedEvcc
    clock: AcceleratedClock
    processes: dict[Service, subprocess.Popen[str]]
    logs: dict[Service, Path]

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
        processes, logs = {}, {}
        for service, module in MODULES.items():
            state = home / module
            state.mkdir()
            config = home / f"{module}.json"
            mqtt = {"host": "127.0.0.1", "port": broker.port}
            config.write_text(json.dumps({"mqtt": mqtt, "state_dir": str(state), **own[service]}))
            logs[service] = home / f"{module}.log"
            with logs[service].open("w") as log:
                processes[service] = subprocess.Popen(  # noqa: ASYNC220  starts at once
                    [sys.executable, "-m", module, "--config", str(config)],
                    env={**os.environ, VARIABLE: clock.variable()},
                    stdout=log,
                    stderr=log,
                    text=True,
                )
        try:
            yield Suite(evcc, clock, processes, logs)
        finally:
            for process in processes.values():
                process.terminate()
            for process in processes.values():
                try:
                    await asyncio.to_thread(process.communicate, timeout=10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.communicate()
