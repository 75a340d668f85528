"""Carries out the answers to questions, from wherever they come."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from ems.contract.control import Boost
from ems.contract.message import Command, Message, Text
from ems.contract.people import QuestionKind
from ems.contract.requests import Result
from ems.contract.topic import Topic
from ems.contract.topics import BOOST, LOGIN_CODE
from ems.contract.vehicle import LoginCode
from ems.i18n.languages import in_every_language
from notifier.domain import questions
from notifier.domain.answer_outcomes import (
    AnswerOutcome,
    AskNext,
    ChargeNow,
    EnterCode,
    NotUnderstood,
    RequestGoal,
    SendCode,
    Settled,
)
from notifier.domain.cars import KnownCar
from notifier.domain.goal_rules import GoalRequest, add
from notifier.domain.goal_words import goal_taken
from notifier.domain.late_orders import time_left
from notifier.domain.memory import (
    RECENT,
    Memory,
    Pending,
    Receipt,
)
from notifier.domain.people import Person
from notifier.domain.wording.outcomes import (
    Boosted,
    BoostOver,
    DidNotWork,
    LoggedIn,
    NotPluggedIn,
)
from notifier.domain.wording.records import Answered, Said
from notifier.domain.wording.remarks import Remark
from notifier.prompter import Prompter, new_id
from notifier.state import NotifierState

_FOR_A_GOAL = frozenset({QuestionKind.CHARGE, QuestionKind.DEPARTURE})
USUAL_BOOST = timedelta(minutes=90)
"""Length of a boost for which no other was said."""
_CLOUD_TIMEOUT_S = 60
"""Longest wait for a command that a car's cloud has to carry out, in seconds."""


class NotAnswerable(Exception):
    """Nothing was changed; ``why`` says why not, and what would be understood."""

    def __init__(self, why: Said) -> None:
        super().__init__(repr(why))
        self.why = why


@dataclass(frozen=True, slots=True)
class Responder:
    """Whoever answers: a driver, or the house."""

    name: str
    title: str
    house: bool = False
    group: str | None = None
    """The group in which they answer; None: nowhere, or in their own chat."""

    @classmethod
    def of(cls, person: Person, group: Person | None = None) -> Self:
        """A driver."""
        return cls(person.name, person.title, group=group.name if group else None)


def _between_us(following: Pending, by: Responder) -> Pending:
    """A question that goes on with whoever has just answered, where they did."""
    return replace(following, talking=None if by.house else by.name, group=by.group)


HOUSE = Responder("homeassistant", "Home Assistant", house=True)
"""Stands for Home Assistant and scripts: whoever gives no name."""


class AnswerHandler:
    """Turns answers and goal requests into changes of the memory and commands to other services."""

    def __init__(self, state: NotifierState, prompter: Prompter) -> None:
        self._state, self._prompter = state, prompter
        self._busy: set[str] = set()

    async def answer(
        self, pending: Pending, option: str | None, words: str | None, by: Responder, written: datetime | None = None
    ) -> Said:
        """Takes an option's key, or free words, as the answer to a question; returns what came of it.

        ``written`` is when the words were; absent: now.

        Raises:
            NotAnswerable: it was not understood, is being answered already, or could not be carried out.
        """
        question = pending.question
        car = self._car(question.vehicle)
        if question.id in self._busy:
            raise NotAnswerable(Remark.CLOSED_ALREADY)
        match questions.answer(pending, option, words, car, self._prompter.question_context(written)):
            case NotUnderstood(why):
                raise NotAnswerable(why)
            case AskNext(following, outcome):
                return self._settle(pending, outcome, by, _between_us(following, by))
            case Settled(RequestGoal(soc_pct, departure), _):
                return self.request_goal(
                    GoalRequest(car.name, by.name, self._state.now, soc_pct, departure, by.house), by, pending
                )
            case Settled(None, outcome):
                return self._settle(pending, outcome or Remark.THANKS, by)
            case Settled(effect, _):
                self._busy.add(question.id)
                try:
                    return await self._carry_out(effect, pending, car, by, written)
                finally:
                    self._busy.discard(question.id)

    def request_goal(self, request: GoalRequest, by: Responder, pending: Pending | None = None) -> Said:
        """Keeps a goal request and closes the question that it answers, both or neither; says what was understood."""
        state = self._state
        if pending is None:
            waiting = state.memory.question(request.vehicle)
            # Whoever says a goal unasked has answered these.
            pending = waiting if waiting and waiting.question.kind in _FOR_A_GOAL else None
        memory = replace(state.memory, wishes=add(state.memory.wishes, request, state.week))
        outcome = goal_taken(self._car(request.vehicle).title, request, state.goal_in(memory, request.vehicle))
        if pending is not None:
            memory = self._closed(memory, pending, outcome, by)
        if not by.house:
            receipt = Receipt(new_id(), by.name, request.vehicle)
            memory = replace(memory, receipts=(*memory.receipts[-RECENT:], receipt))
            if pending is not None:
                memory = replace(
                    memory,
                    deliveries=tuple(
                        replace(d, receipt=receipt.id)
                        if (d.question, d.driver) == (pending.question.id, by.group or by.name)
                        else d
                        for d in memory.deliveries
                    ),
                )
        state.keep(memory)
        return outcome

    def would_answer(self, pending: Pending, words: str, written: datetime) -> AnswerOutcome:
        """What free words of ``written`` would lead to as an answer; nothing is changed."""
        car = self._car(pending.question.vehicle)
        return questions.answer(pending, None, words, car, self._prompter.question_context(written))

    def open_question(self, car: KnownCar) -> Pending:
        """The question that a goal in somebody's own words answers; nobody is asked it."""
        return questions.change(self._prompter.question_context(), car)

    def request_goal_in_words(self, car: KnownCar, words: str, by: Responder, written: datetime) -> Said | None:
        """A goal in somebody's own words of ``written``; None when it led to a question.

        Raises:
            NotAnswerable: it was not understood.
        """
        match self.would_answer(self.open_question(car), words, written):
            case Settled(RequestGoal(soc_pct, departure), _):
                request = GoalRequest(car.name, by.name, self._state.now, soc_pct, departure, by.house)
                return self.request_goal(request, by)
            case AskNext(following, _):
                self.ask_instead(_between_us(following, by))
                return None
            case NotUnderstood(why):
                raise NotAnswerable(why)
            case Settled(None, outcome):
                raise NotAnswerable(outcome or Remark.NOT_UNDERSTOOD)
            case other:
                raise AssertionError(f"a goal in words led to {other}")

    def ask_instead(self, pending: Pending) -> None:
        """Asks somebody who is talking with us, in place of whatever else is being asked about the car."""
        state = self._state
        before = state.memory.question(pending.question.vehicle)
        memory = state.closed(state.memory, {before.question.id: Remark.REPLACED}) if before else state.memory
        state.keep(replace(memory, pending=(*memory.pending, pending)))

    async def boost(self, car: KnownCar, minutes: float) -> Said:
        """Full power for ``minutes`` where ``car`` is plugged in; 0 ends it.

        Raises:
            NotAnswerable: it is not plugged in, or the gateway refuses.
        """
        if car.loadpoint is None:
            raise NotAnswerable(NotPluggedIn(car.title))
        await self.call_service(BOOST, Boost(minutes=minutes), id=car.loadpoint)
        if not minutes:
            return BoostOver(car.title)
        return Boosted(car.title, self._state.now + timedelta(minutes=minutes))

    def boost_minutes(self, length: timedelta, written: datetime | None) -> float:
        """How many minutes a boost of ``length`` lasts that was ordered at ``written`` (absent: now).

        Raises:
            NotAnswerable: it is over.
        """
        left = time_left(length, written, self._state.now) if written else length
        if left <= timedelta(0):
            raise NotAnswerable(Remark.MOMENT_PASSED)
        minutes = left / timedelta(minutes=1)
        return minutes if left == length else max(1, round(minutes))

    async def call_service[C: Command](
        self, topic: Topic[C], command: C, *, timeout_s: float = 10, **names: str
    ) -> str:
        """Sends a command to another service; returns its words.

        Raises:
            NotAnswerable: it refuses, or does not answer.
        """
        try:
            result = await self._state.bus.request(topic, command, timeout_s=timeout_s, **names)
        except TimeoutError:
            raise NotAnswerable(Remark.NOBODY_ANSWERED) from None
        if not isinstance(result, Result) or not result.accepted:
            raise NotAnswerable(DidNotWork(_words_of(result)))
        return result.reason

    async def _carry_out(
        self,
        effect: RequestGoal | ChargeNow | SendCode | EnterCode | None,
        pending: Pending,
        car: KnownCar,
        by: Responder,
        written: datetime | None,
    ) -> Said:
        match effect:
            case ChargeNow():
                return self._settle(pending, await self.boost(car, self.boost_minutes(USUAL_BOOST, written)), by)
            case SendCode():
                await self.call_service(LOGIN_CODE, LoginCode(), timeout_s=_CLOUD_TIMEOUT_S, vehicle=car.name)
                following = questions.code(self._prompter.question_context(), car)
                return self._settle(pending, Remark.CODE_REQUESTED, by, _between_us(following, by))
            case EnterCode(code):
                await self.call_service(LOGIN_CODE, LoginCode(code=code), timeout_s=_CLOUD_TIMEOUT_S, vehicle=car.name)
                return self._settle(pending, LoggedIn(car.title), by)
            case _:
                raise AssertionError(f"{effect} needs nobody else")

    def _settle(self, pending: Pending, outcome: Said, by: Responder, following: Pending | None = None) -> Said:
        memory = self._closed(self._state.memory, pending, outcome, by)
        if following is not None:
            # A corrected answer goes on with a question that was closed; a car is asked about one at a time.
            others = [p for p in memory.pending if p.question.vehicle == following.question.vehicle]
            memory = self._state.closed(memory, {p.question.id: Remark.REPLACED for p in others})
            memory = replace(memory, pending=(*memory.pending, following))
        self._state.keep(memory)
        return outcome

    def _closed(self, memory: Memory, pending: Pending, outcome: Said, by: Responder) -> Memory:
        return self._state.closed(memory, {pending.question.id: Answered(by.title, outcome)})

    def _car(self, vehicle: str) -> KnownCar:
        return self._state.car(vehicle) or KnownCar(vehicle, vehicle)


def _words_of(result: Message) -> Text:
    """Why another service refused, in every language where it says so."""
    if not isinstance(result, Result):
        return in_every_language(lambda _: "?")
    return result.text or in_every_language(lambda _: result.reason)
