"""A battery before some slots: what it can do, what they cost, and what else a mode may cost there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ems.contract.site import BatteryMode
from ems.forecast.history_grid import Bools, Floats
from ems.house.battery import BatterySpec

EFFORT_EUR_PER_H = 0.004
"""Least gain of a mode other than normal, in EUR an hour: keeps noise from switching."""
_LATER_EUR_PER_KWH = 0.003
"""How much less a kWh is worth at the horizon's end than now, where a kWh costs as usual."""
_SPIKE_SHARE = 0.8
_SPIKE = 3.0
"""So many times the price that this share of the time costs at most counts as a price of every day."""


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
    """What a stored kWh is worth at the horizon's end; :func:`worth_at_end_eur_per_kwh` is a fair one."""
    ceilings: tuple[Ceiling, ...] = ()
    goals: tuple[FullBy, ...] = ()
    holding: Bools | None = None
    """Slots in which the battery gives nothing in any mode; None: it may always give."""
    now: BatterySpec | None = None
    """What it can take and give in the first slot, where that is less than later: one of several is full, or empty."""
    money_scale: float = 1.0
    """How many units of money are what 1 is in euros: gains that are too small to switch for are so much larger."""

    @property
    def floor_kwh(self) -> float:
        """The least energy looked at: a battery may stand below its reserve, and is left there."""
        return min(self.battery.min_kwh, self.stored_kwh)

    @property
    def top_kwh(self) -> float:
        """The most."""
        return max(self.battery.capacity_kwh, self.stored_kwh)

    def step_kwh(self, levels: int) -> float:
        """How far apart so many energies lie that reach from the least to the most."""
        return (self.top_kwh - self.floor_kwh) / (levels - 1)

    def effort_eur_per_h(self, modes: Sequence[BatteryMode]) -> Floats:
        """What each of ``modes`` must earn to be worth it."""
        effort = EFFORT_EUR_PER_H * self.money_scale
        return np.array([0.0 if m is BatteryMode.NORMAL else effort for m in modes])


def energy_cost(grid_kwh: Floats, import_eur_per_kwh: Floats, export_eur_per_kwh: Floats) -> Floats:
    """What the meter costs, in EUR; negative is income."""
    cost: Floats = grid_kwh * np.where(grid_kwh > 0, import_eur_per_kwh, export_eur_per_kwh)
    return cost


def worth_at_end_eur_per_kwh(
    import_eur_per_kwh: Floats, hours: Floats, discharge_efficiency: float, money_scale: float = 1.0
) -> float:
    """What a stored kWh is worth at the horizon's end: it replaces an import at the mean price, less its losses.

    And a little less, so that where prices are flat a battery is used as the house needs it, not kept for nothing.
    """
    order = np.argsort(import_eur_per_kwh)
    so_far = np.cumsum(hours[order])
    at = int(np.searchsorted(so_far, _SPIKE_SHARE * so_far[-1] - 1e-9))
    usual = _SPIKE * float(import_eur_per_kwh[order[at]])
    # An hour that costs forty times the others is over then: nothing is bought to be kept for the next one.
    counted = np.minimum(import_eur_per_kwh, usual) if usual > 0 else import_eur_per_kwh
    mean = float(counted @ hours / hours.sum())
    return mean * discharge_efficiency - _LATER_EUR_PER_KWH * money_scale
