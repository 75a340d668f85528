"""Whole backtests, minutes each (``make backtest``): the reference set's figures, and the time that a year takes."""

import time
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from ems.forecast.history_grid import Floats
from ems.home_files.csv_files import read_home
from ems.home_files.house_file import read_house
from ems.virtual_house.world import (
    MeasuredTrip,
    Table,
    World,
    world,
)
from support.homes import HOMES, reference, stranger
from tariff_planner.commands.backtest import all_lived
from tariff_planner.domain.backtest.run import BacktestResult, result
from tariff_planner.domain.backtest.score import INFORMED, PLAN, POLICIES

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

BEGIN, HALF, END = (datetime(2024, *day, tzinfo=UTC) for day in ((3, 8), (6, 5), (9, 1)))
JOBS = 2


def _all(stage: World) -> BacktestResult:
    return result(stage, all_lived(stage, JOBS))


@pytest.mark.parametrize("car", [False, True], ids=["battery", "battery and car"])
@pytest.mark.parametrize(("begin", "end"), [(BEGIN, END), (HALF, END)], ids=["whole", "second half"])
def test_the_reference_home(benchmark: BenchmarkFixture, begin: datetime, end: datetime, car: bool) -> None:
    """Regret share <= 0.55 with what was known, <= 0.30 with load and PV known; no month dearer than evcc alone."""
    found = benchmark.pedantic(_all, (reference(begin, end, car=car),), rounds=1)  # type: ignore[no-untyped-call]  # as shipped
    for policy in POLICIES:
        print(f"\n{policy}: {found.judgements[policy]}")  # noqa: T201  what the run is for
    share = {p: found.judgements[p].whole.regret_share for p in POLICIES}
    assert share[PLAN] is not None
    assert share[INFORMED] is not None
    assert share[PLAN] <= 0.55
    assert share[INFORMED] <= 0.30
    assert all(month.saving_eur > -0.005 for month in found.judgements[PLAN].months.values())


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_homes_that_no_constant_was_chosen_on(benchmark: BenchmarkFixture, number: int) -> None:
    found = benchmark.pedantic(_all, (stranger(number),), rounds=1)  # type: ignore[no-untyped-call]  # as shipped
    for policy in POLICIES:
        print(f"\n{policy}: {found.judgements[policy]}")  # noqa: T201  what the run is for
    plan, informed = (found.judgements[p] for p in (PLAN, INFORMED))
    assert plan.whole.regret_share is not None
    assert informed.whole.regret_share is not None
    assert plan.whole.regret_share <= 0.55
    assert informed.whole.regret_share <= 0.30
    assert plan.saving_low_eur > 0


def _year() -> World:
    """35,040 quarter hours with a battery and a car: the reference home again and again, slots cut in halves."""
    half = read_home(HOMES / "home-a.csv")
    count, slots = 366 * 96, slice(400, None)

    def stretched(values: Floats) -> Floats:
        return np.repeat(np.tile(values[slots], 3), 2)[:count]

    columns = (half.load_kw, half.pv_kw, half.solar_kw, half.spot_eur_per_kwh)
    start = datetime(2023, 1, 1, tzinfo=UTC)
    days = [start + timedelta(days=d) for d in range(366)]
    trips = [MeasuredTrip(d + timedelta(hours=7), d + timedelta(hours=17), 9) for d in days if d.weekday() < 5]
    house = read_house(HOMES / "home-a-car.yaml")
    return world(Table(start, 15, *(stretched(c) for c in columns)), house, trips, start + timedelta(days=1))


def test_a_year_of_quarter_hours_takes_at_most_ten_minutes_on_two_cores(benchmark: BenchmarkFixture) -> None:
    stage = _year()
    assert stage.end - stage.first == 35_040
    begun = time.perf_counter()
    benchmark.pedantic(_all, (stage,), rounds=1)  # type: ignore[no-untyped-call]  # as shipped
    assert time.perf_counter() - begun <= 600
