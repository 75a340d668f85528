"""Finds out what a driver's message orders, and carries it out: at once, or after a word when it is read too late."""

from contextlib import suppress
from dataclasses import dataclass, replace

from ems.contract.message import Text
from notifier.answer_handler import USUAL_BOOST, AnswerHandler, NotAnswerable, Responder
from notifier.domain import bot_messages, messages
from notifier.domain.addressing import command_in
from notifier.domain.answer_outcomes import ChargeNow, EnterCode, NotUnderstood, SendCode, Settled
from notifier.domain.goal_rules import change_between
from notifier.domain.language.reader import understand
from notifier.domain.language.understood import Intent, Understood
from notifier.domain.late_orders import is_late, meaning
from notifier.domain.memory import (
    MAX_GIVEN,
    MAX_LATE,
    GivenOrder,
    LateOrder,
    Memory,
    Origin,
    Pending,
    Stage,
)
from notifier.domain.people import Person, in_language
from notifier.prompter import new_id
from notifier.state import NotifierState
from notifier.telegram.bot_commands import BotCommands, Writer, canonical
from notifier.telegram.chat_sender import ChatReply

_BY_OTHERS = (ChargeNow, SendCode, EnterCode)
"""What other services carry out: it takes a while, and they may refuse."""


@dataclass(frozen=True, slots=True)
class DriverMessage:
    """What a driver wrote; ``replied_to`` is the id of the message that it replies to."""

    by: Writer
    words: str
    origin: Origin
    replied_to: int | None = None
    edited: bool = False


@dataclass(frozen=True, slots=True)
class _Order:
    """A command with its words, or an answer to ``pending``."""

    command: str
    words: str
    pending: Pending | None = None

    @property
    def is_code(self) -> bool:
        """Whether its words are a secret."""
        return self.pending is not None and self.pending.stage is Stage.CODE


class OrderHandler:
    """All orders that drivers write."""

    def __init__(self, state: NotifierState, answer_handler: AnswerHandler, commands: BotCommands) -> None:
        self._state, self._answer_handler, self._commands = state, answer_handler, commands

    async def handle(self, message: DriverMessage) -> ChatReply | None:
        """Carries out what a message orders, or asks first when it is old; an edited one corrects what it ordered.

        Raises:
            NotAnswerable: nothing was changed; the text says why.
        """
        memory, now = self._state.memory, self._state.now
        before = memory.given_by(message.origin) if message.edited else None
        waiting = next((late for late in memory.late if late.origin == message.origin), None)
        if message.words in {known.words for known in (before, waiting) if known is not None}:
            # Telegram tells of changes that nobody sees, too.
            return None
        pending = before.answered if before and before.answered else self._question_meant(message)
        order = self._order(message.by.person, message.words, pending)
        late = is_late(message.by.written, now)
        try:
            if late and self._ask_first(message, order, waiting):
                return None
            return await self._execute(message, order, before)
        except NotAnswerable as why:
            self._note(message, order, before)
            raise self._explained(message, why, before, late=late) from None

    async def settle_late(self, late: LateOrder, person: Person, *, wanted: bool) -> ChatReply | None:
        """Carries out an old order that its driver still wants, as it was meant then; or drops it.

        Raises:
            NotAnswerable: it is not possible any more; the text says why.
        """
        state = self._state
        state.close_late(late, messages.YES if wanted else messages.NOT_ANYMORE)
        if not wanted:
            state.commit()
            return None
        group = next((g for g in state.people.groups if g.name == late.group), None)
        message = DriverMessage(Writer(person, late.written, group), late.words, late.origin)
        pending = state.memory.question_by_id(late.question) if late.question else None
        if late.question and pending is None:
            raise NotAnswerable(messages.ALREADY)
        order = self._order(person, late.words, pending)
        try:
            return await self._execute(message, order, state.memory.given_by(late.origin))
        except NotAnswerable as why:
            raise self._explained(message, why, None, late=True) from None

    def _order(self, person: Person, words: str, pending: Pending | None) -> _Order:
        if found := command_in(words):
            return _Order(canonical(found[0]), found[2])
        is_code = pending is not None and pending.stage is Stage.CODE
        if not is_code and (written := self._command_in_words(person, words)):
            return _Order(written, "")
        others = [c.name for c in self._commands.mentioned(person, words)]
        if pending is None or (others and not is_code and pending.question.vehicle not in others):
            return _Order("goal", words)
        return _Order("answer", words, pending)

    def _command_in_words(self, person: Person, words: str) -> str | None:
        """Commands that are written as a word: status, hilfe."""
        cars = [name for car in self._commands.mentioned(person, words) for name in (car.title, car.name)]
        understood = understand(words, self._state.now, self._state.week.zone, cars=cars)
        if isinstance(understood, Understood) and understood.intent in {Intent.STATUS, Intent.HELP}:
            return understood.intent.value
        return None

    def _question_meant(self, message: DriverMessage) -> Pending | None:
        """The question that free words answer: the one they reply to, or the newest that this driver was asked."""
        memory, by = self._state.memory, message.by
        there = (by.group or by.person).name
        asked = {d.message_id: d.question for d in memory.deliveries if d.driver == there}
        if message.replied_to in asked:
            question = asked[message.replied_to]
            if any(late.id == question for late in memory.late):
                return None
            pending = memory.question_by_id(question)
            if pending is None:
                raise NotAnswerable(messages.ALREADY)
            if by.group and pending.question.vehicle not in by.person.vehicles:
                raise NotAnswerable(bot_messages.NOT_YOUR_CAR)
            return pending
        open_ones = [p for p in memory.pending if p.question.free_text and p.question.id in asked.values()]
        if by.group:
            open_ones = [p for p in open_ones if p.talking == by.person.name]
        return max(open_ones, key=lambda p: p.question.asked_at, default=None)

    def _ask_first(self, message: DriverMessage, order: _Order, waiting: LateOrder | None) -> bool:
        """Asks whether an old order still holds; False: it is harmless."""
        by, state = message.by, self._state
        meant = self._meaning(by, order)
        if waiting is not None:
            state.close_late(waiting, messages.CORRECTED)
        if meant is None:
            return False
        subject = self._commands.subject(by, order.command, order.words)
        if order.pending is not None:
            subject = f"goal:{order.pending.question.vehicle}"
        text = messages.still_wanted(message.words, by.written, meant, state.week.zone)
        asked = LateOrder(
            id=new_id(),
            driver=by.person.name,
            origin=message.origin,
            written=by.written,
            words=message.words,
            text=in_language(text, by.person.language),
            subject=subject,
            question=order.pending.question.id if order.pending else None,
            group=by.group.name if by.group else None,
        )
        for older in state.memory.late:
            if (older.driver, older.subject) == (asked.driver, subject):
                state.close_late(older, messages.OVERTAKEN)
        memory = state.memory
        state.keep(replace(memory, late=(*memory.late, asked)[-MAX_LATE:]))
        return True

    def _meaning(self, by: Writer, order: _Order) -> Text | None:
        """What an order would do; None: nothing that would have to be asked first."""
        if order.pending is None:
            return self._commands.meaning(by, order.command, order.words)
        if order.is_code and is_late(by.written, self._state.now):
            raise NotAnswerable(messages.CODE_TOO_OLD)
        vehicle = order.pending.question.vehicle
        match self._answer_handler.would_answer(order.pending, order.words, by.written):
            case NotUnderstood(why):
                raise NotAnswerable(why)
            case outcome:
                car, zone = self._commands.car(vehicle), self._state.week.zone
                return meaning(outcome, car, by.person.name, by.written, zone, USUAL_BOOST)

    async def _execute(self, message: DriverMessage, order: _Order, before: GivenOrder | None) -> ChatReply | None:
        state = self._state
        others = self._by_others(message.by, order)
        if before is not None:
            # What cannot be carried out leaves the order that it corrects as it is.
            self._meaning(message.by, order)
            if not others:
                state.take_back(before)
        memory = state.memory
        reply = await self._perform(message, order)
        done = self._done(message, order, memory)
        if before is not None:
            if others:
                state.take_back(before)
            if before.boosted and before.boosted != done.boosted:
                with suppress(NotAnswerable):
                    await self._commands.end_boost(before.boosted)
        self._note(message, order, done)
        return reply

    def _by_others(self, by: Writer, order: _Order) -> bool:
        if order.pending is None:
            return order.command != "goal"
        match self._answer_handler.would_answer(order.pending, order.words, by.written):
            case Settled(effect, _):
                return isinstance(effect, _BY_OTHERS)
        return False

    async def _perform(self, message: DriverMessage, order: _Order) -> ChatReply | None:
        by, pending, state = message.by, order.pending, self._state
        if pending is None:
            return await self._commands.carry_out(by, order.command, order.words)
        is_open = state.memory.question_by_id(pending.question.id) is not None
        receipts = state.memory.receipts
        responder = Responder.of(by.person, by.group)
        outcome = await self._answer_handler.answer(pending, None, order.words, responder, by.written)
        if is_open:
            # It is written below the question.
            return None
        new = [r for r in state.memory.receipts if r not in receipts and r.driver == by.person.name]
        buttons = bot_messages.receipt_buttons(new[-1].id, by.person.language) if new else ()
        return ChatReply(in_language(outcome, by.person.language), buttons)

    def _done(self, message: DriverMessage, order: _Order, before: Memory) -> GivenOrder:
        """What has come of an order, so that it can be corrected."""
        after, name = self._state.memory, message.by.person.name
        goal = change_between(before.wishes, after.wishes)
        led_to = [p.question.id for p in after.pending if p not in before.pending and p.talking == name]
        _, _, boosted = self._commands.subject(message.by, order.command, order.words).partition("boost:")
        return GivenOrder(
            message.origin,
            name,
            message.words,
            order.pending,
            led_to[-1] if led_to else None,
            goal if goal and goal.request.asked_by == name else None,
            boosted or None,
        )

    def _note(self, message: DriverMessage, order: _Order, given: GivenOrder | None) -> None:
        """Remembers what a message ordered; never a code."""
        if order.is_code:
            return
        memory = self._state.memory
        kept = [g for g in memory.given if g.origin != message.origin]
        new = replace(given, words=message.words) if given else self._nothing(message)
        self._state.keep(replace(memory, given=(*kept, new)[-MAX_GIVEN:]))

    def _nothing(self, message: DriverMessage) -> GivenOrder:
        return GivenOrder(message.origin, message.by.person.name, message.words)

    def _explained(
        self, message: DriverMessage, why: NotAnswerable, before: GivenOrder | None, *, late: bool
    ) -> NotAnswerable:
        """A refusal that says what it is about when that is not the message above it."""
        text = why.text
        if late:
            text = messages.written_at(message.by.written, text, self._state.week.zone)
        if before is not None and (before.goal or before.led_to or before.boosted):
            kept = bot_messages.UNCHANGED
            text = messages.t(f"{text.en} {kept.en}", f"{text.de} {kept.de}")
        return NotAnswerable(text)
