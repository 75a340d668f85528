"""One connection to a broker over MQTT 5. The only file that knows aiomqtt and paho."""

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, override

import aiomqtt
from paho.mqtt.client import MQTT_ERR_SUCCESS, DisconnectFlags
from paho.mqtt.client import Client as Paho
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions
from pydantic import SecretStr

from ems.bus.publish_queue import Outgoing
from ems.bus.subscriptions import Incoming
from ems.runtime import network
from ems.runtime.errors import TransientError
from ems.runtime.settings import MqttSettings

CONNECT_S = 3.0
"""Longest wait for the TCP connection, in real seconds; a service must be able to stop within 5 s."""
MAX_UNRELEASED = 10
"""Messages of QoS 2 that a broker takes without a release: mosquitto takes 20."""
UNEXPLAINED = frozenset({"it does not answer", "the connection was lost", "connection reset by peer", network.NO_TLS})
"""Reasons that may mean that the port speaks something else than was expected."""
LOGIN_REFUSED = frozenset({"Not authorized", "Bad user name or password", "Bad username or password"})
"""MQTT's words for a login that is not good."""
ID_REFUSED = LOGIN_REFUSED | {"Client identifier not valid"}
"""MQTT's words for one that may be good with another client id."""
_MAX_PENDING_CALLS = 1_000_000
_MOST_AT_ONCE = 200
"""Messages that are handed on without a break: a flood must not keep everything else waiting."""
_TIMED_OUT = "Operation timed out"
_PLAINER = {_TIMED_OUT: "it does not answer", "Unspecified error": "the connection was lost"}


class BrokerConnection(aiomqtt.Client):
    """aiomqtt's client, but a refused publish is noticed, and a lost connection is a :class:`TransientError`."""

    def __init__(
        self,
        settings: MqttSettings,
        client_id: str,
        *,
        password: SecretStr | None = None,
        will: Outgoing | None = None,
        timeout_s: float = 10,
    ) -> None:
        super().__init__(
            settings.host,
            settings.port,
            identifier=client_id,
            username=settings.username,
            password=password.get_secret_value() if password else None,
            protocol=aiomqtt.ProtocolVersion.V5,
            clean_start=True,
            keepalive=settings.keepalive_s,
            timeout=timeout_s,
            # Small packets both ways: without this every second one waits 40 ms for an acknowledgement.
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
            tls_context=ssl.create_default_context(cafile=settings.ca_file) if settings.tls else None,
            will=aiomqtt.Will(will.topic, will.payload, 1, will.retain, _properties(will, PacketTypes.WILLMESSAGE))
            if will
            else None,
        )
        self._client.connect_timeout = CONNECT_S
        self._client._ssl_wrap_socket = _encrypted_by(self._client)  # type: ignore[assignment,method-assign]  # noqa: SLF001
        self._dialing = False
        self._acknowledged: dict[int, asyncio.Future[ReasonCode]] = {}
        # aiomqtt warns of more than 10 calls at once, which is what we want.
        self.pending_calls_threshold = _MAX_PENDING_CALLS

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[None]:
        """Connected inside, disconnected cleanly (no last will) after it.

        Raises:
            TransientError: the broker is away, refuses us, or was lost; the text says which.
        """
        lost: BaseException | None = None
        try:
            async with self:
                yield
        except* aiomqtt.MqttError as group:
            lost = group
        finally:
            await self._release()
        if lost:
            raise TransientError(_reason(lost))

    async def _release(self) -> None:
        """Closes what aiomqtt leaves behind: socket and tasks, when connecting fails or is given up."""
        # A thread cannot be cancelled: it may go on connecting, for CONNECT_S at most.
        while self._dialing:  # noqa: ASYNC110  the thread knows no loop
            await asyncio.sleep(0.01)
        self._client.disconnect()
        # What paho's callbacks have asked of the loop comes first, on a socket that is still open.
        await asyncio.sleep(0)
        self._client._reset_sockets()  # noqa: SLF001  paho has no public way
        await asyncio.sleep(0)
        # Nobody asks these futures any more how the connection ended; unasked, they would complain.
        for ended in (self._connected, self._disconnected):
            if ended.done() and not ended.cancelled():
                ended.exception()

    @override
    def _client_connect(self) -> None:
        self._dialing = True
        try:
            super()._client_connect()
        finally:
            self._dialing = False

    @override
    def _on_socket_register_write(self, client: Paho, userdata: Any, sock: Any) -> None:
        """As aiomqtt does it, but not once the socket is closed: its number may be another connection's by then."""

        def write() -> None:
            try:
                client.loop_write()
            except Exception as lost:  # noqa: BLE001  whatever paho raises there, the connection is lost
                if not self._disconnected.done():
                    self._disconnected.set_exception(lost)

        def register() -> None:
            if sock.fileno() >= 0:
                self._loop.add_writer(sock.fileno(), write)

        self._loop.call_soon_threadsafe(register)

    async def send(self, out: Outgoing) -> str | None:
        """Publishes with QoS 1; returns why the broker refused it, or None when it took it."""
        info = self._client.publish(
            out.topic, out.payload, 1, out.retain, properties=_properties(out, PacketTypes.PUBLISH)
        )
        if info.rc != MQTT_ERR_SUCCESS:
            raise aiomqtt.MqttCodeError(info.rc, "could not publish")
        acknowledged = self._loop.create_future()
        self._acknowledged[info.mid] = acknowledged
        try:
            async with asyncio.timeout(self.timeout):
                code: ReasonCode = await acknowledged
        except TimeoutError:
            raise aiomqtt.MqttError(_TIMED_OUT) from None
        finally:
            del self._acknowledged[info.mid]
        return str(code) if code.is_failure else None

    async def subscribe_to(self, filters: Iterable[str], *, as_published: bool = True) -> Mapping[str, str]:
        """Subscribes with QoS 1; returns what was refused, and why.

        Args:
            filters: what to hear.
            as_published: news keep the flag that they were published with: a retained command is to be seen as one.
                Without it only what the broker had kept until now is retained.
        """
        wanted = list(filters)
        options = SubscribeOptions(qos=1, retainAsPublished=as_published)
        codes = await self.subscribe([(f, options) for f in wanted])
        return {
            f: str(code)
            for f, code in zip(wanted, codes, strict=True)
            if isinstance(code, ReasonCode) and code.is_failure
        }

    async def publish_refusals(self, payloads: Mapping[str, bytes]) -> Mapping[str, str]:
        """The topics on which the broker takes nothing from us, and why; nothing of it reaches anybody.

        Published with QoS 2 and never released: the broker says whether it takes a message before it is released, and
        drops it when the connection ends. For one call a connection, and at most ``MAX_UNRELEASED`` topics.
        """
        waiting = {}
        # paho would release it at once, and does not look at the reason.
        self._client._handle_pubrec = self._note_receipt  # type: ignore[method-assign]  # noqa: SLF001
        for topic, payload in payloads.items():
            info = self._client.publish(topic, payload, 2)
            waiting[topic] = self._acknowledged[info.mid] = self._loop.create_future()
        try:
            async with asyncio.timeout(self.timeout):
                codes = {topic: await receipt for topic, receipt in waiting.items()}
        except TimeoutError:
            raise aiomqtt.MqttError(_TIMED_OUT) from None
        return {topic: str(code) for topic, code in codes.items() if code.is_failure}

    def _note_receipt(self) -> MQTTErrorCode:
        packet = self._client._in_packet["packet"]  # noqa: SLF001  paho has no public way
        code = ReasonCode(PacketTypes.PUBREC, identifier=packet[2] if len(packet) > 2 else 0)
        self._on_publish(self._client, None, int.from_bytes(packet[:2]), code, Properties(PacketTypes.PUBREC))  # type: ignore[no-untyped-call]
        return MQTT_ERR_SUCCESS

    async def incoming(self) -> AsyncIterator[Incoming]:
        """Every message, until the connection is lost (then it raises)."""
        async for message in self.messages:
            yield _incoming(message)
            # One message a turn of the loop is too few where each sets others to work: they pile up, for ever. What has
            # come meanwhile is handed on together, and what is made of it is made once.
            for _ in range(min(self._queue.qsize(), _MOST_AT_ONCE)):
                yield _incoming(self._queue.get_nowait())

    @override
    def _on_disconnect(
        self,
        client: Paho,
        userdata: Any,
        flags: DisconnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        """As aiomqtt does it, but who is thrown out before the broker said a word does not go on waiting for it.

        A proxy, such as Docker's, takes a connection before it knows that the broker behind it is not there yet.
        """
        if not self._connected.done():
            self._connected.set_exception(aiomqtt.MqttCodeError(reason_code, "not let in"))
        else:
            super()._on_disconnect(client, userdata, flags, reason_code, properties)

    @override
    def _on_publish(
        self, client: Paho, userdata: Any, mid: int, reason_code: ReasonCode, properties: Properties
    ) -> None:
        acknowledged = self._acknowledged.get(mid)
        if acknowledged and not acknowledged.done():
            acknowledged.set_result(reason_code)


def _incoming(message: aiomqtt.Message) -> Incoming:
    properties = message.properties
    return Incoming(
        topic=message.topic.value,
        payload=message.payload,
        retain=bool(message.retain),
        response_topic=getattr(properties, "ResponseTopic", None),
        correlation=getattr(properties, "CorrelationData", None),
    )


def _encrypted_by(client: Paho) -> Callable[[socket.socket], ssl.SSLSocket]:
    """As paho does it, but a socket whose handshake fails is closed."""

    def encrypted(plain: socket.socket) -> ssl.SSLSocket:
        context: ssl.SSLContext = client._ssl_context  # type: ignore[assignment]  # noqa: SLF001  it is set when TLS is
        wrapped = context.wrap_socket(plain, server_hostname=client.host, do_handshake_on_connect=False)
        try:
            wrapped.settimeout(CONNECT_S)
            wrapped.do_handshake()
        except BaseException:
            wrapped.close()
            raise
        return wrapped

    return encrypted


def _properties(out: Outgoing, packet: int) -> Properties:
    properties = Properties(packet)  # type: ignore[no-untyped-call]  # paho forgot to annotate it
    properties.ContentType = out.content_type
    if out.response_topic is not None:
        properties.ResponseTopic = out.response_topic
    if out.correlation is not None:
        properties.CorrelationData = out.correlation
    if out.expiry_s is not None:
        properties.MessageExpiryInterval = out.expiry_s
    return properties


def _reason(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    # aiomqtt hides what the system said behind its own error.
    if words := network.reason(error) or (error.__context__ and network.reason(error.__context__)):
        return words
    text = re.sub(r"^\[(?:Errno|code):? ?-?\d+\] ", "", str(error.__cause__ or error))
    return _PLAINER.get(text, text)
