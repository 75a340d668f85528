"""Records what a real evcc shows over time while it lives through the script of ``evcc_script``.

By hand, as root, in a network namespace of its own, for 25 minutes; see the fixtures' README:

    unshare --net sh -c 'ip link set lo up && PYTHONPATH=tests .venv/bin/python -m support.record_evcc EVCC NAME'
"""

import asyncio
import itertools
import json
import os
import signal
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, override

import aiohttp
import aiomqtt
from aiohttp import web

from support.brokers import MOSQUITTO
from support.evcc_script import (
    CAPACITY_KWH,
    LOAD_W,
    PV_W,
    SCRIPT,
    SOC_PCT,
    Step,
    changes,
    kept,
    path_at,
    relative,
)
from support.house import DEVICES, MODES, House

FOLDER = Path(__file__).parents[1] / "fixtures" / "evcc-over-time"
HOUSE, EVCC, BROKER = 8099, 7070, 1883

CONFIG = (
    """
interval: {interval}s
log: debug
network: {{host: 127.0.0.1, port: 7070}}
database: {{type: sqlite, dsn: {folder}/evcc.db}}
mqtt: {{broker: "127.0.0.1:1883", topic: evcc/core}}
site: {{title: Home, meters: {{grid: grid, pv: [pv], battery: [battery]}}}}
"""
    + DEVICES
    + """  - name: socket
    type: switchsocket
    features: [{features}]
    enabled: {{source: http, uri: "{house}/state", jq: .socket_enabled}}
    enable: {{source: http, method: POST, uri: "{house}/socket", body: "${{enable}}"}}
    power: {{source: http, uri: "{house}/state", jq: .socket_w}}
vehicles:
  - name: limo
    type: custom
    title: Limo
    capacity: 60
    soc: {{source: http, uri: "{house}/state", jq: .limo_soc}}
    range: {{source: http, uri: "{house}/state", jq: .limo_range}}
  - {{name: mini, type: custom, title: Mini, capacity: 28, soc: {{source: http, uri: "{house}/state", jq: .mini_soc}}}}
  - {{name: guest, type: template, template: offline, title: Gast, capacity: 50}}
loadpoints:
  - {{title: Garage, charger: garage, meter: carmeter, vehicle: limo, mode: pv}}
  - {{title: Carport, charger: socket}}
tariffs:
  currency: EUR
  grid: {{type: fixed, price: 0.3}}
  feedin: {{type: fixed, price: 0.08}}
"""
)

DOORBELLS = frozenset(
    (
        *("batteryMode", "batteryModeExternal", "batteryGridChargeLimit", "batteryDischargeControl", "prioritySoc"),
        *("bufferSoc", "bufferStartSoc", "residualPower"),
        *("mode", "alwaysCharge", "connected", "charging", "enabled", "vehicleName", "limitSoc", "effectiveLimitSoc"),
        *("limitEnergy", "minCurrent", "maxCurrent", "phasesConfigured", "priority", "batteryBoost", "smartCostLimit"),
        *("smartFeedInPriorityLimit", "planActive", "effectivePlanTime", "connectedDuration", "minSoc"),
    )
)
"""The last words of evcc's own topics that are recorded; powers and energies change all the time."""


@dataclass
class ChargingHouse(House):
    """The house of ``evcc_script``: cars fill, and a switch socket takes 100 W while it is on."""

    load_w: float = LOAD_W
    plugged: bool = False
    car: str = "limo"
    soc: dict[str, float] = field(default_factory=lambda: dict(SOC_PCT))
    socket_on: bool = False
    _at: float = field(default_factory=time.monotonic)

    @property
    @override
    def battery_w(self) -> float:
        need = self.load_w + self.car_w + self.socket_w - PV_W
        limits = {"hold": min(need, 0.0), "charge": -5000.0, "holdcharge": max(need, 0.0)}
        return limits.get(self.battery_mode, min(max(need, -5000.0), 5000.0))

    @property
    def socket_w(self) -> float:
        return 100.0 if self.socket_on else 0.0

    @property
    @override
    def car_w(self) -> float:
        charges = self.plugged and self.enabled and self.current_a >= 6 and self.soc[self.car] < 100
        taper = max(0.0, self.soc[self.car] - 80) / 20 * 0.7
        return round(min(self.current_a * 690, 11000 * (1 - taper)), 1) if charges else 0.0

    def live(self) -> None:
        """Lets the car take what it took since the last time."""
        now = time.monotonic()
        kwh = self.car_w * 0.9 * (now - self._at) / 3.6e6
        self._at = now
        self.soc[self.car] = min(100.0, self.soc[self.car] + 100 * kwh / CAPACITY_KWH[self.car])

    def plug(self, car: str) -> None:
        """A car comes, or (empty) the one that is there leaves."""
        self.live()
        self.plugged = bool(car)
        self.car = car or self.car

    @override
    def state(self) -> dict[str, Any]:
        self.live()
        return {
            **super().state(),
            "pv_w": PV_W,
            "grid_w": self.load_w + self.car_w + self.socket_w - PV_W - self.battery_w,
            "socket_w": self.socket_w,
            "socket_enabled": self.socket_on,
            "limo_soc": round(self.soc["limo"], 3),
            "limo_range": round(self.soc["limo"] * 3.6),
            "mini_soc": round(self.soc["mini"], 3),
        }

    @override
    async def _post(self, request: web.Request) -> web.Response:
        self.live()
        value = (await request.text()).strip()
        match request.match_info["what"]:
            case "socket":
                self.socket_on = value == "true"
            case "mode":
                self._switch(MODES[int(value)])
            case "enabled":
                self.enabled = value == "true"
            case "current":
                self.current_a = float(value)
        return web.json_response({"ok": True})


@dataclass
class Recorder:
    """One real evcc, its house, and what was seen of them."""

    binary: Path
    features: str
    """What this evcc calls a switch socket."""
    folder: Path
    house: ChargingHouse
    http: aiohttp.ClientSession
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    _zero: float = field(default_factory=time.monotonic)
    second: int = 0
    """The second that will be looked at next."""
    process: Process | None = None
    last: dict[str, Any] = field(default_factory=dict)
    steps: list[dict[str, Any]] = field(default_factory=list)
    samples: list[list[Any]] = field(default_factory=list)
    messages: list[list[Any]] = field(default_factory=list)

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._zero

    async def do(self, step: Step) -> None:
        """One step of the script and its wait."""
        done: dict[str, Any] = {"at": round(self.elapsed, 1), "step": step.name}
        match step.verb:
            case "plug":
                self.house.plug(step.what)
            case "soc":
                car, soc_pct = step.what.split()
                self.house.live()
                self.house.soc[car] = float(soc_pct)
            case "start":
                await self._start(step.what)
            case "terminate" | "kill":
                await self._end(signal.SIGTERM if step.verb == "terminate" else signal.SIGKILL)
                done["took"] = round(self.elapsed - done["at"], 1)
            case _:
                done |= await self._call(step)
        self.steps.append(done)
        self.second = max(self.second, int(self.elapsed))
        for _ in range(step.wait_s):
            await self._until(self.second + 0.5)
            await self._look()
            self.second += 1
            await self._until(self.second)

    async def listen(self) -> None:
        """Notes what changes below evcc's root on the broker, for ever."""
        known: dict[str, str] = {}
        async with aiomqtt.Client("127.0.0.1", BROKER) as client:
            await client.subscribe("evcc/core/#")
            async for message in client.messages:
                topic = str(message.topic).removeprefix("evcc/core/")
                payload = bytes(message.payload or b"").decode()
                if topic != "status" and (topic.rsplit("/", 1)[-1] not in DOORBELLS or "/remote/" in topic):
                    continue
                if known.get(topic, "") != payload:
                    known[topic] = payload
                    self.messages.append([round(self.elapsed, 1), topic, self._plain(payload)])

    async def _until(self, second: float) -> None:
        await asyncio.sleep(max(0.0, second - self.elapsed))

    async def _start(self, interval: str) -> None:
        config = self.folder / "evcc.yaml"
        house = f"http://127.0.0.1:{HOUSE}"
        config.write_text(CONFIG.format(interval=interval, folder=self.folder, house=house, features=self.features))
        with (self.folder / "evcc.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                self.binary, "-c", config, stdout=log, stderr=log, env={**os.environ, "HOME": str(self.folder)}
            )

    async def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            await self.process.wait()
            self.process = None
        self._note({**self.last, "reachable": False, **self._truth()}, self.second)

    async def _call(self, step: Step) -> dict[str, Any]:
        path = path_at(step.what, datetime.now(UTC))
        async with self.http.request(step.verb, f"http://127.0.0.1:{EVCC}/api/{path}", json=step.body) as response:
            text = await response.text()
            plain = response.content_type == "text/plain"
            return {
                "status": response.status,
                "reply": text if plain or not text else relative(json.loads(text), self.began),
            }

    async def _look(self) -> None:
        state: dict[str, Any] | None = None
        try:
            async with self.http.get(f"http://127.0.0.1:{EVCC}/api/state") as response:
                if response.status == 200:
                    body = await response.json(content_type=None)
                    state = body.get("result", body)
        except (aiohttp.ClientError, TimeoutError, ValueError):
            pass
        if state is None:
            self._note({**self.last, "reachable": False, **self._truth()}, self.second)
        else:
            self._note({"reachable": True, **self._truth(), **kept(state, self.began)}, self.second)

    def _truth(self) -> dict[str, Any]:
        return {"house.battery_mode": self.house.battery_mode, "house.charges": self.house.car_w > 0}

    def _note(self, sample: dict[str, Any], second: int) -> None:
        if told := changes(self.last, sample):
            self.samples.append([second, told])
        self.last = sample

    def _plain(self, payload: str) -> str:
        """Unix seconds as moments of the script."""
        is_moment = payload.isdigit() and 1e9 < int(payload) < 3e9
        return f"t+{int(payload) - round(self.began.timestamp())}" if is_moment else payload

    def recording(self, name: str) -> str:
        """All of it as JSON, one event a line."""
        head = {"evcc": name, "began": self.began.isoformat(timespec="seconds"), "seconds": self.second}
        parts = [f'"{key}": {json.dumps(value)}' for key, value in head.items()]
        told: dict[str, list[Any]] = {"steps": self.steps, "samples": self.samples, "messages": _counted(self.messages)}
        for key, events in told.items():
            lines = ",\n".join(json.dumps(event, separators=(",", ":"), ensure_ascii=False) for event in events)
            parts.append(f'"{key}": [\n{lines}\n]')
        return "{" + ",\n".join(parts) + "}\n"


def _counted(messages: list[list[Any]]) -> list[list[Any]]:
    """The messages, with one entry for each time that evcc erased its tree: ``[time, "(erased)", how many]``."""
    found: list[list[Any]] = []
    for erases, group in itertools.groupby(messages, key=lambda message: message[2] == ""):
        run = list(group)
        found += [[run[0][0], "(erased)", len(run)]] if erases and len(run) > 5 else run
    return found


async def record(binary: Path, name: str, steps: Sequence[Step] = SCRIPT) -> Path:
    """Runs the script against the evcc at ``binary``; returns where the recording is."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="evcc-")))
        (folder / "mosquitto.conf").write_text(f"listener {BROKER} 127.0.0.1\nallow_anonymous true\n")
        broker = await asyncio.create_subprocess_exec(
            str(MOSQUITTO), "-c", str(folder / "mosquitto.conf"), stdout=DEVNULL, stderr=DEVNULL
        )
        stack.push_async_callback(broker.wait)
        stack.callback(broker.terminate)
        house = ChargingHouse()
        runner = web.AppRunner(house.app(), access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", HOUSE).start()
        http = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)))
        await asyncio.sleep(1)
        features = "integrateddevice" if name in {"0.207.6", "0.300.8"} else "integrateddevice, switchdevice"
        recorder = Recorder(binary, features, folder, house, http)
        listener = asyncio.create_task(recorder.listen())
        stack.callback(listener.cancel)
        try:
            for step in steps:
                await recorder.do(step)
                sys.stdout.write(f"{recorder.elapsed:7.1f}  {recorder.steps[-1]}\n")
                sys.stdout.flush()
        finally:
            if recorder.process is not None:
                recorder.process.kill()
                await recorder.process.wait()
        FOLDER.mkdir(exist_ok=True)
        path = FOLDER / f"{name}.json"
        await asyncio.to_thread(path.write_text, recorder.recording(name), encoding="utf-8")
        return path


if __name__ == "__main__":
    asyncio.run(record(Path(sys.argv[1]), sys.argv[2]))
