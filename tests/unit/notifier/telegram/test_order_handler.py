"""What drivers write before the question that it answers has been sent."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ems.contract.message import Language
from ems.contract.site import Loadpoint
from ems.contract.topics import LOADPOINT
from notifier.adapters.memory_db import MemoryDb
from notifier.answer_handler import AnswerHandler
from notifier.domain.goal_rules import WeeklySchedules
from notifier.domain.memory import Delivery, OpenOrder, Origin
from notifier.domain.people import People, Person
from notifier.domain.triggers import Thresholds
from notifier.prompter import Prompter
from notifier.state import NotifierState
from notifier.telegram.bot_commands import BotCommands, Writer
from notifier.telegram.order_handler import DriverMessage, OrderHandler
from support.clocks import StandingClock
from support.evening import loadpoint
from support.quiet_bus import QuietBus

NOON = datetime(2026, 11, 18, 11, tzinfo=UTC)
BEN = Person("ben", "Ben", ("zoe", "ev6"), Language.EN, 1002)


@dataclass
class Drivers:
    """Ben, who drives two cars, and what he writes."""

    state: NotifierState
    handler: OrderHandler
    count: int = 0

    async def writes(self, words: str) -> str | None:
        self.count += 1
        message = DriverMessage(Writer(BEN, NOON), words, Origin(1002, self.count))
        reply = await self.handler.handle(message)
        return reply.text if reply else None

    @property
    def waiting(self) -> tuple[OpenOrder, ...]:
        return self.state.memory.open_orders


@pytest.fixture
def ben(tmp_path: Path) -> Iterator[Drivers]:
    with MemoryDb(tmp_path / "notifier.db") as db:
        bus = QuietBus(StandingClock(NOON))
        cars: list[Loadpoint] = [
            loadpoint(at=NOON).model_copy(update={"id": n, "vehicle": car}) for n, car in enumerate(BEN.vehicles, 1)
        ]
        for each in cars:
            bus.set(LOADPOINT, each, str(each.id))
        state = NotifierState(bus, db, People((BEN,)), WeeklySchedules({}, ZoneInfo("Europe/Berlin")))
        prompter = Prompter(state, Thresholds())
        answers = AnswerHandler(state, prompter)
        yield Drivers(state, OrderHandler(state, answers, BotCommands(state, answers, None)))


@pytest.mark.parametrize("no", ["no", "no thanks", "nein", "cancel"])
async def test_a_no_that_comes_before_its_question_was_sent_drops_the_order(ben: Drivers, no: str) -> None:
    assert await ben.writes("80% tomorrow 7am") is None
    (asked,) = ben.waiting
    assert asked.cars == BEN.vehicles
    assert await ben.writes(no) == "All right, nothing is changed."
    assert ben.waiting == (), "and nobody is asked which car the no is for"


async def test_a_no_to_nothing_changes_nothing(ben: Drivers) -> None:
    assert await ben.writes("no") == "All right, nothing is changed."
    assert ben.waiting == ()


async def test_never_mind_about_nothing_is_about_a_goal(ben: Drivers) -> None:
    assert await ben.writes("never mind") is None
    (asked,) = ben.waiting
    assert asked.words == "never mind", "of which car?"


async def test_a_no_answers_the_question_that_stands_in_the_chat_not_the_one_that_comes(ben: Drivers) -> None:
    await ben.writes("80% tomorrow 7am")
    (first,) = ben.waiting
    memory = ben.state.memory
    ben.state.keep(replace(memory, deliveries=(Delivery(first.id, "ben", 100, "Which car?"),)))
    await ben.writes("/boost 2h")
    assert len(ben.waiting) == 2
    await ben.writes("no")
    assert [order.words for order in ben.waiting] == ["/boost 2h"]
