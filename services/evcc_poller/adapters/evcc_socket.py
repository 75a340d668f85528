"""evcc's WebSocket as a doorbell; that it drops is the surest sign of a restart."""

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout, WSMsgType

from ems.contract.broker import DOORBELL
from evcc_poller.adapters.evcc_tree import OnChange

_log = structlog.get_logger(__name__)

_STATUS, *_RINGING = DOORBELL
WATCHED = re.compile(
    "|".join(topic.removeprefix("site/").replace("/", r"\.").replace("+", r"\d+") for topic in _RINGING)
)
"""Keys whose change is looked at at once: what rings in evcc's tree; the site has no name here."""
CONNECT_TIMEOUT_S = 5
MIN_RETRY_S, MAX_RETRY_S = 1.0, 60.0
"""Shortest and longest pause in real seconds before evcc's socket is tried again."""


class EvccSocket:
    """Follows one evcc's socket. Where there is none (a proxy that lets no WebSocket through) nothing rings."""

    def __init__(self, url: str, on_change: OnChange, on_drop: Callable[[], None]) -> None:
        scheme, *rest = urlsplit(url.rstrip("/") + "/ws")
        self._url = urlunsplit(("wss" if scheme == "https" else "ws", *rest))
        self._on_change, self._on_drop = on_change, on_drop

    async def run(self) -> None:
        """Stays connected, until cancelled."""
        pause_s = MIN_RETRY_S
        async with ClientSession(timeout=ClientTimeout(total=None, connect=CONNECT_TIMEOUT_S)) as http:
            while True:
                try:
                    if await self._follow(http):
                        pause_s = MIN_RETRY_S
                        self._on_drop()
                except (ClientError, OSError, TimeoutError) as error:
                    _log.debug("evcc's socket cannot be opened", why=str(error))
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, MAX_RETRY_S)

    async def _follow(self, http: ClientSession) -> bool:
        """One connection, to its end; whether there was one."""
        opened = False
        try:
            async with http.ws_connect(self._url, max_msg_size=0) as socket:
                async for message in socket:
                    if message.type is not WSMsgType.TEXT:
                        continue
                    # The first message is the whole state, and no change.
                    for key, value in _changes(message.data) if opened else ():
                        self._on_change("socket", _topic(key), str(value))
                    opened = True
        except (ClientError, OSError):
            if not opened:
                raise
        return opened


def _changes(text: str) -> tuple[tuple[str, Any], ...]:
    """What is watched among the keys of a message, with their values."""
    try:
        found = json.loads(text)
    except ValueError:
        return ()
    return tuple((k, v) for k, v in found.items() if WATCHED.fullmatch(k)) if isinstance(found, dict) else ()


def _topic(key: str) -> str:
    """A key as the topic in evcc's tree, where loadpoints count from 1: ``loadpoints.0.mode`` is loadpoints/1/mode."""
    match key.split("."):
        case ["loadpoints", number, setting]:
            return f"loadpoints/{int(number) + 1}/{setting}"
    return f"site/{key}"
