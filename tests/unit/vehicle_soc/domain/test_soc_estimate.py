"""Which value wins, what is carried forward: pure functions."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems.contract.message import Text
from ems.contract.vehicle import AgeClass
from vehicle_soc.domain.charged_energy import Ledger, Live
from vehicle_soc.domain.memory import CarMemory
from vehicle_soc.domain.readings import Reading, following, sane
from vehicle_soc.domain.soc_estimate import Nature, age_class, combine
from vehicle_soc.domain.texts import vin_end
from vehicle_soc.domain.value_parsing import (
    distance_km,
    document,
    find,
    flag,
    moment,
    number,
    percent,
)

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WORDS = Text(en="words", de="Worte")
ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers(), max_size=2)


def said(source: str, soc: float | None, ago: timedelta = timedelta(), **more: Any) -> Reading:
    return Reading(source, NOW, soc_pct=soc, measured_at=NOW - ago, **more)


# Values


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *[(0, 0), ("63 %", 63), ("63,5", 63.5), (" 63.5 ", 63.5), (-3, -3)],
        *[(True, None), (None, None), ("", None), ("nan", None), ("1e5", None), ("63 apples", None), ("١٢", None)],
        *[(math.inf, None), (10**400, None)],
    ],
)
def test_a_number_is_a_number_and_nothing_else_is(value: Any, expected: float | None) -> None:
    assert number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-20T18:00:00Z", NOW),
        ("2026-11-20T19:00:00+01:00", NOW),
        (NOW.timestamp(), NOW),
        (NOW.timestamp() * 1000, NOW),
        (str(int(NOW.timestamp())), NOW),
        ("2026-11-20T18:00:00", None),
        (NOW.replace(tzinfo=None), None),
        (0, None),
        ("yesterday", None),
        (1e300, None),
    ],
)
def test_a_time_without_an_offset_or_out_of_this_world_is_none(value: Any, expected: datetime | None) -> None:
    assert moment(value) == expected


@given(ANYTHING)
def test_no_value_breaks_a_parser(value: Any) -> None:
    found = number(value)
    assert found is None or math.isfinite(found)
    assert percent(value) is None or 0 <= percent(value) <= 100  # type: ignore[operator]  # not None here
    assert distance_km(value, miles=True) is None or distance_km(value, miles=True) >= 0  # type: ignore[operator]
    assert flag(value) in {True, False, None}
    when = moment(value)
    assert when is None or when.tzinfo is UTC


@given(st.text(), st.text())
def test_no_document_and_no_path_break_the_search(text: str, path: str) -> None:
    find(document(text), path)


def test_a_json_pointer_may_hold_slashes_and_a_deep_document_is_just_text() -> None:
    assert find({"a/b": {"~": [1, 2]}}, "/a~1b/~0/1") == 2
    assert document("[" * 100_000) == "[" * 100_000


@given(st.text(max_size=20))
def test_a_vin_is_told_by_its_last_four_at_most(vin: str) -> None:
    assert len(vin_end(vin)) <= 5


# Readings


def test_a_soc_that_cannot_be_and_a_time_in_the_future_are_dropped() -> None:
    found = sane(Reading("x", NOW, soc_pct=101, measured_at=NOW + HOUR, range_km=-1, aux_battery_pct=255))
    assert (found.soc_pct, found.measured_at, found.range_km, found.aux_battery_pct) == (None,) * 4


def test_a_clock_a_little_ahead_is_forgiven() -> None:
    assert sane(Reading("x", NOW, soc_pct=50, measured_at=NOW + MINUTE)).measured_at == NOW


def test_an_unchanged_soc_without_a_time_is_as_old_as_when_it_was_first_seen() -> None:
    first = following(None, Reading("x", NOW - 3 * HOUR, soc_pct=50))
    second = following(first, Reading("x", NOW - HOUR, soc_pct=50))
    assert second.moment == NOW - 3 * HOUR
    third = following(second, Reading("x", NOW, soc_pct=51))
    assert third.moment == NOW
    assert third.measured_at is None


def test_an_answer_without_a_soc_leaves_the_older_one_with_its_age() -> None:
    memory = CarMemory().heard(said("renault", 50, 2 * HOUR)).heard(Reading("renault", NOW, plugged_in=True))
    (kept,) = memory.readings.values()
    assert (kept.soc_pct, kept.measured_at, kept.plugged_in) == (50, NOW - 2 * HOUR, True)


# Combining


def test_an_unknown_soc_stays_unknown() -> None:
    best = combine([Reading("renault", NOW, plugged_in=True)], None, Ledger(), Nature(50), NOW)
    assert (best.soc_pct, best.source, best.estimated, best.plugged_in) == (None, None, False, True)
    assert age_class(best, 3600, NOW) is AgeClass.UNKNOWN


def test_a_soc_of_zero_that_was_never_read_is_no_soc() -> None:
    """The gateway leaves evcc's 0 before the first reading out; a car that is there without a SoC is not empty."""
    best = combine([], Live("1", NOW, soc_pct=None), Ledger(), Nature(50), NOW)
    assert (best.soc_pct, best.plugged_in) == (None, True)


def test_evcc_wins_while_it_is_live_even_over_a_newer_manual_value() -> None:
    best = combine([said("manual", 90)], Live("1", NOW - MINUTE, soc_pct=41), Ledger(), Nature(50), NOW)
    assert (best.source, best.soc_pct) == ("evcc", 41)


def test_a_live_value_that_stopped_coming_is_not_live() -> None:
    best = combine([said("renault", 63, HOUR)], Live("1", NOW - 10 * MINUTE, soc_pct=41), Ledger(), Nature(50), NOW)
    assert (best.source, best.soc_pct) == ("renault", 63)


def test_a_manual_value_counts_while_it_is_the_newest() -> None:
    old, new = said("renault", 63, HOUR), said("manual", 70, MINUTE)
    assert combine([old, new], None, Ledger(), Nature(50), NOW).source == "manual"
    assert combine([said("renault", 63), new], None, Ledger(), Nature(50), NOW).source == "renault"


def test_without_a_capacity_nothing_is_carried_forward() -> None:
    ledger = Ledger().note(Live("1", NOW - HOUR, session_kwh=0)).note(Live("1", NOW, session_kwh=5))
    best = combine([said("renault", 63, HOUR)], None, ledger, Nature(None), NOW)
    assert (best.soc_pct, best.estimated) == (63, False)


@given(
    soc=st.floats(0, 100),
    kwh=st.floats(0, 200),
    capacity=st.floats(5, 200),
    ago=st.integers(1, 600),
)
def test_an_estimate_never_falls_below_the_reading_and_never_exceeds_100(
    soc: float, kwh: float, capacity: float, ago: int
) -> None:
    ledger = Ledger().note(Live("1", NOW - 1000 * MINUTE, session_kwh=0)).note(Live("1", NOW, session_kwh=kwh))
    best = combine([said("renault", soc, ago * MINUTE)], None, ledger, Nature(capacity), NOW)
    assert best.soc_pct is not None
    assert soc <= best.soc_pct <= 100
    assert best.estimated == (best.uncertainty_pct is not None)


# The ledger


def test_what_was_charged_before_we_came_counts_from_the_plug_in_with_its_doubt() -> None:
    ledger = Ledger().note(Live("1", NOW, session_kwh=6, connected_s=7200))
    found = ledger.since(NOW - HOUR)
    assert found.kwh == pytest.approx(3)
    assert found.uncertain_kwh == pytest.approx(6 / 12**0.5)
    assert ledger.since(NOW - 5 * HOUR).kwh == 6


def test_a_session_that_begins_unseen_with_a_higher_counter_is_counted_whole() -> None:
    ledger = Ledger().note(Live("1", NOW, session_kwh=0)).note(Live("1", NOW + HOUR, session_kwh=2)).left()
    assert ledger.note(Live("1", NOW + 9 * HOUR, session_kwh=5)).since(NOW - MINUTE).kwh == 7


def test_a_new_session_adds_to_the_old_one_and_power_serves_where_there_is_no_counter() -> None:
    ledger = Ledger().note(Live("1", NOW, session_kwh=0)).note(Live("1", NOW + HOUR, session_kwh=4))
    ledger = ledger.note(Live("2", NOW + 2 * HOUR, session_kwh=1))
    assert ledger.since(NOW - MINUTE).kwh == 5
    power = Ledger().note(Live("1", NOW, power_w=6000)).note(Live("1", NOW + MINUTE, power_w=6000))
    assert power.since(NOW - MINUTE).kwh == pytest.approx(0.1)
    gap = Ledger().note(Live("1", NOW, power_w=6000)).note(Live("1", NOW + 10 * HOUR, power_w=0))
    assert gap.since(NOW - MINUTE).kwh == pytest.approx(0.5), "a power is trusted for 5 minutes"


@given(st.lists(st.tuples(st.integers(1, 5000), st.floats(0, 3)), max_size=60), st.integers(-100, 400_000))
def test_the_ledger_only_rises_and_since_only_falls(steps: list[tuple[int, float]], ago: int) -> None:
    ledger, at, total = Ledger(), NOW, 0.0
    ledger = ledger.note(Live("1", at, session_kwh=0))
    for seconds, kwh in steps:
        at, total = at + timedelta(seconds=seconds), total + kwh
        ledger = ledger.note(Live("1", at, session_kwh=total))
    assert ledger.since(NOW - HOUR).kwh == pytest.approx(total)
    when = at - timedelta(seconds=ago)
    assert 0 <= ledger.since(when + MINUTE).kwh <= ledger.since(when).kwh + 1e-9
    assert len(ledger.samples) <= 400
