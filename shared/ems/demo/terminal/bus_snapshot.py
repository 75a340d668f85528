"""The newest facts from the bus, all of one moment."""

from dataclasses import dataclass, field

from ems.bus.api import Bus
from ems.contract.control import Control, Controller, ControllerName, Proposal
from ems.contract.people import Goal
from ems.contract.plan import Plan, Prices
from ems.contract.service import Health
from ems.contract.site import Loadpoint, Rate, Site, Tariff
from ems.contract.topics import (
    CHART,
    CONTROL,
    CONTROLLER,
    GOAL,
    HEALTH,
    LOADPOINT,
    PLAN,
    PRICES,
    PROPOSAL,
    SITE,
    TARIFF,
)


@dataclass(frozen=True, slots=True)
class BusSnapshot:
    """The facts of one moment; what nobody published yet is absent."""

    site: Site | None = None
    loadpoints: dict[str, Loadpoint] = field(default_factory=dict)
    controls: dict[str, Control] = field(default_factory=dict)
    goals: dict[str, Goal] = field(default_factory=dict)
    healths: dict[str, Health] = field(default_factory=dict)
    prices: Prices | None = None
    rates: tuple[Rate, ...] = ()
    plan: Plan | None = None
    proposals: tuple[Proposal, ...] = ()
    """Of the planner, by device."""
    learner_proposals: tuple[Proposal, ...] = ()
    """Of the learner, by device."""
    controllers: dict[str, Controller] = field(default_factory=dict)
    """By device, who steers it and why."""
    chart: str | None = None


class BusWatcher:
    """Watches everything that a :class:`BusSnapshot` holds."""

    def __init__(self, bus: Bus) -> None:
        self._site, self._prices, self._plan, self._chart = (bus.watch(t) for t in (SITE, PRICES, PLAN, CHART))
        self._loadpoints, self._controls, self._goals = bus.watch(LOADPOINT), bus.watch(CONTROL), bus.watch(GOAL)
        self._healths, self._tariffs, self._proposals = bus.watch(HEALTH), bus.watch(TARIFF), bus.watch(PROPOSAL)
        self._controllers = bus.watch(CONTROLLER)

    def snapshot(self) -> BusSnapshot:
        """The newest of everything."""
        tariff: Tariff | None = self._tariffs.get("grid")
        return BusSnapshot(
            site=self._site.get(),
            loadpoints=self._loadpoints.items(),
            controls=self._controls.items(),
            goals=self._goals.items(),
            healths=self._healths.items(),
            prices=self._prices.get(),
            rates=tariff.rates if tariff else (),
            plan=self._plan.get(),
            proposals=self._proposals_of(ControllerName.LP),
            learner_proposals=self._proposals_of(ControllerName.RL),
            controllers=self._controllers.items(),
            chart=self._chart.get(),
        )

    def _proposals_of(self, controller: ControllerName) -> tuple[Proposal, ...]:
        return tuple(p for key, p in sorted(self._proposals.items().items()) if key.startswith(f"{controller}/"))
