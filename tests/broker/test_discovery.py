"""Home Assistant is told of every device, of changes, and of what is gone; again when it is born."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ems.bus.session import MqttBus
from ems.contract.message import Language, Text
from ems.contract.people import Option, Question, QuestionKind
from ems.contract.service import Service
from ems.contract.site import BatteryFact, EvccFact, EvccVehicle, Loadpoint, LoadpointKind, LoadpointMode, Site
from ems.contract.topics import LOADPOINT, QUESTION, SITE, VEHICLE
from ems.contract.vehicle import AgeClass, Vehicle
from ems.homeassistant.discovery import announce as announcing
from ems.homeassistant.discovery.entity import Entity, HomeContext, payload
from ems.homeassistant.discovery.loadpoint import loadpoint
from ems.homeassistant.discovery.page import examples
from ems.runtime.settings import HomeAssistantSettings
from support.brokers import Broker
from support.bus import Raw, raw, session

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
NODE = "homeassistant/device/evcc-poller"
DEVICES = examples(HomeContext(learner=True))


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcing, "LISTEN_S", 0.3)
    monkeypatch.setattr(announcing, "REMOVE_AFTER_S", 0.3)
    monkeypatch.setattr(announcing, "BIRTH_SPREAD_S", 0.1)
    monkeypatch.setattr(announcing, "SUBSCRIBED_S", 0.1)


def home(*, battery: bool = True, reachable: bool = True) -> Site:
    cars = (EvccVehicle(name="limo"),) if reachable else ()
    fact = BatteryFact(soc_pct=50) if battery else None
    return Site(at=NOW, evcc=EvccFact(reachable=reachable), battery=fact, title="Home", vehicles=cars)


def point(number: int) -> Loadpoint:
    kind = LoadpointKind.CAR
    return Loadpoint(at=NOW, id=number, kind=kind, mode=LoadpointMode.PV, connected=False, charging=False)


async def announcing_on(bus: MqttBus) -> None:
    await announcing.announce(bus, HomeAssistantSettings(), bus.service, "1.0", "en")


async def config(hand: Raw, device: str, node: str = NODE) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(await hand.wait_for(f"{node}/{device}/config"))
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


async def test_at_home_assistants_birth_everything_is_announced_again_in_other_words(broker: Broker) -> None:
    """What it has taken in wrongly while it started it reads anew only where the words are others."""
    async with raw(broker.settings(), "homeassistant/#") as hand, session(broker.settings()) as bus:
        bus.publish(SITE, home())
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(announcing_on(bus))
            told = []
            for _ in range(3):
                await config(hand, "site")
                told += hand.payloads(f"{NODE}/site/config")[-1:]
                hand.seen.clear()
                await hand.publish("homeassistant/status", b"online")
            task.cancel()
    first, second, third = told
    assert third == first != second
    assert json.loads(second.replace(b"{##}", b"")) == json.loads(first)


async def test_what_is_empty_is_said_to_home_assistant_too(broker: Broker) -> None:
    async with session(broker.settings()) as bus:
        bus.publish(SITE, home())
        bus.clear(LOADPOINT, id="7")
        await bus.flush()
        async with raw(broker.settings(), "evcc/ems/#", "homeassistant/#") as hand, asyncio.TaskGroup() as tasks:
            task = tasks.create_task(announcing_on(bus))
            await config(hand, "site")
            assert await hand.wait_for("evcc/ems/loadpoint/7") == b""
            hand.seen.clear()
            await hand.publish("homeassistant/status", b"online")
            assert await hand.wait_for("evcc/ems/loadpoint/7") == b""
            assert [m for m in hand.seen if m.topic.matches("homeassistant/#") and not m.payload] == []
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


async def test_what_is_missing_for_a_moment_is_not_taken_back(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcing, "REMOVE_AFTER_S", 1.5)
    async with raw(broker.settings(), "homeassistant/#") as hand, session(broker.settings()) as bus:
        bus.publish(SITE, home())
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(announcing_on(bus))
            await config(hand, "site")
            bus.publish(SITE, home(battery=False))
            await bus.flush()
            bus.publish(SITE, home())
            bus.publish(LOADPOINT, point(1), id="1")
            await config(hand, "loadpoint-1")
            assert len(hand.payloads(f"{NODE}/site/config")) == 1
            task.cancel()


async def test_the_planner_is_announced_in_the_sites_currency_and_not_before_it_is_known(broker: Broker) -> None:
    node = "homeassistant/device/tariff-planner"
    async with raw(broker.settings(), "homeassistant/#") as hand:
        async with session(broker.settings()) as gateway:
            gateway.publish(SITE, home(reachable=False))
            await gateway.flush()
        async with session(broker.settings(), Service.TARIFF_PLANNER) as bus, asyncio.TaskGroup() as tasks:
            task = tasks.create_task(announcing_on(bus))
            await asyncio.sleep(0.6)
            assert hand.payloads(f"{node}/planner/config") == []
            async with session(broker.settings()) as gateway:
                gateway.publish(SITE, home().model_copy(update={"currency": "CHF"}))
                planner = await config(hand, "planner", node)
            assert planner["components"]["price"]["unit_of_measurement"] == "CHF/kWh"
            assert planner["components"]["saving_eur"]["unit_of_measurement"] == "CHF"
            task.cancel()


async def test_a_car_that_nobody_knows_any_more_disappears_and_one_that_is_only_out_of_sight_stays(
    broker: Broker,
) -> None:
    node = "homeassistant/device/notifier"
    async with (
        raw(broker.settings(), "homeassistant/#") as hand,
        session(broker.settings()) as gateway,
        session(broker.settings(), Service.NOTIFIER) as bus,
        asyncio.TaskGroup() as tasks,
    ):
        gateway.publish(SITE, home())
        task = tasks.create_task(announcing_on(bus))
        car = await config(hand, "vehicle-limo", node)
        assert car["device"]["name"] == "limo"
        gateway.publish(SITE, home(reachable=False))
        await gateway.flush()
        await asyncio.sleep(0.6)
        gateway.publish(SITE, home().model_copy(update={"vehicles": (EvccVehicle(name="mini", title="Mini"),)}))
        await hand.wait_for(f"{node}/vehicle-limo/config", b"")
        assert len(hand.payloads(f"{node}/vehicle-limo/config")) == 2
        assert (await config(hand, "vehicle-mini", node))["device"]["name"] == "Mini"
        task.cancel()


async def test_the_last_car_that_vehicle_soc_had_disappears_and_its_hub_stays(broker: Broker) -> None:
    node = "homeassistant/device/vehicle-soc"
    async with (
        raw(broker.settings(), "homeassistant/#") as hand,
        session(broker.settings()) as gateway,
        session(broker.settings(), Service.VEHICLE_SOC) as bus,
        asyncio.TaskGroup() as tasks,
    ):
        gateway.publish(SITE, home())
        bus.publish(VEHICLE, Vehicle(name="limo", at=NOW, age=AgeClass.UNKNOWN), vehicle="limo")
        task = tasks.create_task(announcing_on(bus))
        car, hub = await config(hand, "vehicle-limo", node), await config(hand, "cars", node)
        assert car["device"]["via_device"] == hub["device"]["via_device"] == "evcc_ems_site"
        bus.clear(VEHICLE, vehicle="limo")
        await hand.wait_for(f"{node}/vehicle-limo/config", b"")
        assert hand.payloads(f"{node}/cars/config")[-1] != b""
        task.cancel()


async def test_a_question_brings_its_answers_and_takes_them_along(broker: Broker) -> None:
    node = "homeassistant/device/notifier"
    question = Question(
        id="q7",
        vehicle="limo",
        kind=QuestionKind.SWAP,
        text=Text(en="Swap?", de="Tauschen?"),
        options=(Option(key="done", label=Text(en="Swapped", de="Getauscht")),),
        asked_at=NOW,
        expires_at=NOW + timedelta(hours=1),
    )
    async with (
        raw(broker.settings(), "homeassistant/#") as hand,
        session(broker.settings()) as gateway,
        session(broker.settings(), Service.NOTIFIER) as bus,
        asyncio.TaskGroup() as tasks,
    ):
        gateway.publish(SITE, home())
        task = tasks.create_task(announcing_on(bus))

        def options() -> list[str]:
            said = hand.payloads(f"{node}/vehicle-limo/config")
            found: list[str] = json.loads(said[-1])["components"]["answer"]["options"] if said else ["not yet"]
            return found

        await hand.until(lambda: options() == [])
        bus.publish(QUESTION, question, vehicle="limo")
        await hand.until(lambda: options() == ["Swapped"])
        bus.clear(QUESTION, vehicle="limo")
        await hand.until(lambda: options() == [])
        task.cancel()


@pytest.mark.parametrize("device", DEVICES, ids=lambda d: f"{d.service}:{d.id}")
def test_an_entity_has_a_key_of_its_own_and_a_name_in_every_language(device: Any) -> None:
    entities: tuple[Entity, ...] = device.entities
    assert len({e.key for e in entities}) == len(entities)
    for language in Language:
        names = [getattr(e.name, language) for e in entities if isinstance(e.name, Text)]
        assert len(set(names)) == len(names), "two entities of a device cannot be told apart"
        whole = json.loads(payload(device, "evcc/ems", "1.0", language))
        for key, component in whole["components"].items():
            assert component["unique_id"].endswith(key)
            assert component["platform"] == "button" or "state_topic" in component or "image_topic" in component


@pytest.mark.parametrize(("shared", "services"), [("vehicle-limo", 3), ("loadpoint-1", 2)])
def test_services_that_tell_of_one_device_say_the_same_of_it_and_share_no_entity(shared: str, services: int) -> None:
    told = [d for d in DEVICES if d.id == shared]
    assert len(told) == services
    assert len({(d.name, d.model) for d in told}) == 1
    assert len({d.topic for d in told}) == services
    keys = [e.key for d in told for e in d.entities]
    assert len(set(keys)) == len(keys)


def test_rl_can_be_chosen_only_where_there_is_a_learner() -> None:
    def choices(device: Any) -> list[str]:
        whole = json.loads(payload(device, "evcc/ems", "1.0", "en"))
        options: list[str] = whole["components"]["controller"]["options"]
        return options

    assert choices(DEVICES[1]) == ["Automatic", "The plan", "The learner", "evcc alone"]
    assert choices(loadpoint(1, "Garage", {}, HomeContext(), LoadpointKind.CAR)) == [
        "Automatic",
        "The plan",
        "evcc alone",
    ]


def test_a_switch_socket_has_nothing_of_a_car() -> None:
    def keys(kind: LoadpointKind) -> set[str]:
        whole = json.loads(
            payload(loadpoint(2, "Socket", {"limo": "Limo"}, HomeContext(), kind), "evcc/ems", "1.0", "en")
        )
        return set(whole["components"])

    socket, car = keys(LoadpointKind.DEVICE), keys(LoadpointKind.CAR)
    assert socket < car
    assert not socket & {"soc", "connected", "limit_soc", "vehicle", "boost"}
    assert {"mode", "power_w", "energy_kwh", "controller"} <= socket


@pytest.mark.parametrize(
    ("told", "own", "link"),
    [
        (None, "http://evcc.lan:7070/", "http://evcc.lan:7070/"),
        (None, "http://localhost:7070/", None),
        ("http://10.0.0.5:7070", "http://localhost:7070/", "http://10.0.0.5:7070/"),
    ],
)
async def test_the_site_links_to_evcc_where_people_can_reach_it(
    broker: Broker, told: str | None, own: str, link: str | None
) -> None:
    settings = HomeAssistantSettings.model_validate({"evcc_url": told})
    async with (
        raw(broker.settings(), "homeassistant/#") as hand,
        session(broker.settings()) as bus,
        asyncio.TaskGroup() as tasks,
    ):
        bus.publish(SITE, home())
        task = tasks.create_task(announcing.announce(bus, settings, bus.service, "1.0", "en", evcc_url=own))
        assert (await config(hand, "site"))["device"].get("configuration_url") == link
        task.cancel()


async def test_login_codes_are_asked_for_only_where_the_cloud_sends_them(broker: Broker) -> None:
    node = "homeassistant/device/vehicle-soc"
    async with (
        raw(broker.settings(), "homeassistant/#") as hand,
        session(broker.settings(), Service.VEHICLE_SOC) as bus,
        asyncio.TaskGroup() as tasks,
    ):
        for name, codes in (("limo", True), ("mini", False)):
            fact = Vehicle(name=name, at=NOW, age=AgeClass.UNKNOWN, provider="http", login_possible=codes)
            bus.publish(VEHICLE, fact, vehicle=name)
        task = tasks.create_task(announcing_on(bus))
        limo, mini = await config(hand, "vehicle-limo", node), await config(hand, "vehicle-mini", node)
        assert set(limo["components"]) - set(mini["components"]) == {"login_code", "login_send"}
        task.cancel()
