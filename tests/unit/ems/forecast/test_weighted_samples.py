"""Weighted samples: quantiles, ranks and bins."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems.forecast.history_grid import Floats
from ems.forecast.weighted_samples import (
    bins,
    mean,
    quantiles,
    ranks,
    shares_below,
)

SAMPLES = st.lists(st.tuples(st.floats(0, 10), st.floats(0.01, 5)), min_size=1, max_size=30)


def _row(samples: list[tuple[float, float]]) -> tuple[Floats, Floats]:
    values, weights = zip(*samples, strict=True)
    return np.array([values]), np.array([weights])


@given(SAMPLES)
def test_bins_keep_the_mean_and_ascend(samples: list[tuple[float, float]]) -> None:
    values, weights = _row(samples)
    found = bins(values, weights, 8)[0]
    assert found.mean() == pytest.approx(mean(values, weights)[0], abs=1e-9)
    assert (np.diff(found) >= -1e-9).all()


@given(SAMPLES)
def test_quantiles_ascend_and_lie_among_the_samples(samples: list[tuple[float, float]]) -> None:
    values, weights = _row(samples)
    low, middle, high = quantiles(values, weights, np.array([0.1, 0.5, 0.9]))[0]
    assert values.min() <= low <= middle <= high <= values.max()


def test_a_sample_without_weight_counts_for_nothing() -> None:
    values, weights = np.array([[1.0, 99.0, 3.0]]), np.array([[1.0, 0.0, 1.0]])
    assert quantiles(values, weights, np.array([0.5]))[0, 0] == pytest.approx(2)
    assert bins(values, weights, 2)[0].tolist() == [1.0, 3.0]
    assert ranks(values, weights, np.array([50.0]))[0] == 1


def test_a_row_without_samples_says_nothing() -> None:
    nothing = np.zeros((1, 3))
    assert np.isnan(quantiles(nothing, nothing, np.array([0.5]))).all()
    assert np.isnan(mean(nothing, nothing)).all()
    assert np.isnan(ranks(nothing, nothing, np.array([1.0]))).all()


def test_a_weight_shifts_the_median() -> None:
    values = np.array([[1.0, 2.0, 3.0]])
    assert quantiles(values, np.array([[10.0, 1.0, 1.0]]), np.array([0.5]))[0, 0] < 1.5


@pytest.mark.parametrize("same", [1.0, 0.3])
def test_a_value_that_comes_again_and_again_is_below_its_quantiles_as_often_as_it_should(same: float) -> None:
    """A flat load, and a standby power that is drawn in 30 % of all samples."""
    draw = np.random.default_rng(5)
    values = np.where(draw.random((4000, 60)) < same, 0.3, 0.3 + draw.random((4000, 60)))
    measured = np.where(draw.random(4000) < same, 0.3, 0.3 + draw.random(4000))
    weights, levels = np.ones_like(values), np.array([0.1, 0.5, 0.9])
    at = quantiles(values, weights, levels)
    assert shares_below(values, weights, measured, at, levels).mean(axis=0) == pytest.approx(levels, abs=0.02)
