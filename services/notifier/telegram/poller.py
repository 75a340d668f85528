"""Talks with Telegram: asks for news, has them handled, confirms them; keeps a courier for each driver."""

import asyncio
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import aiohttp
import structlog
from pydantic import SecretStr

from ems.runtime.errors import PermanentError, TransientError
from ems.runtime.retry import Backoff
from notifier.adapters.telegram_api import (
    Callback,
    Conflict,
    Rejected,
    Telegram,
    TooMany,
    Update,
)
from notifier.answer_handler import AnswerHandler
from notifier.domain import bot_messages
from notifier.prompter import Prompter
from notifier.settings import Settings, TelegramSettings
from notifier.state import NotifierState
from notifier.telegram.bot_commands import BotCommands
from notifier.telegram.chat_sender import ChatSender
from notifier.telegram.update_handler import UpdateHandler

_log = structlog.get_logger(__name__)

_HANDLED_WITHIN_S = 1.0
"""What takes longer (a car's cloud) goes on beside the next piece of news."""
_AT_ONCE_S = 0.5
_BACKOFF = Backoff(first_s=2, max_s=60)
_CONFLICT = Backoff(first_s=10, max_s=120, min_s=2)
_SAID_AFTER = 3
"""Failures in a row before the health says so: a lost connection now and then is usual."""


async def talk(
    desk: NotifierState, asker: Prompter, answers: AnswerHandler, token: SecretStr, settings: Settings
) -> None:
    """Talks until cancelled, or until Telegram does not know the token."""
    # Without a section the token comes from the predecessor's file, and the rest is as usual.
    with_defaults = settings.telegram or TelegramSettings(token_credential="-")  # noqa: S106  a name that nobody reads
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        telegram = Telegram(http, token, str(with_defaults.api_url))
        couriers = {
            person.name: ChatSender(desk, telegram, person, person.chat_id, with_defaults.seconds_between_messages)
            for person in desk.people.drivers
            if person.chat_id is not None
        }
        chat = UpdateHandler(desk, asker, answers, BotCommands(desk, answers, settings.rsvg_convert), couriers)
        await TelegramPoller(desk, telegram, chat, couriers).run()


class TelegramPoller:
    """One bot's talks."""

    def __init__(
        self, desk: NotifierState, telegram: Telegram, chat: UpdateHandler, couriers: Mapping[str, ChatSender]
    ) -> None:
        self._desk, self._telegram, self._chat, self._couriers = desk, telegram, chat, couriers
        self._tasks = asyncio.TaskGroup()
        self._carrying: list[asyncio.Task[None]] = []

    async def run(self) -> None:
        """Asks for news until cancelled, or until Telegram does not know the token."""
        self._desk.on_change = self._wake
        async with self._tasks:
            try:
                await self._poll()
            except PermanentError as why:
                # The bus goes on: questions can be answered there.
                _log.error("no more talks with Telegram", why=str(why))
                self._desk.bus.health.failed("telegram", str(why))
            for task in self._carrying:
                task.cancel()

    def _speak(self) -> None:
        self._carrying = [self._tasks.create_task(courier.run()) for courier in self._couriers.values()]
        self._wake()

    def _wake(self) -> None:
        for courier in self._couriers.values():
            courier.wake()

    async def _poll(self) -> None:
        begun, calm, failures = False, False, 0
        while True:
            try:
                if not begun:
                    await self._telegram.begin(_menus())
                    begun = True
                # After trouble it is soon to be said that it is over.
                news = await self._telegram.updates(self._desk.book.offset, wait=calm)
            except TooMany as wait:
                await asyncio.sleep(wait.retry_after_s)
            except (TransientError, Rejected) as why:
                calm, failures = False, failures + 1
                conflict = isinstance(why, Conflict)
                if conflict or failures >= _SAID_AFTER:
                    self._desk.bus.health.degraded("telegram", str(why))
                if failures.bit_count() == 1:
                    _log.warning("no news from Telegram", why=str(why), times=failures)
                await asyncio.sleep((_CONFLICT if conflict else _BACKOFF).delay_s(failures))
            else:
                calm, failures = True, 0
                self._desk.bus.health.ok("telegram")
                for update in news:
                    await self.handle(update)
            if not self._carrying:
                # Only now: what people wrote while we were away may have answered what we would ask again.
                self._speak()

    async def handle(self, update: Update) -> None:
        """Handles one piece of news, once; afterwards it is confirmed with the next question for news."""
        desk = self._desk
        if update.update_id < desk.book.offset:
            return
        work = self._tasks.create_task(self._handled(update))
        try:
            await asyncio.wait({work}, timeout=_HANDLED_WITHIN_S)
        finally:
            # Also when it ended us: it must not do so again after the restart.
            desk.keep(desk.book)
        # The next question for news confirms this piece: Telegram forgets it then, and we must not.
        await desk.durable()

    async def _handled(self, update: Update) -> None:
        # Saved together with what follows from it: both or neither survive a crash.
        self._desk.book = replace(self._desk.book, offset=update.update_id + 1)
        if update.callback_query is not None:
            await self._pressed(update.callback_query)
        elif (message := update.message) is not None and (words := await self._chat.written(message)):
            self._beside(self._send_to_stranger(message.chat.id, words))

    async def _pressed(self, callback: Callback) -> None:
        """The waiting sign on the button ends at once, with the outcome where that is quick."""
        work = self._tasks.create_task(self._chat.pressed(callback))
        await asyncio.wait({work}, timeout=_AT_ONCE_S)
        self._beside(self._telegram.answer(callback.id, work.result() if work.done() else ""))
        if not work.done() and (words := await work):
            self._chat.reply(callback.sender.id, words)

    async def _send_to_stranger(self, chat_id: int, words: str) -> None:
        await self._telegram.send(chat_id, words)

    def _beside(self, call: Coroutine[Any, Any, None]) -> None:
        async def tolerant() -> None:
            # Too late or unwelcome: nothing is lost with it.
            with suppress(TransientError, PermanentError):
                await call

        self._tasks.create_task(tolerant())


def _menus() -> dict[str, list[tuple[str, str]]]:
    english = [(name, what.en) for name, what in bot_messages.MENU]
    return {"": english, "de": [(name, what.de) for name, what in bot_messages.MENU]}
