"""PV ahead: evcc's solar rates, corrected by the site's own errors, and the last days at the same time.

Two forecasts are made and mixed: the rate times what the roof gave of it at this time of day (shade, tilt, a shifted
clock), and the mean of the last days at this time. How much each counts is what would have been best lately. Clouds
stay for a while: what the last hours brought against what was expected of them is carried into the next ones.
"""

from dataclasses import dataclass

import numpy as np

from ems.forecast.history_grid import Floats, Ints
from ems.forecast.similar_days import Days

RATIO_DAYS = 28
"""Over how many days measured and forecast energy are compared."""
RATIO_DOUBT_KWH = 1.5
"""Energy in kWh that is added to forecast and measured energy: few days correct little."""
DOUBT_DAYS = 2.0
"""Days of the whole day's ratio that are added to those of the time of day."""
RECENT = 10
"""How many days are averaged."""
REACH_DAYS = 40
"""How far back those are looked for."""
MIX_DAYS = 42
"""Over how many days the mixture is learned."""
MIX_DOUBT_KW2 = 20.0
"""Squared difference in kW² (summed over slots) that speaks for the rates alone before anything is known."""
TODAY_H = 3.0
"""Over how many last hours the present day is compared."""
TODAY_FADE_H = 6.0
"""Hours ahead at which the comparison counts only with the power 1/e."""
TODAY_DOUBT_KWH = 0.5
TODAY_CERTAINTY = 0.5
"""Share by which the errors are smaller in the hours that the comparison reaches."""
DARK_KW = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class SolarModel:
    """What was learned of a site's PV."""

    of: Days
    ratio: Floats
    """(slots + 1): measured over forecast energy of the days before each slot; 1 without any."""
    mix: Floats
    """(slots + 1): how much the corrected rate counts against the last days, 0 to 1."""
    today: Floats
    """(slots + 1): measured over expected energy of the last hours before each slot; 1 in the dark."""
    greatest_kw: Floats
    """(slots + 1): the most that was ever measured before each slot; infinite without any."""
    error_kw: Floats
    """Measured minus forecast as it would have been issued on that day, before comparing; NaN where not measured."""


def solar_model(of: Days) -> SolarModel:
    """Learns a past's PV: each value uses only what lies before its slot."""
    past, slots = of.past, np.arange(of.now)
    hours = past.minutes / 60
    both = np.isfinite(past.pv_kw) & (past.solar_kw > 5 * DARK_KW)
    window = RATIO_DAYS * past.per_day
    measured = _window(np.where(both, past.pv_kw, 0) * hours, window) + RATIO_DOUBT_KWH
    foreseen = _window(np.where(both, past.solar_kw, 0) * hours, window) + RATIO_DOUBT_KWH
    greatest = np.fmax.accumulate(np.concatenate([[np.nan], past.pv_kw]))
    greatest = np.where(np.isfinite(greatest), greatest, np.inf)
    ones = np.ones(of.now + 1)
    learned = SolarModel(of, measured / foreseen, ones, ones, greatest, np.zeros(0))
    rated, recent = _rated_kw(learned, slots, slots, past.solar_kw), _recent_kw(learned, slots, slots)
    # Least squares: measured = recent + mix x (rated - recent).
    apart = np.where(both & np.isfinite(rated) & np.isfinite(recent), rated - recent, 0)
    span = MIX_DAYS * past.per_day
    pull = _window(apart * np.nan_to_num(past.pv_kw - recent), span) + MIX_DOUBT_KW2
    mix = np.clip(pull / (_window(apart**2, span) + MIX_DOUBT_KW2), 0, 1)
    expected = expected_kw(SolarModel(of, learned.ratio, mix, ones, greatest, np.zeros(0)), slots, slots, past.solar_kw)
    known = np.isfinite(past.pv_kw)
    span = max(1, round(TODAY_H / hours))
    came = _window(np.where(known, past.pv_kw, 0) * hours, span) + TODAY_DOUBT_KWH
    today = came / (_window(np.where(known, expected, 0) * hours, span) + TODAY_DOUBT_KWH)
    return SolarModel(of, learned.ratio, mix, today, greatest, past.pv_kw - expected)


def expected_kw(learned: SolarModel, origins: Ints, targets: Ints, solar_kw: Floats) -> Floats:
    """The mean PV of each target slot as seen at its origin; ``solar_kw`` holds the rates, NaN where there is none."""
    rated, recent = _rated_kw(learned, origins, targets, solar_kw), _recent_kw(learned, origins, targets)
    mix = learned.mix[origins]
    mixed = np.where(np.isfinite(recent), recent + mix * (rated - recent), rated)
    # A site without either has no PV that anybody knows of.
    found = np.nan_to_num(np.where(np.isfinite(rated), mixed, recent))
    return found * learned.today[origins] ** _fade(learned, origins, targets)


def samples_kw(learned: SolarModel, origins: Ints, targets: Ints, expected: Floats, like: Ints) -> Floats:
    """The expected PV with the errors of the sampled slots ``like`` (rows, samples), within what can be."""
    error = np.nan_to_num(learned.error_kw[like]) if len(learned.error_kw) else np.zeros(like.shape)
    error = error * (1 - TODAY_CERTAINTY * _fade(learned, origins, targets))[:, None]
    top = np.where(expected > DARK_KW, np.maximum(learned.greatest_kw[origins], expected), expected)
    return np.clip(expected[:, None] + error, 0, top[:, None])


def recency(learned: SolarModel, origins: Ints, targets: Ints) -> tuple[Ints, Floats]:
    """Sampled slots and weights for PV alone: the newest days weigh most, kinds of day do not matter to the sun."""
    of = learned.of
    lags = np.arange(of.knobs.days)[None, :] + 1 + ((targets - origins) // of.past.per_day)[:, None]
    found = targets[:, None] - lags * of.past.per_day
    usable = (found >= 0) & (found < origins[:, None])
    found = np.where(usable, found, 0)
    known = usable & np.isfinite(learned.error_kw[found]) if len(learned.error_kw) else np.zeros(found.shape, bool)
    return found, np.where(known, np.exp(-lags / of.knobs.recency_days), 0)


def _fade(learned: SolarModel, origins: Ints, targets: Ints) -> Floats:
    """How far the comparison with the last hours reaches: 1 now, 0 far ahead."""
    found: Floats = np.exp(-(targets - origins) * learned.of.past.minutes / 60 / TODAY_FADE_H)
    return found


def _rated_kw(learned: SolarModel, origins: Ints, targets: Ints, solar_kw: Floats) -> Floats:
    """The rates times what was measured of them at this time of day lately; NaN without a rate."""
    past, whole_day = learned.of.past, learned.ratio[origins]
    measured, foreseen = (
        _same_time(learned, past.pv_kw, origins, targets),
        _same_time(learned, past.solar_kw, origins, targets),
    )
    both = np.isfinite(measured) & np.isfinite(foreseen)
    both[:, RATIO_DAYS:] = False
    rate = np.maximum(solar_kw, 0)
    doubt = DOUBT_DAYS * np.nan_to_num(rate)
    taken = np.where(both, measured, 0).sum(axis=1) + doubt * whole_day
    rated = np.where(both, foreseen, 0).sum(axis=1) + doubt
    found: Floats = rate * np.where(rated > 0, taken / np.where(rated > 0, rated, 1), whole_day)
    return found


def _recent_kw(learned: SolarModel, origins: Ints, targets: Ints) -> Floats:
    """The mean of the last measured days at the same time; NaN without any."""
    values = _same_time(learned, learned.of.past.pv_kw, origins, targets)
    known = np.isfinite(values)
    used = known & (np.cumsum(known, axis=1) <= RECENT)
    count = used.sum(axis=1)
    return np.where(count > 0, np.where(used, values, 0).sum(axis=1) / np.maximum(count, 1), np.nan)


def _same_time(learned: SolarModel, values: Floats, origins: Ints, targets: Ints) -> Floats:
    """Values at the same UTC time (the sun knows no summer time) of the days before the origins, newest first."""
    if not len(values):
        return np.full((len(targets), REACH_DAYS), np.nan)
    lags = np.arange(REACH_DAYS)[None, :] + 1 + ((targets - origins) // learned.of.past.per_day)[:, None]
    found = targets[:, None] - lags * learned.of.past.per_day
    return np.where(found >= 0, values[np.clip(found, 0, len(values) - 1)], np.nan)


def _window(values: Floats, window: int) -> Floats:
    """Sums over the last ``window`` slots before each slot, and before the first one that is not past."""
    summed = np.concatenate([[0.0], np.cumsum(values)])
    before = np.concatenate([np.zeros(min(window, len(summed))), summed[:-window]])
    within: Floats = summed - before
    return within
