"""Car clouds on loopback, and providers that talk to them with the real libraries."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from ems.runtime.clock import Clock, SystemClock
from ems.runtime.settings import MqttSettings
from vehicle_soc.adapters.provider import Context, provider_kind
from vehicle_soc.adapters.token_store import TokenStore

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


@asynccontextmanager
async def served(app: web.Application) -> AsyncGenerator[str]:
    """The app on a free port of loopback; yields its address."""
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def context(
    tmp_path: Path, clock: Clock | None = None, mqtt: MqttSettings | None = None, car: str = "car"
) -> AsyncGenerator[Context]:
    """What a provider needs; logins are kept below ``tmp_path``, so a second context is a restart."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        tokens = TokenStore(tmp_path / "logins")
        yield Context(car, clock or SystemClock(), lambda: http, tokens, mqtt or MqttSettings())


def source(name: str, using: Context, **options: Any) -> Any:
    """A provider as the service makes it."""
    kind = provider_kind(name)
    return kind.make(kind.options.model_validate(options), using)
