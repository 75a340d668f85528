"""What systemd hears, on real sockets."""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ems.runtime.systemd import (
    Progress,
    Systemd,
    progress,
    watched,
)
from support.patience import PATIENCE_S


@pytest.fixture(params=["file", "abstract"])
def ear(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    name = str(tmp_path / "notify") if request.param == "file" else f"@ems-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(name.replace("@", "\0", 1) if name.startswith("@") else name)
        s.settimeout(PATIENCE_S)
        yield s, name


def test_systemd_hears_each_word(ear: tuple[socket.socket, str]) -> None:
    listener, address = ear
    systemd = Systemd(address)
    systemd.ready()
    systemd.status("degraded: Süden ist\nweg")
    systemd.feed()
    systemd.stopping()
    heard = [listener.recv(4096).decode() for _ in range(4)]
    assert heard == ["READY=1", "STATUS=degraded: Süden ist weg", "WATCHDOG=1", "STOPPING=1"]


def test_without_systemd_nothing_happens() -> None:
    Systemd(None).ready()
    Systemd("/no/such/socket").ready()


def test_the_environment_says_how_often_to_feed_unless_it_means_another_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    assert Systemd.from_environment().watchdog_s == 30
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    assert Systemd.from_environment().watchdog_s == 30
    monkeypatch.setenv("WATCHDOG_PID", "1")
    assert Systemd.from_environment().watchdog_s is None
    monkeypatch.delenv("WATCHDOG_USEC")
    assert Systemd.from_environment().watchdog_s is None


def test_who_is_not_heard_in_time_is_stuck_and_no_longer_so_when_heard_again() -> None:
    now_s = 0.0
    heard = Progress(lambda: now_s)
    heard.report("poll", 10)
    heard.report("mqtt", 60)
    now_s = 11
    assert heard.stuck() == ["poll"]
    heard.report("poll", 10)
    assert heard.stuck() == []
    now_s = 100
    assert heard.stuck() == ["mqtt", "poll"]


async def test_the_watchdog_is_fed_only_while_all_make_progress(ear: tuple[socket.socket, str]) -> None:
    listener, address = ear
    async with watched(Systemd(address, watchdog_s=0.03)):
        await asyncio.to_thread(listener.recv, 4096)
        progress("step", within_s=0)
        await asyncio.sleep(0.05)
        listener.setblocking(False)
        with suppress(BlockingIOError):
            while listener.recv(4096):  # what was on its way
                pass
        await asyncio.sleep(0.1)
        with pytest.raises(BlockingIOError):
            listener.recv(4096)
        progress("step", within_s=60)
        listener.settimeout(PATIENCE_S)
        assert await asyncio.to_thread(listener.recv, 4096) == b"WATCHDOG=1"


async def test_two_services_in_one_process_do_not_hear_each_other() -> None:
    async def one(within_s: float) -> list[str]:
        async with watched(Systemd()) as heard:
            progress("step", within_s=within_s)
            await asyncio.sleep(0.01)
            return heard.stuck()

    stuck, well = await asyncio.gather(one(0), one(60))
    assert (stuck, well) == (["step"], [])


def test_progress_of_a_part_that_runs_alone_is_nobodys_business() -> None:
    progress("step")
