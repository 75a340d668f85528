"""Pictures of web pages: a headless Chromium, spoken to in its own protocol."""

import asyncio
import base64
import json
import shutil
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from ems.demo.broker import free_port
from support.brokers import wait_for_port

CHROMIUM = shutil.which("chromium")
QUIETLY = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is looked at: width and height in CSS pixels."""

    width: int
    height: int
    dark: bool = False
    scale: float = 1.0


class Page:
    """A tab."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket, self._id = socket, 0

    async def do(self, method: str, **params: Any) -> Any:
        """A command of the DevTools protocol."""
        self._id += 1
        await self._socket.send_json({"id": self._id, "method": method, "params": params})
        while True:
            answer = json.loads((await self._socket.receive()).data)
            if answer.get("id") == self._id:
                assert "result" in answer, f"{method}: {answer}"
                return answer["result"]

    async def picture(self, url: str, look: Look, *, storage: dict[str, str], zone: str, settle_s: float) -> bytes:
        """The page as PNG; ``storage`` is in the browser's local storage before the page is."""
        metrics = {"width": look.width, "height": look.height, "deviceScaleFactor": look.scale, "mobile": False}
        scheme = {"name": "prefers-color-scheme", "value": "dark" if look.dark else "light"}
        before = "".join(f"localStorage.setItem({json.dumps(k)}, {json.dumps(v)});" for k, v in storage.items())
        await self.do("Page.enable")
        await self.do("Emulation.setDeviceMetricsOverride", **metrics)
        await self.do("Emulation.setEmulatedMedia", features=[scheme])
        await self.do("Emulation.setTimezoneOverride", timezoneId=zone)
        await self.do("Page.addScriptToEvaluateOnNewDocument", source=before)
        await self.do("Page.navigate", url=url)
        await asyncio.sleep(settle_s)
        return base64.b64decode((await self.do("Page.captureScreenshot", format="png"))["data"])


@asynccontextmanager
async def browser(folder: Path) -> AsyncGenerator[str]:
    """A running Chromium that keeps its files in ``folder``; yields where it is spoken to."""
    assert CHROMIUM is not None, "no chromium here (Debian's package chromium)"
    port = free_port()
    arguments = (*QUIETLY, f"--remote-debugging-port={port}", f"--user-data-dir={folder}", "about:blank")
    process = await asyncio.create_subprocess_exec(CHROMIUM, *arguments, stdout=DEVNULL, stderr=DEVNULL)
    try:
        await asyncio.to_thread(wait_for_port, port, 30)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def page(where: str) -> AsyncGenerator[Page]:
    """A new tab of the browser at ``where``."""
    async with aiohttp.ClientSession() as http:
        async with http.put(f"{where}/json/new?about:blank") as answer:
            tab = await answer.json()
        async with http.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=0) as socket:
            yield Page(socket)
        async with http.get(f"{where}/json/close/{tab['id']}"):
            pass
