"""Net load (load minus PV, without cars and battery) as foreseen at any slot, and as it came."""

import numpy as np

from ems.forecast.history_grid import Floats, Ints, Past
from ems.forecast.similar_days import samples
from ems.forecast.solar import SolarModel, expected_kw, samples_kw
from ems.forecast.weighted_samples import mean

ROWS = 20_000
"""Targets that are looked at together: a sample each of 42 days, so some 50 MB."""


def net_samples(learned: SolarModel, origins: Ints, targets: Ints) -> tuple[Floats, Floats]:
    """Samples of the net load of each target slot in kW, and their weights, as seen at the start of its origin slot.

    Returns:
        Both (rows, samples); a sample's PV has the error that the forecast had in the sampled slot.
    """
    of = learned.of
    like, weights = samples(of, origins, targets)
    expected = expected_kw(learned, origins, targets, of.past.solar_kw[targets])
    return np.nan_to_num(of.past.load_kw[like]) - samples_kw(learned, origins, targets, expected, like), weights


def expected_net_kw(learned: SolarModel, origins: Ints, targets: Ints) -> Floats:
    """The mean of those samples, one a target; NaN where there is none."""
    parts = np.array_split(np.arange(len(targets)), max(1, -(-len(targets) // ROWS)))
    return np.concatenate([mean(*net_samples(learned, origins[part], targets[part])) for part in parts])


def measured_net_kw(past: Past) -> Floats:
    """The net load that came; NaN where no load was measured. An inverter that says nothing gives nothing."""
    return past.load_kw - np.nan_to_num(past.pv_kw)
