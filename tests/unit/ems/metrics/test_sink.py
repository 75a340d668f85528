"""The metrics sink: bounded, patient with a server that is away, done with what is refused; 2.x by a strict fake."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Self, override

import pytest
from pydantic import ValidationError

from ems.contract.service import HealthState
from ems.metrics.errors import FieldConflict
from ems.metrics.settings import InfluxSettings
from ems.metrics.sink import BATCH, CONFLICT_RETRY, SPOOL_POINTS, Metrics, line_protocol
from ems.runtime.errors import PermanentError, TransientError
from ems.runtime.health import HealthReport
from support.clocks import StandingClock
from support.metrics import AT, record, running, until


class Ledger:
    """A server that keeps what it is given, and answers as it is told; the last answer stays."""

    def __init__(self, *answers: Exception | None) -> None:
        self.lines: list[str] = []
        self.asked = 0
        self.answers = list(answers)
        self.written = asyncio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def write(self, lines: Sequence[str]) -> None:
        self.asked += 1
        answer = self.answers.pop(0) if self.answers else None
        if answer:
            raise answer
        self.lines += lines
        self.written.set()


def sink(server: Ledger) -> Metrics:
    clock = StandingClock(AT)
    return Metrics(server, clock, HealthReport(clock, "test", lambda _: None))


def test_a_line_has_floats_only_and_its_time_in_seconds() -> None:
    fields = {"battery_soc": 55, "grid_power": -120.5, "ev_soc": None}
    assert (
        line_protocol("Smartprice", fields, AT) == f"Smartprice battery_soc=55,grid_power=-120.5 {AT.timestamp():.0f}"
    )


def test_nothing_measured_is_no_line() -> None:
    assert line_protocol("Smartprice", {"ev_soc": None}, AT) is None


async def test_what_was_recorded_before_a_stop_is_written_at_the_stop() -> None:
    server = Ledger()
    metrics = sink(server)
    async with running(metrics):
        record(metrics, 1, 2)
    assert [line.split()[1] for line in server.lines] == ["home_power=1", "home_power=2"]
    assert metrics.waiting == 0


async def test_a_server_that_is_away_loses_nothing() -> None:
    server = Ledger(TransientError("not reached"), TransientError("not reached"))
    metrics = sink(server)
    async with running(metrics):
        record(metrics, 1)
        await until(lambda: server.asked >= 1)
        record(metrics, 2, 3)
        await server.written.wait()
        await until(lambda: not metrics.waiting)
    assert [line.split()[1] for line in server.lines] == [f"home_power={i}" for i in (1, 2, 3)]
    assert metrics.lost == 0


async def test_an_outage_is_said_and_so_is_its_end() -> None:
    server = Ledger(TransientError("not reached: refused"))
    clock = StandingClock(AT)
    said: list[tuple[HealthState, tuple[str, ...]]] = []
    metrics = Metrics(server, clock, HealthReport(clock, "test", lambda h: said.append((h.state, h.reasons))))
    async with running(metrics):
        record(metrics, 1)
        await server.written.wait()
        await until(lambda: not metrics.waiting)
    assert said == [
        (HealthState.DEGRADED, ("InfluxDB: not reached: refused; 1 points wait, 0 were lost",)),
        (HealthState.OK, ()),
    ]


async def test_what_is_refused_is_dropped_and_counted() -> None:
    server = Ledger(PermanentError("answers 400: field type conflict"))
    metrics = sink(server)
    async with running(metrics):
        record(metrics, 1)
        await until(lambda: metrics.lost == 1)
        record(metrics, 2)
        await server.written.wait()
    assert [line.split()[1] for line in server.lines] == ["home_power=2"]
    assert metrics.waiting == 0


async def test_the_spool_is_bounded_and_loses_the_oldest() -> None:
    metrics = sink(Ledger())
    record(metrics, *range(SPOOL_POINTS + 5))
    assert (metrics.waiting, metrics.lost) == (SPOOL_POINTS, 5)


async def test_a_full_spool_is_written_in_batches() -> None:
    server = Ledger()
    metrics = sink(server)
    record(metrics, *range(BATCH * 2 + 1))
    async with running(metrics):
        await until(lambda: not metrics.waiting)
    assert server.asked == 3
    assert len(server.lines) == BATCH * 2 + 1


async def test_what_overflows_during_a_write_is_not_taken_for_written() -> None:
    class Slow(Ledger):
        @override
        async def write(self, lines: Sequence[str]) -> None:
            await super().write(lines)
            if self.asked == 1:
                record(metrics, *range(3))  # three of this batch fall out of the front

    server = Slow()
    metrics = sink(server)
    for i in range(SPOOL_POINTS):
        metrics.record("m", {"v": i}, AT)
    async with running(metrics):
        await until(lambda: not metrics.waiting)
    numbers = [line.split()[1] for line in server.lines if line.startswith("m ")]
    assert numbers == [f"v={i}" for i in range(SPOOL_POINTS)]


WRONG = {
    "no version": ({"database": "smartload"}, "version"),
    "an unknown version": ({"version": 3}, "1 or 2"),
    "no database": ({"version": 1}, "version 1 needs database"),
    "no token": ({"version": 2, "org": "home", "bucket": "b"}, "version 2 needs token_credential"),
    "keys of the other version": ({"version": 1, "database": "b", "org": "home"}, "org is for version 2"),
    "a password without a name": (
        {"version": 1, "database": "b", "password_credential": "influx"},
        "password_credential needs a username",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_the_version_is_explicit_and_each_has_its_own_keys(case: str) -> None:
    given, words = WRONG[case]
    with pytest.raises(ValidationError, match=words):
        InfluxSettings.model_validate(given)


async def test_a_conflict_is_forgotten_after_a_while_because_shards_end() -> None:
    server = Ledger(FieldConflict("home_power", "integer"))
    clock = StandingClock(AT)
    health = HealthReport(clock, "test", lambda _: None)
    metrics = Metrics(server, clock, health)
    async with running(metrics):
        metrics.record("m", {"home_power": 1, "pv": 1}, AT)
        await until(lambda: len(server.lines) == 1)
        metrics.record("m", {"home_power": 2, "pv": 2}, AT)
        await until(lambda: len(server.lines) == 2)
        clock.moment += CONFLICT_RETRY + timedelta(seconds=1)
        metrics.record("m", {"home_power": 3, "pv": 3}, AT)
        await until(lambda: len(server.lines) == 3)
    assert [("home_power" in line) for line in server.lines] == [False, False, True]
    assert health.state is HealthState.OK
