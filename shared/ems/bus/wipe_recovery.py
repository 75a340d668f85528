"""Our retained topics, published again after somebody has erased them on the broker."""

import asyncio

import structlog

from ems.bus.publish_queue import PublishQueue
from ems.bus.subscriptions import Incoming

_log = structlog.get_logger(__name__)


class WipeRecovery:
    """evcc empties every topic below its root when it starts, and waits while messages keep coming.

    Announcing at once would never end; so nothing is published again before ``quiet_s`` real seconds passed without a
    further erasure.
    """

    def __init__(self, queue: PublishQueue, quiet_s: float, presence: str | None) -> None:
        self._queue, self._quiet_s, self._presence = queue, quiet_s, presence
        self._erased: set[str] = set()
        self._last_s = 0.0
        self._noticed = asyncio.Event()

    def reset(self) -> None:
        """Forgets the erasures; everything is about to be published anyway."""
        self._erased.clear()
        self._noticed.clear()

    def observe(self, message: Incoming) -> None:
        """Takes note of what the broker shows on a topic of ours; our own value there undoes an erasure."""
        if message.topic not in self._queue.owned:
            return
        if self._queue.is_erased(message.topic, message.payload) or self._contradicts_presence(message):
            self._erased.add(message.topic)
            self._last_s = asyncio.get_running_loop().time()
            self._noticed.set()
        else:
            self._erased.discard(message.topic)

    async def recover(self) -> None:
        """Publishes what was erased once it is quiet; runs until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await self._noticed.wait()
            left_s = self._last_s + self._quiet_s - loop.time()
            if left_s > 0:
                await asyncio.sleep(left_s)
                continue
            if self._erased:
                _log.warning("our facts were wiped; announcing them again", topics=len(self._erased))
                self._queue.requeue(self._erased)
            self.reset()

    def _contradicts_presence(self, message: Incoming) -> bool:
        """The last will of an older connection of ours may come late and call us offline."""
        return message.topic == self._presence and not self._queue.holds(message.topic, message.payload)
