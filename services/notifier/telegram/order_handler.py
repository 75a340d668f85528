"""Finds out what a driver's message orders, and carries it out: at once, or after a word when it is read too late."""

from contextlib import suppress
from dataclasses import dataclass, replace

from notifier.answer_handler import USUAL_BOOST, AnswerHandler, NotAnswerable, Responder
from notifier.domain.addressing import command_in
from notifier.domain.answer_outcomes import ChargeNow, EnterCode, NotUnderstood, SendCode, Settled
from notifier.domain.goal_rules import change_between
from notifier.domain.language.reader import understand
from notifier.domain.language.understood import Intent, Understood
from notifier.domain.late_orders import is_late, meaning
from notifier.domain.memory import (
    MAX_GIVEN,
    MAX_OPEN_ORDERS,
    GivenOrder,
    Memory,
    OpenOrder,
    Origin,
    Pending,
    Stage,
)
from notifier.domain.people import Person
from notifier.domain.wording.outcomes import Chosen
from notifier.domain.wording.records import (
    OldOrderStays,
    ReadLate,
    Said,
    StillWanted,
    WrittenEarlier,
)
from notifier.domain.wording.remarks import Remark
from notifier.prompter import new_id
from notifier.state import NotifierState
from notifier.telegram.bot_commands import BotCommands, CarNotSaid, Writer, canonical
from notifier.telegram.chat_sender import ChatReply, receipt_buttons

MAX_SHOWN = 200
"""Most characters of somebody's words that are shown to them again."""
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
        memory, person = self._state.memory, message.by.person
        before = memory.given_by(message.origin) if message.edited else None
        waiting = next((o for o in memory.open_orders if o.origin == message.origin), None)
        if message.words in {known.words for known in (before, waiting) if known is not None}:
            # Telegram tells of changes that nobody sees, too.
            return None
        late = is_late(message.by.written, self._state.now)
        if said := self._word_said(message):
            waits, word = said
            if late and word != "no":
                self._state.ask_again(waits.id, (message.by.group or person).name, Remark.WRITTEN_LATE)
                return None
            return await self.settle(waits, word)
        pending = self._question_answered(message, before)
        no = None if pending or before or command_in(message.words) else self._no_said(message)
        if no is not None and (reply := self._nothing_wanted(message, no)):
            return reply
        order = self._order(person, message.words, pending)
        try:
            return await self._carry_out(message, order, before, late=late)
        except NotAnswerable as why:
            self._note(message, order, before)
            raise self._explained(message, why, before, late=late) from None

    def _no_said(self, message: DriverMessage) -> Intent | None:
        """How a message says no, if it says nothing else."""
        match understand(message.words, message.by.written, self._state.week.zone):
            case Understood(soc_pct=None, departure=None, intent=(Intent.NO | Intent.CANCEL) as no):
                return no
        return None

    def _nothing_wanted(self, message: DriverMessage, no: Intent) -> ChatReply | None:
        """Takes a no to no question for one to what the driver has just ordered, if that waits to be asked about.

        Without such an order "never mind" takes back a goal, which is an order of its own: None.
        """
        state, by = self._state, message.by
        asked = {d.question for d in state.memory.deliveries if d.driver == (by.group or by.person).name}
        unasked = [o for o in state.memory.open_orders if o.driver == by.person.name and o.id not in asked]
        if not unasked and no is Intent.CANCEL:
            return None
        if unasked:
            state.close_order(unasked[-1], Remark.NOT_WANTED_ANYMORE)
            state.commit()
        return ChatReply(state.says.words(Remark.NOTHING_CHANGED, by.person.language))

    async def _carry_out(
        self, message: DriverMessage, order: _Order, before: GivenOrder | None, *, late: bool
    ) -> ChatReply | None:
        """The reply to an order that was carried out; None when something is asked instead."""
        try:
            meant = self._meaning(message.by, order) if late else None
            if meant is not None:
                self._ask_if_wanted(message, order, meant)
                return None
            reply = await self._execute(message, order, before)
        except CarNotSaid as choice:
            self._ask_which_car(message, order, choice.cars, late=late)
            return None
        if self._overtake(message.by.person, self._subject(message.by, order)):
            self._state.commit()
        return reply

    async def settle(self, order: OpenOrder, choice: str) -> ChatReply | None:
        """Carries out an order that waited for a word, as it was meant when it was written, or drops it.

        ``choice`` is "yes", "no" or the vehicle that it is for.

        Raises:
            NotAnswerable: it is not possible any more; the text says why.
        """
        state = self._state
        person = state.people.named(order.driver)
        if person is None or choice not in {"yes", "no", *order.cars}:
            raise NotAnswerable(Remark.CLOSED_ALREADY)
        if choice == "no":
            state.close_order(order, Remark.NOT_WANTED_ANYMORE)
            state.commit()
            return None
        car = choice if choice in order.cars else None
        state.close_order(order, Chosen(self._commands.car(car).title) if car else Remark.YES)
        group = next((g for g in state.people.groups if g.name == order.group), None)
        message = DriverMessage(Writer(person, order.written, group, car), order.words, order.origin)
        pending = state.memory.question_by_id(order.question) if order.question else None
        if order.question and pending is None:
            raise NotAnswerable(Remark.CLOSED_ALREADY)
        before = state.memory.given_by(order.origin)
        try:
            return await self._execute(message, self._order(person, order.words, pending), before)
        except NotAnswerable as why:
            raise self._explained(message, why, None, late=is_late(order.written, state.now)) from None

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

    def _question_answered(self, message: DriverMessage, before: GivenOrder | None) -> Pending | None:
        """The question that a message answers; a correction answers what the words before it answered."""
        if before is not None and before.answered is not None:
            return before.answered
        meant = self._question_meant(message)
        # What those words led to was no question to them.
        return None if meant and before and meant.question.id == before.led_to else meant

    def _question_meant(self, message: DriverMessage) -> Pending | None:
        """The question that free words answer: the one they reply to, or the newest that this driver was asked."""
        memory, by = self._state.memory, message.by
        there = (by.group or by.person).name
        asked = {d.message_id: d.question for d in memory.deliveries if d.driver == there}
        if message.replied_to in asked:
            question = asked[message.replied_to]
            if any(order.id == question for order in memory.open_orders):
                return None
            pending = memory.question_by_id(question)
            if pending is None:
                raise NotAnswerable(Remark.CLOSED_ALREADY)
            if by.group and pending.question.vehicle not in by.person.vehicles:
                raise NotAnswerable(Remark.NOT_YOUR_CAR)
            return pending
        open_ones = [p for p in memory.pending if p.question.free_text and p.question.id in asked.values()]
        if by.group:
            open_ones = [p for p in open_ones if p.talking == by.person.name]
        return max(open_ones, key=lambda p: p.question.asked_at, default=None)

    def _ask_if_wanted(self, message: DriverMessage, order: _Order, meant: Said) -> None:
        self._wait_for_word(message, order, _read_late(message, StillWanted(meant)))

    def _ask_which_car(self, message: DriverMessage, order: _Order, cars: tuple[str, ...], *, late: bool) -> None:
        """Asks which of ``cars`` an order is for, if it could be carried out for one."""
        self._meaning(replace(message.by, car=cars[0]), order)
        asks = _read_late(message, Remark.WHICH_CAR) if late else Remark.WHICH_CAR
        self._wait_for_word(message, order, asks, cars)

    def _wait_for_word(self, message: DriverMessage, order: _Order, asks: Said, cars: tuple[str, ...] = ()) -> None:
        by, state = message.by, self._state
        subject = self._subject(by, order)
        for corrected in [o for o in state.memory.open_orders if o.origin == message.origin]:
            state.close_order(corrected, Remark.CORRECTED)
        asked = OpenOrder(
            id=new_id(),
            driver=by.person.name,
            origin=message.origin,
            written=by.written,
            words=message.words,
            text=state.says.words(asks, by.person.language),
            subject=subject,
            question=order.pending.question.id if order.pending else None,
            group=by.group.name if by.group else None,
            cars=cars,
        )
        self._overtake(by.person, subject)
        memory = state.memory
        state.keep(replace(memory, open_orders=(*memory.open_orders, asked)[-MAX_OPEN_ORDERS:]))

    def _overtake(self, person: Person, subject: str) -> bool:
        """Drops what waits for a word and is about the same; whether there was something. Not saved by itself."""
        # Of which car it is not known may be this one.
        same = {subject, subject.partition(":")[0]}
        mine = [order for order in self._state.memory.open_orders if order.driver == person.name]
        overtaken = [order for order in mine if order.subject in same]
        for order in overtaken:
            self._state.close_order(order, Remark.OVERTAKEN)
        return bool(overtaken)

    def _subject(self, by: Writer, order: _Order) -> str:
        if order.pending is not None:
            return f"goal:{order.pending.question.vehicle}"
        return self._commands.subject(by, order.command, order.words)

    def _word_said(self, message: DriverMessage) -> tuple[OpenOrder, str] | None:
        """The order that a message says the word about that it waits for, and that word."""
        by, memory = message.by, self._state.memory
        there = (by.group or by.person).name
        asked = {d.question: d.message_id for d in memory.deliveries if d.driver == there}
        open_orders = {o.id: o for o in memory.open_orders if o.driver == by.person.name and o.id in asked}
        if not open_orders:
            return None
        newest = max((q for q in asked if q in open_orders or memory.question_by_id(q)), key=lambda q: asked[q])
        replied = next((q for q, number in asked.items() if number == message.replied_to), newest)
        order = open_orders.get(replied)
        if order is None:
            return None
        car = self._commands.only_car(by.person, message.words)
        if car in order.cars:
            return order, str(car)
        if self._no_said(message):
            return order, "no"
        match understand(message.words, by.written, self._state.week.zone):
            case Understood(soc_pct=None, departure=None, intent=Intent.YES) if not order.cars:
                return order, "yes"
        return None

    def _meaning(self, by: Writer, order: _Order) -> Said | None:
        """What an order would do; None: nothing that would have to be asked first."""
        if order.pending is None:
            return self._commands.meaning(by, order.command, order.words)
        if order.is_code and is_late(by.written, self._state.now):
            raise NotAnswerable(Remark.CODE_TOO_OLD)
        vehicle = order.pending.question.vehicle
        match self._answer_handler.would_answer(order.pending, order.words, by.written):
            case NotUnderstood(why):
                raise NotAnswerable(why)
            case outcome:
                car = self._commands.car(vehicle)
                return meaning(outcome, car, by.person.name, by.written, USUAL_BOOST)

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
        says, language = state.says, by.person.language
        buttons = receipt_buttons(new[-1].id, says, language) if new else ()
        return ChatReply(says.words(outcome, language), buttons)

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
        said: Said = WrittenEarlier(message.by.written, why.why) if late else why.why
        if before is not None and (before.goal or before.led_to or before.boosted):
            said = OldOrderStays(said)
        return NotAnswerable(said)


def _read_late(message: DriverMessage, question: Said) -> ReadLate:
    words = message.words
    shown = words if len(words) <= MAX_SHOWN else f"{words[:MAX_SHOWN]} …"
    return ReadLate(shown, message.by.written, question)
