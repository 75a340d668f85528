"""evcc's own MQTT tree as a doorbell: it says that something has changed; what it is tells REST."""

from collections.abc import Callable

WATCHED = (
    "loadpoints/+/mode",
    "loadpoints/+/alwaysCharge",
    "loadpoints/+/limitSoc",
    "loadpoints/+/limitEnergy",
    "loadpoints/+/connected",
    "loadpoints/+/vehicleName",
    "loadpoints/+/batteryBoost",
    "site/batteryMode",
    "site/batteryModeExternal",
    "site/optimizerAutomatic",
)
"""Topics below evcc's root whose change is looked at at once: what people set, and cars that come and go."""
STATUS = "status"
"""evcc's presence: its last will, and what it says when it has connected."""


class EvccTree:
    """Listens to evcc's root on the broker. What the broker had kept is no news, nor is the same value again."""

    def __init__(self, root: str, on_change: Callable[[], None], on_presence: Callable[[], None]) -> None:
        self._status = f"{root}/{STATUS}"
        self.filters = (self._status, *(f"{root}/{watched}" for watched in WATCHED))
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
            self._on_change()
