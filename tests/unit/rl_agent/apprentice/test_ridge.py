import numpy as np
import pytest

from rl_agent.domain.apprentice.ridge import NormalEquations

TRUE = np.array([[2.0, -1.0, 0.5], [0.0, 3.0, -2.0]])
"""Two leads, two features and the constant."""


def rows(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    drawn = np.random.default_rng(seed).normal(0, [1.0, 20.0, 0.0], (2, count, 3))
    drawn[..., -1] = 1
    return drawn, np.einsum("lrf,lf->lr", drawn, TRUE)


def test_without_a_penalty_it_finds_what_the_rows_were_made_of() -> None:
    found = NormalEquations.empty(2, 3).with_rows(*rows(1, 50)).coefficients(0)
    assert found == pytest.approx(TRUE)


def test_rows_may_come_in_parts() -> None:
    x, y = rows(2, 60)
    parts = NormalEquations.empty(2, 3).with_rows(x[:, :20], y[:, :20]).with_rows(x[:, 20:], y[:, 20:])
    assert parts.coefficients() == pytest.approx(NormalEquations.empty(2, 3).with_rows(x, y).coefficients())
    assert parts.rows == 60


def test_a_row_that_was_not_measured_is_left_out() -> None:
    x, y = rows(3, 40)
    y[:, 7] = np.nan
    kept = np.delete(np.arange(40), 7)
    found = NormalEquations.empty(2, 3).with_rows(x, y).coefficients()
    assert found == pytest.approx(NormalEquations.empty(2, 3).with_rows(x[:, kept], y[:, kept]).coefficients())


def test_a_penalty_shrinks_features_whatever_their_unit_and_leaves_the_constant() -> None:
    x, y = rows(4, 4000)
    found = NormalEquations.empty(2, 3).with_rows(x, y).coefficients(1.0)
    assert found[:, :2] == pytest.approx(TRUE[:, :2] / 2, abs=0.2)
    assert found[:, 2] == pytest.approx(TRUE[:, 2], abs=1.5)


def test_without_rows_it_says_nothing() -> None:
    assert (NormalEquations.empty(2, 3).coefficients() == 0).all()
