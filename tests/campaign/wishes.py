"""What a person has said and been promised: whatever goes wrong, it holds."""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from campaign.home import Home
from ems.contract.site import LoadpointMode

MODES = (LoadpointMode.PV, LoadpointMode.NOW, LoadpointMode.OFF)


@dataclass
class Wishes:
    """What was accepted last, by topic; a command that nobody answered leaves two possible worlds."""

    promised: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """By topic, contents of which one holds: the last accepted one, and any later one that got no answer."""
    asked: int = 0
    answered: int = 0

    async def say(self, home: Home, dice: random.Random) -> None:
        """One command of a person's, whatever is going wrong just now."""
        topic, content = self._draw(home, dice)
        self.asked += 1
        accepted = await home.command(topic, **content)
        if accepted:
            self.promised[topic] = [content]
        elif accepted is None:
            self.promised.setdefault(topic, [{}]).append(content)
        self.answered += accepted is not None

    def broken(self, home: Home) -> list[str]:
        """The promises that the facts do not keep."""
        return [
            f"{topic}: promised {contents}, is {_now(home, topic)}"
            for topic, contents in self.promised.items()
            if not any(not c or _kept(c, _now(home, topic)) for c in contents)
        ]

    @staticmethod
    def _draw(home: Home, dice: random.Random) -> tuple[str, dict[str, Any]]:
        match dice.randrange(4):
            case 0:
                departure = home.clock.now() + timedelta(days=3, minutes=dice.randint(0, 600))
                return "goal/limo", {"soc_pct": dice.randint(50, 100), "departure": f"{departure:%FT%TZ}"}
            case 1:
                return "loadpoint/2/mode", {"mode": dice.choice(MODES)}
            case 2:
                return "vehicle/limo/soc", {"soc_pct": dice.randint(20, 45)}
            case _:
                return "controller/battery", {"controller": dice.choice(("auto", "lp", "off"))}


def _now(home: Home, topic: str) -> dict[str, Any]:
    """What the facts and evcc say of it."""
    match topic:
        case "goal/limo":
            goal = home.fact("goal/limo")
            return {"soc_pct": goal.get("soc_pct"), "departure": goal.get("departure")}
        case "loadpoint/2/mode":
            evcc, control = home.evcc.evcc, home.fact("control/loadpoint-2")
            owner = control.get("owner")
            return {"mode": evcc.settings.loadpoints["2"].mode if evcc and owner == "user" else owner}
        case "vehicle/limo/soc":
            vehicle = home.fact("vehicle/limo")
            return {"soc_pct": None if vehicle.get("estimated") else vehicle.get("soc_pct")}
        case _:
            return {"controller": home.fact("control/battery").get("choice", "auto")}


def _kept(promised: dict[str, Any], found: dict[str, Any]) -> bool:
    if "soc_pct" in promised and "departure" not in promised and found["soc_pct"] is None:
        return True  # it charges: the manual SoC is carried forward
    return all(found[key] == value for key, value in promised.items())
