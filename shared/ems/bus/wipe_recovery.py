"""Notices that somebody erased what we own on the broker, and announces it again once they are done."""

import asyncio

import structlog

from ems.bus.publish_queue import PublishQueue
from ems.bus.subscriptions import Incoming

_log = structlog.get_logger(__name__)


class WipeRecovery:
    """evcc empties every topic below its root when it starts, and waits while messages keep coming.

    Announcing at once would never end; so nothing is said again before ``quiet_s`` real seconds passed without a
    further erasure.
    """

    def __init__(self, outbox: PublishQueue, quiet_s: float, presence: str | None) -> None:
        self._outbox, self._quiet_s, self._presence = outbox, quiet_s, presence
        self._erased: set[str] = set()
        self._last_s = 0.0
        self._noticed = asyncio.Event()

    def reset(self) -> None:
        """Everything is about to be announced anyway."""
        self._erased.clear()
        self._noticed.clear()

    def notice(self, message: Incoming) -> None:
        """Looks at what the broker shows on a topic of ours; our own word, coming back, ends the matter."""
        if message.topic not in self._outbox.owned:
            return
        if self._outbox.erased(message.topic, message.payload) or self._belies_us(message):
            self._erased.add(message.topic)
            self._last_s = asyncio.get_running_loop().time()
            self._noticed.set()
        else:
            self._erased.discard(message.topic)

    async def recover(self) -> None:
        """Runs for as long as a connection does."""
        loop = asyncio.get_running_loop()
        while True:
            await self._noticed.wait()
            left_s = self._last_s + self._quiet_s - loop.time()
            if left_s > 0:
                await asyncio.sleep(left_s)
                continue
            if self._erased:
                _log.warning("our facts were wiped; announcing them again", topics=len(self._erased))
                self._outbox.again(self._erased)
            self.reset()

    def _belies_us(self, message: Incoming) -> bool:
        """The last will of an older connection of ours may come late and call us offline."""
        return message.topic == self._presence and not self._outbox.holds(message.topic, message.payload)
