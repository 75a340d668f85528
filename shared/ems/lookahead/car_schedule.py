"""When to charge the car, battery and car seen together: backward induction in modes on an expected net load.

The MILP plans both in powers; a year of backtest asks 35,040 times. This finds the same within cents in some
milliseconds (a test holds it against the MILP), and in what can really be switched: the modes of battery and
loadpoint, in which both follow the meter.
"""

from dataclasses import dataclass

import numpy as np

from ems.contract.site import BatteryMode, LoadpointMode
from ems.forecast.history_grid import Bools, Floats
from ems.house.battery import BatterySpec, step
from ems.house.car import CarSpec, Charger, charge, offered_kw
from ems.lookahead.battery_flow import flow

CAR_STEP_KWH = 2.0
BATTERY_LEVELS = 10
SHORT_EUR_PER_KWH = 10.0
"""What a missed kWh of a goal is taken to cost."""
LATE_EUR_PER_KWH_H = 1e-4
"""Price of a later hour, in EUR a kWh and hour: of equally expensive times the earlier one is taken."""
CAR_MODES = (LoadpointMode.OFF, LoadpointMode.PV, LoadpointMode.MINPV, LoadpointMode.NOW)
NO_BATTERY = BatterySpec(1.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class ScheduledCar:
    """A car at a charger of its own, never charged beyond its goal."""

    spec: CarSpec
    charger: Charger
    goal_kwh: float
    """The energy wanted at each goal."""


@dataclass(frozen=True, slots=True, eq=False)
class CarTask:
    """A car, and the battery beside it, before some slots; arrays have one value a slot."""

    car: ScheduledCar
    car_kwh: float
    battery: BatterySpec | None
    battery_kwh: float
    battery_modes: tuple[BatteryMode, ...]
    worth_eur_per_kwh: float
    """Value of energy that is left in the battery at the end."""
    hours: Floats
    net_kw: Floats
    import_eur_per_kwh: Floats
    export_eur_per_kwh: Floats
    home: Bools
    trip_kwh: Floats
    goal_at: Bools


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """The energies that are looked at, and the task with a battery in any case."""

    task: CarTask
    battery: BatterySpec
    car_kwh: Floats
    acceptable_kw: Floats
    """What the car takes at most at each of its energies."""
    battery_kwh: Floats


def schedule(task: CarTask) -> tuple[LoadpointMode, Floats]:
    """The car's mode now, and the kW planned for every slot."""
    grid = _grid(task)
    # What is left in the car saves charging later, at what cheap hours cost then.
    car_worth = float(np.quantile(task.import_eur_per_kwh, 0.2)) / task.car.spec.charge_efficiency
    value = -car_worth * np.minimum(grid.car_kwh, task.car.goal_kwh)[:, None]
    value = value - task.worth_eur_per_kwh * grid.battery_kwh[None, :]
    outcomes: list[Floats] = []
    for slot in range(len(task.hours) - 1, -1, -1):
        outcome = _outcomes(grid, slot, value)
        outcomes.append(outcome.reshape(-1, *value.shape))
        value = outcomes[-1].min(axis=0)
        if slot:
            value = _between(grid, slot, value)
    return _follow(grid, outcomes[::-1])


def _grid(task: CarTask) -> _Grid:
    # No more than the goal goes in (evcc's limit), but the car may come home with more.
    top = max(task.car.goal_kwh, task.car_kwh)
    car = np.linspace(0, top, max(2, round(top / CAR_STEP_KWH) + 1), dtype=np.float64)
    nature = task.car.spec
    accepted = np.array([nature.acceptable_kw(float(e)) for e in car])
    battery = task.battery
    if battery is None:
        return _Grid(task, NO_BATTERY, car, accepted, np.array([0.0, 1.0]))
    low, high = min(battery.min_kwh, task.battery_kwh), max(battery.capacity_kwh, task.battery_kwh)
    return _Grid(task, battery, car, accepted, np.linspace(low, high, BATTERY_LEVELS, dtype=np.float64))


def _outcomes(grid: _Grid, slot: int, value: Floats) -> Floats:
    """Cost of the slot and of all after it: (battery modes, car modes, car energies, battery energies)."""
    task, hours = grid.task, float(grid.task.hours[slot])
    net = float(task.net_kw[slot])
    if hours <= 0:
        return value[None, None]
    power = _car_power(grid, slot)
    after = grid.car_kwh + power * hours * task.car.spec.charge_efficiency
    later = _interpolated(grid.car_kwh, value, after)
    need = ((net + power) * hours)[:, :, None]
    given, stored = flow(grid.battery, grid.battery_kwh, task.battery_modes, need, np.array(hours))
    bill = need - given
    bill *= np.where(bill > 0, task.import_eur_per_kwh[slot], task.export_eur_per_kwh[slot])
    bill += (power * hours * LATE_EUR_PER_KWH_H * float(task.hours[:slot].sum()))[:, :, None]
    at = (stored - grid.battery_kwh[0]) / (grid.battery_kwh[1] - grid.battery_kwh[0])
    low = np.clip(at.astype(np.int64), 0, len(grid.battery_kwh) - 2)
    flat = later.ravel()
    index = low + (np.arange(power.size) * len(grid.battery_kwh)).reshape(power.shape)[:, :, None]
    lower = flat.take(index)
    found: Floats = bill + lower + (flat.take(index + 1) - lower) * (at - low)
    return found


def _car_power(grid: _Grid, slot: int) -> Floats:
    """What the car takes: (car modes, car energies); one mode, and nothing, while it is away."""
    task = grid.task
    if not task.home[slot]:
        return np.zeros((1, len(grid.car_kwh)))
    offers = np.array([_offer(task, mode, slot) for mode in CAR_MODES])[:, None]
    room = np.maximum(0, task.car.goal_kwh - grid.car_kwh) / task.car.spec.charge_efficiency / task.hours[slot]
    power: Floats = np.minimum(np.minimum(offers, grid.acceptable_kw), room)
    return power


def _offer(task: CarTask, mode: LoadpointMode, slot: int) -> float:
    return min(offered_kw(task.car.charger, mode, -float(task.net_kw[slot])), task.car.spec.max_kw)


def _interpolated(levels: Floats, value: Floats, at: Floats) -> Floats:
    """``value`` (levels, others) at ``at`` (modes, levels) along its first axis: (modes, levels, others)."""
    place = at / levels[1]
    low = np.clip(place.astype(np.int64), 0, len(levels) - 2)
    part = (place - low)[:, :, None]
    found: Floats = value[low] * (1 - part) + value[low + 1] * part
    return found


def _between(grid: _Grid, slot: int, value: Floats) -> Floats:
    """What happens at a slot's start, seen backwards: trips come home, goals are judged."""
    task = grid.task
    if task.trip_kwh[slot]:
        value = _interpolated(grid.car_kwh, value, np.maximum(0, grid.car_kwh - task.trip_kwh[slot])[None])[0]
    if task.goal_at[slot]:
        value = value + SHORT_EUR_PER_KWH * np.maximum(0, task.car.goal_kwh - grid.car_kwh)[:, None]
    return value


def _at(grid: _Grid, outcome: Floats, car_kwh: float, battery_kwh: float) -> Floats:
    """Each choice's cost at energies between those that were looked at."""
    (i, u), (j, v) = _place(grid.car_kwh, car_kwh), _place(grid.battery_kwh, battery_kwh)
    corners = outcome[:, i : i + 2, j : j + 2]
    found: Floats = np.array([1 - u, u]) @ corners @ np.array([1 - v, v])
    return found


def _place(levels: Floats, kwh: float) -> tuple[int, float]:
    """Between which two levels an energy lies, and how far from the lower one (0 to 1)."""
    at = (kwh - levels[0]) / (levels[1] - levels[0])
    low = min(max(int(at), 0), len(levels) - 2)
    return low, min(max(at - low, 0.0), 1.0)


def _follow(grid: _Grid, outcomes: list[Floats]) -> tuple[LoadpointMode, Floats]:
    """Walks forwards through the decisions from what is stored now, in the house's own physics."""
    task, car_kwh, battery_kwh = grid.task, grid.task.car_kwh, grid.task.battery_kwh
    planned = np.zeros(len(task.hours))
    first = LoadpointMode.OFF
    for slot, outcome in enumerate(outcomes):
        hours = float(task.hours[slot])
        if slot:
            car_kwh = max(0.0, car_kwh - float(task.trip_kwh[slot]))
        if hours <= 0:
            continue
        # Between energies, not at the nearest one: 47.7 kWh is not the goal of 48.
        which = int(_at(grid, outcome, car_kwh, battery_kwh).argmin())
        if task.home[slot]:
            battery_mode, mode = divmod(which, len(CAR_MODES))
            offered = _offer(task, CAR_MODES[mode], slot)
            planned[slot] = charge(task.car.spec, car_kwh, offered, hours, task.car.goal_kwh)
            car_kwh += planned[slot] * hours * task.car.spec.charge_efficiency
            first = first if slot else CAR_MODES[mode]
        else:
            battery_mode = which
        need = float(task.net_kw[slot] + planned[slot])
        battery_kwh = step(grid.battery, battery_kwh, task.battery_modes[battery_mode], need, hours).energy_kwh
    return first, planned
