"""What waits to be sent: the newest of each fact, the newest 100 of everything else; and what we own."""

import asyncio
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ems.runtime import redact

MAX_EVENTS = 100
"""Most events, results and requests that wait for the broker; the oldest are dropped beyond."""
BYTES = "application/octet-stream"
"""The content type of what is no text."""


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
        self._waiting: dict[str | int, Outgoing] = {}
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

    def put_fact(self, out: Outgoing) -> None:
        """Keeps ``out`` as the newest value of its topic and queues it; an empty payload clears the topic."""
        out = _without_secrets(out)
        self._owned[out.topic] = out
        # Replacing keeps the place in the queue, so that a busy topic cannot starve the others.
        self._waiting[out.topic] = out
        self._signal_work()

    def put_event(self, out: Outgoing) -> int:
        """Queues ``out`` to be sent once; returns its number for :meth:`withdraw`."""
        number = next(self._numbers)
        self._waiting[number] = _without_secrets(out)
        events = [key for key in self._waiting if isinstance(key, int)]
        if len(events) > MAX_EVENTS:
            del self._waiting[events[0]]
            self.dropped += 1
        self._signal_work()
        return number

    def withdraw(self, number: int) -> None:
        """Takes an event back that has not been sent yet."""
        self._waiting.pop(number, None)
        self._signal_idle()

    def requeue(self, topics: Iterable[str] | None = None) -> None:
        """Queues our retained topics once more (``topics``, or all of them), before whatever waits."""
        chosen = self._owned if topics is None else [t for t in topics if t in self._owned]
        self._waiting = {**{t: self._owned[t] for t in chosen}, **self._waiting}
        if self._waiting:
            self._signal_work()

    def take(self, limit: int) -> list[Outgoing]:
        """Up to ``limit`` messages to send now, in flight until :meth:`confirm_sent` or :meth:`put_back`."""
        keys = list(itertools.islice(self._waiting, limit))
        self._in_flight = [(key, self._waiting.pop(key)) for key in keys]
        if not self._waiting:
            self._work.clear()
        return [out for _, out in self._in_flight]

    def confirm_sent(self) -> None:
        """What was taken has arrived."""
        self._in_flight = []
        self._signal_idle()

    def put_back(self) -> None:
        """Queues what was taken once more, in front, unless something newer replaced it: it may not have arrived."""
        if self._in_flight:
            self._waiting = {**dict(self._in_flight), **self._waiting}
            self._in_flight = []
            self._signal_work()

    def is_erased(self, topic: str, payload: bytes) -> bool:
        """Whether ``payload``, as the broker shows it on ``topic``, means that somebody else cleared what we hold."""
        ours = self._owned.get(topic)
        return ours is not None and bool(ours.payload) and not payload

    def holds(self, topic: str, payload: bytes) -> bool:
        """Whether ``payload`` is what we hold for ``topic``."""
        ours = self._owned.get(topic)
        return ours is not None and ours.payload == payload

    async def wait_for_work(self) -> None:
        """Waits until something is queued."""
        await self._work.wait()

    async def wait_until_idle(self) -> None:
        """Waits until everything has been sent."""
        await self._idle.wait()

    def wake_writer(self) -> None:
        """Lets :meth:`wait_for_work` return although nothing is queued."""
        self._work.set()

    def _signal_idle(self) -> None:
        if not self._waiting and not self._in_flight:
            self._idle.set()

    def _signal_work(self) -> None:
        self._work.set()
        self._idle.clear()


def _without_secrets(out: Outgoing) -> Outgoing:
    """The last gate: what others answer finds its way into errors and health, and may repeat what we sent them."""
    clean = redact.payload(out.payload) if out.content_type != BYTES else out.payload
    return out if clean == out.payload else replace(out, payload=clean)
