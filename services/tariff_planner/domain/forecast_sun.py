"""PV ahead: evcc's solar rates, corrected by the site's own errors; the last days where there are no rates."""

from dataclasses import dataclass

import numpy as np

from tariff_planner.domain.forecast_days import Days
from tariff_planner.domain.forecast_past import Floats, Ints

RATIO_DAYS = 14
"""Over how many days measured and forecast energy are compared."""
RATIO_DOUBT_KWH = 1.5
"""So much energy as forecast, and measured, is added to both: few days correct little."""
RECENT = 5
"""How many days are averaged where there is no rate."""
REACH_DAYS = 40
"""How far back those are looked for."""
DARK_KW = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Sun:
    """What was learned of a site's PV."""

    of: Days
    ratio: Floats
    """(slots + 1): measured over forecast energy of the days before each slot; 1 without any."""
    greatest_kw: Floats
    """(slots + 1): the most that was ever measured before each slot; infinite without any."""
    error_kw: Floats
    """Measured minus forecast as it would have been issued just before; NaN where not measured."""


def sun(of: Days) -> Sun:
    """Learns a past's PV: each value uses only what lies before its slot."""
    past = of.past
    hours = past.minutes / 60
    both = np.isfinite(past.pv_kw) & (past.solar_kw > 5 * DARK_KW)
    window = RATIO_DAYS * past.per_day
    measured = _window(np.where(both, past.pv_kw, 0) * hours, window) + RATIO_DOUBT_KWH
    foreseen = _window(np.where(both, past.solar_kw, 0) * hours, window) + RATIO_DOUBT_KWH
    greatest = np.fmax.accumulate(np.concatenate([[np.nan], past.pv_kw]))
    learned = Sun(of, measured / foreseen, np.where(np.isfinite(greatest), greatest, np.inf), np.zeros(0))
    slots = np.arange(of.now)
    error = past.pv_kw - expected_kw(learned, slots, slots, past.solar_kw)
    return Sun(of, learned.ratio, learned.greatest_kw, error)


def expected_kw(learned: Sun, origins: Ints, targets: Ints, solar_kw: Floats) -> Floats:
    """The mean PV of each target slot as seen at its origin; ``solar_kw`` holds the rates, NaN where there is none."""
    rated = np.maximum(solar_kw, 0) * learned.ratio[origins]
    missing = ~np.isfinite(solar_kw)
    if missing.any():
        rated[missing] = _recent_kw(learned, origins[missing], targets[missing])
    return rated


def samples_kw(learned: Sun, origins: Ints, expected: Floats, like: Ints) -> Floats:
    """The expected PV with the errors of the sampled slots ``like`` (rows, samples), within what can be."""
    error = np.nan_to_num(learned.error_kw[like]) if len(learned.error_kw) else np.zeros(like.shape)
    top = np.where(expected > DARK_KW, np.maximum(learned.greatest_kw[origins], expected), expected)
    return np.clip(expected[:, None] + error, 0, top[:, None])


def recency(learned: Sun, origins: Ints, targets: Ints) -> tuple[Ints, Floats]:
    """Sampled slots and weights for PV alone: the newest days weigh most, kinds of day do not matter to the sun."""
    of = learned.of
    lags = np.arange(of.knobs.days)[None, :] + 1 + ((targets - origins) // of.past.per_day)[:, None]
    found = targets[:, None] - lags * of.past.per_day
    usable = (found >= 0) & (found < origins[:, None])
    found = np.where(usable, found, 0)
    known = usable & np.isfinite(learned.error_kw[found]) if len(learned.error_kw) else np.zeros(found.shape, bool)
    return found, np.where(known, np.exp(-lags / of.knobs.recency_days), 0)


def _recent_kw(learned: Sun, origins: Ints, targets: Ints) -> Floats:
    """The mean of the last measured days at the same UTC time (the sun knows no summer time); 0 without any."""
    past = learned.of.past
    lags = np.arange(REACH_DAYS)[None, :] + 1 + ((targets - origins) // past.per_day)[:, None]
    found = targets[:, None] - lags * past.per_day
    if not len(past.pv_kw):
        return np.zeros(len(targets))
    values = np.where(found >= 0, past.pv_kw[np.clip(found, 0, len(past.pv_kw) - 1)], np.nan)
    known = np.isfinite(values)
    used = known & (np.cumsum(known, axis=1) <= RECENT)
    total = np.where(used, values, 0).sum(axis=1)
    return total / np.maximum(used.sum(axis=1), 1)


def _window(values: Floats, window: int) -> Floats:
    """Sums over the last ``window`` slots before each slot, and before the first one that is not past."""
    summed = np.concatenate([[0.0], np.cumsum(values)])
    before = np.concatenate([np.zeros(min(window, len(summed))), summed[:-window]])
    within: Floats = summed - before
    return within
