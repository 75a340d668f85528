"""What the last stored kWh will probably replace: the number that the battery's table is read by.

A kWh that is kept replaces a later one from the grid; how dear that is depends on how much is needed in dearer hours
and on what comes before: sun, and hours so cheap that charging then and losing a part of it is the better way. For a
price ``q`` the energy that hours above ``q`` will need is a walk back from the horizon: needs in dearer hours add to
it, surplus and cheap hours take from it, never below nothing nor above what fits. As long as more is needed than is
stored, what is stored last replaces something dearer than ``q``.
"""

import numpy as np

from ems.forecast.history_grid import Floats
from ems.house.battery import BatterySpec

MULTIPLES = np.array(
    [
        *(0.25, 0.4, 0.55, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0, 1.03, 1.06, 1.09, 1.12, 1.15, 1.18),
        *(1.22, 1.26, 1.32, 1.4, 1.5, 1.65, 2.0, 2.6),
    ]
)
"""Prices that are looked at, in multiples of the present one; fine where losses make the difference."""
LEVELS = 21
"""Fillings of the battery that are looked at, evenly from empty to full."""
FULL = 0.97
"""Share at which a full battery is looked at: one kWh more does not fit, and the last one is worth something."""
LEAST_EUR_PER_KWH = 0.02
"""Multiples are of this where the present price is below it, or negative."""
DAY_H = 24


def stored_worth(battery: BatterySpec, net_kw: Floats, prices: Floats, weights: Floats) -> Floats:
    """The worth of the last kWh at each filling, in multiples of the present price: (rows, :data:`LEVELS`).

    Args:
        battery: its nature.
        net_kw: of the hours to come, the present one first: (rows, hours, paths).
        prices: EUR/kWh of the same hours, as known or expected: (rows, hours).
        weights: of the paths, adding up to 1: (rows, paths).
    """
    losses = battery.charge_efficiency * battery.discharge_efficiency
    fits = (battery.capacity_kwh - battery.min_kwh) * battery.discharge_efficiency
    now = np.maximum(prices[:, :1], LEAST_EUR_PER_KWH)
    looked_at = now * MULTIPLES
    # Beyond the horizon energy is worth the mean price of its last day.
    end = prices[:, -DAY_H:].mean(axis=1, keepdims=True) * battery.discharge_efficiency
    needed = np.zeros((*looked_at.shape, net_kw.shape[2])) + np.where(looked_at < end, fits, 0.0)[:, :, None]
    needs = np.minimum(np.maximum(net_kw, 0), battery.discharge_kw)
    surplus = np.minimum(np.maximum(-net_kw, 0), battery.charge_kw) * losses
    for hour in range(net_kw.shape[1] - 1, 0, -1):
        dearer = prices[:, hour, None] > looked_at
        refill = np.where(prices[:, hour, None] < looked_at * losses, battery.charge_kw * losses, 0.0)
        needed += needs[:, hour, None, :] * dearer[:, :, None] - surplus[:, hour, None, :] - refill[:, :, None]
        np.clip(needed, 0, fits, out=needed)
    steps = np.diff(MULTIPLES, prepend=0.0)
    found = np.empty((len(prices), LEVELS))
    for level, share in enumerate(np.minimum(np.linspace(0, 1, LEVELS), FULL)):
        short = ((needed > share * fits + 1e-6) * weights[:, None, :]).sum(axis=2)
        found[:, level] = short @ steps
    return found


def at_filling(worth: Floats, share: Floats) -> Floats:
    """The worth at a share of what fits, between the levels; ``worth`` has a row for each share."""
    place = np.clip(share, 0, 1) * (LEVELS - 1)
    low = np.minimum(place.astype(np.int64), LEVELS - 2)
    row = np.arange(len(worth))
    found: Floats = worth[row, low] + (worth[row, low + 1] - worth[row, low]) * (place - low)
    return found
