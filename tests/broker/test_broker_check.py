"""Looking at a broker: there, the right port, let in, allowed; on real brokers, and without anybody noticing."""

import asyncio
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from ems.bus.broker_check import BrokerCheck
from ems.bus.session import MqttBus
from ems.contract.access import access
from ems.contract.service import HealthState, Service
from ems.contract.topics import SITE
from ems.runtime.clock import SystemClock
from ems.runtime.errors import PermanentError, TransientError
from ems.runtime.settings import HomeAssistantSettings, MqttSettings
from support.brokers import DYNAMIC_SECURITY, Broker, Mosquitto
from support.bus import FAST, eventually, not_let_in, raw, session

MakeMosquitto = Callable[..., Mosquitto]
STATUS = "evcc/ems/evcc-poller/status"


async def check(settings: MqttSettings, password: str | None = None, evcc_root: str | None = "evcc/core") -> str:
    secret = SecretStr(password) if password else None
    return await BrokerCheck(Service.EVCC_POLLER, settings, HomeAssistantSettings(), secret, evcc_root).run()


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(cert)],
        check=True, capture_output=True,
    )  # fmt: skip
    key.chmod(0o644)
    return key, cert


def password_file(folder: Path) -> Path:
    """Lets ``poller`` in."""
    passwords = folder / "passwords"
    passwords.touch()
    subprocess.run(["mosquitto_passwd", "-b", str(passwords), "poller", "right-one"], check=True, capture_output=True)
    passwords.chmod(0o644)
    return passwords


async def test_an_open_broker_lets_us_in_and_nobody_is_told_anything_new(broker: Broker) -> None:
    async with raw(broker.settings(), "#") as hand:
        assert "lets us in, to read" in await check(broker.settings())
        await asyncio.sleep(0.3)
        assert {(m.topic.value, m.payload, bool(m.retain)) for m in hand.seen} <= {(STATUS, b"offline", False)}


async def test_a_service_that_runs_is_seen_and_stays_on(broker: Broker) -> None:
    async with session(broker.settings(), Service.EVCC_POLLER) as bus, raw(broker.settings(), "evcc/ems/#") as hand:
        await bus.flush()
        await hand.wait_for(STATUS, b"online")
        assert "evcc-poller is online there" in await check(broker.settings())
        assert bus.connected
        assert set(hand.payloads(STATUS)) == {b"online"}
        assert bus.health.state is HealthState.OK


async def test_a_broker_that_is_away_or_has_no_such_name_is_said(unused_tcp_port: int) -> None:
    with pytest.raises(TransientError, match="connection refused"):
        await check(MqttSettings(host="127.0.0.1", port=unused_tcp_port))
    with pytest.raises(TransientError, match="its name cannot be resolved"):
        await check(MqttSettings(host="nowhere.invalid"))


@pytest.mark.mosquitto
async def test_plain_to_a_port_of_tls_and_the_reverse_is_guessed_and_said(
    mosquitto: MakeMosquitto, certificate: tuple[Path, Path]
) -> None:
    key, cert = certificate
    encrypted = mosquitto("allow_anonymous true", f"certfile {cert}", f"keyfile {key}")
    plain = mosquitto("allow_anonymous true")
    with pytest.raises(TransientError, match=r"speaks TLS: set mqtt\.tls: true"):
        await check(encrypted.settings())
    with pytest.raises(TransientError, match=r"speaks MQTT without TLS: set mqtt\.tls: false"):
        await check(plain.settings(tls=True))
    with pytest.raises(TransientError, match=r"signed by itself.*ca_file"):
        await check(encrypted.settings(host="localhost", tls=True))
    with pytest.raises(TransientError, match="certificate is for another"):
        await check(encrypted.settings(tls=True, ca_file=cert))
    assert "lets us in" in await check(encrypted.settings(host="localhost", tls=True, ca_file=cert))


@pytest.mark.mosquitto
async def test_a_service_that_speaks_plain_to_a_port_of_tls_says_so_in_its_health(
    mosquitto: MakeMosquitto, certificate: tuple[Path, Path]
) -> None:
    key, cert = certificate
    broker = mosquitto("allow_anonymous true", f"certfile {cert}", f"keyfile {key}")
    await not_let_in(broker.settings(), Service.NOTIFIER, "speaks TLS: set mqtt.tls: true")


async def test_a_web_server_is_no_broker() -> None:
    async with TestServer(web.Application(), host="127.0.0.1") as server:
        with pytest.raises(TransientError, match="is a web server's port, and no broker's"):
            await check(MqttSettings(host="127.0.0.1", port=server.port or 0))


@pytest.mark.mosquitto
async def test_a_login_that_is_not_good_is_said_with_the_settings_to_look_at(
    mosquitto: MakeMosquitto, tmp_path: Path
) -> None:
    passwords = password_file(tmp_path)
    broker = mosquitto("allow_anonymous false", f"password_file {passwords}")
    with pytest.raises(PermanentError, match=r"does not let us in without a name: see mqtt\.username"):
        await check(broker.settings())
    with pytest.raises(PermanentError, match="does not let us in as poller") as caught:
        await check(broker.settings(username="poller"), "wrong-one")
    assert "wrong-one" not in str(caught.value)
    assert "lets us in" in await check(broker.settings(username="poller"), "right-one")


@pytest.mark.mosquitto
async def test_what_an_acl_denies_is_named_topic_by_topic(mosquitto: MakeMosquitto, tmp_path: Path) -> None:
    acl = tmp_path / "acl"
    acl.write_text("topic readwrite #\ntopic deny evcc/ems/site\ntopic deny evcc/ems/control/+\n")
    broker = mosquitto("allow_anonymous true", f"acl_file {acl}")
    async with raw(broker.settings(), "#") as hand:
        with pytest.raises(PermanentError) as caught:
            await check(broker.settings())
        await asyncio.sleep(0.3)
        assert {m.topic.value for m in hand.seen} <= {STATUS}
    assert "sending to evcc/ems/control/+ is denied, sending to evcc/ems/site is denied" in str(caught.value)


@pytest.mark.mosquitto
async def test_who_may_read_nothing_is_told_though_mosquitto_takes_the_subscription(
    mosquitto: MakeMosquitto, tmp_path: Path
) -> None:
    acl = tmp_path / "acl"
    acl.write_text("topic write #\n")
    with pytest.raises(PermanentError, match=f"reading {STATUS} is denied: what is sent there does not come back"):
        await check(mosquitto("allow_anonymous true", f"acl_file {acl}").settings())


@pytest.mark.skipif(DYNAMIC_SECURITY is None, reason="NO DYNAMIC SECURITY HERE: this test needs mosquitto's plugin")
@pytest.mark.mosquitto
@pytest.mark.parametrize("missing", [None, "send", "receive"])
async def test_rights_by_dynamic_security_are_seen_as_they_are(
    mosquitto: MakeMosquitto, tmp_path: Path, missing: str | None
) -> None:
    rights = access(Service.EVCC_POLLER)
    given = {
        "publishClientSend": [*(f"evcc/ems/{t}" for t in rights.send), "homeassistant/device/evcc-poller/+/config"],
        "publishClientReceive": ["#"],
        "subscribePattern": [*(f"evcc/ems/{t}" for t in rights.receive), "homeassistant/status", "evcc/core/#"],
    }
    if missing:
        given[{"send": "publishClientSend", "receive": "subscribePattern"}[missing]].remove(f"evcc/ems/{SITE.filter}")
    acls = [{"acltype": kind, "topic": t, "priority": 0, "allow": True} for kind, ts in given.items() for t in ts]
    nobody = {"publishClientSend": False, "publishClientReceive": False, "subscribe": False, "unsubscribe": True}
    rules = tmp_path / "dynsec.json"
    role = {"rolename": "poller", "acls": acls}
    group = {"groupname": "all", "roles": [{"rolename": "poller"}], "clients": []}
    rules.write_text(
        json.dumps({"defaultACLAccess": nobody, "roles": [role], "groups": [group], "anonymousGroup": "all"})
    )
    rules.chmod(0o666)
    broker = mosquitto("allow_anonymous true", f"plugin {DYNAMIC_SECURITY}", f"plugin_opt_config_file {rules}")
    if missing is None:
        assert "lets us in" in await check(broker.settings())
        return
    with pytest.raises(PermanentError) as caught:
        await check(broker.settings())
    word = {"send": "sending to", "receive": "reading"}[missing]
    assert str(caught.value).startswith(f"lets us in, but {word} evcc/ems/site is denied: give its account")


async def test_two_services_with_one_client_id_say_so_in_their_health(broker: Broker) -> None:
    settings = broker.settings(client_id="home")
    both = [MqttBus(s, settings, SystemClock(), timeouts=FAST) for s in (Service.NOTIFIER, Service.TARIFF_PLANNER)]

    def reasons(bus: MqttBus) -> str:
        return " ".join(bus.health.snapshot().reasons)

    async with both[0].session(), both[1].session():
        await eventually(lambda: all("with our client id home" in reasons(bus) for bus in both))
        assert all("has another the same mqtt.client_id?" in reasons(bus) for bus in both)
