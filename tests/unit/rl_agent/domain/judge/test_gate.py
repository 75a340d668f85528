"""Who steers by the evidence."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from math import cos

import numpy as np
import pytest

from rl_agent.domain.judge.gate import SKILL_DAYS, Cause, Court, GateLevels, JudgedDay, standing

MONDAY = date(2026, 1, 5)
LEVELS = GateLevels()


def days(
    count: int,
    error: Callable[[int], float] = lambda _: 0.8,
    saving_eur: Callable[[int], float] = lambda _: 0.0,
    first: date = MONDAY,
) -> list[JudgedDay]:
    """``error``: the learner's squared error where the plan's is 1; days differ."""
    found = []
    for n in range(count):
        plan = 96 * (1 + 0.5 * cos(n * 1.7))
        found.append(JudgedDay(first + timedelta(days=n), 10, saving_eur(n), False, plan, plan * error(n), 96))
    return found


def test_before_anything_is_judged_the_plan_steers() -> None:
    how = standing([], Court.SKILL, LEVELS)
    assert (how.in_charge, how.cause, how.since, how.days_to_go) == (False, Cause.TOO_FEW, None, None)


def test_a_learner_that_foresees_better_week_after_week_comes_to_steer() -> None:
    lived = days(120)
    how = standing(lived, Court.SKILL, LEVELS)
    assert how.in_charge
    assert how.cause is Cause.PROVEN
    assert how.since is not None
    assert how.since.toordinal() % SKILL_DAYS == SKILL_DAYS - 1, "skill is counted by two days"
    assert how.skill == pytest.approx(0.2)


def test_until_then_the_days_to_go_are_told() -> None:
    how = standing(days(28), Court.SKILL, LEVELS)
    assert not how.in_charge
    assert how.days_to_go is not None
    later = standing(days(28 + how.days_to_go), Court.SKILL, LEVELS)
    assert later.in_charge


def test_a_learner_that_foresees_worse_is_never_promoted() -> None:
    assert not any(standing(days(n, lambda _: 1.2), Court.SKILL, LEVELS).in_charge for n in range(10, 800, 50))


def test_ties_are_no_wins() -> None:
    how = standing(days(800, lambda _: 1.0), Court.SKILL, LEVELS)
    assert not how.in_charge
    assert how.e_value == pytest.approx(1)


def test_skill_alone_is_not_enough_while_its_days_cost_more_beyond_their_interval() -> None:
    how = standing(days(200, saving_eur=lambda n: -0.10 + 0.01 * cos(n)), Court.SKILL, LEVELS)
    assert not how.in_charge
    assert how.cause is Cause.DEARER


def test_costs_that_differ_by_chance_do_not_stand_in_the_way_of_skill() -> None:
    assert standing(days(200, saving_eur=lambda n: 0.10 * cos(n * 2.1)), Court.SKILL, LEVELS).in_charge


def test_a_day_without_the_one_beside_it_says_nothing_of_skill() -> None:
    lived = [day for day in days(300) if day.day.toordinal() % 4 in (0, 3)]
    assert standing(lived, Court.SKILL, LEVELS).cause is Cause.TOO_FEW


def test_a_cheaper_learner_wins_by_money_once_it_has_differed_often_enough() -> None:
    lived = days(60, saving_eur=lambda n: 0.10 + 0.05 * cos(n))
    assert standing(lived, Court.MONEY, LEVELS).in_charge
    few = [replace(day, decisions=1) for day in lived]
    assert standing(few, Court.MONEY, LEVELS).cause is Cause.TOO_FEW


def test_a_missed_goal_ends_it_at_once() -> None:
    lived = days(120)
    lived[-1] = replace(lived[-1], missed_goal=True)
    how = standing(lived, Court.SKILL, LEVELS)
    assert (how.in_charge, how.cause, how.since) == (False, Cause.MISSED_GOAL, lived[-1].day)


def test_a_goal_missed_in_the_virtual_house_before_it_steers_changes_nothing() -> None:
    lived = days(120)
    lived[3] = replace(lived[3], missed_goal=True)
    assert standing(lived, Court.SKILL, LEVELS).in_charge


def test_a_learner_whose_world_changes_hands_back_within_fourteen_days() -> None:
    before = days(150)
    assert standing(before, Court.SKILL, LEVELS).in_charge
    after = days(14, lambda _: 1.5, first=before[-1].day + timedelta(days=1))
    how = standing([*before, *after], Court.SKILL, LEVELS)
    assert (how.in_charge, how.cause) == (False, Cause.SKILL_LOST)


def test_a_learner_that_begins_to_cost_more_hands_back_within_fourteen_days() -> None:
    before = days(60, saving_eur=lambda n: 0.10 + 0.05 * cos(n))
    after = days(14, saving_eur=lambda n: -0.20 + 0.05 * cos(n), first=before[-1].day + timedelta(days=1))
    how = standing([*before, *after], Court.MONEY, LEVELS)
    assert (how.in_charge, how.cause) == (False, Cause.COST_MORE)


def test_who_was_demoted_begins_anew_and_twice_as_much_is_asked() -> None:
    lived = days(120)
    lived[-1] = replace(lived[-1], missed_goal=True)
    how = standing(lived, Court.SKILL, LEVELS)
    assert how.needed == 40
    assert how.days == 0
    again = [*lived, *days(200, first=lived[-1].day + timedelta(days=1))]
    assert standing(again, Court.SKILL, LEVELS).in_charge


def test_the_evidence_is_a_curve_by_weeks() -> None:
    how = standing(days(30), Court.SKILL, LEVELS)
    assert [day.weekday() for day, _ in how.curve] == [6, 6, 6, 6]


def test_money_that_comes_in_runs_of_alike_days_is_hardly_ever_taken_for_proof() -> None:
    """Weeks that are dear or cheap as a whole, without a mean: by days each of them would look like seven proofs."""
    random, promoted = np.random.default_rng(11), 0
    for _ in range(60):
        weeks = random.choice([-1.0, 1.0], 52)
        lived = days(364, saving_eur=lambda n, w=weeks: float(w[n // 7]) * (1 + 0.5 * cos(n)))  # type: ignore[misc]
        promoted += standing(lived, Court.MONEY, LEVELS).since is not None
    assert promoted <= 6


def test_useless_learners_are_promoted_in_at_most_five_of_a_hundred_years() -> None:
    """Small; tests/bench/learning has a thousand years of real differences."""
    random, promoted = np.random.default_rng(7), 0
    for _ in range(60):
        errors = np.exp(random.normal(0, 0.3, 364))
        lived = days(364, lambda n, e=errors: float(e[n]) if n % 2 else 1 / float(e[n - 1]))  # type: ignore[misc]
        promoted += standing(lived, Court.SKILL, replace(LEVELS, lost_ratio=10)).since is not None
    assert promoted <= 3
