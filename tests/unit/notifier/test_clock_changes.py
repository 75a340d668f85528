"""Weekly goals over the nights in which the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ems.contract.topics import GOAL
from notifier.adapters.memory_db import MemoryDb
from notifier.domain.goal_rules import WeeklySchedules
from notifier.domain.people import People
from notifier.domain.weekly_goals import WeeklyEntry
from notifier.state import NotifierState
from support.clocks import StandingClock
from support.quiet_bus import QuietBus

BERLIN = ZoneInfo("Europe/Berlin")
QUARTER = timedelta(minutes=15)


@pytest.mark.parametrize("sunday", [date(2027, 3, 28), date(2026, 10, 25)], ids=["spring", "autumn"])
@pytest.mark.parametrize("by", [time(7), time(2, 30)], ids=str)
def test_each_day_has_its_goal_once_by_the_clock_on_the_wall(tmp_path: Path, sunday: date, by: time) -> None:
    """In spring 02:30 is no time of that night, in autumn it comes twice: still one departure a day."""
    clock = StandingClock(datetime.combine(sunday - timedelta(days=1), time(12), UTC))
    bus, week = QuietBus(clock), WeeklySchedules({"zoe": (WeeklyEntry(80, by),)}, BERLIN)
    with MemoryDb(tmp_path / "notifier.db") as db:
        state = NotifierState(bus, db, People(()), week)
        seen: dict[datetime, datetime] = {}
        while clock.moment < datetime.combine(sunday + timedelta(days=1), time(12), UTC):
            state.tidy()
            state.publish()
            goal = bus.last(GOAL, vehicle="zoe")
            assert goal is not None
            assert goal.departure is not None
            assert clock.moment < goal.departure <= clock.moment + timedelta(hours=25)
            seen.setdefault(goal.departure, clock.moment)
            clock.moment += QUARTER
    local = [departure.astimezone(BERLIN) for departure in seen]
    assert [moment.date() for moment in local] == [sunday, sunday + timedelta(days=1), sunday + timedelta(days=2)]
    assert [moment.time() for moment in local if moment.date() != sunday or by != time(2, 30)] == [by] * (
        3 if by == time(7) else 2
    )
    assert list(seen) == sorted(seen)
