"""What comes in: sent to the routes whose filters match, decoded, refused in words when it is malformed."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, override

from ems.bus.api import Names, RawHandler, Watch
from ems.bus.payload_errors import PayloadErrors
from ems.contract.message import Malformed
from ems.contract.topic import MAX_PAYLOAD_BYTES, Topic
from ems.contract.validation import Mistake, MistakeKind
from ems.runtime.clock import Clock

type Change = tuple[Topic[Any], str]


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as the broker delivered it."""

    topic: str
    payload: bytes
    retain: bool = False
    response_topic: str | None = None
    correlation: bytes | None = None


class Route(Protocol):
    """A receiver of the messages of one filter (below the prefix)."""

    @property
    def filter(self) -> str:
        """The MQTT filter below the prefix."""

    def receive(self, path: str, message: Incoming) -> None:
        """Takes a message whose path (below the prefix) matches the filter; never blocks."""


class Subscriptions:
    """Receivers by their whole filters. Routes stand below the suite's prefix, raw handlers anywhere."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix + "/"
        self._handlers: list[tuple[str, re.Pattern[str], Callable[[Incoming], None]]] = []

    @property
    def filters(self) -> list[str]:
        """The whole filters to subscribe to, each once, in the order they were asked for."""
        return list(dict.fromkeys(whole for whole, _, _ in self._handlers))

    def add(self, route: Route) -> str:
        """Sends what matches the route's filter to it; returns the whole filter."""
        whole = self._prefix + route.filter
        self._add_handler(whole, lambda message: route.receive(message.topic.removeprefix(self._prefix), message))
        return whole

    def add_raw(self, whole_filter: str, handler: RawHandler) -> None:
        """Sends what matches the filter to ``handler``."""
        self._add_handler(
            whole_filter, lambda message: handler(message.topic, message.payload, retained=message.retain)
        )

    def covers(self, topic: str) -> bool:
        """Whether some filter matches the whole ``topic``."""
        return any(regex.fullmatch(topic) for _, regex, _ in self._handlers)

    def dispatch(self, message: Incoming) -> None:
        """Calls every handler whose filter matches ``message``."""
        for _, regex, handle in list(self._handlers):
            if regex.fullmatch(message.topic):
                handle(message)

    def _add_handler(self, whole_filter: str, handle: Callable[[Incoming], None]) -> None:
        self._handlers.append((whole_filter, _regex(whole_filter), handle))


def _regex(mqtt_filter: str) -> re.Pattern[str]:
    return re.compile("/".join("[^/]*" if level == "+" else re.escape(level) for level in mqtt_filter.split("/")))


def decode[T](topic: Topic[T], payload: bytes) -> T:
    """The value in ``payload``.

    Raises:
        Malformed: it is too large to be read, or not what the topic carries.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        words = f"{len(payload)} bytes are too many, allowed are {MAX_PAYLOAD_BYTES}; not read"
        raise Malformed(words, (Mistake(MistakeKind.TOO_LARGE, "", most=MAX_PAYLOAD_BYTES),))
    return topic.codec.decode(payload)


@dataclass(slots=True)
class _Held[T]:
    value: T
    payload: bytes
    at: datetime
    steady_at: datetime
    confirmed: bool = True


class WatchRoute[T](Watch[T]):
    """The newest good values of one kind of fact."""

    def __init__(
        self, topic: Topic[T], clock: Clock, payload_errors: PayloadErrors, on_change: Callable[[Change], None]
    ) -> None:
        self.topic = topic
        self._clock, self._payload_errors, self._on_change = clock, payload_errors, on_change
        self._held: dict[str, _Held[T]] = {}

    @property
    def filter(self) -> str:
        """See :class:`Route`."""
        return self.topic.filter

    @override
    def get(self, key: str = "") -> T | None:
        held = self._held.get(key)
        return held.value if held else None

    @override
    def items(self) -> dict[str, T]:
        return {key: held.value for key, held in self._held.items()}

    @override
    def received_at(self, key: str = "") -> datetime | None:
        held = self._held.get(key)
        return held.at if held else None

    @override
    def age_s(self, key: str = "") -> float | None:
        held = self._held.get(key)
        return (self._clock.steady() - held.steady_at).total_seconds() if held else None

    def receive(self, path: str, message: Incoming) -> None:
        """See :class:`Route`. The same payload again is no change, only a sign of life."""
        names = self.topic.names(path)
        if names is None:
            self._payload_errors.log(path, f"not a name that {self.topic.pattern} allows")
            return
        key = "/".join(names.values())
        if not message.payload:
            self._payload_errors.clear(path)
            self._drop(key)
            return
        held = self._held.get(key)
        if held and held.payload == message.payload:
            held.at, held.steady_at, held.confirmed = self._clock.now(), self._clock.steady(), True
            self._payload_errors.clear(path)
            return
        try:
            value = decode(self.topic, message.payload)
        except Malformed as why:
            self._payload_errors.report(path, str(why))
            return
        self._payload_errors.clear(path)
        self._held[key] = _Held(value, message.payload, self._clock.now(), self._clock.steady())
        self._on_change((self.topic, key))

    def mark_unconfirmed(self) -> None:
        """Starts over with a new connection: :meth:`drop_unconfirmed` drops what is not seen again until then."""
        for held in self._held.values():
            held.confirmed = False

    def drop_unconfirmed(self) -> None:
        """Drops what nobody repeated since :meth:`mark_unconfirmed`."""
        for key in [key for key, held in self._held.items() if not held.confirmed]:
            self._drop(key)

    def _drop(self, key: str) -> None:
        if self._held.pop(key, None) is not None:
            self._on_change((self.topic, key))


class EventRoute[T]:
    """Calls a handler for every event of one kind."""

    def __init__(self, topic: Topic[T], handler: Callable[[T, Names], None], payload_errors: PayloadErrors) -> None:
        self._topic, self._handler, self._payload_errors = topic, handler, payload_errors

    @property
    def filter(self) -> str:
        """See :class:`Route`."""
        return self._topic.filter

    def receive(self, path: str, message: Incoming) -> None:
        """See :class:`Route`. An event that a broker kept is not news."""
        names = self._topic.names(path)
        if names is None or message.retain or not message.payload:
            return
        try:
            value = decode(self._topic, message.payload)
        except Malformed as why:
            self._payload_errors.log(path, str(why))
            return
        self._handler(value, names)


class Changes:
    """Waiting tasks by the topics whose changes they wait for."""

    def __init__(self) -> None:
        self._waiting: list[tuple[frozenset[Topic[Any]], set[Change], asyncio.Event]] = []

    def notify(self, change: Change) -> None:
        """Wakes the tasks that wait for ``change``."""
        for topics, pending, event in self._waiting:
            if change[0] in topics:
                pending.add(change)
                event.set()

    async def follow(
        self, topics: frozenset[Topic[Any]], present: Callable[[], set[Change]]
    ) -> AsyncIterator[frozenset[Change]]:
        """Yields what changed since the last time, first what is ``present``."""
        # ``present`` is called here, not before: this body begins only when somebody waits, and nothing may be missed.
        entry = (topics, present(), asyncio.Event())
        if entry[1]:
            entry[2].set()
        self._waiting.append(entry)
        try:
            while True:
                await entry[2].wait()
                changed = frozenset(entry[1])
                entry[1].clear()
                entry[2].clear()
                yield changed
        finally:
            self._waiting.remove(entry)
