"""TLS to a broker with an authority of one's own: all five services speak it, and trust nobody else."""

from collections.abc import Callable

import pytest

from ems.bus.broker_check import BrokerCheck
from ems.bus.session import MqttBus
from ems.contract.service import SERVICES, HealthState, Service
from ems.runtime.clock import SystemClock
from ems.runtime.errors import TransientError
from ems.runtime.settings import HomeAssistantSettings, MqttSettings
from support.authority import Authority
from support.brokers import Mosquitto
from support.bus import FAST, eventually, session

pytestmark = [pytest.mark.mosquitto]
MakeMosquitto = Callable[..., Mosquitto]
OPEN = "allow_anonymous true"
UNKNOWN = "authority is not known here; where there is a setting ca_file, name it there"


async def check(settings: MqttSettings, service: Service) -> str:
    """What ``--check`` says of the broker."""
    return await BrokerCheck(service, settings, HomeAssistantSettings(), None, None).run()


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Authority]:
    """The house's own, another house's, and one of an old recipe; their keys take most of a second each."""
    folder = tmp_path_factory.mktemp("authorities")
    return {each: Authority(folder / each, usage=each != "old") for each in ("house", "stranger", "old")}


async def test_all_services_speak_to_a_broker_whose_authority_they_are_told(
    mosquitto: MakeMosquitto, authorities: dict[str, Authority]
) -> None:
    house = authorities["house"]
    settings = mosquitto(OPEN, *house.certificate().listener).settings(tls=True, ca_file=house.file)
    for service in SERVICES:
        async with session(settings, service) as bus:
            assert bus.health.state is HealthState.OK
        assert "lets us in" in await check(settings, service)


@pytest.mark.parametrize(
    ("name", "days", "trusted", "words"),
    [
        ("IP:127.0.0.1", 2, "stranger", UNKNOWN),
        ("IP:127.0.0.1", 2, None, UNKNOWN),
        ("IP:127.0.0.1", -1, "house", "its certificate has expired"),
        ("DNS:other.example", 2, "house", "its certificate is for another address than is asked for"),
        ("IP:127.0.0.1", 2, "old", "its authority's certificate does not say that it may sign"),
    ],
    ids=["another authority", "the system's authorities", "expired", "another name", "an authority of an old recipe"],
)
async def test_a_broker_that_cannot_prove_who_it_is_gets_nothing_from_anybody(
    mosquitto: MakeMosquitto,
    authorities: dict[str, Authority],
    name: str,
    days: int,
    trusted: str | None,
    words: str,
) -> None:
    signer = authorities["old" if trusted == "old" else "house"]
    ca = {"ca_file": authorities[trusted].file} if trusted else {}
    settings = mosquitto(OPEN, *signer.certificate(name, days=days).listener).settings(tls=True, **ca)
    for service in SERVICES:
        with pytest.raises(TransientError, match=words):
            await check(settings, service)
    bus = MqttBus(Service.RL_AGENT, settings, SystemClock(), timeouts=FAST)
    async with bus.session():
        await eventually(lambda: bus.health.state is not HealthState.OK)
        assert words in bus.health.snapshot().reasons[0]
        assert not bus.connected
