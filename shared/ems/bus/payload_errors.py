"""Refused payloads: in the log, not too often, and in the health until a good one comes."""

import time
from dataclasses import dataclass

import structlog

from ems.i18n.health import troubles
from ems.runtime.health import HealthReport

LOG_AGAIN_S = 300.0
"""Shortest time between two log records of one topic's refusals, in real seconds; the record says how many."""
MAX_TOPICS = 200
"""Topics kept apart at most; a flood of made-up names must not fill the memory."""

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Logged:
    at_s: float
    unlogged: int = 0


class PayloadErrors:
    """Keyed by the topic's path below the prefix. Never holds or says a payload."""

    def __init__(self, health: HealthReport) -> None:
        self._health = health
        self._logged: dict[str, _Logged] = {}
        self._degraded: set[str] = set()

    def report(self, path: str, why: str) -> None:
        """Refused something on ``path`` that matters until it is good again."""
        if path in self._degraded or len(self._degraded) < MAX_TOPICS:
            self._degraded.add(path)
            self._health.degraded(f"payload:{path}", troubles.PayloadRefused(path, why))
        else:
            self.log(path, why)

    def clear(self, path: str) -> None:
        """A good one came on ``path``."""
        if path in self._degraded:
            self._degraded.remove(path)
            self._health.ok(f"payload:{path}")

    def log(self, path: str, why: str) -> None:
        """Refused something on ``path`` that matters only by itself."""
        now_s = time.monotonic()
        logged = self._logged.get(path)
        if logged and now_s - logged.at_s < LOG_AGAIN_S:
            logged.unlogged += 1
            return
        _log.warning("refused", topic=path, why=why, times=1 + (logged.unlogged if logged else 0))
        self._logged.pop(path, None)
        if len(self._logged) >= MAX_TOPICS:
            del self._logged[next(iter(self._logged))]
        self._logged[path] = _Logged(now_s)
