"""Whoever holds another account's password can throw no service out by its client id; on real mosquittos."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from ems.bus.broker_check import BrokerCheck
from ems.bus.session import MqttBus
from ems.contract.service import Service
from ems.runtime.settings import HomeAssistantSettings, MqttSettings
from nix.dynsec import Guarded, guarded
from nix.mosquittos import ALL
from nix.mqtt_client import Client
from support.bus import eventually, raw, session

STATUS = "evcc/ems/vehicle-soc/status"


@pytest.fixture(scope="module", params=ALL)
def house(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Guarded]:
    made = guarded(tmp_path_factory.mktemp("ids"), request.param)
    made.apply()
    yield made
    made.broker.stop()


def settings(house: Guarded, username: str) -> MqttSettings:
    return house.broker.settings(username=username)


def own(house: Guarded) -> tuple[MqttSettings, SecretStr]:
    return settings(house, "vehicle-soc"), SecretStr(house.password("vehicle-soc"))


def reasons(bus: MqttBus) -> str:
    return " ".join(bus.health.snapshot().reasons)


async def test_nobody_else_throws_a_service_out_by_its_name(house: Guarded) -> None:
    mqtt, password = own(house)
    people = settings(house, "homeassistant")
    as_people = {"username": "homeassistant", "password": house.password("homeassistant")}
    async with (
        session(mqtt, Service.VEHICLE_SOC, password=password) as bus,
        raw(people, STATUS, **as_people) as hand,
    ):
        await hand.wait_for(STATUS, b"online")
        for other in house.clients():
            if other != "vehicle-soc":
                with Client(house, other, client_id="vehicle-soc") as attacker:
                    attacker.may_publish(["evcc/else"])  # it is let in, and answered
        assert "lets us in" in await BrokerCheck(Service.VEHICLE_SOC, mqtt, HomeAssistantSettings(), password).run()
        assert bus.connected
        assert set(hand.payloads(STATUS)) == {b"online"}


async def test_a_new_start_takes_over_what_an_old_one_left_behind_and_two_of_one_service_say_so(house: Guarded) -> None:
    mqtt, password = own(house)
    async with session(mqtt, Service.VEHICLE_SOC, password=password) as first:
        async with session(mqtt, Service.VEHICLE_SOC, password=password):
            await eventually(lambda: "with our client id vehicle-soc;" in reasons(first))
        await eventually(lambda: first.connected)


async def test_an_account_that_is_bound_to_the_services_name_still_lets_it_in(house: Guarded) -> None:
    mqtt, password = own(house)
    assert house.ctrl("dynsec", "setClientId", "vehicle-soc", "vehicle-soc").returncode == 0
    try:
        async with session(mqtt, Service.VEHICLE_SOC, password=password) as bus:
            assert bus.connected
    finally:
        house.ctrl("dynsec", "setClientId", "vehicle-soc")
