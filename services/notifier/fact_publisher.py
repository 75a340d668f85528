"""Facts of one kind on the bus, published when they change."""

from ems.bus.api import Bus
from ems.contract.message import Message
from ems.contract.topic import Topic


class FactPublisher[T: Message]:
    """Remembers what was published on a topic with one placeholder; None means: cleared.

    What an earlier run left on the broker counts among the keys: of what is gone since, nothing must stay there.
    """

    def __init__(self, bus: Bus, topic: Topic[T], placeholder: str) -> None:
        self._bus, self._topic, self._placeholder = bus, topic, placeholder
        self._told: dict[str, T | None] = {}
        self._held = bus.watch(topic)

    @property
    def keys(self) -> frozenset[str]:
        """What was told of, now or by an earlier run."""
        return frozenset(self._told) | frozenset(self._held.items())

    def newest(self, key: str) -> T | None:
        """What was told last."""
        return self._told.get(key)

    def tell(self, key: str, fact: T | None) -> bool:
        """Publishes ``fact`` unless it was told already; returns whether something else had been told before."""
        first = key not in self._told
        if not first and self._told[key] == fact:
            return False
        self._told[key] = fact
        names = {self._placeholder: key}
        if fact is None:
            self._bus.clear(self._topic, **names)
        else:
            self._bus.publish(self._topic, fact, **names)
        return not first
