"""The battery as a task: the predecessor's seven actions in modes that evcc has, rewarded in hindsight."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np

from ems.contract.site import BatteryMode
from ems.forecast.history_grid import Bools, Floats, Ints
from ems.house.battery import BatterySpec
from ems.lookahead.battery_flow import flow
from rl_agent.domain.tabular.hindsight import Potential, potential
from rl_agent.domain.tabular.q_learning import EPISODE_H
from rl_agent.domain.tabular.situation import Situation
from rl_agent.domain.tabular.stored_worth import at_filling

ACTIONS = ("hold", "charge to P20", "charge to P40", "charge to P60", "charge to the maximum", "discharge", "PV only")
"""The last one is evcc's normal: it stores the sun and follows the meter."""
CHARGE_TO = np.array([-1.0, 0.2, 0.4, 0.6, 1.0, -1.0, -1.0])
"""Price rank up to which an action charges from the grid; above it the battery is left to evcc."""
MODES = (BatteryMode.NORMAL, BatteryMode.HOLD, BatteryMode.CHARGE, BatteryMode.HOLDCHARGE)
_NORMAL, _HOLD, _CHARGE, _HOLDCHARGE = range(4)
WORTH = np.array([0.85, 1.0, 1.08, 1.15, 1.25])
"""Bounds of what the last stored kWh will replace, in multiples of the present price: 1 pays for keeping it, 1.11 (at
usual losses) for charging it."""
_CLASSES = len(WORTH) + 1
CELLS = _CLASSES**2 * 2
LEVELS = 41


def possible(modes: Collection[BatteryMode]) -> Bools:
    """Which of :data:`MODES` a battery has."""
    return np.array([mode in modes for mode in MODES])


def mode_of(action: Ints, rank: Floats, has: Bools) -> Ints:
    """The index in :data:`MODES` that each action means at a price rank; normal for a mode that it has not."""
    charging = np.where(rank <= CHARGE_TO[action] + 1e-9, _CHARGE, _NORMAL)
    wanted = np.where(action == 0, _HOLD, np.where(action == 5, _HOLDCHARGE, charging))
    return np.where(has[wanted], wanted, _NORMAL)


def cells(battery: BatterySpec, of: Situation, rows: Ints, energy_kwh: Floats, car_charges: Bools) -> Ints:
    """Which situation each of ``rows`` is with this energy stored: below :data:`CELLS`."""
    share = (energy_kwh - battery.min_kwh) / max(battery.capacity_kwh - battery.min_kwh, 1e-9)
    sampled, expected = (
        np.digitize(at_filling(worth[rows], share), WORTH) for worth in (of.sampled_worth, of.expected_worth)
    )
    found: Ints = (sampled * _CLASSES + expected) * 2 + car_charges
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Hours:
    """What was measured, by the hour."""

    net_kw: Floats
    import_eur_per_kwh: Floats
    export_eur_per_kwh: Floats

    def cost_eur(self, hour: Ints | int, grid_kw: Floats) -> Floats:
        """Of an hour's energy; negative is income."""
        cost: Floats = grid_kw * np.where(grid_kw > 0, self.import_eur_per_kwh[hour], self.export_eur_per_kwh[hour])
        return cost


class BatteryTask:
    """See :class:`rl_agent.domain.tabular.q_learning.Task`."""

    actions = len(ACTIONS)
    cells = CELLS

    def __init__(
        self, battery: BatterySpec, modes: Collection[BatteryMode], hours: Hours, of: Situation, car_kw: Floats
    ) -> None:
        """``car_kw``: what the car took, an hour each; the other arrays have the same length."""
        self.battery, self.of, self.car_charges = battery, of, car_kw > 0
        self.has = possible(modes)
        self.hours = Hours(hours.net_kw + car_kw, hours.import_eur_per_kwh, hours.export_eur_per_kwh)
        self._levels = np.linspace(battery.min_kwh, battery.capacity_kwh, LEVELS)
        self._end = float(hours.import_eur_per_kwh.mean()) * battery.discharge_efficiency
        self.best = potential(self._outcomes, len(hours.net_kw), self._levels, self._end)

    def begin(self, rng: np.random.Generator, episodes: int) -> tuple[Ints, Floats]:
        """Anywhere in the hours, anyhow full."""
        hour = rng.integers(0, len(self.hours.net_kw) - EPISODE_H, episodes)
        return hour, rng.uniform(self.battery.min_kwh, self.battery.capacity_kwh, episodes)

    def cell(self, hour: Ints, energy_kwh: Floats) -> Ints:
        """See :func:`cells`."""
        hour = np.minimum(hour, len(self.hours.net_kw) - 1)
        return cells(self.battery, self.of, hour, energy_kwh, self.car_charges[hour])

    def step(self, hour: Ints, energy_kwh: Floats, action: Ints) -> tuple[Floats, Floats]:
        """See :class:`rl_agent.domain.tabular.q_learning.Task`."""
        mode = mode_of(action, self.of.rank[hour], self.has)
        given, stored = flow(self.battery, energy_kwh, MODES, self.hours.net_kw[hour], np.array(1.0))
        row = np.arange(len(hour))
        given, stored = given[mode, row], stored[mode, row]
        return self.hours.cost_eur(hour, self.hours.net_kw[hour] - given), stored

    def followed(self, action_of: Callable[[Ints], Ints]) -> Potential:
        """See :class:`rl_agent.domain.tabular.q_learning.Task`."""
        count = len(self.hours.net_kw)
        hour, energy = np.repeat(np.arange(count), LEVELS), np.tile(self._levels, count)
        mode = mode_of(action_of(self.cell(hour, energy)), self.of.rank[hour], self.has)
        among = np.cumsum(self.has) - 1
        return potential(self._outcomes, count, self._levels, self._end, among[mode].reshape(count, LEVELS))

    def _outcomes(self, hour: int, energies: Floats) -> tuple[Floats, Floats]:
        net = self.hours.net_kw[hour]
        modes = [mode for mode, has in zip(MODES, self.has, strict=True) if has]
        given, stored = flow(self.battery, energies, modes, np.array(net), np.array(1.0))
        return self.hours.cost_eur(hour, net - given), stored
