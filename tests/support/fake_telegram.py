"""Telegram's Bot API on loopback, strict: what the real one refuses is refused, with its status and words."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from support.patience import PATIENCE_S

TOKEN = "123456:canary-of-the-bot"
BOT = {"id": 123456, "is_bot": True, "first_name": "House", "username": "house_bot"}
_ALLOWED = {
    "getMe": set[str](),
    "deleteWebhook": {"drop_pending_updates"},
    "setMyCommands": {"commands", "scope", "language_code"},
    "getUpdates": {"offset", "limit", "timeout", "allowed_updates"},
    "sendMessage": {"chat_id", "text", "reply_markup", "disable_notification", "parse_mode", "reply_parameters"},
    "editMessageText": {"chat_id", "message_id", "text", "reply_markup"},
    "sendPhoto": {"chat_id", "photo", "caption"},
    "sendDocument": {"chat_id", "document", "caption"},
    "answerCallbackQuery": {"callback_query_id", "text", "show_alert"},
}
_DEFAULT_UPDATES = {"message", "callback_query"}
_SEES_WITHIN_S = 10.0
"""What a bot that is cut off from the house does not learn meanwhile, nobody waits for."""


class Refusal(Exception):
    """An answer with ``ok: false``."""

    def __init__(self, status: int, words: str, **parameters: int) -> None:
        super().__init__(words)
        self.status, self.words, self.parameters = status, words, parameters


@dataclass
class Sent:
    """A message of the bot's, as it stands in a chat now; ``history`` holds its earlier texts."""

    chat_id: int
    message_id: int
    text: str
    buttons: list[dict[str, str]]
    date: int
    file: tuple[str, str, bytes] | None = None
    silent: bool = False
    reply_to: int | None = None
    edit_date: int | None = None
    history: list[str] = field(default_factory=list)

    def data(self, label: str) -> str:
        """What the button with this label sends."""
        return next(b["callback_data"] for b in self.buttons if b["text"] == label)


class FakeTelegram:
    """Chats, updates, and everything that the bot said; ``now`` is Telegram's clock."""

    def __init__(self, *chats: int, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.now = now
        self.chats, self.blocked = set(chats), set[int]()
        self.moved: dict[int, int] = {}
        """Groups that have become supergroups, by their old id."""
        self.messages: list[Sent] = []
        self.answered: list[tuple[str, str]] = []
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.webhook = ""
        self.too_many: list[int] = []
        """Seconds to wait, one for each of the next calls that send something."""
        self.calls: list[str] = []
        self.surprises: list[str] = []
        self.unauthorized = False
        self.answers_get_lost = False
        """What is sent arrives, but the bot does not get to know it."""
        self.answers_take_s = 0.0
        """What is sent or changed arrives at once, but the bot gets to know it so much later."""
        self.seen_before: Callable[[], bool] = lambda: True
        """Whether the bot knows of the house what people see when they write: they see it first."""
        self.offset = 0
        self._updates: list[dict[str, Any]] = []
        self._told: list[dict[str, Any]] = []
        self._next_update, self._next_message, self._next_query = 7000, 100, 1
        self._queries: set[str] = set()
        self._written: dict[int, dict[str, Any]] = {}
        self._poll: asyncio.Future[None] | None = None
        self._wanted = _DEFAULT_UPDATES
        self._news = asyncio.Event()

    # What people do.

    def write(
        self, user: int, text: str | None, *, reply_to: int | None = None, group: int | None = None, **more: Any
    ) -> int:
        """Somebody writes to the bot or into a group, or sends what is in ``more``; returns the message's id."""
        chat_id = group or user
        self.chats.add(chat_id)
        message = self._message(chat_id, text, sender=_user(user), **more)
        if reply_to is not None:
            message["reply_to_message"] = self._message(chat_id, "...", sender=BOT, message_id=reply_to)
        self._written[message["message_id"]] = message
        self._tell("message", message)
        return int(message["message_id"])

    def edit(self, message_id: int, text: str, **more: Any) -> None:
        """Somebody changes what they have written: it keeps its date."""
        message = self._written[message_id] | {"text": text, "edit_date": self._seconds()} | more
        self._written[message_id] = message
        self._tell("edited_message", message)

    def move(self, message_id: int) -> None:
        """Somebody who shares their place live goes on."""
        message = self._written[message_id]
        place = message["location"] | {"latitude": message["location"]["latitude"] + 0.01}
        self._tell("edited_message", message | {"location": place, "edit_date": self._seconds()})

    def press(self, user: int, sent: Sent, data: str, *, query: str | None = None) -> str:
        """Somebody presses a button; returns the callback's id."""
        self._next_query += 1
        query = query or str(4_000_000_000_000_000_000 + self._next_query)
        self._queries.add(query)
        message = self._message(sent.chat_id, sent.text, sender=BOT, message_id=sent.message_id, date=sent.date)
        if sent.edit_date is not None:
            message["edit_date"] = sent.edit_date
        self._tell(
            "callback_query",
            {"id": query, "from": _user(user), "message": message, "chat_instance": "1", "data": data},
        )
        return query

    def force(self, content: dict[str, Any]) -> None:
        """Delivers an update of any kind, whether it was asked for or not."""
        self._next_update += 1
        self._deliver({"update_id": self._next_update, **content})

    def number_from(self, update_id: int) -> None:
        """Telegram begins to count its updates from another number."""
        self._next_update, self.offset = update_id, 0

    def repeat_last(self) -> None:
        """Delivers the newest update again, as when its confirmation was lost."""
        self._updates.append(self._told[-1])

    def in_chat(self, chat_id: int) -> list[Sent]:
        """What the bot has said in a chat."""
        return [m for m in self.messages if m.chat_id == chat_id]

    @property
    def confirmed(self) -> bool:
        """Whether every update was confirmed."""
        return not self._updates

    async def until(self, condition: Any, within_s: float = PATIENCE_S) -> None:
        """Returns when ``condition()`` holds after some call of the bot."""
        async with asyncio.timeout(within_s):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def said(self, chat_id: int, words: str, within_s: float = PATIENCE_S) -> Sent:
        """The newest message in a chat that holds ``words``, when there is one."""

        def found() -> list[Sent]:
            return [m for m in self.in_chat(chat_id) if words in m.text]

        try:
            await self.until(found, within_s)
        except TimeoutError:
            raise AssertionError(f"{words!r} was not said in {[m.text for m in self.in_chat(chat_id)]}") from None
        return found()[-1]

    # What the bot does.

    def app(self) -> web.Application:
        """The server."""
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        self.calls.append(method)
        try:
            result = await self._carry_out(request, method)
        except Refusal as why:
            if why.status == 400:
                self.surprises.append(f"{method}: {why.words}")
            body = {"ok": False, "error_code": why.status, "description": why.words}
            if why.parameters:
                body["parameters"] = why.parameters
            self._news.set()
            return web.json_response(body, status=why.status)
        self._news.set()
        if method.startswith(("send", "edit")):
            await asyncio.sleep(self.answers_take_s)
        if self.answers_get_lost and method.startswith("send"):
            return web.Response(status=502)
        return web.json_response({"ok": True, "result": result})

    async def _carry_out(self, request: web.Request, method: str) -> Any:
        if request.match_info["token"] != TOKEN or self.unauthorized:
            raise Refusal(401, "Unauthorized")
        if method not in _ALLOWED:
            raise Refusal(404, "Not Found: method not found")
        parameters = await _parameters(request)
        if strange := set(parameters) - _ALLOWED[method]:
            raise Refusal(400, f"Bad Request: unexpected {strange}")
        if self.too_many and method.startswith(("send", "edit")):
            wait = self.too_many.pop(0)
            raise Refusal(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        return await getattr(self, f"_{method}")(parameters)

    async def _getMe(self, _: dict[str, Any]) -> Any:  # noqa: N802  Telegram's name
        return BOT

    async def _deleteWebhook(self, _: dict[str, Any]) -> bool:  # noqa: N802  Telegram's name
        self.webhook = ""
        return True

    async def _setMyCommands(self, given: dict[str, Any]) -> bool:  # noqa: N802  Telegram's name
        for command in given["commands"]:
            name, what = command["command"], command["description"]
            if not (name.isascii() and name.islower() and 1 <= len(name) <= 32 and 1 <= len(what) <= 256):
                raise Refusal(400, "Bad Request: BOT_COMMAND_INVALID")
        self.commands[given.get("language_code", "")] = given["commands"]
        return True

    async def _getUpdates(self, given: dict[str, Any]) -> list[Any]:  # noqa: N802  Telegram's name
        if self.webhook:
            raise Refusal(409, "Conflict: can't use getUpdates method while webhook is active")
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(Refusal(409, "Conflict: terminated by other getUpdates request"))
        offset, limit = int(given.get("offset", 0)), int(given.get("limit", 100))
        if not 1 <= limit <= 100:
            raise Refusal(400, "Bad Request: limit out of range")
        if "allowed_updates" in given:
            self._wanted = set(given["allowed_updates"]) or _DEFAULT_UPDATES
        if offset < 0:
            self._updates = self._updates[offset:]
        else:
            self.offset = max(self.offset, offset)
            self._updates = [u for u in self._updates if u["update_id"] >= offset]
        self._news.set()
        if not self._updates and (wait_s := float(given.get("timeout", 0))):
            self._poll = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(wait_s):
                    await self._poll
            except TimeoutError:
                pass
        with suppress(TimeoutError):
            async with asyncio.timeout(_SEES_WITHIN_S):
                while self._updates and not self.seen_before():  # noqa: ASYNC110  it is about the bus
                    await asyncio.sleep(0.005)
        return self._updates[:limit]

    async def _sendMessage(self, given: dict[str, Any]) -> Any:  # noqa: N802  Telegram's name
        return self._send(given, _text(given))

    async def _sendPhoto(self, given: dict[str, Any]) -> Any:  # noqa: N802  Telegram's name
        if not given["photo"][2].startswith(b"\x89PNG"):
            raise Refusal(400, "Bad Request: IMAGE_PROCESS_FAILED")
        return self._send(given, given.get("caption", ""), given["photo"])

    async def _sendDocument(self, given: dict[str, Any]) -> Any:  # noqa: N802  Telegram's name
        return self._send(given, given.get("caption", ""), given["document"])

    async def _editMessageText(self, given: dict[str, Any]) -> Any:  # noqa: N802  Telegram's name
        chat, number = int(given["chat_id"]), int(given["message_id"])
        sent = next((m for m in self.in_chat(chat) if m.message_id == number), None)
        if sent is None:
            raise Refusal(400, "Bad Request: message to edit not found")
        text, buttons = _text(given), _buttons(given)
        if (text, buttons) == (sent.text, sent.buttons):
            raise Refusal(400, "Bad Request: message is not modified")
        sent.history.append(sent.text)
        sent.text, sent.buttons, sent.edit_date = text, buttons, self._seconds()
        return self._message(chat, text, sender=BOT, message_id=number)

    async def _answerCallbackQuery(self, given: dict[str, Any]) -> bool:  # noqa: N802  Telegram's name
        query, text = given["callback_query_id"], given.get("text", "")
        if query not in self._queries:
            raise Refusal(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        if len(text) > 200:
            raise Refusal(400, "Bad Request: MESSAGE_TOO_LONG")
        self._queries.discard(query)
        self.answered.append((query, text))
        return True

    def _send(self, given: dict[str, Any], text: str, file: Any = None) -> dict[str, Any]:
        chat = int(given["chat_id"])
        if chat in self.moved:
            words = "Bad Request: group chat was upgraded to a supergroup chat"
            raise Refusal(400, words, migrate_to_chat_id=self.moved[chat])
        if chat not in self.chats:
            raise Refusal(400, "Bad Request: chat not found")
        if chat in self.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        message = self._message(chat, text, sender=BOT)
        sent = Sent(chat, message["message_id"], text, _buttons(given), message["date"], file)
        sent.silent = bool(given.get("disable_notification"))
        sent.reply_to = given.get("reply_parameters", {}).get("message_id")
        self.messages.append(sent)
        return message

    def _tell(self, kind: str, content: dict[str, Any]) -> None:
        if kind not in self._wanted:
            return
        self._next_update += 1
        self._deliver({"update_id": self._next_update, kind: content})

    def _deliver(self, update: dict[str, Any]) -> None:
        self._updates.append(update)
        self._told.append(update)
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)

    def _message(
        self, chat_id: int, text: str | None, sender: dict[str, Any], message_id: int | None = None, **more: Any
    ) -> dict[str, Any]:
        if message_id is None:
            self._next_message += 1
            message_id = self._next_message
        chat: dict[str, Any] = {"id": chat_id, "type": "private", "first_name": f"user {chat_id}"}
        if chat_id < 0:
            chat = {"id": chat_id, "type": "group" if chat_id > -(10**12) else "supergroup", "title": "family"}
        made = {"message_id": message_id, "date": self._seconds(), "chat": chat, "from": sender}
        return made | ({} if text is None else {"text": text}) | more

    def _seconds(self) -> int:
        return int(self.now().timestamp())


def _user(user: int) -> dict[str, Any]:
    return {"id": user, "is_bot": False, "first_name": f"user {user}", "language_code": "de"}


def _text(given: dict[str, Any]) -> str:
    text = str(given.get("text", ""))
    if not text.strip():
        raise Refusal(400, "Bad Request: message text is empty")
    if len(text) > 4096:
        raise Refusal(400, "Bad Request: message is too long")
    return text


def _buttons(given: dict[str, Any]) -> list[dict[str, str]]:
    buttons = [b for row in given.get("reply_markup", {}).get("inline_keyboard", []) for b in row]
    for button in buttons:
        if set(button) != {"text", "callback_data"} or not button["text"]:
            raise Refusal(400, "Bad Request: can't parse inline keyboard button")
        if not 1 <= len(button["callback_data"].encode()) <= 64:
            raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
    return buttons


async def _parameters(request: web.Request) -> dict[str, Any]:
    """From the address, a form or JSON; objects and lists in a form are JSON."""
    given: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        given |= await request.json()
    elif request.can_read_body:
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                given[name] = (value.filename, value.content_type, value.file.read())
            else:
                given[name] = value
    for name in ("reply_markup", "reply_parameters", "allowed_updates", "commands"):
        if isinstance(given.get(name), str):
            given[name] = json.loads(given[name])
    return given
