"""What the apprentice looks at: for each slot ahead a row of numbers that were known at the origin."""

import numpy as np

from ems.forecast.history_grid import Floats, Ints
from rl_agent.domain.apprentice.residuals import AT_ONCE_H, DAY_AHEAD_H, Residuals

LEADS_H = 36
"""How far ahead is corrected."""
SAME_TIME_DAYS = 7
HARMONICS = 2
COUNT = len(AT_ONCE_H) + len(DAY_AHEAD_H) + 3 + 1 + 2 * HARMONICS + 1
"""Recent residuals; yesterday's, last week's and a mean at the same time; the forecast; time of day; 1."""


def features(of: Residuals, origins: Ints, expected_kw: Floats) -> Floats:
    """The rows for every origin and slot ahead of it: (origins, slots, :data:`COUNT`).

    Args:
        of: the residuals; only those of slots before each origin are looked at.
        origins: slots at whose start is foreseen.
        expected_kw: (origins, slots): net load as foreseen there, the first for the origin slot itself.
    """
    ahead = np.arange(expected_kw.shape[1])
    targets = origins[:, None] + ahead
    found = np.empty((*expected_kw.shape, COUNT))
    recent = of.levels_kw.shape[1]
    found[..., :recent] = of.levels_kw[origins][:, None]
    # The last day of which this time of day has passed.
    last = targets - (1 + ahead // of.per_day) * of.per_day
    found[..., recent] = _at(of, last, origins)
    found[..., recent + 1] = _at(of, targets - 7 * of.per_day, origins)
    found[..., recent + 2] = (
        sum(_at(of, last - d * of.per_day, origins) for d in range(SAME_TIME_DAYS)) / SAME_TIME_DAYS
    )
    found[..., recent + 3] = np.nan_to_num(expected_kw)
    angle = 2 * np.pi * of.of_day[targets] / of.per_day
    for harmonic in range(HARMONICS):
        found[..., recent + 4 + 2 * harmonic] = np.sin((harmonic + 1) * angle)
        found[..., recent + 5 + 2 * harmonic] = np.cos((harmonic + 1) * angle)
    found[..., -1] = 1.0
    return found


def _at(of: Residuals, slots: Ints, origins: Ints) -> Floats:
    """Day-ahead residuals of slots; 0 for those that are not before their origin."""
    known = (slots >= 0) & (slots < origins[:, None])
    found: Floats = np.where(known, of.day_ahead_kw[np.where(known, slots, 0)], 0)
    return found
