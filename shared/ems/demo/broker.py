"""The embedded broker: MQTT 5 on loopback."""

import asyncio
import secrets
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from ems.demo.processes import end_processes

_PORTS = range(16_000, 32_000)
"""Below those that systems take for outgoing connections: one of them would be taken again before we listen on it."""

RUMQTTD = """\
id = 0
[router]
id = 0
max_connections = 100
max_outgoing_packet_count = 200
max_segment_size = 104857600
max_segment_count = 10
[v5.1]
name = "v5"
listen = "127.0.0.1:{port}"
next_connection_delay_ms = 1
[v5.1.connections]
connection_timeout_ms = 5000
max_payload_size = 10485760
max_inflight_count = 100
"""
"""rumqttd's configuration, with a place for the port."""


@asynccontextmanager
async def embedded_broker(folder: Path, port: int = 0) -> AsyncGenerator[int]:
    """Runs rumqttd (of the ``iotcore`` wheel) with its configuration in ``folder``; yields its port.

    Raises:
        OSError: it does not listen within ten seconds; its output is in ``folder/broker.log``.
    """
    port = port or free_port()
    config = folder / "rumqttd.toml"
    config.write_text(RUMQTTD.format(port=port), encoding="utf-8")
    command = (sys.executable, "-m", "iotcore", "--config", str(config), "--log-level", "CRITICAL")
    with (folder / "broker.log").open("wb") as log:
        # A group of its own: Ctrl-C is for us, the broker ends after those that still have something to say.
        process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log, process_group=0)
    try:
        await _listening(port, process, folder)
        yield port
    finally:
        await end_processes(process)


def free_port() -> int:
    """A port on loopback that nobody listens on at the moment, and that the system gives to nobody by itself.

    Raises:
        OSError: a hundred of them are taken.
    """
    for _ in range(100):
        port = secrets.choice(_PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no port on loopback is free")


async def _listening(port: int, process: asyncio.subprocess.Process, folder: Path) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + 10
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            if process.returncode is not None or loop.time() > deadline:
                raise OSError(f"the embedded broker does not start, see {folder / 'broker.log'}") from None
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return
