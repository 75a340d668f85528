"""The simulated home itself: what really happens, whatever evcc believes.

Time only passes in :meth:`SimulatedHome.advance`; physics are those of :mod:`ems.house`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from ems.contract.site import BatteryMode, LoadpointMode
from ems.house.battery import BatterySpec
from ems.house.car import CarSpec, Charger
from ems.house.home import (
    Flows,
    Home,
    PluggedCar,
    simulate,
)
from ems.simulator.environment import Environment, Steady
from ems.simulator.meter import Meter


class BatteryFault(StrEnum):
    """What is wrong with the battery: it refuses modes with an error, or says yes and does nothing."""

    REFUSE = "refuse"
    SWALLOW = "swallow"


@dataclass(frozen=True, slots=True)
class CarTrip:
    """A car leaves its loadpoint and comes back with less energy (kWh)."""

    leave: datetime
    back: datetime
    kwh: float


@dataclass(slots=True)
class SimulatedCar:
    """A car, how full it is, where it is plugged in (a loadpoint's id), where it returns to and where it will go."""

    name: str
    title: str
    spec: CarSpec
    energy_kwh: float
    loadpoint: str | None = None
    parks_at: str | None = None
    trips: tuple[CarTrip, ...] = ()
    on: CarTrip | None = None
    """The trip that it is on."""
    tells_soc: bool = True
    """Whether evcc can read how full it is; else evcc shows none, and knows no limit to stop at."""

    @property
    def soc_pct(self) -> float:
        """State of charge in %."""
        return 100 * self.energy_kwh / self.spec.capacity_kwh


@dataclass(frozen=True, slots=True)
class Order:
    """What evcc makes a loadpoint do: its mode as it works out now, with which currents, up to which energy (kWh)."""

    mode: LoadpointMode
    charger: Charger
    limit_kwh: float | None = None


@dataclass(frozen=True, slots=True)
class Departure:
    """A car as it left, and what it lacked for its trip (kWh)."""

    car: str
    at: datetime
    soc_pct: float
    missing_kwh: float


@dataclass(slots=True)
class SimulatedHome:
    """A battery, chargers and cars at one meter. ``now`` is how far it was simulated.

    ``battery_modes`` are those that the battery really can; others it swallows. A battery that is not
    ``battery_controllable`` takes no modes from evcc at all.
    """

    now: datetime
    environment: Environment = field(default_factory=Steady)
    battery: BatterySpec | None = field(
        default_factory=lambda: BatterySpec(capacity_kwh=10, charge_kw=5, discharge_kw=5)
    )
    battery_kwh: float = 5.0
    battery_mode: BatteryMode = BatteryMode.NORMAL
    battery_modes: frozenset[BatteryMode] = frozenset(BatteryMode)
    battery_controllable: bool = True
    battery_fault: BatteryFault | None = None
    battery_orders: list[tuple[datetime, BatteryMode]] = field(default_factory=list)
    """Every mode that evcc asked of the battery, and when."""
    chargers: dict[str, Charger] = field(default_factory=lambda: {"1": Charger(switchable=True), "2": Charger()})
    switches: frozenset[str] = frozenset()
    """Loadpoints that are switch sockets, by id."""
    cars: dict[str, SimulatedCar] = field(default_factory=dict)
    meter: Meter = field(default_factory=Meter)
    departures: list[Departure] = field(default_factory=list)
    _flows: Flows | None = None

    @property
    def battery_soc_pct(self) -> float:
        """State of charge of the home battery in % (0 without one)."""
        return 100 * self.battery_kwh / self.battery.capacity_kwh if self.battery else 0.0

    @property
    def battery_w(self) -> float:
        """What the battery does at this moment, positive = discharging."""
        return self._flows.battery_kw * 1000 if self._flows else 0.0

    @property
    def grid_w(self) -> float:
        """What the meter shows at this moment, import positive."""
        return self._flows.grid_kw * 1000 if self._flows else 0.0

    def car_w(self, loadpoint: str) -> float:
        """What a loadpoint takes at this moment."""
        return self._flows.cars_kw.get(loadpoint, 0.0) * 1000 if self._flows else 0.0

    def car_at(self, loadpoint: str) -> SimulatedCar | None:
        """Which car is plugged in at a loadpoint."""
        return next((car for car in self.cars.values() if car.loadpoint == loadpoint), None)

    def switch_battery(self, mode: BatteryMode) -> None:
        """Evcc asks for a mode. Whether the battery does it, evcc does not notice."""
        self.battery_orders.append((self.now, mode))
        if self.battery_fault is None and mode in self.battery_modes:
            self.battery_mode = mode

    def advance(self, to: datetime, orders: Mapping[str, Order]) -> None:
        """Lets time pass while evcc's orders stay as they are."""
        while self.now < to:
            self._trips()
            until = min(to, self.environment.next_change(self.now), self._next_trip(), self.meter.next_slot(self.now))
            self._pass(until, orders)

    def observe(self, orders: Mapping[str, Order]) -> None:
        """Makes the powers of this moment follow new orders; no time passes."""
        self._trips()
        self._flows = self._simulate(orders, hours=1e-4)

    def _pass(self, until: datetime, orders: Mapping[str, Order]) -> None:
        hours = (until - self.now) / timedelta(hours=1)
        flows = self._simulate(orders, hours)
        self.meter.count(
            start=self.now,
            hours=hours,
            flows=flows,
            conditions=self.environment.at(self.now),
            battery_soc_pct=self.battery_soc_pct,
            cars_soc_pct={car.loadpoint: car.soc_pct for car in self.cars.values() if car.loadpoint},
        )
        self.battery_kwh = flows.battery_kwh
        for loadpoint, energy_kwh in flows.cars_kwh.items():
            car = self.car_at(loadpoint)
            if car is not None:
                car.energy_kwh = energy_kwh
        self._flows, self.now = flows, until

    def _simulate(self, orders: Mapping[str, Order], hours: float) -> Flows:
        conditions = self.environment.at(self.now)
        plugged = {
            car.loadpoint: PluggedCar(car.spec, car.energy_kwh, order.mode, order.limit_kwh)
            for car in self.cars.values()
            if car.loadpoint and (order := orders.get(car.loadpoint))
        }
        return simulate(
            Home(self.battery, {loadpoint: order.charger for loadpoint, order in orders.items()}),
            self.battery_kwh,
            self.battery_mode,
            plugged,
            conditions.load_w / 1000,
            conditions.pv_w / 1000,
            hours,
        )

    def _next_trip(self) -> datetime:
        moments = [car.on.back for car in self.cars.values() if car.on]
        moments += [trip.leave for car in self.cars.values() for trip in car.trips]
        return min((m for m in moments if m > self.now), default=datetime.max.replace(tzinfo=UTC))

    def _trips(self) -> None:
        for car in self.cars.values():
            if car.on and self.now >= car.on.back:
                car.energy_kwh = max(0.0, car.energy_kwh - car.on.kwh)
                car.loadpoint, car.on = car.parks_at, None
            if car.trips and self.now >= car.trips[0].leave:
                car.on, *rest = car.trips
                car.trips, car.loadpoint = tuple(rest), None
                missing_kwh = max(0.0, car.on.kwh - car.energy_kwh)
                self.departures.append(Departure(car.name, self.now, car.soc_pct, missing_kwh))
