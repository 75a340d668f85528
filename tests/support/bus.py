"""A raw MQTT 5 client that sees and does what the bus would not, and helpers to wait for things."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from ems.bus.session import MqttBus
from ems.bus.timeouts import Timeouts
from ems.contract.service import Service
from ems.runtime.clock import Clock, SystemClock
from ems.runtime.retry import Backoff
from ems.runtime.settings import MqttSettings
from support.patience import PATIENCE_S

FAST = Timeouts(
    acknowledge_s=1, quiet_s=0.5, forget_s=1, tick_s=0.2, shutdown_s=1, backoff=Backoff(first_s=0.05, max_s=0.2)
)
"""A session in a hurry: what takes seconds in a house takes parts of one in a test."""


@dataclass
class Raw:
    """Everything that was seen on the broker, and a hand to publish."""

    client: aiomqtt.Client
    seen: list[aiomqtt.Message] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def publish(self, topic: str, payload: bytes | str = b"", *, retain: bool = False, **properties: Any) -> None:
        """Publishes with QoS 1; ``properties`` are MQTT 5's, such as ``ResponseTopic``."""
        props = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho forgot to annotate it
        for name, value in properties.items():
            setattr(props, name, value)
        await self.client.publish(topic, payload, qos=1, retain=retain, properties=props)

    def payloads(self, topic: str) -> list[bytes]:
        """All that came on ``topic``, oldest first."""
        return [m.payload for m in self.seen if m.topic.value == topic]

    async def until(self, condition: Callable[[], object], within_s: float = PATIENCE_S) -> None:
        """Returns when ``condition`` holds after some message."""
        async with asyncio.timeout(within_s):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def wait_for(self, topic: str, payload: bytes | None = None, within_s: float = PATIENCE_S) -> bytes:
        """The newest payload on ``topic``, when there is one (that is ``payload``)."""

        def there() -> bool:
            got = self.payloads(topic)
            return bool(got) and (payload is None or got[-1] == payload)

        await self.until(there, within_s)
        return self.payloads(topic)[-1]

    async def listen(self) -> None:
        async for message in self.client.messages:
            self.seen.append(message)
            self._news.set()


@asynccontextmanager
async def raw(settings: MqttSettings, *filters: str, **client: Any) -> AsyncGenerator[Raw]:
    """A client of its own, subscribed to ``filters`` (everything, when none are given)."""
    connection = aiomqtt.Client(
        settings.host, settings.port, protocol=aiomqtt.ProtocolVersion.V5, timeout=PATIENCE_S, **client
    )
    async with connection:
        hand = Raw(connection)
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(hand.listen())
            for wanted in filters or ("#",):
                await connection.subscribe(wanted, options=SubscribeOptions(qos=1))
            yield hand
            listening.cancel()


@asynccontextmanager
async def session(
    settings: MqttSettings,
    service: Service = Service.EVCC_POLLER,
    *,
    clock: Clock | None = None,
    timeouts: Timeouts = FAST,
    prepare: Callable[[MqttBus], object] = lambda _: None,
    within_s: float = PATIENCE_S,
    **more: Any,
) -> AsyncGenerator[MqttBus]:
    """A connected bus."""
    bus = MqttBus(service, settings, clock or SystemClock(), timeouts=timeouts, **more)
    prepare(bus)
    async with bus.session():
        await eventually(lambda: bus.connected, within_s)
        await bus.flush()
        yield bus


async def not_let_in(settings: MqttSettings, service: Service, words: str) -> None:
    """Returns when a bus that nobody lets in says ``words`` in its health."""
    bus = MqttBus(service, settings, SystemClock(), timeouts=FAST)
    async with bus.session():
        await eventually(lambda: any(words in reason for reason in bus.health.snapshot().reasons))
        assert not bus.connected


async def eventually(condition: Callable[[], object], within_s: float = PATIENCE_S) -> None:
    """Returns when ``condition`` holds; for state that has no event of its own."""
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110  the condition may be about another process
            await asyncio.sleep(0.01)
