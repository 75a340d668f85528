"""The large home: simulated chargers and cars, the services' settings, and programs that publish the cars' charge."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ems.contract.service import Service
from ems.contract.site import Rate, TariffKind
from ems.house.battery import BatterySpec
from ems.house.car import CarSpec, Charger
from ems.house.slots import floor_to, grid
from ems.simulator.environment import Conditions
from ems.simulator.home import SimulatedCar, SimulatedHome


@dataclass(frozen=True, slots=True)
class Restless:
    """Load and sun are others after every ``step_s`` seconds; prices have a cheap night. Every day is alike."""

    step_s: int = 1

    def at(self, moment: datetime) -> Conditions:
        """See :class:`ems.simulator.environment.Environment`."""
        second, hour = moment.timestamp(), moment.hour
        sun = max(0.0, math.sin((hour - 6) / 12 * math.pi)) * 60_000
        return Conditions(
            load_w=20_000 + 3_000 * math.sin(second),
            pv_w=sun * (0.9 + 0.1 * math.sin(second / 7)),
            import_eur_per_kwh=0.22 + 0.1 * (6 <= hour < 21),
            pv_forecast_w=sun,
        )

    def next_change(self, moment: datetime) -> datetime:
        """See :class:`ems.simulator.environment.Environment`."""
        return moment.replace(microsecond=0) + timedelta(seconds=self.step_s - int(moment.timestamp()) % self.step_s)

    def rates(self, kind: TariffKind, now: datetime) -> Sequence[Rate]:
        """See :class:`ems.simulator.environment.Environment`."""
        if kind is TariffKind.CO2:
            return ()
        start = floor_to(now, 15)
        slots = grid(start, start + timedelta(hours=36))
        return [Rate(start=s.start, end=s.end, value=_value(self.at(s.start), kind)) for s in slots]


def _value(conditions: Conditions, kind: TariffKind) -> float:
    if kind is TariffKind.SOLAR:
        return conditions.pv_forecast_w
    return conditions.import_eur_per_kwh if kind is TariffKind.GRID else conditions.export_eur_per_kwh


def car_name(number: int) -> str:
    """A car's name at evcc and on the bus."""
    return f"car-{number:03d}"


def large_home(now: datetime, loadpoints: int, cars: int, step_s: int = 1) -> SimulatedHome:
    """A home with a battery, whose first cars are plugged in, one at each loadpoint."""
    return SimulatedHome(
        now=now,
        environment=Restless(step_s),
        battery=BatterySpec(capacity_kwh=100, charge_kw=50, discharge_kw=50),
        battery_kwh=40,
        chargers={str(n + 1): Charger(switchable=n % 2 == 0) for n in range(loadpoints)},
        cars={
            car_name(n): SimulatedCar(
                car_name(n),
                f"Car {n}",
                CarSpec(60),
                energy_kwh=10 + n % 30,
                loadpoint=str(n + 1) if n < loadpoints else None,
                parks_at=str(n + 1) if n < loadpoints else None,
            )
            for n in range(cars)
        },
    )


def settings(evcc_url: str, cars: int) -> dict[Service, dict[str, Any]]:
    """Of all five services; half of the cars are told over MQTT, half by evcc."""
    names = [car_name(n) for n in range(cars)]
    providers = {
        name: {"provider": "mqtt", "topic": f"cars/{name}"} if n % 2 else {"provider": "evcc"}
        for n, name in enumerate(names)
    }
    drivers = {f"driver-{n:03d}": {"vehicles": [name]} for n, name in enumerate(names)}
    return {
        Service.EVCC_POLLER: {"evcc": {"url": evcc_url}, "poll_interval_s": 1},
        Service.TARIFF_PLANNER: {"vehicles": {name: {"max_kw": 11} for name in names}},
        Service.VEHICLE_SOC: {"vehicles": providers},
        Service.RL_AGENT: {},
        Service.NOTIFIER: {"drivers": drivers},
    }
