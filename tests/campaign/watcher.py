"""Watches a home all the time: messages, health, what the battery is asked for."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import aiomqtt

from ems.contract.requests import Result
from ems.contract.service import Health, Service
from ems.contract.topics import PREFIX
from ems.runtime.clock import Clock
from ems.simulator.server import SimulatedEvcc

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass
class Watcher:
    """What was seen since the home stands."""

    clock: Clock
    evcc: SimulatedEvcc
    messages: Counter[tuple[datetime, str]] = field(default_factory=Counter)
    """New messages by the home's minute and topic; what is retained for a newcomer is none."""
    health: dict[Service, Health] = field(default_factory=dict)
    """The newest of each service's."""
    reasons: dict[Service, set[str]] = field(default_factory=dict)
    """All reasons that each service's health ever had."""
    status: dict[Service, bytes] = field(default_factory=dict)
    """The newest of each service's."""
    answered: set[str | None] = field(default_factory=set)
    """The ids of all commands that somebody has answered."""
    disturbed: list[datetime] = field(default_factory=list)
    """When something happened after which the battery's mode may rightly change."""

    @asynccontextmanager
    async def at_work(self, connect: Callable[[], Any]) -> AsyncGenerator[None]:
        """Reads along until the end, through every absence of the broker."""
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(self._read(connect))
            try:
                yield
            finally:
                reading.cancel()

    def disturb(self) -> None:
        """Something happens now after which the battery's mode may rightly change."""
        self.disturbed.append(self.clock.now())

    def busiest_minute(self) -> tuple[int, str]:
        """Most messages on one topic in a minute of the home, and which."""
        ((_, topic), times) = max(self.messages.items(), key=lambda each: each[1], default=((self.clock.now(), ""), 0))
        return times, topic

    def messages_an_hour(self) -> float:
        """The mean over all that was watched, of all topics together."""
        minutes = len({minute for minute, _ in self.messages})
        return 60 * self.messages.total() / max(1, minutes)

    def battery_changes(self) -> list[datetime]:
        """When evcc asked the battery for another mode than before."""
        orders = self.evcc.home.battery_orders
        return [at for (_, before), (at, mode) in pairwise(orders) if mode is not before]

    def unexplained_changes(self) -> int:
        """Most changes of the battery's mode in one hour for which nothing that happened in it is a reason.

        A disturbance explains two: away from what was wanted, and back.
        """
        changes = self.battery_changes()
        worst = 0
        for begin in changes:
            within = sum(begin <= at < begin + HOUR for at in changes)
            explained = 2 * sum(begin - 2 * MINUTE <= at < begin + HOUR for at in self.disturbed)
            worst = max(worst, within - explained)
        return worst

    async def _read(self, connect: Callable[[], Any]) -> None:
        while True:
            with suppress(TimeoutError, aiomqtt.MqttError, OSError, ExceptionGroup):
                async with connect() as hand:
                    while True:
                        await hand.until(lambda: hand.seen, within_s=3600)
                        for message in hand.seen:
                            self._see(message)
                        hand.seen.clear()
            await asyncio.sleep(0.2)

    def _see(self, message: aiomqtt.Message) -> None:
        topic = message.topic.value.removeprefix(f"{PREFIX}/")
        if not message.retain:
            now = self.clock.now()
            self.messages[now.replace(second=0, microsecond=0), topic] += 1
        name, _, kind = topic.partition("/")
        if topic.endswith("/result") and message.payload:
            self.answered.add(Result.parse(message.payload).id)
        if kind == "status":
            self.status[Service(name)] = message.payload
        if kind == "health" and message.payload:
            service, health = Service(name), Health.parse(message.payload)
            self.health[service] = health
            self.reasons.setdefault(service, set()).update(health.reasons)
