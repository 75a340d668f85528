"""When a cloud may be asked."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from ems.contract.vehicle import ProblemKind
from ems.house.calendar import DailyHours
from vehicle_soc.domain.circuit_breaker import (
    CLOSED,
    failed,
)
from vehicle_soc.domain.schedule import (
    Budget,
    PollPolicy,
    PollRequest,
    PollSituation,
    Trigger,
    next_poll,
)
from vehicle_soc.domain.wording.problems import Unreachable

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WHY = Unreachable("Renault", status=502)


def situation(**more: Any) -> PollSituation:
    blank: dict[str, Any] = {"last_at": None, "request": None, "live": False, "charging": False}
    return PollSituation(**{**blank, "car": CLOSED, "account": CLOSED, "calls": (), **more})


BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = DailyHours(time(22), time(5), BERLIN)


def test_a_request_passes_the_night_a_live_value_and_a_failure_but_not_the_throttle() -> None:
    midnight = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
    policy = PollPolicy(quiet=NIGHT)
    asked = {"request": PollRequest(Trigger.REQUEST, midnight), "live": True}
    broken = failed(CLOSED, ProblemKind.TRANSIENT, WHY, midnight, 1)
    assert next_poll(policy, Budget(), situation(car=broken, **asked), midnight) == midnight
    recent = situation(last_at=midnight - MINUTE, **asked)
    assert next_poll(policy, Budget(), recent, midnight) == midnight + 4 * MINUTE


def test_a_plug_in_waits_a_minute_and_gives_way_to_a_live_value() -> None:
    came = PollRequest(Trigger.PLUGGED_IN, NOW)
    assert next_poll(PollPolicy(), Budget(), situation(request=came, last_at=NOW - 30 * MINUTE), NOW) == NOW + MINUTE
    assert next_poll(PollPolicy(), Budget(), situation(request=came, live=True), NOW) is None


def test_a_part_of_the_budget_is_kept_for_people() -> None:
    calls = tuple(NOW - 20 * HOUR + k * 70 * MINUTE for k in range(8))
    budget = Budget(per_day=10, per_hour=10)
    by_itself = next_poll(PollPolicy(), budget, situation(last_at=NOW - 2 * HOUR, calls=calls), NOW)
    assert by_itself == calls[0] + timedelta(days=1)
    person = situation(last_at=NOW - 2 * HOUR, calls=calls, request=PollRequest(Trigger.REQUEST, NOW))
    assert next_poll(PollPolicy(), budget, person, NOW) == NOW


@given(
    per_day=st.integers(1, 40),
    per_hour=st.integers(1, 10),
    requests=st.lists(st.tuples(st.integers(0, 90), st.booleans()), max_size=80),
)
def test_whatever_is_requested_the_budget_holds(per_day: int, per_hour: int, requests: list[tuple[int, bool]]) -> None:
    budget, calls, now = Budget(per_day, per_hour), [NOW], NOW
    for minutes, person in requests:
        now += minutes * MINUTE
        if budget.free_at(calls, now, reserved=person) <= now:
            calls.append(now)
    for index, call in enumerate(calls):
        later = calls[index:]
        assert sum(1 for at in later if at - call < timedelta(days=1)) <= per_day
        assert sum(1 for at in later if at - call < HOUR) <= per_hour


def test_a_disabled_car_is_never_due() -> None:
    request = PollRequest(Trigger.REQUEST, NOW)
    assert next_poll(PollPolicy(disabled=True), Budget(), situation(request=request), NOW) is None
