"""Makes the writes of a handover and reports failures under one health key."""

from collections.abc import Awaitable
from enum import Enum, auto

from ems.i18n.health import troubles
from ems.runtime.errors import PermanentError, TransientError
from ems.runtime.health import HealthReport
from evcc_poller.adapters.errors import NoSuchRoute


class WriteAnswer(Enum):
    """How evcc answered a write."""

    YES = auto()
    NO = auto()
    NOT_THERE = auto()
    """A no: evcc has no such vehicle or function."""
    NONE = auto()
    """Lost: it may be done or not."""


class HandoverWriter:
    """One health key for all writes of a kind."""

    def __init__(self, health: HealthReport, key: str) -> None:
        self._health, self._key = health, key

    async def attempt(self, write: Awaitable[None]) -> WriteAnswer:
        """Evcc's answer to ``write``; anything but a yes degrades health."""
        try:
            await write
        except (TransientError, PermanentError) as error:
            self._health.degraded(self._key, troubles.WriteFailed(str(error)))
            if isinstance(error, TransientError):
                return WriteAnswer.NONE
            return WriteAnswer.NOT_THERE if isinstance(error, NoSuchRoute) else WriteAnswer.NO
        self._health.ok(self._key)
        return WriteAnswer.YES

    async def done(self, write: Awaitable[None]) -> bool:
        """Whether ``write`` is done; a vehicle or function that evcc does not have counts as done."""
        answer = await self.attempt(write)
        if answer is WriteAnswer.NOT_THERE:
            self._health.ok(self._key)
        return answer in {WriteAnswer.YES, WriteAnswer.NOT_THERE}
