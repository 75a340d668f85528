"""The connection at its edge to the event loop."""

import asyncio
import socket
from typing import Any

from ems.bus.connection import BrokerConnection
from ems.runtime.settings import MqttSettings


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
