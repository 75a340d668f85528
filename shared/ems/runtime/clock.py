"""Time as a parameter, so that a day can pass in five minutes."""

import asyncio
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from ems.runtime.paced_clock import PacedClock

VARIABLE = "EMS_DEV_CLOCK"
"""Development only: the file of a paced clock, or ``<real epoch>,<simulated epoch>,<speed>``, for all processes."""


class Clock(Protocol):
    """Where the time comes from. Durations are in the clock's own seconds."""

    def now(self) -> datetime:
        """The moment, aware, UTC."""

    def monotonic(self) -> float:
        """Seconds that never go back."""

    def steady(self) -> datetime:
        """A moment that agrees with :meth:`now` when the process starts, and that no setting of the clock moves.

        What lasts (a lease, a pause, the age of what was seen) is measured between two of these; what people and other
        services read is told in :meth:`now`.
        """

    async def sleep(self, seconds: float) -> None:
        """Waits for ``seconds`` of this clock."""

    def timeout(self, seconds: float | None) -> asyncio.Timeout:
        """``asyncio.timeout`` after ``seconds`` of this clock; None never ends."""


class SystemClock:
    """The machine's clock."""

    def __init__(self) -> None:
        self._started = datetime.now(UTC)
        self._started_monotonic = time.monotonic()

    def now(self) -> datetime:
        """See :class:`Clock`."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """See :class:`Clock`."""
        return time.monotonic()

    def steady(self) -> datetime:
        """See :class:`Clock`."""
        return self._started + timedelta(seconds=time.monotonic() - self._started_monotonic)

    async def sleep(self, seconds: float) -> None:
        """See :class:`Clock`."""
        await asyncio.sleep(seconds)

    def timeout(self, seconds: float | None) -> asyncio.Timeout:
        """See :class:`Clock`."""
        return asyncio.timeout(seconds)


class AcceleratedClock:
    """Runs ``speed`` times faster from ``simulated`` on, which is the moment when the real clock showed ``real``."""

    def __init__(self, real: float, simulated: float, speed: float) -> None:
        if speed <= 0:
            raise ValueError("the speed of a clock must be above 0")
        self._real, self._simulated, self.speed = real, simulated, speed
        # The wall clock may be set while we run; after the start only the monotonic one counts.
        self._anchor = time.monotonic() - (time.time() - real)

    def now(self) -> datetime:
        """See :class:`Clock`."""
        return datetime.fromtimestamp(self._simulated + self.monotonic(), UTC)

    def monotonic(self) -> float:
        """See :class:`Clock`."""
        return (time.monotonic() - self._anchor) * self.speed

    def steady(self) -> datetime:
        """See :class:`Clock`."""
        return self.now()

    async def sleep(self, seconds: float) -> None:
        """See :class:`Clock`."""
        await asyncio.sleep(seconds / self.speed)

    def timeout(self, seconds: float | None) -> asyncio.Timeout:
        """See :class:`Clock`."""
        return asyncio.timeout(None if seconds is None else seconds / self.speed)

    def variable(self) -> str:
        """The value of ``EMS_DEV_CLOCK`` that makes another process share this clock."""
        return f"{self._real!r},{self._simulated!r},{self.speed!r}"


def clock_from_environment() -> Clock:
    """The machine's clock, or the accelerated one that ``EMS_DEV_CLOCK`` describes.

    Raises:
        ValueError: the variable is there but neither three numbers nor a clock's file.
        OSError: the clock's file cannot be opened.
    """
    text = os.environ.get(VARIABLE)
    if not text:
        return SystemClock()
    if text.startswith("/"):
        return PacedClock(Path(text))
    try:
        real, simulated, speed = (float(part) for part in text.split(","))
    except ValueError:
        raise ValueError(f"{VARIABLE} must be three numbers: real epoch, simulated epoch, speed") from None
    return AcceleratedClock(real, simulated, speed)
