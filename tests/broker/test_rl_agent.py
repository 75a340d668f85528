"""rl-agent as a whole on a real broker: weeks of nights, with a learner whose world changes, and one that is bad."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from ems.bus.api import Names
from ems.bus.session import MqttBus
from ems.contract.control import Choice, Control, Controller, Owner
from ems.contract.message import Message, Text
from ems.contract.requests import History, HistoryGet
from ems.contract.service import Service
from ems.contract.site import BatteryFact, BatteryMode, EvccFact, Rate, Site, Tariff, TariffKind
from ems.contract.topics import CONTROL, CONTROLLER, HISTORY_GET, LEARNING, PROPOSAL, SITE, TARIFF
from ems.virtual_house.policies import EvccAlone
from rl_agent.adapters.agent_db import AgentDb
from rl_agent.adapters.model_files import ModelFiles
from rl_agent.agent import Agent
from rl_agent.app import serve
from rl_agent.domain.learner import Learner, Trained
from rl_agent.domain.night import KeptTraining, NightJob, NightResult, night
from rl_agent.settings import Settings
from support.brokers import Broker
from support.bus import eventually, session
from support.learning import BERLIN, QUARTER, START, Fixed, KnownWorth, compared_days, measured_row, measured_rows
from support.virtual_clock import VirtualClock

FIRST = (START + timedelta(days=10)).astimezone(BERLIN).replace(hour=3, minute=20)
PATIENCE_S = 60


@dataclass
class Night:
    """Real services on a real broker, and a clock that is told what it shows."""

    clock: VirtualClock
    gateway: MqttBus
    people: MqttBus

    @property
    def controller(self) -> Controller | None:
        return self.people.watch(CONTROLLER).get("battery")

    @property
    def version(self) -> int:
        learning = self.people.watch(LEARNING).get()
        return (learning.learners[0].version or 0) if learning and not learning.training else 0

    def tell(self, choice: Choice = Choice.AUTO) -> None:
        """The gateway's facts of the moment."""
        now = self.clock.now()
        battery = BatteryFact(soc_pct=40, capacity_kwh=10, mode=BatteryMode.NORMAL)
        self.gateway.publish(SITE, Site(at=now, evcc=EvccFact(reachable=True), battery=battery))
        starts = [now.replace(minute=0, second=0, microsecond=0) + n * QUARTER for n in range(96)]
        rates = tuple(
            Rate(start=at, end=at + QUARTER, value=measured_row(at).import_eur_per_kwh or 0.3) for at in starts
        )
        grid = Tariff(kind=TariffKind.GRID, unit="EUR/kWh", at=now, fetched_at=now, rates=rates)
        self.gateway.publish(TARIFF, grid, tariff=TariffKind.GRID)
        words = Text(en="x", de="x")
        control = Control(device="battery", at=now, owner=Owner.PLAN, since=now, choice=choice, reason=words)
        self.gateway.publish(CONTROL, control, device="battery")

    async def pass_night(self) -> None:
        """A day goes by, until what it brought was learnt from."""
        before = self.version
        await self.clock.pass_until(self.clock.now() + timedelta(days=1))
        self.tell()
        async with asyncio.timeout(PATIENCE_S):
            while self.version <= before:
                # The service may have been in the middle of something when its moment came.
                await self.clock.pass_until(self.clock.now() + timedelta(seconds=10))
                await asyncio.sleep(0.02)


@asynccontextmanager
async def nights(
    folder: Path, broker: Broker, learner: Learner, good_days: int, error: float = 0.8
) -> AsyncGenerator[Night]:
    """The service after ``good_days`` judged days and a night's training."""
    clock = VirtualClock(FIRST.astimezone(UTC))
    midnight = FIRST.replace(hour=0, minute=0).astimezone(UTC)
    ModelFiles(folder).save(
        KeptTraining(Trained("apprentice", {}, {"episodes": 2}), 1, clock.now() - timedelta(hours=23), midnight)
    )

    async def runner(
        job: NightJob,
        state_dir: Path,  # noqa: ARG001  it learns in memory
        on_progress: Callable[[str, float], None],  # noqa: ARG001
        on_words: Callable[[str], object],  # noqa: ARG001
    ) -> NightResult:
        return await asyncio.to_thread(night, job, [learner], lambda *_: None, EvccAlone)

    async def history(asked: HistoryGet, _: Names) -> Message:
        since = max(asked.start, START)
        until = min(asked.end, since + asked.limit * QUARTER)
        rows = tuple(measured_rows(since, until))
        return History(id=asked.id, rows=rows, next=until if rows and until + QUARTER <= asked.end else None)

    settings = Settings.model_validate({"state_dir": folder, "site_stale_s": 10**8, "decision_interval_s": 3600})
    with AgentDb.open(folder, pytest.fail) as db:
        db.add(NightResult(compared_days(good_days, FIRST.date() - timedelta(days=1), error)))
        async with (
            session(broker.settings(), Service.EVCC_POLLER, prepare=lambda bus: bus.on_request(HISTORY_GET, history))
            as gateway,
            session(broker.settings(), Service.USERS) as people,
            session(broker.settings(), Service.RL_AGENT, clock=clock) as bus,
            asyncio.TaskGroup() as tasks,
        ):  # fmt: skip
            people.watch(CONTROLLER), people.watch(LEARNING), people.watch(PROPOSAL)
            at = Night(clock, gateway, people)
            at.tell()
            task = tasks.create_task(serve(bus, Agent(bus, settings, db, (learner,), runner)))
            await eventually(lambda: at.controller is not None and at.version, PATIENCE_S)
            yield at
            task.cancel()


async def test_a_learner_whose_world_changes_is_demoted_within_fourteen_days(tmp_path: Path, broker: Broker) -> None:
    changes = FIRST.date() + timedelta(days=2)
    learner = KnownWorth(error=lambda day: 0.8 if day < changes else 1.6)
    async with nights(tmp_path, broker, learner, good_days=120) as at:
        assert at.controller is not None
        assert at.controller.controller is Choice.RL, "it has proven itself"
        await eventually(lambda: at.people.watch(PROPOSAL).get("rl/battery"), PATIENCE_S)
        for _ in range(2):
            await at.pass_night()
        assert at.controller.controller is Choice.RL
        days = 0
        while at.controller.controller is Choice.RL:
            days += 1
            assert days <= 14, "it still steers two weeks after its world changed"
            await at.pass_night()
        assert at.controller.evidence is not None
        assert at.controller.evidence.kind == "handed_back"
        assert at.controller.chosen_by == "automatic"


async def test_a_learner_made_bad_on_purpose_is_never_promoted_and_a_person_can_still_choose_it(
    tmp_path: Path, broker: Broker
) -> None:
    bad = KnownWorth(error=lambda _: 1.3, decides=lambda _: Fixed(BatteryMode.CHARGE))
    async with nights(tmp_path, broker, bad, good_days=200, error=1.3) as at:
        for _ in range(5):
            await at.pass_night()
            assert at.controller is not None
            assert at.controller.controller is Choice.LP
        at.tell(Choice.RL)
        await eventually(lambda: at.controller and at.controller.controller is Choice.RL, PATIENCE_S)
        assert at.controller is not None
        assert at.controller.chosen_by == "person"
        at.tell(Choice.OFF)
        await eventually(lambda: at.controller and at.controller.controller is Choice.OFF, PATIENCE_S)
