"""A Kia at a strict cloud on loopback, read by the real library."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from support.clouds import context, served, source
from support.fake_kia import PASSWORD, PIN, USER, VIN, FakeKia


@asynccontextmanager
async def kia(cloud: FakeKia, tmp_path: Path, region: str = "canada", **more: Any) -> AsyncGenerator[Any]:
    """A car at the fake cloud; leaving and entering again is a restart."""
    app = {"canada": cloud.canada, "usa": cloud.usa, "europe": cloud.europe}[region]()
    options = {"username": USER, "password": PASSWORD, "pin": PIN, "brand": "kia", "region": region, "vin": VIN} | more
    async with served(app) as url, context(tmp_path, car="ev6") as using:
        yield source("hyundai_kia", using, **{"api_url": url, **options})
