"""The connection at its edge to the event loop."""

import asyncio
import socket
from typing import Any

import pytest

from ems.bus.connection import BrokerConnection
from ems.runtime.errors import TransientError
from ems.runtime.settings import MqttSettings
from support.patience import PATIENCE_S


async def test_a_socket_that_is_closed_before_it_is_watched_leaves_its_number_to_others() -> None:
    """A line that is cut just as something is sent: the number may be an HTTP connection's by then."""
    complaints: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    connection = BrokerConnection(MqttSettings(host="broker.example"), "evcc-poller")
    ours, theirs = socket.socketpair()
    number = ours.fileno()
    connection._on_socket_register_write(connection._client, None, ours)
    ours.close()
    await asyncio.sleep(0)
    theirs.close()
    assert complaints == []
    assert not loop.remove_writer(number)


async def test_who_is_thrown_out_before_a_word_is_said_knows_it_at_once() -> None:
    """As by a proxy that takes the connection and then finds its broker gone."""

    async def throw_out(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.transport.abort()

    async with await asyncio.start_server(throw_out, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        connection = BrokerConnection(MqttSettings(host="127.0.0.1", port=port), "notifier")
        async with asyncio.timeout(PATIENCE_S):
            with pytest.raises(TransientError, match=r"the connection was lost|connection reset"):
                async with connection.open():
                    pass
