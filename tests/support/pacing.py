"""A fast clock waits for the services that live by it: on a busy machine a day takes longer, and nobody is late."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from ems.runtime.paced_clock import PacedClock

_LOOK_S = 0.02


@asynccontextmanager
async def waiting_for(behind: Callable[[], bool], clock: PacedClock) -> AsyncGenerator[None]:
    """Lets ``clock`` run at full speed only while nobody is ``behind``, as by what is told or not told yet."""

    async def look() -> None:
        while True:
            (clock.slow_down if behind() else clock.speed_up)()
            await asyncio.sleep(_LOOK_S)

    looking = asyncio.create_task(look())
    try:
        yield
    finally:
        looking.cancel()
