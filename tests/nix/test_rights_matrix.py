"""Each client, each topic: publish, subscribe, receive, on a real mosquitto with the rights that Nix made."""

import re
from collections.abc import Iterator

import pytest
from paho.mqtt.client import topic_matches_sub

from ems.contract.access import Access, access
from ems.contract.broker import DOORBELL
from ems.contract.service import SERVICES, Service
from ems.contract.topics import PREFIX, TOPICS
from nix.dynsec import Guarded, guarded
from nix.mosquittos import ALL
from nix.mqtt_client import Client

EXAMPLES = {
    "id": "1",
    "tariff": "grid",
    "device": "battery",
    "vehicle": "zoe",
    "driver": "anna",
    "forecast": "pv",
    "event": "charged",
}
BIRTH = "homeassistant/status"
OTHERS = {
    "evcc/core/site/gridPower",
    "evcc/core/loadpoints/1/mode",
    "evcc/core/loadpoints/1/mode/set",
    "evcc/else",
    BIRTH,
    "homeassistant/device/other/x/config",
    "homeassistant/light/kitchen/config",
    "zigbee2mqtt/bridge/state",
    "$CONTROL/dynamic-security/v1",
}


def paths() -> set[str]:
    """A real topic for every kind there is: facts of each owner, commands, results, answers, announcements."""
    found = set()
    for topic in TOPICS:
        for service in SERVICES:
            for controller in ("lp", "rl"):
                names = {**EXAMPLES, "service": service, "controller": controller}
                path = topic.pattern.format(**names)
                found |= {path, re.sub(r"/(set|get)$", "/result", path)}
    found |= {f"reply/{service}/7f" for service in SERVICES}
    announced = {f"homeassistant/device/{service}/site/config" for service in SERVICES}
    return {f"{PREFIX}/{path}" for path in found} | announced | OTHERS


def within(topics: set[str], filters: set[str]) -> set[str]:
    return {topic for topic in topics if any(topic_matches_sub(each, topic) for each in filters)}


def below(filters: frozenset[str]) -> set[str]:
    return {f"{PREFIX}/{each}" for each in filters}


def rights_of(client: str) -> Access:
    """Whole filters, as the design says it: the oracle."""
    if client == "evcc":
        return Access(frozenset({"evcc/core/#", "evcc/else"}), frozenset({"evcc/core/#", "evcc/else"}))
    if client == "homeassistant":
        send = below(access(Service.USERS).send) | {BIRTH}
        return Access(frozenset(send), frozenset({"evcc/#", "homeassistant/#"}))
    service = Service(client)
    own, announced = access(service), f"homeassistant/device/{service}/+/config"
    bell = {f"evcc/core/{each}" for each in DOORBELL} if service is Service.EVCC_POLLER else set()
    return Access(frozenset(below(own.send) | {announced}), frozenset(below(own.receive) | {announced, BIRTH} | bell))


CLIENTS = ["evcc", "homeassistant", *SERVICES]


@pytest.fixture(scope="module", params=ALL)
def house(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Guarded]:
    made = guarded(tmp_path_factory.mktemp("matrix"), request.param)
    made.apply()
    made.ctrl("dynsec", "createRole", "everything")
    made.ctrl("dynsec", "addRoleACL", "everything", "publishClientSend", "#", "allow")
    made.ctrl("dynsec", "createClient", "everybody")
    made.ctrl("dynsec", "setClientPassword", "everybody", made.password("everybody"))
    made.ctrl("dynsec", "addClientRole", "everybody", "everything")
    yield made
    made.broker.stop()


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_publishes_what_is_its_own_and_nothing_else(name: str, house: Guarded) -> None:
    with Client(house, name) as client:
        assert client.may_publish(sorted(paths())) == within(paths(), set(rights_of(name).send))


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_subscribes_to_what_it_consumes_and_nothing_wider(name: str, house: Guarded) -> None:
    receive = set(rights_of(name).receive)
    wider = {"#", "+/+/+", "evcc/+/+", f"{PREFIX}/#", "homeassistant/#", "zigbee2mqtt/#", "$CONTROL/#"}
    allowed = {each for each in wider if each in receive or (name == "homeassistant" and each.startswith("evcc/"))}
    with Client(house, name) as client:
        assert client.may_subscribe(sorted(receive)) == receive
        found = client.may_subscribe(sorted(wider - receive))
    assert found == allowed - receive if name != "evcc" else found <= {"evcc/+/+"}


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_may_subscribe_to_no_topic_of_others(name: str, house: Guarded) -> None:
    foreign = paths() - within(paths(), set(rights_of(name).receive))
    assert len(foreign) >= 2  # Home Assistant reads the whole house
    with Client(house, name) as client:
        assert client.may_subscribe(sorted(foreign)) == set()


@pytest.mark.parametrize("name", CLIENTS)
def test_a_last_will_reaches_nobody_where_its_client_may_not_publish(name: str, house: Guarded) -> None:
    foreign = f"{PREFIX}/site" if name != "evcc-poller" else f"{PREFIX}/plan"
    own = min(topic for topic in within(paths(), set(rights_of(name).send)) if topic != foreign)
    with Client(house, "homeassistant") as people:
        assert people.may_subscribe(["evcc/#", "homeassistant/#"]) == {"evcc/#", "homeassistant/#"}
        for topic in (foreign, own):
            Client(house, name, will=topic).vanish()
        people.wait_for(own)
        assert foreign not in people.received


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_is_handed_what_it_consumes_and_nothing_else(name: str, house: Guarded) -> None:
    # What it may not subscribe to it cannot be handed; evcc may subscribe to more than it is handed.
    filters = {"evcc/#"} if name == "evcc" else set(rights_of(name).receive)
    topics = paths() - {"$CONTROL/dynamic-security/v1"}
    last = "evcc/else" if name in {"evcc", "homeassistant"} else BIRTH
    with Client(house, name) as client, Client(house, "everybody") as everybody:
        assert client.may_subscribe(sorted(filters)) == filters
        assert everybody.may_publish([*sorted(topics - {last}), last]) == topics
        client.wait_for(last)
        assert client.received == within(topics, set(rights_of(name).receive))
