"""The history's file over versions and damage."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ems.contract.requests import HistoryRow, LoadpointMean
from evcc_poller.adapters.history_db import HistoryDb
from evcc_poller.domain.recording.energy import Counters

OLD = Path(__file__).parents[3] / "fixtures" / "state-4c0e48b" / "history.sql"
NOW = datetime(2026, 11, 18, 18, tzinfo=UTC)
HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)


def row(start: datetime, **more: object) -> HistoryRow:
    return HistoryRow.model_validate({"start": start, "seconds": 900, "coverage_s": 900, "grid_w": 500, **more})


def test_what_an_older_version_left_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    with closing(sqlite3.connect(path)) as old:
        old.executescript(OLD.read_text())
    with HistoryDb.open(path, pytest.fail) as db:
        rows = db.rows(NOW, NOW + HOUR, 10)
        assert [(r.start, r.grid_w, r.pv_forecast_w) for r in rows] == [
            (NOW + n * QUARTER, 500.5 + n, None if n else 3) for n in range(3)
        ]
        assert rows[1].loadpoints == {"1": LoadpointMean(power_w=7000, vehicle="zoe", soc_pct=55)}
        assert db.counters() == Counters(NOW - HOUR, {"grid_import_kwh": 12.5}, {"1": 3.25})
        assert db.backfilled() == NOW
        assert (found := db.open_slot()) is not None
        assert found.coverage_s == 60
        assert db.insert([row(NOW + HOUR)]) == 1


def test_columns_of_a_newer_version_are_passed_over(tmp_path: Path) -> None:
    with HistoryDb(tmp_path / "history.db") as db:
        for table in ("slot", "loadpoint_slot", "counter"):
            db._db.execute(f"ALTER TABLE {table} ADD COLUMN invented REAL")
        db._note("open", '{"start": "next quarter"}')
    with HistoryDb.open(tmp_path / "history.db", pytest.fail) as db:
        assert db.open_slot() is None
        given = row(NOW, loadpoints={"1": {"power_w": 7000}})
        assert db.insert([given]) == 1
        assert db.rows(NOW, NOW + HOUR, 10) == [given]
        db.keep_counters(Counters(NOW, {"grid_import_kwh": 1.5}))
        assert db.counters() == Counters(NOW, {"grid_import_kwh": 1.5})


def test_a_damaged_file_is_set_aside_and_the_history_begins_anew(tmp_path: Path) -> None:
    path, said = tmp_path / "history.db", list[str]()
    with HistoryDb(path) as db:
        db.insert(row(NOW + n * QUARTER) for n in range(2000))
    content = path.read_bytes()
    path.write_bytes(torn := content[: len(content) // 2] + b"\0" * (len(content) // 2))
    with HistoryDb.open(path, said.append) as db:
        assert db.insert([row(NOW)]) == 1
    assert "damaged" in said[0]
    assert "is kept as history.db.unreadable" in said[0]
    assert path.with_name("history.db.unreadable").read_bytes() == torn


def test_a_slot_or_a_note_that_a_disk_has_spoilt_costs_itself(tmp_path: Path) -> None:
    counters = Counters(NOW - HOUR, {"grid_import_kwh": 1.5})
    with HistoryDb(tmp_path / "history.db") as db:
        db.insert([row(NOW), row(NOW + QUARTER), row(NOW + 2 * QUARTER, loadpoints={"1": {"power_w": 7000}})])
        db.keep_counters(counters)
        db._db.execute("UPDATE slot SET coverage_s = -1 WHERE start = ?", (NOW.timestamp(),))
        db._db.execute("UPDATE loadpoint_slot SET soc_pct = 1e9")
        db._note("backfilled", "\x00026-11-18")
        assert db.counters() == counters
        db._note("counting", "once")
    with HistoryDb.open(tmp_path / "history.db", pytest.fail) as db:
        assert [found.start for found in db.rows(NOW, NOW + HOUR, 10)] == [NOW + QUARTER]
        assert db.backfilled() is None
        assert db.counters() == Counters(NOW, {"grid_import_kwh": 1.5})
