"""What a port speaks, when it does not speak what was expected: TLS, MQTT without it, or the web."""

import asyncio
import ssl
from contextlib import suppress

from ems.runtime.settings import TLS_PORT, MqttSettings

TIMEOUT_S = 3.0
"""Longest wait for an answer, in real seconds."""
_CONNECT = bytes.fromhex("101000044d515454050200050000036c6f6f")
"""MQTT 5's first packet: no name, no session, five seconds."""


async def mistaken_port(settings: MqttSettings) -> str | None:
    """What to change where the port speaks something else than ``settings`` say; None when that is not seen."""
    where = f"{settings.host}:{settings.port}"
    if settings.tls:
        first = await _first_bytes(settings, _CONNECT)
        if first.startswith(b"\x20"):
            return f"{where} speaks MQTT without TLS: set mqtt.tls: false, or mqtt.port to the one for TLS ({TLS_PORT})"
    else:
        if await _speaks_tls(settings):
            return f"{where} speaks TLS: set mqtt.tls: true (and mqtt.ca_file, where the authority is your own)"
        first = await _first_bytes(settings, b"GET / HTTP/1.1\r\nHost: broker\r\n\r\n")
    return f"{where} is a web server's port, and no broker's for MQTT" if first.startswith(b"HTTP/") else None


async def _speaks_tls(settings: MqttSettings) -> bool:
    # Only whether it is TLS is asked; nothing is sent over it.
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    with suppress(OSError, TimeoutError, EOFError):
        async with asyncio.timeout(TIMEOUT_S):
            _, writer = await asyncio.open_connection(settings.host, settings.port, ssl=anybody)
            writer.transport.abort()
            return True
    return False


async def _first_bytes(settings: MqttSettings, greeting: bytes) -> bytes:
    with suppress(OSError, TimeoutError, EOFError):
        async with asyncio.timeout(TIMEOUT_S):
            reader, writer = await asyncio.open_connection(settings.host, settings.port)
            try:
                writer.write(greeting)
                return await reader.read(16)
            finally:
                writer.transport.abort()
    return b""
