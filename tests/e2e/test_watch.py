"""``ems watch`` shows what is on a broker, whoever put it there."""

import asyncio
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from ems.bus.session import MqttBus
from ems.contract.service import Service
from ems.contract.site import EvccFact, Site
from ems.contract.topics import SITE
from ems.demo.broker import embedded_broker
from ems.runtime.clock import SystemClock
from ems.runtime.settings import MqttSettings
from support.patience import PATIENCE_S


async def test_it_shows_the_site_and_ends_on_ctrl_c(tmp_path: Path) -> None:
    site = Site(at=datetime.now(UTC), evcc=EvccFact(reachable=True), pv_w=4321, home_w=500, grid_w=-3821)
    async with embedded_broker(tmp_path) as port:
        bus = MqttBus(Service.USERS, MqttSettings(host="127.0.0.1", port=port), SystemClock())
        async with bus.session():
            bus.publish(SITE, site)
            await bus.flush()
        watching = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ems.demo", "watch", "--plain", "--host", "127.0.0.1", "--port", str(port)),
            stdout=asyncio.subprocess.PIPE,
        )
        assert watching.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            line = await watching.stdout.readline()
        watching.send_signal(signal.SIGINT)
        async with asyncio.timeout(PATIENCE_S):
            status = await watching.wait()
    assert "Solar 4.3 kW | House 0.5 kW | Grid -3.8 kW" in line.decode()
    assert status == 130
