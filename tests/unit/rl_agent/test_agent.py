"""The service put together, without a broker: what it publishes, and what it does with what it is told."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, override

import pytest
from structlog.testing import capture_logs

from ems.contract.control import BatteryAction, Choice, Control, ControllerName, Owner, SetChoice
from ems.contract.message import Command, Message, Text
from ems.contract.people import EventKind
from ems.contract.requests import History, HistoryGet
from ems.contract.service import HealthState
from ems.contract.site import BatteryFact, BatteryMode, EvccFact, Rate, Site, Tariff, TariffKind
from ems.contract.topic import Topic
from ems.contract.topics import COMPARISON, CONTROL, CONTROLLER, EVENT, LEARNING, PROPOSAL, SAVINGS, SITE, TARIFF
from ems.lookahead.dynamic_program import MonthSoFar
from ems.runtime.errors import TransientError
from ems.virtual_house.live import HomeState, ModePair
from ems.virtual_house.policies import EvccAlone
from rl_agent.adapters import model_files
from rl_agent.adapters.agent_db import AgentDb, DeviceControl
from rl_agent.agent import Agent
from rl_agent.domain.learner import Learner, Trained
from rl_agent.domain.night import KeptTraining, NightJob, NightResult, night
from rl_agent.settings import Settings
from support.clocks import StandingClock
from support.learning import BERLIN, QUARTER, START, Fixed, KnownWorth, compared_days, measured_row, measured_rows
from support.month_savings import month_savings
from support.quiet_bus import QuietBus

NIGHT = (START + timedelta(days=10)).astimezone(BERLIN).replace(hour=3, minute=31)


class BusWithHistory(QuietBus):
    """evcc-poller tells what it measured, in pages."""

    silent = False

    @override
    async def request(self, topic: Topic[Any], message: Command, *, timeout_s: float = 10, **names: str) -> Message:
        if self.silent:
            raise TimeoutError
        assert isinstance(message, HistoryGet)
        since = max(message.start, START)
        until = min(message.end, since + 900 * QUARTER)
        return History(rows=tuple(measured_rows(since, until)), next=until if until + QUARTER <= message.end else None)


@dataclass
class InProcess:
    """A night's work in the test's own process."""

    learners: tuple[Learner, ...]
    jobs: list[NightJob] = field(default_factory=list)
    error: Exception | None = None

    async def __call__(
        self,
        job: NightJob,
        state_dir: Path,  # noqa: ARG002  it learns in memory
        on_progress: Callable[[str, float], None],
        on_words: Callable[[str], object],  # noqa: ARG002  nothing is set aside
    ) -> NightResult:
        self.jobs.append(job)
        if self.error is not None:
            raise self.error
        await asyncio.sleep(0)
        return night(job, self.learners, lambda name, share, so_far=None: on_progress(name, share), EvccAlone)  # noqa: ARG005


@dataclass
class House:
    """The agent, and a hand on everything around it."""

    bus: BusWithHistory
    clock: StandingClock
    agent: Agent
    runner: InProcess

    async def at(self, moment: datetime) -> None:
        """Time has come; evcc's facts are fresh."""
        self.clock.moment = moment.astimezone(UTC)
        self.facts()
        await self.agent.decide()
        await self.agent.learn_when_due()

    def facts(self, **more: object) -> None:
        now = self.clock.now()
        battery = BatteryFact(soc_pct=40, capacity_kwh=10, mode=BatteryMode.NORMAL)
        site = Site(at=now, evcc=EvccFact(reachable=True), battery=battery)
        self.bus.set(SITE, site.model_copy(update=more))
        start = now.replace(minute=0, second=0, microsecond=0)
        starts = [start + n * QUARTER for n in range(96)]
        rates = tuple(Rate(start=s, end=s + QUARTER, value=measured_row(s).import_eur_per_kwh or 0.3) for s in starts)
        self.bus.set(
            TARIFF, Tariff(kind=TariffKind.GRID, unit="EUR/kWh", at=now, fetched_at=now, rates=rates), TariffKind.GRID
        )

    def choose(self, choice: Choice) -> None:
        now = self.clock.now()
        text = Text(en="x", de="x")
        control = Control(device="battery", at=now, owner=Owner.PLAN, since=now, choice=choice, reason=text)
        self.bus.set(CONTROL, control, "battery")

    async def nights(self, count: int, first: datetime = NIGHT) -> None:
        for n in range(count):
            await self.at(first + timedelta(days=n))


type Houses = Callable[..., House]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Houses]:
    """Makes the house with these learners; once more, it is the same after a restart."""
    with ExitStack() as opened:

        def made(*learners: Learner) -> House:
            opened.close()
            learners = learners or (KnownWorth(),)
            clock = StandingClock(NIGHT.astimezone(UTC))
            db = opened.enter_context(AgentDb.open(tmp_path, pytest.fail))
            bus, runner = BusWithHistory(clock), InProcess(learners)
            return House(bus, clock, Agent(bus, Settings(state_dir=tmp_path), db, learners, runner), runner)

        yield made


def charges(foresees: float = 0.8) -> KnownWorth:
    return KnownWorth(decides=lambda _: Fixed(BatteryMode.CHARGE), error=lambda _: foresees)


async def test_it_learns_at_night_and_proposes_from_then_on(house: Houses) -> None:
    at = house(charges())
    await at.at(NIGHT - timedelta(hours=4))
    assert len(at.runner.jobs) == 1, "nothing was learnt yet, so that it does not wait for the night"
    proposal = at.bus.last(PROPOSAL, controller="rl", device="battery")
    assert proposal is not None
    assert proposal.controller is ControllerName.RL
    assert proposal.action == BatteryAction(mode=BatteryMode.CHARGE)
    assert proposal.valid_until - proposal.at == timedelta(minutes=30)
    assert proposal.reason.de == "Der Lehrling würde jetzt die Batterie aus dem Netz laden."
    await at.at(NIGHT)
    await at.at(NIGHT + timedelta(hours=5))
    assert len(at.runner.jobs) == 2, "once a night"
    learning = at.bus.last(LEARNING)
    assert learning is not None
    assert not learning.training
    assert learning.learners[0].version == 2
    assert learning.text.en.startswith("Learnt from 10 days")


async def test_what_the_month_has_saved_limits_what_a_learner_risks(house: Houses) -> None:
    seen: list[MonthSoFar | None] = []

    class Noting:
        def decide(self, slot: int, state: HomeState) -> ModePair:  # noqa: ARG002  as every policy
            seen.append(state.month)
            return ModePair()

    at = house(KnownWorth(decides=lambda _: Noting()))
    await at.nights(1)
    assert seen[-1] == MonthSoFar(), "as at a month's beginning"
    at.bus.set(SAVINGS, month_savings(1.9, at.clock.now(), stored_eur=0.4))
    await at.agent.decide()
    assert seen[-1] == MonthSoFar(1.5, 3.0)


async def test_before_a_week_was_measured_nothing_is_learnt(house: Houses) -> None:
    at = house()
    await at.at(START + timedelta(days=3))
    assert at.runner.jobs == []
    assert at.bus.last(PROPOSAL, controller="rl", device="battery") is None
    learning, controller = at.bus.last(LEARNING), at.bus.last(CONTROLLER, device="battery")
    assert learning is not None
    assert learning.text.en == "Nothing is learnt yet: 3.0 of 7 days are measured."
    assert controller is not None
    assert (controller.controller, controller.chosen_by) == (Choice.LP, "automatic")


async def test_a_learner_that_has_foreseen_better_steers_and_it_is_told(house: Houses, tmp_path: Path) -> None:
    with AgentDb.open(tmp_path, pytest.fail) as db:
        db.set_control("battery", DeviceControl(Choice.AUTO, Choice.LP, NIGHT))
        db.add(NightResult(compared_days(100, NIGHT.date())))
    at = house()
    await at.nights(1)
    controller = at.bus.last(CONTROLLER, device="battery")
    assert controller is not None
    assert (controller.controller, controller.chosen_by) == (Choice.RL, "automatic")
    assert controller.evidence is not None
    assert controller.evidence.kind == "learner_steers"
    comparison = at.bus.last(COMPARISON, device="battery")
    assert comparison is not None
    assert comparison.days == 100
    assert comparison.learner == "apprentice"
    assert comparison.curve[0].e_value < comparison.curve[6].e_value
    (event,) = at.bus.all(EVENT)
    assert event.event_type is EventKind.CONTROLLER_CHANGED
    assert event.details["controller"] == "rl"
    await at.nights(1, NIGHT + timedelta(days=1))
    assert len(at.bus.all(EVENT)) == 1, "once"


async def test_a_learner_made_bad_on_purpose_does_not_come_to_steer(house: Houses, tmp_path: Path) -> None:
    with AgentDb.open(tmp_path, pytest.fail) as db:
        db.add(NightResult(compared_days(300, NIGHT.date(), error=1.3)))
    at = house(charges(foresees=1.3))
    await at.nights(2)
    assert {c.controller for c in at.bus.all(CONTROLLER)} == {Choice.LP}
    comparison = at.bus.last(COMPARISON, device="battery")
    assert comparison is not None
    assert comparison.days == 301
    assert comparison.saving_eur_per_day is not None
    assert comparison.saving_eur_per_day < 0


async def test_a_goal_that_is_really_missed_while_the_learner_steers_ends_it_at_once(
    house: Houses, tmp_path: Path
) -> None:
    with AgentDb.open(tmp_path, pytest.fail) as db:
        db.add(NightResult(compared_days(100, NIGHT.date())))
        db.miss_goal("battery", NIGHT.date())
    at = house()
    await at.nights(1)
    controller = at.bus.last(CONTROLLER, device="battery")
    assert controller is not None
    assert controller.controller is Choice.LP
    assert controller.evidence is not None
    assert "missed a goal" in controller.evidence.text.en


@pytest.mark.parametrize("choice", [Choice.LP, Choice.RL, Choice.OFF])
async def test_what_a_person_chose_outranks_and_survives_a_restart(house: Houses, choice: Choice) -> None:
    at = house()
    await at.nights(1)
    said = len(at.bus.all(CONTROLLER))
    at.agent.obey()
    assert len(at.bus.all(CONTROLLER)) == said, "nobody chose anything"
    at.choose(choice)
    at.agent.obey()
    controller = at.bus.last(CONTROLLER, device="battery")
    assert controller is not None
    assert (controller.controller, controller.chosen_by) == (choice, "person")
    again = house()
    await again.at(NIGHT + timedelta(hours=1))
    controller = again.bus.last(CONTROLLER, device="battery")
    assert controller is not None
    assert (controller.controller, controller.chosen_by) == (choice, "person"), "before the gateway was heard"


async def test_what_was_learnt_and_judged_survives_a_restart(house: Houses) -> None:
    at = house()
    await at.nights(3)
    before = at.bus.last(COMPARISON, device="battery")
    again = house()
    await again.at(NIGHT + timedelta(days=2, hours=1))
    assert again.runner.jobs == []
    after = again.bus.last(COMPARISON, device="battery")
    assert before is not None
    assert after is not None
    assert after.model_copy(update={"at": before.at}) == before
    assert again.bus.last(PROPOSAL, controller="rl", device="battery") is not None


@pytest.mark.parametrize("why", ["stale", "away", "optimizer", "no charge"])
async def test_where_nothing_can_be_decided_the_proposal_is_withdrawn(house: Houses, why: str) -> None:
    at = house()
    await at.nights(1)
    assert at.bus.last(PROPOSAL, controller="rl", device="battery") is not None
    harm: dict[str, dict[str, object]] = {
        "stale": {"at": at.clock.now() - timedelta(minutes=10)},
        "away": {"evcc": EvccFact(reachable=False)},
        "optimizer": {"evcc": EvccFact(reachable=True, optimizer_active=True)},
        "no charge": {"battery": BatteryFact(capacity_kwh=10)},
    }
    at.facts(**harm[why])
    await at.agent.decide()
    assert at.bus.last(PROPOSAL, controller="rl", device="battery") is None
    assert at.bus.health.snapshot().reasons[0].startswith("no proposal: ")
    at.facts()
    await at.agent.decide()
    assert at.bus.last(PROPOSAL, controller="rl", device="battery") is not None
    assert at.bus.health.state is HealthState.OK


async def test_a_night_that_fails_is_told_and_tried_again(house: Houses) -> None:
    at = house()
    at.runner.error = TransientError("the process was ended")
    await at.nights(1)
    learning = at.bus.last(LEARNING)
    assert learning is not None
    assert learning.text.en.startswith("Learning failed; it is tried again at")
    assert "the process was ended" in at.bus.health.snapshot().reasons[0]
    at.runner.error = None
    await at.at(NIGHT + timedelta(minutes=10))
    assert len(at.runner.jobs) == 1, "not at once"
    await at.at(NIGHT + timedelta(hours=2))
    assert len(at.runner.jobs) == 2
    assert at.bus.health.state is HealthState.OK


async def test_without_an_answer_about_the_past_it_says_so_and_goes_on(house: Houses) -> None:
    at = house()
    at.bus.silent = True
    await at.at(NIGHT)
    assert at.bus.health.state is HealthState.DEGRADED
    at.bus.silent = False
    await at.at(NIGHT + timedelta(minutes=15))
    assert len(at.runner.jobs) == 1


async def test_a_choice_is_the_gateways_to_take(house: Houses) -> None:
    """See docs/adr: one writer a setting."""
    at = house()
    assert not at.bus._commands
    assert SetChoice(controller=Choice.RL).controller is Choice.RL


def test_a_home_without_a_battery_has_nothing_to_learn_for(house: Houses) -> None:
    at = house()
    at.facts(battery=None)
    terms = at.agent.view.terms()
    assert terms is not None
    assert at.agent.view.devices(terms) == ()
    assert replace(terms, battery=None) == terms


async def test_a_disk_that_is_full_costs_a_night_and_not_the_service(
    house: Houses, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    at = house()
    monkeypatch.setattr(model_files, "write_whole", full)
    await at.nights(1)
    (said,) = at.bus.health.snapshot().reasons
    assert said == "learning failed: the night: what was learnt cannot be kept: No space left on device"


async def test_a_house_that_has_measured_nothing_yet_says_so_and_takes_nothing_for_a_fault(
    house: Houses, tmp_path: Path
) -> None:
    """What was learnt came with ``rl-agent import``, and the history is young."""
    kept = KeptTraining(Trained("apprentice"), 1, START, START)
    model_files.ModelFiles(tmp_path).save(kept)
    at = house()
    at.bus.silent = True
    with capture_logs() as logs:
        await at.at(START + timedelta(hours=3))
    assert "no proposal: no load is measured with a price yet" in at.bus.health.snapshot().reasons
    assert {entry["log_level"] for entry in logs} <= {"info", "warning"}


async def test_a_disk_that_takes_nothing_is_told_and_costs_neither_the_service_nor_its_word(
    house: Houses, tmp_path: Path
) -> None:
    with AgentDb.open(tmp_path, pytest.fail) as db:
        db.set_control("battery", DeviceControl(Choice.AUTO, Choice.LP, NIGHT))
        db.add(NightResult(compared_days(100, NIGHT.date())))
    at = house()
    await at.nights(1)
    store, controllers = at.agent.nightly._db, at.agent._controllers
    assert controllers.steered_by("battery") is Choice.RL
    store._db.execute("PRAGMA query_only = 1")
    controllers.miss_goal("battery", NIGHT.date())
    assert controllers.steered_by("battery") is Choice.LP, "it hands back at once"
    await at.nights(2, NIGHT + timedelta(days=1))
    assert len(at.bus.all(EVENT)) == 2, "a change is told once"
    reasons = " ".join(at.bus.health.snapshot().reasons)
    assert "is forgotten at a restart" in reasons
    assert "learning failed: the night: " in reasons
    store._db.execute("PRAGMA query_only = 0")
    await at.nights(1, NIGHT + timedelta(days=3))
    assert (kept := store.control("battery")) is not None
    assert kept.controller is Choice.LP
    assert not any("learning" in reason for reason in at.bus.health.snapshot().reasons)
