"""Every device and entity as tables for docs/home-assistant.md."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from ems.contract.message import Text
from ems.contract.people import Option, Question, QuestionKind
from ems.contract.site import LoadpointKind
from ems.homeassistant.discovery.entity import DiscoveryDevice, Entity, HomeContext
from ems.homeassistant.discovery.learner import learner
from ems.homeassistant.discovery.loadpoint import loadpoint
from ems.homeassistant.discovery.notifier import car_goal, driver, drivers
from ems.homeassistant.discovery.planner.device import planner
from ems.homeassistant.discovery.planner.series import planned_at
from ems.homeassistant.discovery.planner.steering import wishes_of_car
from ems.homeassistant.discovery.site import site
from ems.homeassistant.discovery.vehicle import cars, vehicle
from ems.homeassistant.discovery.wording.tables import named

_ASKED = Question(
    id="q1",
    vehicle="limo",
    kind=QuestionKind.CHARGE,
    text=Text(en="How full should Limo be?", de="Wie voll soll Limo werden?", nl="Hoe vol moet Limo zijn?"),
    options=(
        Option(key="soc_80", label=Text(en="80 %", de="80 %", nl="80 %")),
        Option(key="other", label=Text(en="Other …", de="Andere …", nl="Ander …")),
        Option(key="no", label=Text(en="No", de="Nein", nl="Nee")),
    ),
    free_text=True,
    asked_at=datetime(2026, 11, 21, tzinfo=UTC),
    expires_at=datetime(2026, 11, 22, tzinfo=UTC),
)


def examples(home: HomeContext) -> tuple[DiscoveryDevice, ...]:
    """One of everything that can be announced, hubs first; the car appears twice, as two services tell of it."""
    return (
        site("Home", home, solar=True, battery=True, batteries=("Battery 1", "Battery 2")),
        loadpoint(1, "Garage", {"limo": "Limo", "mini": "Mini"}, home, LoadpointKind.CAR),
        loadpoint(2, "Boiler", {}, home, LoadpointKind.HEATER),
        planner(home),
        learner({"battery": home.say(named("battery")), "loadpoint-1": "Garage"}, home),
        cars(home),
        vehicle("limo", "Limo", home, cloud=True, codes=True),
        drivers(home),
        driver("anna", "Anna", home),
        car_goal("limo", "Limo", _ASKED, home),
        planned_at("1", "Garage", home),
        wishes_of_car("limo", "Limo", home),
    )


_HEADS = {
    "site": "The site (named as in evcc), by evcc-poller",
    "loadpoint-1": "Each loadpoint (named as in evcc), by evcc-poller and, from *Planned start* on, by tariff-planner",
    "loadpoint-2": "A heater has instead of charge, connection, limit, vehicle and boost; a socket has none of them",
    "planner": "Planner, by tariff-planner",
    "learner": "Learner, by rl-agent; for each device that it learns for",
    "cars": "Cars, by vehicle-soc",
    "vehicle-limo": "Each car, by vehicle-soc; from *Charge goal* on, by notifier, from *Not before* on, by planner",
    "drivers": "Drivers, by notifier",
    "driver-anna": "Each driver, by notifier",
}


def tables() -> str:
    """The tables, a device each, in English with the other languages' names."""
    merged: dict[str, list[Entity]] = {}
    for device in examples(HomeContext()):
        merged.setdefault(device.id, []).extend(device.entities)
    known = {e.key for e in merged["loadpoint-1"]}
    merged["loadpoint-2"] = [e for e in merged["loadpoint-2"] if e.key not in known]
    return "\n".join(line for key, entities in merged.items() for line in _table(_HEADS[key], entities))


def _table(head: str, entities: Iterable[Entity]) -> Iterator[str]:
    yield from (
        f"### {head}",
        "",
        "| entity | auf Deutsch | in het Nederlands | platform | topic | what |",
        "|---|---|---|---|---|---|",
    )
    yield from (_row(entity) for entity in entities)
    yield ""


def _row(entity: Entity) -> str:
    name = entity.name or Text(en="(the device's name)", de="", nl="")
    topic = entity.command or entity.state or ""
    return (
        f"| {name.en} | {name.de} | {name.nl or name.en} | {entity.platform} | `{topic}` | {'; '.join(_what(entity))} |"
    )


def _what(entity: Entity) -> Iterator[str]:
    more = entity.more
    unit = more.get("unit_of_measurement", "")
    if "max" in more and entity.platform == "number":
        yield f"{more['min']} to {more['max']} {unit}"
    elif unit:
        yield unit
    if entity.words:
        yield ", ".join(f"{text.en} (`{word}`)" if word else text.en for word, text in entity.words.items())
    if entity.about:
        yield entity.about
    if category := more.get("entity_category"):
        yield f"*{category}*"
    if entity.disabled:
        yield "*off by default*"
