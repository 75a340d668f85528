"""Whether a goal was really missed."""

from datetime import UTC, datetime, timedelta

import pytest

from rl_agent.domain.judge.goal_watch import WatchedGoal

AT = datetime(2026, 3, 2, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("has_pct", "plan_misses", "missed"),
    [(60, False, True), (79, False, False), (80, False, False), (60, True, False), (None, False, False)],
)
def test_a_goal_is_missed_when_its_car_has_less_and_the_plan_would_have_reached_it(
    has_pct: float | None, plan_misses: bool, missed: bool
) -> None:
    assert WatchedGoal(80, AT, has_pct, plan_misses).missed(AT) is missed


def test_before_the_departure_nothing_is_missed() -> None:
    assert not WatchedGoal(80, AT, 20).missed(AT - timedelta(seconds=1))
