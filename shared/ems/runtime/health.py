"""The health of a service: reasons come and go under keys; the worst of them is the state."""

import re
import time
from collections.abc import Callable

import structlog

from ems.contract.service import Health, HealthState
from ems.i18n.health.renderer import problem, words
from ems.i18n.health.troubles import FileSetAside, HealthTrouble
from ems.runtime.clock import Clock

LOG_AGAIN_S = 600.0
"""Shortest time between two log records of the same reason under the same key, in real seconds; while it lasts there
is one."""
MAX_REASONS = 5
"""Different reasons under one key that are logged while it is unwell; the health has all of them."""
_SEVERITY = [HealthState.OK, HealthState.DEGRADED, HealthState.FAILED]

_log = structlog.get_logger(__name__)


class HealthReport:
    """Collects what is wrong, logs each when it comes and when its key is well again: nobody else needs to.

    What comes and goes, or only counts on, is not logged each time. ``on_change`` is called with every new
    :class:`Health`.
    """

    def __init__(self, clock: Clock, version: str, on_change: Callable[[Health], None]) -> None:
        self._clock, self._version, self._on_change = clock, version, on_change
        self._logged: dict[str, dict[str, float]] = {}
        """By key, the reasons without their numbers, and when each was logged (real, monotonic seconds)."""
        self._unwell: set[str] = set()
        """Keys that the log knows as not well."""
        self._problems: dict[str, tuple[HealthState, HealthTrouble]] = {}
        self._since = clock.now()

    @property
    def state(self) -> HealthState:
        """The worst of all states reported."""
        return max((state for state, _ in self._problems.values()), key=_SEVERITY.index, default=HealthState.OK)

    def degraded(self, key: str, trouble: HealthTrouble) -> None:
        """Reports that something is missing while the rest works, until :meth:`ok` is called for ``key``."""
        self._set(key, (HealthState.DEGRADED, trouble))

    def failed(self, key: str, trouble: HealthTrouble) -> None:
        """Reports that the service cannot do its job, until :meth:`ok` is called for ``key``."""
        self._set(key, (HealthState.FAILED, trouble))

    def file_set_aside(self, name: str, words: str) -> None:
        """Reports that a state file could not be read, or not as a whole, until the next start."""
        self.degraded(f"file:{name}", FileSetAside(words))

    def ok(self, key: str) -> None:
        """Ends the report under ``key``."""
        self._set(key, None)

    def snapshot(self) -> Health:
        """The report as it stands."""
        ordered = sorted(self._problems.values(), key=lambda p: -_SEVERITY.index(p[0]))
        problems = tuple(problem(trouble, state) for state, trouble in ordered)
        return Health(
            state=self.state,
            reasons=tuple(p.text.en for p in problems),
            problems=problems,
            since=self._since,
            at=self._clock.now(),
            version=self._version,
        )

    def _set(self, key: str, trouble: tuple[HealthState, HealthTrouble] | None) -> None:
        if self._problems.get(key) == trouble:
            return
        before = self.state
        if trouble is None:
            del self._problems[key]
        else:
            self._problems[key] = trouble
        self._log(key, trouble)
        if self.state is not before:
            self._since = self._clock.now()
        self._on_change(self.snapshot())

    def _log(self, key: str, trouble: tuple[HealthState, HealthTrouble] | None) -> None:
        now_s = time.monotonic()
        logged = self._logged.get(key, {})
        unwell = key in self._unwell
        recent = {why: at_s for why, at_s in logged.items() if unwell or now_s - at_s < LOG_AGAIN_S}
        if trouble is None:
            if unwell:
                self._unwell.remove(key)
                _log.info("well again", about=key)
        else:
            state, reason = trouble[0], words(trouble[1]).en
            # Numbers that count (points that wait, seconds) make no other reason.
            kind = f"{state}: {re.sub(r'[0-9]+', '0', reason)}"
            if kind not in recent and len(recent) < MAX_REASONS:
                recent[kind] = now_s
                self._unwell.add(key)
                _log.warning(str(state), about=key, why=reason)
        if recent:
            self._logged[key] = recent
        else:
            self._logged.pop(key, None)
