"""When a car may be woken."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vehicle_soc.domain.readings import Reading
from vehicle_soc.domain.wake_policy import WakePolicy, may_wake

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
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
    assert may_wake(WakePolicy(per_day=1), last, (), NOW) is expected
    assert not may_wake(WakePolicy(), last, (), NOW), "never by default"
    assert not may_wake(WakePolicy(per_day=1), last, (NOW - HOUR,), NOW)
    assert not may_wake(WakePolicy(per_day=1), None, (), NOW)
