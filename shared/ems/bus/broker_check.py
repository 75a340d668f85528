"""Whether a broker is there, lets a service in, and lets it do what it needs; looked at without changing anything."""

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import suppress
from itertools import batched

from pydantic import SecretStr

from ems.bus.connection import LOGIN_REFUSED, MAX_UNRELEASED, BrokerConnection
from ems.bus.port_probe import mistaken_port
from ems.bus.publish_queue import Outgoing
from ems.contract.access import access
from ems.contract.broker import BIRTH, DOORBELL, discovery
from ems.contract.service import Service, Status
from ems.contract.topics import STATUS
from ems.runtime.errors import PermanentError, TransientError
from ems.runtime.settings import HomeAssistantSettings, MqttSettings

ECHO_TIMEOUT_S = 1.5
"""Longest wait for what the broker gives back, in real seconds."""
KEPT_TIMEOUT_S = 1.0
"""Longest wait for what the broker has kept, in real seconds; it comes right after the subscription."""
HELD_TIMEOUT_S = 0.3
"""Longest wait for what must not come, in real seconds."""
ANSWER_TIMEOUT_S = 3.0
"""Longest wait for an acknowledgement, in real seconds."""
MAX_NAMED = 3
"""Denied topics that are named; the others are counted."""
_SAMPLE = "check"
"""Stands for any name in a topic; nothing is delivered to it."""


class BrokerCheck:
    """One look at a broker, as ``service`` would use it. Its client id is another, so that a running one stays on."""

    def __init__(
        self,
        service: Service,
        settings: MqttSettings,
        homeassistant: HomeAssistantSettings,
        password: SecretStr | None,
        evcc_root: str | None = None,
    ) -> None:
        self._service, self._settings, self._password = service, settings, password
        rights, prefix = access(service), settings.prefix
        self._read = [f"{prefix}/{path}" for path in sorted(rights.receive)]
        self._send = [f"{prefix}/{path}" for path in sorted(rights.send)]
        self._status = f"{prefix}/{STATUS.path(service=service)}"
        if homeassistant.enabled:
            self._read.append(BIRTH.replace("homeassistant", homeassistant.prefix, 1))
            self._send.append(discovery(service).replace("homeassistant", homeassistant.prefix, 1))
        if evcc_root:
            self._read += [f"{evcc_root}/{path}" for path in DOORBELL]

    async def run(self) -> str:
        """What was found to be right, in words.

        Raises:
            TransientError: the broker is not reached, or speaks something else than was expected.
            PermanentError: it does not let us in, or do what the service needs.
        """
        try:
            denied, running = await self._rights()
        except TransientError as error:
            raise await self._explained(error) from None
        if denied:
            raise PermanentError(f"lets us in, but {_in_short(denied)}")
        now = f"; {self._service} is online there" if running else ""
        return f"lets us in, to read {len(self._read)} and to send {len(self._send)} kinds of topics{now}"

    async def _explained(self, error: TransientError) -> TransientError | PermanentError:
        if str(error) in LOGIN_REFUSED:
            who = f"as {self._settings.username}" if self._settings.username else "without a name"
            return PermanentError(f"does not let us in {who}: see mqtt.username and mqtt.password_credential")
        return TransientError(await mistaken_port(self._settings) or str(error))

    async def _rights(self) -> tuple[list[str], bool]:
        """What is denied, in words, and whether the service is on this broker at the moment."""
        connection = self._connection()
        heard: asyncio.Queue[bytes] = asyncio.Queue()
        async with connection.open(), asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(self._listen(connection, heard))
            refused = await connection.subscribe_to(self._read)
            denied = [f"reading {topic} is denied" for topic in refused]
            kept = await _next(heard, KEPT_TIMEOUT_S)
            # It is told once more what is true anyway.
            status = Outgoing(self._status, kept or Status.OFFLINE.encode(), STATUS.codec.content_type, retain=False)
            refusals = await connection.publish_refusals({self._status: status.payload})
            holds = not refusals and await _next(heard, HELD_TIMEOUT_S) is None
            if why := await connection.send(status):
                denied.append(f"sending to {self._status} is denied ({why})")
            elif not denied and await _next(heard, ECHO_TIMEOUT_S) is None:
                denied.append(f"reading {self._status} is denied: what is sent there does not come back")
            listening.cancel()
        if holds:
            denied += await self._unsendable()
        return denied, kept == Status.ONLINE.encode()

    async def _unsendable(self) -> list[str]:
        found: list[str] = []
        for some in batched((topic for topic in self._send if topic != self._status), MAX_UNRELEASED):
            connection = self._connection()
            async with connection.open():
                samples = {topic.replace("+", _SAMPLE): topic for topic in some}
                refused = await connection.publish_refusals(dict.fromkeys(samples, b"{}"))
                found += [f"sending to {samples[topic]} is denied" for topic in refused]
        return found

    async def _listen(self, connection: BrokerConnection, heard: asyncio.Queue[bytes]) -> None:
        async for message in connection.incoming():
            if message.topic == self._status:
                heard.put_nowait(message.payload)

    def _connection(self) -> BrokerConnection:
        name = f"{self._settings.client_id or self._service}-check-{secrets.token_hex(3)}"
        return BrokerConnection(self._settings, name, password=self._password, timeout_s=ANSWER_TIMEOUT_S)


async def _next(heard: asyncio.Queue[bytes], within_s: float) -> bytes | None:
    with suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            return await heard.get()
    return None


def _in_short(denied: Sequence[str]) -> str:
    more = f" and {len(denied) - MAX_NAMED} more" if len(denied) > MAX_NAMED else ""
    return f"{', '.join(denied[:MAX_NAMED])}{more}: give its account the rights of docs/security.md"
