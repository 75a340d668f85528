"""When to charge a car, battery and car seen together: backward induction in modes over what the net load may be.

The MILP plans both in powers. This finds the same within cents in some milliseconds (a test holds it against the
MILP), and in what can really be switched: the modes of battery and loadpoint, in which both follow the meter. What a
mode earns depends on more than the mean: in ``pv`` a car takes nothing of a surplus that stays below its least power.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ems.contract.site import BatteryMode, LoadpointMode
from ems.forecast.history_grid import Floats
from ems.house.battery import BatterySpec, step
from ems.house.car import CarSpec, Charger, charge, offered_kw
from ems.lookahead.battery_flow import flow
from ems.lookahead.battery_task import Ceiling, FullBy

CAR_STEP_KWH = 2.0
BATTERY_LEVELS = 10
SHORT_EUR_PER_KWH = 10.0
"""What a missed kWh of a goal, or one that a trip lacks, is taken to cost."""
LATE_EUR_PER_KWH_H = 1e-4
"""Price of a later hour, in EUR a kWh and hour: of equally expensive times the earlier one is taken."""
SWITCH_EUR = 0.0005
"""Least gain of another mode over the current one, in EUR."""
CAR_MODES = (LoadpointMode.PV, LoadpointMode.OFF, LoadpointMode.MINPV, LoadpointMode.NOW)
"""Of those that cost the same the first is taken: in pv a sun that nobody expected is used."""
NO_BATTERY = BatterySpec(1.0, 0.0, 0.0)
NOTHING_KW = 0.05
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class ScheduledCar:
    """A car and its charger, never charged beyond a limit."""

    spec: CarSpec
    charger: Charger
    limit_kwh: float


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
    """What the home may take without this car and the battery: (slots, levels)."""
    import_eur_per_kwh: Floats
    export_eur_per_kwh: Floats
    home: Floats
    """Share of the slot in which it is plugged in."""
    trip_kwh: Floats
    """What it has less at the start of the slot, after the goals before it."""
    goals: tuple[FullBy, ...] = ()
    worth: tuple[tuple[float, float], ...] = ()
    """Value of energy that is left in the car: up to how many kWh, and what each is worth then; falls."""
    sun_eur_per_kwh: Floats | None = None
    """What a kWh of surplus sun, at the wall, is worth in it beside that."""
    ceilings: tuple[Ceiling, ...] = ()
    feeds_car: bool = True
    """Whether the battery may feed it."""
    current: LoadpointMode | None = None
    """The loadpoint's mode; it stays unless another one is better by :data:`SWITCH_EUR`."""
    money_scale: float = 1.0
    """How many units of money are what 1 is in euros."""
    chances: Floats | None = None
    """How likely the levels are, (slots, levels); None: equally."""

    @property
    def expected_kw(self) -> Floats:
        """The mean of the levels, by slot."""
        found: Floats = np.average(self.net_kw, axis=1, weights=self.chances)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class CarChoice:
    """The loadpoint's mode now, and what follows from it."""

    mode: LoadpointMode
    gain_eur: Mapping[LoadpointMode, float]
    """What each mode is expected to earn against the dearest one."""
    planned_kw: Floats
    """By slot, at the wall."""


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """The energies that are looked at, and the task with a battery in any case."""

    task: CarTask
    battery: BatterySpec
    car_kwh: Floats
    acceptable_kw: Floats
    """What the car takes at most at each of its energies."""
    battery_kwh: Floats


def schedule(task: CarTask) -> CarChoice:
    """The car's mode now, and the kW planned for every slot."""
    grid = _grid(task)
    value = -_worth_eur(task.worth, grid.car_kwh)[:, None]
    value = value - task.worth_eur_per_kwh * grid.battery_kwh[None, :]
    outcomes: list[Floats] = []
    for slot in range(len(task.hours) - 1, -1, -1):
        for goal in task.goals:
            if goal.slot == slot:
                value = value + goal.cost(grid.car_kwh)[:, None]
        outcome = _outcomes(grid, slot, value)
        outcomes.append(outcome.reshape(-1, *value.shape))
        value = _before_trip(grid, slot, outcomes[-1].min(axis=0))
    outcomes.reverse()
    gain_eur = _gains(grid, outcomes[0])
    best = _settled(task, gain_eur)
    return CarChoice(best, gain_eur, _follow(grid, outcomes, best))


def _settled(task: CarTask, gain_eur: Mapping[LoadpointMode, float]) -> LoadpointMode:
    """The best mode, or the current one where that is as good; but it does not wait where it costs the same now."""
    best, current = max(gain_eur, key=gain_eur.__getitem__), task.current
    if current is None or current is best or current not in gain_eur:
        return best
    if gain_eur[current] < gain_eur[best] - SWITCH_EUR * task.money_scale:
        return best
    return current if _takes_kw(task, current, 0, task.car_kwh) >= _takes_kw(task, best, 0, task.car_kwh) else best


def _takes_kw(task: CarTask, mode: LoadpointMode, slot: int, stored_kwh: float) -> float:
    """The mean power over a slot, at the wall."""
    offered = _offer(task, mode, float(task.expected_kw[slot])) * float(task.home[slot])
    return charge(task.car.spec, stored_kwh, offered, float(task.hours[slot]), task.car.limit_kwh)


def _worth_eur(worth: tuple[tuple[float, float], ...], kwh: Floats) -> Floats:
    total, below = np.zeros_like(kwh), 0.0
    for upto_kwh, eur_per_kwh in worth:
        total += np.clip(kwh - below, 0, max(0.0, upto_kwh - below)) * eur_per_kwh
        below = max(below, upto_kwh)
    return total


def _gains(grid: _Grid, outcome: Floats) -> dict[LoadpointMode, float]:
    """By mode of the first slot, with the best one of the battery; a car that is away has one."""
    costs = _at(grid, outcome, grid.task.car_kwh, grid.task.battery_kwh)
    modes = CAR_MODES if grid.task.home[0] > 0 and grid.task.hours[0] > 0 else CAR_MODES[:1]
    by_mode = costs.reshape(-1, len(modes)).min(axis=0)
    return {mode: float(by_mode.max() - eur) for mode, eur in zip(modes, by_mode, strict=True)}


def _grid(task: CarTask) -> _Grid:
    # No more than the limit goes in, but the car may come home with more.
    car = _energies(task, max(task.car.limit_kwh, task.car_kwh))
    nature = task.car.spec
    accepted = np.array([nature.acceptable_kw(min(float(e), nature.capacity_kwh)) for e in car])
    battery = task.battery
    if battery is None:
        return _Grid(task, NO_BATTERY, car, accepted, np.array([0.0, 1.0]))
    low, high = min(battery.min_kwh, task.battery_kwh), max(battery.capacity_kwh, task.battery_kwh)
    return _Grid(task, battery, car, accepted, np.linspace(low, high, BATTERY_LEVELS, dtype=np.float64))


def _energies(task: CarTask, top_kwh: float) -> Floats:
    """From next to nothing to ``top_kwh``, even steps of some 2 kWh, with the next goal and what is stored among them.

    Between two of them a goal would seem to be reached by a part of a slot.
    """
    ahead = [goal.energy_kwh for goal in sorted(task.goals, key=lambda g: g.slot) if goal.energy_kwh > task.car_kwh]
    fixed_kwh = next(iter(ahead), task.car.limit_kwh)
    between_kwh = abs(fixed_kwh - task.car_kwh)
    even = between_kwh / max(1, round(between_kwh / CAR_STEP_KWH))
    # Who lacks next to nothing would be looked at in hundreds of steps.
    step_kwh = even if even >= CAR_STEP_KWH / 2 else CAR_STEP_KWH
    lowest = fixed_kwh % step_kwh
    count = max(2, int(np.ceil((top_kwh - lowest) / step_kwh - _ROUNDING)) + 1)
    found: Floats = lowest + step_kwh * np.arange(count, dtype=np.float64)
    return found


def _outcomes(grid: _Grid, slot: int, value: Floats) -> Floats:
    """Cost of the slot and of all after it: (battery modes, car modes, car energies, battery energies)."""
    task, hours = grid.task, float(grid.task.hours[slot])
    if hours <= 0:
        return value[None, None]
    # Each level with each of the car's modes is a row.
    levels = task.net_kw[slot]
    power = _car_power(grid, slot)
    net = np.repeat(levels, len(power) // len(levels))[:, None]
    after = grid.car_kwh + power * hours * task.car.spec.charge_efficiency
    later = _interpolated(grid.car_kwh, value, after)
    need = ((net + power) * hours)[:, :, None]
    sun = np.minimum(power, np.maximum(0.0, -net))
    holding = None if task.feeds_car else (power - sun > NOTHING_KW)[:, :, None]
    given, stored = flow(grid.battery, grid.battery_kwh, task.battery_modes, need, np.array(hours), holding=holding)
    meter = need - given
    bill = meter * np.where(meter > 0, task.import_eur_per_kwh[slot], task.export_eur_per_kwh[slot])
    for ceiling in task.ceilings:
        bill += ceiling.cost(meter, slot)
    beside = power * (LATE_EUR_PER_KWH_H * task.money_scale * float(task.hours[:slot].sum()))
    if task.sun_eur_per_kwh is not None:
        beside = beside - sun * task.sun_eur_per_kwh[slot]
    bill += (beside * hours)[:, :, None]
    at = (stored - grid.battery_kwh[0]) / (grid.battery_kwh[1] - grid.battery_kwh[0])
    low = np.clip(at.astype(np.int64), 0, len(grid.battery_kwh) - 2)
    flat = later.ravel()
    index = low + (np.arange(power.size) * len(grid.battery_kwh)).reshape(power.shape)[:, :, None]
    lower = flat.take(index)
    costs = bill + lower + (flat.take(index + 1) - lower) * (at - low)
    by_level = costs.reshape(len(costs), len(levels), -1, *value.shape)
    # The mode is chosen before it is known what comes.
    chances = np.full(len(levels), 1 / len(levels)) if task.chances is None else task.chances[slot]
    found: Floats = np.tensordot(chances, by_level, axes=(0, 1))
    return found


def _car_power(grid: _Grid, slot: int) -> Floats:
    """What the car takes: (levels and in each its modes, car energies); while it is away one mode, and nothing."""
    task, share = grid.task, grid.task.home[slot]
    if share <= 0:
        return np.zeros((task.net_kw.shape[1], len(grid.car_kwh)))
    offers = np.array([[_offer(task, m, net) for m in CAR_MODES] for net in task.net_kw[slot].tolist()]).reshape(-1, 1)
    room = np.maximum(0, task.car.limit_kwh - grid.car_kwh) / task.car.spec.charge_efficiency / task.hours[slot]
    power: Floats = np.minimum(np.minimum(offers, grid.acceptable_kw) * share, room)
    return power


def _offer(task: CarTask, mode: LoadpointMode, net_kw: float) -> float:
    return min(offered_kw(task.car.charger, mode, -net_kw), task.car.spec.max_kw)


def _interpolated(levels: Floats, value: Floats, at: Floats) -> Floats:
    """``value`` (levels, others) at ``at`` (modes, levels) along its first axis: (modes, levels, others)."""
    place = (at - levels[0]) / (levels[1] - levels[0])
    low = np.clip(place.astype(np.int64), 0, len(levels) - 2)
    part = (place - low)[:, :, None]
    found: Floats = value[low] * (1 - part) + value[low + 1] * part
    return found


def _before_trip(grid: _Grid, slot: int, value: Floats) -> Floats:
    """The value at the slot's start seen from before the trip that ends, or begins, then."""
    used = grid.task.trip_kwh[slot]
    if not used:
        return value
    lacking = SHORT_EUR_PER_KWH * grid.task.money_scale * np.maximum(0, used - grid.car_kwh)
    left = np.maximum(0, grid.car_kwh - used)
    found: Floats = _interpolated(grid.car_kwh, value, left[None])[0] + lacking[:, None]
    return found


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


def _follow(grid: _Grid, outcomes: list[Floats], first: LoadpointMode) -> Floats:
    """Walks forwards through the decisions from what is stored now, in the house's own physics."""
    task, car_kwh, battery_kwh = grid.task, grid.task.car_kwh, grid.task.battery_kwh
    expected = task.expected_kw
    planned = np.zeros(len(task.hours))
    for slot, outcome in enumerate(outcomes):
        hours = float(task.hours[slot])
        if slot:
            car_kwh = max(0.0, car_kwh - float(task.trip_kwh[slot]))
        if hours <= 0:
            continue
        # Between energies, not at the nearest one: 47.7 kWh is not the goal of 48.
        costs = _at(grid, outcome, car_kwh, battery_kwh)
        if task.home[slot] > 0:
            costs = costs.reshape(-1, len(CAR_MODES))
            mode = int(costs.min(axis=0).argmin()) if slot else CAR_MODES.index(first)
            battery_mode = int(costs[:, mode].argmin())
            planned[slot] = _takes_kw(task, CAR_MODES[mode], slot, car_kwh)
            car_kwh += planned[slot] * hours * task.car.spec.charge_efficiency
        else:
            battery_mode = int(costs.argmin())
        need = float(expected[slot] + planned[slot])
        battery_kwh = step(grid.battery, battery_kwh, task.battery_modes[battery_mode], need, hours).energy_kwh
    return planned
