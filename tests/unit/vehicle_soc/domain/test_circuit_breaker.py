"""After a failure: when to try again, and who may."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ems.contract.vehicle import ProblemKind
from vehicle_soc.domain.circuit_breaker import (
    CLOSED,
    FIRST_WAIT,
    MAX_WAIT,
    failed,
    lets_through,
)
from vehicle_soc.domain.wording.problems import Unreachable

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WHY = Unreachable("Renault", status=502)


@given(st.sampled_from(ProblemKind), st.integers(1, 60), st.floats(0, 1))
def test_each_failure_waits_longer_up_to_a_limit(kind: ProblemKind, times: int, jitter: float) -> None:
    circuit = CLOSED
    for _ in range(times):
        circuit = failed(circuit, kind, WHY, NOW, jitter)
    assert circuit.retry_at is not None
    wait = circuit.retry_at - NOW
    assert FIRST_WAIT[kind] / 2 <= wait <= MAX_WAIT[kind] * 1.1
    assert (circuit.failures, circuit.since) == (times, NOW)


def test_another_kind_of_failure_begins_anew() -> None:
    circuit = failed(failed(CLOSED, ProblemKind.TRANSIENT, WHY, NOW, 1), ProblemKind.QUOTA, WHY, NOW + HOUR, 0)
    assert (circuit.failures, circuit.since, circuit.retry_at) == (1, NOW + HOUR, NOW + HOUR + 15 * MINUTE)


def test_a_person_passes_everything_but_a_quota() -> None:
    for kind in ProblemKind:
        circuit = failed(CLOSED, kind, WHY, NOW, 1)
        assert lets_through(circuit, NOW, person=True) == (kind is not ProblemKind.QUOTA)
        assert not lets_through(circuit, NOW, person=False)
