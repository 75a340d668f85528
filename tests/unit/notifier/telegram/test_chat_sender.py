"""What stands in a chat when an answer comes before Telegram has confirmed the question."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from ems.contract.message import Language
from notifier.adapters.memory_db import MemoryDb
from notifier.adapters.telegram_api import Buttons, Telegram
from notifier.domain.goal_rules import WeeklySchedules
from notifier.domain.memory import Delivery, OpenOrder, Origin
from notifier.domain.people import People, Person
from notifier.domain.wording.outcomes import Chosen
from notifier.domain.wording.remarks import Remark
from notifier.state import NotifierState
from notifier.telegram.chat_sender import ChatSender
from support.clocks import StandingClock
from support.quiet_bus import QuietBus

NOON = datetime(2026, 11, 18, 11, tzinfo=UTC)
BEN = Person("ben", "Ben", ("zoe", "ev6"), Language.DE, 1002)
ORDER = OpenOrder("o1", "ben", Origin(1002, 1), NOON, "80 % morgen um 7", "Welches Auto?", "goal", cars=("zoe", "ev6"))
MESSAGE = 101


@dataclass
class QuickDriver:
    """Stands for Telegram: the driver reacts to each question before :meth:`send` returns."""

    reacts: list[Callable[[], None]] = field(default_factory=list)
    sent: int = MESSAGE - 1
    edited: list[tuple[int, str]] = field(default_factory=list)

    async def send(self, _chat: int, _text: str, _buttons: Buttons = (), **_: object) -> int:
        self.sent += 1
        if self.reacts:
            self.reacts.pop(0)()
        return self.sent

    async def edit(self, _chat: int, message: int, text: str, _buttons: Buttons = ()) -> None:
        self.edited.append((message, text.splitlines()[-1]))


@dataclass
class Chat:
    """Ben's, with the question of which car an order is for waiting to be sent."""

    state: NotifierState
    telegram: QuickDriver
    sender: ChatSender

    @property
    def delivered(self) -> Delivery:
        (delivery,) = self.state.memory.deliveries
        return delivery

    async def sends_all(self) -> None:
        """Questions, and then what has become of them."""
        await self.sender._send_all()
        await self.sender._send_all()


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    telegram = QuickDriver()
    with MemoryDb(tmp_path / "notifier.db") as db:
        week = WeeklySchedules({}, ZoneInfo("Europe/Berlin"))
        state = NotifierState(QuietBus(StandingClock(NOON)), db, People((BEN,)), week)
        state.keep(replace(state.memory, open_orders=(ORDER,)))
        yield Chat(state, telegram, ChatSender(state, cast("Telegram", telegram), BEN, 1002, 0))


async def test_an_answer_in_words_is_told_below_the_question_that_telegram_has_not_confirmed_yet(chat: Chat) -> None:
    chat.telegram.reacts.append(lambda: chat.state.close_order(ORDER, Chosen("Zoe")))
    await chat.sends_all()
    assert chat.telegram.edited == [(MESSAGE, "→ Zoe")]


async def test_a_press_is_told_below_the_question_that_telegram_has_not_confirmed_yet(chat: Chat) -> None:
    def press() -> None:
        chat.state.confirm_delivery(chat.delivered, MESSAGE)
        chat.state.close_order(ORDER, Chosen("Ev6"))

    chat.telegram.reacts.append(press)
    await chat.sends_all()
    assert chat.telegram.edited == [(MESSAGE, "→ Ev6")]


async def test_a_question_that_must_be_asked_again_is_asked_again(chat: Chat) -> None:
    chat.telegram.reacts.append(lambda: chat.state.ask_again(ORDER.id, "ben", Remark.PRESSED_LATE))
    await chat.sends_all()
    assert [message for message, _ in chat.telegram.edited] == [MESSAGE]
    assert chat.delivered.message_id == MESSAGE + 1
    assert chat.delivered.outcome is None


async def test_a_question_that_was_dropped_meanwhile_says_that_it_is_closed(chat: Chat) -> None:
    chat.telegram.reacts.append(lambda: chat.state.keep(replace(chat.state.memory, open_orders=())))
    await chat.sends_all()
    assert chat.telegram.edited == [(MESSAGE, "→ Diese Frage ist schon erledigt.")]
