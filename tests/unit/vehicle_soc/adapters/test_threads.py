"""Blocking calls beside the event loop."""

import asyncio
import threading
import time

import pytest

from support.patience import PATIENCE_S
from vehicle_soc.adapters.threads import MAX_STUCK, AccountThread, Stuck


async def test_a_call_returns_or_raises_what_it_did() -> None:
    thread = AccountThread("t")
    assert await thread.run(lambda: 5, 1) == 5
    with pytest.raises(ZeroDivisionError):
        await thread.run(lambda: 1 // 0, 1)
    with pytest.raises(TimeoutError, match="its own"):
        await thread.run(_times_out, 1)


def _times_out() -> None:
    raise TimeoutError("its own")


async def test_stuck_calls_are_counted_and_end_the_tries_until_one_returns() -> None:
    thread, go = AccountThread("t"), threading.Event()
    for _ in range(MAX_STUCK):
        with pytest.raises(Stuck):
            await thread.run(go.wait, 0.02)
    with pytest.raises(Stuck, match="hang"):
        await thread.run(lambda: 5, 1)
    go.set()
    async with asyncio.timeout(PATIENCE_S):
        while thread.stuck:
            await asyncio.to_thread(time.sleep, 0.01)
    assert await thread.run(lambda: 5, 1) == 5


async def test_one_account_makes_one_call_at_a_time() -> None:
    thread, running, most = AccountThread("t"), 0, 0

    def call() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.02)
        running -= 1

    await asyncio.gather(*(thread.run(call, 5) for _ in range(5)))
    assert most == 1
