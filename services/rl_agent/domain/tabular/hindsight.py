"""What stored energy was worth in measured time: the potential that shapes the rewards.

A bill says hours later what a decision was good for. The difference of this potential says it at once, and leaves the
best policy what it was. With the best choices, seen afterwards, a reward is what the action cost more than those; with
the choices that a table makes, it is what the action was better than the table.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ems.forecast.history_grid import Floats, Ints

type Outcomes = Callable[[int, Floats], tuple[Floats, Floats]]
"""Cost in EUR and energy afterwards, both (choices, energies), in a slot with these energies."""


@dataclass(frozen=True, slots=True, eq=False)
class Potential:
    """The worth in EUR of each energy at the start of each slot and at the end."""

    levels_kwh: Floats
    """Evenly spaced."""
    worth_eur: Floats
    """(slots + 1, levels)."""

    def __call__(self, slot: Ints, energy_kwh: Floats) -> Floats:
        """The worth at each of ``slot`` with these energies, between the levels."""
        return at(self.worth_eur[slot], self.levels_kwh, energy_kwh)


def potential(
    outcomes: Outcomes, slots: int, levels_kwh: Floats, end_eur_per_kwh: float, choices: Ints | None = None
) -> Potential:
    """By backward induction.

    Args:
        outcomes: of the choices in a slot.
        slots: how many there are.
        levels_kwh: evenly spaced.
        end_eur_per_kwh: what energy is worth at the end.
        choices: what is chosen, (slots, levels); the best, seen afterwards, if None.
    """
    worth = np.empty((slots + 1, len(levels_kwh)))
    worth[-1] = end_eur_per_kwh * levels_kwh
    level = np.arange(len(levels_kwh))
    for slot in range(slots - 1, -1, -1):
        cost, after = outcomes(slot, levels_kwh)
        if choices is not None:
            cost, after = cost[None, choices[slot], level], after[None, choices[slot], level]
        worth[slot] = (at(worth[slot + 1], levels_kwh, after) - cost).max(axis=0)
    return Potential(levels_kwh, worth)


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
