"""Home Assistant is told of every device, of changes, and of what is gone; again when it is born."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ems.contract.message import Text
from ems.contract.service import Service
from ems.contract.site import BatteryFact, EvccFact, EvccVehicle, Loadpoint, LoadpointKind, LoadpointMode, Site
from ems.contract.topics import LOADPOINT, SITE
from ems.runtime.discovery import announce as announcing
from ems.runtime.discovery.entity import Entity, payload
from ems.runtime.discovery.loadpoint import loadpoint
from ems.runtime.discovery.planner import planner
from ems.runtime.discovery.site import site
from ems.runtime.discovery.vehicle import vehicle
from ems.runtime.mqtt import MqttBus
from ems.runtime.settings import HomeAssistantSettings
from support.brokers import Broker
from support.bus import Raw, raw, session

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
NODE = "homeassistant/device/evcc-poller"
DEVICES = [
    site("Home", battery=True, learner=True),
    loadpoint(1, "Garage", ("limo", "mini"), heater=False, learner=False),
    loadpoint(2, "Boiler", (), heater=True, learner=False),
    vehicle("limo", "Limo", cloud=True),
    planner("Planner", "en"),
]


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcing, "LISTEN_S", 0.3)
    monkeypatch.setattr(announcing, "BIRTH_SPREAD_S", 0.1)


def home(*, battery: bool = True, reachable: bool = True) -> Site:
    cars = (EvccVehicle(name="limo"),) if reachable else ()
    fact = BatteryFact(soc_pct=50) if battery else None
    return Site(at=NOW, evcc=EvccFact(reachable=reachable), battery=fact, title="Home", vehicles=cars)


def point(number: int) -> Loadpoint:
    kind = LoadpointKind.CAR
    return Loadpoint(at=NOW, id=number, kind=kind, mode=LoadpointMode.PV, connected=False, charging=False)


async def announcing_on(bus: MqttBus) -> None:
    await announcing.announce(bus, HomeAssistantSettings(), Service.EVCC_POLLER, "1.0", "en")


async def config(hand: Raw, device: str) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(await hand.wait_for(f"{NODE}/{device}/config"))
    return whole


async def test_the_hub_is_announced_before_its_loadpoints(broker: Broker) -> None:
    async with raw(broker.settings(), "homeassistant/#") as hand, session(broker.settings()) as bus:
        bus.publish(SITE, home())
        bus.publish(LOADPOINT, point(1), id="1")
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(announcing_on(bus))
            one = await config(hand, "loadpoint-1")
            order = [m.topic.value for m in hand.seen]
            assert order.index(f"{NODE}/site/config") < order.index(f"{NODE}/loadpoint-1/config")
            hub = await config(hand, "site")
            assert one["device"]["via_device"] == hub["device"]["identifiers"][0]
            assert "battery_mode" in hub["components"]
            task.cancel()


async def test_what_is_gone_is_taken_back_once_and_what_an_earlier_run_announced_too(broker: Broker) -> None:
    async with raw(broker.settings(), "homeassistant/#") as hand:
        async with session(broker.settings()) as bus:
            bus.announce(f"{NODE}/loadpoint-9/config", b'{"components": {}}')
            bus.announce(f"{NODE}/site/config", payload(DEVICES[0], "evcc/ems", "0.9", "en"))
            await bus.flush()
        hand.seen.clear()
        async with session(broker.settings()) as bus, asyncio.TaskGroup() as tasks:
            bus.publish(SITE, home(battery=False))
            bus.publish(LOADPOINT, point(1), id="1")
            task = tasks.create_task(announcing_on(bus))
            await config(hand, "loadpoint-1")
            await hand.wait_for(f"{NODE}/loadpoint-9/config", b"")
            farewell, final = (json.loads(p) for p in hand.payloads(f"{NODE}/site/config"))
            assert farewell["components"]["battery_soc"] == {"platform": "sensor"}
            assert "battery_soc" not in final["components"]
            assert "grid_w" in final["components"]
            task.cancel()


async def test_at_home_assistants_birth_everything_is_announced_again(broker: Broker) -> None:
    async with raw(broker.settings(), "homeassistant/#") as hand, session(broker.settings()) as bus:
        bus.publish(SITE, home())
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(announcing_on(bus))
            await config(hand, "site")
            hand.seen.clear()
            await hand.publish("homeassistant/status", b"online")
            await config(hand, "site")
            task.cancel()


async def test_while_evcc_is_away_what_was_announced_stays(broker: Broker) -> None:
    async with raw(broker.settings(), "homeassistant/#") as hand, session(broker.settings()) as bus:
        bus.publish(SITE, home())
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(announcing_on(bus))
            await config(hand, "site")
            seen = len(hand.seen)
            bus.publish(SITE, home(reachable=False))
            await bus.flush()
            await hand.publish("homeassistant/after", b"")
            await hand.wait_for("homeassistant/after")
            assert len(hand.seen) == seen + 1
            task.cancel()


@pytest.mark.parametrize("device", DEVICES, ids=lambda d: d.id)
def test_an_entity_has_a_key_of_its_own_and_a_name_in_both_languages(device: Any) -> None:
    entities: tuple[Entity, ...] = device.entities
    assert len({e.key for e in entities}) == len(entities)
    for language in ("en", "de"):
        names = [getattr(e.name, language) for e in entities if isinstance(e.name, Text)]
        assert len(set(names)) == len(names), "two entities of a device cannot be told apart"
        whole = json.loads(payload(device, "evcc/ems", "1.0", language))
        for key, component in whole["components"].items():
            assert component["unique_id"].endswith(key)
            shown = component["platform"] in {"button", "text"}
            assert shown or "state_topic" in component or "image_topic" in component


def test_rl_can_be_chosen_only_where_there_is_a_learner() -> None:
    def choices(device: Any) -> list[str]:
        whole = json.loads(payload(device, "evcc/ems", "1.0", "en"))
        options: list[str] = whole["components"]["controller"]["options"]
        return options

    assert choices(DEVICES[0]) == ["auto", "lp", "rl", "off"]
    assert choices(DEVICES[1]) == ["auto", "lp", "off"]
