"""What control must not forget, in SQLite: on disk before anything is written to evcc."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Self, override

from pydantic import TypeAdapter, ValidationError

from ems.contract.control import Decision
from ems.contract.people import Goal
from ems.runtime.errors import PermanentError
from ems.runtime.notation.salvage import Unreadable, readable
from ems.runtime.sqlite import SqliteFile, Synchronous
from ems.runtime.state_dir import copy_aside, move_aside
from evcc_poller.domain.control.battery.state import DEVICE as BATTERY
from evcc_poller.domain.control.battery.state import BatteryMemory
from evcc_poller.domain.control.loadpoint.state import LoadpointMemory
from evcc_poller.domain.control.plan_handover import HandedOverPlan
from evcc_poller.domain.control.price_limits import ClearedLimit

RING = 100
"""Number of decisions that are kept."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS device (name TEXT PRIMARY KEY, memory TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS decision (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL, device TEXT NOT NULL, entry TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS goal (vehicle TEXT PRIMARY KEY, goal TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS given_plan (vehicle TEXT PRIMARY KEY, plan TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS cleared_limit (name TEXT PRIMARY KEY, limit_ TEXT NOT NULL) STRICT;
"""

_BATTERY: TypeAdapter[Any] = TypeAdapter(BatteryMemory)
_LOADPOINT: TypeAdapter[Any] = TypeAdapter(LoadpointMemory)
_PLAN: TypeAdapter[Any] = TypeAdapter(HandedOverPlan)
_LIMIT: TypeAdapter[Any] = TypeAdapter(ClearedLimit)
_KEYS = {"device": "name", "decision": "id", "goal": "vehicle", "given_plan": "vehicle", "cleared_limit": "name"}
_ROWS: tuple[tuple[str, str, TypeAdapter[Any]], ...] = (
    ("device", "memory", _LOADPOINT),
    ("decision", "entry", TypeAdapter(Decision)),
    ("goal", "goal", TypeAdapter(Goal)),
    ("given_plan", "plan", _PLAN),
    ("cleared_limit", "limit_", _LIMIT),
)
"""Each table, the column with its document, and what that is; the device that is the battery has its own."""
_ANEW = "what people had set in evcc, and what evcc holds for us, is found anew"


class ControlStore(SqliteFile):
    """One file, one writer. Every call is committed, and survives a power cut, when it returns.

    A disk that is full or gone ends the service: what cannot be remembered must not be done.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, _SCHEMA, Synchronous.FULL)

    @classmethod
    def open(cls, path: Path, said: Callable[[str], object]) -> Self:
        """The file at ``path``. What cannot be read of it is kept beside, and ``said`` is told.

        Raises:
            PermanentError: the directory cannot be written.
        """
        try:
            if (why := cls.damage(path, _SCHEMA)) is not None:
                said(move_aside(path, why, _ANEW))
            store = cls(path)
            try:
                if lost := store._unreadable():
                    said(copy_aside(path, ", ".join(lost)))
                    store._forget(lost)
            except BaseException:
                store.close()
                raise
        except OSError as error:
            raise PermanentError(f"{path} cannot be used, and not be set aside: {error.strerror}") from None
        return store

    def battery(self) -> BatteryMemory:
        """What is remembered about the battery."""
        text = self._one("SELECT memory FROM device WHERE name = 'battery'")
        return BatteryMemory() if text is None else _read(_BATTERY, text, self.path)

    def loadpoint(self, device: str) -> LoadpointMemory:
        """What is remembered about a loadpoint, by its device name."""
        text = self._one("SELECT memory FROM device WHERE name = ?", device)
        return LoadpointMemory() if text is None else _read(_LOADPOINT, text, self.path)

    def remember(self, device: str, memory: BatteryMemory | LoadpointMemory) -> None:
        """Keeps a device's memory."""
        text = _BATTERY.dump_json(memory) if isinstance(memory, BatteryMemory) else _LOADPOINT.dump_json(memory)
        with self._translated():
            self._db.execute("INSERT OR REPLACE INTO device VALUES (?, ?)", (device, text.decode()))

    def append(self, decision: Decision) -> None:
        """Adds to the audit and drops what is older than the last hundred."""
        row = (decision.at.isoformat(), decision.device, decision.model_dump_json(exclude_none=True))
        with self._translated():
            self._db.execute("INSERT INTO decision (at, device, entry) VALUES (?, ?, ?)", row)
            self._db.execute("DELETE FROM decision WHERE id <= (SELECT max(id) FROM decision) - ?", (RING,))

    def decisions(self) -> tuple[Decision, ...]:
        """The audit, newest first."""
        rows = self._db.execute("SELECT entry FROM decision ORDER BY id DESC LIMIT ?", (RING,))
        return tuple(Decision.model_validate_json(text) for (text,) in rows)

    def set_goals(self, goals: Iterable[Goal]) -> None:
        """Keeps the open goals, for a handover after a crash."""
        self._replace("goal", {g.vehicle: g.model_dump_json() for g in goals})

    def goals(self) -> dict[str, Goal]:
        """The open goals as last heard."""
        return {v: Goal.model_validate_json(text) for v, text in self._db.execute("SELECT vehicle, goal FROM goal")}

    def set_given(self, plans: Iterable[HandedOverPlan]) -> None:
        """Keeps which plans in evcc are ours."""
        self._replace("given_plan", {p.vehicle: _PLAN.dump_json(p).decode() for p in plans})

    def given(self) -> dict[str, HandedOverPlan]:
        """The plans in evcc that are ours."""
        rows = self._db.execute("SELECT vehicle, plan FROM given_plan")
        return {vehicle: _read(_PLAN, text, self.path) for vehicle, text in rows}

    def set_cleared(self, limits: Iterable[ClearedLimit]) -> None:
        """Keeps which limits of evcc's own we took away."""
        self._replace("cleared_limit", {x.name: _LIMIT.dump_json(x).decode() for x in limits})

    def cleared(self) -> tuple[ClearedLimit, ...]:
        """The limits of evcc's own that we took away."""
        rows = self._db.execute("SELECT limit_ FROM cleared_limit ORDER BY name")
        return tuple(_read(_LIMIT, text, self.path) for (text,) in rows)

    def _unreadable(self) -> dict[str, tuple[str, str, str | None]]:
        """By name, what cannot be read: its table, its key, and what of it can be."""
        found: dict[str, tuple[str, str, str | None]] = {}
        with self._translated():
            for table, column, adapter in _ROWS:
                for key, text in self._db.execute(f"SELECT {_KEYS[table]}, {column} FROM {table}"):  # noqa: S608  ours
                    of_row = _BATTERY if (table, key) == ("device", BATTERY) else adapter
                    try:
                        rest, lost = readable(of_row, text)
                    except Unreadable:
                        found[f"{table} {key}"] = table, key, None
                    else:
                        if lost:
                            found[f"{table} {key}: {', '.join(lost)}"] = table, key, of_row.dump_json(rest).decode()
        return found

    def _forget(self, lost: Mapping[str, tuple[str, str, str | None]]) -> None:
        with self._transaction():
            for table, key, rest in lost.values():
                where = f"WHERE {_KEYS[table]} = ?"
                if rest is None:
                    self._db.execute(f"DELETE FROM {table} {where}", (key,))  # noqa: S608  ours
                else:
                    column = next(column for name, column, _ in _ROWS if name == table)
                    self._db.execute(f"UPDATE {table} SET {column} = ? {where}", (rest, key))  # noqa: S608  ours

    def _replace(self, table: str, rows: dict[str, str]) -> None:
        with self._transaction():
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608  # one of our own three names
            self._db.executemany(f"INSERT INTO {table} VALUES (?, ?)", rows.items())  # noqa: S608  # as above

    def _one(self, query: str, *values: str) -> str | None:
        row = self._db.execute(query, values).fetchone()
        return None if row is None else str(row[0])

    @override
    def _unusable(self, error: sqlite3.Error) -> PermanentError:
        return PermanentError(
            f"{self.path} cannot be used ({error}): it must be a writable file of evcc-poller's own; "
            "moved away, it is made anew and only what people had set is forgotten"
        )


def _read[T](adapter: TypeAdapter[T], text: str, path: Path) -> T:
    try:
        return adapter.validate_json(text)
    except ValidationError:
        raise PermanentError(
            f"{path} holds what this version cannot read: move it away, and only what people had set is forgotten"
        ) from None
