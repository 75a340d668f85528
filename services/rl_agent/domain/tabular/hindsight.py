"""What stored energy was worth in measured time: the potential that shapes the rewards.

A bill says hours later what a decision was good for. The difference of this potential says it at once, and leaves the
best policy what it was: after it a reward is what the action cost more than the best one would have, seen afterwards.
"""

from collections.abc import Callable

import numpy as np

from ems.forecast.history_grid import Floats

type Outcomes = Callable[[int, Floats], tuple[Floats, Floats]]
"""Cost in EUR and energy afterwards, both (choices, energies), in a slot with these energies."""


def hindsight(outcomes: Outcomes, slots: int, levels_kwh: Floats, end_eur_per_kwh: float) -> Floats:
    """The worth in EUR of each energy at the start of each slot and at the end: (slots + 1, levels).

    Args:
        outcomes: of the choices in a slot.
        slots: how many there are.
        levels_kwh: evenly spaced.
        end_eur_per_kwh: what energy is worth at the end.
    """
    worth = np.empty((slots + 1, len(levels_kwh)))
    worth[-1] = end_eur_per_kwh * levels_kwh
    for slot in range(slots - 1, -1, -1):
        cost, after = outcomes(slot, levels_kwh)
        worth[slot] = (at(worth[slot + 1], levels_kwh, after) - cost).max(axis=0)
    return worth


def at(worth: Floats, levels_kwh: Floats, energy_kwh: Floats) -> Floats:
    """The worth of energies between the levels; ``worth`` is (levels), or (energies, levels) with a row for each."""
    place = np.clip((energy_kwh - levels_kwh[0]) / (levels_kwh[1] - levels_kwh[0]), 0, len(levels_kwh) - 1)
    low = np.minimum(place.astype(np.int64), len(levels_kwh) - 2)
    if worth.ndim == 1:
        below, above = worth[low], worth[low + 1]
    else:
        row = np.arange(len(worth))
        below, above = worth[row, low], worth[row, low + 1]
    found: Floats = below + (above - below) * (place - low)
    return found
