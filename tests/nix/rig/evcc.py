"""The simulated evcc as a program, at evcc's own port, for the machine of the tests."""

import asyncio

from ems.demo import day
from ems.runtime.clock import clock_from_environment
from ems.simulator.server import SimulatedEvcc


async def main() -> None:
    simulated = SimulatedEvcc(day.demo_home(day.START), clock_from_environment(), interval_s=2, zone=day.ZONE)
    simulated._port = 7070
    async with simulated:
        await asyncio.Event().wait()


asyncio.run(main())
