"""``ems dashboard`` makes a dashboard of what is on a broker."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import yaml

from ems.bus.session import MqttBus
from ems.contract.service import Service
from ems.contract.site import BatteryFact, EvccFact, EvccVehicle, Loadpoint, LoadpointKind, LoadpointMode, Site
from ems.contract.topics import LOADPOINT, SITE
from ems.demo.broker import embedded_broker
from ems.demo.commands.dashboard import to_yaml
from ems.homeassistant.dashboard.cards import Shape
from ems.runtime.clock import SystemClock
from ems.runtime.settings import MqttSettings
from support.patience import PATIENCE_S

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def point(number: int, title: str, kind: LoadpointKind) -> Loadpoint:
    mode = LoadpointMode.PV
    return Loadpoint(at=NOW, id=number, title=title, kind=kind, mode=mode, connected=False, charging=False)


async def test_it_has_the_homes_own_loadpoints_and_cars(tmp_path: Path) -> None:
    cars = (EvccVehicle(name="zoe", title="Zoe"), EvccVehicle(name="ev6"))
    site = Site(at=NOW, evcc=EvccFact(reachable=True), battery=BatteryFact(soc_pct=50), vehicles=cars)
    async with embedded_broker(tmp_path) as port:
        bus = MqttBus(Service.USERS, MqttSettings(host="127.0.0.1", port=port), SystemClock())
        async with bus.session():
            bus.publish(SITE, site)
            bus.publish(LOADPOINT, point(10, "Hof", LoadpointKind.CAR), id="10")
            bus.publish(LOADPOINT, point(2, "Boiler", LoadpointKind.HEATER), id="2")
            bus.publish(LOADPOINT, point(1, "Garage", LoadpointKind.CAR), id="1")
            await bus.flush()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ems.demo", "dashboard", "--language", "de", "--host", "127.0.0.1"),
            *("--port", str(port)),
            stdout=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(PATIENCE_S):
            out, _ = await process.communicate()
    assert process.returncode == 0
    wanted = Shape({"1": "Garage", "10": "Hof"}, {"zoe": "Zoe", "ev6": "ev6"}, solar=False, language="de")
    assert yaml.safe_load(out) == yaml.safe_load(to_yaml(wanted))
