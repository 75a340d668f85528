"""The learner's proposals down to evcc: gateway and rl-agent on a real broker, beside a simulated evcc."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ems.bus.session import MqttBus
from ems.contract.control import BatteryAction, Choice, ControllerName, Owner, Phase, SetBatteryMode, SetChoice
from ems.contract.requests import Result
from ems.contract.service import Service
from ems.contract.site import BatteryMode
from ems.contract.topics import CONTROL, CONTROLLER, PROPOSAL, SET_BATTERY_MODE, SET_CHOICE, SITE
from ems.house.battery import BatterySpec
from ems.runtime.clock import AcceleratedClock
from ems.runtime.settings import MqttSettings
from ems.simulator.environment import Conditions, Steady
from ems.simulator.home import SimulatedHome
from ems.simulator.server import SimulatedEvcc
from ems.virtual_house.policies import EvccAlone
from evcc_poller import app as gateway
from evcc_poller.adapters.history_db import HistoryDb
from evcc_poller.settings import Settings as GatewaySettings
from rl_agent.adapters.agent_db import AgentDb
from rl_agent.agent import Agent
from rl_agent.app import serve
from rl_agent.domain.night import NightJob, NightResult, night
from rl_agent.settings import Settings
from support.brokers import Broker
from support.bus import eventually, session
from support.learning import START, Fixed, KnownWorth, measured_rows

NOW = START + timedelta(days=10, hours=14)
SPEED = 60
PATIENCE_S = 60
CHARGES = KnownWorth(decides=lambda _: Fixed(BatteryMode.CHARGE))


@dataclass
class Home:
    """What runs, and people's hand."""

    evcc: SimulatedEvcc
    people: MqttBus
    learner: asyncio.Task[None]

    async def choose(self, choice: Choice) -> None:
        answer = await self.people.request(SET_CHOICE, SetChoice(controller=choice), device="battery")
        assert isinstance(answer, Result)
        assert answer.accepted, answer.reason

    def controlled(self, owner: Owner, controller: ControllerName | None, mode: BatteryMode) -> Callable[[], bool]:
        """Whether the gateway says so of the battery, and evcc does it."""

        def so() -> bool:
            control = self.people.watch(CONTROL).get("battery")
            site = self.people.watch(SITE).get()
            return (
                control is not None
                and (control.owner, control.controller) == (owner, controller)
                and site is not None
                and site.battery is not None
                and site.battery.mode is mode
            )

        return so


@asynccontextmanager
async def home(folder: Path, broker: Broker) -> AsyncGenerator[Home]:
    """Ten days were measured, and the learner has learnt to charge."""
    mqtt = MqttSettings(host="127.0.0.1", port=broker.port)
    clock = AcceleratedClock(datetime.now(UTC).timestamp(), NOW.timestamp(), SPEED)
    simulated = SimulatedHome(
        now=clock.now(),
        environment=Steady(Conditions(load_w=1000, pv_w=0, import_eur_per_kwh=0.3, export_eur_per_kwh=0.08)),
        battery=BatterySpec(capacity_kwh=10, charge_kw=5, discharge_kw=5),
        battery_kwh=4,
        chargers={},
        cars={},
    )
    for name in ("gateway", "learner"):
        (folder / name).mkdir()
    with HistoryDb(folder / "gateway" / "history.db") as history:
        history.insert(measured_rows(START, NOW))

    async def runner(
        job: NightJob,
        state_dir: Path,  # noqa: ARG001  it learns in memory
        on_progress: Callable[[str, float], None],  # noqa: ARG001
        on_words: Callable[[str], object],  # noqa: ARG001
    ) -> NightResult:
        return await asyncio.to_thread(night, job, [CHARGES], lambda *_: None, EvccAlone)

    with AgentDb.open(folder / "learner", pytest.fail) as db:
        async with (
            SimulatedEvcc(simulated, clock) as evcc,
            session(mqtt, clock=clock) as poller,
            session(mqtt, Service.RL_AGENT, clock=clock) as bus,
            session(mqtt, Service.USERS, clock=clock) as people,
            asyncio.TaskGroup() as tasks,
        ):
            people.watch(CONTROL), people.watch(SITE), people.watch(PROPOSAL), people.watch(CONTROLLER)
            of_gateway = GatewaySettings.model_validate(
                {"state_dir": folder / "gateway", "evcc": {"url": evcc.url}, "control": {"startup_grace_s": 5}}
            )
            of_learner = Settings.model_validate({"state_dir": folder / "learner", "site_stale_s": 600})
            beside = tasks.create_task(gateway.run(poller, of_gateway))
            learner = tasks.create_task(serve(bus, Agent(bus, of_learner, db, (CHARGES,), runner)))
            await eventually(lambda: people.watch(PROPOSAL).get("rl/battery"), PATIENCE_S)
            yield Home(evcc, people, learner)
            learner.cancel()
            beside.cancel()


async def test_what_the_learner_wants_reaches_evcc_only_when_it_is_in_charge_and_a_person_outranks_it(
    tmp_path: Path, broker: Broker
) -> None:
    async with home(tmp_path, broker) as at:
        proposal = at.people.watch(PROPOSAL).get("rl/battery")
        assert proposal is not None
        assert proposal.action == BatteryAction(mode=BatteryMode.CHARGE)
        await eventually(at.controlled(Owner.NONE, None, BatteryMode.NORMAL), PATIENCE_S)

        await at.choose(Choice.RL)
        await eventually(at.controlled(Owner.PLAN, ControllerName.RL, BatteryMode.CHARGE), PATIENCE_S)
        await eventually(
            lambda: (control := at.people.watch(CONTROL).get("battery")) and control.phase is Phase.VERIFIED, PATIENCE_S
        )
        await eventually(
            lambda: (said := at.people.watch(CONTROLLER).get("battery")) and said.chosen_by == "person", PATIENCE_S
        )

        await at.people.request(SET_BATTERY_MODE, SetBatteryMode(mode=BatteryMode.HOLD))
        await eventually(at.controlled(Owner.USER, None, BatteryMode.HOLD), PATIENCE_S)

        await at.choose(Choice.OFF)
        await eventually(at.controlled(Owner.NONE, None, BatteryMode.NORMAL), PATIENCE_S)


async def test_when_the_learner_is_gone_its_last_word_is_not_obeyed_for_long(tmp_path: Path, broker: Broker) -> None:
    async with home(tmp_path, broker) as at:
        await at.choose(Choice.RL)
        await eventually(at.controlled(Owner.PLAN, ControllerName.RL, BatteryMode.CHARGE), PATIENCE_S)
        at.learner.cancel()
        # Two decision intervals, half an hour, pass in thirty seconds.
        await eventually(at.controlled(Owner.NONE, None, BatteryMode.NORMAL), PATIENCE_S)
