"""Requests to other services and their answers, by MQTT 5's response topic and correlation data."""

import asyncio
import itertools
import math
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ems.bus.publish_queue import BYTES, Outgoing, PublishQueue
from ems.bus.subscriptions import Incoming
from ems.contract.message import Command, Message
from ems.contract.service import Service
from ems.contract.topic import Topic
from ems.contract.topics import answer_model


@dataclass(frozen=True, slots=True)
class _PendingRequest:
    parse: Callable[[bytes], Any]
    answer: asyncio.Future[Any]


class ReplyRoute:
    """The route of the answers to our requests: ``reply/<service>/<unique>``."""

    def __init__(self, service: Service, prefix: str, queue: PublishQueue) -> None:
        self._below, self._prefix, self._queue = f"reply/{service}", prefix, queue
        # Unique across our lives, so that an answer to a request of the last life is nobody's.
        self._life, self._numbers = secrets.token_hex(4), itertools.count(1)
        self._open: dict[str, _PendingRequest] = {}

    @property
    def filter(self) -> str:
        """See :class:`ems.bus.subscriptions.Route`."""
        return f"{self._below}/+"

    def receive(self, path: str, message: Incoming) -> None:
        """See :class:`ems.bus.subscriptions.Route`. What was not asked, or not here, is passed over."""
        unique = path.rsplit("/", 1)[1]
        pending = self._open.get(unique)
        if pending is None or pending.answer.done() or message.correlation != unique.encode():
            return
        try:
            pending.answer.set_result(pending.parse(message.payload))
        except ValueError as error:
            pending.answer.set_exception(error)

    async def request(self, topic: Topic[Any], message: Command, timeout_s: float, names: Mapping[str, str]) -> Message:
        """See :meth:`ems.bus.api.Bus.request`."""
        whole, parse = f"{self._prefix}/{topic.path(**names)}", answer_model(topic).parse
        answer: Message = await self._ask(whole, message.payload(), topic.codec.content_type, parse, timeout_s)
        return answer

    async def request_bytes(self, whole_topic: str, payload: bytes, timeout_s: float) -> bytes:
        """See :meth:`ems.bus.api.Bus.request_bytes`."""
        answer: bytes = await self._ask(whole_topic, payload, BYTES, bytes, timeout_s)
        return answer

    async def _ask(
        self, whole_topic: str, payload: bytes, content_type: str, parse: Callable[[bytes], Any], timeout_s: float
    ) -> Any:
        unique = f"{self._life}-{next(self._numbers)}"
        pending = _PendingRequest(parse, asyncio.get_running_loop().create_future())
        self._open[unique] = pending
        number = self._queue.put_event(
            Outgoing(
                whole_topic,
                payload,
                content_type,
                response_topic=f"{self._prefix}/{self._below}/{unique}",
                correlation=unique.encode(),
                expiry_s=math.ceil(timeout_s),
            )
        )
        try:
            async with asyncio.timeout(timeout_s):
                return await pending.answer
        finally:
            del self._open[unique]
            # Nobody waits for it any more: it must not be carried out when the broker is back.
            self._queue.withdraw(number)
