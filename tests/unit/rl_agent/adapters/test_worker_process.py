"""A night's work in a process of its own."""

import asyncio
import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from ems.contract.site import Rate
from ems.runtime.errors import TransientError
from rl_agent.adapters.model_files import ModelFiles
from rl_agent.adapters.worker_process import run_night
from rl_agent.domain.home_world import Ahead
from rl_agent.domain.judge.lives import Stored
from rl_agent.domain.night import NightJob, NightResult
from support.learning import TERMS, measured

SLOW, QUICK = ("-m", "support.stub_worker", "0.05", "1000"), ("-m", "support.stub_worker", "0", "2")


def job() -> NightJob:
    columns = measured(8)
    hour = timedelta(hours=1)
    rates = tuple(Rate(start=columns.end + n * hour, end=columns.end + (n + 1) * hour, value=0.3) for n in range(24))
    ahead = Ahead(buy=rates, departures=(columns.end + hour,))
    now = columns.end + timedelta(minutes=1)
    return NightJob(columns, TERMS, ("battery",), now, ahead, judged_until=now.date(), stored={"plan": Stored(4.5)})


async def worked(folder: Path, program: tuple[str, ...], told: list[float]) -> NightResult:
    return await run_night(job(), folder, lambda _, share: told.append(share), pytest.fail, program)


def children() -> list[int]:
    """The process ids of our own children."""
    return [int(pid) for pid in Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()]


async def test_what_was_learnt_comes_back_and_progress_is_told_on_the_way(tmp_path: Path) -> None:
    told: list[float] = []
    result = await worked(tmp_path, QUICK, told)
    assert result.trainings["apprentice"].trained.facts == {"episodes": 2}
    assert list(result.trainings["apprentice"].trained.arrays["days"]) == [0, 1, 2]
    assert told[-1] == 1.0


async def test_a_worker_that_is_killed_loses_at_most_the_running_episode(tmp_path: Path) -> None:
    told: list[float] = []
    before = set(children())
    work = asyncio.create_task(worked(tmp_path, SLOW, told))
    async with asyncio.timeout(60):
        while len(told) < 3:  # noqa: ASYNC110  it is another process
            await asyncio.sleep(0.01)
    (pid,) = set(children()) - before
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(TransientError, match="ended with status -9"):
        await work
    kept = ModelFiles(tmp_path, pytest.fail).load_partial("apprentice")
    assert kept is not None
    assert len(told) <= int(kept.facts["episodes"]) <= len(told) + 1
    result = await worked(tmp_path, QUICK, [])
    assert result.trainings["apprentice"].trained.facts["episodes"] == int(kept.facts["episodes"]) + 2


async def test_when_the_service_is_stopped_the_work_ends_with_it(tmp_path: Path) -> None:
    told: list[float] = []
    before = set(children())
    work = asyncio.create_task(worked(tmp_path, SLOW, told))
    async with asyncio.timeout(60):
        while not told:  # noqa: ASYNC110  it is another process
            await asyncio.sleep(0.01)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert set(children()) == before


async def test_a_worker_that_breaks_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(TransientError, match="ended with status 1: ModuleNotFoundError: No module named 'nowhere'"):
        await worked(tmp_path, ("-c", "import nowhere"), [])


async def test_what_cannot_be_read_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(TransientError, match="cannot be read"):
        await worked(tmp_path, ("-c", "print('hello')"), [])


async def test_a_home_without_prices_is_told_in_words(tmp_path: Path) -> None:
    columns = measured(8)
    columns.values[3] = float("nan")
    work = NightJob(columns, TERMS, ("battery",), columns.end)
    with pytest.raises(TransientError, match="no slot with load and price"):
        await run_night(work, tmp_path, lambda *_: None, pytest.fail, QUICK)
