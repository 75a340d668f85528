"""One connection to a broker for all cars that are told there: a car costs it a subscription."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager

from ems.bus.connection import BrokerConnection
from ems.bus.subscriptions import Incoming


class SharedConnection:
    """Opened by the first who listens, closed after the last, and opened anew by whoever listens after a loss."""

    def __init__(self, make: Callable[[], BrokerConnection]) -> None:
        self._make = make
        self._running: _Running | None = None

    @asynccontextmanager
    async def listening(
        self, topics: AbstractSet[str], take: Callable[[Incoming], None]
    ) -> AsyncGenerator[tuple[Mapping[str, str], Callable[[], Awaitable[None]]]]:
        """Hands what comes on ``topics`` (without wildcards) to ``take``.

        Gives the topics that the broker denies, with its reasons, and what waits until the connection is lost.

        Raises:
            TransientError: the broker is away, refuses us, or was lost; here, or by what waits for it.
        """
        if self._running is None or self._running.over:
            self._running = _Running(self._make())
        running = self._running
        listener = _Listener(topics, take)
        running.add(listener)
        try:
            await asyncio.wait((running.task, listener.refused), return_when=asyncio.FIRST_COMPLETED)
            if not listener.refused.done():
                await running.task
            yield listener.refused.result(), running.until_lost
        finally:
            await running.remove(listener)


class _Listener:
    def __init__(self, topics: AbstractSet[str], take: Callable[[Incoming], None]) -> None:
        self.topics = topics
        self.refused: asyncio.Future[Mapping[str, str]] = asyncio.get_running_loop().create_future()
        self._take, self._unheard = take, set(topics)

    def hear(self, message: Incoming) -> None:
        first = message.topic in self._unheard
        self._unheard.discard(message.topic)
        # What a broker keeps it says again when another car asks for it: no news, and of no known age.
        if first or not message.retain:
            self._take(message)


class _Running:
    """A connection from its opening to its loss."""

    def __init__(self, connection: BrokerConnection) -> None:
        self._asking: asyncio.Queue[_Listener] = asyncio.Queue()
        self._listeners: dict[str, list[_Listener]] = defaultdict(list)
        self._count, self._closing = 0, False
        self.task = asyncio.create_task(self._run(connection))

    @property
    def over(self) -> bool:
        """Whether it is of no use to anybody any more."""
        return self._closing or self.task.done()

    async def until_lost(self) -> None:
        # Who waits may be cancelled; the connection is the others', too.
        await asyncio.shield(self.task)

    def add(self, listener: _Listener) -> None:
        self._count += 1
        for topic in listener.topics:
            self._listeners[topic].append(listener)
        self._asking.put_nowait(listener)

    async def remove(self, listener: _Listener) -> None:
        self._count -= 1
        for topic in listener.topics:
            self._listeners[topic].remove(listener)
        if self._count == 0:
            self._closing = True
            self.task.cancel()
            await asyncio.wait((self.task,))

    async def _run(self, connection: BrokerConnection) -> None:
        async with connection.open(), asyncio.TaskGroup() as tasks:
            tasks.create_task(self._subscribe(connection))
            async for message in connection.incoming():
                for listener in tuple(self._listeners.get(message.topic, ())):
                    listener.hear(message)

    async def _subscribe(self, connection: BrokerConnection) -> None:
        while True:
            asking = [await self._asking.get()]
            while not self._asking.empty():
                asking.append(self._asking.get_nowait())
            # Nearly all who publish cars do it retained; only what is older than our asking is of unknown age.
            refused = await connection.subscribe_to(
                set().union(*(listener.topics for listener in asking)), as_published=False
            )
            for listener in asking:
                if not listener.refused.done():
                    listener.refused.set_result({t: why for t, why in refused.items() if t in listener.topics})
