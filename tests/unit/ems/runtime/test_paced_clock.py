"""A fast clock that one process slows down for all of them."""

import asyncio
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ems.runtime.clock import VARIABLE, clock_from_environment
from ems.runtime.paced_clock import PacedClock
from support.patience import PATIENCE_S

MORNING = datetime(2026, 11, 21, 6, tzinfo=UTC)


@pytest.fixture
def clock(tmp_path: Path) -> PacedClock:
    return PacedClock.create(tmp_path / "clock", MORNING, 36_000)


async def test_it_runs_as_the_machines_clock_until_it_is_sped_up(clock: PacedClock) -> None:
    began_s, before = time.monotonic(), clock.now()
    await asyncio.sleep(0.05)
    assert (clock.now() - before).total_seconds() <= time.monotonic() - began_s
    clock.speed_up()
    await asyncio.sleep(0.05)
    assert clock.now() - before > timedelta(minutes=29)


async def test_slowed_down_it_goes_on_from_where_it_stood(clock: PacedClock) -> None:
    clock.speed_up()
    await asyncio.sleep(0.02)
    before = clock.now()
    clock.slow_down()
    after, began_s = clock.now(), time.monotonic()
    assert before <= after
    await asyncio.sleep(0.02)
    assert (clock.now() - after).total_seconds() <= time.monotonic() - began_s + 0.001


async def test_who_sleeps_while_it_is_slowed_down_wakes_by_its_time(clock: PacedClock) -> None:
    clock.speed_up()
    began = clock.monotonic()
    sleeper = asyncio.create_task(clock.sleep(3600))
    await asyncio.sleep(0.01)
    clock.slow_down()
    await asyncio.sleep(0.3)
    assert not sleeper.done(), "an hour is not over"
    clock.speed_up()
    await sleeper
    assert clock.monotonic() - began >= 3600


async def test_a_time_limit_waits_while_it_is_slowed_down(clock: PacedClock) -> None:
    over = asyncio.Event()

    async def limited() -> None:
        with pytest.raises(TimeoutError):
            async with clock.timeout(3600):
                await asyncio.sleep(60)
        over.set()

    task = asyncio.create_task(limited())
    await asyncio.sleep(0.3)
    assert not over.is_set()
    clock.speed_up()
    await asyncio.wait_for(task, timeout=PATIENCE_S)
    assert over.is_set()


async def test_a_time_limit_that_was_kept_does_nothing_later(clock: PacedClock) -> None:
    clock.speed_up()
    async with clock.timeout(360):
        pass
    await asyncio.sleep(0.1)
    async with clock.timeout(None):
        await clock.sleep(1)


def test_another_process_sees_the_same_time(clock: PacedClock) -> None:
    program = "from ems.runtime.clock import clock_from_environment as c; print(c().now().timestamp())"
    clock.speed_up()
    before = clock.now().timestamp()
    theirs = subprocess.run(
        [sys.executable, "-c", program], env={VARIABLE: str(clock.file)}, capture_output=True, text=True, check=True
    )
    assert before < float(theirs.stdout) < clock.now().timestamp()


def test_a_file_that_is_no_clock_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "clock").write_text("soon")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "clock"))
    with pytest.raises(ValueError, match="is not a clock's file"):
        clock_from_environment()


def test_a_clock_that_stands_still_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="above 0"):
        PacedClock.create(tmp_path / "clock", MORNING, 0)
