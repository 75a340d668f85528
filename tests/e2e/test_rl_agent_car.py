"""A learner that charges a car by night, down to evcc: gateway and rl-agent on a real broker, a simulated evcc."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ems.bus.session import MqttBus
from ems.contract.control import Choice, ControllerName, Owner, Phase, SetChoice, SetLimitSoc, SetMode
from ems.contract.people import Goal
from ems.contract.requests import Result
from ems.contract.service import Service
from ems.contract.site import LoadpointMode
from ems.contract.topics import (
    CONTROL,
    CONTROLLER,
    GOAL,
    LOADPOINT,
    PROPOSAL,
    SET_CHOICE,
    SET_LIMIT_SOC,
    SET_MODE,
    SITE,
)
from ems.house.car import CarSpec, Charger
from ems.house.slots import grid
from ems.runtime.paced_clock import PacedClock
from ems.runtime.settings import MqttSettings
from ems.simulator.environment import Conditions, Recorded
from ems.simulator.home import SimulatedCar, SimulatedHome
from ems.simulator.server import SimulatedEvcc
from ems.virtual_house.live import HomeState, ModePair
from ems.virtual_house.world import World
from evcc_poller import app as gateway
from evcc_poller.adapters.history_db import HistoryDb
from evcc_poller.settings import Settings as GatewaySettings
from rl_agent.adapters.agent_db import AgentDb
from rl_agent.agent import Agent
from rl_agent.app import serve
from rl_agent.domain.night import NightResult
from rl_agent.settings import Settings
from support.brokers import Broker
from support.bus import eventually, session
from support.learning import BERLIN, START, KnownWorth, compared_days, in_a_thread, measured_row, measured_rows
from support.pacing import waiting_for

MIDNIGHT = (START + timedelta(days=10)).astimezone(BERLIN).replace(hour=0)
SPEED = 60
PATIENCE_S = 120
POINT = "loadpoint-1"
POLL = timedelta(seconds=10)
GOAL_PCT = 80.0


@dataclass(frozen=True)
class WhileCheap:
    """Charges the car at prices below a level."""

    world: World
    below_eur_per_kwh: float = 0.2

    def decide(self, slot: int, state: HomeState) -> ModePair:  # noqa: ARG002  as every policy
        cheap = self.world.import_eur_per_kwh[slot] < self.below_eur_per_kwh
        return ModePair(car=LoadpointMode.NOW if cheap else LoadpointMode.OFF)


@dataclass
class Night:
    """What runs, and people's hand."""

    evcc: SimulatedEvcc
    people: MqttBus
    clock: PacedClock

    @property
    def car_pct(self) -> float:
        return self.evcc.home.cars["limo"].soc_pct

    def does(self, owner: Owner, controller: ControllerName | None, mode: LoadpointMode) -> Callable[[], bool]:
        """Whether the gateway says so of the loadpoint, and evcc does it."""

        def so() -> bool:
            control = self.people.watch(CONTROL).get(POINT)
            point = self.people.watch(LOADPOINT).get("1")
            told = control is not None and (control.owner, control.controller) == (owner, controller)
            return told and point is not None and point.mode is mode

        return so

    async def until(self, hour: int, minute: int = 0) -> None:
        await eventually(lambda: self.clock.now() >= MIDNIGHT.replace(hour=hour, minute=minute), PATIENCE_S)


@asynccontextmanager
async def night_with_a_car(
    folder: Path, broker: Broker, start: datetime, car_kwh: float, choice: Choice
) -> AsyncGenerator[Night]:
    """From ``start`` on; a car with ``car_kwh`` of 60 wants 80 % by seven."""
    mqtt, clock = MqttSettings(host="127.0.0.1", port=broker.port), PacedClock.create(folder / "clock", start, SPEED)
    slots = list(grid(MIDNIGHT - timedelta(hours=6), MIDNIGHT + timedelta(hours=30)))
    rows = [measured_row(slot.start) for slot in slots]
    conditions = [Conditions(row.home_w or 0.0, 0.0, row.import_eur_per_kwh or 0.0, 0.08) for row in rows]
    simulated = SimulatedHome(
        now=clock.now(),
        environment=Recorded([slot.start for slot in slots], conditions, slots[-1].end, BERLIN),
        battery=None,
        chargers={"1": Charger()},
        cars={"limo": SimulatedCar("limo", "Limousine", CarSpec(60), car_kwh, loadpoint="1", parks_at="1")},
    )
    for name in ("gateway", "learner"):
        (folder / name).mkdir()
    with HistoryDb(folder / "gateway" / "history.db") as history:
        history.insert(measured_rows(START, start))
    learner = KnownWorth(decides=WhileCheap)

    with AgentDb.open(folder / "learner", pytest.fail) as db:
        days = compared_days(120, start.date())
        db.add(NightResult(tuple(replace(day, device=POINT) for day in days), judged_until=days[-1].judged.day))
        async with (
            SimulatedEvcc(simulated, clock) as evcc,
            session(mqtt, clock=clock) as poller,
            session(mqtt, Service.RL_AGENT, clock=clock) as bus,
            session(mqtt, Service.NOTIFIER, clock=clock) as notifier,
            session(mqtt, Service.USERS, clock=clock) as people,
            asyncio.TaskGroup() as tasks,
        ):
            site = people.watch(SITE)
            people.watch(CONTROL), people.watch(LOADPOINT), people.watch(PROPOSAL), people.watch(CONTROLLER)
            by = MIDNIGHT.replace(hour=7)
            wanted = Goal(vehicle="limo", soc_pct=GOAL_PCT, departure=by, asked_by="jan", asked_at=clock.now())
            notifier.publish(GOAL, wanted, vehicle="limo")
            of_gateway = GatewaySettings.model_validate(
                {"state_dir": folder / "gateway", "evcc": {"url": evcc.url}, "control": {"startup_grace_s": 5}}
            )
            of_learner = Settings.model_validate(
                {"state_dir": folder / "learner", "site_stale_s": 600, "car": {"vehicle": "limo", "capacity_kwh": 60}}
            )
            running = [
                tasks.create_task(gateway.run(poller, of_gateway)),
                tasks.create_task(serve(bus, Agent(bus, of_learner, db, (learner,), in_a_thread(learner)))),
            ]
            async with waiting_for(lambda: (seen := site.get()) is None or clock.now() - seen.at > 6 * POLL, clock):
                at = Night(evcc, people, clock)
                await eventually(lambda: people.watch(PROPOSAL).get(f"rl/{POINT}"), PATIENCE_S)
                answer = await people.request(SET_CHOICE, SetChoice(controller=choice), device=POINT)
                assert isinstance(answer, Result)
                assert answer.accepted, answer.reason
                yield at
            for task in running:
                task.cancel()


async def test_a_night_long_the_car_is_charged_as_the_learner_wants_within_the_limit_until_a_person_wants_else(
    tmp_path: Path, broker: Broker
) -> None:
    start = MIDNIGHT.replace(hour=4, minute=46)
    async with night_with_a_car(tmp_path, broker, start, 47.2, Choice.RL) as at:
        await at.people.request(SET_LIMIT_SOC, SetLimitSoc(limit_soc_pct=GOAL_PCT), id="1")
        charges = at.does(Owner.PLAN, ControllerName.RL, LoadpointMode.NOW)
        await eventually(charges, PATIENCE_S)
        control = at.people.watch(CONTROL)
        await eventually(lambda: (seen := control.get(POINT)) and seen.phase is Phase.VERIFIED, PATIENCE_S)
        await at.until(4, 59)
        assert charges(), "it still wants to; evcc's limit ends it"
        assert at.car_pct == pytest.approx(GOAL_PCT, abs=1)
        await eventually(at.does(Owner.PLAN, ControllerName.RL, LoadpointMode.OFF), PATIENCE_S)

        await at.people.request(SET_MODE, SetMode(mode=LoadpointMode.PV), id="1")
        await eventually(at.does(Owner.USER, None, LoadpointMode.PV), PATIENCE_S)


async def test_a_learner_that_lets_a_car_leave_without_what_was_wanted_hands_it_back_at_the_departure(
    tmp_path: Path, broker: Broker
) -> None:
    start = MIDNIGHT.replace(hour=6, minute=52)
    async with night_with_a_car(tmp_path, broker, start, 30.0, Choice.AUTO) as at:
        await eventually(at.does(Owner.PLAN, ControllerName.RL, LoadpointMode.OFF), PATIENCE_S)
        controllers = at.people.watch(CONTROLLER)
        said = controllers.get(POINT)
        assert said is not None
        assert (said.controller, said.chosen_by) == (Choice.RL, "automatic")
        await eventually(lambda: (now := controllers.get(POINT)) and now.controller is Choice.LP, PATIENCE_S)
        assert at.clock.now() >= MIDNIGHT.replace(hour=7)
        said = controllers.get(POINT)
        assert said is not None
        assert said.evidence is not None
        assert "missed a goal" in said.evidence.text.en
