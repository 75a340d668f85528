"""``tariff-planner worker``: plans for many homes, beside any number of others that share the orders."""

import argparse
import asyncio
import secrets
import signal
import time
from contextlib import suppress

import structlog
from pydantic import SecretStr

from ems.bus.connection import BrokerConnection
from ems.bus.publish_queue import Outgoing
from ems.bus.subscriptions import Incoming
from ems.contract.topic import MAX_PAYLOAD_BYTES
from ems.runtime import credentials
from ems.runtime.errors import TransientError
from ems.runtime.retry import Backoff
from ems.runtime.settings import SettingsError
from ems.runtime.signals import until_signal
from ems.service import memory
from ems.service.runner import Subcommand
from tariff_planner.adapters.order_codec import NotReadable, answer_bytes, read_order
from tariff_planner.domain.decision.order import carried_out
from tariff_planner.settings import Settings, WorkerSettings

_log = structlog.get_logger(__name__)
_BACKOFF = Backoff(first_s=0.5, max_s=15)
MAX_WAITING = 100
"""Most orders that wait in one worker: more would not be done before their homes give them up."""
STOP_WITHIN_S = 4.5
"""Longest shutdown, in real seconds; an order that is not done by then is given to another worker."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds no arguments: ``mqtt`` and ``workers`` of the settings say all."""
    del parser


def run(args: argparse.Namespace) -> int:
    """Carries out orders until it is stopped; the exit status is 0.

    Raises:
        SettingsError: the settings are missing or wrong, or the password cannot be read.
    """
    if args.config is None:
        raise SettingsError("--config FILE is missing")
    settings = Settings.load(args.config)
    ref = settings.mqtt.password_credential
    password = credentials.read(ref, "mqtt.password_credential") if ref else None
    work = _work(settings, settings.workers or WorkerSettings(), password)
    with suppress(asyncio.CancelledError):
        asyncio.run(until_signal(work, signal.SIGTERM, signal.SIGINT, stop_within_s=STOP_WITHIN_S))
    return 0


COMMAND = Subcommand("worker", "plan for many homes: take orders that others share", configure, run)


async def _work(settings: Settings, workers: WorkerSettings, password: SecretStr | None) -> None:
    """Connects, and again whenever the connection is lost."""
    lost = 0
    while True:
        # Of its own: two clients of one name would throw each other out.
        name = f"planner-worker-{secrets.token_hex(4)}"
        connection = BrokerConnection(settings.mqtt, name, password=password)
        try:
            async with connection.open():
                shared = f"$share/{workers.group}/{workers.topic}"
                if refused := await connection.subscribe_to([shared]):
                    raise TransientError(f"the broker refuses {shared}: {refused[shared]}")  # noqa: TRY301  as any other loss
                _log.info("works", topic=shared, client_id=name)
                lost = 0
                await _carry_out(connection, workers)
        except TransientError as why:
            lost += 1
            _log.warning("no broker", why=str(why), times=lost)
        await asyncio.sleep(_BACKOFF.delay_s(lost))


async def _carry_out(connection: BrokerConnection, workers: WorkerSettings) -> None:
    """One order after the other: a planner keeps a core busy by itself."""
    waiting: asyncio.Queue[tuple[float, Incoming]] = asyncio.Queue(MAX_WAITING)

    async def listen() -> None:
        async for message in connection.incoming():
            try:
                waiting.put_nowait((time.monotonic(), message))
            except asyncio.QueueFull:
                _log.warning("too many orders: one is dropped", waiting=MAX_WAITING)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(listen())
        while True:
            came_s, message = await waiting.get()
            # Whoever gave it has asked somebody else by now.
            if message.response_topic is None or time.monotonic() - came_s > workers.timeout_s:
                continue
            if (answer := await asyncio.to_thread(_answer, message.payload)) is None:
                continue
            out = Outgoing(message.response_topic, answer, "application/octet-stream", correlation=message.correlation)
            if refused := await connection.send(out):
                _log.warning("not allowed to answer", topic=message.response_topic, why=refused)


def _answer(payload: bytes) -> bytes | None:
    """The answer to an order; None where it is none."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        _log.warning("too long to be an order", size=len(payload))
        return None
    began_s = time.process_time()
    try:
        answer = answer_bytes(carried_out(read_order(payload), time.monotonic))
    except NotReadable as why:
        _log.warning("no order", why=str(why))
        return None
    memory.give_back()
    _log.info("carried out", cpu_s=round(time.process_time() - began_s, 3), size=len(payload), answer=len(answer))
    return answer
