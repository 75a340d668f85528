"""What a trip makes of what was read before it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vehicle_soc.domain.charged_energy import EnergyLedger, Live
from vehicle_soc.domain.readings import Reading
from vehicle_soc.domain.soc_estimate import BatteryTraits, Estimate, combine
from vehicle_soc.domain.stay import LONG_AGO, Stay, possible_drop_pct

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ZOE = BatteryTraits(41)


def at(moment: datetime, **more: Any) -> Live:
    return Live("1", moment, **more)


def after_a_trip(away: timedelta = 9 * HOUR, ago: timedelta = timedelta()) -> Stay:
    """Left ``away`` before it came, which was ``ago``."""
    came = NOW - ago
    home = Stay().here(at(came - away - HOUR, connected_s=7200), 80).here(at(came - away), 80)
    return home.nowhere(80).here(at(came, connected_s=0), 80)


def known(reading: Reading, stay: Stay, *, charged_kwh: float = 0, now: datetime = NOW) -> Estimate:
    ledger = EnergyLedger()
    if charged_kwh and stay.plugged_at:
        ledger = ledger.note(at(stay.plugged_at, session_kwh=0)).note(at(now, session_kwh=charged_kwh))
    return combine([reading], None, ledger, ZOE, now, stay)


def test_a_car_that_left_and_came_back_after_the_reading_is_unknown_and_nothing_is_counted_on() -> None:
    before = Reading("renault", NOW, soc_pct=80, measured_at=NOW - 10 * HOUR)
    best = known(before, after_a_trip())
    assert (best.soc_pct, best.measured_at, best.source) == (None, None, None)
    assert best.at_least_pct == 0
    assert best.doubted == before


def test_what_is_charged_after_the_trip_is_there_whatever_the_trip_took() -> None:
    before = Reading("renault", NOW, soc_pct=80, measured_at=NOW - 12 * HOUR)
    best = known(before, after_a_trip(ago=2 * HOUR), charged_kwh=20)
    assert best.soc_pct is None
    assert best.at_least_pct == pytest.approx(20 * 0.9 / 41 * 100, rel=0.11)
    assert best.at_least_pct is not None
    assert best.at_least_pct < 20 * 0.9 / 41 * 100


def test_a_reading_from_after_plugging_in_is_certain_again() -> None:
    best = known(Reading("renault", NOW, soc_pct=35, measured_at=NOW - MINUTE), after_a_trip(ago=2 * MINUTE))
    assert (best.soc_pct, best.uncertainty_pct, best.at_least_pct, best.doubted) == (35, None, None, None)


def test_a_reading_from_just_before_plugging_in_is_nearly_certain() -> None:
    """Clouds hear from the car when it is switched off, a minute before somebody takes the cable."""
    best = known(Reading("renault", NOW, soc_pct=35, measured_at=NOW - 3 * MINUTE), after_a_trip())
    assert best.soc_pct == 35
    assert best.uncertainty_pct is not None
    assert 0 < best.uncertainty_pct < 4
    assert best.at_least_pct is not None
    assert 25 < best.at_least_pct < 35


def test_a_reading_from_the_middle_of_the_trip_is_worth_nothing_hours_later() -> None:
    best = known(Reading("renault", NOW, soc_pct=60, measured_at=NOW - 3 * HOUR), after_a_trip())
    assert (best.soc_pct, best.at_least_pct) == (None, 0)


def test_what_a_person_read_off_the_car_at_home_before_plugging_in_counts() -> None:
    best = known(Reading("manual", NOW - HOUR, soc_pct=35, measured_at=NOW - HOUR), after_a_trip())
    assert (best.soc_pct, best.doubted) == (35, None)
    before = Reading("manual", NOW - 10 * HOUR, soc_pct=80, measured_at=NOW - 10 * HOUR)
    assert known(before, after_a_trip()).soc_pct is None, "but not from before the trip"


def test_on_the_road_the_last_value_stands_with_growing_doubt() -> None:
    stay = Stay().here(at(NOW - HOUR), 80).nowhere(80)
    before = Reading("renault", NOW, soc_pct=80, measured_at=NOW - 2 * HOUR)
    doubts = [known(before, stay, now=NOW - HOUR + minutes * MINUTE) for minutes in (0, 10, 40)]
    assert [best.soc_pct for best in doubts] == [80, 80, 80]
    at_least = [best.at_least_pct if best.at_least_pct is not None else 80 for best in doubts]
    assert at_least == sorted(at_least, reverse=True)
    assert at_least[-1] < 45


def test_a_car_that_was_here_before_anybody_looked_is_not_doubted() -> None:
    stay = Stay().here(at(NOW), None)
    assert stay.plugged_at == LONG_AGO
    assert known(Reading("renault", NOW, soc_pct=80, measured_at=NOW - 10 * HOUR), stay).soc_pct == 80


def test_a_restart_of_evcc_is_no_trip() -> None:
    home = Stay().here(at(NOW - 5 * HOUR, connected_s=60), 80).here(at(NOW - 2 * MINUTE), 80)
    again = home.nowhere(80).here(at(NOW - 2 * MINUTE + 40 * timedelta(seconds=1), connected_s=3), 80)
    assert again.plugged_at == home.plugged_at == NOW - 5 * HOUR - MINUTE
    long_restart = home.nowhere(80).here(at(NOW, connected_s=5 * 3600 + 60), 80)
    assert long_restart.plugged_at == home.plugged_at, "the gateway has seen it here all the time"


def test_a_trip_that_nobody_saw_is_seen_by_how_long_the_car_is_plugged_in() -> None:
    home = Stay().here(at(NOW - 5 * HOUR, connected_s=3600), 80)
    back = home.here(at(NOW, connected_s=600), 80)
    assert (back.left_at, back.plugged_at) == (NOW - 5 * HOUR, NOW - 10 * MINUTE)
    assert home.here(at(NOW, connected_s=6 * 3600), 80).plugged_at == home.plugged_at
    assert home.here(at(NOW), 80).plugged_at == home.plugged_at, "a gateway that was restarted does not know"


def test_a_trip_that_nobody_saw_is_seen_by_a_session_that_begins_anew() -> None:
    home = Stay().here(at(NOW - 5 * HOUR, session_kwh=12.0), 80)
    assert home.here(at(NOW, session_kwh=12.0), 80).left_at is None
    back = home.here(at(NOW, session_kwh=0.4), 80)
    assert (back.left_at, back.plugged_at) == (NOW - 5 * HOUR, NOW)


def test_a_source_without_times_that_repeats_what_it_said_before_the_trip_is_not_believed() -> None:
    repeated = Reading("http", NOW, soc_pct=80, known_since=NOW - 20 * HOUR)
    assert known(repeated, after_a_trip(ago=2 * HOUR)).soc_pct is None


def test_what_a_source_without_times_says_anew_may_be_from_the_road_until_it_stood_for_an_hour() -> None:
    stay = after_a_trip(ago=5 * MINUTE)
    soon = Reading("http", NOW, soc_pct=55, known_since=NOW - MINUTE)
    assert (known(soon, stay).soc_pct, known(soon, stay).at_least_pct) == (None, 0)
    later = NOW + HOUR
    settled = Reading("http", later, soc_pct=55, known_since=NOW - MINUTE)
    best = known(settled, stay, now=later)
    assert best.soc_pct == 55
    assert best.at_least_pct is not None
    assert best.at_least_pct > 45


def test_a_pushed_value_settles_without_being_repeated() -> None:
    stay = after_a_trip(ago=5 * MINUTE)
    heard = Reading("mqtt", NOW, soc_pct=55, measured_at=NOW, known_since=NOW, pushed=True)
    assert known(heard, stay).soc_pct is None
    assert known(heard, stay, now=NOW + HOUR).soc_pct == 55


def test_a_pushed_value_that_only_repeats_is_no_news_after_a_trip() -> None:
    heard = Reading("mqtt", NOW, soc_pct=80, measured_at=NOW, known_since=NOW - 20 * HOUR, pushed=True)
    assert known(heard, after_a_trip(ago=2 * HOUR)).soc_pct is None


def test_a_newer_echo_of_before_the_trip_does_not_hide_what_a_person_said_since() -> None:
    stay = after_a_trip(ago=30 * MINUTE)
    echo = Reading("mqtt", NOW, soc_pct=80, measured_at=NOW, known_since=NOW - 20 * HOUR, pushed=True)
    person = Reading("manual", NOW - 10 * MINUTE, soc_pct=35, measured_at=NOW - 10 * MINUTE)
    assert combine([echo, person], None, EnergyLedger(), ZOE, NOW, stay).soc_pct == 35


def test_without_a_time_doubt_grows_and_less_on_the_cable() -> None:
    reading = Reading("http", NOW, soc_pct=60, known_since=NOW)
    hours = [known(reading, Stay(), now=NOW + n * HOUR).at_least_pct or 0 for n in (0, 6, 24)]
    assert hours[0] > hours[1] > hours[2] > 20
    parked = Stay().here(at(NOW - HOUR), None)
    assert (known(reading, parked, now=NOW + 24 * HOUR).at_least_pct or 0) > hours[2]


@pytest.mark.parametrize("capacity", [None, 41, 100])
def test_nothing_falls_by_more_than_everything(capacity: float | None) -> None:
    reading = Reading("renault", NOW, soc_pct=80, measured_at=NOW - 100 * HOUR)
    assert 0 <= possible_drop_pct(reading, after_a_trip(), capacity, NOW) <= 100
