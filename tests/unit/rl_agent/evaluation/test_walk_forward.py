"""A short past lived through night by night, and the page that tells of it."""

from datetime import timedelta
from functools import cache

import numpy as np
import pytest

from rl_agent.domain.evaluation.page import page, paired_interval
from rl_agent.domain.evaluation.walk_forward import (
    ALONE,
    APPRENTICE,
    GATED,
    PLAN,
    TABULAR,
    Evaluation,
    by_week,
    cost_eur,
    evaluate,
)
from rl_agent.domain.tabular.learner import Tabular
from support.learnt_homes import moody, stage

DAYS, JUDGED, USED = 66, 62, 63


@cache
def found() -> Evaluation:
    world = stage(moody(DAYS), judged_from=JUDGED * 24)
    return evaluate(world, used_from_day=USED, tabular=Tabular(first_rounds=2, nightly_rounds=1))


def test_everybody_lives_through_the_same_days() -> None:
    assert set(found().lives) == {ALONE, PLAN, APPRENTICE, GATED, TABULAR}
    assert {len(life.cost_eur) for life in found().lives.values()} == {(DAYS - JUDGED) * 24}


def test_until_it_may_decide_the_apprentice_does_what_the_plan_does() -> None:
    before = (USED - JUDGED) * 24
    plan, apprentice = found().lives[PLAN], found().lives[APPRENTICE]
    assert plan.modes[:before] == apprentice.modes[:before]


def test_skill_is_judged_from_the_first_night_with_coefficients_on() -> None:
    days = [e.day for e in found().errors]
    world = found().world
    # 56 days of origins with a forecast (the first day has none) whose reach is measured, and the night after them.
    assert days[0] == world.moment(59 * 24).date()
    assert days[-1] == world.moment((DAYS - 1) * 24).date()
    assert found().skill_by_lead.shape == (36,)
    assert found().skill_by_lead[0] > 0.05


def test_without_evidence_the_gate_keeps_the_plan() -> None:
    assert found().days_in_charge == ()
    assert found().lives[GATED] is found().lives[PLAN]


def test_what_comes_later_changes_nothing_before() -> None:
    load = moody(DAYS)
    load[(DAYS - 1) * 24 :] *= 2
    world = stage(load, judged_from=JUDGED * 24)
    other = evaluate(world, used_from_day=USED, tabular=Tabular(first_rounds=2, nightly_rounds=1))
    until = (DAYS - 1 - JUDGED) * 24
    for name, life in found().lives.items():
        assert life.modes[:until] == other.lives[name].modes[:until], name


def test_weeks_add_up_and_the_interval_holds_the_sum() -> None:
    world = found().world
    costs = cost_eur(world, found().lives[PLAN])
    assert by_week(world, costs).sum() == pytest.approx(costs.sum())
    saved, low, high = paired_interval(found(), TABULAR)
    assert low <= saved <= high
    assert paired_interval(found(), PLAN) == (0, 0, 0)


def test_the_page_tells_all_of_it() -> None:
    text = page(found(), "a <home>")
    assert text.startswith("<!doctype html>")
    for words in ("a &lt;home&gt;", "It would never have steered", "never seen", "charge to P40", "rounds"):
        assert words in text, words
    assert text.count("<svg") == 6


def test_too_short_a_past_teaches_nothing_and_says_so() -> None:
    world = stage(moody(20), judged_from=18 * 24)
    short = evaluate(world)
    assert short.errors == ()
    assert short.tabular is None
    assert short.lives[APPRENTICE].modes == short.lives[PLAN].modes
    assert "Too few days were measured" in page(short, "short")
    assert np.isfinite(short.saved_eur(PLAN)).all()
    assert world.moment(world.end) - world.moment(world.first) == timedelta(days=2)
