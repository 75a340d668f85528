"""The embedded broker speaks MQTT 5 on loopback and leaves nothing behind."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ems.bus.session import MqttBus
from ems.contract.people import Goal
from ems.contract.service import Service
from ems.contract.topics import GOAL
from ems.demo.broker import embedded_broker
from ems.demo.processes import ProcessDied, ServiceProcess, end_processes
from ems.runtime.clock import SystemClock
from ems.runtime.settings import MqttSettings
from support.patience import PATIENCE_S


async def test_what_is_retained_reaches_who_comes_later_and_the_port_is_free_afterwards(tmp_path: Path) -> None:
    goal = Goal(vehicle="limo", soc_pct=80, asked_by="test", asked_at=datetime(2024, 6, 5, tzinfo=UTC))
    async with embedded_broker(tmp_path) as port:
        settings = MqttSettings(host="127.0.0.1", port=port)
        first = MqttBus(Service.USERS, settings, SystemClock())
        async with first.session():
            first.publish(GOAL, goal, vehicle="limo")
            await first.flush()
        second = MqttBus(Service.USERS, settings, SystemClock())
        goals = second.watch(GOAL)
        async with second.session(), asyncio.timeout(PATIENCE_S):
            async for _ in second.changes(GOAL):
                break
        assert goals.get("limo") == goal
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_a_broker_that_cannot_start_is_an_error_that_names_its_log(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda _, w: w.close(), "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    (tmp_path / "rumqttd.toml").mkdir()
    with pytest.raises(OSError, match="rumqttd"):
        async with embedded_broker(tmp_path, port):
            pass


async def test_a_service_that_dies_is_reported_with_its_last_words(tmp_path: Path) -> None:
    running = await ServiceProcess.start("evcc_poller", ("--config", str(tmp_path / "nowhere.yaml")), tmp_path, {})
    with pytest.raises(ProcessDied, match=r"evcc_poller ended with status 78(.|\n)*nowhere.yaml"):
        await running.watch()


async def test_a_process_that_does_not_listen_to_reason_is_killed(tmp_path: Path) -> None:
    stubborn = (
        "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"
    )
    (tmp_path / "stubborn.py").write_text(stubborn)
    running = await ServiceProcess.start("stubborn", (), tmp_path, {"PYTHONPATH": str(tmp_path)})
    async with asyncio.timeout(PATIENCE_S):
        while "up" not in running.log.read_text():  # noqa: ASYNC110  another process's file
            await asyncio.sleep(0.02)
    await end_processes(running.process)
    with pytest.raises(ProcessLookupError):
        os.kill(running.process.pid, 0)
