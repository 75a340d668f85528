"""Whose wish becomes a car's goal."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ems.contract.people import Goal
from ems.house.calendar import EVERY_DAY
from notifier.domain.goal_rules import (
    OPEN_FOR,
    GoalRequest,
    GoalRequests,
    WeeklySchedules,
    add,
    change_between,
    goal_of,
    still_open,
    take_back,
    withdraw,
)
from notifier.domain.weekly_goals import WeeklyEntry, upcoming

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 18, 18, tzinfo=UTC)
"""A Wednesday, 19:00 in Berlin."""
NO_WEEK = WeeklySchedules({}, BERLIN)
WORKDAYS = WeeklySchedules({"zoe": (WeeklyEntry(70, time(7), EVERY_DAY[:5]),)}, BERLIN)
SEVEN = datetime(2026, 11, 19, 6, tzinfo=UTC)
ANNA = GoalRequest("zoe", "anna", NOW, 60, NOW + timedelta(hours=10))
BEN = GoalRequest("zoe", "ben", NOW, 100, NOW + timedelta(hours=12))


def wishes(*several: GoalRequest, week: WeeklySchedules = NO_WEEK) -> GoalRequests:
    made = GoalRequests()
    for wish in several:
        made = add(made, wish, week)
    return made


def goal(
    made: GoalRequests, week: WeeklySchedules = NO_WEEK, now: datetime = NOW
) -> tuple[float, datetime | None, str] | None:
    found = goal_of("zoe", made, week, now)
    return (found.soc_pct, found.departure, found.asked_by) if found else None


def following(made: GoalRequests, week: WeeklySchedules, now: datetime = NOW) -> list[tuple[float, datetime]]:
    found = goal_of("zoe", made, week, now)
    assert found is not None
    return [(g.soc_pct, g.departure) for g in found.following]


def test_a_newer_wish_of_the_same_driver_replaces_the_older_one() -> None:
    assert goal(wishes(ANNA, replace(ANNA, soc_pct=40))) == (40, ANNA.departure, "anna")


def test_nobodys_need_is_weakened_by_somebody_else() -> None:
    for made in (wishes(ANNA, BEN), wishes(BEN, ANNA)):
        assert goal(made) == (100, ANNA.departure, "ben"), "the earliest departure, the fullest battery"


def test_a_wish_for_another_day_waits_until_the_first_has_left() -> None:
    later = replace(BEN, departure=NOW + timedelta(days=2))
    made = wishes(ANNA, later)
    assert goal(made) == (60, ANNA.departure, "anna")
    after = NOW + timedelta(hours=11)
    assert goal(still_open(made, after, {}), now=after) == (100, later.departure, "ben")


def test_the_house_speaks_for_everybody_and_a_driver_speaks_after_the_house() -> None:
    house = GoalRequest("zoe", "homeassistant", NOW, 50, NOW + timedelta(hours=20), house=True)
    assert goal(wishes(ANNA, BEN, house)) == (50, house.departure, "homeassistant")
    assert goal(wishes(house, ANNA)) == (60, ANNA.departure, "anna")


def test_a_driver_withdraws_only_their_own_wish_and_the_house_all() -> None:
    made = wishes(ANNA, BEN)
    assert goal(withdraw(made, "zoe", "ben", None)) == (60, ANNA.departure, "anna")
    assert goal(withdraw(made, "zoe", None, None)) is None


def test_wishes_for_one_car_leave_the_others_alone() -> None:
    made = wishes(ANNA, replace(BEN, vehicle="ev6"))
    assert goal(made) == (60, ANNA.departure, "anna")
    assert goal_of("ev6", made, NO_WEEK, NOW) is not None


def test_a_wish_without_departure_counts_when_nothing_else_does_until_the_car_is_that_full() -> None:
    whenever = GoalRequest("zoe", "ben", NOW, 80)
    assert goal(wishes(ANNA, whenever)) == (60, ANNA.departure, "anna")
    made = wishes(whenever)
    assert goal(made) == (80, None, "ben")
    assert goal(still_open(made, NOW, {"zoe": 79.9})) == (80, None, "ben")
    assert goal(still_open(made, NOW, {"zoe": 80})) is None
    assert goal(still_open(made, NOW + OPEN_FOR, {})) is None


def test_the_week_counts_when_nobody_says_anything() -> None:
    assert goal(GoalRequests(), WORKDAYS) == (70, SEVEN, "schedule")
    saturday = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert goal(GoalRequests(), WORKDAYS, saturday) == (70, datetime(2026, 11, 23, 6, tzinfo=UTC), "schedule")


def test_a_wish_for_the_same_morning_replaces_the_week_that_once_even_when_it_leaves_earlier() -> None:
    early = replace(ANNA, departure=SEVEN - timedelta(hours=1))
    made = wishes(early, week=WORKDAYS)
    assert goal(made, WORKDAYS) == (60, early.departure, "anna")
    between = SEVEN - timedelta(minutes=30)
    assert goal(still_open(made, between, {}), WORKDAYS, between) == (70, SEVEN + timedelta(days=1), "schedule")


def test_a_wish_for_the_weekend_leaves_the_week_before_it_alone() -> None:
    weekend = replace(BEN, departure=datetime(2026, 11, 21, 9, tzinfo=UTC))
    assert goal(wishes(weekend, week=WORKDAYS), WORKDAYS) == (70, SEVEN, "schedule")


def test_a_goal_tells_what_follows_it_within_a_week() -> None:
    friday = SEVEN + timedelta(days=1)
    monday, tuesday, wednesday = (SEVEN + timedelta(days=d) for d in (4, 5, 6))
    assert following(GoalRequests(), WORKDAYS) == [(70, friday), (70, monday), (70, tuesday), (70, wednesday)]
    evening = replace(BEN, departure=SEVEN + timedelta(hours=12))
    assert following(wishes(evening, week=WORKDAYS), WORKDAYS)[:2] == [(100, evening.departure), (70, friday)]
    assert following(wishes(ANNA, BEN), NO_WEEK) == [(100, BEN.departure)]
    told = goal_of("zoe", wishes(evening, week=WORKDAYS), WORKDAYS, NOW)
    assert told is not None
    assert [g.asked_by for g in told.following[:2]] == ["ben", "schedule"]
    assert following(wishes(ANNA), NO_WEEK) == []
    assert following(wishes(replace(ANNA, departure=None)), NO_WEEK) == []


def test_a_wish_that_replaces_one_weekly_departure_leaves_the_following_ones() -> None:
    made = wishes(replace(ANNA, departure=SEVEN), week=WORKDAYS)
    assert goal(made, WORKDAYS) == (60, SEVEN, "anna")
    assert following(made, WORKDAYS) == following(GoalRequests(), WORKDAYS)
    friday = SEVEN + timedelta(days=1)
    later = wishes(replace(ANNA, departure=friday + timedelta(hours=1)), week=WORKDAYS)
    assert goal(later, WORKDAYS) == (70, SEVEN, "schedule")
    assert following(later, WORKDAYS)[:2] == [(60, friday + timedelta(hours=1)), (70, SEVEN + timedelta(days=4))]


def test_of_a_weekly_schedule_what_follows_changes_only_when_a_car_leaves() -> None:
    before = following(GoalRequests(), WORKDAYS)
    assert following(GoalRequests(), WORKDAYS, SEVEN - timedelta(seconds=1)) == before
    assert following(GoalRequests(), WORKDAYS, SEVEN) == [*before[1:], (70, SEVEN + timedelta(days=7))]


def test_removing_a_scheduled_goal_skips_it_once() -> None:
    made = withdraw(GoalRequests(), "zoe", "anna", goal_of("zoe", GoalRequests(), WORKDAYS, NOW))
    assert goal(made, WORKDAYS) == (70, SEVEN + timedelta(days=1), "schedule")
    assert following(made, WORKDAYS) == following(GoalRequests(), WORKDAYS)[1:]
    assert still_open(made, SEVEN, {}).skipped == ()


def test_the_same_scheduled_goal_is_the_same_message_however_often_it_is_made() -> None:
    first, later = (goal_of("zoe", GoalRequests(), WORKDAYS, NOW + timedelta(hours=h)) for h in (0, 7))
    assert isinstance(first, Goal)
    assert first == later


def test_the_week_keeps_local_time_over_both_changes_of_the_clock() -> None:
    week = (WeeklyEntry(80, time(7)),)
    spring, autumn = datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert upcoming(week, spring, BERLIN) == (80, datetime(2026, 3, 29, 5, tzinfo=UTC))
    assert upcoming(week, autumn, BERLIN) == (80, datetime(2026, 10, 25, 6, tzinfo=UTC))
    daily = WeeklySchedules({"zoe": week}, BERLIN)
    assert following(GoalRequests(), daily, spring)[:2] == [(80, datetime(2026, 3, d, 5, tzinfo=UTC)) for d in (30, 31)]
    friday = autumn - timedelta(days=1)
    assert following(GoalRequests(), daily, friday)[0] == (80, datetime(2026, 10, 25, 6, tzinfo=UTC))
    gap = (WeeklyEntry(80, time(2, 30)),)
    assert upcoming(gap, spring, BERLIN) == (80, datetime(2026, 3, 29, 1, 30, tzinfo=UTC)), "03:30, as clocks jump"


def test_a_request_that_is_taken_back_leaves_everything_as_if_it_had_not_been_made() -> None:
    house = GoalRequest("zoe", "homeassistant", NOW, 50, None, house=True)
    for before in (GoalRequests(), wishes(BEN), wishes(house), wishes(replace(ANNA, soc_pct=90), BEN)):
        after = add(before, ANNA, WORKDAYS)
        change = change_between(before, after)
        assert change is not None
        undone = take_back(after, change)
        assert (set(undone.wishes), undone.skipped) == (set(before.wishes), before.skipped)
        assert goal(undone, WORKDAYS) == goal(before, WORKDAYS)


def test_a_request_that_counts_no_more_cannot_be_taken_back() -> None:
    first = wishes(ANNA)
    change = change_between(GoalRequests(), first)
    assert change is not None
    newer = add(first, replace(ANNA, soc_pct=90), NO_WEEK)
    assert take_back(newer, change) == newer
    assert change_between(newer, newer) is None


def test_what_a_request_replaced_does_not_come_back_beside_something_newer() -> None:
    before = wishes(replace(ANNA, soc_pct=90), BEN)
    after = add(before, GoalRequest("zoe", "homeassistant", NOW, 50, None, house=True), NO_WEEK)
    change = change_between(before, after)
    assert change is not None
    # A driver's wish replaces the house's, so there is nothing to take back any more.
    assert take_back(add(after, ANNA, NO_WEEK), change) == add(after, ANNA, NO_WEEK)
