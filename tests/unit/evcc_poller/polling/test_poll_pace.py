"""The pace of StatePoller, and incomplete states."""

import asyncio
import copy
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from ems.contract.service import HealthState
from ems.contract.topics import LOADPOINT
from ems.runtime.clock import Clock, SystemClock
from evcc_poller.adapters.evcc import Evcc
from evcc_poller.domain.observation import Observation
from evcc_poller.domain.parsing.vehicle_names import VehicleNames
from evcc_poller.polling.observation_channel import ObservationChannel
from evcc_poller.polling.state_poller import StatePoller
from evcc_poller.polling.tariff_poller import TariffPoller
from support.clocks import StandingClock
from support.controlled import WORDING
from support.evcc_recorded import body
from support.patience import PATIENCE_S
from support.quiet_bus import QuietBus

START = datetime(2026, 11, 21, 7, 10, tzinfo=UTC)


def state() -> dict[str, Any]:
    found: dict[str, Any] = copy.deepcopy(body("0.313", "state"))
    return found


@dataclass
class ScriptedEvcc:
    """An evcc that answers with ``states``, one after the other; the last stays, and None is a 500."""

    states: list[dict[str, Any] | None]
    clock: Clock = field(default_factory=lambda: StandingClock(START))
    asked: list[datetime] = field(default_factory=list)
    enough: asyncio.Event = field(default_factory=asyncio.Event)
    """Set with the eighth question."""
    hold: tuple[asyncio.Event, asyncio.Event] | None = None
    """Set with a question, and waited for before its answer."""

    async def answer(self, _: web.Request) -> web.Response:
        self.asked.append(self.clock.now())
        if len(self.asked) == 8:
            self.enough.set()
        if self.hold is not None:
            self.hold[0].set()
            await self.hold[1].wait()
        now = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return web.Response(status=500) if now is None else web.json_response(now)

    @asynccontextmanager
    async def poller(
        self, *listeners: Callable[[Observation], Awaitable[None]]
    ) -> AsyncGenerator[tuple[StatePoller, QuietBus]]:
        app, bus = web.Application(), QuietBus(self.clock)
        app.router.add_get("/api/state", self.answer)
        async with TestServer(app, host="127.0.0.1") as server, Evcc(f"http://127.0.0.1:{server.port}") as evcc:
            yield (
                StatePoller(
                    bus, evcc, VehicleNames(), TariffPoller(bus, evcc), ObservationChannel(), WORDING, listeners
                ),
                bus,
            )


async def test_a_failed_look_is_repeated_soon_until_evcc_counts_as_away() -> None:
    scripted = ScriptedEvcc([state(), None, None, None, None, state()])
    async with scripted.poller() as (poller, _):
        running = asyncio.create_task(poller.run(10))
        async with asyncio.timeout(PATIENCE_S):
            await scripted.enough.wait()
        running.cancel()
        await asyncio.wait([running])
    gaps = [round((later - earlier).total_seconds()) for earlier, later in pairwise(scripted.asked)]
    assert gaps[:7] == [10, 3, 3, 10, 10, 10, 10]


async def test_what_is_missing_only_while_evcc_starts_is_no_problem() -> None:
    incomplete = state()
    del incomplete["loadpoints"][1]["connected"]
    scripted = ScriptedEvcc([incomplete, state(), incomplete])
    async with scripted.poller() as (poller, bus):
        await poller.poll()
        assert bus.health.state is HealthState.OK
        await poller.poll()
        await poller.poll()
        assert bus.health.state is HealthState.OK
        await poller.poll()
        assert bus.health.state is HealthState.OK


async def test_a_loadpoint_that_evcc_never_asks_is_told_once_each_had_its_turn() -> None:
    incomplete = state()
    incomplete["interval"] = 30
    del incomplete["loadpoints"][1]["connected"]
    scripted, seen = ScriptedEvcc([incomplete]), list[Observation]()

    async def hear(observation: Observation) -> None:
        seen.append(observation)

    async with scripted.poller(hear) as (poller, bus):
        for _ in range(12):
            await poller.poll()
            await scripted.clock.sleep(10)
        assert (bus.health.state, seen[-1].unasked, seen[-1].site.evcc.problem) == (HealthState.OK, (2,), None)
        for _ in range(3):
            await poller.poll()
            await scripted.clock.sleep(10)
        assert "loadpoints[1].connected is not there" in bus.health.snapshot().reasons[0]
        assert "loadpoints[1].connected" in (seen[-1].site.evcc.problem or "")


async def test_a_car_that_leaves_is_told_from_one_that_stays_by_evccs_length_of_the_stay() -> None:
    states = list[dict[str, Any] | None]()
    for stay_s in (0, 9223372036.0, None, "odd", 36, 36):
        shown = state()
        shown["loadpoints"][0] |= {"connected": True, "connectedDuration": stay_s}
        shown["loadpoints"][1] |= {"connected": False, "connectedDuration": 36}
        states.append(shown)
    scripted, seen = ScriptedEvcc(states), list[Observation]()

    async def hear(observation: Observation) -> None:
        seen.append(observation)

    async with scripted.poller(hear) as (poller, _):
        for _ in range(7):
            await poller.poll()
            await scripted.clock.sleep(2)
    # The last is no departure: this evcc counts while a car is there.
    assert [observation.leaving for observation in seen] == [(), (), (), (), (1,), (1,), ()]


async def test_a_network_that_drops_a_connection_does_not_hold_the_polls_up() -> None:
    polls, again = list[Observation](), asyncio.Event()

    async def hear(observation: Observation) -> None:
        polls.append(observation)
        if len(polls) == 1:
            poller.suspect_restart()
        again.set()

    async with ScriptedEvcc([state()], SystemClock()).poller(hear) as (poller, _):
        running = asyncio.create_task(poller.run(10))
        for _ in range(3):
            async with asyncio.timeout(PATIENCE_S):
                await again.wait()
            again.clear()
            poller.ring()
        running.cancel()
        await asyncio.wait([running])
    # It is watched for three seconds whether evcc is really away.
    assert (polls[-1].moment - polls[0].moment).total_seconds() < 2.5
    assert not any(seen.restarted for seen in polls)


async def test_an_answer_from_before_evcc_went_away_is_not_taken_for_the_restarted_one() -> None:
    scripted, seen = ScriptedEvcc([state()]), list[Observation]()

    async def hear(observation: Observation) -> None:
        seen.append(observation)

    async with scripted.poller(hear) as (poller, _):
        asked, answers = asyncio.Event(), asyncio.Event()
        scripted.hold = (asked, answers)
        late = asyncio.create_task(poller.poll())
        await asked.wait()
        poller._down = True  # what the watch beside the polls finds meanwhile
        answers.set()
        await late
        scripted.hold = None
        await poller.poll()
    assert [observation.restarted for observation in seen] == [False, True]


async def test_a_loadpoint_that_evcc_no_longer_has_is_cleared_but_not_while_it_starts() -> None:
    one = state()
    one["loadpoints"].pop()
    scripted = ScriptedEvcc([state(), one, one, state(), one])
    async with scripted.poller() as (poller, bus):
        for _ in range(6):
            await poller.poll()
        assert None not in bus.all(LOADPOINT)
        await poller.poll()
        assert [names for topic, names, value in bus.published if topic is LOADPOINT and value is None] == [{"id": "2"}]
        assert bus.last(LOADPOINT, id="1") is not None


async def test_a_loadpoint_that_cannot_be_read_for_a_while_is_not_forgotten() -> None:
    empty = state()
    empty["loadpoints"][1] = {}
    scripted = ScriptedEvcc([state(), empty])
    async with scripted.poller() as (poller, bus):
        for _ in range(6):
            await poller.poll()
        assert None not in bus.all(LOADPOINT)


async def test_a_loadpoint_that_evcc_lost_while_we_were_down_is_cleared() -> None:
    scripted = ScriptedEvcc([state()])
    async with scripted.poller() as (poller, bus):
        await poller.poll()
        told = bus.last(LOADPOINT, id="1")
        assert told is not None
        for key in ("1", "2", "3"):
            bus.set(LOADPOINT, told.model_copy(update={"id": int(key)}), key)
        await poller.poll()
        assert None not in bus.all(LOADPOINT)
        await poller.poll()
        assert [names for topic, names, value in bus.published if topic is LOADPOINT and value is None] == [{"id": "3"}]


async def test_how_many_loadpoints_evcc_has_is_settled_by_three_looks() -> None:
    few = state()
    few["loadpoints"].pop()
    scripted, heard = ScriptedEvcc([few, few, state()]), list[int | None]()

    async def hear(seen: Observation) -> None:
        heard.append(seen.loadpoint_count)

    async with scripted.poller(hear) as (poller, _):
        for _ in range(3):
            await poller.poll()
    assert heard == [None, None, 2]
