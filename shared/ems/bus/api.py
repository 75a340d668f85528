"""The bus as services see it: typed facts, events, commands and requests; no MQTT in sight."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from ems.contract.message import Command, Message
from ems.contract.topic import Topic
from ems.i18n.records import CommandAnswer
from ems.runtime.clock import Clock
from ems.runtime.health import HealthReport

type Names = Mapping[str, str]
"""A topic's placeholders and their values, such as ``{"id": "1"}``."""


class Refused(Exception):
    """A command or request that is not carried out; the answer says why and what would be accepted."""

    def __init__(self, answer: CommandAnswer | str) -> None:
        """Takes an answer in every language, or words in English alone."""
        self.answer = answer
        super().__init__(words_of(answer))


def words_of(answer: CommandAnswer | str) -> str:
    """The English words of an answer."""
    return answer if isinstance(answer, str) else answer.text.en


type CommandHandler[C: Command] = Callable[[C, Names], Awaitable[CommandAnswer | str]]
"""Carries a command out and answers what was done: in every language, or in words in English alone."""


class Watch[T](Protocol):
    """The newest value of every topic of one kind. Keys are the placeholders' values joined by ``/`` ("" if none)."""

    def get(self, key: str = "") -> T | None:
        """The newest good value, or None when there is none (never came, or was cleared by its owner)."""

    def items(self) -> dict[str, T]:
        """All newest values by key."""

    def received_at(self, key: str = "") -> datetime | None:
        """When the newest value came, by our clock."""

    def age_s(self, key: str = "") -> float | None:
        """Seconds since the newest value came, whatever was done to the wall clock since; None without one."""


class RawHandler(Protocol):
    """Takes a message as it is."""

    def __call__(self, topic: str, payload: bytes, /, *, retained: bool) -> None:
        """``retained``: the broker kept it, or should keep it."""


class Bus(Protocol):
    """A connection that seems always there: what is published while the broker is away goes out when it is back."""

    clock: Clock
    health: HealthReport

    @property
    def connected(self) -> bool:
        """Whether the broker is there at this moment."""

    def publish[T](self, topic: Topic[T], value: T, **names: str) -> None:
        """Sends ``value``. While the broker is away, the newest of each fact and the newest 100 events wait."""

    def clear(self, topic: Topic[Any], **names: str) -> None:
        """Removes a retained fact of ours (an empty retained payload)."""

    def watch[T](self, topic: Topic[T]) -> Watch[T]:
        """Subscribes to a fact; malformed payloads are refused, reported, and leave the last good value."""

    def on_event[T](self, topic: Topic[T], handler: Callable[[T, Names], None]) -> None:
        """Calls ``handler`` for every event."""

    def on_command[C: Command](self, topic: Topic[C], handler: CommandHandler[C]) -> None:
        """Answers commands: ``handler`` returns what was done, or raises :class:`Refused`."""

    def on_request[C: Command](self, topic: Topic[C], handler: Callable[[C, Names], Awaitable[Message]]) -> None:
        """Answers requests: ``handler`` returns the answer, or raises :class:`Refused`."""

    def on_raw(self, whole_filter: str, handler: RawHandler) -> None:
        """Calls ``handler`` for whatever comes on ``whole_filter``, also outside of the suite's tree."""

    async def request(self, topic: Topic[Any], message: Command, *, timeout_s: float = 10, **names: str) -> Message:
        """Sends a command or request and waits for its answer.

        Raises:
            TimeoutError: nobody answered within ``timeout_s`` seconds (of the real clock).
        """

    async def request_bytes(self, whole_topic: str, payload: bytes, *, timeout_s: float) -> bytes:
        """Sends bytes to a topic outside of the suite's tree and waits for the bytes that answer them.

        Raises:
            TimeoutError: nobody answered within ``timeout_s`` seconds (of the real clock).
        """

    def changes(self, *topics: Topic[Any]) -> AsyncIterator[frozenset[tuple[Topic[Any], str]]]:
        """Yields which (topic, key) changed since the last time; what is watched already counts as the first change."""
