"""The measured past: evcc-poller's word counts, an InfluxDB tells what was before it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, override

import pytest

from ems.contract.message import Command, Message
from ems.contract.requests import History, HistoryGet, HistoryRow
from ems.contract.topic import Topic
from ems.runtime.errors import PermanentError, TransientError
from rl_agent.domain.columns import Column
from rl_agent.history_keeper import ASK_AGAIN, HistoryKeeper
from support.clocks import StandingClock
from support.learning import QUARTER, START, measured_rows
from support.quiet_bus import QuietBus

NOW = START + timedelta(days=40, minutes=7)
POLLED_SINCE = START + timedelta(days=38)


class BusWithTwoDays(QuietBus):
    """evcc-poller has measured for two days."""

    @override
    async def request(self, topic: Topic[Any], message: Command, *, timeout_s: float = 10, **names: str) -> Message:
        assert isinstance(message, HistoryGet)
        since = max(message.start, POLLED_SINCE)
        until = min(message.end, since + 900 * QUARTER)
        return History(rows=tuple(measured_rows(since, until)), next=until if until + QUARTER <= message.end else None)


@dataclass
class Influx:
    """Every home_power is 7 W there."""

    error: Exception | None = None
    asked: list[tuple[datetime, datetime]] = field(default_factory=list)

    async def rows(self, start: datetime, end: datetime) -> AsyncIterator[tuple[HistoryRow, ...]]:
        self.asked.append((start, end))
        if self.error is not None:
            raise self.error
        slots = [start + n * QUARTER for n in range((end - start) // QUARTER)]
        for part in (slots[2000:], slots[:2000]):
            yield tuple(HistoryRow(start=at, seconds=900, coverage_s=900, home_w=7) for at in part)


def keeper(influx: Influx) -> tuple[HistoryKeeper, QuietBus]:
    bus = BusWithTwoDays(StandingClock(NOW))
    return HistoryKeeper(bus, 30, None, influx), bus


async def test_an_influxdb_tells_what_was_before_evcc_poller() -> None:
    influx = Influx()
    history, _ = keeper(influx)
    assert await history.refresh(NOW)
    measured = history.measured
    assert measured.known_days == pytest.approx(30, abs=0.02)
    load, polled = measured.values[Column.LOAD_KW], (POLLED_SINCE - measured.start) // QUARTER
    assert (load[:polled] == 0.007).all()
    assert (load[polled:] > 0.1).all()


async def test_it_is_asked_once() -> None:
    influx = Influx()
    history, _ = keeper(influx)
    await history.refresh(NOW)
    await history.refresh(NOW + 2 * ASK_AGAIN)
    assert len(influx.asked) == 1


@pytest.mark.parametrize("error", [TransientError("not reached"), PermanentError("answers 401")])
async def test_an_influxdb_that_does_not_tell_is_said_and_asked_again(error: Exception) -> None:
    influx = Influx(error)
    history, bus = keeper(influx)
    assert await history.refresh(NOW)
    assert history.measured.known_days == pytest.approx(2, abs=0.02)
    assert f"InfluxDB tells no history: {error}" in bus.health.snapshot().reasons
    await history.refresh(NOW + QUARTER)
    assert len(influx.asked) == 1
    influx.error = None
    await history.refresh(NOW + ASK_AGAIN)
    assert history.measured.known_days == pytest.approx(30, abs=0.1)
    assert bus.health.snapshot().reasons == ()
