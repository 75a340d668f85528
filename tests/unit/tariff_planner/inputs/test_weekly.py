"""What comes again every week is there every week, in the nights whose clocks jump as well."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from ems.contract.requests import HistoryRow
from ems.contract.site import Rate
from support.evening import BERLIN, FLAT, QUARTER, known, loadpoint
from tariff_planner.domain.decision.decide import DecisionInputs, decide
from tariff_planner.domain.inputs.rules import GridRules, LimitRules, TripRules, VehicleRules
from tariff_planner.domain.inputs.weekly import moment, spans

SPRING = datetime(2026, 3, 28, 20, tzinfo=UTC)
JUMP = datetime(2026, 3, 29, 1, tzinfo=UTC)
"""In Berlin 02:00 becomes 03:00."""


def that_night(case: DecisionInputs) -> DecisionInputs:
    shift = SPRING - case.facts.now
    site = case.facts.site.model_copy(update={"at": SPRING})
    points = {n: p.model_copy(update={"at": SPRING}) for n, p in case.facts.loadpoints.items()}
    moved = (r.model_copy(update={"start": r.start + shift}) for r in case.history if isinstance(r, HistoryRow))
    return replace(
        case,
        facts=replace(case.facts, now=SPRING, site=site, loadpoints=points),
        rates=tuple(Rate(start=r.start + shift, end=r.end + shift, value=r.value) for r in case.rates),
        history=tuple(moved),
    )


@pytest.mark.parametrize(
    ("start", "end", "begins", "ends"),
    [
        (time(2, 30), time(5), JUMP, JUMP + timedelta(hours=2)),
        (time(2, 0), time(3, 30), JUMP, JUMP + timedelta(minutes=30)),
        (time(2, 30), time(2, 45), JUMP, JUMP + timedelta(minutes=15)),
        (time(2, 0), time(3), JUMP, JUMP + timedelta(hours=1)),
        (time(1, 30), time(2, 30), JUMP - timedelta(minutes=30), JUMP),
        (time(1), time(5), JUMP - timedelta(hours=1), JUMP + timedelta(hours=2)),
    ],
)
def test_a_limit_around_the_missing_hour_holds_on_that_day(
    start: time, end: time, begins: datetime, ends: datetime
) -> None:
    case = that_night(known(FLAT))
    rules = GridRules(limits=(LimitRules(start=start, end=end, import_limit_kw=2, days=("sun",)),))
    steps = decide(replace(case, home=replace(case.home, grid=rules))).problem.steps
    held = [s for s in steps if s.import_limit_kw == 2]
    assert (held[0].start, held[-1].end) == (begins, ends)


def test_a_trip_that_begins_in_the_missing_hour_is_made() -> None:
    night_shift = TripRules(leave=time(2, 30), back=time(9), kwh=12, days=("sun",))
    case = that_night(known(FLAT, lp=loadpoint(), rules=VehicleRules(trips=(night_shift,)), battery=False))
    (trip,) = decide(case).problem.cars[0].trips
    assert (trip.leave, trip.back, trip.kwh) == (JUMP, datetime(2026, 3, 29, 7, tzinfo=UTC), 12)


@pytest.mark.parametrize(
    ("day", "at", "zone", "utc"),
    [
        (date(2026, 9, 6), time(0, 30), "America/Santiago", datetime(2026, 9, 6, 4, tzinfo=UTC)),
        (date(2026, 10, 4), time(2, 10), "Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
        (date(2026, 3, 8), time(2, 59), "America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
    ],
)
def test_a_time_that_a_night_leaves_out_is_when_the_clock_jumps(day: date, at: time, zone: str, utc: datetime) -> None:
    assert moment(day, at, ZoneInfo(zone)) == utc


def test_every_span_is_there_on_every_day_of_a_year() -> None:
    since, until = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    for quarter in range(96):
        start = (datetime(2026, 1, 1, tzinfo=UTC) + quarter * QUARTER).time()
        end = (datetime(2026, 1, 1, tzinfo=UTC) + (quarter + 3) * QUARTER).time()
        found = list(spans(("sun",), start, end, BERLIN, since, until))
        assert len(found) == 52
        assert all(begins < ends for begins, ends in found)
