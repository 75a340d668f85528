"""A whole home over one slot: cars as their loadpoints' modes say, then the battery, then the meter."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ems.contract.site import BatteryMode, LoadpointMode
from ems.house.battery import BatterySpec, step
from ems.house.car import (
    CarSpec,
    Charger,
    charge,
    offered_kw,
)


@dataclass(frozen=True, slots=True)
class PluggedCar:
    """A car at a charger, with the energy in it and the limit up to which it is charged (kWh)."""

    car: CarSpec
    energy_kwh: float
    mode: LoadpointMode
    limit_kwh: float | None = None


@dataclass(frozen=True, slots=True)
class Home:
    """What does not change: the battery (if any) and the chargers by loadpoint id."""

    battery: BatterySpec | None
    chargers: Mapping[str, Charger] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Flows:
    """Mean powers in kW over the stretch, and the energies afterwards in kWh."""

    grid_kw: float
    battery_kw: float
    cars_kw: Mapping[str, float]
    battery_kwh: float
    cars_kwh: Mapping[str, float]

    def cost_eur(self, hours: float, import_eur_per_kwh: float, export_eur_per_kwh: float) -> float:
        """What the meter costs over ``hours``; negative is income."""
        price = import_eur_per_kwh if self.grid_kw > 0 else export_eur_per_kwh
        return self.grid_kw * hours * price


def simulate(
    home: Home,
    battery_kwh: float,
    battery_mode: BatteryMode,
    plugged: Mapping[str, PluggedCar],
    load_kw: float,
    pv_kw: float,
    hours: float,
) -> Flows:
    """One stretch of ``hours`` in which load and PV are steady and every mode stays as it is.

    Surplus goes to the cars before the battery, and the battery is not used for a car in ``pv``: evcc's defaults
    (prioritySoc and bufferSoc unset). A car in ``now`` is fed by the battery too, unless the battery holds.
    """
    surplus = pv_kw - load_kw
    cars_kw: dict[str, float] = {}
    cars_kwh: dict[str, float] = {}
    for loadpoint, p in plugged.items():
        offered = offered_kw(home.chargers[loadpoint], p.mode, surplus)
        power = charge(p.car, p.energy_kwh, offered, hours, p.limit_kwh)
        cars_kw[loadpoint] = power
        cars_kwh[loadpoint] = p.energy_kwh + power * hours * p.car.charge_efficiency
        surplus -= power
    battery_kw = 0.0
    if home.battery is not None:
        flow = step(home.battery, battery_kwh, battery_mode, -surplus, hours)
        battery_kw, battery_kwh = flow.power_kw, flow.energy_kwh
    return Flows(-surplus - battery_kw, battery_kw, cars_kw, battery_kwh, cars_kwh)
