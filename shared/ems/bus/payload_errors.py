"""What was refused is said: in the log, not too often, and in the health until a good one comes."""

import time
from dataclasses import dataclass

import structlog

from ems.runtime.health import HealthReport

SAY_AGAIN_S = 300.0
"""A topic's refusals are logged once in this time (real seconds), with their number."""
MAX_TOPICS = 200
"""So many topics are kept apart; a flood of made-up names must not fill the memory."""

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Said:
    at_s: float
    unsaid: int = 0


class PayloadErrors:
    """Keyed by the topic's path below the prefix. Never holds or says a payload."""

    def __init__(self, health: HealthReport) -> None:
        self._health = health
        self._said: dict[str, _Said] = {}
        self._degraded: set[str] = set()

    def say(self, path: str, why: str) -> None:
        """Refused something on ``path`` that matters until it is good again."""
        self.log(path, why)
        if path in self._degraded or len(self._degraded) < MAX_TOPICS:
            self._degraded.add(path)
            self._health.degraded(f"payload:{path}", f"{path}: refused, {why}")

    def over(self, path: str) -> None:
        """A good one came on ``path``."""
        if path in self._degraded:
            self._degraded.remove(path)
            self._health.ok(f"payload:{path}")

    def log(self, path: str, why: str) -> None:
        """Refused something on ``path`` that matters only by itself."""
        now_s = time.monotonic()
        said = self._said.get(path)
        if said and now_s - said.at_s < SAY_AGAIN_S:
            said.unsaid += 1
            return
        _log.warning("refused", topic=path, why=why, times=1 + (said.unsaid if said else 0))
        self._said.pop(path, None)
        if len(self._said) >= MAX_TOPICS:
            del self._said[next(iter(self._said))]
        self._said[path] = _Said(now_s)
