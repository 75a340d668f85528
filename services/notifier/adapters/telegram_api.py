"""Telegram's Bot API.

The token is in every address: no address, and no error text of a library, leaves this file.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
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
ALLOWED = ["message", "edited_message", "callback_query"]
"""Kinds of updates that are asked for."""
MAX_UPDATES = 100
"""Most updates of one poll; as many may be waiting behind them."""
_NOTES = frozenset(
    {
        *("new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo", "delete_chat_photo"),
        *("group_chat_created", "supergroup_chat_created", "channel_chat_created", "pinned_message"),
        *("message_auto_delete_timer_changed", "migrate_to_chat_id", "migrate_from_chat_id", "chat_background_set"),
        *("connected_website", "write_access_allowed", "proximity_alert_triggered", "boost_added", "chat_shared"),
        *("users_shared", "successful_payment", "refunded_payment", "giveaway_created", "giveaway_completed"),
        *("forum_topic_created", "forum_topic_edited", "forum_topic_closed", "forum_topic_reopened"),
        *("general_forum_topic_hidden", "general_forum_topic_unhidden", "video_chat_scheduled"),
        *("video_chat_started", "video_chat_ended", "video_chat_participants_invited", "web_app_data"),
        *("checklist_tasks_done", "checklist_tasks_added", "direct_message_price_changed"),
    }
)
"""What Telegram itself notes in a chat: nobody has said anything with it."""


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


class Moved(PermanentError):
    """The group has become a supergroup, which has another id."""

    def __init__(self, chat_id: int) -> None:
        super().__init__(f"the group's id is {chat_id} now")
        self.chat_id = chat_id


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Peer(_Part):
    """A user or a chat."""

    id: int
    type: str = "private"


class TelegramMessage(_Part):
    """A message in a chat, by a person or by the bot."""

    # The names of what it holds besides tell what kind it is of; Telegram brings new ones at any time.
    model_config = ConfigDict(extra="allow")

    message_id: int
    date: datetime | None = None
    """When it was written, in UTC; an edited one keeps it. 1970: Telegram does not know it any more."""
    edit_date: datetime | None = None
    chat: Peer
    sender: Peer | None = Field(default=None, alias="from")
    text: str | None = None
    caption: str | None = None
    reply_to_message: "TelegramMessage | None" = None
    forward_origin: dict[str, Any] | None = None
    media_group_id: str | None = None
    migrate_to_chat_id: int | None = None

    @property
    def words(self) -> str | None:
        """What was written, also below a picture; None: nothing was."""
        return self.text if self.text is not None else self.caption

    @property
    def changed_at(self) -> datetime | None:
        """When it, or the buttons below it, came to be as they are, as far as Telegram says so."""
        return max((at for at in (self.date, self.edit_date) if at is not None), default=None)

    @property
    def is_note(self) -> bool:
        """Whether Telegram only notes that something about the chat has changed."""
        return self.migrate_to_chat_id is not None or not _NOTES.isdisjoint(self.model_extra or ())


class ButtonPress(_Part):
    """A pressed button (Telegram: callback query). It does not tell when it was pressed."""

    id: str
    sender: Peer = Field(alias="from")
    data: str | None = None
    message: TelegramMessage | None = None


class TelegramUpdate(_Part):
    """One update: a message, a correction of one, or a pressed button."""

    update_id: int
    message: TelegramMessage | None = None
    edited_message: TelegramMessage | None = None
    callback_query: ButtonPress | None = None


@dataclass(frozen=True, slots=True)
class Bot:
    """Who the bot is in Telegram."""

    id: int
    username: str


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

    All calls raise :class:`TooMany`, :class:`OtherPoller`, :class:`Unauthorized`, :class:`Blocked`, :class:`Moved`,
    :class:`Rejected`, or plain ``TransientError`` when Telegram cannot be reached.
    """

    def __init__(self, http: aiohttp.ClientSession, token: SecretStr, api_url: str, *, poll_s: float = POLL_S) -> None:
        self._http, self._token, self._url, self._poll_s = http, token, api_url.rstrip("/"), poll_s

    async def begin(self, commands: Mapping[str, Sequence[tuple[str, str]]]) -> Bot:
        """Takes the bot over from a webhook, and registers the menu of ``commands`` by language ("" is the default)."""
        me = await self.me()
        await self._call("deleteWebhook", {})
        for language, entries in commands.items():
            menu = [{"command": name, "description": what} for name, what in entries]
            await self._call("setMyCommands", {"commands": menu, "language_code": language})
        return me

    async def me(self) -> Bot:
        """Who the bot is. Nothing is changed by asking."""
        found = await self._call("getMe", {})
        if not isinstance(found, dict) or not isinstance(found.get("id"), int):
            raise TransientError("Telegram did not say who the bot is")
        return Bot(found["id"], str(found.get("username", "")))

    async def updates(self, offset: int, *, wait: bool = True) -> list[TelegramUpdate]:
        """The updates from ``offset`` on, which acknowledges all before; waits for some."""
        poll_s = self._poll_s if wait else 0
        asked = {"offset": offset, "timeout": poll_s, "limit": MAX_UPDATES, "allowed_updates": ALLOWED}
        found = await self._call("getUpdates", asked, within_s=poll_s + _MARGIN_S)
        return [_update(one) for one in found] if isinstance(found, list) else []

    async def send(
        self, chat_id: int, text: str, buttons: Buttons = (), *, reply_to: int | None = None, silent: bool = False
    ) -> int:
        """Sends a message, without a sound if ``silent``; returns its id."""
        body = {"chat_id": chat_id, "text": text[:_MAX_CHARACTERS], **_keyboard(buttons)}
        if reply_to is not None:
            body["reply_parameters"] = {"message_id": reply_to, "allow_sending_without_reply": True}
        if silent:
            body["disable_notification"] = True
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
    found = answer.get("parameters")
    parameters = found if isinstance(found, dict) else {}
    match status:
        case 400 if isinstance(new := parameters.get("migrate_to_chat_id"), int):
            return Moved(new)
        case 429:
            after = parameters.get("retry_after")
            return TooMany(float(after) if isinstance(after, int | float) else 30)
        case 409:
            return OtherPoller("somebody else asks Telegram for news with the same token")
        case 401 | 404:
            return Unauthorized("Telegram does not know the bot's token; ask BotFather for it")
        case 403:
            return Blocked("the person has blocked the bot or never wrote to it")
    refused = Rejected(f"Telegram refuses ({status}): {words}")
    return TransientError(f"Telegram has a problem ({status})") if status >= 500 else refused


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
