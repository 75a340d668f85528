"""Local times that come again every day or week, over both changes of the clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems.house.calendar import EVERY_DAY, DailyHours, Weekday, dates, next_weekly, utc

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = DailyHours(time(22), time(5), BERLIN)
NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("at", "over"),
    [
        ("2026-11-18T20:59", "2026-11-18T20:59"),
        ("2026-11-18T21:00", "2026-11-19T06:00"),
        ("2026-11-19T05:59", "2026-11-19T06:00"),
        ("2026-11-19T06:00", "2026-11-19T06:00"),
        ("2026-03-28T23:00", "2026-03-29T06:00"),
        ("2026-10-24T23:00", "2026-10-25T06:00"),
    ],
)
def test_daily_hours_are_in_local_time_over_midnight_and_changes_of_the_clock(at: str, over: str) -> None:
    evening = DailyHours(time(21), time(6), BERLIN)
    begin, end = (datetime.fromisoformat(t).replace(tzinfo=BERLIN) for t in (at, over))
    assert evening.end_after(begin.astimezone(UTC)) == (None if at == over or at.endswith("06:00") else end)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  bounds
def test_hours_over_midnight_end_in_the_morning_also_when_the_clocks_change(now: datetime) -> None:
    end = NIGHT.end_after(now)
    hour = now.astimezone(BERLIN).hour
    assert (end is not None) == (hour >= 22 or hour < 5)
    if end is not None:
        assert now < end <= now + 8 * HOUR
        assert end.astimezone(BERLIN).time() == time(5)


def test_hours_within_a_day_and_none_at_all() -> None:
    noon = DailyHours(time(12), time(14), BERLIN)
    assert noon.end_after(datetime(2026, 11, 20, 12, 0, tzinfo=UTC)) == datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
    assert noon.end_after(NOW) is None
    assert DailyHours(time(0), time(0), BERLIN).end_after(NOW) is None


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)), st.times(), st.times())  # noqa: DTZ001  bounds
def test_a_moment_lies_in_the_hours_or_in_those_between_them(now: datetime, start: time, end: time) -> None:
    hours, others = DailyHours(start, end, BERLIN), DailyHours(end, start, BERLIN)
    assert (now in hours) is not (now in others) or start == end
    assert (hours.end_after(now) is not None) is (now in hours)
    if start == end:
        assert now not in hours


def test_a_local_time_that_comes_twice_is_the_earlier_one_and_one_that_is_left_out_comes_an_hour_later() -> None:
    assert utc(date(2026, 10, 25), time(2, 30), BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert utc(date(2026, 3, 29), time(2, 30), BERLIN) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_dates_are_those_of_the_weekdays_with_both_ends() -> None:
    found = list(dates(("fri", "mon"), date(2026, 11, 20), date(2026, 11, 27)))
    assert found == [date(2026, 11, 20), date(2026, 11, 23), date(2026, 11, 27)]
    assert list(dates(EVERY_DAY, date(2026, 11, 20), date(2026, 11, 19))) == []


@pytest.mark.parametrize(
    ("days", "after", "expected"),
    [
        (("fri",), "2026-11-20T05:59Z", "2026-11-20T06:00Z"),
        (("fri",), "2026-11-20T06:00Z", "2026-11-27T06:00Z"),
        (EVERY_DAY, "2026-11-20T06:00Z", "2026-11-21T06:00Z"),
        (("sun",), "2026-03-27T12:00Z", "2026-03-29T05:00Z"),
        (("sun",), "2026-10-24T23:30Z", "2026-10-25T06:00Z"),
        ((), "2026-11-20T06:00Z", None),
    ],
)
def test_the_next_time_is_after_now_and_local(days: tuple[Weekday, ...], after: str, expected: str | None) -> None:
    found = next_weekly(days, time(7), BERLIN, datetime.fromisoformat(after))
    assert found == (datetime.fromisoformat(expected) if expected else None)
