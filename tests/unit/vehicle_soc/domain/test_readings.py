"""What one source said, and how the next one follows it."""

from datetime import UTC, datetime, timedelta

from vehicle_soc.domain.readings import Reading, following, sane

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


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
