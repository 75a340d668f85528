"""A running metrics sink, and waiting for what it does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from ems.metrics.sink import Metrics
from support.patience import PATIENCE_S

AT = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)


def record(metrics: Metrics, *values: float) -> None:
    for i, value in enumerate(values):
        metrics.record("Smartprice", {"home_power": value}, AT + timedelta(seconds=i))


@asynccontextmanager
async def running(metrics: Metrics) -> AsyncIterator[None]:
    task = asyncio.create_task(metrics.run())
    await asyncio.sleep(0)
    yield
    task.cancel()
    await asyncio.wait([task])


async def until(condition: object) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # type: ignore[operator]  # noqa: ASYNC110  spool and server have no common event
            await asyncio.sleep(0)
