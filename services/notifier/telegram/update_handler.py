"""Handles what drivers write and press in Telegram; whoever is no driver gets at most their chat's id."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from notifier.adapters.telegram_api import ButtonPress, TelegramMessage
from notifier.answer_handler import AnswerHandler, NotAnswerable, Responder
from notifier.domain import bot_messages, messages, questions
from notifier.domain.language.reader import understand
from notifier.domain.language.understood import Intent, Understood
from notifier.domain.memory import IN_DOUBT, Pending, Stage
from notifier.domain.people import Person, in_language
from notifier.prompter import Prompter
from notifier.state import NotifierState
from notifier.telegram.bot_commands import BotCommands
from notifier.telegram.chat_sender import ChatReply, ChatSender

_log = structlog.get_logger(__name__)

STRANGER_REST = timedelta(hours=1)
"""Time between two replies to (and log lines about) the same stranger."""
MAX_STRANGERS = 100
"""Most strangers who are replied to in :data:`STRANGER_REST`."""
MAX_CHARACTERS = 300
"""Most characters that are read of a message: longer is no order."""


class UpdateHandler:
    """All chats with the bot."""

    def __init__(
        self,
        state: NotifierState,
        prompter: Prompter,
        answer_handler: AnswerHandler,
        commands: BotCommands,
        senders: Mapping[str, ChatSender],
    ) -> None:
        self._state, self._prompter, self._answer_handler, self._commands = state, prompter, answer_handler, commands
        self._senders = senders
        self._strangers: dict[int, datetime] = {}

    async def handle_press(self, callback: ButtonPress) -> str:
        """Carries out a pressed button; returns the words that are shown for a moment."""
        state, message = self._state, callback.message
        person = state.people.in_chat(callback.sender.id)
        if person is None or message is None or message.chat.id != person.chat_id:
            _log.warning("a button was pressed by nobody that we know", user=callback.sender.id)
            return ""
        if callback.id in state.memory.pressed:
            return ""
        state.mark_pressed(callback.id)
        self._senders[person.name].mark_reachable()
        kind, _, rest = (callback.data or "").partition(":")
        name, _, key = rest.partition(":")
        try:
            match kind:
                case "a":
                    return await self._option(person, name, key, message.message_id)
                case "r":
                    return self._correct(person, name, key)
        except NotAnswerable as why:
            return in_language(why.text, person.language)
        return ""

    async def handle_message(self, message: TelegramMessage) -> str | None:
        """Carries out what somebody wrote; returns what a stranger is to be told."""
        person = self._state.people.in_chat(message.sender.id) if message.sender else None
        if person is None or message.chat.id != person.chat_id:
            return self._reply_to_stranger(message)
        sender = self._senders[person.name]
        sender.mark_reachable()
        # Words of somebody else, handed on, are no order.
        if message.text is None or message.forward_origin is not None:
            return None
        try:
            reply = await self._carry_out(person, message.text.strip()[:MAX_CHARACTERS], message)
        except NotAnswerable as why:
            reply = ChatReply(in_language(why.text, person.language))
        if reply is not None:
            sender.reply(reply)
        return None

    def reply(self, chat_id: int, words: str) -> None:
        """Words for a driver who waits for them."""
        if (person := self._state.people.in_chat(chat_id)) is not None:
            self._senders[person.name].reply(ChatReply(words))

    async def _carry_out(self, person: Person, words: str, message: TelegramMessage) -> ChatReply | None:
        if words.startswith("/"):
            command, _, rest = words[1:].partition(" ")
            return await self._commands.carry_out(person, command.partition("@")[0].lower(), rest.strip())
        pending = self._question_meant(person, message)
        is_code = pending is not None and pending.stage is Stage.CODE
        if not is_code and (written := self._command_in_words(person, words)):
            return await self._commands.carry_out(person, written, "")
        others = [c.name for c in self._commands.mentioned(person, words)]
        if pending is None or (others and not is_code and pending.question.vehicle not in others):
            return await self._commands.goal(person, words)
        await self._answer_handler.answer(pending, None, words, Responder.of(person))
        return None

    def _command_in_words(self, person: Person, words: str) -> str | None:
        """Commands that are written as a word: status, hilfe."""
        cars = [name for car in self._commands.mentioned(person, words) for name in (car.title, car.name)]
        understood = understand(words, self._state.now, self._state.week.zone, cars=cars)
        if isinstance(understood, Understood) and understood.intent in {Intent.STATUS, Intent.HELP}:
            return understood.intent.value
        return None

    def _question_meant(self, person: Person, message: TelegramMessage) -> Pending | None:
        """The question that free words answer: the one they reply to, or the newest that this driver was asked."""
        memory = self._state.memory
        mine = {d.message_id: d.question for d in memory.deliveries if d.driver == person.name}
        replied = message.reply_to_message
        if replied is not None and replied.message_id in mine:
            pending = memory.question_by_id(mine[replied.message_id])
            if pending is None:
                raise NotAnswerable(messages.ALREADY)
            return pending
        asked = [p for p in memory.pending if p.question.free_text and p.question.id in mine.values()]
        return max(asked, key=lambda p: p.question.asked_at, default=None)

    async def _option(self, person: Person, question: str, option: str, message_id: int) -> str:
        pending = self._state.memory.question_by_id(question)
        if pending is None or not self._stands_at(person, question, message_id):
            raise NotAnswerable(messages.ALREADY)
        return in_language(
            await self._answer_handler.answer(pending, option, None, Responder.of(person)), person.language
        )

    def _stands_at(self, person: Person, question: str, message_id: int) -> bool:
        """Whether the button stands below the message that this very driver was sent."""
        sent = [d for d in self._state.memory.deliveries if (d.question, d.driver) == (question, person.name)]
        if any(d.message_id == message_id for d in sent):
            return True
        doubted = next((d for d in sent if d.message_id == IN_DOUBT), None)
        if doubted is None:
            return False
        # So it did arrive, although we were interrupted before we knew.
        self._state.confirm_delivery(doubted, message_id)
        return True

    def _correct(self, person: Person, receipt_id: str, action: str) -> str:
        state = self._state
        receipt = next((r for r in state.memory.receipts if (r.id, r.driver) == (receipt_id, person.name)), None)
        car = state.car(receipt.vehicle) if receipt else None
        if receipt is None or car is None:
            raise NotAnswerable(messages.ALREADY)
        state.use_receipt(receipt)
        if action == "undo":
            state.withdraw(car.name, person.name)
            goal = messages.goal_is(car.title, state.goal(car.name), state.week.zone)
            self._senders[person.name].reply(ChatReply(in_language(goal, person.language)))
            return in_language(bot_messages.UNDONE, person.language)
        self._answer_handler.ask_instead(
            replace(questions.change(self._prompter.question_context(), car), talking=person.name)
        )
        return ""

    def _reply_to_stranger(self, message: TelegramMessage) -> str | None:
        """Only /start is answered, and only with the chat's own id."""
        now, chat = self._state.now, message.chat.id
        self._strangers = {c: at for c, at in self._strangers.items() if now - at < STRANGER_REST}
        asks = (message.text or "").startswith("/start")
        if not asks or chat in self._strangers or len(self._strangers) >= MAX_STRANGERS:
            return None
        self._strangers[chat] = now
        _log.warning("a stranger wrote to the bot; admit them by drivers.NAME.telegram_chat_id", chat=chat)
        return bot_messages.your_id(chat)
