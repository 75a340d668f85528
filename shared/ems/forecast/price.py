"""Prices beyond the known ones: the mean of the last days at the same local time."""

import numpy as np

from ems.forecast.history_grid import Calendar, Floats, Ints

SHAPE_DAYS = 7


def price_tail(calendar: Calendar, per_day: int, known_eur_per_kwh: Floats, targets: Ints) -> Floats:
    """Expected prices of ``targets``, grid slots at or after the end of the known ones.

    Args:
        calendar: of the grid; reaches as far as the targets.
        per_day: slots a day.
        known_eur_per_kwh: prices from the grid's beginning to the last known slot; NaN where there is none.
        targets: slots to expect a price for.

    Returns:
        One price a target; where no day has that time yet the mean of all known prices, NaN without any.
    """
    known = len(known_eur_per_kwh)
    if not np.isfinite(known_eur_per_kwh).any():
        return np.full(len(targets), np.nan)
    first = -((known - 1 - targets) // per_day)
    lags = np.maximum(first, 1)[:, None] + np.arange(SHAPE_DAYS)[None, :]
    found = calendar.earlier(targets[:, None], lags, per_day)
    usable = (found >= 0) & (found < known)
    values = np.where(usable, known_eur_per_kwh[np.clip(found, 0, known - 1)], np.nan)
    there = np.isfinite(values)
    total = np.where(there, values, 0).sum(axis=1)
    return np.where(there.any(axis=1), total / np.maximum(there.sum(axis=1), 1), np.nanmean(known_eur_per_kwh))
