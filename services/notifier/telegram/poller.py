"""Long-polls Telegram for updates, dispatches and acknowledges them; runs a sender for each driver."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import aiohttp
from pydantic import SecretStr

from ems.contract.message import Language
from ems.i18n.health import troubles
from ems.runtime.errors import PermanentError, TransientError
from ems.runtime.retry import Backoff
from notifier.adapters.telegram_api import (
    MAX_UPDATES,
    ButtonPress,
    OtherPoller,
    Rejected,
    Telegram,
    TelegramUpdate,
    TooMany,
)
from notifier.answer_handler import AnswerHandler
from notifier.domain.wording.renderer import menu
from notifier.prompter import Prompter
from notifier.settings import Settings, TelegramSettings
from notifier.state import NotifierState
from notifier.telegram.bot_commands import BotCommands
from notifier.telegram.chat_sender import ChatSender
from notifier.telegram.order_handler import OrderHandler
from notifier.telegram.update_handler import UpdateHandler

_HANDLING_TIMEOUT_S = 1.0
"""Longest wait for an update's handling, in seconds; what takes longer (a car's cloud) goes on beside the next one."""
_PRESS_TIMEOUT_S = 0.5
"""Longest wait of the sign on a pressed button, in seconds; a later outcome is sent as a message."""
_BACKOFF = Backoff(first_s=2, max_s=60)
_CONFLICT = Backoff(first_s=10, max_s=120, min_s=2)
_FACTS_TIMEOUT_S = 2.0
"""Longest wait for the gateway's facts after the start, in seconds, before orders are read without them."""
_NEW_NUMBERING = 1_000_000
"""Distance below the newest update's number from which on a number is a new one: after a week without updates
Telegram begins anew, anywhere. Fewer than so many are delivered a second time."""
_DEGRADED_AFTER = 3
"""Failures in a row after which the health is degraded: a lost connection now and then is usual."""


async def run_bot(
    state: NotifierState, prompter: Prompter, answer_handler: AnswerHandler, token: SecretStr, settings: Settings
) -> None:
    """Runs the bot until cancelled, or until Telegram does not know the token."""
    # Without a section the token comes from the predecessor's file, and the rest is as usual.
    with_defaults = settings.telegram or TelegramSettings(token_credential="-")  # noqa: S106  a name that nobody reads
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        telegram = Telegram(http, token, str(with_defaults.api_url))
        senders = {
            person.name: ChatSender(state, telegram, person, person.chat_id, with_defaults.seconds_between_messages)
            for person in state.people.drivers
            if person.chat_id is not None
        }
        pace_s = with_defaults.seconds_between_messages
        for group in state.people.groups:
            senders[group.name] = ChatSender(state, telegram, group, state.group_chat(group), pace_s)
        orders = OrderHandler(state, answer_handler, BotCommands(state, answer_handler, settings.rsvg_convert))
        handler = UpdateHandler(state, prompter, answer_handler, orders, senders)
        await TelegramPoller(state, telegram, handler, senders).run()


class TelegramPoller:
    """One bot."""

    def __init__(
        self, state: NotifierState, telegram: Telegram, handler: UpdateHandler, senders: Mapping[str, ChatSender]
    ) -> None:
        self._state, self._telegram, self._handler, self._senders = state, telegram, handler, senders
        self._tasks = asyncio.TaskGroup()
        self._sending: list[asyncio.Task[None]] = []

    async def run(self) -> None:
        """Polls until cancelled, or until Telegram does not know the token."""
        self._state.on_change = self._wake
        async with self._tasks:
            try:
                await self._poll()
            except PermanentError as why:
                # The bus goes on: questions can be answered there.
                self._state.bus.health.failed("telegram", troubles.TelegramAway(str(why)))
            for task in self._sending:
                task.cancel()

    def _start_senders(self) -> None:
        self._sending = [self._tasks.create_task(sender.run()) for sender in self._senders.values()]
        self._wake()

    def _wake(self) -> None:
        for sender in self._senders.values():
            sender.wake()

    async def _poll(self) -> None:
        begun, calm, failures = False, False, 0
        while True:
            try:
                if not begun:
                    self._handler.bot = await self._telegram.begin(_menus())
                    begun = True
                # After trouble the first poll does not wait, so that the end of it shows at once.
                updates = await self._telegram.updates(self._state.memory.offset, wait=calm)
            except TooMany as wait:
                await asyncio.sleep(wait.retry_after_s)
            except (TransientError, Rejected) as why:
                calm, failures = False, failures + 1
                conflict = isinstance(why, OtherPoller)
                if conflict or failures >= _DEGRADED_AFTER:
                    self._state.bus.health.degraded("telegram", troubles.TelegramAway(str(why)))
                await asyncio.sleep((_CONFLICT if conflict else _BACKOFF).delay_s(failures))
            else:
                calm, failures = True, 0
                self._state.bus.health.ok("telegram")
                await self._handle_all(updates)
            if not self._sending:
                # Only now: what people wrote while we were away may have answered what we would ask again.
                self._start_senders()

    async def _handle_all(self, updates: Sequence[TelegramUpdate]) -> None:
        heard_at, now = self._state.memory.heard_at, self._state.now
        if updates and not self._sending:
            await self._wait_for_facts()
        for update in updates:
            await self.handle(update, heard_at)
        if len(updates) < MAX_UPDATES:
            self._state.hear(now)

    async def _wait_for_facts(self) -> None:
        """What people wrote while we were away is read as soon as it is known which cars are plugged in."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_FACTS_TIMEOUT_S):
                while self._state.bus_view.is_empty:  # noqa: ASYNC110  a fact of several topics
                    await asyncio.sleep(0.05)

    async def handle(self, update: TelegramUpdate, heard_at: datetime | None) -> None:
        """Handles one update, once; the next poll acknowledges it. It came after ``heard_at``."""
        state = self._state
        if 0 < state.memory.offset - update.update_id < _NEW_NUMBERING:
            return
        work = self._tasks.create_task(self._dispatch(update, heard_at))
        try:
            await asyncio.wait({work}, timeout=_HANDLING_TIMEOUT_S)
        finally:
            # Also when it ended us: it must not do so again after the restart.
            state.commit()
        # The next poll acknowledges this update: Telegram forgets it then, and we must not.
        await state.durable()

    async def _dispatch(self, update: TelegramUpdate, heard_at: datetime | None) -> None:
        # Saved together with what follows from it: both or neither survive a crash.
        self._state.advance_offset(update.update_id)
        if update.callback_query is not None:
            await self._dispatch_press(update.callback_query, heard_at)
            return
        edited = update.edited_message is not None
        message = update.edited_message or update.message
        if message is not None and (words := await self._handler.handle_message(message, edited=edited)):
            self._in_background(self._send_to_stranger(message.chat.id, words))

    async def _dispatch_press(self, callback: ButtonPress, heard_at: datetime | None) -> None:
        """The waiting sign on the button ends at once, with the outcome where that is quick."""
        work = self._tasks.create_task(self._handler.handle_press(callback, heard_at))
        await asyncio.wait({work}, timeout=_PRESS_TIMEOUT_S)
        self._in_background(self._telegram.answer(callback.id, work.result() if work.done() else ""))
        if not work.done() and (words := await work):
            self._handler.reply_to_press(callback, words)

    async def _send_to_stranger(self, chat_id: int, words: str) -> None:
        await self._telegram.send(chat_id, words)

    def _in_background(self, call: Coroutine[Any, Any, None]) -> None:
        async def tolerant() -> None:
            # Too late or unwelcome: nothing is lost with it.
            with suppress(TransientError, PermanentError):
                await call

        self._tasks.create_task(tolerant())


def _menus() -> dict[str, list[tuple[str, str]]]:
    """By Telegram's code of the reader's language; "" is everybody else's."""
    return {"" if language is Language.EN else language.value: menu(language) for language in Language}
