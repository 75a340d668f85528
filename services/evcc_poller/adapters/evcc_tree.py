"""evcc's own MQTT tree as a doorbell: it says that something has changed; what it is tells REST."""

from collections.abc import Callable

from ems.contract.broker import DOORBELL

type OnChange = Callable[[str, str, str], None]
"""Called with the source, the topic below evcc's root (as ``loadpoints/1/mode``) and evcc's word for the new value."""


class EvccTree:
    """Listens to evcc's root on the broker. What the broker had kept is no news, nor is the same value again."""

    def __init__(self, root: str, on_change: OnChange, on_presence: Callable[[], None]) -> None:
        self._root, self._status = root, f"{root}/{DOORBELL[0]}"
        self.filters = tuple(f"{root}/{watched}" for watched in DOORBELL)
        """The whole topic filters to subscribe to."""
        self._on_change, self._on_presence = on_change, on_presence
        self._values: dict[str, bytes] = {}

    def receive(self, topic: str, payload: bytes, *, retained: bool) -> None:
        """Takes a message of evcc's in, and rings for a change."""
        changed = self._values.get(topic) != payload
        self._values[topic] = payload
        if retained:
            return
        if topic == self._status:
            # Also the same word again: an evcc that was killed and is back says `online` as before.
            self._on_presence()
        elif changed:
            self._on_change("tree", topic.removeprefix(f"{self._root}/"), payload.decode(errors="replace"))
