"""What a person has said and been promised: whatever goes wrong, it holds."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from campaign.home import MODEL, Home
from ems.contract.site import LoadpointMode

MODES = (LoadpointMode.PV, LoadpointMode.NOW, LoadpointMode.OFF)


@dataclass
class Wishes:
    """What was accepted last, by topic; a command that nobody answered leaves two possible worlds."""

    promised: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """By topic, contents of which one holds: the last accepted one, and any later one that got no answer."""
    asked: int = 0
    answered: int = 0

    async def say(self, home: Home, topic: str, dice: random.Random) -> None:
        """A command of a person's, whatever is going wrong just now."""
        content = TOPICS[topic](home, dice)
        self.asked += 1
        accepted = await home.command(topic, **content)
        if accepted:
            self.promised[topic] = [content]
        elif accepted is None:
            self.promised.setdefault(topic, [{}]).append(content)
        self.answered += accepted is not None

    def broken(self, home: Home) -> list[str]:
        """The promises that the facts do not keep; that of what was learnt among them."""
        broken = [
            f"{topic}: promised {contents}, is {_now(home, topic)}"
            for topic, contents in self.promised.items()
            if not any(not c or _kept(c, _now(home, topic)) for c in contents)
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
    "controller/battery": lambda _, dice: {"controller": dice.choice(("auto", "lp", "off"))},
    "controller/loadpoint-1": lambda _, dice: {"controller": dice.choice(("auto", "lp", "off"))},
    "planning": lambda _, dice: {"reserve_soc_pct": dice.randint(5, 30)},
}
"""What people say, and the content that is drawn for it."""


def _now(home: Home, topic: str) -> dict[str, Any]:
    """What the facts and evcc say of it."""
    match topic.split("/"):
        case ["goal", _]:
            goal = home.fact(topic)
            return {"soc_pct": goal.get("soc_pct"), "departure": goal.get("departure")}
        case ["loadpoint", number, _]:
            evcc, owner = home.evcc.evcc, home.fact(f"control/loadpoint-{number}").get("owner")
            return {"mode": evcc.settings.loadpoints[number].mode if evcc and owner == "user" else owner}
        case ["vehicle", name, _]:
            vehicle = home.fact(f"vehicle/{name}")
            return {"soc_pct": None if vehicle.get("estimated") else vehicle.get("soc_pct")}
        case ["planning"]:
            return {"reserve_soc_pct": home.fact("planning").get("reserve_soc_pct")}
        case _:
            return {"controller": home.fact(topic.replace("controller", "control")).get("choice", "auto")}


def _kept(promised: dict[str, Any], found: dict[str, Any]) -> bool:
    if "soc_pct" in promised and "departure" not in promised and found["soc_pct"] is None:
        return True  # it charges: the manual SoC is carried forward
    return all(found[key] == value for key, value in promised.items())
