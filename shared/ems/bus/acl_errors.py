"""What the broker does not let us do is said, once, until it lets us."""

import structlog

from ems.runtime.health import HealthReport

_log = structlog.get_logger(__name__)


class AclErrors:
    """Learns from the broker's acknowledgements."""

    def __init__(self, health: HealthReport) -> None:
        self._health = health
        self._denied: set[tuple[str, str]] = set()

    @property
    def unpublished(self) -> list[str]:
        """Topics whose last publish was refused."""
        return [name for verb, name in self._denied if verb == "publish"]

    def learn(self, verb: str, name: str, refusal: str | None) -> None:
        """``verb`` (read, publish) was done to ``name``, or refused for the reason ``refusal``."""
        key = f"{verb}:{name}"
        if refusal is None:
            if (verb, name) in self._denied:
                self._denied.remove((verb, name))
                self._health.ok(key)
        elif (verb, name) not in self._denied:
            self._denied.add((verb, name))
            _log.error("not allowed", verb=verb, topic=name, why=refusal)
            self._health.degraded(key, f"the broker lets us not {verb} {name}: {refusal}")
