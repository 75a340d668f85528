"""After a failure: what kind it was, since when, and when to try again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from ems.contract.vehicle import ProblemKind
from ems.i18n.kept import by_kind
from vehicle_soc.domain.wording.problems import PROBLEMS, Problem

FIRST_WAIT = {
    ProblemKind.TRANSIENT: timedelta(minutes=2),
    ProblemKind.QUOTA: timedelta(minutes=15),
    ProblemKind.AUTH_REQUIRED: timedelta(hours=24),
    ProblemKind.PERMANENT: timedelta(hours=24),
}
"""The wait after the first failure of a kind; it doubles with each further one."""
MAX_WAIT = {
    ProblemKind.TRANSIENT: timedelta(hours=4),
    ProblemKind.QUOTA: timedelta(hours=12),
    ProblemKind.AUTH_REQUIRED: timedelta(hours=24),
    ProblemKind.PERMANENT: timedelta(hours=24),
}
"""The longest wait after a failure of a kind."""
ENDS_BY_ITSELF = frozenset({ProblemKind.TRANSIENT, ProblemKind.QUOTA})
"""Problems for which nobody has to do anything: the source is asked again."""
ACCOUNT_WIDE = frozenset({ProblemKind.AUTH_REQUIRED, ProblemKind.QUOTA})
"""Problems that all cars of an account share; the others are one car's own."""


@dataclass(frozen=True, slots=True)
class Circuit:
    """Open after a failure, until ``retry_at``; ``kind`` None means closed: all is well."""

    kind: ProblemKind | None = None
    reason: Annotated[Problem | None, *by_kind(*PROBLEMS, optional=True)] = None
    since: datetime | None = None
    failures: int = 0
    retry_at: datetime | None = None


CLOSED = Circuit()


def failed(before: Circuit, kind: ProblemKind, reason: Problem, now: datetime, jitter: float) -> Circuit:
    """The circuit after one more failure.

    Args:
        before: the circuit until now.
        kind: what kind of failure it was.
        reason: what the owner must know, or do.
        now: the moment of the failure.
        jitter: 0 to 1, random; the wait is between its half and its whole, so that many clients do not come in step.
    """
    again = before.kind is kind
    failures = before.failures + 1 if again else 1
    wait = min(FIRST_WAIT[kind] * 2 ** min(failures - 1, 10), MAX_WAIT[kind])
    if kind in {ProblemKind.TRANSIENT, ProblemKind.QUOTA}:
        # A quota's pause is never shortened: coming back early prolongs it.
        wait = wait * (0.5 + jitter / 2) if kind is ProblemKind.TRANSIENT else wait * (1 + jitter / 10)
    return Circuit(kind, reason, before.since if again else now, failures, now + wait)


def lets_through(circuit: Circuit, now: datetime, *, person: bool) -> bool:
    """Whether a try is allowed; a person who asks passes everything but a quota (what was wrong may be mended)."""
    if circuit.retry_at is None or now >= circuit.retry_at:
        return True
    return person and circuit.kind is not ProblemKind.QUOTA
