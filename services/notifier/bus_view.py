"""The newest facts on the bus."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from ems.bus.api import Bus, Watch
from ems.contract.control import Control
from ems.contract.plan import Plan, Prices
from ems.contract.site import Loadpoint, Site
from ems.contract.topics import CHART, CONTROL, LOADPOINT, PLAN, PRICES, SITE, VEHICLE
from ems.contract.vehicle import Vehicle
from notifier.domain.cars import KnownCar, cars

PRICES_VALID = timedelta(minutes=40)
"""Age at which prices no longer count: they come every 15 min, and one may be missed."""
FOLLOWED = (PLAN, PRICES, SITE, LOADPOINT, VEHICLE)
"""Topics whose changes can make something worth saying."""


@dataclass(frozen=True, slots=True)
class BusView:
    """The newest facts; what is too old to act on is absent."""

    names: tuple[str, ...]
    site: Watch[Site]
    loadpoints: Watch[Loadpoint]
    vehicles: Watch[Vehicle]
    controls: Watch[Control]
    _plan: Watch[Plan]
    _prices: Watch[Prices]
    chart: Watch[str]

    @classmethod
    def on(cls, bus: Bus, names: tuple[str, ...]) -> Self:
        """Begins to watch; ``names`` are the vehicles that are known from the settings."""
        return cls(
            names,
            bus.watch(SITE),
            bus.watch(LOADPOINT),
            bus.watch(VEHICLE),
            bus.watch(CONTROL),
            bus.watch(PLAN),
            bus.watch(PRICES),
            bus.watch(CHART),
        )

    def cars(self, now: datetime) -> dict[str, KnownCar]:
        """All known cars."""
        return cars(self.names, self.vehicles.items(), self.loadpoints.items(), self.site.get(), now)

    @property
    def is_empty(self) -> bool:
        """Whether it is not known yet which cars there are, and which of them are plugged in."""
        return not self.vehicles.items() or not self.loadpoints.items()

    def plan(self, now: datetime) -> Plan | None:
        """The plan while it is valid."""
        plan = self._plan.get()
        return plan if plan and plan.valid_until > now else None

    def prices(self, now: datetime) -> Prices | None:
        """The prices' places while they are news."""
        prices = self._prices.get()
        return prices if prices and now - prices.at < PRICES_VALID else None
