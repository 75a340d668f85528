"""Once per reason and window, with a rest in between."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from notifier.domain.throttle import (
    PastReason,
    Reason,
    extend,
    is_news,
    remember,
)

NOW = datetime(2026, 11, 18, 11, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_reason_is_news_once_per_window_and_rest() -> None:
    reason = Reason("charge:zoe", NOW, NOW + HOUR, rest=4 * HOUR)
    told = remember((), reason, NOW)
    later = replace(reason, start=NOW + 2 * HOUR, end=NOW + 3 * HOUR)
    assert not is_news(told, reason, NOW)
    assert not is_news(told, later, NOW + 2 * HOUR), "the rest is not over"
    assert not is_news(told, replace(reason, end=NOW + 9 * HOUR), NOW + 9 * HOUR), "the same window"
    assert is_news(told, later, NOW + 4 * HOUR)
    assert is_news(told, replace(reason, key="charge:ev6"), NOW)


@given(minutes=st.lists(st.integers(1, 59), min_size=1, max_size=100))
def test_a_window_that_moves_on_is_one_window_however_long_it_lasts(minutes: list[int]) -> None:
    told: tuple[PastReason, ...] = ()
    asked, now = 0, NOW
    for minute in minutes:
        reason = Reason("charge:zoe", now, now + HOUR)
        told = extend(told, reason)
        if is_news(told, reason, now):
            told, asked = remember(told, reason, now), asked + 1
        now += timedelta(minutes=minute)
    assert asked == 1


def test_what_is_long_over_is_forgotten() -> None:
    told = remember((), Reason("a", NOW, NOW), NOW)
    assert [t.key for t in remember(told, Reason("b", NOW, NOW), NOW + timedelta(days=8))] == ["b"]
