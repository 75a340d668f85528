"""Work until a signal: cancelled in order, its own result or error otherwise."""

import asyncio
import os
import signal

import pytest

from ems.runtime.signals import until_signal


async def test_work_that_ends_by_itself_gives_its_result() -> None:
    assert await until_signal(asyncio.sleep(0, "done"), signal.SIGUSR1) == "done"


async def test_work_that_fails_raises_its_own_error() -> None:
    async def fail() -> None:
        raise OSError("no disk")

    with pytest.raises(OSError, match="no disk"):
        await until_signal(fail(), signal.SIGUSR1)


async def test_a_signal_cancels_the_work_which_may_tidy_up() -> None:
    tidied: list[bool] = []

    async def work() -> None:
        os.kill(os.getpid(), signal.SIGUSR1)
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.01)
            tidied.append(True)

    with pytest.raises(asyncio.CancelledError):
        await until_signal(work(), signal.SIGUSR1)
    assert tidied == [True]


@pytest.mark.parametrize(("stop_within_s", "tidied"), [(None, False), (10.0, True)])
async def test_a_second_signal_cuts_tidying_up_short_only_where_nothing_else_would(
    stop_within_s: float | None, tidied: bool
) -> None:
    done: list[bool] = []

    async def work() -> None:
        os.kill(os.getpid(), signal.SIGUSR1)
        try:
            await asyncio.sleep(60)
        finally:
            os.kill(os.getpid(), signal.SIGUSR1)
            await asyncio.sleep(0.1)
            done.append(True)

    with pytest.raises(asyncio.CancelledError):
        await until_signal(work(), signal.SIGUSR1, stop_within_s=stop_within_s)
    assert done == [True] * tidied
