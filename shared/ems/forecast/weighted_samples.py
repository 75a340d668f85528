"""Distributions made of weighted samples, one a row: quantiles, ranks, and a few bins that stand for all of them.

``values`` and ``weights`` are (rows, samples); a sample of weight 0 is not there, whatever its value.
"""

import numpy as np

from ems.forecast.history_grid import Floats

SAME = 1e-6
"""Powers in kW that differ by less are the same: sums of weights are not exact."""
_GOLDEN = 0.6180339887498949


def quantiles(values: Floats, weights: Floats, levels: Floats) -> Floats:
    """The quantiles at ``levels`` (0 to 1) of each row, as (rows, levels); NaN where a row has no sample.

    Each sample sits in the middle of its own weight; between two it is interpolated, beyond the outermost it is level.
    """
    sorted_values, sorted_weights = _sorted(values, weights)
    total = sorted_weights.sum(axis=1, keepdims=True)
    middle = (np.cumsum(sorted_weights, axis=1) - sorted_weights / 2) / np.where(total > 0, total, 1)
    found = _interpolate(middle, sorted_values, np.broadcast_to(levels, (len(values), len(levels))))
    return np.where(total > 0, found, np.nan)


def mean(values: Floats, weights: Floats) -> Floats:
    """The mean of each row; NaN where a row has no sample."""
    total = weights.sum(axis=1)
    summed = np.where(weights > 0, values * weights, 0).sum(axis=1)
    return np.where(total > 0, summed / np.where(total > 0, total, 1), np.nan)


def ranks(values: Floats, weights: Floats, measured: Floats) -> Floats:
    """Which share of each row's weight lies below ``measured``, ties by half; NaN without samples or measurement."""
    total = weights.sum(axis=1)
    at = measured[:, None]
    below = np.where(values < at, weights, np.where(values == at, weights / 2, 0)).sum(axis=1)
    return np.where((total > 0) & np.isfinite(measured), below / np.where(total > 0, total, 1), np.nan)


def spread_ranks(values: Floats, weights: Floats, measured: Floats) -> Floats:
    """The same, but ties spread evenly over the share that they take, row by row, instead of all in its middle.

    So that ranks of a forecast that is right are even also where one value is drawn again and again.
    """
    total = weights.sum(axis=1)
    under, own = _under_and_own(values, weights, measured)
    # Steps of the golden section never meet again, and fill an interval evenly.
    spread = (np.arange(len(measured)) * _GOLDEN) % 1
    return np.where((total > 0) & np.isfinite(measured), under + own * spread, np.nan)


def shares_below(values: Floats, weights: Floats, measured: Floats, at: Floats, levels: Floats) -> Floats:
    """How far each row's ``measured`` lies below its quantiles ``at`` (rows, levels) of ``levels``: 1, 0, or a part.

    Where a value is drawn again and again (a standby power, a flat load) it lies *on* a quantile. It then counts as
    below with the part of its own weight that the level takes, so that a forecast that is right is right by this, too.
    """
    under, own = (share[:, None] for share in _under_and_own(values, weights, measured))
    value = measured[:, None]
    part = np.where(own > 0, np.clip((levels - under) / np.where(own > 0, own, 1), 0, 1), 0.5)
    return np.where(np.abs(at - value) <= SAME, part, (value < at).astype(np.float64))


def _under_and_own(values: Floats, weights: Floats, measured: Floats) -> tuple[Floats, Floats]:
    """The share of each row's weight below ``measured``, and on it."""
    total = weights.sum(axis=1)
    total = np.where(total > 0, total, 1)
    value = measured[:, None]
    under = np.where(values < value - SAME, weights, 0).sum(axis=1) / total
    return under, np.where(np.abs(values - value) <= SAME, weights, 0).sum(axis=1) / total


def bins(values: Floats, weights: Floats, count: int) -> Floats:
    """Each row cut into ``count`` bins of equal weight, each stood for by its mean, ascending: (rows, count).

    The means keep the row's mean exactly, and its spread nearly: what a look-ahead needs of a distribution.
    """
    sorted_values, sorted_weights = _sorted(values, weights)
    total = sorted_weights.sum(axis=1, keepdims=True)
    share = sorted_weights / np.where(total > 0, total, 1)
    zero = np.zeros((len(values), 1))
    reached = np.hstack([zero, np.cumsum(share, axis=1)])
    integral = np.hstack([zero, np.cumsum(share * sorted_values, axis=1)])
    edges = np.broadcast_to(np.linspace(0, 1, count + 1), (len(values), count + 1))
    cut = np.diff(_interpolate(reached, integral, edges), axis=1) * count
    return np.where(total > 0, cut, np.nan)


def _sorted(values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Rows in ascending order; what has no weight stands at the end, at the row's greatest value."""
    order = np.argsort(np.where(weights > 0, values, np.inf), axis=1)
    weight = np.take_along_axis(weights, order, axis=1)
    value = np.take_along_axis(values, order, axis=1)
    greatest = np.where(weights > 0, values, -np.inf).max(axis=1, initial=-np.inf, keepdims=True)
    return np.where(weight > 0, value, np.where(np.isfinite(greatest), greatest, 0)), weight


def _interpolate(x: Floats, y: Floats, at: Floats) -> Floats:
    """``np.interp`` of every row (x from 0 to 1) in one call: rows are laid end to end, two apart."""
    row = 2.0 * np.arange(len(x))[:, None]
    inner = np.clip(at, x[:, :1], x[:, -1:])
    found: Floats = np.interp((inner + row).ravel(), (x + row).ravel(), y.ravel()).reshape(at.shape)
    return found
