"""The health of a service: reasons come and go under keys; the worst of them is the state."""

from collections.abc import Callable

from ems.contract.message import Text
from ems.contract.service import Health, HealthState
from ems.runtime.clock import Clock

_SEVERITY = [HealthState.OK, HealthState.DEGRADED, HealthState.FAILED]


class HealthReport:
    """Collects reasons in words. ``on_change`` is called with every new :class:`Health`."""

    def __init__(self, clock: Clock, version: str, on_change: Callable[[Health], None]) -> None:
        self._clock, self._version, self._on_change = clock, version, on_change
        self._problems: dict[str, tuple[HealthState, Text]] = {}
        self._since = clock.now()

    @property
    def state(self) -> HealthState:
        """The worst of all states reported."""
        return max((state for state, _ in self._problems.values()), key=_SEVERITY.index, default=HealthState.OK)

    def degraded(self, key: str, reason: str | Text) -> None:
        """Reports that something is missing while the rest works, until :meth:`ok` is called for ``key``."""
        self._set(key, (HealthState.DEGRADED, _text(reason)))

    def failed(self, key: str, reason: str | Text) -> None:
        """Reports that the service cannot do its job, until :meth:`ok` is called for ``key``."""
        self._set(key, (HealthState.FAILED, _text(reason)))

    def ok(self, key: str) -> None:
        """Ends the report under ``key``."""
        self._set(key, None)

    def snapshot(self) -> Health:
        """The report as it stands."""
        ordered = sorted(self._problems.values(), key=lambda p: -_SEVERITY.index(p[0]))
        return Health(
            state=self.state,
            reasons=tuple(text.en for _, text in ordered),
            texts=tuple(text for _, text in ordered),
            since=self._since,
            at=self._clock.now(),
            version=self._version,
        )

    def _set(self, key: str, problem: tuple[HealthState, Text] | None) -> None:
        if self._problems.get(key) == problem:
            return
        before = self.state
        if problem is None:
            del self._problems[key]
        else:
            self._problems[key] = problem
        if self.state is not before:
            self._since = self._clock.now()
        self._on_change(self.snapshot())


def _text(reason: str | Text) -> Text:
    """``reason`` in every language; words of the code are English in all of them."""
    if isinstance(reason, str):
        return Text(en=reason, de=reason, nl=reason)
    return reason if reason.nl is not None else reason.model_copy(update={"nl": reason.en})
