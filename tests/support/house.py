"""A small house over HTTP that a real evcc measures and switches: one battery, one charger with a car, a meter.

It lives in the test's own process, so that a test sees the truth and breaks things directly.
Signs as evcc's: grid import positive, battery discharge positive, W.
"""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

MODES = {1: "normal", 2: "hold", 3: "charge", 4: "holdcharge"}
"""evcc's numbers on the wire to the battery."""

DEVICES = """meters:
  - {{name: grid, type: custom, power: {{source: http, uri: "{house}/state", jq: .grid_w}}}}
  - {{name: pv, type: custom, power: {{source: http, uri: "{house}/state", jq: .pv_w}}}}
  - name: battery
    type: custom
    capacity: 10
    power: {{source: http, uri: "{house}/state", jq: .battery_w}}
    soc: {{source: http, uri: "{house}/state", jq: .battery_soc}}
    batterymode: {{source: http, method: POST, uri: "{house}/mode", body: "${{batterymode}}"}}
  - {{name: carmeter, type: custom, power: {{source: http, uri: "{house}/state", jq: .car_w}}}}
chargers:
  - name: garage
    type: custom
    status: {{source: http, uri: "{house}/state", jq: .status}}
    enabled: {{source: http, uri: "{house}/state", jq: .enabled}}
    enable: {{source: http, method: POST, uri: "{house}/enabled", body: "${{enable}}"}}
    maxcurrent: {{source: http, method: POST, uri: "{house}/current", body: "${{maxcurrent}}"}}
"""
"""The house as evcc's meters and its first charger, to be formatted with the address ``house``."""


@dataclass
class House:
    """What really is. ``load_w`` always exceeds the sun, so that a forced battery shows in its power."""

    load_w: float = 1200.0
    battery_soc: float = 50.0
    battery_mode: str = "normal"
    car_soc: float = 40.0
    plugged: bool = True
    enabled: bool = False
    current_a: float = 6.0
    battery_fault: str | None = None
    """``refuse`` answers 500, ``swallow`` says yes and does nothing."""
    hold_only: bool = False
    asked: list[tuple[float, str]] = field(default_factory=list)
    """Every mode that evcc asked of the battery, and when (monotonic seconds)."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def car_w(self) -> float:
        return self.current_a * 690 if self.plugged and self.enabled and self.car_soc < 100 else 0.0

    @property
    def battery_w(self) -> float:
        need = self.load_w + self.car_w
        limits = {"normal": min(need, 5000.0), "hold": 0.0, "charge": -5000.0, "holdcharge": min(need, 5000.0)}
        return limits[self.battery_mode]

    def state(self) -> dict[str, Any]:
        charging = "C" if self.car_w else "B"
        return {
            "grid_w": self.load_w + self.car_w - self.battery_w,
            "pv_w": 0.0,
            "battery_w": self.battery_w,
            "battery_soc": self.battery_soc,
            "car_w": self.car_w,
            "status": charging if self.plugged else "A",
            "enabled": self.enabled,
            "car_soc": self.car_soc,
        }

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/state", self._get)
        app.router.add_get("/rates", self._rates)
        app.router.add_post("/{what}", self._post)
        return app

    async def _get(self, _: web.Request) -> web.Response:
        return web.json_response(self.state())

    async def _rates(self, _: web.Request) -> web.Response:
        start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        hours = [start + timedelta(hours=n) for n in range(30)]
        rates = [{"start": f"{h:%FT%TZ}", "end": f"{h + timedelta(hours=1):%FT%TZ}", "value": 0.3} for h in hours]
        return web.json_response(rates)

    async def _post(self, request: web.Request) -> web.Response:
        value = (await request.text()).strip()
        match request.match_info["what"]:
            case "mode":
                if self.battery_fault == "refuse":
                    return web.Response(status=500)
                self._switch(MODES[int(value)])
            case "enabled":
                self.enabled = value == "true"
            case "current":
                self.current_a = float(value)
        self.changed.set()
        return web.json_response({"ok": True})

    def _switch(self, mode: str) -> None:
        self.asked.append((time.monotonic(), mode))
        swallows = self.battery_fault == "swallow" or (self.hold_only and mode not in {"normal", "hold"})
        if not swallows:
            self.battery_mode = mode
