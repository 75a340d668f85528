"""What the agent looks at: worth of stored energy, price rank, time to departure. Known at each slot's start."""

from dataclasses import dataclass

import numpy as np

from ems.forecast.history_grid import Bools, Floats, Ints
from ems.forecast.net_load import net_samples
from ems.forecast.weighted_samples import mean
from ems.virtual_house.world import World
from rl_agent.domain.tabular.stored_worth import LEVELS, stored_worth

AHEAD_H = 36
DAY_H = 24
ROWS = 20_000
"""Targets that are looked at together: a sample each of 42 days, so some 50 MB."""


@dataclass(frozen=True, slots=True, eq=False)
class Situation:
    """One value a slot that was asked for; energies in kWh on the AC side."""

    rank: Floats
    """Share of the known slots of the next 24 h that are cheaper: 0 is the cheapest one; 0.5 without a price."""
    sampled_worth: Floats
    """(slots, levels): see ``stored_worth``; the mean over past days that may come again."""
    expected_worth: Floats
    """The same on the expected net load alone."""
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
    reach = AHEAD_H * past.per_day // DAY_H
    targets = slots[:, None] + np.arange(reach)
    inside = targets < count
    at = np.minimum(targets, count - 1)
    seen = np.array([_prices(world, slot, reach) for slot in slots.tolist()]).reshape(targets.shape)
    parts = np.array_split(np.arange(len(slots)), max(1, -(-targets.size // ROWS)))
    foreseen = [_foreseen(world, slots[part], at[part], seen[part]) for part in parts]
    net, sampled, expected = (np.concatenate(values) for values in zip(*foreseen, strict=True))
    net = np.where(inside, net, 0.0)
    prices = np.where(inside & (targets < world.known[slots][:, None]), world.import_eur_per_kwh[at], np.nan)
    surplus = np.maximum(-net, 0) * world.hours
    now, day = prices[:, :1], slice(0, past.per_day)
    known = np.isfinite(prices[:, day]).sum(axis=1)
    goal = world.goal_at[at] & inside
    goal[:, 0] = False
    before_goal = np.cumsum(goal, axis=1) == 0
    at_home = world.home[at] & before_goal & inside
    return Situation(
        rank=np.where(np.isfinite(now[:, 0]), (prices[:, day] < now).sum(axis=1) / np.maximum(known - 1, 1), 0.5),
        sampled_worth=sampled,
        expected_worth=expected,
        surplus_kw=-net[:, 0],
        cheaper_h=np.where(goal.any(axis=1), ((prices < now) & at_home).sum(axis=1) * world.hours, np.inf),
        car_sun_kwh=(surplus * at_home).sum(axis=1),
        home=world.home[slots],
    )


def _prices(world: World, slot: int, reach: int) -> Floats:
    """As known, and as expected beyond that; the last one where the world ends, the mean one where there is none."""
    prices, _ = world.prices_seen(slot, min(slot + reach, len(world.past.load_kw)))
    there = np.isfinite(prices)
    whole = np.where(there, prices, prices[there].mean() if there.any() else 0.0)
    return np.pad(whole, (0, reach - len(whole)), mode="edge")


def _foreseen(world: World, slots: Ints, targets: Ints, prices: Floats) -> tuple[Floats, Floats, Floats]:
    """The expected net load of all targets, and the worth of stored energy on sampled days and on the expected one."""
    rows, reach = targets.shape
    samples, weights = net_samples(world.solar_model, np.repeat(slots, reach), targets.ravel())
    net = np.nan_to_num(mean(samples, weights)).reshape(rows, reach)
    if world.house.battery is None:
        nothing = np.zeros((rows, LEVELS))
        return net, nothing, nothing
    battery = world.house.battery.battery()
    # A day without a measurement in a slot is taken to be like the others there.
    whole = np.where(weights > 0, samples, net.reshape(-1, 1))
    by_day = weights.reshape(rows, reach, -1).mean(axis=1)
    total = by_day.sum(axis=1, keepdims=True)
    likely = np.where(total > 0, by_day / np.where(total > 0, total, 1), 1 / by_day.shape[1])
    hourly = prices.reshape(rows, AHEAD_H, -1).mean(axis=2)
    hourly[:, 0] = prices[:, 0]
    paths = whole.reshape(rows, AHEAD_H, reach // AHEAD_H, -1).mean(axis=2)
    expected = net.reshape(rows, AHEAD_H, -1).mean(axis=2)[:, :, None]
    return (
        net,
        stored_worth(battery, paths, hourly, likely),
        stored_worth(battery, expected, hourly, np.ones((rows, 1))),
    )
