"""A fast clock that several processes share, and that one of them can slow down to the machine's own speed."""

import asyncio
import mmap
import struct
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Self

_RECORD = struct.Struct("<dddd")
_FILE_BYTES = 1 + 2 * _RECORD.size
"""Which of two records holds, then both: the one that does not hold is written, then the first byte changes."""
_LOOK_S = 0.01
"""Shortest time between two looks of somebody who waits, in real seconds."""


class _Record(NamedTuple):
    """The machine's monotonic clock showed ``real_s`` when this one showed ``epoch_s``; since then it has one speed."""

    real_s: float
    epoch_s: float
    full_speed: float
    speed: float

    def epoch_now_s(self) -> float:
        return self.epoch_s + (time.monotonic() - self.real_s) * self.speed


class PacedClock:
    """Runs faster than the machine's clock, or just as fast for a while; all who open its file agree.

    The file belongs to one machine and one boot: it rests on the monotonic clock that the machine's processes share.
    """

    def __init__(self, file: Path) -> None:
        """Opens a clock that :meth:`create` made.

        Raises:
            ValueError: the file is not a clock.
            OSError: it cannot be opened.
        """
        with file.open("r+b") as opened:
            if file.stat().st_size != _FILE_BYTES:
                raise ValueError(f"{file} is not a clock's file")
            self._shared = mmap.mmap(opened.fileno(), _FILE_BYTES)
        self.file = file
        self._start_s = self._record().epoch_s

    @classmethod
    def create(cls, file: Path, start: datetime, speed: float) -> Self:
        """A clock in a new file that shows ``start``, slow until :meth:`speed_up`.

        Raises:
            ValueError: the speed is not above 0.
        """
        if speed <= 0:
            raise ValueError("the speed of a clock must be above 0")
        record = _RECORD.pack(time.monotonic(), start.timestamp(), speed, min(speed, 1.0))
        file.write_bytes(b"\0" + record + record)
        return cls(file)

    def slow_down(self) -> None:
        """From now on it runs as the machine's clock does, for everybody."""
        self._set(min(self._record().full_speed, 1.0))

    def speed_up(self) -> None:
        """From now on it runs at its full speed, for everybody."""
        self._set(self._record().full_speed)

    def now(self) -> datetime:
        """See :class:`ems.runtime.clock.Clock`."""
        return datetime.fromtimestamp(self._record().epoch_now_s(), UTC)

    def monotonic(self) -> float:
        """See :class:`ems.runtime.clock.Clock`."""
        return self._record().epoch_now_s() - self._start_s

    def steady(self) -> datetime:
        """See :class:`ems.runtime.clock.Clock`."""
        return self.now()

    async def sleep(self, seconds: float) -> None:
        """See :class:`ems.runtime.clock.Clock`."""
        end, real_s = self.monotonic() + seconds, self._real_s(seconds)
        while real_s > 0:
            await asyncio.sleep(real_s)
            left_s = end - self.monotonic()
            real_s = max(self._real_s(left_s), _LOOK_S) if left_s > 0 else 0

    def timeout(self, seconds: float | None) -> asyncio.Timeout:
        """See :class:`ems.runtime.clock.Clock`."""
        timeout = asyncio.timeout(None)
        if seconds is not None:
            self._look_after(self._real_s(seconds), timeout, self.monotonic() + seconds)
        return timeout

    def _look_after(self, real_s: float, timeout: asyncio.Timeout, end: float) -> None:
        loop = asyncio.get_running_loop()

        def look() -> None:
            if (left_s := end - self.monotonic()) > 0:
                self._look_after(max(self._real_s(left_s), _LOOK_S), timeout, end)
                return
            try:
                timeout.reschedule(loop.time())
            except RuntimeError:
                return  # what it limited is over

        loop.call_later(max(real_s, 0), look)

    def _real_s(self, seconds: float) -> float:
        return seconds / self._record().full_speed

    def _record(self) -> _Record:
        return _Record(*_RECORD.unpack_from(self._shared, 1 + self._shared[0] * _RECORD.size))

    def _set(self, speed: float) -> None:
        now = self._record()
        moment = _RECORD.pack(time.monotonic(), now.epoch_now_s(), now.full_speed, speed)
        other = 1 - self._shared[0]
        self._shared[1 + other * _RECORD.size : 1 + (other + 1) * _RECORD.size] = moment
        self._shared[0] = other
