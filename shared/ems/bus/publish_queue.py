"""What waits to be sent: the newest of each fact, the newest 100 of everything else; and what we own."""

import asyncio
import itertools
from collections.abc import Iterable
from dataclasses import dataclass

MAX_EVENTS = 100
"""Events, results and requests that wait for the broker; the oldest are dropped beyond that."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A publish with its MQTT 5 properties. ``topic`` is the whole one, with the prefix."""

    topic: str
    payload: bytes
    content_type: str
    retain: bool = False
    response_topic: str | None = None
    correlation: bytes | None = None
    expiry_s: int | None = None


class PublishQueue:
    """Bounded by the number of topics and :data:`MAX_EVENTS`; used from one event loop."""

    def __init__(self) -> None:
        self._owned: dict[str, Outgoing] = {}
        self._queue: dict[str | int, Outgoing] = {}
        self._in_flight: list[tuple[str | int, Outgoing]] = []
        self._numbers = itertools.count()
        self._work, self._idle = asyncio.Event(), asyncio.Event()
        self._idle.set()
        self.dropped = 0
        """Events that were given up because the broker was away for too long."""

    @property
    def owned(self) -> frozenset[str]:
        """The retained topics that are ours, the cleared ones too."""
        return frozenset(self._owned)

    @property
    def cleared(self) -> frozenset[str]:
        """Those of them that hold nothing."""
        return frozenset(topic for topic, out in self._owned.items() if not out.payload)

    def fact(self, out: Outgoing) -> None:
        """Keeps ``out`` as the newest value of its topic and queues it; an empty payload clears the topic."""
        self._owned[out.topic] = out
        # Replacing keeps the place in the queue, so that a busy topic cannot starve the others.
        self._queue[out.topic] = out
        self._wake()

    def event(self, out: Outgoing) -> int:
        """Queues ``out`` to be sent once; returns its number for :meth:`withdraw`."""
        number = next(self._numbers)
        self._queue[number] = out
        events = [key for key in self._queue if isinstance(key, int)]
        if len(events) > MAX_EVENTS:
            del self._queue[events[0]]
            self.dropped += 1
        self._wake()
        return number

    def withdraw(self, number: int) -> None:
        """Takes an event back that has not been sent yet."""
        self._queue.pop(number, None)
        self._rest()

    def again(self, topics: Iterable[str] | None = None) -> None:
        """Queues what we own once more: the ``topics``, or everything, before whatever waits."""
        chosen = self._owned if topics is None else [t for t in topics if t in self._owned]
        self._queue = {**{t: self._owned[t] for t in chosen}, **self._queue}
        if self._queue:
            self._wake()

    def take(self, most: int) -> list[Outgoing]:
        """Up to ``most`` messages to send now; they count as under way until :meth:`sent` or :meth:`put_back`."""
        keys = list(itertools.islice(self._queue, most))
        self._in_flight = [(key, self._queue.pop(key)) for key in keys]
        if not self._queue:
            self._work.clear()
        return [out for _, out in self._in_flight]

    def sent(self) -> None:
        """What was taken has arrived."""
        self._in_flight = []
        self._rest()

    def put_back(self) -> None:
        """What was taken may not have arrived: it waits again, in front, unless something newer replaced it."""
        if self._in_flight:
            self._queue = {**dict(self._in_flight), **self._queue}
            self._in_flight = []
            self._wake()

    def erased(self, topic: str, payload: bytes) -> bool:
        """Whether ``payload``, as the broker shows it on ``topic``, means that somebody else cleared what we hold."""
        ours = self._owned.get(topic)
        return ours is not None and bool(ours.payload) and not payload

    def holds(self, topic: str, payload: bytes) -> bool:
        """Whether ``payload`` is what we hold for ``topic``."""
        ours = self._owned.get(topic)
        return ours is not None and ours.payload == payload

    async def work(self) -> None:
        """Waits until something is queued."""
        await self._work.wait()

    async def idle(self) -> None:
        """Waits until everything has been sent."""
        await self._idle.wait()

    def poke(self) -> None:
        """Lets :meth:`work` return although nothing is queued."""
        self._work.set()

    def _rest(self) -> None:
        if not self._queue and not self._in_flight:
            self._idle.set()

    def _wake(self) -> None:
        self._work.set()
        self._idle.clear()
