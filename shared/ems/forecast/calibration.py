"""How good the forecasts were: what would have been issued, against what was measured, slot by slot.

Forecasts are pure functions of the past, so the ones of the last months can be issued again exactly as they were then.
Four leads (3, 9, 15, 21 h) stand for "the next 24 h". The record also corrects the quantiles: where 13 % of the
measured values fell below the nominal 10 % quantile, a lower level is published as 10 % from then on.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ems.contract.plan import Accuracy
from ems.forecast.history_grid import Floats, Ints
from ems.forecast.weighted_samples import mean, quantiles, shares_below, spread_ranks

LEADS_H = (3, 9, 15, 21)
LEVELS = np.array([0.1, 0.5, 0.9])
CALIBRATION_DAYS = 42
MIN_CALIBRATION = 300
"""Fewer ranks correct nothing."""
PUBLISHED_DAYS = (7, 30)

type Issue = Callable[[Ints, Ints], tuple[Floats, Floats]]
"""Samples (rows, samples) in kW and their weights for targets as seen at origins."""


@dataclass(frozen=True, slots=True, eq=False)
class ForecastRecord:
    """The forecasts of one kind as issued: one row a measured slot and lead, days counted back from now."""

    targets: Ints
    origins: Ints
    days_ago: Ints
    """0 = the last 24 h."""
    measured_kw: Floats
    mean_kw: Floats
    quantiles_kw: Floats
    """(rows, 3), corrected with the ranks that were known on the day."""
    below: Floats
    """(rows, 3): how far the measured value lies below each quantile: 1, 0, or a part where it lies on it."""
    ranks: Floats
    """Of the measured values among the samples, ties spread."""


def record(
    issue: Issue, measured_kw: Floats, per_day: int, days: int, *, least_kw: float | None = None
) -> ForecastRecord:
    """Issues the forecasts of the last ``days`` again, day by day, and those that their correction needs.

    Args:
        issue: makes the samples.
        measured_kw: the whole past.
        per_day: slots a day.
        days: how many days are wanted.
        least_kw: slots in which no sample exceeds this are left out (PV at night says nothing).
    """
    issued = [_issued(issue, measured_kw, per_day, days, h * per_day // 24, least_kw) for h in LEADS_H]
    targets, origins, ago, rank = (np.concatenate([getattr(i, name) for i in issued]) for name in _COLUMNS)
    wanted = ago < days
    values, weights = np.concatenate([i.values for i in issued]), np.concatenate([i.weights for i in issued])
    measured = measured_kw[targets[wanted]]
    found, below = (np.full((len(values), len(LEVELS)), np.nan) for _ in range(2))
    for day in range(days):
        today = ago[wanted] == day
        # The day's first forecasts were issued on the day before, so that only the days before that were known.
        known = rank[(ago > day + 1) & (ago <= day + 1 + CALIBRATION_DAYS)]
        at = levels(known)
        found[today] = quantiles(values[today], weights[today], at)
        below[today] = shares_below(values[today], weights[today], measured[today], found[today], at)
    columns = (targets[wanted], origins[wanted], ago[wanted], measured)
    return ForecastRecord(*columns, mean(values, weights), found, below, rank[wanted])


_COLUMNS = ("targets", "origins", "ago", "rank")


@dataclass(frozen=True, slots=True, eq=False)
class _Issued:
    """The forecasts of one lead; samples are kept only of the wanted days, because they are what is large."""

    targets: Ints
    origins: Ints
    ago: Ints
    rank: Floats
    values: Floats
    weights: Floats


def _issued(issue: Issue, measured_kw: Floats, per_day: int, days: int, lead: int, least_kw: float | None) -> _Issued:
    now = len(measured_kw)
    targets = np.arange(max(0, now - (days + 1 + CALIBRATION_DAYS) * per_day), now)
    origins = targets - lead
    kept = (origins >= 0) & np.isfinite(measured_kw[targets])
    targets, origins = targets[kept], origins[kept]
    values, weights = issue(origins, targets)
    some = (weights > 0).any(axis=1)
    if least_kw is not None:
        some &= np.where(weights > 0, values, 0).max(axis=1, initial=0) > least_kw
    targets, origins, values, weights = targets[some], origins[some], values[some], weights[some]
    ago = (now - 1 - targets) // per_day
    wanted = ago < days
    rank = spread_ranks(values, weights, measured_kw[targets])
    return _Issued(targets, origins, ago, rank, values[wanted], weights[wanted])


def levels(known_ranks: Floats) -> Floats:
    """Which nominal levels have really held 10, 50 and 90 %; the nominal ones while too little is known."""
    known = known_ranks[np.isfinite(known_ranks)]
    if len(known) < MIN_CALIBRATION:
        return LEVELS
    held: Floats = np.clip(np.quantile(known, LEVELS), 0.005, 0.995)
    return held


def accuracy(of: ForecastRecord, days: int) -> Accuracy | None:
    """The accuracy of the last ``days``: errors of the median, bias of the mean; None when nothing was measured."""
    rows = of.days_ago < days
    measured = of.measured_kw[rows]
    if not len(measured) or measured.mean() <= 0:
        return None
    middle, below = of.quantiles_kw[rows, 1], of.below[rows]
    return Accuracy(
        days=days,
        samples=len(measured),
        nmae=round(float(np.abs(middle - measured).mean() / measured.mean()), 4),
        bias_w=round(float((of.mean_kw[rows] - measured).mean()) * 1000, 1),
        coverage=round(float((below[:, 2] - below[:, 0]).mean()), 4),
    )
