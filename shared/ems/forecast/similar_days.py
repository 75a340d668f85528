"""Which past days say what about a coming slot: by recency, kind of day, and likeness of the last hours.

Forecasting the load of one home is mostly asking "which days were like this one?". Every past day at the same local
time is a sample; its weight is learned nowhere, the few constants were chosen on the first half of one home
(docs/forecasting.md) and are the same for all.
"""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from ems.forecast.history_grid import (
    Calendar,
    Floats,
    Ints,
    Past,
    calendar,
)


@dataclass(frozen=True, slots=True)
class Knobs:
    """How samples are chosen and weighed."""

    days: int = 42
    recency_days: float = 28.0
    """Age in days at which a sample weighs 1/e."""
    other_kind: float = 0.4
    """Weight of a workday for a weekend's slot, and the other way round."""
    alike_h: float = 12.0
    """Over how many last hours the days are compared."""
    alike_width: float = 0.5
    """Mean squared difference of log loads at which the weight falls to 1/e."""
    fade_h: float = 12.0
    """Hours ahead at which likeness counts only with the power 1/e."""
    unknown_alike: float = 0.3
    """Likeness of a day whose hours were hardly measured."""


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """A past with its calendar, and how alike each slot's last hours are to those of the days before."""

    past: Past
    calendar: Calendar
    alike: Floats
    """(slots + 1, days): row ``i`` is known at the start of slot ``i``; column ``k`` is ``k + 1`` days before."""
    knobs: Knobs

    @property
    def now(self) -> int:
        """The first slot that is not past."""
        return len(self.past.load_kw)


def days(past: Past, zone: ZoneInfo, knobs: Knobs | None = None) -> Days:
    """Learns a past: O(slots x days), some milliseconds a month."""
    knobs = knobs or Knobs()
    of = calendar(past, zone)
    count = len(past.load_kw)
    slots, lags = np.arange(count)[:, None], np.arange(1, knobs.days + 1)[None, :]
    earlier = of.earlier(slots, lags, past.per_day)
    # Logs, as twice the load matters alike at 0.3 and at 3 kW; 0.1 kW keeps noise near zero from counting.
    level = np.log(np.maximum(past.load_kw, 0) + 0.1)
    squared = (level[:, None] - _at(level, earlier)) ** 2
    window = max(1, round(knobs.alike_h * 60 / past.minutes))
    known = _last(np.isfinite(squared).astype(np.float64), window)
    distance = _last(np.nan_to_num(squared), window) / np.maximum(known, 1)
    alike = np.where(known > 2, np.exp(-distance / knobs.alike_width), knobs.unknown_alike)
    return Days(past, of, alike, knobs)


def samples(of: Days, origins: Ints, targets: Ints) -> tuple[Ints, Floats]:
    """For each target slot, as seen at the start of its origin slot: the sampled slots and their weights.

    Returns:
        (rows, days) indices into the past (clipped where the weight is 0) and weights, 0 where nothing was measured.
    """
    knobs, per_day = of.knobs, of.past.per_day
    ahead = targets - origins
    lags = np.arange(knobs.days)[None, :] + 1 + ahead[:, None] // per_day
    found = of.calendar.earlier(targets[:, None], lags, per_day)
    usable = (found >= 0) & (found < origins[:, None])
    found = np.where(usable, found, 0)
    weights = np.exp(-(lags - lags[:, :1]) / knobs.recency_days)
    weights = weights * np.where(
        of.calendar.weekend[found] == of.calendar.weekend[targets][:, None], 1, knobs.other_kind
    )
    fade = np.exp(-ahead * of.past.minutes / 60 / knobs.fade_h)[:, None]
    alike = of.alike[origins[:, None], np.minimum(lags, knobs.days) - 1]
    return found, np.where(usable & np.isfinite(_at(of.past.load_kw, found)), weights * alike**fade, 0)


def loads_kw(
    of: Days, origin: int, like: Ints, weights: Floats, present_w: float | None = None
) -> tuple[Floats, Floats]:
    """The loads of sampled slots as seen at ``origin``, and their weights.

    A time of day that was never measured takes the distribution of all that was, and with no past at all the present.
    """
    load = of.past.load_kw
    values = np.nan_to_num(load[like]) if len(load) else np.zeros(like.shape)
    bare = weights.sum(axis=1) <= 0
    if bare.any():
        seen = load[max(0, origin - of.knobs.days * of.past.per_day) : origin]
        seen = seen[np.isfinite(seen)]
        if not len(seen) and present_w is not None:
            seen = np.array([max(present_w, 0) / 1000])
        if len(seen):
            values[bare] = np.quantile(seen, (np.arange(like.shape[1]) + 0.5) / like.shape[1])
            weights = np.where(bare[:, None], 1.0, weights)
    return values, weights


def _at(values: Floats, slots: Ints) -> Floats:
    """Values at slots, NaN before the beginning."""
    if not len(values):
        return np.full(slots.shape, np.nan)
    return np.where(slots >= 0, values[np.clip(slots, 0, len(values) - 1)], np.nan)


def _last(values: Floats, window: int) -> Floats:
    """Sums over the last ``window`` rows before each row, for one row more than there are."""
    summed = np.vstack([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    within: Floats = summed - np.vstack([np.zeros((min(window, len(summed)), values.shape[1])), summed[:-window]])
    return within
