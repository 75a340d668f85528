"""Time is handed in: the machine's, or a faster one that processes share."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest

from ems.runtime.clock import VARIABLE, AcceleratedClock, SystemClock, clock_from_environment
from support.patience import in_time

MORNING = datetime(2026, 11, 21, 6, tzinfo=UTC)


def test_the_machines_clock_is_aware_and_in_utc() -> None:
    now = SystemClock().now()
    assert now.utcoffset() == timedelta(0)
    assert abs(now.timestamp() - time.time()) < 5


async def test_an_hour_of_a_fast_clock_passes_in_a_moment() -> None:
    clock = AcceleratedClock(time.time(), MORNING.timestamp(), 36_000)
    began_s, before_s = time.monotonic(), clock.monotonic()
    await clock.sleep(3600)
    assert 0.09 < time.monotonic() - began_s < in_time(2)
    assert clock.monotonic() - before_s >= 3600 * 0.99
    assert clock.now() >= MORNING + timedelta(hours=0.99)


async def test_a_limit_of_a_fast_clock_comes_early() -> None:
    clock = AcceleratedClock(time.time(), MORNING.timestamp(), 36_000)
    with pytest.raises(TimeoutError):
        async with clock.timeout(3600):
            await asyncio.sleep(30)


def test_another_process_shares_the_clock_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = AcceleratedClock(time.time() - 10, MORNING.timestamp(), 60)
    monkeypatch.setenv(VARIABLE, ours.variable())
    theirs = clock_from_environment()
    assert abs(theirs.now() - ours.now()) < timedelta(seconds=30)
    assert ours.now() - MORNING > timedelta(minutes=9)


def test_without_the_variable_it_is_the_machines_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert isinstance(clock_from_environment(), SystemClock)


@pytest.mark.parametrize("text", ["fast", "1,2", "1,2,three", "1,2,3,4"])
def test_a_variable_that_is_no_clock_is_said(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(ValueError, match="three numbers"):
        clock_from_environment()


def test_a_clock_that_stands_still_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        AcceleratedClock(0, 0, 0)


def test_setting_the_wall_clock_does_not_move_steady_time() -> None:
    clock = SystemClock()
    before, wall = clock.steady(), time.time()
    assert abs((clock.steady() - clock.now()).total_seconds()) < 1
    with mock.patch("ems.runtime.clock.datetime") as moved:
        moved.now.return_value = datetime.fromtimestamp(wall + 3600, UTC)
        assert clock.now().timestamp() == pytest.approx(wall + 3600)
        assert timedelta(0) <= clock.steady() - before < timedelta(seconds=60)
