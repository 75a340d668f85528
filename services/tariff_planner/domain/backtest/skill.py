"""How good the forecasts were over the judged time, as they would have been issued (``forecast.calibration``)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ems.forecast.calibration import ForecastRecord
from ems.forecast.history_grid import Floats
from ems.forecast.outlook import load_record, pv_record
from ems.virtual_house.world import World

WINDOW_DAYS = 60
"""Days that are computed together: a year at once would need gigabytes."""
NAIVE_DAYS = 30
_NO_ERROR = 1e-6
"""An nMAE below this is the rounding of numbers, as of a power that never changes."""


@dataclass(frozen=True, slots=True)
class ForecastSkill:
    """Errors over the next 24 h; nMAE = mean absolute error / mean of the measured values."""

    samples: int
    nmae: float
    """Error of the median."""
    nmae_of_mean: float
    naive_nmae: float
    """Error of the mean of the last 30 days at the same time."""
    better: float | None
    """1 - nmae / naive_nmae; None where that mean has no error that could be smaller."""
    below_p10: float
    below_p50: float
    below_p90: float
    """Share of measured values below each quantile; those on it by the part that belongs below."""


def skills(world: World) -> dict[str, ForecastSkill]:
    """The skill of load and PV forecasts; one that was never measured is left out."""
    past = world.past
    load = _skill(world, lambda count, until: load_record(world.days, count, until), past.load_kw)
    pv = _skill(world, lambda count, until: pv_record(world.solar_model, count, until), past.pv_kw)
    return {name: s for name, s in (("load", load), ("pv", pv)) if s is not None}


def _skill(world: World, make: Callable[[int, int], ForecastRecord], measured_kw: Floats) -> ForecastSkill | None:
    per_day = world.past.per_day
    window = WINDOW_DAYS * per_day
    records = [
        make(-(-(until - start) // per_day), until)
        for start in range(world.first, world.end, window)
        for until in (min(start + window, world.end),)
    ]
    rows = [r.targets >= world.first for r in records]
    measured = np.concatenate([r.measured_kw[k] for r, k in zip(records, rows, strict=True)])
    if not len(measured) or measured.mean() <= 0:
        return None
    mean = np.concatenate([r.mean_kw[k] for r, k in zip(records, rows, strict=True)])
    middle = np.concatenate([r.quantiles_kw[k, 1] for r, k in zip(records, rows, strict=True)])
    below = np.concatenate([r.below[k] for r, k in zip(records, rows, strict=True)]).mean(axis=0).tolist()
    naive = np.concatenate([_naive(r, measured_kw, per_day)[k] for r, k in zip(records, rows, strict=True)])
    error, naive_error = _nmae(middle, measured), _nmae(naive, measured)
    better = 1 - error / naive_error if naive_error > _NO_ERROR else None
    return ForecastSkill(len(measured), error, _nmae(mean, measured), naive_error, better, *below)


def _naive(of: ForecastRecord, measured_kw: Floats, per_day: int) -> Floats:
    first = 1 + (of.targets - of.origins) // per_day
    found = of.targets[:, None] - (first[:, None] + np.arange(NAIVE_DAYS)) * per_day
    values = np.where(found >= 0, measured_kw[np.maximum(found, 0)], np.nan)
    there = np.isfinite(values)
    total = np.where(there, values, 0).sum(axis=1)
    average: Floats = total / np.maximum(there.sum(axis=1), 1)
    return average


def _nmae(forecast: Floats, measured: Floats) -> float:
    return float(np.abs(forecast - measured).mean() / measured.mean())
