"""What the judge must not forget, in SQLite: compared days, virtual storages, who steers, versions of the learnt."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Self, override

from pydantic import TypeAdapter

from ems.contract.control import Choice
from ems.runtime.errors import PermanentError
from ems.runtime.notation.salvage import Unreadable
from ems.runtime.sqlite import DAMAGED, SqliteFile, Synchronous, damage, fault
from ems.runtime.state_dir import set_aside
from rl_agent.domain.judge.lives import Stored
from rl_agent.domain.night import ComparedDay, KeptTraining, NightResult

FILE = "learner.db"
VERSION = 1
"""Of the tables; a file of another version is set aside."""
_APPLICATION = 0x65_6D_72_6C
"""SQLite's application id of this file: "emrl"."""
_SCHEMA = f"""
PRAGMA application_id = {_APPLICATION};
CREATE TABLE IF NOT EXISTS device_control (
  device TEXT PRIMARY KEY, choice TEXT NOT NULL, controller TEXT NOT NULL, since TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS comparison (
  day TEXT NOT NULL, device TEXT NOT NULL, learner TEXT NOT NULL, entry TEXT NOT NULL,
  PRIMARY KEY (device, learner, day)
) STRICT;
CREATE TABLE IF NOT EXISTS stored (policy TEXT PRIMARY KEY, entry TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS judged (one INTEGER PRIMARY KEY CHECK (one = 1), until TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS version (
  learner TEXT NOT NULL, version INTEGER NOT NULL, at TEXT NOT NULL, until TEXT NOT NULL,
  PRIMARY KEY (learner, version)
) STRICT;
CREATE TABLE IF NOT EXISTS missed_goal (device TEXT NOT NULL, day TEXT NOT NULL, PRIMARY KEY (device, day)) STRICT;
PRAGMA user_version = {VERSION};
"""
_DAY = TypeAdapter(ComparedDay)
_STORED = TypeAdapter(Stored)
_READ: tuple[tuple[str, str, str, Callable[[str], object]], ...] = (
    ("comparison", "entry", "a compared day", _DAY.validate_json),
    ("stored", "entry", "what a house had left", _STORED.validate_json),
    ("judged", "until", "the last judged day", date.fromisoformat),
    ("missed_goal", "day", "the day of a missed goal", date.fromisoformat),
    ("device_control", "choice", "who may steer", Choice),
    ("device_control", "controller", "who steers", Choice),
    ("device_control", "since", "since when somebody steers", datetime.fromisoformat),
)
"""Each table, a column with text, what that is for people, and how it is read."""


@dataclass(frozen=True, slots=True)
class DeviceControl:
    """Who steered a device when the service was last there."""

    choice: Choice
    controller: Choice
    since: datetime


class AgentDb(SqliteFile):
    """One file, one writer. Every call is committed, and survives a power cut, when it returns."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, _SCHEMA, Synchronous.FULL)

    @classmethod
    def open(cls, state_dir: Path, said: Callable[[str], object]) -> Self:
        """The file in ``state_dir``; one that cannot be used is set aside, and ``said`` is told.

        Raises:
            PermanentError: the directory cannot be written.
        """
        path = state_dir / FILE
        if (why := fault(path, _why_not)) is not None:
            set_aside(path, why, "the comparison begins anew", said)
        return cls(path)

    def control(self, device: str) -> DeviceControl | None:
        """Who steered ``device`` last; None when that was never kept."""
        with self._translated():
            row = self._db.execute(
                "SELECT choice, controller, since FROM device_control WHERE device = ?", (device,)
            ).fetchone()
        return DeviceControl(Choice(row[0]), Choice(row[1]), datetime.fromisoformat(row[2])) if row else None

    def set_control(self, device: str, control: DeviceControl) -> None:
        """Keeps who steers ``device``."""
        row = (device, control.choice, control.controller, control.since.isoformat())
        with self._translated():
            self._db.execute("INSERT OR REPLACE INTO device_control VALUES (?, ?, ?, ?)", row)

    def days(self, device: str, learner: str) -> tuple[ComparedDay, ...]:
        """The compared days, oldest first."""
        with self._translated():
            rows = self._db.execute(
                "SELECT entry FROM comparison WHERE device = ? AND learner = ? ORDER BY day", (device, learner)
            ).fetchall()
        return tuple(_DAY.validate_json(entry) for (entry,) in rows)

    def judged_until(self) -> date | None:
        """The last judged day."""
        with self._translated():
            row = self._db.execute("SELECT until FROM judged").fetchone()
        return date.fromisoformat(row[0]) if row else None

    def stored(self) -> dict[str, Stored]:
        """By policy, what its house had left then."""
        with self._translated():
            rows = self._db.execute("SELECT policy, entry FROM stored").fetchall()
        return {policy: _STORED.validate_json(entry) for policy, entry in rows}

    def add(self, result: NightResult) -> None:
        """Keeps what a night brought, all of it or nothing; what was learnt is in files of its own."""
        with self._transaction():
            self._add_days(result.days)
            self._db.executemany(
                "INSERT OR REPLACE INTO stored VALUES (?, ?)",
                [(policy, _STORED.dump_json(left).decode()) for policy, left in result.stored.items()],
            )
            if result.judged_until is not None:
                row = (result.judged_until.isoformat(),)
                self._db.execute("INSERT OR REPLACE INTO judged (one, until) VALUES (1, ?)", row)
            self._add_versions(result.trainings)

    def miss_goal(self, device: str, day: date) -> None:
        """Notes that a goal was really missed while the learner steered ``device``."""
        with self._translated():
            self._db.execute("INSERT OR IGNORE INTO missed_goal VALUES (?, ?)", (device, day.isoformat()))

    def missed_goals(self, device: str) -> frozenset[date]:
        """The days on which that happened."""
        with self._translated():
            rows = self._db.execute("SELECT day FROM missed_goal WHERE device = ?", (device,)).fetchall()
        return frozenset(date.fromisoformat(day) for (day,) in rows)

    def _add_days(self, days: Iterable[ComparedDay]) -> None:
        self._db.executemany(
            "INSERT OR REPLACE INTO comparison VALUES (?, ?, ?, ?)",
            [(d.judged.day.isoformat(), d.device, d.learner, _DAY.dump_json(d).decode()) for d in days],
        )

    def _add_versions(self, trainings: Mapping[str, KeptTraining]) -> None:
        self._db.executemany(
            "INSERT OR REPLACE INTO version VALUES (?, ?, ?, ?)",
            [(name, k.version, k.at.isoformat(), k.until.isoformat()) for name, k in trainings.items()],
        )

    @override
    def _unusable(self, error: sqlite3.Error) -> PermanentError:
        return PermanentError(
            f"{self.path} cannot be used ({error}): it must be a writable file of rl-agent's own; "
            "moved away, it is made anew and the comparison begins again"
        )


def check(content: bytes) -> None:
    """Whether ``content`` is such a file, whole and of this version.

    Raises:
        Unreadable: it is not; the text says why.
    """
    try:
        with closing(sqlite3.connect(":memory:")) as db:
            # A file in WAL mode cannot be looked at in memory: two bytes of its head say which mode it is in.
            db.deserialize(content[:18] + b"\1\1" + content[20:])
            why = _why_not(db)
    except DAMAGED as error:
        why = f"it is damaged ({error})"
    if why is not None:
        raise Unreadable(why)


def _why_not(db: sqlite3.Connection) -> str | None:
    """Why it cannot be used; None when it can."""
    return _foreign(db) or _damaged(db)


def _foreign(db: sqlite3.Connection) -> str | None:
    """Whose file it is, when it is not of this version of rl-agent."""
    (application,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    (tables,) = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if application != _APPLICATION:
        return "it is no file of rl-agent's" if tables else None
    return f"it is of version {version}, and this rl-agent reads version {VERSION}" if version != VERSION else None


def _damaged(db: sqlite3.Connection) -> str | None:
    if (why := damage(db, _SCHEMA)) is not None:
        return why
    there = {name for (name,) in db.execute("SELECT name FROM sqlite_schema")}
    for table, column, what, read in _READ:
        try:
            for (text,) in db.execute(f"SELECT {column} FROM {table}") if table in there else ():  # noqa: S608  ours
                read(text)
        except ValueError:
            return f"it is damaged ({what} cannot be read)"
    return None
