"""The simulated evcc's home at the start of a test, and a client that asks it."""

from datetime import UTC, datetime
from typing import Any

import aiohttp

from ems.house.car import CarSpec
from ems.simulator.environment import Conditions, Steady
from ems.simulator.home import SimulatedCar, SimulatedHome
from ems.simulator.server import SimulatedEvcc

START = datetime(2024, 6, 5, 14, tzinfo=UTC)


class Client:
    """Asks a simulated evcc as a person with curl would."""

    def __init__(self, evcc: SimulatedEvcc, session: aiohttp.ClientSession) -> None:
        self._evcc, self._session = evcc, session

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        async with self._session.request(method, f"{self._evcc.url}/api{path}", json=body) as reply:
            if reply.content_type == "application/json" and reply.content_length:
                return reply.status, await reply.json()
            return reply.status, await reply.text()

    async def post(self, path: str, body: Any = None) -> Any:
        status, answer = await self.ask("POST", path, body)
        assert status == 200, answer
        return answer

    async def state(self) -> dict[str, Any]:
        status, answer = await self.ask("GET", "/state")
        assert status == 200, answer
        assert isinstance(answer, dict)
        return answer

    async def loadpoint(self, number: int = 1) -> dict[str, Any]:
        found: dict[str, Any] = (await self.state())["loadpoints"][number - 1]
        return found


def house(**changes: Any) -> SimulatedHome:
    cars = {
        "limo": SimulatedCar("limo", "Limousine", CarSpec(60), 24, loadpoint="1", parks_at="1"),
        "mini": SimulatedCar("mini", "Mini", CarSpec(28, max_kw=3.7), 20, parks_at="2"),
    }
    return SimulatedHome(**{"now": START, "cars": cars, "environment": Steady(Conditions(load_w=500)), **changes})
