"""The car as a task: the predecessor's five actions in modes that evcc has, before its next goal."""

from collections.abc import Callable

import numpy as np

from ems.contract.site import LoadpointMode
from ems.forecast.history_grid import Bools, Floats, Ints
from ems.house.car import CarSpec, offered_kw
from ems.lookahead.car_schedule import SHORT_EUR_PER_KWH, ScheduledCar
from rl_agent.domain.tabular.battery_task import Hours
from rl_agent.domain.tabular.hindsight import Potential, potential
from rl_agent.domain.tabular.q_learning import EPISODE_H
from rl_agent.domain.tabular.situation import Situation

ACTIONS = ("none", "charge to P30", "charge to P60", "charge to the maximum", "PV only")
CHARGE_TO = np.array([-1.0, 0.3, 0.6, 1.0, -1.0])
"""Price rank up to which an action charges with all power; above it the car takes the sun."""
MODES = (LoadpointMode.OFF, LoadpointMode.PV, LoadpointMode.NOW)
_OFF, _PV, _NOW = range(3)
SLACK_H = np.array([-2.0, -0.5, 0.5, 2.0])
"""Bounds of the hours that are cheaper than this one and come before the goal, less those that charging takes."""
FULL = np.array([0.6, 0.999])
RANKS = np.array([0.15, 0.3, 0.6])
CELLS = 5 * 3 * 3 * 4 * 2
LEVELS = 31


def mode_of(action: Ints, rank: Floats) -> Ints:
    """The index in :data:`MODES` that each action means at a price rank."""
    return np.where(action == 0, _OFF, np.where(rank <= CHARGE_TO[action] + 1e-9, _NOW, _PV))


def cells(car: ScheduledCar, of: Situation, rows: Ints, energy_kwh: Floats) -> Ints:
    """Which situation each of ``rows`` is with this energy in the car: below :data:`CELLS`."""
    missing = np.maximum(car.limit_kwh - energy_kwh, 0) / car.spec.charge_efficiency
    needed_h = missing / min(car.spec.max_kw, car.charger.max_kw)
    slack = np.digitize(of.cheaper_h[rows] - needed_h, SLACK_H)
    sun = np.digitize(of.car_sun_kwh[rows] / np.maximum(missing, 1e-6), [0.3, 1.0])
    full = np.digitize(energy_kwh / car.limit_kwh, FULL)
    shines = (of.surplus_kw[rows] >= car.charger.min_kw).astype(np.int64)
    found: Ints = (((slack * 3 + sun) * 3 + full) * 4 + np.digitize(of.rank[rows], RANKS)) * 2 + shines
    return found


def taken_kw(car: ScheduledCar, energy_kwh: Floats, offered: Floats, hours: float) -> Floats:
    """What the car takes of what is offered: the vector twin of ``ems.house.car.charge``, up to the goal."""
    room = np.maximum(car.limit_kwh - energy_kwh, 0) / car.spec.charge_efficiency / hours
    return np.minimum(np.minimum(offered, _acceptable_kw(car.spec, energy_kwh)), room)


def _acceptable_kw(car: CarSpec, energy_kwh: Floats) -> Floats:
    soc = energy_kwh / car.capacity_kwh
    beyond = np.maximum(0, soc - car.taper_from) / max(1 - car.taper_from, 1e-9)
    found: Floats = np.where(soc >= 1, 0, car.max_kw * (1 - (1 - car.taper_to) * beyond))
    return found


class CarTask:
    """See :class:`rl_agent.domain.tabular.q_learning.Task`. The battery is left out: it follows the car."""

    actions = len(ACTIONS)
    cells = CELLS

    def __init__(self, car: ScheduledCar, hours: Hours, of: Situation, trip_kwh: Floats, goal_at: Bools) -> None:
        """``trip_kwh``, ``goal_at``: of each hour's start."""
        self.car, self.hours, self.of = car, hours, of
        self.trip_kwh, self.goal_at = np.append(trip_kwh, 0.0), np.append(goal_at, False)
        # (modes, hours): what a charger offers depends on the mode and the surplus alone.
        self._offers = np.array([[offered_kw(car.charger, m, -n) for n in hours.net_kw.tolist()] for m in MODES])
        self._offers[:, ~of.home] = 0.0
        self._levels = np.linspace(0, car.limit_kwh, LEVELS)
        self._end = float(np.quantile(hours.import_eur_per_kwh, 0.2)) / car.spec.charge_efficiency
        self.best = potential(self._outcomes, len(hours.net_kw), self._levels, self._end)

    def begin(self, rng: np.random.Generator, episodes: int) -> tuple[Ints, Floats]:
        """Anywhere in the hours, from half full to the goal."""
        hour = rng.integers(0, len(self.hours.net_kw) - EPISODE_H, episodes)
        return hour, rng.uniform(self.car.limit_kwh / 2, self.car.limit_kwh, episodes)

    def cell(self, hour: Ints, energy_kwh: Floats) -> Ints:
        """See :func:`cells`."""
        return cells(self.car, self.of, np.minimum(hour, len(self.hours.net_kw) - 1), energy_kwh)

    def step(self, hour: Ints, energy_kwh: Floats, action: Ints) -> tuple[Floats, Floats]:
        """As :meth:`BatteryTask.step`; a kWh that a goal misses costs :data:`SHORT_EUR_PER_KWH`."""
        return self._after(hour, energy_kwh, self.power_kw(hour, energy_kwh, action))

    def followed(self, action_of: Callable[[Ints], Ints]) -> Potential:
        """See :class:`rl_agent.domain.tabular.q_learning.Task`."""
        count = len(self.hours.net_kw)
        hour, energy = np.repeat(np.arange(count), LEVELS), np.tile(self._levels, count)
        mode = mode_of(action_of(self.cell(hour, energy)), self.of.rank[hour])
        return potential(self._outcomes, count, self._levels, self._end, mode.reshape(count, LEVELS))

    def power_kw(self, hour: Ints, energy_kwh: Floats, action: Ints) -> Floats:
        """What the car takes in each hour."""
        offered = self._offers[mode_of(action, self.of.rank[hour]), hour]
        return taken_kw(self.car, energy_kwh, offered, 1.0)

    def _after(self, hour: Ints | int, energy_kwh: Floats, power_kw: Floats) -> tuple[Floats, Floats]:
        net, following = self.hours.net_kw[hour], np.asarray(hour) + 1
        cost = self.hours.cost_eur(hour, net + power_kw) - self.hours.cost_eur(hour, net + 0 * power_kw)
        stored = energy_kwh + power_kw * self.car.spec.charge_efficiency
        short = np.where(self.goal_at[following], np.maximum(self.car.limit_kwh - stored, 0), 0)
        return cost + SHORT_EUR_PER_KWH * short, np.maximum(stored - self.trip_kwh[following], 0)

    def _outcomes(self, hour: int, energies: Floats) -> tuple[Floats, Floats]:
        return self._after(hour, energies, taken_kw(self.car, energies, self._offers[:, hour, None], 1.0))
