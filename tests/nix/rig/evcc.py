"""The simulated evcc as a program, at evcc's own port, for the machine of the tests."""

import asyncio
from datetime import UTC, datetime

from ems.demo import day
from ems.demo.simulated_evcc import SimulatedEvcc
from ems.runtime.clock import SystemClock


async def main() -> None:
    simulated = SimulatedEvcc(day.demo_home(datetime.now(UTC)), SystemClock(), interval_s=2, zone=day.ZONE)
    simulated._port = 7070
    async with simulated:
        await asyncio.Event().wait()


asyncio.run(main())
