"""The bus on MQTT: a session that outlives its connections."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, override

import structlog
from pydantic import SecretStr

from ems.bus.acl_errors import AclErrors
from ems.bus.api import Bus, CommandHandler, Names, RawHandler, Watch
from ems.bus.client_id import Takeovers, unguessable
from ems.bus.command_server import CommandRoute, CommandServer, accepting
from ems.bus.connection import ID_REFUSED, UNEXPLAINED, BrokerConnection
from ems.bus.payload_errors import PayloadErrors
from ems.bus.port_probe import mistaken_port
from ems.bus.publish_queue import Outgoing, PublishQueue
from ems.bus.request_client import ReplyRoute
from ems.bus.subscriptions import (
    Change,
    Changes,
    EventRoute,
    Route,
    Subscriptions,
    WatchRoute,
)
from ems.bus.timeouts import Timeouts
from ems.bus.wipe_recovery import WipeRecovery
from ems.contract.message import Command, Message
from ems.contract.service import Health, Service, Status
from ems.contract.topic import Kind, Topic
from ems.contract.topics import HEALTH, STATUS
from ems.i18n.health import troubles
from ems.runtime.clock import Clock
from ems.runtime.errors import TransientError
from ems.runtime.health import HealthReport
from ems.runtime.settings import MqttSettings

_log = structlog.get_logger(__name__)

MAX_IN_FLIGHT = 50
"""Most publishes and subscriptions that wait for their acknowledgement at the same time."""


class MqttBus(Bus):
    """See :class:`ems.bus.api.Bus`. Handlers and watches may be added before and after connecting.

    ``Service.USERS`` is a visitor (a terminal, a test): it has no status, no health and a client id of its own.
    """

    def __init__(
        self,
        service: Service,
        settings: MqttSettings,
        clock: Clock,
        *,
        version: str = "0",
        password: SecretStr | None = None,
        timeouts: Timeouts | None = None,
        on_tick: Callable[[], None] = lambda: None,
        on_health: Callable[[Health], None] = lambda _: None,
    ) -> None:
        self.service, self.clock = service, clock
        self._visitor = service is Service.USERS
        self._settings, self._password, self._prefix = settings, password, settings.prefix
        self._name = settings.client_id or (f"users-{secrets.token_hex(4)}" if self._visitor else str(service))
        given = self._visitor or settings.client_id is not None
        first = self._name if given else unguessable(self._name, settings, password)
        # The plain name second: an account may be bound to it.
        self._client_ids = dict.fromkeys((first, self._name))
        self._timeouts, self._on_tick, self._on_health = timeouts or Timeouts(), on_tick, on_health
        self._connected, self._established, self._lost_in_a_row = False, False, 0
        self._takeovers = Takeovers()
        self._queue, self._subscriptions, self._changes = PublishQueue(), Subscriptions(self._prefix), Changes()
        self.health = HealthReport(clock, version, self._health_changed)
        self._payload_errors, self._acl_errors = PayloadErrors(self.health), AclErrors(self.health)
        self._command_server = CommandServer(service, self._prefix, clock, self._queue, self._payload_errors)
        self._replies = ReplyRoute(service, self._prefix, self._queue)
        self._presence = None if self._visitor else f"{self._prefix}/{STATUS.path(service=service)}"
        self._wipe_recovery = WipeRecovery(self._queue, self._timeouts.quiet_s, self._presence)
        self._watches: dict[Topic[Any], WatchRoute[Any]] = {}
        self._answered: set[str] = set()
        self._to_subscribe: dict[str, None] = {}
        self._listening = asyncio.Event()
        if not self._visitor:
            self.publish(STATUS, Status.ONLINE, service=service)
            self.publish(HEALTH, self.health.snapshot(), service=service)

    # The interface of services.

    @property
    @override
    def connected(self) -> bool:
        return self._connected

    @override
    def publish[T](self, topic: Topic[T], value: T, **names: str) -> None:
        self._publish(topic, topic.codec.encode(value), names)

    @override
    def clear(self, topic: Topic[Any], **names: str) -> None:
        self._publish(topic, b"", names)

    @override
    def watch[T](self, topic: Topic[T]) -> Watch[T]:
        if topic not in self._watches:
            self._watches[topic] = WatchRoute(topic, self.clock, self._payload_errors, self._changes.notify)
            self._add(self._watches[topic])
        return self._watches[topic]

    @override
    def on_event[T](self, topic: Topic[T], handler: Callable[[T, Names], None]) -> None:
        self._add(EventRoute(topic, handler, self._payload_errors))

    @override
    def on_command[C: Command](self, topic: Topic[C], handler: CommandHandler[C]) -> None:
        self._answer(topic, accepting(handler, self.clock))

    @override
    def on_request[C: Command](self, topic: Topic[C], handler: Callable[[C, Names], Awaitable[Message]]) -> None:
        self._answer(topic, handler)

    @override
    async def request(self, topic: Topic[Any], message: Command, *, timeout_s: float = 10, **names: str) -> Message:
        self._listen_for_replies()
        return await self._replies.request(topic, message, timeout_s, names)

    @override
    async def request_bytes(self, whole_topic: str, payload: bytes, *, timeout_s: float) -> bytes:
        self._listen_for_replies()
        return await self._replies.request_bytes(whole_topic, payload, timeout_s)

    @override
    def changes(self, *topics: Topic[Any]) -> AsyncIterator[frozenset[Change]]:
        watches = [(topic, self.watch(topic)) for topic in topics]
        return self._changes.follow(
            frozenset(topics), lambda: {(t, key) for t, watch in watches for key in watch.items()}
        )

    @property
    def prefix(self) -> str:
        """The topic below which the suite lives on the broker."""
        return self._prefix

    def announce(self, whole_topic: str, payload: bytes) -> None:
        """Publishes retained JSON outside of the contract (Home Assistant's discovery), kept like a fact."""
        self._publish_retained(Outgoing(whole_topic, payload, "application/json", retain=True))

    def republish_cleared(self) -> None:
        """Publishes our empty facts once more: nothing of them is retained for whoever subscribes later."""
        self._queue.requeue(topic for topic in self._queue.cleared if topic.startswith(f"{self._prefix}/"))

    @override
    def on_raw(self, whole_filter: str, handler: RawHandler) -> None:
        """Calls ``handler`` for whatever comes on ``whole_filter``, also outside of the suite's tree."""
        self._subscriptions.add_raw(whole_filter, handler)
        self._subscribe_to(whole_filter)

    async def flush(self) -> None:
        """Waits until the broker has acknowledged everything that was handed over."""
        await self._queue.wait_until_idle()

    async def subscribed(self) -> None:
        """Waits until the broker sends us everything that was asked for so far (something was)."""
        await self._listening.wait()

    # Connecting and what happens while connected.

    @asynccontextmanager
    async def session(self) -> AsyncGenerator[None]:
        """Connects, and reconnects for as long as it is open; publishes ``offline`` at its end."""
        async with asyncio.TaskGroup() as tasks:
            self._command_server.open(tasks.create_task)
            background = [tasks.create_task(self._keep_connected()), tasks.create_task(self._keep_publishing_health())]
            try:
                yield
            finally:
                self._command_server.close()
                if not self._visitor:
                    self.publish(STATUS, Status.OFFLINE, service=self.service)
                if self._connected:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(self._timeouts.shutdown_s):
                            await self.flush()
                for task in background:
                    task.cancel()

    def _publish(self, topic: Topic[Any], payload: bytes, names: dict[str, str]) -> None:
        whole = f"{self._prefix}/{topic.path(**names)}"
        out = Outgoing(whole, payload, topic.codec.content_type, retain=topic.kind is Kind.FACT)
        if topic.kind is not Kind.FACT:
            self._queue.put_event(out)
            return
        self._publish_retained(out)

    def _publish_retained(self, out: Outgoing) -> None:
        new = out.topic not in self._queue.owned
        self._queue.put_fact(out)
        # We listen to what we own, to notice when somebody wipes it; but not twice (overlapping filters deliver twice).
        if new and not self._subscriptions.covers(out.topic):
            self._subscribe_to(out.topic)

    def _listen_for_replies(self) -> None:
        if self._replies.filter not in self._answered:
            self._answered.add(self._replies.filter)
            self._add(self._replies)

    def _answer[C: Command](self, topic: Topic[C], handler: Callable[[C, Names], Awaitable[Message]]) -> None:
        if topic.pattern in self._answered:
            raise ValueError(f"{topic.pattern} is answered already")
        self._answered.add(topic.pattern)
        self._add(CommandRoute(topic, handler, self._command_server))

    def _add(self, route: Route) -> None:
        self._subscribe_to(self._subscriptions.add(route))

    def _subscribe_to(self, whole_filter: str) -> None:
        self._to_subscribe[whole_filter] = None
        self._listening.clear()
        self._queue.wake_writer()

    def _health_changed(self, health: Health) -> None:
        if not self._visitor:
            self.publish(HEALTH, health, service=self.service)
        self._on_health(health)

    async def _keep_publishing_health(self) -> None:
        while True:
            await self.clock.sleep(60)
            if not self._visitor:
                self.publish(HEALTH, self.health.snapshot(), service=self.service)
            # The broker may have learned meanwhile that we may.
            self._queue.requeue(self._acl_errors.unpublished)

    async def _keep_connected(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._on_tick()
            began_s = loop.time()
            for client_id in self._client_ids:
                try:
                    await self._run_connection(client_id)
                except TransientError as lost:
                    why = str(lost)
                if self._established or why not in ID_REFUSED:
                    break
            steady = loop.time() - began_s > self._timeouts.steady_s
            self._lost_in_a_row = 1 if steady else self._lost_in_a_row + 1
            if self._takeovers.suspected(why, established=self._established, now_s=loop.time()):
                self.health.degraded("client_id", troubles.ClientIdTaken(self._name))
            elif why in UNEXPLAINED and not self._established:
                why = await mistaken_port(self._settings) or why
            self.health.degraded("mqtt", troubles.BrokerAway(self._settings.host, self._settings.port, why))
            await asyncio.sleep(self._timeouts.backoff.delay_s(self._lost_in_a_row))

    async def _run_connection(self, client_id: str) -> None:
        """One connection, from its begin to its loss."""
        will = None
        if self._presence:
            will = Outgoing(self._presence, STATUS.codec.encode(Status.OFFLINE), STATUS.codec.content_type, retain=True)
        connection = BrokerConnection(
            self._settings, client_id, password=self._password, will=will, timeout_s=self._timeouts.acknowledge_s
        )
        self._established = False
        try:
            async with connection.open(), asyncio.TaskGroup() as tasks:
                self._connected = self._established = True
                _log.info("connected", host=self._settings.host, events_dropped_so_far=self._queue.dropped)
                self.health.ok("mqtt")
                self._announce_anew()
                for work in (
                    self._read(connection),
                    self._write(connection),
                    self._wipe_recovery.recover(),
                    self._drop_unconfirmed(),
                ):
                    tasks.create_task(work)
        finally:
            self._connected = False
            self._listening.clear()
            self._queue.put_back()

    def _announce_anew(self) -> None:
        """Subscribes and publishes everything anew: the broker may know nothing of us any more."""
        self._wipe_recovery.reset()
        own = (topic for topic in self._queue.owned if not self._subscriptions.covers(topic))
        self._to_subscribe = dict.fromkeys([*self._subscriptions.filters, *own])
        for watch in self._watches.values():
            watch.mark_unconfirmed()
        self._queue.requeue()

    async def _read(self, connection: BrokerConnection) -> None:
        async for message in connection.incoming():
            self._on_tick()
            self._wipe_recovery.observe(message)
            self._subscriptions.dispatch(message)

    async def _write(self, connection: BrokerConnection) -> None:
        while True:
            self._on_tick()
            if filters := list(self._to_subscribe)[:MAX_IN_FLIGHT]:
                # Before anything is sent: who sees us online may ask us, and who asks must hear the answer.
                await self._subscribe(connection, filters)
            elif batch := self._queue.take(MAX_IN_FLIGHT):
                async with asyncio.TaskGroup() as tasks:
                    sending = [(out, tasks.create_task(connection.send(out))) for out in batch]
                self._queue.confirm_sent()
                for out, task in sending:
                    if out.retain:
                        self._acl_errors.record("publish", out.topic, task.result())
                    elif why := task.result():
                        # An answer or event is gone; a reason in health would stay for ever.
                        _log.warning("not allowed", verb="publish", topic=out.topic, why=why)
            else:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._timeouts.tick_s):
                        await self._queue.wait_for_work()

    async def _subscribe(self, connection: BrokerConnection, filters: list[str]) -> None:
        refused = await connection.subscribe_to(filters)
        for wanted in filters:
            del self._to_subscribe[wanted]
            if not self._to_subscribe:
                self._listening.set()
            self._acl_errors.record("read", wanted, refused.get(wanted))

    async def _drop_unconfirmed(self) -> None:
        await asyncio.sleep(self._timeouts.forget_s)
        self.health.ok("client_id")
        for watch in self._watches.values():
            watch.drop_unconfirmed()
