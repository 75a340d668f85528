"""The 15-minute history in SQLite: a row a slot, one a loadpoint and slot, the slot not yet over; and the counters."""

import sqlite3
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Self, override

from pydantic import ValidationError

from ems.contract.requests import HistoryRow, LoadpointMean
from ems.runtime.errors import TransientError
from ems.runtime.sqlite import SqliteFile, Synchronous
from ems.runtime.state_dir import move_aside
from evcc_poller.domain.recording.energy import Counters
from evcc_poller.domain.recording.history import SLOT, OpenSlot

COLUMNS = (
    "coverage_s",
    "grid_w",
    "pv_w",
    "home_w",
    "battery_w",
    "battery_soc_pct",
    "import_eur_per_kwh",
    "export_eur_per_kwh",
    "pv_forecast_w",
)
"""Of a slot, beside its start."""

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS slot (
    start INTEGER PRIMARY KEY, -- unix seconds
    {", ".join(f"{column} REAL" for column in COLUMNS)}
) STRICT;
CREATE TABLE IF NOT EXISTS loadpoint_slot (
    start INTEGER NOT NULL, loadpoint TEXT NOT NULL, power_w REAL NOT NULL, vehicle TEXT, soc_pct REAL,
    PRIMARY KEY (start, loadpoint)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counter (
    place TEXT NOT NULL, -- site or loadpoint
    name TEXT NOT NULL, kwh REAL NOT NULL, PRIMARY KEY (place, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS note (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
"""


class HistoryDb(SqliteFile):
    """One file. Methods block for milliseconds and may be called from any thread; use ``asyncio.to_thread``.

    Every method raises :class:`~ems.runtime.errors.TransientError` when SQLite cannot (a full disk, a damaged file).
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        # FULL: what is committed survives a power cut, too; that is one fsync a minute.
        super().__init__(path, SCHEMA, Synchronous.FULL, any_thread=True)

    @classmethod
    def open(cls, path: Path, said: Callable[[str], object]) -> Self:
        """The file at ``path``; one that is damaged is set aside, and ``said`` is told."""
        if (why := cls.damage(path, SCHEMA)) is not None:
            try:
                said(move_aside(path, why, "the history begins anew, with what evcc's own has of it"))
            except OSError as error:
                raise TransientError(f"{path}: {error.strerror}") from None
        return cls(path)

    @override
    def close(self) -> None:
        with self._lock:
            super().close()

    def insert(self, rows: Iterable[HistoryRow], *, replace: bool = True) -> int:
        """Keeps ``rows``; one that is there already is replaced, or (``replace`` false) left as it is.

        Returns:
            How many were written.
        """
        how = "REPLACE" if replace else "IGNORE"
        # Named: a newer version may have left columns that this one does not know.
        columns, marks = ", ".join(("start", *COLUMNS)), ", ".join("?" * (len(COLUMNS) + 1))
        written = 0
        with self._writing() as db:
            for row in rows:
                start = int(row.start.timestamp())
                values = (start, *(getattr(row, column) for column in COLUMNS))
                slot = db.execute(f"INSERT OR {how} INTO slot ({columns}) VALUES ({marks})", values)  # noqa: S608  no input
                if not slot.rowcount:
                    continue
                written += 1
                db.executemany(
                    "INSERT OR REPLACE INTO loadpoint_slot (start, loadpoint, power_w, vehicle, soc_pct)"
                    " VALUES (?, ?, ?, ?, ?)",
                    [(start, key, lp.power_w, lp.vehicle, lp.soc_pct) for key, lp in row.loadpoints.items()],
                )
        return written

    def rows(self, start: datetime, end: datetime, limit: int) -> list[HistoryRow]:
        """At most ``limit`` rows from ``start`` (inclusive) to ``end`` (exclusive), oldest first."""
        between = (start.timestamp(), end.timestamp(), limit)
        with self._reading() as db:
            slots = db.execute(
                f"SELECT start, {', '.join(COLUMNS)} FROM slot WHERE start >= ? AND start < ? ORDER BY start LIMIT ?",  # noqa: S608  no input
                between,
            ).fetchall()
            last = slots[-1][0] if slots else 0
            loadpoints = db.execute(
                "SELECT start, loadpoint, power_w, vehicle, soc_pct FROM loadpoint_slot"
                " WHERE start >= ? AND start <= ? ORDER BY start",
                (start.timestamp(), last),
            ).fetchall()
        at = {
            begin: {lp: LoadpointMean(power_w=w, vehicle=car, soc_pct=soc) for _, lp, w, car, soc in group}
            for begin, group in groupby(loadpoints, key=lambda found: found[0])
        }
        return [
            HistoryRow(
                start=datetime.fromtimestamp(begin, UTC),
                seconds=SLOT.total_seconds(),
                loadpoints=at.get(begin, {}),
                **dict(zip(COLUMNS, values, strict=True)),
            )
            for begin, *values in slots
        ]

    def prune(self, before: datetime) -> int:
        """Forgets what is older; returns how many slots that were."""
        with self._writing() as db:
            db.execute("DELETE FROM loadpoint_slot WHERE start < ?", (before.timestamp(),))
            return db.execute("DELETE FROM slot WHERE start < ?", (before.timestamp(),)).rowcount

    def keep_open(self, slot: OpenSlot) -> None:
        """Keeps the slot that is not over yet."""
        self._note("open", slot.model_dump_json())

    def open_slot(self) -> OpenSlot | None:
        """The slot that was not over when it was last kept."""
        text = self._noted("open")
        try:
            return OpenSlot.model_validate_json(text) if text else None
        except ValidationError:
            return None  # of another version: it costs minutes of one slot

    def note_backfilled(self, until: datetime) -> None:
        """Notes up to when evcc's own history was taken over."""
        self._note("backfilled", until.isoformat())

    def backfilled(self) -> datetime | None:
        """Up to when evcc's own history was taken over; None: never."""
        text = self._noted("backfilled")
        return datetime.fromisoformat(text) if text else None

    def keep_counters(self, counters: Counters) -> None:
        """Keeps the energies. A writer that comes late lowers none of them."""
        rows = [
            (place, name, kwh)
            for place, of in (("site", counters.site), ("loadpoint", counters.loadpoints))
            for name, kwh in of.items()
        ]
        with self._writing() as db:
            db.execute("INSERT OR REPLACE INTO note VALUES ('counting', ?)", (counters.since.isoformat(),))
            db.executemany(
                "INSERT INTO counter (place, name, kwh) VALUES (?, ?, ?)"
                " ON CONFLICT (place, name) DO UPDATE SET kwh = max(kwh, excluded.kwh)",
                rows,
            )

    def counters(self) -> Counters | None:
        """The energies as they were last kept; None: never."""
        since = self._noted("counting")
        if since is None:
            return None
        with self._reading() as db:
            rows = db.execute("SELECT place, name, kwh FROM counter").fetchall()
        of = {place: {name: kwh for where, name, kwh in rows if where == place} for place in ("site", "loadpoint")}
        return Counters(datetime.fromisoformat(since), of["site"], of["loadpoint"])

    def _note(self, key: str, value: str) -> None:
        with self._writing() as db:
            db.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (key, value))

    def _noted(self, key: str) -> str | None:
        with self._reading() as db:
            found = db.execute("SELECT value FROM note WHERE key = ?", (key,)).fetchone()
        return found[0] if found else None

    @contextmanager
    def _writing(self) -> Generator[sqlite3.Connection]:
        with self._lock, self._transaction():
            yield self._db

    @contextmanager
    def _reading(self) -> Generator[sqlite3.Connection]:
        with self._lock, self._translated():
            yield self._db

    @override
    def _unusable(self, error: sqlite3.Error) -> TransientError:
        return TransientError(f"{self.path}: {error}")
