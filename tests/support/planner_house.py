"""A house for the planner on a quiet bus, with a gateway that answers."""

from pathlib import Path
from typing import Any, override

from ems.bus.api import Refused
from ems.contract.message import Command, Malformed, Message
from ems.contract.requests import History
from ems.contract.site import EvccVehicle, Loadpoint, Tariff, TariffKind
from ems.contract.topic import Topic
from ems.contract.topics import LOADPOINT, SITE, TARIFF
from ems.i18n.records import CommandAnswer
from support.clocks import StandingClock
from support.evening import NIGHT, NOW, history, loadpoint, rates, site
from support.quiet_bus import QuietBus
from tariff_planner.settings import Settings


class House(QuietBus):
    """A bus whose gateway answers with two weeks of history, or with something that nobody can read."""

    def __init__(self, tmp_path: Path) -> None:
        self.time = StandingClock(NOW)
        super().__init__(self.time)
        self.readable = True
        self.settings = Settings(state_dir=tmp_path)
        self.set(SITE, site())
        prices = Tariff(kind=TariffKind.GRID, unit="EUR/kWh", fetched_at=NOW, rates=rates(NIGHT))
        self.set(TARIFF, prices, TariffKind.GRID)

    @override
    async def request(self, topic: Topic[Any], message: Command, *, timeout_s: float = 10, **names: str) -> Message:
        if not self.readable:
            raise Malformed("rows: input should be a list")
        return History(rows=history())

    def know_limo(self) -> None:
        self.set(SITE, site().model_copy(update={"vehicles": (EvccVehicle(name="limo"),)}))

    def car(self, **more: object) -> Loadpoint:
        fact = loadpoint(**more)
        self.set(LOADPOINT, fact, "1")
        return fact


def kind_of(why: Refused) -> str:
    assert isinstance(why.answer, CommandAnswer)
    return why.answer.kind
