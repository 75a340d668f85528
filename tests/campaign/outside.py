"""What the home needs from outside: a car's cloud, Telegram, an InfluxDB; each behind a gate, and ways to be away."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import web

from support.clouds import served
from support.fake_telegram import FakeTelegram
from support.gate import Gate

ANNA = 4711
"""The driver's chat."""
_GARBAGE = "<html><body>Please log in to the hotel's network \ufffd\x00</body></html>"


def _http(status: str, kind: str, body: str) -> bytes:
    content = body.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n"
    return head.encode() + content


WAYS: dict[str, Callable[[Gate], Awaitable[None]]] = {
    "stalls": lambda gate: gate.stall(),
    "refuses": lambda gate: gate.cut(),
    "answers 500": lambda gate: gate.answer(_http("500 Internal Server Error", "text/plain", "upstream\n")),
    "answers a web page": lambda gate: gate.answer(_http("200 OK", "text/html", _GARBAGE)),
    "answers no HTTP": lambda gate: gate.answer(b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1 SSH-2.0-OpenSSH_9.9\r\n\r\n"),
}
"""By words, what a server can do instead of its work."""


@dataclass(frozen=True)
class Outside:
    """The servers, each reached by its gate only."""

    cloud: Gate
    telegram: Gate
    influx: Gate
    bot: FakeTelegram
    written: list[str]
    """Lines that arrived in the InfluxDB."""

    @property
    def gates(self) -> dict[str, Gate]:
        """By what stands behind it."""
        return {"the car's cloud": self.cloud, "Telegram": self.telegram, "InfluxDB": self.influx}


@asynccontextmanager
async def outside(soc_pct: Callable[[str], float]) -> AsyncGenerator[Outside]:
    """All of them, at work; the cloud tells of each car what ``soc_pct`` says, as the car itself would."""
    written: list[str] = []

    async def write(request: web.Request) -> web.Response:
        written.extend((await request.text()).splitlines())
        return web.Response(status=204, headers={"X-Influxdb-Version": "1.8.10"})

    async def tell(request: web.Request) -> web.Response:
        return web.json_response({"soc": soc_pct(request.match_info["car"])})

    cloud, influx = web.Application(), web.Application()
    cloud.router.add_get("/{car}", tell)
    influx.router.add_post("/write", write)
    bot = FakeTelegram(ANNA)
    async with AsyncExitStack() as stack:

        async def behind_gate(app: web.Application) -> Gate:
            url = await stack.enter_async_context(served(app))
            return await stack.enter_async_context(Gate(urlsplit(url).port or 0))

        yield Outside(
            cloud=await behind_gate(cloud),
            telegram=await behind_gate(bot.app()),
            influx=await behind_gate(influx),
            bot=bot,
            written=written,
        )


async def away(gate: Gate, way: str, seconds: float) -> None:
    """Is away for so long (real seconds), in one of :data:`WAYS`."""
    await WAYS[way](gate)
    try:
        await asyncio.sleep(seconds)
    finally:
        await gate.mend()
