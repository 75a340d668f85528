"""Which readings are held back, and what frees them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vehicle_soc.domain.plausibility import Expected, HeldReading, judged
from vehicle_soc.domain.readings import Reading
from vehicle_soc.domain.soc_estimate import Estimate
from vehicle_soc.domain.stay import Stay
from vehicle_soc.domain.wording.doubts import (
    AgainstCable,
    AgainstRange,
    FromFuture,
    Implausible,
    Jump,
    NoPercentage,
    OutOfNothing,
)
from vehicle_soc.domain.wording.problems import InOwnWords

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NOTHING = Expected(Estimate(), None, None, Stay(), None)


def says(soc: float | None, ago: timedelta = timedelta(), **more: Any) -> Reading:
    return Reading("renault", NOW, soc_pct=soc, **{"measured_at": NOW - ago} | more)


def after(soc: float, ago: timedelta = 2 * HOUR, *, at_home: bool = False, best: float | None = None) -> Expected:
    """What is known of a car that was at ``soc`` then, and should be at ``best`` by now."""
    last = Reading("renault", NOW - ago, soc_pct=soc, measured_at=NOW - ago, range_km=soc * 3)
    stay = Stay(plugged_at=NOW - ago - HOUR) if at_home else Stay()
    return Expected(Estimate(soc if best is None else best), last, last, stay, 41.0)


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        (says(0), after(63)),
        (says(0), after(63, at_home=True)),
        (says(0), NOTHING),
        (says(100), after(63, at_home=True)),
        (says(100), after(63, 5 * MINUTE)),
        (says(100), after(63, 20 * HOUR)),
        (says(100, range_km=41), NOTHING),
        (says(100, range_km=41), after(63)),
        (says(0, range_km=187), after(9)),
        (says(255), NOTHING),
        (says(None, impossible_pct=255), after(63)),
        (says(-1), NOTHING),
        (says(63, -HOUR), NOTHING),
        (says(63, -HOUR), after(63)),
        (says(20, range_km=189), after(63)),
        (says(40), after(63, at_home=True)),
        (says(85), after(63, at_home=True)),
        (says(20), after(63, 5 * MINUTE)),
        (says(95), after(63, 2 * MINUTE)),
    ],
)
def test_what_cannot_be_is_held_back_with_a_reason(reading: Reading, expected: Expected) -> None:
    held = judged(reading, expected, None)
    assert held is not None
    assert not isinstance(held.why, InOwnWords)
    assert held.why.source == "renault"


@pytest.mark.parametrize(
    ("reading", "expected", "why"),
    [
        (says(0), after(63), OutOfNothing("renault", 0, 63)),
        (says(0), NOTHING, OutOfNothing("renault", 0)),
        (says(None, impossible_pct=255), after(63), NoPercentage("renault", 255)),
        (says(63, -HOUR), NOTHING, FromFuture("renault", 63, 60)),
        (says(20, range_km=189), after(63), AgainstRange("renault", 20, 189)),
        (says(40), after(63, at_home=True), AgainstCable("renault", 40, 63)),
        (says(20), after(63, 5 * MINUTE), Jump("renault", 20, 63, 5)),
    ],
)
def test_the_reason_says_what_does_not_fit(reading: Reading, expected: Expected, why: Implausible) -> None:
    held = judged(reading, expected, None)
    assert held is not None
    assert held.why == why


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        (says(63), NOTHING),
        (says(100), NOTHING),
        (says(100, range_km=300), NOTHING),
        (says(100, plugged_in=True), after(63, HOUR)),
        (says(100), after(97)),
        (says(100), after(63, at_home=True, best=98)),
        (says(85), after(63, at_home=True, best=84)),
        (says(0, range_km=5), after(4)),
        (says(35), after(80, 9 * HOUR)),
        (says(80), after(35, HOUR)),
        (says(62), after(63, at_home=True)),
        (says(None), after(63)),
        (says(63, -MINUTE), after(63)),
        (says(62, range_km=110), after(63)),
    ],
)
def test_what_can_be_is_believed(reading: Reading, expected: Expected) -> None:
    assert judged(reading, expected, None) is None


def held_back(reading: Reading, expected: Expected) -> HeldReading:
    held = judged(reading, expected, None)
    assert held is not None
    return held


def later(reading: Reading, by: timedelta, **more: Any) -> Reading:
    measured = None if reading.measured_at is None else reading.measured_at + by
    return replace(reading, **{"asked_at": reading.asked_at + by, "measured_at": measured} | more)


def test_a_second_measurement_that_agrees_is_believed() -> None:
    expected = after(63)
    held = held_back(says(0), expected)
    assert judged(later(says(0), 5 * MINUTE), expected, held) is None
    other = judged(later(says(30, range_km=189), 5 * MINUTE), expected, held)
    assert other is not None
    assert other.times == 2


def test_the_same_record_told_again_is_no_second_measurement() -> None:
    expected = after(63)
    held = held_back(says(100), expected)
    again = later(says(100), 5 * MINUTE, measured_at=NOW)
    assert judged(again, expected, held) is not None
    assert judged(later(says(100), 9 * HOUR, measured_at=NOW), expected, held) is not None, "it would count on more"


def test_a_car_that_sleeps_is_believed_after_an_hour_if_less_is_counted_on_then() -> None:
    expected = after(63)
    held = held_back(says(0), expected)
    assert judged(later(says(0), 30 * MINUTE, measured_at=NOW), expected, held) is not None
    assert judged(later(says(0), 61 * MINUTE, measured_at=NOW), expected, held) is None


def test_without_times_two_answers_are_two_readings() -> None:
    expected = after(63)
    reading = says(0, measured_at=None)
    assert judged(later(reading, 5 * MINUTE), expected, held_back(reading, expected)) is None


@pytest.mark.parametrize("pushed", [True, False])
def test_what_is_sent_again_within_moments_is_no_second_reading_and_what_goes_on_for_a_while_is(pushed: bool) -> None:
    expected, first = after(63), says(0, measured_at=NOW if pushed else None, pushed=pushed)
    held = held_back(first, expected)
    for second in range(1, 30):
        again = judged(later(first, timedelta(seconds=second)), expected, held)
        assert again is not None, second
        held = again
    assert (held.since, held.times) == (first.asked_at, 30)
    assert judged(later(first, timedelta(seconds=30)), expected, held) is None


def test_a_time_in_the_future_is_no_time_for_ever_but_the_value_is_one_at_the_second_look() -> None:
    expected = after(63)
    held = held_back(says(55, -HOUR), expected)
    assert judged(later(says(55, -HOUR), 5 * MINUTE), expected, held) is None


def test_what_no_battery_has_is_never_believed_however_often_it_is_said() -> None:
    expected = after(63)
    held = held_back(says(255), expected)
    assert judged(later(says(255), 5 * MINUTE), expected, held) is not None


@given(st.floats(0, 100), st.floats(0, 100), st.integers(1, 2000), st.booleans())
def test_two_measurements_that_agree_are_always_believed(soc: float, was: float, ago: int, at_home: bool) -> None:
    expected = after(was, ago * MINUTE, at_home=at_home)
    first = says(soc)
    held = judged(first, expected, None)
    assert held is None or judged(later(first, 5 * MINUTE), expected, held) is None
