"""Handles what is written and pressed in Telegram; whoever is no driver gets at most the number to be admitted with."""

from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from notifier.adapters.telegram_api import Bot, ButtonPress, Peer, TelegramMessage
from notifier.answer_handler import AnswerHandler, NotAnswerable, Responder
from notifier.domain import questions
from notifier.domain.addressing import command_in, words_for
from notifier.domain.goal_words import goal_is
from notifier.domain.late_orders import is_late
from notifier.domain.memory import IN_DOUBT, Origin
from notifier.domain.people import Person
from notifier.domain.wording.introductions import GroupId, NotADriver, StrangerId
from notifier.domain.wording.remarks import Remark
from notifier.domain.wording.renderer import for_strangers
from notifier.prompter import Prompter
from notifier.state import NotifierState
from notifier.telegram.bot_commands import KNOWN, Writer
from notifier.telegram.chat_sender import ChatReply, ChatSender, receipt_buttons
from notifier.telegram.order_handler import DriverMessage, OrderHandler

_log = structlog.get_logger(__name__)

STRANGER_REST = timedelta(hours=1)
"""Time between two replies to (and log lines about) the same stranger."""
MAX_STRANGERS = 100
"""Most strangers who are replied to in :data:`STRANGER_REST`."""
_HARMLESS = frozenset({"no", "other", "any", "done"})
"""Options that order nothing: they may have been pressed at any time."""


class UpdateHandler:
    """All chats with the bot."""

    def __init__(
        self,
        state: NotifierState,
        prompter: Prompter,
        answer_handler: AnswerHandler,
        orders: OrderHandler,
        senders: Mapping[str, ChatSender],
    ) -> None:
        self._state, self._prompter, self._answer_handler, self._orders = state, prompter, answer_handler, orders
        self._senders = senders
        self.bot = Bot(0, "")
        """Who we are in Telegram, once it is known."""
        self._strangers: dict[int, datetime] = {}
        self._albums = deque[str](maxlen=20)

    async def handle_press(self, callback: ButtonPress, since: datetime | None) -> str:
        """Carries out a pressed button; returns the words that are shown for a moment.

        ``since`` is the earliest moment at which it can have been pressed; None: nobody knows.
        """
        state, message = self._state, callback.message
        person = state.people.in_chat(callback.sender.id)
        there = self._place(message.chat, person) if message else None
        if message is None or there is None:
            _log.warning("a button was pressed by nobody that we know", user=callback.sender.id)
            return ""
        if person is None:
            return for_strangers(NotADriver(callback.sender.id))
        if callback.id in state.memory.pressed:
            return ""
        state.mark_pressed(callback.id)
        self._senders[there.name].mark_reachable()
        earliest = max((at for at in (message.changed_at, since) if at is not None), default=None)
        late = earliest is None or is_late(earliest, state.now)
        try:
            return await self._pressed(callback.data or "", person, there, message.message_id, late=late)
        except NotAnswerable as why:
            words = state.says.words(why.why, person.language)
        if late:
            # Telegram shows nothing beside a button that was pressed long ago.
            self.reply_to_press(callback, words)
        return words

    async def handle_message(self, message: TelegramMessage, *, edited: bool = False) -> str | None:
        """Carries out what somebody wrote; returns what a stranger is to be told."""
        person = self._state.people.in_chat(message.sender.id) if message.sender else None
        group, bot = self._group(message.chat), self.bot
        if group is not None and message.migrate_to_chat_id is not None:
            self._senders[group.name].move_to(message.migrate_to_chat_id)
            return None
        words = (message.words or "").strip()
        if message.chat.id < 0:
            replied = message.reply_to_message
            is_reply = replied is not None and replied.sender is not None and replied.sender.id == bot.id
            meant = words_for(bot.username, words, KNOWN, is_reply=is_reply)
            if meant is None or message.is_note:
                return None
            words = meant
        there = self._place(message.chat, person)
        if person is None or there is None:
            return self._reply_to_stranger(message, words, person, group)
        sender = self._senders[there.name]
        sender.mark_reachable()
        reply_to = message.message_id if group else None
        written = min(message.date or self._state.now, self._state.now)
        late = is_late(written, self._state.now)
        if refusal := self._unreadable(message, edited=edited):
            sender.reply(ChatReply(self._state.says.words(refusal, person.language), reply_to=reply_to), once=late)
        if refusal or not words:
            return None
        replied_to = message.reply_to_message.message_id if message.reply_to_message else None
        origin = Origin(message.chat.id, message.message_id)
        read = DriverMessage(Writer(person, written, group), words, origin, replied_to, edited)
        try:
            reply = await self._orders.handle(read)
        except NotAnswerable as why:
            reply = ChatReply(self._state.says.words(why.why, person.language))
        if reply is not None:
            sender.reply(replace(reply, reply_to=reply_to), once=late)
        return None

    def reply_to_press(self, callback: ButtonPress, words: str) -> None:
        """Words for whoever pressed a button, when they come too late to be shown there."""
        group = self._group(callback.message.chat) if callback.message else None
        there = group or self._state.people.in_chat(callback.sender.id)
        if there is not None:
            self._senders[there.name].reply(ChatReply(words))

    def _place(self, chat: Peer, person: Person | None) -> Person | None:
        """Who is talked with in a chat: a driver in their own, or an admitted group."""
        return self._group(chat) or (person if person and chat.id == person.chat_id else None)

    def _group(self, chat: Peer) -> Person | None:
        """The admitted group that a chat is."""
        groups = self._state.people.groups
        return next((g for g in groups if chat.id in {g.chat_id, self._state.group_chat(g)}), None)

    def _unreadable(self, message: TelegramMessage, *, edited: bool) -> Remark | None:
        """What to say to somebody whose message holds no words of their own; None: it does, or nobody has said it."""
        if message.forward_origin is not None:
            return Remark.FORWARDED
        # A place that is shared live is edited every few seconds.
        if message.words is not None or message.is_note or edited:
            return None
        if message.media_group_id is not None:
            if message.media_group_id in self._albums:
                return None
            self._albums.append(message.media_group_id)
        return Remark.ONLY_TEXT

    async def _pressed(self, data: str, person: Person, there: Person, message_id: int, *, late: bool) -> str:
        kind, _, rest = data.partition(":")
        name, _, key = rest.partition(":")
        match kind:
            case "a":
                return await self._option(person, there, name, key, message_id, late=late)
            case "r":
                return self._correct(person, there, name, key, late=late)
            case "o":
                return await self._settle(person, there, name, key, message_id, late=late)
        return ""

    async def _option(
        self, person: Person, there: Person, question: str, option: str, message_id: int, *, late: bool
    ) -> str:
        pending = self._state.memory.question_by_id(question)
        if pending is None or not self._stands_at(there, question, message_id):
            raise NotAnswerable(Remark.CLOSED_ALREADY)
        if pending.question.vehicle not in person.vehicles and pending.also not in person.vehicles:
            raise NotAnswerable(Remark.NOT_YOUR_CAR)
        if late and option not in _HARMLESS:
            self._state.ask_again(pending.question.id, there.name, Remark.PRESSED_LATE)
            return self._state.says.words(Remark.PRESSED_LATE, person.language)
        group = None if there is person else there
        outcome = await self._answer_handler.answer(pending, option, None, Responder.of(person, group))
        return self._state.says.words(outcome, person.language)

    async def _settle(
        self, person: Person, there: Person, name: str, choice: str, message_id: int, *, late: bool
    ) -> str:
        order = next((o for o in self._state.memory.open_orders if o.id == name), None)
        if order is None or not self._stands_at(there, name, message_id):
            raise NotAnswerable(Remark.CLOSED_ALREADY)
        if order.driver != person.name:
            raise NotAnswerable(Remark.NOT_YOURS)
        if choice.isdecimal():
            choice = next((car for number, car in enumerate(order.cars) if number == int(choice)), "")
        if late and choice != "no":
            self._state.ask_again(name, there.name, Remark.PRESSED_LATE)
            return self._state.says.words(Remark.PRESSED_LATE, person.language)
        try:
            reply = await self._orders.settle(order, choice)
        except NotAnswerable as why:
            reply = ChatReply(self._state.says.words(why.why, person.language))
        if reply is not None:
            self._senders[there.name].reply(reply)
        said = Remark.NOT_WANTED_ANYMORE if choice == "no" else Remark.YES
        return self._state.says.words(said, person.language)

    def _stands_at(self, there: Person, question: str, message_id: int) -> bool:
        """Whether the button stands below the message that was sent to this very chat."""
        sent = [d for d in self._state.memory.deliveries if (d.question, d.driver) == (question, there.name)]
        if any(d.message_id == message_id for d in sent):
            return True
        doubted = next((d for d in sent if d.message_id == IN_DOUBT), None)
        if doubted is None:
            return False
        # So it did arrive, although we were interrupted before we knew.
        self._state.confirm_delivery(doubted, message_id)
        return True

    def _correct(self, person: Person, there: Person, receipt_id: str, action: str, *, late: bool) -> str:
        state = self._state
        receipt = next((r for r in state.memory.receipts if r.id == receipt_id), None)
        if receipt is not None and receipt.driver != person.name:
            raise NotAnswerable(Remark.NOT_YOURS if there is not person else Remark.CLOSED_ALREADY)
        car = state.car(receipt.vehicle) if receipt else None
        if receipt is None or car is None:
            raise NotAnswerable(Remark.CLOSED_ALREADY)
        sender, group = self._senders[there.name], None if there is person else there
        says, language = state.says, person.language
        if action == "undo" and late:
            text = says.lines([Remark.PRESSED_LATE, goal_is(car.title, state.goal(car.name))], language)
            sender.reply(ChatReply(text, receipt_buttons(receipt.id, says, language)))
            return says.words(Remark.PRESSED_LATE, language)
        state.use_receipt(receipt)
        if action == "undo":
            state.withdraw(car.name, person.name)
            sender.reply(ChatReply(says.words(goal_is(car.title, state.goal(car.name)), language)))
            return says.words(Remark.GOAL_UNDONE, language)
        question = questions.change(self._prompter.question_context(), car)
        group_name = group.name if group else None
        self._answer_handler.ask_instead(replace(question, talking=person.name, group=group_name))
        return ""

    def _reply_to_stranger(
        self, message: TelegramMessage, words: str, person: Person | None, group: Person | None
    ) -> str | None:
        """The number that whoever keeps the house needs to admit them; each chat (in a group: each person) once."""
        now, chat = self._state.now, message.chat.id
        self._strangers = {c: at for c, at in self._strangers.items() if now - at < STRANGER_REST}
        sender = message.sender.id if message.sender else chat
        about = sender if group is not None else chat
        # In a group they have spoken to us; alone with us, everybody who finds the bot may write anything.
        found = command_in(words)
        asks = group is not None or person is not None or (found is not None and found[0] == "start")
        if not asks or about in self._strangers or len(self._strangers) >= MAX_STRANGERS:
            return None
        self._strangers[about] = now
        if group is not None:
            _log.warning(
                "no driver spoke to the bot in a group; admit them by drivers.NAME.telegram_chat_id", user=sender
            )
            return for_strangers(NotADriver(sender))
        if chat < 0:
            _log.warning("a group that is not admitted spoke to the bot; admit it by telegram.groups", chat=chat)
            return for_strangers(GroupId(chat))
        _log.warning("a stranger wrote to the bot; admit them by drivers.NAME.telegram_chat_id", chat=chat)
        return for_strangers(StrangerId(chat))
