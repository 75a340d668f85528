"""A real evcc does with car and battery what the learner in charge wants, under the same rules as for the plan."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from ems.contract.control import Choice, ControllerName, Owner, Phase, SetChoice
from ems.contract.requests import Result
from ems.contract.service import Service
from ems.contract.site import BatteryMode, LoadpointMode
from ems.contract.topics import LOADPOINT, PROPOSAL, SET_CHOICE
from ems.house.slots import floor_to
from ems.virtual_house.live import HomeState, ModePair
from evcc_poller.adapters.history_db import HistoryDb
from rl_agent.adapters.agent_db import AgentDb
from rl_agent.agent import Agent
from rl_agent.app import serve
from rl_agent.settings import Settings
from support.bus import session
from support.evcc_rig import Rig
from support.learning import KnownWorth, in_a_thread, measured_rows

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

POINT = "loadpoint-1"
DAYS = timedelta(days=8)


@dataclass(frozen=True)
class ChargesAll:
    """Charges whatever there is."""

    def decide(self, slot: int, state: HomeState) -> ModePair:  # noqa: ARG002  as every policy
        return ModePair(BatteryMode.CHARGE, LoadpointMode.NOW)


@asynccontextmanager
async def learner(rig: Rig) -> AsyncGenerator[None]:
    """rl-agent beside the rig, after some days that the gateway remembers."""
    now = floor_to(datetime.now(UTC), 15)
    await rig.end("poller")
    with HistoryDb(rig.folder / "state" / "history.db") as history:
        history.insert(measured_rows(now - DAYS, now))
    points, begun = rig.user.watch(LOADPOINT), datetime.now(UTC)
    await rig.start_poller()
    await rig.until(lambda: (seen := points.get("1")) and seen.at > begun, 60, "the poller is there")
    charges = KnownWorth(decides=lambda _: ChargesAll())

    (rig.folder / "learner").mkdir()
    settings = Settings.model_validate(
        {"state_dir": rig.folder / "learner", "car": {"vehicle": "limo"}, "battery": {"capacity_kwh": 10}}
    )
    with AgentDb.open(settings.state_dir, pytest.fail) as db:
        async with session(rig.mqtt, Service.RL_AGENT) as bus, asyncio.TaskGroup() as tasks:
            task = tasks.create_task(serve(bus, Agent(bus, settings, db, (charges,), in_a_thread(charges))))
            yield
            task.cancel()


async def choose(rig: Rig, device: str, choice: Choice) -> None:
    answer = await rig.command(SET_CHOICE, SetChoice(controller=choice), device=device)
    assert isinstance(answer, Result)
    assert answer.accepted, answer.reason


async def test_what_the_learner_wants_is_done_and_a_person_at_evcc_outranks_it(rig: Rig) -> None:
    proposals = rig.user.watch(PROPOSAL)
    async with learner(rig):
        await rig.until(
            lambda: proposals.get(f"rl/{POINT}") and proposals.get("rl/battery"), 60, "the learner proposes"
        )
        for device in (POINT, "battery"):
            await choose(rig, device, Choice.RL)
        await rig.until(lambda: rig.house.car_w > 4000, 40, "the car charges")
        await rig.until(lambda: rig.house.battery_mode == BatteryMode.CHARGE, 40, "the battery charges")
        control = rig.control(POINT)
        assert control is not None
        assert (control.owner, control.controller) == (Owner.PLAN, ControllerName.RL)
        await rig.until(lambda: (at := rig.control(POINT)) and at.phase is Phase.VERIFIED, 20, "verified")

        await rig.api("POST", "loadpoints/1/mode/off")
        await rig.until(lambda: (at := rig.control(POINT)) and at.owner is Owner.USER, 15, "the person owns it")
        await rig.until(lambda: rig.house.car_w < 100, 30, "the car does not charge")
        await rig.release(POINT)
        await rig.until(lambda: rig.house.car_w > 4000, 40, "the learner is obeyed again")

    # It is gone, without the plan having anything to say: after the grace time nothing of it is left.
    await rig.until(rig.left_alone, 90, "the battery is left to evcc")
    await rig.until(lambda: (at := rig.control(POINT)) and at.owner is Owner.NONE, 30, "the car, too")
