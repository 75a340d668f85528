"""What the agent looks at: price rank now and ahead, sun to come, time to departure. Known at each slot's start."""

from dataclasses import dataclass

import numpy as np

from ems.forecast.history_grid import Bools, Floats, Ints
from ems.forecast.net_load import expected_net_kw
from ems.virtual_house.world import World

AHEAD_H = 36
DAY_H = 24
DEARER = (1.0, 1.3)
"""Prices that energy is kept for, and charged for, as multiples of the present one: losses lie between."""
REFILL = 0.1
"""Share of the battery's capacity in surplus that counts as the next sun."""


@dataclass(frozen=True, slots=True, eq=False)
class Situation:
    """One value a slot that was asked for; energies in kWh on the AC side."""

    rank: Floats
    """Share of the known slots of the next 24 h that are cheaper: 0 is the cheapest one; 0.5 without a price."""
    needed_kwh: Floats
    """(slots, :data:`DEARER`): what the home needs in dearer slots before the next sun."""
    sun_kwh: Floats
    """Surplus in the next 24 h."""
    surplus_kw: Floats
    """Expected in the slot itself; negative for a need."""
    cheaper_h: Floats
    """Hours that are cheaper than this slot, at home and before the next goal; infinite without one in reach."""
    car_sun_kwh: Floats
    """Surplus until then; of all the reach without a goal."""
    home: Bools
    """Whether the car is there."""


def situation(world: World, slots: Ints) -> Situation:
    """The situation at each of ``slots``, from what was known at its start."""
    past, count = world.past, len(world.past.load_kw)
    reach = AHEAD_H * past.per_day // 24
    targets = slots[:, None] + np.arange(reach)
    inside = targets < count
    at = np.minimum(targets, count - 1)
    net = np.zeros(targets.shape)
    net[inside] = np.nan_to_num(
        expected_net_kw(world.solar_model, np.broadcast_to(slots[:, None], targets.shape)[inside], targets[inside])
    )
    prices = np.where(inside & (targets < world.known[slots][:, None]), world.import_eur_per_kwh[at], np.nan)
    need, surplus = np.maximum(net, 0) * world.hours, np.maximum(-net, 0) * world.hours
    now, day = prices[:, :1], slice(0, DAY_H * past.per_day // 24)
    known = np.isfinite(prices[:, day]).sum(axis=1)
    battery = world.house.battery
    refill = REFILL * battery.capacity_kwh if battery is not None else np.inf
    before_sun = np.cumsum(surplus, axis=1) < refill
    if battery is not None:
        need = np.minimum(need, battery.discharge_kw * world.hours)
    needed = [(need * (prices > now * dearer) * before_sun)[:, 1:].sum(axis=1) for dearer in DEARER]
    goal = world.goal_at[at] & inside
    goal[:, 0] = False
    before_goal = np.cumsum(goal, axis=1) == 0
    at_home = world.home[at] & before_goal & inside
    return Situation(
        rank=np.where(np.isfinite(now[:, 0]), (prices[:, day] < now).sum(axis=1) / np.maximum(known - 1, 1), 0.5),
        needed_kwh=np.column_stack(needed),
        sun_kwh=surplus[:, day].sum(axis=1),
        surplus_kw=-net[:, 0],
        cheaper_h=np.where(goal.any(axis=1), ((prices < now) & at_home).sum(axis=1) * world.hours, np.inf),
        car_sun_kwh=(surplus * at_home).sum(axis=1),
        home=world.home[slots],
    )
