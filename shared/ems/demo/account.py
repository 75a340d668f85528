"""What the day cost, against the same home, weather and trips under evcc alone."""

from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from ems.contract.site import BatteryMode, TariffKind
from ems.simulator.evcc_core import EvccCore
from ems.simulator.home import Departure, SimulatedHome
from ems.simulator.recurring_plans import every_day
from ems.simulator.settings_store import StoredPlan


@dataclass(frozen=True, slots=True)
class Account:
    """A home's money over ``hours``; what is stored at the end is credited with ``value_eur_per_kwh``."""

    hours: float
    paid_eur: float
    stored_kwh: float
    value_eur_per_kwh: float
    import_kwh: float
    export_kwh: float
    departures: tuple[Departure, ...]

    @property
    def cost_eur(self) -> float:
        """What was paid, less the credit for what is stored."""
        return self.paid_eur - self.stored_kwh * self.value_eur_per_kwh


def account(before: SimulatedHome, after: SimulatedHome) -> Account:
    """What passed between two states of one home; stored energy is counted against what there was ``before``.

    A kWh that is left at the end is worth the median price of the time between: neither full nor empty wins by itself.
    """
    return Account(
        hours=(after.now - before.now) / timedelta(hours=1),
        paid_eur=after.meter.cost_eur - before.meter.cost_eur,
        stored_kwh=_stored_kwh(after) - _stored_kwh(before),
        value_eur_per_kwh=_median_price(before, after.now),
        import_kwh=after.meter.import_kwh - before.meter.import_kwh,
        export_kwh=after.meter.export_kwh - before.meter.export_kwh,
        departures=tuple(after.departures[len(before.departures) :]),
    )


def evcc_alone(
    before: SimulatedHome, until: datetime, goals: dict[str, StoredPlan], interval_s: float
) -> SimulatedHome:
    """The same home lived through by evcc without the suite.

    evcc gets the same goals as repeating plans of its own, solar surplus for the cars, and the switch that keeps the
    home battery from feeding a car that charges fast: evcc at its best, as an attentive owner would set it up.
    """
    home = deepcopy(before)
    home.battery_mode = BatteryMode.NORMAL  # whatever the suite had made it do when the day began
    evcc = EvccCore(home, interval_s=interval_s)
    evcc.site.discharge_control = True
    for name, goal in goals.items():
        evcc.settings.vehicles[name].repeating = [every_day(goal, evcc.zone)]
    evcc.advance(until)
    return home


def _stored_kwh(home: SimulatedHome) -> float:
    """Energy in the battery and the cars; a trip that was begun is paid with its whole energy."""
    cars = sum(car.energy_kwh - (car.on.kwh if car.on else 0) for car in home.cars.values())
    return home.battery_kwh + cars


def _median_price(before: SimulatedHome, until: datetime) -> float:
    rates = before.environment.rates(TariffKind.GRID, before.now)
    prices = [rate.value for rate in rates if rate.start < until]
    return median(prices or [before.environment.at(before.now).import_eur_per_kwh])
