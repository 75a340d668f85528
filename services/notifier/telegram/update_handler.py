"""Hears what drivers write and press; whoever is no driver is not heard."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from notifier.adapters.telegram_api import Callback, Message
from notifier.answer_handler import AnswerHandler, NotAnswerable, Responder
from notifier.domain import bot_messages, messages, questions
from notifier.domain.memory import IN_DOUBT, RECENT, Pending
from notifier.domain.people import Person
from notifier.prompter import Prompter
from notifier.state import NotifierState
from notifier.telegram.bot_commands import BotCommands
from notifier.telegram.chat_sender import ChatSender, Reply

_log = structlog.get_logger(__name__)

STRANGER_REST = timedelta(hours=1)
"""A stranger is told their chat's id once, and the log once."""
MAX_STRANGERS = 100
MAX_CHARACTERS = 300
"""Of what somebody wrote; longer is no order."""


class UpdateHandler:
    """All chats with the bot."""

    def __init__(
        self,
        desk: NotifierState,
        asker: Prompter,
        answers: AnswerHandler,
        commands: BotCommands,
        couriers: Mapping[str, ChatSender],
    ) -> None:
        self._desk, self._asker, self._answers, self._commands = desk, asker, answers, commands
        self._couriers = couriers
        self._strangers: dict[int, datetime] = {}

    async def pressed(self, callback: Callback) -> str:
        """A button was pressed: carries it out; returns the words that are shown for a moment."""
        desk, message = self._desk, callback.message
        person = desk.people.in_chat(callback.sender.id)
        if person is None or message is None or message.chat.id != person.chat_id:
            _log.warning("a button was pressed by nobody that we know", user=callback.sender.id)
            return ""
        if callback.id in desk.book.pressed:
            return ""
        desk.book = replace(desk.book, pressed=(*desk.book.pressed[-RECENT:], callback.id))
        self._couriers[person.name].heard()
        kind, _, rest = (callback.data or "").partition(":")
        name, _, key = rest.partition(":")
        try:
            match kind:
                case "a":
                    return await self._option(person, name, key, message.message_id)
                case "r":
                    return self._correct(person, name, key)
        except NotAnswerable as why:
            return messages.say(why.text, person.language)
        return ""

    async def written(self, message: Message) -> str | None:
        """Somebody wrote; returns what a stranger is to be told."""
        person = self._desk.people.in_chat(message.sender.id) if message.sender else None
        if person is None or message.chat.id != person.chat_id:
            return self._stranger(message)
        courier = self._couriers[person.name]
        courier.heard()
        # Words of somebody else, handed on, are no order.
        if message.text is None or message.forward_origin is not None:
            return None
        try:
            reply = await self._understood(person, message.text.strip()[:MAX_CHARACTERS], message)
        except NotAnswerable as why:
            reply = Reply(messages.say(why.text, person.language))
        if reply is not None:
            courier.reply(reply)
        return None

    def reply(self, chat_id: int, words: str) -> None:
        """Words for a driver who waits for them."""
        if (person := self._desk.people.in_chat(chat_id)) is not None:
            self._couriers[person.name].reply(Reply(words))

    async def _understood(self, person: Person, words: str, message: Message) -> Reply | None:
        if words.startswith("/"):
            command, _, rest = words[1:].partition(" ")
            return await self._commands.carry_out(person, command.partition("@")[0].lower(), rest.strip())
        pending = self._meant(person, message)
        if pending is None:
            return await self._commands.goal(person, words)
        await self._answers.answer(pending, None, words, Responder.of(person))
        return None

    def _meant(self, person: Person, message: Message) -> Pending | None:
        """The question that free words answer: the one they reply to, or the newest that this driver was asked."""
        book = self._desk.book
        mine = {d.message_id: d.question for d in book.deliveries if d.driver == person.name}
        replied = message.reply_to_message
        if replied is not None and replied.message_id in mine:
            pending = book.question_by_id(mine[replied.message_id])
            if pending is None:
                raise NotAnswerable(messages.ALREADY)
            return pending
        asked = [p for p in book.pending if p.question.free_text and p.question.id in mine.values()]
        return max(asked, key=lambda p: p.question.asked_at, default=None)

    async def _option(self, person: Person, question: str, option: str, message_id: int) -> str:
        pending = self._desk.book.question_by_id(question)
        if pending is None or not self._stands_at(person, question, message_id):
            raise NotAnswerable(messages.ALREADY)
        return messages.say(await self._answers.answer(pending, option, None, Responder.of(person)), person.language)

    def _stands_at(self, person: Person, question: str, message_id: int) -> bool:
        """Whether the button stands below the message that this very driver was sent."""
        book = self._desk.book
        sent = [d for d in book.deliveries if (d.question, d.driver) == (question, person.name)]
        if any(d.message_id == message_id for d in sent):
            return True
        doubted = next((d for d in sent if d.message_id == IN_DOUBT), None)
        if doubted is None:
            return False
        # So it did arrive, although we were interrupted before we knew.
        known = replace(doubted, message_id=message_id)
        self._desk.book = replace(book, deliveries=tuple(known if d == doubted else d for d in book.deliveries))
        return True

    def _correct(self, person: Person, receipt_id: str, action: str) -> str:
        desk = self._desk
        receipt = next((r for r in desk.book.receipts if (r.id, r.driver) == (receipt_id, person.name)), None)
        car = desk.car(receipt.vehicle) if receipt else None
        if receipt is None or car is None:
            raise NotAnswerable(messages.ALREADY)
        desk.book = replace(desk.book, receipts=tuple(r for r in desk.book.receipts if r != receipt))
        if action == "undo":
            desk.unwish(car.name, person.name)
            goal = messages.goal_is(car.title, desk.goal(car.name), desk.week.zone)
            self._couriers[person.name].reply(Reply(messages.say(goal, person.language)))
            return messages.say(bot_messages.UNDONE, person.language)
        self._answers.put(replace(questions.change(self._asker.asking(), car), talking=person.name))
        return ""

    def _stranger(self, message: Message) -> str | None:
        """Only /start is answered, and only with the chat's own id."""
        now, chat = self._desk.now, message.chat.id
        self._strangers = {c: at for c, at in self._strangers.items() if now - at < STRANGER_REST}
        asks = (message.text or "").startswith("/start")
        if not asks or chat in self._strangers or len(self._strangers) >= MAX_STRANGERS:
            return None
        self._strangers[chat] = now
        _log.warning("a stranger wrote to the bot; admit them by drivers.NAME.telegram_chat_id", chat=chat)
        return bot_messages.your_id(chat)
