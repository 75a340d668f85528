"""Which mode the battery should be in now: backward induction over energy, load level and mode.

A point forecast cannot say what a mode earns when the load may be anything: in ``normal`` the inverter follows the
meter whatever comes. So the look-ahead walks from the horizon's end to now over some energies that may be stored,
some levels that the net load may have (``forecast.scenarios``), and every mode, with the battery's physics evaluated
for each. It costs some milliseconds and needs no solver. docs/forecasting.md has the formulas and the figures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ems.contract.site import BatteryMode
from ems.forecast.history_grid import Bools, Floats
from ems.forecast.scenarios import Scenarios
from ems.house.battery import BatterySpec
from ems.lookahead.battery_flow import flow

LEVELS = 39
"""Energies that are looked at; between two of them values are interpolated. Twice as many change nothing."""
EFFORT_EUR_PER_H = 0.004
"""Least gain of a mode other than normal, in EUR an hour: keeps noise from switching."""
SWITCH_EUR = 0.0005
"""Least gain of another mode over the current one, in EUR."""
ALL_MODES = tuple(BatteryMode)


@dataclass(frozen=True, slots=True, eq=False)
class Ceiling:
    """What the meter shows beyond a level costs more: a limit of the connection, or a new capacity peak.

    Arrays have one value a slot. ``sign``: 1 for import, -1 for export.
    """

    level_kwh: Floats
    eur_per_kwh: Floats
    sign: int = 1

    def cost(self, grid_kwh: Floats, slots: slice | int) -> Floats:
        """In EUR; ``grid_kwh`` has the slots of ``slots`` as its third axis from the end, or none for a number."""
        level, price = self.level_kwh[slots], self.eur_per_kwh[slots]
        if not isinstance(slots, int):
            level, price = level[:, None, None], price[:, None, None]
        beyond: Floats = np.maximum(0.0, self.sign * grid_kwh - level) * price
        return beyond


@dataclass(frozen=True, slots=True)
class FullBy:
    """Energy wanted at the end of a slot (its index); each kWh that is missing then costs ``eur_per_kwh``."""

    slot: int
    energy_kwh: float
    eur_per_kwh: float

    def cost(self, energy_kwh: Floats) -> Floats:
        """In EUR with ``energy_kwh`` stored then."""
        missing: Floats = self.eur_per_kwh * np.maximum(0.0, self.energy_kwh - energy_kwh)
        return missing


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A battery before some slots. Arrays have one value a slot; the first slot begins now."""

    battery: BatterySpec
    stored_kwh: float
    hours: Floats
    import_eur_per_kwh: Floats
    export_eur_per_kwh: Floats
    worth_eur_per_kwh: float
    """What a stored kWh is worth at the horizon's end; the mean import price is a fair one."""
    ceilings: tuple[Ceiling, ...] = ()
    goals: tuple[FullBy, ...] = ()
    holding: Bools | None = None
    """Slots in which the battery gives nothing in any mode; None: it may always give."""
    now: BatterySpec | None = None
    """What it can take and give in the first slot, where that is less than later: one of several is full, or empty."""
    money_scale: float = 1.0
    """How many units of money are what 1 is in euros: gains that are too small to switch for are so much larger."""


@dataclass(frozen=True, slots=True)
class ModeChoice:
    """The mode to be in now, and what each possible mode is expected to earn against ``normal``, in EUR."""

    mode: BatteryMode
    gain_eur: Mapping[BatteryMode, float]


def battery_mode(
    task: Task,
    scenarios: Scenarios,
    *,
    modes: Sequence[BatteryMode] = ALL_MODES,
    other_kw: Floats | None = None,
    current: BatteryMode | None = None,
) -> ModeChoice:
    """The best mode for the first slot, when every later slot is decided as well with what is known by then.

    Args:
        task: the battery, its energy, the slots and their prices.
        scenarios: net load of the same slots.
        modes: what the battery can do, with ``normal`` first.
        other_kw: what cars are planned to take in each slot.
        current: the mode that it is in; it stays unless another one is better by :data:`SWITCH_EUR`.
    """
    need = scenarios.net_kw if other_kw is None else scenarios.net_kw + other_kw[:, None]
    need_kwh = need * task.hours[:, None]
    chances = scenarios.chain
    later = _value_after_first(task, need_kwh, chances, modes)
    now = np.full(len(chances), 1 / len(chances)) if scenarios.level is None else chances[scenarios.level]
    holding = task.holding is not None and bool(task.holding[0])
    given, stored = flow(
        task.now or task.battery,
        np.array(task.stored_kwh, dtype=np.float64),
        modes,
        need_kwh[0],
        task.hours[:1],
        holding=np.array(holding),
    )
    grid = need_kwh[0] - given
    cost = _cost(grid, task.import_eur_per_kwh[0], task.export_eur_per_kwh[0])
    for ceiling in task.ceilings:
        cost += ceiling.cost(grid, 0)
    for goal in task.goals:
        if goal.slot == 0:
            cost += goal.cost(stored)
    at = (stored - _floor(task)) / _step(task)
    low = np.clip(at.astype(np.int64), 0, LEVELS - 2)
    level = np.arange(len(chances))
    cost += later[level, low] + (later[level, low + 1] - later[level, low]) * (at - low)
    expected = cost @ now + _effort(task, modes) * task.hours[0]
    best = int(np.argmin(expected))
    if current in modes and expected[modes.index(current)] <= expected[best] + SWITCH_EUR * task.money_scale:
        best = modes.index(current)
    return ModeChoice(modes[best], {m: float(expected[0] - e) for m, e in zip(modes, expected, strict=True)})


def _value_after_first(task: Task, need_kwh: Floats, chances: Floats, modes: Sequence[BatteryMode]) -> Floats:
    """What the slots after the first will cost, (levels of load in the first slot, stored energies)."""
    energies = np.linspace(_floor(task), _top(task), LEVELS, dtype=np.float64)
    value = np.tile(-task.worth_eur_per_kwh * energies, (len(chances), 1))
    if len(need_kwh) == 1:
        return value
    need = need_kwh[1:, :, None]
    hours = task.hours[1:, None, None]
    # (modes, slots, levels, energies): all physics at once, then one cheap step a slot.
    holding = None if task.holding is None else task.holding[1:, None, None]
    given, stored = flow(task.battery, energies, modes, need, hours, holding=holding)
    grid = need - given
    cost = _cost(grid, task.import_eur_per_kwh[1:, None, None], task.export_eur_per_kwh[1:, None, None])
    for ceiling in task.ceilings:
        cost += ceiling.cost(grid, slice(1, None))
    for goal in task.goals:
        if goal.slot:
            cost[:, goal.slot - 1] += goal.cost(stored[:, goal.slot - 1])
    cost += (_effort(task, modes)[:, None] * task.hours[1:])[:, :, None, None]
    at = (stored - energies[0]) / _step(task)
    low = np.clip(at.astype(np.int64), 0, LEVELS - 2)
    part = at - low
    low += np.arange(len(chances))[:, None] * LEVELS
    for slot in range(len(need) - 1, -1, -1):
        flat = value.ravel()
        index = low[:, slot]
        lower = flat.take(index)
        outcome = cost[:, slot] + lower + (flat.take(index + 1) - lower) * part[:, slot]
        value = (chances @ outcome).min(axis=0)
    return value


def _cost(grid_kwh: Floats, import_eur_per_kwh: Floats, export_eur_per_kwh: Floats) -> Floats:
    cost: Floats = grid_kwh * np.where(grid_kwh > 0, import_eur_per_kwh, export_eur_per_kwh)
    return cost


def _effort(task: Task, modes: Sequence[BatteryMode]) -> Floats:
    effort = EFFORT_EUR_PER_H * task.money_scale
    return np.array([0.0 if m is BatteryMode.NORMAL else effort for m in modes])


def _floor(task: Task) -> float:
    """The least energy looked at: a battery may stand below its reserve, and is left there."""
    return min(task.battery.min_kwh, task.stored_kwh)


def _top(task: Task) -> float:
    return max(task.battery.capacity_kwh, task.stored_kwh)


def _step(task: Task) -> float:
    return (_top(task) - _floor(task)) / (LEVELS - 1)
