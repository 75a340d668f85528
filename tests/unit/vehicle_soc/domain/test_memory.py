"""What is remembered of a car."""

from datetime import UTC, datetime, timedelta

from vehicle_soc.domain.memory import CarMemory
from vehicle_soc.domain.readings import Reading

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def test_an_answer_without_a_soc_leaves_the_older_one_with_its_age() -> None:
    known = Reading("renault", NOW, soc_pct=50, measured_at=NOW - 2 * HOUR)
    memory = CarMemory().after(known).after(Reading("renault", NOW, plugged_in=True))
    (kept,) = memory.readings.values()
    assert (kept.soc_pct, kept.measured_at, kept.plugged_in) == (50, NOW - 2 * HOUR, True)
