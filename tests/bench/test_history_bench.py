"""A year of history: how large the file is, how long writing and reading take.

pytest tests/bench/test_history_bench.py --benchmark-only
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from ems.contract.requests import HistoryRow, LoadpointMean
from evcc_poller.adapters.history_db import HistoryDb
from evcc_poller.domain.recording.history import page

START = datetime(2025, 1, 1, tzinfo=UTC)
YEAR = 365 * 96
MAX_MB = 15


def row(number: int) -> HistoryRow:
    """A slot with everything in it: a battery, two loadpoints, one with a car."""
    x = float(number % 977)
    return HistoryRow(
        start=START + timedelta(minutes=15 * number),
        seconds=900,
        coverage_s=900,
        grid_w=x * 3.217,
        pv_w=x * 7.113,
        home_w=400 + x * 1.031,
        battery_w=-x * 2.719,
        battery_soc_pct=x / 10,
        import_eur_per_kwh=0.2 + x / 10_000,
        export_eur_per_kwh=0.08,
        pv_forecast_w=x * 7,
        loadpoints={
            "1": LoadpointMean(power_w=x * 11.3, vehicle="limo", soc_pct=x / 10),
            "2": LoadpointMean(power_w=0),
        },
    )


@pytest.fixture(scope="module")
def rows() -> list[HistoryRow]:
    return [row(number) for number in range(YEAR)]


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory, rows: list[HistoryRow]) -> Iterator[tuple[HistoryDb, Path]]:
    path = tmp_path_factory.mktemp("year") / "history.db"
    with HistoryDb(path) as db:
        db.insert(rows)
        yield db, path


def test_a_year_is_written(benchmark: BenchmarkFixture, tmp_path: Path, rows: list[HistoryRow]) -> None:
    numbers = iter(range(100))

    def write() -> None:
        with HistoryDb(tmp_path / f"{next(numbers)}.db") as db:
            db.insert(rows)

    benchmark.pedantic(write, rounds=3)  # type: ignore[no-untyped-call]  # pytest-benchmark forgot to annotate it


def test_a_year_is_small(benchmark: BenchmarkFixture, year: tuple[HistoryDb, Path]) -> None:
    db, path = year
    db._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size_mb = benchmark(lambda: path.stat().st_size / 1e6)
    benchmark.extra_info["file_mb"] = size_mb
    assert size_mb < MAX_MB


def test_the_slot_that_just_ended_is_written(
    benchmark: BenchmarkFixture, year: tuple[HistoryDb, Path], rows: list[HistoryRow]
) -> None:
    db, _ = year
    benchmark(db.insert, rows[-1:])


def test_a_week_is_read_as_one_page(benchmark: BenchmarkFixture, year: tuple[HistoryDb, Path]) -> None:
    db, _ = year
    start = START + timedelta(days=180)
    rows, following = benchmark(lambda: page(db.rows(start, start + timedelta(days=300), 673), 672, 900_000))
    assert len(rows) == 672
    assert following == start + timedelta(days=7)


def test_a_year_is_read(benchmark: BenchmarkFixture, year: tuple[HistoryDb, Path]) -> None:
    db, _ = year
    span = (START, START + timedelta(days=400), YEAR)
    rows = benchmark.pedantic(db.rows, span, rounds=3)  # type: ignore[no-untyped-call]  # as above
    assert len(rows) == YEAR
