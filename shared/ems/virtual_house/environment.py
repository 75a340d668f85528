"""The virtual house as a Gymnasium environment: any agent of that world can be trained in it (docs/learning.md).

It needs the extra ``evcc-ems[learn]``; nothing else in the suite imports it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, override

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from ems.contract.site import BatteryMode, LoadpointMode
from ems.forecast.net_load import expected_net_kw
from ems.house.home import Flows, Home, PluggedCar, simulate
from ems.lookahead.car_schedule import SHORT_EUR_PER_KWH
from ems.virtual_house.live import POINT, ModePair, start_kwh
from ems.virtual_house.world import World

AHEAD_H = 24
EPISODE_DAYS = 7
CAR_MODES = (LoadpointMode.OFF, LoadpointMode.PV, LoadpointMode.MINPV, LoadpointMode.NOW)

type Observation = NDArray[np.float32]


@dataclass(slots=True)
class _Moment:
    """Where an episode is."""

    slot: int
    last: int
    battery_kwh: float | None
    car_kwh: float | None


class HouseEnvironment(gymnasium.Env[Observation, np.int64]):
    """A week in a home's past; an action is a pair of modes for one slot.

    Observed is what was known at the slot's start: the shares that are stored, the time of day, whether the car is
    there and the hours to its next goal, and for each of the next 24 h the import price in EUR/kWh (as expected where
    it was not published) and the expected net load in kW. The reward is what the slot cost, in EUR with its sign
    turned, with stored energy valued at the mean price; a missed goal costs as much as the plan's car schedule takes it
    to. An episode is cut off after a week and never ends by itself.
    """

    metadata: Mapping[str, Any] = {"render_modes": []}  # type: ignore[assignment]

    def __init__(self, world: World, *, days: int = EPISODE_DAYS) -> None:
        """Sets the stage.

        Args:
            world: episodes lie between its ``first`` and its ``end``; what came before is learned from.
            days: the length of an episode.

        Raises:
            ValueError: the judged time is shorter than an episode.
        """
        self.world = world
        self._length = days * world.past.per_day
        if world.end - world.first < self._length:
            raise ValueError(f"an episode of {days} days needs at least as many to be judged")
        house = world.house
        battery = house.battery.modes if house.battery is not None else (BatteryMode.NORMAL,)
        car = CAR_MODES if house.car is not None else (LoadpointMode.OFF,)
        self.actions = tuple(ModePair(b, c) for b, c in product(battery, car))
        self.action_space = spaces.Discrete(len(self.actions))
        self.observation_space = spaces.Box(-np.inf, np.inf, (6 + 2 * AHEAD_H,), np.float32)
        self._home = Home(
            house.battery.battery() if house.battery else None, {POINT: house.car.charger()} if house.car else {}
        )
        self._worth = float(np.nanmean(world.import_eur_per_kwh[world.first : world.end]))
        self._at = _Moment(world.first, world.first, *start_kwh(world))

    @override
    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begins a week anywhere, with storages anyhow full; ``options={"slot": N}`` begins there, with the house's."""
        super().reset(seed=seed)
        battery, car = start_kwh(self.world)
        wanted = (options or {}).get("slot")
        if wanted is None:
            first = int(self.np_random.integers(self.world.first, self.world.end - self._length + 1))
            if self.world.house.battery is not None:
                spec = self.world.house.battery
                battery = float(self.np_random.uniform(spec.min_kwh, spec.capacity_kwh))
            if self.world.house.car is not None:
                car = float(self.np_random.uniform(0.5, 1) * self.world.house.car.goal_kwh)
        else:
            first = int(wanted)
            if not self.world.first <= first <= self.world.end - self._length:
                raise ValueError(f"slot {first} leaves no whole episode in what is judged")
        self._at = _Moment(first, first + self._length, battery, car)
        return self._observed(), {"slot": first}

    @override
    def step(self, action: np.int64) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """One slot in the house's own physics; ``info`` has the cost in EUR and the energy that a goal missed."""
        at, world = self._at, self.world
        before = self._stored_eur()
        cost = 0.0 if world.idle[at.slot] else self._lived(self.actions[int(action)])
        gained = self._stored_eur() - before
        at.slot += 1
        short = self._arrived()
        reward = gained - cost - SHORT_EUR_PER_KWH * short
        return self._observed(), reward, False, at.slot >= at.last, {"cost_eur": cost, "short_kwh": short}

    def _lived(self, choice: ModePair) -> float:
        at, world = self._at, self.world
        plugged = {}
        if world.house.car is not None and at.car_kwh is not None and world.home[at.slot]:
            plugged[POINT] = PluggedCar(world.house.car.car(), at.car_kwh, choice.car, world.house.car.goal_kwh)
        load, pv = float(world.past.load_kw[at.slot]), float(np.nan_to_num(world.past.pv_kw[at.slot]))
        flows: Flows = simulate(self._home, at.battery_kwh or 0.0, choice.battery, plugged, load, pv, world.hours)
        at.battery_kwh = None if at.battery_kwh is None else flows.battery_kwh
        at.car_kwh = flows.cars_kwh.get(POINT, at.car_kwh)
        prices = float(world.import_eur_per_kwh[at.slot]), float(world.export_eur_per_kwh[at.slot])
        return flows.cost_eur(world.hours, *prices)

    def _arrived(self) -> float:
        """What the goal of the slot that begins now misses; trips come home."""
        at, world = self._at, self.world
        if world.house.car is None or at.car_kwh is None or at.slot >= world.end:
            return 0.0
        short = max(0.0, world.house.car.goal_kwh - at.car_kwh) if world.goal_at[at.slot] else 0.0
        at.car_kwh = max(0.0, at.car_kwh - float(world.trip_kwh[at.slot]))
        return short

    def _stored_eur(self) -> float:
        return self._worth * ((self._at.battery_kwh or 0.0) + (self._at.car_kwh or 0.0))

    def _observed(self) -> Observation:
        at, world = self._at, self.world
        slot = min(at.slot, world.end - 1)
        per_hour = world.past.per_day // 24
        end = min(slot + AHEAD_H * per_hour, world.end)
        targets = np.arange(slot, end)
        net = np.nan_to_num(expected_net_kw(world.solar_model, np.full(end - slot, slot), targets))
        prices, _ = world.prices_seen(slot, end)
        goals = np.flatnonzero(world.goal_at[slot + 1 : end])
        local = world.moment(slot).astimezone(world.house.tz())
        angle = 2 * np.pi * (local.hour + local.minute / 60) / 24
        house = world.house
        head = (
            (at.battery_kwh or 0.0) / house.battery.capacity_kwh if house.battery else 0.0,
            (at.car_kwh or 0.0) / house.car.capacity_kwh if house.car else 0.0,
            np.sin(angle),
            np.cos(angle),
            float(world.home[slot]) if house.car else 0.0,
            (goals[0] + 1) * world.hours if len(goals) else float(AHEAD_H),
        )
        ahead = [np.nan_to_num(_by_hour(values, per_hour)) for values in (prices, net)]
        return np.concatenate([np.array(head), *ahead]).astype(np.float32)


def _by_hour(values: NDArray[np.float64], per_hour: int) -> NDArray[np.float64]:
    """Means by the hour; beyond the end of the world everything stays as it was last."""
    whole = np.pad(values, (0, AHEAD_H * per_hour - len(values)), mode="edge")
    found: NDArray[np.float64] = whole.reshape(AHEAD_H, per_hour).mean(axis=1)
    return found
