"""What a person has said and been promised: whatever goes wrong, it holds."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from campaign.home import MODEL, UNMEASURED, Home
from ems.contract.site import LoadpointMode
from ems.contract.topics import PREFIX
from ems.contract.vehicle import Vehicle

MODES = (LoadpointMode.PV, LoadpointMode.NOW, LoadpointMode.OFF)
TELLS_WITHIN_PCT = 5.0
"""How far a charging car may be ahead of what was published of it last."""


@dataclass(frozen=True)
class Said:
    """What a person said of a topic, and when at the earliest; empty: nothing yet."""

    content: dict[str, Any]
    at: datetime


@dataclass
class Wishes:
    """What was accepted last, by topic; a command that nobody answered leaves two possible worlds."""

    promised: dict[str, list[Said]] = field(default_factory=dict)
    """By topic, that of which one holds: the last accepted one, and any later one that got no answer."""
    asked: int = 0
    answered: int = 0

    async def say(self, home: Home, topic: str, dice: random.Random) -> None:
        """A command of a person's, whatever is going wrong just now."""
        said = Said(TOPICS[topic](home, dice), home.clock.now())
        self.asked += 1
        accepted = await home.command(topic, **said.content)
        if accepted:
            self.promised[topic] = [said]
        elif accepted is None:
            self.promised.setdefault(topic, [Said({}, said.at)]).append(said)
        self.answered += accepted is not None

    def broken(self, home: Home) -> list[str]:
        """The promises that the facts do not keep; that of what was learnt among them."""
        broken = [
            f"{topic}: promised {[s.content for s in worlds]}, is {_now(home, topic)}: {home.fact(_fact(topic))}"
            for topic, worlds in self.promised.items()
            if not any(not s.content or _kept(home, topic, s) for s in worlds)
        ]
        learnt = {each["name"]: each.get("version") for each in home.fact("learning").get("learners", ())}
        if learnt.get(MODEL.trained.name) != MODEL.version:
            broken.append(f"the model {MODEL.trained.name} of version {MODEL.version}: {learnt}")
        return broken


def _goal(home: Home, dice: random.Random) -> dict[str, Any]:
    departure = home.clock.now() + timedelta(days=3, minutes=dice.randint(0, 600))
    return {"soc_pct": dice.randint(50, 100), "departure": f"{departure:%FT%TZ}"}


TOPICS: dict[str, Callable[[Home, random.Random], dict[str, Any]]] = {
    "goal/limo": _goal,
    "goal/mini": _goal,
    "loadpoint/2/mode": lambda _, dice: {"mode": dice.choice(MODES)},
    "vehicle/limo/soc": lambda _, dice: {"soc_pct": dice.randint(20, 45)},
    f"vehicle/{UNMEASURED}/soc": lambda _, dice: {"soc_pct": dice.randint(20, 95)},
    "controller/battery": lambda _, dice: {"controller": dice.choice(("auto", "lp", "off"))},
    "controller/loadpoint-1": lambda _, dice: {"controller": dice.choice(("auto", "lp", "off"))},
    "planning": lambda _, dice: {"reserve_soc_pct": dice.randint(5, 30)},
}
"""What people say, and the content that is drawn for it."""


def _fact(topic: str) -> str:
    """Where what became of it is published."""
    name, _, which = topic.partition("/")
    match name:
        case "loadpoint":
            return f"control/loadpoint-{which.removesuffix('/mode')}"
        case "controller":
            return f"control/{which}"
        case _:
            return topic.removesuffix("/soc")


def _now(home: Home, topic: str) -> dict[str, Any]:
    """What the facts and evcc say of it."""
    fact = home.fact(_fact(topic))
    match topic.split("/"):
        case ["goal", _]:
            return {"soc_pct": fact.get("soc_pct"), "departure": fact.get("departure")}
        case ["loadpoint", number, _]:
            evcc, owner = home.evcc.evcc, fact.get("owner")
            return {"mode": evcc.settings.loadpoints[number].mode if evcc and owner == "user" else owner}
        case ["vehicle", *_]:
            return {"soc_pct": fact.get("soc_pct")}
        case ["planning"]:
            return {"reserve_soc_pct": fact.get("reserve_soc_pct")}
        case _:
            return {"controller": fact.get("choice", "auto")}


def _kept(home: Home, topic: str, said: Said) -> bool:
    if not topic.startswith("vehicle/"):
        found = _now(home, topic)
        return all(found[key] == value for key, value in said.content.items())
    payload = home.facts.get(f"{PREFIX}/{_fact(topic)}")
    return bool(payload) and _soc_kept(home, Vehicle.parse(payload or b""), said)


def _soc_kept(home: Home, vehicle: Vehicle, said: Said) -> bool:
    """A SoC read off the car counts until something newer is measured, and rises with what is charged."""
    promised_pct, car = said.content["soc_pct"], home.evcc.home.cars.get(vehicle.name)
    if vehicle.soc_pct is None:
        # After a trip nobody knows any more.
        return any(left.car == vehicle.name and left.at > said.at for left in home.evcc.home.departures)
    if vehicle.source == "manual":
        return bool(vehicle.soc_pct >= promised_pct if vehicle.estimated else vehicle.soc_pct == promised_pct)
    newer = vehicle.measured_at is not None and vehicle.measured_at >= said.at
    return newer and car is not None and -1 < car.soc_pct - vehicle.soc_pct < TELLS_WITHIN_PCT
