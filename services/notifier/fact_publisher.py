"""Facts of one kind on the bus, published when they change."""

from ems.bus.api import Bus
from ems.contract.message import Message
from ems.contract.topic import Topic


class FactPublisher[T: Message]:
    """Remembers what was published on a topic with one placeholder; None means: cleared.

    What an earlier run left on the broker counts among the keys: nothing must stay there of what is gone since.
    """

    def __init__(self, bus: Bus, topic: Topic[T], placeholder: str) -> None:
        self._bus, self._topic, self._placeholder = bus, topic, placeholder
        self._published: dict[str, T | None] = {}
        self._retained = bus.watch(topic)

    @property
    def keys(self) -> frozenset[str]:
        """What was published, now or by an earlier run."""
        return frozenset(self._published) | frozenset(self._retained.items())

    def newest(self, key: str) -> T | None:
        """What was published last."""
        return self._published.get(key)

    def publish(self, key: str, fact: T | None) -> bool:
        """Publishes ``fact`` unless it is the same as last time; returns whether it replaces another one."""
        first = key not in self._published
        if not first and self._published[key] == fact:
            return False
        self._published[key] = fact
        names = {self._placeholder: key}
        if fact is None:
            self._bus.clear(self._topic, **names)
        else:
            self._bus.publish(self._topic, fact, **names)
        return not first
