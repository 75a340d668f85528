"""``--check`` of every service, as a program, against a real broker, an evcc, Telegram, and a car behind a URL."""

import asyncio
import io
import json
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ems.contract.service import SERVICES
from ems.demo import day
from ems.demo.__main__ import main
from ems.demo.commands.check import installed
from ems.runtime.clock import AcceleratedClock
from ems.service.check import TIMEOUT_S
from ems.simulator.server import SimulatedEvcc
from support.brokers import Broker
from support.clouds import served
from support.fake_telegram import TOKEN, FakeTelegram
from support.patience import PATIENCE_S, in_time

CAR_KEY = "canary-of-the-car"


@dataclass
class Checked:
    """Everything that is checked, and what was said of it."""

    folder: Path
    files: dict[str, dict[str, Any]]
    telegram: FakeTelegram

    async def check(self, run: Callable[[Path], Awaitable[tuple[int, str]]] | None = None) -> tuple[int, str]:
        """The status and all that ``ems check`` says, within this process or as ``run`` runs it."""
        for service, settings in self.files.items():
            (self.folder / f"{service}.yaml").write_text(json.dumps(settings))
        status, said = await (run or in_this_process)(self.folder)
        for secret in (TOKEN, CAR_KEY, "Traceback", "[redacted]"):
            assert secret not in said
        return status, said


async def in_this_process(folder: Path) -> tuple[int, str]:
    """``ems`` itself need not start; the services that it asks do."""
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        return await asyncio.to_thread(main, ["check", str(folder)]), said.getvalue()


async def as_people_start_it(folder: Path) -> tuple[int, str]:
    """A program that starts programs, from nothing."""
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ems.demo", "check", folder,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await asyncio.wait_for(program.communicate(), 3 * PATIENCE_S)
    assert program.returncode is not None
    return program.returncode, out.decode()


@asynccontextmanager
async def checked(broker: Broker, folder: Path) -> AsyncGenerator[Checked]:
    """A home in which all is well."""

    async def car(request: web.Request) -> web.Response:
        known = request.headers.get("X-Key") == CAR_KEY
        return web.json_response({"soc": 63} if known else {"error": "who are you?"}, status=200 if known else 401)

    async def influx(request: web.Request) -> web.Response:
        assert "=" not in await request.text(), "a check writes no point"
        return web.Response(status=204, headers={"X-Influxdb-Version": "1.8.10"})

    app = web.Application()
    app.router.add_get("/car", car)
    app.router.add_post("/write", influx)
    telegram = FakeTelegram(1)
    for name, secret in (("token", TOKEN), ("car-key", CAR_KEY)):
        (folder / name).write_text(secret)
        (folder / name).chmod(0o600)
    mqtt = {"host": f"mqtt://127.0.0.1:{broker.port}"}
    evcc = SimulatedEvcc(
        day.demo_home(day.START), AcceleratedClock(time.time(), day.START.timestamp(), 1), zone=day.ZONE
    )
    async with evcc, TestServer(app, host="127.0.0.1") as web_server, served(telegram.app()) as api:
        there = f"http://127.0.0.1:{web_server.port}"
        own: dict[str, dict[str, Any]] = {
            "evcc-poller": {
                "evcc": {"url": evcc.url},
                "influx": {"version": 1, "database": "home", "url": there},
            },
            "vehicle-soc": {
                "vehicles": {
                    "zoe": {
                        "provider": "http",
                        "url": f"{there}/car",
                        "soc": "soc",
                        "header_credentials": {"X-Key": str(folder / "car-key")},
                    },
                    "old": {"provider": "manual"},
                },
            },
            "tariff-planner": {},
            "notifier": {"telegram": {"token_credential": str(folder / "token"), "api_url": api}},
        }
        files = {
            service: {"mqtt": mqtt, "state_dir": str(folder / "state" / service), **settings}
            for service, settings in own.items()
        }
        yield Checked(folder, files, telegram)


async def test_all_is_well_a_line_each_and_status_0(broker: Broker, tmp_path: Path) -> None:
    async with checked(broker, tmp_path) as home:
        status, said = await home.check(as_people_start_it)
        assert home.telegram.calls == ["getMe"], "the bot is taken over from nobody by a check"
    assert status == 0, said
    assert "PROBLEM" not in said
    for line in (
        *(f"ok       state directory: {tmp_path}/state/{service} will be made" for service in home.files),
        f"ok       broker 127.0.0.1:{broker.port}: lets us in, to read",
        "ok       evcc: evcc 0.3",
        "its loadpoints: Garage, Carport",
        "InfluxDB 1.8.10 takes points",
        "ok       car zoe: 63 %",
        "ok       car old: nothing to ask",
        "ok       Telegram: knows the token, of @house_bot",
    ):
        assert line in said
    assert not (tmp_path / "state" / "evcc-poller").exists(), "a check makes nothing"


async def test_only_services_of_this_version_are_named(broker: Broker, tmp_path: Path) -> None:
    async with checked(broker, tmp_path) as home:
        del home.files["notifier"]
        _, said = await home.check()
    assert "notifier: no settings" in said
    for missing in set(SERVICES) - set(installed()):
        assert missing not in said


async def test_what_does_not_work_is_named_beside_what_does_and_status_1(broker: Broker, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    async with checked(broker, tmp_path) as home:
        home.telegram.unauthorized = True
        home.files["evcc-poller"]["evcc"]["url"] = "http://nowhere.invalid:7070"
        home.files["evcc-poller"]["influx"]["url"] += "/elsewhere"
        (tmp_path / "car-key").write_text("canary-that-is-wrong")
        home.files["tariff-planner"]["state_dir"] = str(tmp_path / "file" / "state")
        status, said = await home.check()
    assert status == 1
    for line in (
        "PROBLEM  evcc: evcc at http://nowhere.invalid:7070 cannot be reached: its name cannot be resolved",
        "PROBLEM  InfluxDB http://127.0.0.1",
        "PROBLEM  car zoe: 127.0.0.1 refuses the login",
        "PROBLEM  Telegram: Telegram does not know the bot's token",
        f"PROBLEM  state directory: state_dir: {tmp_path}/file/state cannot be made",
        f"ok       broker 127.0.0.1:{broker.port}",
    ):
        assert line in said


async def test_wrong_settings_are_status_78_and_hide_nothing_of_the_others(broker: Broker, tmp_path: Path) -> None:
    async with checked(broker, tmp_path) as home:
        home.files["notifier"]["telegramm"] = {}
        home.files["vehicle-soc"]["mqtt"] = {**home.files["vehicle-soc"]["mqtt"], "client_id": "tariff-planner"}
        status, said = await home.check()
    assert status == 78
    assert "telegramm: unknown (did you mean 'telegram'?)" in said
    assert "ok       car zoe: 63 %" in said
    assert "PROBLEM  vehicle-soc and tariff-planner have the same mqtt.client_id tariff-planner" in said


async def test_who_never_answers_is_not_waited_for(tmp_path: Path) -> None:
    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    config = tmp_path / "evcc-poller.yaml"
    config.write_text(
        f"state_dir: {tmp_path}/s\nmqtt: {{host: '127.0.0.1:{port}'}}\n"
        f"evcc: {{url: 'http://127.0.0.1:{port}', timeout_s: 60}}\n"
        f"influx: {{version: 1, database: a, url: 'http://127.0.0.1:{port}', timeout_s: 60}}\n"
    )
    began = time.monotonic()
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "evcc_poller", "--check", "--config", str(config), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await asyncio.wait_for(program.communicate(), PATIENCE_S)
    took_s = time.monotonic() - began
    server.close()
    assert program.returncode == 1
    assert out.decode().count(f"no answer within {TIMEOUT_S:g} s") >= 2
    assert out.decode().count("PROBLEM") == 3
    assert took_s < in_time(TIMEOUT_S + 8)


@pytest.mark.parametrize("service", ["evcc_poller", "vehicle_soc", "tariff_planner", "notifier"])
async def test_every_service_makes_its_state_directory(broker: Broker, tmp_path: Path, service: str) -> None:
    state, config = tmp_path / "var" / "lib" / service, tmp_path / "s.yaml"
    config.write_text(f"state_dir: {state}\nmqtt: {{host: '127.0.0.1:{broker.port}'}}\n")
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", service, "--config", str(config), stderr=asyncio.subprocess.PIPE
    )
    assert program.stderr is not None
    async with asyncio.timeout(PATIENCE_S):
        while b"connected" not in await program.stderr.readline():
            assert program.returncode is None
    assert state.stat().st_mode & 0o777 == 0o700
    program.terminate()
    await asyncio.wait_for(program.communicate(), PATIENCE_S)
