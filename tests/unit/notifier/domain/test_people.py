"""When people sleep."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from notifier.domain.people import Quiet, silent_until

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 18, 11, tzinfo=UTC)
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
def test_quiet_hours_are_in_local_time_over_midnight_and_changes_of_the_clock(at: str, over: str) -> None:
    quiet = Quiet(time(21), time(6), BERLIN)
    begin, end = (datetime.fromisoformat(t).replace(tzinfo=BERLIN) for t in (at, over))
    assert quiet.over_at(begin.astimezone(UTC)) == (None if at == over or at.endswith("06:00") else end)


def test_everybody_is_silent_only_when_all_are() -> None:
    assert silent_until([NOW, None]) is None
    assert silent_until([NOW, NOW + HOUR]) == NOW
    assert silent_until([]) is None
