"""When a cloud may be asked, and when a car may be woken: pure functions."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems.contract.message import Text
from ems.contract.vehicle import ProblemKind
from vehicle_soc.domain.circuit_breaker import (
    CLOSED,
    FIRST,
    MOST,
    failed,
    lets_through,
)
from vehicle_soc.domain.readings import Reading
from vehicle_soc.domain.schedule import (
    Budget,
    Policy,
    PollRequest,
    Quiet,
    Situation,
    Trigger,
    next_poll,
)
from vehicle_soc.domain.wake_policy import Forcing, may_force

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WORDS = Text(en="words", de="Worte")
ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers(), max_size=2)


# Circuits


@given(st.sampled_from(ProblemKind), st.integers(1, 60), st.floats(0, 1))
def test_each_failure_waits_longer_up_to_a_limit(kind: ProblemKind, times: int, jitter: float) -> None:
    circuit = CLOSED
    for _ in range(times):
        circuit = failed(circuit, kind, WORDS, NOW, jitter)
    assert circuit.retry_at is not None
    wait = circuit.retry_at - NOW
    assert FIRST[kind] / 2 <= wait <= MOST[kind] * 1.1
    assert (circuit.failures, circuit.since) == (times, NOW)


def test_another_kind_of_failure_begins_anew() -> None:
    circuit = failed(failed(CLOSED, ProblemKind.TRANSIENT, WORDS, NOW, 1), ProblemKind.QUOTA, WORDS, NOW + HOUR, 0)
    assert (circuit.failures, circuit.since, circuit.retry_at) == (1, NOW + HOUR, NOW + HOUR + 15 * MINUTE)


def test_a_person_passes_everything_but_a_quota() -> None:
    for kind in ProblemKind:
        circuit = failed(CLOSED, kind, WORDS, NOW, 1)
        assert lets_through(circuit, NOW, person=True) == (kind is not ProblemKind.QUOTA)
        assert not lets_through(circuit, NOW, person=False)


# When to ask


def situation(**more: Any) -> Situation:
    blank: dict[str, Any] = {"last_at": None, "wish": None, "live": False, "charging": False}
    return Situation(**{**blank, "car": CLOSED, "account": CLOSED, "calls": (), **more})


BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = Quiet(time(22), time(5), BERLIN)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  bounds
def test_quiet_ends_in_the_morning_also_when_the_clocks_change(now: datetime) -> None:
    end = NIGHT.until(now)
    hour = now.astimezone(BERLIN).hour
    assert (end is not None) == (hour >= 22 or hour < 5)
    if end is not None:
        assert now < end <= now + 8 * HOUR
        assert end.astimezone(BERLIN).time() == time(5)


def test_quiet_by_day_and_none_at_all() -> None:
    noon = Quiet(time(12), time(14), BERLIN)
    assert noon.until(datetime(2026, 11, 20, 12, 0, tzinfo=UTC)) == datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
    assert noon.until(NOW) is None
    assert Quiet(time(0), time(0), BERLIN).until(NOW) is None


def test_a_request_passes_the_night_a_live_value_and_a_failure_but_not_the_throttle() -> None:
    midnight = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
    policy = Policy(quiet=NIGHT)
    asked = {"wish": PollRequest(Trigger.REQUEST, midnight), "live": True}
    broken = failed(CLOSED, ProblemKind.TRANSIENT, WORDS, midnight, 1)
    assert next_poll(policy, Budget(), situation(car=broken, **asked), midnight) == midnight
    recent = situation(last_at=midnight - MINUTE, **asked)
    assert next_poll(policy, Budget(), recent, midnight) == midnight + 4 * MINUTE


def test_a_plug_in_waits_a_minute_and_gives_way_to_a_live_value() -> None:
    came = PollRequest(Trigger.PLUGGED_IN, NOW)
    assert next_poll(Policy(), Budget(), situation(wish=came, last_at=NOW - 30 * MINUTE), NOW) == NOW + MINUTE
    assert next_poll(Policy(), Budget(), situation(wish=came, live=True), NOW) is None


def test_a_part_of_the_budget_is_kept_for_people() -> None:
    calls = tuple(NOW - 20 * HOUR + k * 70 * MINUTE for k in range(8))
    budget = Budget(per_day=10, per_hour=10)
    by_itself = next_poll(Policy(), budget, situation(last_at=NOW - 2 * HOUR, calls=calls), NOW)
    assert by_itself == calls[0] + timedelta(days=1)
    person = situation(last_at=NOW - 2 * HOUR, calls=calls, wish=PollRequest(Trigger.REQUEST, NOW))
    assert next_poll(Policy(), budget, person, NOW) == NOW


@given(
    per_day=st.integers(1, 40),
    per_hour=st.integers(1, 10),
    wishes=st.lists(st.tuples(st.integers(0, 90), st.booleans()), max_size=80),
)
def test_whatever_is_wished_the_budget_holds(per_day: int, per_hour: int, wishes: list[tuple[int, bool]]) -> None:
    budget, calls, now = Budget(per_day, per_hour), [NOW], NOW
    for minutes, person in wishes:
        now += minutes * MINUTE
        if budget.free_at(calls, now, reserved=person) <= now:
            calls.append(now)
    for index, call in enumerate(calls):
        later = calls[index:]
        assert sum(1 for at in later if at - call < timedelta(days=1)) <= per_day
        assert sum(1 for at in later if at - call < HOUR) <= per_hour


def test_a_disabled_car_is_never_due() -> None:
    wish = PollRequest(Trigger.REQUEST, NOW)
    assert next_poll(Policy(disabled=True), Budget(), situation(wish=wish), NOW) is None


# Waking a car

WELL = Reading("x", NOW, soc_pct=50, measured_at=NOW - 6 * HOUR, plugged_in=True, aux_battery_pct=90)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, True),
        ({"plugged_in": False}, False),
        ({"plugged_in": None}, False),
        ({"aux_battery_pct": 79}, False),
        ({"aux_battery_pct": None}, False),
        ({"measured_at": NOW - HOUR}, False),
        ({"measured_at": None}, True),
    ],
)
def test_a_car_is_woken_only_when_all_is_well(change: dict[str, Any], expected: bool) -> None:
    last = replace(WELL, **change)
    assert may_force(Forcing(per_day=1), last, (), NOW) is expected
    assert not may_force(Forcing(), last, (), NOW), "never by default"
    assert not may_force(Forcing(per_day=1), last, (NOW - HOUR,), NOW)
    assert not may_force(Forcing(per_day=1), None, (), NOW)
