"""Carries out the answers to questions, from wherever they come."""

from dataclasses import dataclass, replace
from typing import Self

from ems.contract.control import Boost
from ems.contract.message import Command, Text
from ems.contract.people import QuestionKind
from ems.contract.requests import Result
from ems.contract.topic import Topic
from ems.contract.topics import BOOST, LOGIN_CODE
from ems.contract.vehicle import LoginCode
from notifier.domain import bot_messages, messages, questions
from notifier.domain.answer_outcomes import (
    AskOn,
    ChargeNow,
    EnterCode,
    NotUnderstood,
    SendCode,
    Settled,
    SetWish,
)
from notifier.domain.cars import KnownCar
from notifier.domain.goal_rules import GoalRequest, add
from notifier.domain.memory import (
    RECENT,
    Memory,
    Pending,
    Receipt,
)
from notifier.domain.people import Person
from notifier.prompter import Prompter, new_id
from notifier.state import NotifierState

_FOR_A_GOAL = frozenset({QuestionKind.CHARGE, QuestionKind.DEPARTURE})
BOOST_MIN = 90
_SLOW_S = 60
"""A car's cloud may think for long."""


class NotAnswerable(Exception):
    """Nothing was changed; ``text`` says why, and what would be understood."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True, slots=True)
class Responder:
    """Who answers: a driver, or the house."""

    name: str
    title: str
    house: bool = False

    @classmethod
    def of(cls, person: Person) -> Self:
        """A driver."""
        return cls(person.name, person.title)


HOUSE = Responder("homeassistant", "Home Assistant", house=True)
"""Who speaks when nobody says who."""


class AnswerHandler:
    """What becomes of what people say."""

    def __init__(self, desk: NotifierState, asker: Prompter) -> None:
        self._desk, self._asker = desk, asker
        self._busy: set[str] = set()

    async def answer(self, pending: Pending, option: str | None, words: str | None, by: Responder) -> Text:
        """Takes an option's key, or free words, as the answer to a pending question; returns what came of it.

        Raises:
            Unanswered: it was not understood, is being answered already, or could not be carried out.
        """
        question = pending.question
        car = self._car(question.vehicle)
        if question.id in self._busy:
            raise NotAnswerable(messages.ALREADY)
        match questions.answer(pending, option, words, car, self._asker.asking()):
            case NotUnderstood(why):
                raise NotAnswerable(why)
            case AskOn(following, outcome):
                following = replace(following, talking=None if by.house else by.name)
                return self._settle(pending, outcome, by, following)
            case Settled(SetWish(soc_pct, departure), _):
                return self.wish(
                    GoalRequest(car.name, by.name, self._desk.now, soc_pct, departure, by.house), by, pending
                )
            case Settled(None, outcome):
                return self._settle(pending, outcome or messages.THANKS, by)
            case Settled(effect, _):
                self._busy.add(question.id)
                try:
                    return await self._carry_out(effect, pending, car, by)
                finally:
                    self._busy.discard(question.id)

    def wish(self, wish: GoalRequest, by: Responder, pending: Pending | None = None) -> Text:
        """Keeps a wish and closes the question that it answers, both or neither; says what was understood."""
        desk = self._desk
        if pending is None:
            waiting = desk.book.question(wish.vehicle)
            # Whoever says a goal unasked has answered these.
            pending = waiting if waiting and waiting.question.kind in _FOR_A_GOAL else None
        book = replace(desk.book, wishes=add(desk.book.wishes, wish, desk.week))
        outcome = messages.wished(self._car(wish.vehicle).title, wish, desk.goal_in(book, wish.vehicle), desk.week.zone)
        if pending is not None:
            book = self._closed(book, pending, outcome, by)
        if not by.house:
            receipt = Receipt(new_id(), by.name, wish.vehicle)
            book = replace(book, receipts=(*book.receipts[-RECENT:], receipt))
            if pending is not None:
                book = replace(
                    book,
                    deliveries=tuple(
                        replace(d, receipt=receipt.id)
                        if (d.question, d.driver) == (pending.question.id, by.name)
                        else d
                        for d in book.deliveries
                    ),
                )
        desk.keep(book)
        return outcome

    async def wish_in_words(self, car: KnownCar, words: str, by: Responder) -> Text | None:
        """A goal in somebody's own words; None when it led to a question.

        Raises:
            Unanswered: it was not understood.
        """
        open_question = questions.change(self._asker.asking(), car)
        match questions.answer(open_question, None, words, car, self._asker.asking()):
            case Settled(SetWish(soc_pct, departure), _):
                return self.wish(GoalRequest(car.name, by.name, self._desk.now, soc_pct, departure, by.house), by)
            case AskOn(following, _):
                self.put(replace(following, talking=by.name))
                return None
            case NotUnderstood(why):
                raise NotAnswerable(why)
            case other:
                raise AssertionError(f"a goal in words led to {other}")

    def put(self, pending: Pending) -> None:
        """Asks somebody who is talking with us, in place of whatever else is being asked about the car."""
        desk = self._desk
        before = desk.book.question(pending.question.vehicle)
        book = desk.closed(desk.book, {before.question.id: messages.REPLACED}) if before else desk.book
        desk.keep(replace(book, pending=(*book.pending, pending)))

    async def boost(self, car: KnownCar, minutes: float) -> Text:
        """Full power for ``minutes`` where ``car`` is plugged in; 0 ends it.

        Raises:
            Unanswered: it is not plugged in, or the gateway refuses.
        """
        if car.loadpoint is None:
            raise NotAnswerable(messages.not_plugged_in(car))
        await self.request(BOOST, Boost(minutes=minutes), id=car.loadpoint)
        return messages.boosted(car, minutes) if minutes else bot_messages.boost_over(car)

    async def request[C: Command](self, topic: Topic[C], command: C, *, timeout_s: float = 10, **names: str) -> str:
        """Asks another service; returns its words.

        Raises:
            Unanswered: it refuses, or does not answer.
        """
        try:
            result = await self._desk.bus.request(topic, command, timeout_s=timeout_s, **names)
        except TimeoutError:
            raise NotAnswerable(messages.NOBODY) from None
        if not isinstance(result, Result) or not result.accepted:
            raise NotAnswerable(messages.did_not_work(result.reason if isinstance(result, Result) else "?"))
        return result.reason

    async def _carry_out(
        self, effect: SetWish | ChargeNow | SendCode | EnterCode | None, pending: Pending, car: KnownCar, by: Responder
    ) -> Text:
        match effect:
            case ChargeNow():
                return self._settle(pending, await self.boost(car, BOOST_MIN), by)
            case SendCode():
                await self.request(LOGIN_CODE, LoginCode(), timeout_s=_SLOW_S, vehicle=car.name)
                following = questions.code(self._asker.asking(), car.name, messages.which_code(car))
                following = replace(following, talking=None if by.house else by.name)
                return self._settle(pending, messages.CODE_SENT, by, following)
            case EnterCode(code):
                await self.request(LOGIN_CODE, LoginCode(code=code), timeout_s=_SLOW_S, vehicle=car.name)
                return self._settle(pending, messages.logged_in(car), by)
            case _:
                raise AssertionError(f"{effect} needs nobody else")

    def _settle(self, pending: Pending, outcome: Text, by: Responder, following: Pending | None = None) -> Text:
        book = self._closed(self._desk.book, pending, outcome, by)
        self._desk.keep(replace(book, pending=(*book.pending, following)) if following else book)
        return outcome

    def _closed(self, book: Memory, pending: Pending, outcome: Text, by: Responder) -> Memory:
        return self._desk.closed(book, {pending.question.id: messages.answered(by.title, outcome)})

    def _car(self, vehicle: str) -> KnownCar:
        return self._desk.car(vehicle) or KnownCar(vehicle, vehicle)
