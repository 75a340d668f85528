"""Levels of net load, and what is known of them now."""

import numpy as np
import pytest

from ems.forecast.scenarios import BINS, Scenarios, transitions

KW = np.tile(np.arange(BINS, dtype=np.float64), (40, 1))
STAYS = transitions(np.repeat(np.arange(BINS), 500))
"""Who is at a level stays there for long."""


def test_what_is_at_a_high_level_now_is_likely_to_stay_there_for_a_while() -> None:
    kw, chances = Scenarios(KW, STAYS, BINS - 1).likely()
    expected = (kw * chances).sum(axis=1)
    assert kw.shape == (40, BINS // 2)
    assert chances.sum(axis=1) == pytest.approx(np.ones(40))
    assert expected[0] > BINS - 2
    assert (np.diff(expected) < 0).all(), "and is forgotten by and by"
    assert expected[-1] > KW.mean()


def test_slots_that_are_shorter_than_those_of_the_past_forget_no_faster() -> None:
    quarters = np.repeat(np.arange(1, 21), 2)
    _, half_hours = Scenarios(KW[:20], STAYS, BINS - 1).likely()
    _, found = Scenarios(KW, STAYS, BINS - 1, steps=quarters).likely()
    assert found == pytest.approx(np.repeat(half_hours, 2, axis=0))


def test_where_nothing_is_known_of_now_all_levels_are_as_likely() -> None:
    kw, chances = Scenarios(KW, STAYS, None).likely()
    assert kw[0] == pytest.approx([0.5, 2.5, 4.5, 6.5])
    assert chances == pytest.approx(np.full((40, BINS // 2), 2 / BINS))


def test_a_net_load_that_is_known_has_one_level() -> None:
    kw, chances = Scenarios(KW[:, :1], np.ones((1, 1)), 0).likely()
    assert (kw == KW[:, :1]).all()
    assert (chances == 1).all()
