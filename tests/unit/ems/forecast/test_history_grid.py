"""The past on its grid, and the local calendar over it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ems.forecast.history_grid import AHEAD_DAYS, Measured, Past, calendar, past


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia", "UTC"])
@pytest.mark.parametrize("minutes", [15, 60])
def test_the_calendar_is_the_zones_own_slot_by_slot(zone: str, minutes: int) -> None:
    """Over both changes of clocks; Apia's year of 2011 had no 30 December."""
    start, days = datetime(2011, 10, 1, 6, 15, tzinfo=UTC), 200
    count = days * 24 * 60 // minutes
    of = Past(start, minutes, *(np.zeros(count) for _ in range(3)))
    found = calendar(of, ZoneInfo(zone))
    step = timedelta(minutes=minutes)
    slots = range(count + AHEAD_DAYS * of.per_day)
    local = [(start + slot * step).astimezone(ZoneInfo(zone)) for slot in slots]
    assert found.weekend.tolist() == [moment.weekday() >= 5 for moment in local]
    assert found.shift.tolist() == [(moment.utcoffset() or timedelta()) // step for moment in local]


def test_what_lies_off_the_grid_or_was_hardly_observed_is_left_out() -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)

    def row(minutes: float, load_w: float | None, seconds: float = 900, coverage_s: float = 900) -> Measured:
        return Measured(start + timedelta(minutes=minutes), seconds, coverage_s, load_w, None, 50.0, 0.3)

    rows = [
        row(30, 300),
        row(0, 100),
        row(45, 400, coverage_s=100),
        row(15, None),
        row(60, 9.0, seconds=1800),
        row(75, 7),
    ]
    found = past(rows, start + timedelta(minutes=75))
    assert (found.start, found.minutes, len(found.load_kw)) == (start, 15, 5)
    assert np.nan_to_num(found.load_kw, nan=-1.0).tolist() == pytest.approx([0.1, -1, 0.3, -1, -1])
    assert np.nan_to_num(found.solar_kw, nan=-1.0).tolist() == pytest.approx([0.05, 0.05, 0.05, -1, -1])
    assert np.isnan(found.pv_kw).all()
