"""What is measured comes every second; Home Assistant's devices are made anew only when something of them changes."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ems.bus.session import MqttBus
from ems.contract.control import Choice, Controller
from ems.contract.people import Driver
from ems.contract.service import Service
from ems.contract.site import BatteryFact, EvccFact, EvccVehicle, Loadpoint, LoadpointKind, LoadpointMode, Site
from ems.contract.topic import Topic
from ems.contract.topics import CONTROLLER, DRIVER, LOADPOINT, SITE, VEHICLE
from ems.contract.vehicle import AgeClass, Vehicle
from ems.homeassistant.discovery import announce as announcing
from ems.homeassistant.discovery.announce import Announcer
from ems.homeassistant.discovery.devices import devices
from ems.homeassistant.discovery.entity import DiscoveryDevice, HomeContext, payload
from ems.runtime.settings import HomeAssistantSettings, MqttSettings
from support.clocks import StandingClock
from support.quiet_bus import QuietBus

NOW = datetime(2026, 1, 14, 20, tzinfo=UTC)
HOME = HomeContext()
LOADPOINTS, CARS = 3, 4
SERVICES = [service for service in Service if service is not Service.USERS]


def site(load_w: float = 500, title: str = "Home") -> Site:
    cars = tuple(EvccVehicle(name=f"car-{n}") for n in range(CARS))
    battery = BatteryFact(soc_pct=load_w / 10)
    return Site(at=NOW, evcc=EvccFact(reachable=True), title=title, load_w=load_w, battery=battery, vehicles=cars)


def point(number: int, power_w: float = 0, title: str = "Garage") -> Loadpoint:
    return Loadpoint(
        at=NOW,
        id=number,
        kind=LoadpointKind.CAR,
        title=title,
        mode=LoadpointMode.PV,
        connected=True,
        charging=power_w > 0,
        power_w=power_w,
    )


def car(number: int, soc_pct: float = 50, title: str | None = None) -> Vehicle:
    return Vehicle(name=f"car-{number}", at=NOW, age=AgeClass.FRESH, provider="mqtt", soc_pct=soc_pct, title=title)


@pytest.fixture
def bus() -> QuietBus:
    """A home as all services know it."""
    bus = QuietBus(StandingClock(NOW))
    bus.set(SITE, site())
    for number in range(1, LOADPOINTS + 1):
        bus.set(LOADPOINT, point(number), str(number))
    for number in range(CARS):
        bus.set(VEHICLE, car(number), f"car-{number}")
    bus.set(DRIVER, Driver(name="Anna", at=NOW, vehicles=("car-1",), language="en"), "anna")
    steered = Controller(device="loadpoint-1", at=NOW, since=NOW, controller=Choice.LP, chosen_by="automatic")
    bus.set(CONTROLLER, steered, "loadpoint-1")
    return bus


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The devices whose announcement was made, one after the other."""
    made: list[str] = []

    def noted(device: DiscoveryDevice, *rest: Any) -> bytes:
        made.append(device.id)
        return payload(device, *rest)

    monkeypatch.setattr(announcing, "payload", noted)
    return made


def announcer(service: Service) -> Announcer:
    unconnected = MqttBus(service, MqttSettings(), StandingClock(NOW))
    return Announcer(unconnected, HomeAssistantSettings(), service, "1.0", "en")


@pytest.mark.parametrize("service", SERVICES)
def test_a_look_at_evcc_and_a_cars_charge_make_no_device_anew(service: Service, bus: QuietBus, made: list[str]) -> None:
    announced = announcer(service)
    announced.update(devices(service, bus, HOME))
    once = list(made)
    assert once
    for second in range(1, 5):
        bus.set(SITE, site(load_w=500 + second))
        bus.set(LOADPOINT, point(1, power_w=1000 * second), "1")
        bus.set(VEHICLE, car(1, soc_pct=50 + second), "car-1")
        announced.update(devices(service, bus, HOME))
    assert made == once


NEW_NAMES: list[tuple[Service, Topic[Any], Any, str]] = [
    (Service.EVCC_POLLER, SITE, site(title="Hut"), ""),
    (Service.EVCC_POLLER, LOADPOINT, point(1, title="Carport"), "1"),
    (Service.TARIFF_PLANNER, LOADPOINT, point(1, title="Carport"), "1"),
    (Service.RL_AGENT, LOADPOINT, point(1, title="Carport"), "1"),
    (Service.VEHICLE_SOC, VEHICLE, car(1, title="Limo"), "car-1"),
    (Service.NOTIFIER, VEHICLE, car(1, title="Limo"), "car-1"),
]


@pytest.mark.parametrize(("service", "topic", "value", "key"), NEW_NAMES)
def test_another_name_does(
    service: Service, topic: Topic[Any], value: Any, key: str, bus: QuietBus, made: list[str]
) -> None:
    announced = announcer(service)
    announced.update(devices(service, bus, HOME))
    once = len(made)
    bus.set(topic, value, key)
    announced.update(devices(service, bus, HOME))
    assert len(made) == 2 * once
