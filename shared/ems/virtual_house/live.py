"""A policy lives through a world, slot by slot, in the house's own physics."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ems.contract.site import BatteryMode, LoadpointMode
from ems.forecast.history_grid import Floats
from ems.house.home import Home, PluggedCar, simulate
from ems.lookahead.dynamic_program import MonthSoFar
from ems.virtual_house.world import World

POINT = "car"
"""The name of the one loadpoint."""


@dataclass(frozen=True, slots=True)
class HomeState:
    """What a policy sees of the house at the start of a slot; None for a storage that it does not have."""

    battery_kwh: float | None
    mode: BatteryMode
    car_kwh: float | None
    paid_eur: float = 0.0
    """What the meter has cost so far."""
    month: MonthSoFar | None = None
    """How the month stands against evcc alone, where that is told."""


@dataclass(frozen=True, slots=True)
class ModePair:
    """What it wants in the slot."""

    battery: BatteryMode = BatteryMode.NORMAL
    car: LoadpointMode = LoadpointMode.OFF


class ModePolicy(Protocol):
    """Decides once a slot. It must look at nothing that was not known at the slot's start, unless it says so."""

    def decide(self, slot: int, state: HomeState) -> ModePair:
        """What to do in ``slot``."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Life:
    """What a policy did and paid. One value a judged slot; energies in kWh, stored energies before and after."""

    load_kwh: Floats
    pv_kwh: Floats
    import_kwh: Floats
    export_kwh: Floats
    cost_eur: Floats
    modes: tuple[str, ...]
    """Battery and loadpoint mode; ``-`` where nothing was measured or powers were set freely."""
    stored_kwh: Mapping[str, tuple[Floats, Floats]]
    """By storage: before and after each slot. Trips happen between ``after`` and the next ``before``."""
    short_kwh: float = 0.0
    """How much the car's goals were missed by, summed over the goals."""

    def true_cost_eur(self, worth_eur_per_kwh: Mapping[str, Floats]) -> Floats:
        """What each slot really cost: the bill less the value of what was added to the storages.

        Args:
            worth_eur_per_kwh: by storage, what a kWh is worth at each slot's end.
        """
        cost = self.cost_eur.copy()
        for name, (before, after) in self.stored_kwh.items():
            worth = worth_eur_per_kwh[name]
            # Energy that a trip used is a cost of driving, not of the slot: what counts is what the last slot left.
            left = np.concatenate([before[:1], after[:-1]])
            cost -= worth * after - np.concatenate([worth[:1], worth[:-1]]) * left
        return cost


def live(world: World, policy: ModePolicy) -> Life:
    """Lets ``policy`` decide every judged slot; in an idle one nothing happens, for no policy."""
    count = world.end - world.first
    house, past, hours = world.house, world.past, world.hours
    home = Home(house.battery.battery() if house.battery else None, {POINT: house.car.charger()} if house.car else {})
    battery_kwh, car_kwh = start_kwh(world)
    before: list[Mapping[str, float]] = []
    after: list[Mapping[str, float]] = []
    imported, exported, cost = np.zeros(count), np.zeros(count), np.zeros(count)
    modes: list[str] = []
    mode, short, paid_eur = BatteryMode.NORMAL, 0.0, 0.0
    nature = house.car.car() if house.car else None
    for row, slot in enumerate(range(world.first, world.end)):
        if house.car is not None and car_kwh is not None:
            if world.goal_at[slot]:
                short += max(0.0, house.car.goal_kwh - car_kwh)
            car_kwh = max(0.0, car_kwh - float(world.trip_kwh[slot]))
        before.append(_stored(battery_kwh, car_kwh))
        if world.idle[slot]:
            modes.append("-")
        else:
            choice = policy.decide(slot, HomeState(battery_kwh, mode, car_kwh, paid_eur))
            mode = choice.battery
            plugged = {}
            if house.car is not None and nature is not None and car_kwh is not None and world.home[slot]:
                plugged[POINT] = PluggedCar(nature, car_kwh, choice.car, house.car.goal_kwh)
            load, pv = float(past.load_kw[slot]), float(np.nan_to_num(past.pv_kw[slot]))
            flows = simulate(home, battery_kwh or 0.0, choice.battery, plugged, load, pv, hours)
            battery_kwh = None if battery_kwh is None else flows.battery_kwh
            car_kwh = flows.cars_kwh.get(POINT, car_kwh)
            imported[row], exported[row] = max(flows.grid_kw, 0) * hours, max(-flows.grid_kw, 0) * hours
            prices = float(world.import_eur_per_kwh[slot]), float(world.export_eur_per_kwh[slot])
            cost[row] = flows.cost_eur(hours, *prices)
            paid_eur += float(cost[row])
            modes.append(f"{choice.battery}/{choice.car}" if plugged else str(choice.battery))
        after.append(_stored(battery_kwh, car_kwh))
    stored = {
        name: (np.array([kwh[name] for kwh in before]), np.array([kwh[name] for kwh in after]))
        for name in _stored(*start_kwh(world))
    }
    load_kwh, pv_kwh = energies(world)
    return Life(load_kwh, pv_kwh, imported, exported, cost, tuple(modes), stored, short)


def start_kwh(world: World) -> tuple[float | None, float | None]:
    """What battery and car begin with; None for what the house does not have."""
    battery, car = world.house.battery, world.house.car
    return (
        None if battery is None else battery.capacity_kwh / 2 if battery.start_kwh is None else battery.start_kwh,
        None if car is None else car.capacity_kwh / 2 if car.start_kwh is None else car.start_kwh,
    )


def energies(world: World) -> tuple[Floats, Floats]:
    """Load and PV of the judged slots in kWh; 0 in idle ones."""
    judged = slice(world.first, world.end)
    there = ~world.idle[judged]
    load = np.where(there, np.nan_to_num(world.past.load_kw[judged]), 0) * world.hours
    return load, np.where(there, np.nan_to_num(world.past.pv_kw[judged]), 0) * world.hours


def _stored(battery_kwh: float | None, car_kwh: float | None) -> dict[str, float]:
    """What each storage of the house holds."""
    return {name: kwh for name, kwh in (("battery", battery_kwh), ("car", car_kwh)) if kwh is not None}
