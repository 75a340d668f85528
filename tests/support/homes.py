"""Homes to test with: the reference file, and made-up pasts of any length."""

import csv
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from ems.contract.requests import HistoryRow
from ems.forecast.history_grid import Floats
from ems.home_files.csv_files import read_home, read_trips
from ems.home_files.house_file import read_house
from ems.virtual_house.world import Table, World, world
from tariff_planner.domain.backtest.run import BacktestResult, lived, result
from tariff_planner.domain.backtest.score import POLICIES

HOMES = Path(__file__).parents[1] / "fixtures" / "homes"
BERLIN = ZoneInfo("Europe/Berlin")


def rows(
    until: datetime, days: float, minutes: int, load_w: Callable[[datetime], float | None], pv_w: float | None = None
) -> list[HistoryRow]:
    """A history of ``days`` before ``until``."""
    step = timedelta(minutes=minutes)
    starts = [until - step * (i + 1) for i in range(round(days * 24 * 60 / minutes))]
    return [
        HistoryRow(start=s, seconds=minutes * 60, coverage_s=minutes * 60, home_w=load_w(s), pv_w=pv_w)
        for s in reversed(starts)
    ]


def routine(moment: datetime) -> float:
    """A home that does the same every day: 300 W, and 2 kW from 18 to 20 local time."""
    return 2000 if 18 <= moment.astimezone(BERLIN).hour < 20 else 300


def reference(since: datetime, until: datetime, *, car: bool = False) -> World:
    """The reference home over some days; all before is learned from."""
    trips = read_trips(HOMES / "home-a-trips.csv") if car else ()
    house = read_house(HOMES / ("home-a-car.yaml" if car else "home-a.yaml"))
    return world(read_home(HOMES / "home-a.csv"), house, trips, since, until)


def stranger(number: int) -> World:
    """One of the five homes that no constant was chosen on, 1 to 5: a year, two weeks of it to learn from first."""
    with (HOMES / "homes-b.csv").open() as file:
        rows = list(csv.DictReader(file))

    def column(name: str, scale: float = 1.0) -> Floats:
        return np.array([float(row[name] or "nan") * scale for row in rows])

    start = datetime.fromisoformat(rows[0]["start_utc"])
    load, pv = column(f"load_{number}_w", 0.001), column(f"pv_{number}_w", 0.001)
    table = Table(start, 60, load, pv, np.full(len(rows), np.nan), column("spot_eur_per_kwh"))
    house = read_house(HOMES / "home-a.yaml").model_copy(update={"pv_factor": 1.0})
    return world(table, house, (), start + timedelta(days=14))


@cache
def april_days(*, car: bool) -> BacktestResult:
    """Days with something to save, all policies: five with the battery alone, three with the car."""
    start = datetime(2024, 4, 22, tzinfo=UTC)
    stage = reference(start, start + timedelta(days=3 if car else 5), car=car)
    return result(stage, {p: lived(stage, p) for p in POLICIES})
