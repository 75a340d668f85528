"""Clocks for tests."""

import asyncio
from datetime import datetime, timedelta


class StandingClock:
    """A clock that shows what it is told."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)

    def timeout(self, seconds: float | None) -> asyncio.Timeout:
        return asyncio.timeout(seconds)

    def advance(self, seconds: float) -> None:
        """Lets time pass."""
        self.moment += timedelta(seconds=seconds)
