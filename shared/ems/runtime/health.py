"""The health of a service: reasons come and go under keys; the worst of them is the state."""

from collections.abc import Callable

from ems.contract.service import Health, HealthState
from ems.i18n.health.renderer import problem
from ems.i18n.health.troubles import HealthTrouble
from ems.runtime.clock import Clock

_SEVERITY = [HealthState.OK, HealthState.DEGRADED, HealthState.FAILED]


class HealthReport:
    """Collects what is wrong. ``on_change`` is called with every new :class:`Health`."""

    def __init__(self, clock: Clock, version: str, on_change: Callable[[Health], None]) -> None:
        self._clock, self._version, self._on_change = clock, version, on_change
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
        if self.state is not before:
            self._since = self._clock.now()
        self._on_change(self.snapshot())
