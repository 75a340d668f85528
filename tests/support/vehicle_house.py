"""vehicle-soc as people start it, with clouds on loopback and a hand on a real broker."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ems.contract.vehicle import Vehicle
from ems.runtime.clock import VARIABLE, AcceleratedClock
from support import fake_kia, fake_renault
from support.brokers import Mosquitto
from support.bus import Raw, raw
from support.clouds import served
from support.fake_kia import FakeKia
from support.fake_renault import FakeRenault
from support.warm_start import ALSO

TOP = "evcc/ems"
CLOUDS = "vehicle_soc.adapters.renault.source,vehicle_soc.adapters.hyundai_kia.source"
"""Whose libraries take longer to come up than the rest of the service."""


@dataclass
class VehicleHouse:
    """The service's surroundings: its settings, its clouds, a hand on the bus."""

    home: Path
    config: Path
    renault: FakeRenault
    kia: FakeKia
    bus: Raw
    started: list[asyncio.subprocess.Process] = field(default_factory=list)

    async def program(self, *arguments: str, clock: AcceleratedClock | None = None) -> asyncio.subprocess.Process:
        """Starts the real program, with a clock of the test's; it ends with the house at the latest."""
        environment = {k: v for k, v in os.environ.items() if k not in {"CREDENTIALS_DIRECTORY", VARIABLE}}
        environment[ALSO] = CLOUDS
        if clock is not None:
            environment[VARIABLE] = clock.variable()
        started = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "vehicle_soc",
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
        )
        self.started.append(started)
        return started

    def vehicle(self, name: str) -> Vehicle | None:
        """The newest fact about a car."""
        got = [p for p in self.bus.payloads(f"{TOP}/vehicle/{name}") if p]
        return Vehicle.parse(got[-1]) if got else None

    async def until(self, condition: Any) -> None:
        await self.bus.until(condition)

    async def command(self, topic: str, **command: Any) -> dict[str, Any]:
        """Sends a command and returns its result."""
        result = f"{TOP}/{topic.removesuffix('/set')}/result"
        before = len(self.bus.payloads(result))
        await self.bus.publish(f"{TOP}/{topic}", json.dumps({"v": 1, **command}))
        await self.until(lambda: len(self.bus.payloads(result)) > before)
        answer: dict[str, Any] = json.loads(self.bus.payloads(result)[-1])
        return answer


@asynccontextmanager
async def vehicle_house(broker: Mosquitto, tmp_path: Path, **cars: Any) -> AsyncGenerator[VehicleHouse]:
    """A Zoe with two factors, an EV6 from the predecessor's file, a car that only people know, and ``cars``."""
    renault, kia = FakeRenault(two_factor=True), FakeKia()
    async with served(renault.app()) as renault_url, served(kia.canada()) as kia_url, raw(broker.settings()) as bus:
        secret = tmp_path / "zoe-password"
        secret.write_text(fake_renault.PASSWORD)
        secret.chmod(0o600)
        old = tmp_path / "vehicles.yaml"
        old.write_text(
            f"vehicles:\n  - name: ev6\n    template: kia\n    user: {fake_kia.USER}\n"
            f"    password: {fake_kia.PASSWORD}\n    pin: {fake_kia.PIN}\n    vin: {fake_kia.VIN}\n"
            f"    region: 2\n    capacity: 77.4\n    charge_power_kw: 11\n    api_url: {kia_url}\n"
        )
        old.chmod(0o600)
        zoe = {"provider": "renault", "username": fake_renault.USER, "password_credential": str(secret)}
        settings = {
            "mqtt": {"host": "127.0.0.1", "port": broker.port},
            "state_dir": str(tmp_path / "state"),
            "log_level": "debug",
            "quiet_hours": None,
            "vehicles_file": str(old),
            "vehicles": {
                "zoe": {**zoe, "vin": fake_renault.VIN, "api_url": renault_url},
                "old_car": {"provider": "manual", "capacity_kwh": 16},
                **cars,
            },
        }
        config = tmp_path / "vehicle-soc.json"
        config.write_text(json.dumps(settings))
        made = VehicleHouse(tmp_path, config, renault, kia, bus)
        try:
            yield made
        finally:
            for process in made.started:
                if process.returncode is None:
                    process.kill()
                    await process.communicate()
