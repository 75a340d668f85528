"""Clocks for tests."""

import asyncio
from datetime import datetime, timedelta


class StandingClock:
    """A clock that shows what it is told."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment
        self.set_by = timedelta()
        """How far somebody has set the wall clock away from the time that has passed."""

    def now(self) -> datetime:
        return self.moment + self.set_by

    def monotonic(self) -> float:
        return self.moment.timestamp()

    def steady(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)

    def timeout(self, seconds: float | None) -> asyncio.Timeout:
        return asyncio.timeout(seconds)

    def advance(self, seconds: float) -> None:
        """Lets time pass."""
        self.moment += timedelta(seconds=seconds)

    def set_wall_clock(self, seconds: float) -> None:
        """Somebody sets the wall clock forward, or back by a negative number; no time passes."""
        self.set_by += timedelta(seconds=seconds)


class NeverSet:
    """The same clock as evcc and the house live by it: Go measures what lasts on a time that nobody sets."""

    def __init__(self, clock: StandingClock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.steady()

    def steady(self) -> datetime:
        return self._clock.steady()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)

    def timeout(self, seconds: float | None) -> asyncio.Timeout:
        return self._clock.timeout(seconds)
