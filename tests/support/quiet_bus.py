"""A bus without a broker: what is published is kept, what is watched is set by hand, commands are called."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast, override

from ems.bus.api import Bus, CommandHandler, Names, RawHandler, Refused, Watch, words_of
from ems.contract.message import Command, Message
from ems.contract.topic import Topic
from ems.i18n.records import CommandAnswer
from ems.runtime.clock import Clock
from ems.runtime.health import HealthReport


@dataclass
class SetWatch[T]:
    """Newest values as a test has set them."""

    clock: Clock
    values: dict[str, tuple[T, datetime, datetime]] = field(default_factory=dict)

    def get(self, key: str = "") -> T | None:
        return self.values[key][0] if key in self.values else None

    def items(self) -> dict[str, T]:
        return {key: value for key, (value, _, _) in self.values.items()}

    def received_at(self, key: str = "") -> datetime | None:
        return self.values[key][1] if key in self.values else None

    def age_s(self, key: str = "") -> float | None:
        return (self.clock.steady() - self.values[key][2]).total_seconds() if key in self.values else None


class QuietBus(Bus):
    """Everything stays in the process."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.health = HealthReport(clock, "test", lambda _: None)
        self.published: list[tuple[Topic[Any], dict[str, str], Any]] = []
        self.raw: dict[str, RawHandler] = {}
        self._watches: dict[Topic[Any], SetWatch[Any]] = {}
        self._commands: dict[Topic[Any], CommandHandler[Any]] = {}
        self._requests: dict[Topic[Any], Callable[[Any, Names], Awaitable[Message]]] = {}

    @property
    @override
    def connected(self) -> bool:
        return True

    @override
    def publish[T](self, topic: Topic[T], value: T, **names: str) -> None:
        topic.codec.decode(topic.codec.encode(value))
        topic.path(**names)
        self.published.append((topic, names, value))

    @override
    def clear(self, topic: Topic[Any], **names: str) -> None:
        self.published.append((topic, names, None))

    @override
    def watch[T](self, topic: Topic[T]) -> Watch[T]:
        return cast("Watch[T]", self._watches.setdefault(topic, SetWatch(self.clock)))

    @override
    def on_event[T](self, topic: Topic[T], handler: Callable[[T, Names], None]) -> None:
        raise NotImplementedError

    @override
    def on_command[C: Command](self, topic: Topic[C], handler: CommandHandler[C]) -> None:
        self._commands[topic] = handler

    @override
    def on_request[C: Command](self, topic: Topic[C], handler: Callable[[C, Names], Awaitable[Message]]) -> None:
        self._requests[topic] = handler

    @override
    def on_raw(self, whole_filter: str, handler: RawHandler) -> None:
        self.raw[whole_filter] = handler

    @override
    async def request(self, topic: Topic[Any], message: Command, *, timeout_s: float = 10, **names: str) -> Message:
        raise NotImplementedError

    @override
    async def request_bytes(self, whole_topic: str, payload: bytes, *, timeout_s: float) -> bytes:
        raise NotImplementedError

    @override
    def changes(self, *topics: Topic[Any]) -> AsyncIterator[frozenset[tuple[Topic[Any], str]]]:
        raise NotImplementedError

    def set[T](self, topic: Topic[T], value: T | None, key: str = "") -> None:
        """A retained value comes in, or is cleared."""
        values = self._watches.setdefault(topic, SetWatch(self.clock)).values
        if value is None:
            values.pop(key, None)
        else:
            values[key] = (value, self.clock.now(), self.clock.steady())

    async def command[C: Command](self, topic: Topic[C], command: C, **names: str) -> str:
        """Sends a command; the English words of its answer. Raises ``Refused`` as the sender would be told."""
        return words_of(await self._commands[topic](command, names))

    async def answer[C: Command](self, topic: Topic[C], command: C, **names: str) -> CommandAnswer:
        """Sends a command; what it is answered, also by a refusal."""
        try:
            answer: CommandAnswer | str = await self._commands[topic](command, names)
        except Refused as why:
            answer = why.answer
        if isinstance(answer, str):
            raise TypeError(f"words in one language alone: {answer}")
        return answer

    async def ask[C: Command](self, topic: Topic[C], question: C, **names: str) -> Message:
        """Sends a request; raises ``Refused`` as the sender would be told."""
        return await self._requests[topic](question, names)

    def last[T](self, topic: Topic[T], **names: str) -> T | None:
        """The newest that was published on a topic."""
        found = (value for t, n, value in reversed(self.published) if t is topic and n == names)
        return cast("T | None", next(found, None))

    def all[T](self, topic: Topic[T]) -> list[T]:
        """All that was published on one kind of topic, oldest first."""
        return [value for t, _, value in self.published if t is topic]
