"""A clock on which a week passes as fast as the work in it gets done; only for work without real IO."""

import asyncio
import heapq
import itertools
from collections.abc import Callable
from datetime import datetime, timedelta


class VirtualClock:
    """Time stands still while anybody works, and jumps to the next moment that somebody waits for."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._waiting: list[tuple[datetime, int, Callable[[], None]]] = []
        self._numbers = itertools.count()

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._now.timestamp()

    def steady(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        over = asyncio.get_running_loop().create_future()
        self.at(self._now + timedelta(seconds=seconds), lambda: None if over.done() else over.set_result(None))
        await over

    def timeout(self, seconds: float | None) -> asyncio.Timeout:
        timeout = asyncio.timeout(None)
        task = asyncio.current_task()

        def over() -> None:
            # Only while it is being waited in; a timeout that was left cannot be rescheduled.
            state = timeout._state.value  # type: ignore[attr-defined]  # the only way to tell
            if state == "active" and task is not None and not task.done():
                timeout.reschedule(asyncio.get_running_loop().time())

        if seconds is not None:
            self.at(self._now + timedelta(seconds=seconds), over)
        return timeout

    def at(self, moment: datetime, what: Callable[[], None]) -> None:
        """Does ``what`` when ``moment`` comes."""
        heapq.heappush(self._waiting, (moment, next(self._numbers), what))

    async def pass_until(self, end: datetime) -> None:
        """Lets time pass."""
        await self.settle()
        while self._waiting and self._waiting[0][0] <= end:
            moment, _, what = heapq.heappop(self._waiting)
            self._now = max(self._now, moment)
            what()
            await self.settle()
        self._now = end

    @staticmethod
    async def settle() -> None:
        """Lets everybody work who can; a fired timeout needs a few rounds of the loop."""
        for _ in range(12):
            await asyncio.sleep(0)
