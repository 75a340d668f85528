"""A real Home Assistant as a process on loopback: started, asked, told, and its log read."""

import asyncio
import os
import signal
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp

from ems.demo.broker import free_port
from support import hass_storage

ROOT = Path(__file__).parents[2]
HASS = Path(os.environ.get("HASS", ROOT / ".tools" / "hass" / "bin" / "hass"))
"""The ``hass`` program, or one that takes the same arguments; ``make hass`` installs it."""
NOT_OURS = (
    "Skipping pip installation",
    "zlib",
    "homeassistant.components.camera.img_util",
    "TurboJPEG",
    "haffmpeg",
    "No ACK from MQTT server in 10 seconds",
)
"""Of what Home Assistant says about the machine that it runs on."""
BOOT_S = 180
State = Mapping[str, Any]


@dataclass
class HomeAssistant:
    """One installation, which keeps its folder when it is stopped."""

    folder: Path
    http: aiohttp.ClientSession
    port: int = field(default_factory=free_port)
    _process: Process | None = None

    @property
    def url(self) -> str:
        """Where people reach it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What it said, of warnings and worse, in all its runs."""
        return self.folder / "said.log"

    async def start(self) -> None:
        """Returns when it runs."""
        assert self._process is None, "it runs already"
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(HASS, "--config", self.folder, "--skip-pip", "--log-no-color"), stdout=log, stderr=log
            )
        await self.until(self._runs, BOOT_S, "Home Assistant runs")

    async def stop(self) -> None:
        """Ends it in order."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), 60)
            except TimeoutError:
                process.kill()
                await process.wait()

    async def get(self, path: str) -> Any:
        """A GET below ``/api``: what JSON says, else the text."""
        async with self.http.get(f"{self.url}/api/{path}") as answer:
            answer.raise_for_status()
            return await (answer.json() if answer.content_type == "application/json" else answer.text())

    async def post(self, path: str, data: Any) -> Any:
        """A POST below ``/api``."""
        async with self.http.post(f"{self.url}/api/{path}", json=data) as answer:
            text = await answer.text()
            assert answer.ok, f"{path}: {answer.status} {text}"
            return await answer.json(content_type=None)

    async def states(self) -> dict[str, State]:
        """Every entity that has a state, by its id."""
        return {state["entity_id"]: state for state in await self.get("states")}

    async def state(self, entity_id: str) -> str:
        """One entity's state; "missing" without one."""
        async with self.http.get(f"{self.url}/api/states/{entity_id}") as answer:
            if answer.status == HTTPStatus.NOT_FOUND:
                return "missing"
            answer.raise_for_status()
            return str((await answer.json())["state"])

    async def call(self, action: str, entity_id: str, **data: Any) -> None:
        """What a person does in the interface: ``select.select_option`` of an entity, and the like."""
        domain, service = action.split(".")
        target = {"entity_id": entity_id}
        await self.ask("call_service", domain=domain, service=service, service_data=data, target=target)

    async def ask(self, kind: str, **data: Any) -> Any:
        """A command of the WebSocket API, as the frontend gives it.

        Raises:
            AssertionError: it failed, in Home Assistant's words.
        """
        async with self.http.ws_connect(f"{self.url}/api/websocket") as socket:
            await socket.receive_json()
            await socket.send_json({"type": "auth", "access_token": hass_storage.token()})
            await socket.receive_json()
            await socket.send_json({"id": 1, "type": kind, **data})
            answer = await socket.receive_json()
            assert answer["success"], f"{kind}: {answer['error']}"
            return answer["result"]

    async def ours(self) -> dict[str, str]:
        """Entity ids by the unique ids that the suite gave; those switched off as well."""
        registry = await self.ask("config/entity_registry/list")
        return {e["unique_id"]: e["entity_id"] for e in registry if e["platform"] == "mqtt"}

    async def until(self, condition: Callable[[], Any], within_s: float, what: Any, *, pause_s: float = 0.1) -> None:
        """Waits for a condition, plain or awaitable; ``what`` may be a function that says how things stand.

        ``pause_s`` passes between two looks; a condition that asks for all entities keeps Home Assistant busy.
        """
        try:
            async with asyncio.timeout(within_s):
                while True:
                    holds = condition()
                    if asyncio.iscoroutine(holds):
                        holds = await holds
                    if holds:
                        return
                    await asyncio.sleep(pause_s)
        except TimeoutError:
            said = what() if callable(what) else what
            raise AssertionError(f"not within {within_s:g} s: {said}; {self.complaints()[-5:]}") from None

    def complaints(self) -> list[str]:
        """Warnings and errors so far, without those about the machine."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        said = [line for line in lines if " WARNING " in line or " ERROR " in line or "CRITICAL" in line]
        return [line for line in said if not any(part in line for part in NOT_OURS)]

    async def _runs(self) -> bool:
        assert self._process is not None
        assert self._process.returncode is None, self.log.read_text(encoding="utf-8", errors="replace")[-2000:]
        try:
            return bool((await self.get("config"))["state"] == "RUNNING")
        except aiohttp.ClientError:
            return False


@asynccontextmanager
async def home_assistant(
    folder: Path, broker: hass_storage.Login, *, zone: str, language: str = "en"
) -> AsyncGenerator[HomeAssistant]:
    """Installed, its owner logged in, its broker set; not yet started."""
    headers = {"Authorization": f"Bearer {hass_storage.token()}"}
    async with aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(total=20)) as http:
        made = HomeAssistant(folder, http)
        hass_storage.write(folder, made.port, broker, zone, language)
        try:
            yield made
        finally:
            await made.stop()
