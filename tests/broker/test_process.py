"""A service as its own process: how it starts, dies, and what it tells systemd and people meanwhile."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from ems.demo.broker import free_port
from support.brokers import Broker
from support.bus import raw
from support.patience import PATIENCE_S, in_time

TESTS = Path(__file__).parents[1]
STATUS = "evcc/ems/notifier/status"
SECRET = "canary-in-a-coal-mine"


def write(tmp_path: Path, port: int, **more: object) -> Path:
    config = tmp_path / "notifier.json"
    config.write_text(json.dumps({"mqtt": {"host": "127.0.0.1", "port": port}, "state_dir": str(tmp_path), **more}))
    return config


@contextmanager
def service(config: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "support.service", "--config", str(config)],
        env={**os.environ, "PYTHONPATH": str(TESTS), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE_S)


async def test_a_service_that_is_killed_is_offline_by_its_last_will(broker: Broker, tmp_path: Path) -> None:
    async with raw(broker.settings(), "evcc/ems/#") as hand:
        with service(write(tmp_path, broker.port)) as process:
            await hand.wait_for(STATUS, b"online")
            process.kill()
            await hand.wait_for(STATUS, b"offline")
    async with raw(broker.settings(), STATUS) as later:
        await later.wait_for(STATUS, b"offline")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_service_that_is_told_to_stop_tidies_up_says_goodbye_and_ends_well(
    broker: Broker, tmp_path: Path, number: signal.Signals
) -> None:
    async with raw(broker.settings(), "evcc/ems/#") as hand:
        with service(write(tmp_path, broker.port)) as process:
            await hand.wait_for("evcc/ems/goal/zoe")
            process.send_signal(number)
            await hand.wait_for(STATUS, b"offline")
            out, _ = process.communicate(timeout=PATIENCE_S)
            assert out == "tidied up\n"
            assert process.returncode == 0


def test_a_service_stops_in_time_when_there_is_no_broker(tmp_path: Path) -> None:
    with service(write(tmp_path, free_port())) as process:
        assert process.stderr is not None
        while "the broker at" not in process.stderr.readline():
            pass
        process.terminate()
        process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0


@pytest.mark.parametrize(
    ("behave", "status", "line"),
    [
        ("crash", 1, "notifier: RuntimeError: could not log in with [redacted]"),
        ("give_up", 1, "notifier: the account is locked; unlock it at its maker's"),
    ],
)
def test_a_service_that_fails_says_why_in_one_line_without_secrets(
    broker: Broker, tmp_path: Path, behave: str, status: int, line: str
) -> None:
    secret = tmp_path / "token"
    secret.write_text(SECRET + "\n")
    secret.chmod(0o600)
    with service(write(tmp_path, broker.port, behave=behave, token_credential=str(secret))) as process:
        out, err = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == status
        assert line in err.splitlines()
        assert ("Traceback" in err) == (behave == "crash"), "a traceback is for what nobody foresaw"
        assert SECRET not in out + err


def test_a_service_whose_credential_others_can_read_ends_with_78(broker: Broker, tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text(SECRET)
    secret.chmod(0o644)
    with service(write(tmp_path, broker.port, token_credential=str(secret))) as process:
        _, err = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 78
        assert f"notifier: token_credential: {secret} can be read by others; `chmod 600 {secret}`" in err.splitlines()
        assert SECRET not in err


def test_a_service_that_will_not_stop_is_stopped(broker: Broker, tmp_path: Path) -> None:
    with service(write(tmp_path, broker.port, behave="hang")) as process:
        assert process.stderr is not None
        while "connected" not in process.stderr.readline():
            pass
        began_s = time.monotonic()
        process.terminate()
        process.communicate(timeout=PATIENCE_S)
        assert time.monotonic() - began_s < in_time(6)
        assert process.returncode == 1


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(str(tmp_path / "notify"))
        s.settimeout(PATIENCE_S)
        yield s


def test_systemd_is_told_and_fed_while_there_is_progress(
    broker: Broker, tmp_path: Path, systemd: socket.socket
) -> None:
    environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "300000"}
    with service(write(tmp_path, broker.port), **environment) as process:
        heard: list[bytes] = []
        while not {b"READY=1", b"WATCHDOG=1", b"STATUS=ok"} <= set(heard):
            heard.append(systemd.recv(4096))
        process.terminate()
        while heard[-1] != b"STOPPING=1":
            heard.append(systemd.recv(4096))
        process.communicate(timeout=PATIENCE_S)


def test_systemd_is_not_fed_when_something_is_stuck(broker: Broker, tmp_path: Path, systemd: socket.socket) -> None:
    environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "300000"}
    with service(write(tmp_path, broker.port, behave="stick"), **environment) as process:
        # Starting may take its time on a busy machine; only then silence means something.
        assert systemd.recv(4096) in {b"STATUS=ok", b"READY=1"}
        systemd.settimeout(1.5)
        heard = list(everything(systemd))
        assert heard.count(b"WATCHDOG=1") <= 3
        assert process.poll() is None, "it is stuck, not dead"
        process.kill()
        assert "no progress; systemd will restart us" in process.communicate(timeout=PATIENCE_S)[1]


def everything(systemd: socket.socket) -> Iterator[bytes]:
    """Until nothing more comes."""
    with suppress(TimeoutError):
        while True:
            yield systemd.recv(4096)
