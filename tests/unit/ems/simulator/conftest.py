"""A simulated evcc on a clock that stands still, and a client of it."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from ems.simulator.server import SimulatedEvcc
from support.clocks import StandingClock
from support.evcc_client import START, Client, house


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(START)


@pytest.fixture
async def evcc(clock: StandingClock) -> AsyncIterator[SimulatedEvcc]:
    async with SimulatedEvcc(house(), clock) as running:
        yield running


@pytest.fixture
async def client(evcc: SimulatedEvcc) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession() as session:
        yield Client(evcc, session)
