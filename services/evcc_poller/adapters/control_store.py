"""What control must not forget, in SQLite: on disk before anything is written to evcc."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import override

from pydantic import TypeAdapter, ValidationError

from ems.contract.control import Decision
from ems.contract.people import Goal
from ems.runtime.errors import PermanentError
from ems.runtime.sqlite import SqliteFile, Synchronous
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

_BATTERY = TypeAdapter(BatteryMemory)
_LOADPOINT = TypeAdapter(LoadpointMemory)
_PLAN = TypeAdapter(HandedOverPlan)
_LIMIT = TypeAdapter(ClearedLimit)


class ControlStore(SqliteFile):
    """One file, one writer. Every call is committed, and survives a power cut, when it returns.

    A disk that is full or gone ends the service: what cannot be remembered must not be done.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, _SCHEMA, Synchronous.FULL)

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
