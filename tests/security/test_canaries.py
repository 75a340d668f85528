"""All five services with a secret in every setting that takes one, among friends that fail and say all they heard."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from aiohttp import web

from ems.contract.service import SERVICES, Service
from ems.contract.topics import PREFIX
from ems.demo import day
from ems.runtime.clock import VARIABLE, AcceleratedClock
from ems.simulator.server import SimulatedEvcc
from support.brokers import MOSQUITTO, Mosquitto
from support.bus import Raw, eventually, raw
from support.clouds import served
from support.suite import Suite, started

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]

HAND = "homeassistant"
LOUD = "canary-"
"""What every secret here begins with."""
WELL_WITHIN_S = 300.0
"""Real seconds in which five services start, on a busy machine."""
LINGER_S = float(os.environ.get("CANARIES", "0"))
"""Real seconds for which everybody goes on failing."""


class Gossip:
    """A server that is Telegram, InfluxDB and a car's cloud: it refuses everything and repeats what it was told."""

    def __init__(self) -> None:
        self.heard = ""
        self.app = web.Application()
        self.app.router.add_route("*", "/{rest:.*}", self._tell)

    async def _tell(self, request: web.Request) -> web.StreamResponse:
        told = f"{request.method} {request.path_qs} {dict(request.headers)} {await request.text()}"
        self.heard += told
        status = 401 if len(self.heard) % 2 else 503
        return web.Response(status=status, text=json.dumps({"ok": False, "error": told, "message": told}), reason="no")


class Secrets:
    """Files that only their owner may read, each with a canary of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.all = folder, set[str]()
        folder.mkdir()

    def ref(self, name: str, before: str = "") -> str:
        """The file of a new secret."""
        file = self._folder / name
        secret = f"{before}{LOUD}{name}"
        file.touch(mode=0o600)
        file.write_text(f"{secret}\n")
        self.all.add(secret)
        return str(file)


def passwords(folder: Path, secrets: Secrets) -> Path:
    """mosquitto's password file: an account a service."""
    file = folder / "passwords"
    file.touch()
    for name in (*SERVICES, HAND):
        secret = Path(secrets.ref(f"mqtt-{name}")).read_text().strip()
        subprocess.run(["mosquitto_passwd", "-b", str(file), name, secret], check=True, capture_output=True)
    file.chmod(0o644)
    return file


def settings(evcc: str, gossip: str, secrets: Secrets) -> dict[Service, dict[str, Any]]:
    """Each setting that names a credential names one."""
    return {
        Service.EVCC_POLLER: {
            "evcc": {"url": evcc, "password_credential": secrets.ref("evcc")},
            "influx": {
                "version": 2,
                "url": gossip,
                "org": "home",
                "bucket": "home",
                "token_credential": secrets.ref("influx-token"),
            },
        },
        Service.TARIFF_PLANNER: {},
        Service.VEHICLE_SOC: {
            "vehicles": {
                "limo": {
                    "provider": "http",
                    "url": f"{gossip}/car",
                    "soc": "/soc",
                    "header_credentials": {"X-Key": secrets.ref("car-key")},
                    "username": "owner",
                    "password_credential": secrets.ref("car-password"),
                },
                "mini": {
                    "provider": "mqtt",
                    "topic": "cars/mini",
                    "broker": {"host": "127.0.0.1", "port": 1, "username": "owner"},
                    "broker_password_credential": secrets.ref("car-broker"),
                },
            }
        },
        Service.RL_AGENT: {},
        Service.NOTIFIER: {
            "drivers": {"anna": {"vehicles": ["limo"], "telegram_chat_id": 42}},
            "telegram": {"token_credential": secrets.ref("telegram", "123456:"), "api_url": gossip},
        },
    }


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[tuple[Mosquitto, Secrets]]:
    secrets = Secrets(tmp_path / "secrets")
    home = tmp_path / "broker"
    home.mkdir()
    one = Mosquitto(home, ["allow_anonymous false", f"password_file {passwords(home, secrets)}"])
    one.start()
    yield one, secrets
    one.kill()


@pytest.mark.skipif(not LINGER_S, reason="opt-in, because it takes a minute: make canaries")
@pytest.mark.skipif(MOSQUITTO is None, reason="needs mosquitto")
async def test_no_secret_shows_up_anywhere(broker: tuple[Mosquitto, Secrets], tmp_path: Path) -> None:
    mosquitto, secrets = broker
    gossip, home = Gossip(), tmp_path / "suite"
    home.mkdir()
    clock = AcceleratedClock(time.time(), day.START.timestamp(), 1.0)
    evcc = SimulatedEvcc(day.demo_home(day.START), clock, password=f"{LOUD}evcc", zone=day.ZONE)
    environment = {VARIABLE: clock.variable()}

    def login(service: Service) -> dict[str, Any]:
        return {"username": service.value, "password_credential": str(tmp_path / "secrets" / f"mqtt-{service}")}

    hand_login = {"username": HAND, "password": f"{LOUD}mqtt-{HAND}"}
    async with evcc, served(gossip.app) as url, raw(mosquitto.settings(), "#", **hand_login) as hand:
        running = Suite(mosquitto, home, evcc, settings(evcc.url, url, secrets), login, environment)
        async with started(running):
            tried = running.logs[Service.VEHICLE_SOC]
            await eventually(
                lambda: (_all_told(hand) and '"car:mini"' in tried.read_text()) or running.dead(), WELL_WITHIN_S
            )
            assert running.dead() == []
            await _provoke(hand)
            await asyncio.sleep(LINGER_S)
            places = {f"{s} in /proc": _process(p.pid) for s, p in running.processes.items()}
            assert running.dead() == []
        # Another life with a wrong password for the broker, and evcc's changed: refused logins.
        for name in (*(f"mqtt-{service}" for service in SERVICES), "evcc"):
            (tmp_path / "secrets" / name).write_text(f"{LOUD}wrong-{name}")
        refused = Suite(mosquitto, home, evcc, running.own, login, environment)
        async with started(refused):
            await eventually(
                lambda: all('"about": "mqtt"' in log.read_text() for log in refused.logs.values()), WELL_WITHIN_S
            )
        checks = await asyncio.gather(*(asyncio.to_thread(_check, home, service) for service in SERVICES))
    places |= dict(zip((f"{s} --check" for s in SERVICES), checks, strict=True))
    places |= {f"topic {m.topic}": m.topic.value.encode() + b" " + m.payload for m in hand.seen if not _is_ours(m)}
    places |= {str(file.relative_to(home)): file.read_bytes() for file in home.rglob("*") if file.is_file()}
    # They did get out to those whom they are for, or nothing was tried.
    for told in ("influx-token", "car-key", "telegram"):
        assert LOUD + told in gossip.heard, f"{told} was never used"
    found = {place: secret for place, text in places.items() for secret in _secrets_in(text, secrets)}
    assert not found
    assert len(places) > 50


def _secrets_in(text: bytes, secrets: Secrets) -> set[str]:
    """Which secrets a text holds, also percent-encoded; the address of an account is one."""
    plain = text.decode("utf-8", errors="replace").replace("%3A", ":").replace("%2D", "-")
    return {s for s in secrets.all if s in plain} | ({f"{LOUD}..."} if LOUD in plain else set())


def _all_told(hand: Raw) -> bool:
    newest = {m.topic.value: m.payload for m in hand.seen}
    healths = [json.loads(newest.get(f"{PREFIX}/{service}/health", b"{}")) for service in SERVICES]
    # The other car's broker is in the log alone: evcc reads that car meanwhile.
    limo = json.loads(newest.get(f"{PREFIX}/vehicle/limo", b"{}"))
    troubled = [h.get("state") in {"degraded", "failed"} for h in healths if h]
    return len(troubled) == len(SERVICES) and sum(troubled) >= 3 and bool(limo.get("problem"))


async def _provoke(hand: Raw) -> None:
    """Commands with a secret in them: an answer never repeats what was sent."""
    for path in ("loadpoint/1/mode", "vehicle/limo/login", "planning", "goal/limo", "controller/battery"):
        for content in ({"id": "1", "code": f"{LOUD}code"}, {"mode": f"{LOUD}mode"}, f"{LOUD}nonsense"):
            await hand.publish(f"{PREFIX}/{path}/set", json.dumps(content))


def _is_ours(message: aiomqtt.Message) -> bool:
    """Whether a message is our own command."""
    return message.topic.value.endswith("/set")


def _process(pid: int) -> bytes:
    return b" ".join(Path(f"/proc/{pid}/{name}").read_bytes() for name in ("cmdline", "environ"))


def _check(home: Path, service: Service) -> bytes:
    name = service.replace("-", "_")
    done = subprocess.run(
        [sys.executable, "-m", name, "--config", str(home / f"{name}.json"), "--check"],
        capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    return done.stdout + done.stderr
