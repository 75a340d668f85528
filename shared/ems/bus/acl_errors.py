"""Reads and publishes that the broker denies: in the health until it allows them."""

from ems.i18n.health import troubles
from ems.runtime.health import HealthReport


class AclErrors:
    """What the broker denies now, by its acknowledgements."""

    def __init__(self, health: HealthReport) -> None:
        self._health = health
        self._denied: set[tuple[str, str]] = set()

    @property
    def unpublished(self) -> list[str]:
        """Topics whose last publish was denied."""
        return [name for verb, name in self._denied if verb == "publish"]

    def record(self, verb: str, name: str, refusal: str | None) -> None:
        """Notes that ``verb`` (read, publish) was allowed on ``name``, or denied for the reason ``refusal``."""
        key = f"{verb}:{name}"
        if refusal is None:
            if (verb, name) in self._denied:
                self._denied.remove((verb, name))
                self._health.ok(key)
        elif (verb, name) not in self._denied:
            self._denied.add((verb, name))
            self._health.degraded(key, troubles.AccessDenied(verb, name, refusal))
