"""Telegram's Bot API.

The token is in every address: no address, and no error text of a library, leaves this file.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from ems.runtime import network
from ems.runtime.errors import PermanentError, TransientError

POLL_S = 30
"""Longest time that Telegram holds a poll without updates, in seconds."""
_MARGIN_S = 10
"""Seconds beyond :data:`POLL_S` after which a poll counts as lost."""
_MAX_CHARACTERS = 4096
_MAX_BYTES = 8 * 2**20
ALLOWED = ["message", "callback_query"]
"""Kinds of updates that are asked for."""


class TooMany(TransientError):
    """Telegram asks us to wait."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"Telegram asks to wait for {retry_after_s:g} s")
        self.retry_after_s = retry_after_s


class OtherPoller(TransientError):
    """Somebody else polls with the same token."""


class Unauthorized(PermanentError):
    """The token is not valid (any more)."""


class Blocked(PermanentError):
    """The person does not want to hear from us."""


class Rejected(PermanentError):
    """Telegram does not take this message; the next one may do."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Peer(_Part):
    """A user or a chat."""

    id: int
    type: str = "private"


class TelegramMessage(_Part):
    """A message in a chat, by a person or by the bot."""

    message_id: int
    chat: Peer
    sender: Peer | None = Field(default=None, alias="from")
    text: str | None = None
    reply_to_message: "TelegramMessage | None" = None
    forward_origin: dict[str, Any] | None = None


class ButtonPress(_Part):
    """A pressed button (Telegram: callback query)."""

    id: str
    sender: Peer = Field(alias="from")
    data: str | None = None
    message: TelegramMessage | None = None


class TelegramUpdate(_Part):
    """One update: a message or a pressed button."""

    update_id: int
    message: TelegramMessage | None = None
    callback_query: ButtonPress | None = None


type Buttons = Sequence[Sequence[tuple[str, str]]]
"""Rows of (label, data); data has 1 to 64 bytes."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture or a document to send."""

    name: str
    content: bytes
    content_type: str
    photo: bool
    """Shown as a picture; a document otherwise."""


class Telegram:
    """One bot.

    All calls raise :class:`TooMany`, :class:`OtherPoller`, :class:`Unauthorized`, :class:`Blocked`, :class:`Rejected`,
    or plain ``TransientError`` when Telegram cannot be reached.
    """

    def __init__(self, http: aiohttp.ClientSession, token: SecretStr, api_url: str, *, poll_s: float = POLL_S) -> None:
        self._http, self._token, self._url, self._poll_s = http, token, api_url.rstrip("/"), poll_s

    async def begin(self, commands: Mapping[str, Sequence[tuple[str, str]]]) -> None:
        """Takes the bot over from a webhook, and registers the menu of ``commands`` by language ("" is the default)."""
        await self._call("deleteWebhook", {})
        for language, entries in commands.items():
            menu = [{"command": name, "description": what} for name, what in entries]
            await self._call("setMyCommands", {"commands": menu, "language_code": language})

    async def name(self) -> str:
        """The bot's own name, without the @. Nothing is changed by asking."""
        found = await self._call("getMe", {})
        return str(found.get("username", "?")) if isinstance(found, dict) else "?"

    async def updates(self, offset: int, *, wait: bool = True) -> list[TelegramUpdate]:
        """The updates from ``offset`` on, which acknowledges all before; waits for some."""
        poll_s = self._poll_s if wait else 0
        asked = {"offset": offset, "timeout": poll_s, "allowed_updates": ALLOWED}
        found = await self._call("getUpdates", asked, within_s=poll_s + _MARGIN_S)
        return [_update(one) for one in found] if isinstance(found, list) else []

    async def send(self, chat_id: int, text: str, buttons: Buttons = ()) -> int:
        """Sends a message; returns its id."""
        body = {"chat_id": chat_id, "text": text[:_MAX_CHARACTERS], **_keyboard(buttons)}
        return _message_id(await self._call("sendMessage", body))

    async def edit(self, chat_id: int, message_id: int, text: str, buttons: Buttons = ()) -> None:
        """Replaces a message; without ``buttons`` those that it had are gone."""
        body = {"chat_id": chat_id, "message_id": message_id, "text": text[:_MAX_CHARACTERS], **_keyboard(buttons)}
        await self._call("editMessageText", body)

    async def send_file(self, chat_id: int, file: Attachment) -> int:
        """Sends a picture or a document; returns the message's id."""
        kind = "photo" if file.photo else "document"
        form = aiohttp.FormData()
        form.add_field("chat_id", str(chat_id))
        form.add_field(kind, file.content, filename=file.name, content_type=file.content_type)
        return _message_id(await self._call(f"send{kind.capitalize()}", form))

    async def answer(self, callback_id: str, text: str = "") -> None:
        """Ends the waiting sign on a pressed button; ``text`` is shown for a moment."""
        await self._call("answerCallbackQuery", {"callback_query_id": callback_id, "text": text[:200]})

    async def _call(self, method: str, body: Mapping[str, Any] | aiohttp.FormData, *, within_s: float = 20) -> Any:
        data = {"data": body} if isinstance(body, aiohttp.FormData) else {"json": body}
        address = f"{self._url}/bot{self._token.get_secret_value()}/{method}"
        try:
            async with (
                asyncio.timeout(within_s),
                self._http.post(address, **data, allow_redirects=False) as reply,
            ):
                status = reply.status
                content = await reply.content.read(_MAX_BYTES)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            # `from None`: the error's own text holds the address.
            why = network.reason(error) or type(error).__name__
            raise TransientError(f"Telegram cannot be reached: {why}") from None
        try:
            answer = json.loads(content)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise TransientError(f"Telegram answered {status} with something that is no JSON object")
        if answer.get("ok") is True:
            return answer.get("result")
        raise _problem(status, answer)


def _problem(status: int, answer: dict[str, Any]) -> TransientError | PermanentError:
    words = str(answer.get("description", ""))[:200]
    match status:
        case 429:
            parameters = answer.get("parameters")
            after = parameters.get("retry_after") if isinstance(parameters, dict) else None
            return TooMany(float(after) if isinstance(after, int | float) else 30)
        case 409:
            return OtherPoller("somebody else asks Telegram for news with the same token")
        case 401 | 404:
            return Unauthorized("Telegram does not know the bot's token; ask BotFather for it")
        case 403:
            return Blocked("the person has blocked the bot or never wrote to it")
        case _ if status >= 500:
            return TransientError(f"Telegram has a problem ({status})")
        case _:
            return Rejected(f"Telegram refuses ({status}): {words}")


def _update(raw: Any) -> TelegramUpdate:
    try:
        return TelegramUpdate.model_validate(raw)
    except ValidationError:
        # Whatever it is, it must be passed over, and confirmed.
        number = raw.get("update_id") if isinstance(raw, dict) else None
        if not isinstance(number, int):
            raise TransientError("Telegram sent news without a number") from None
        return TelegramUpdate(update_id=number)


def _keyboard(buttons: Buttons) -> dict[str, Any]:
    rows = [[{"text": label, "callback_data": data} for label, data in row] for row in buttons]
    return {"reply_markup": {"inline_keyboard": rows}}


def _message_id(result: Any) -> int:
    found = result.get("message_id") if isinstance(result, dict) else None
    if not isinstance(found, int):
        raise TransientError("Telegram did not say which message it sent")
    return found
