"""The memory on disk, in SQLite; a row for each of its fields, in a table named ``book``.

A saved memory survives a crash of the process at once, and a power cut after :meth:`MemoryDb.durable`, which waits for
the disk in a thread: a goal is on the bus meanwhile, but nobody is told that it is done.
"""

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import TypeAdapter, ValidationError

from ems.runtime.errors import PermanentError
from notifier.domain.memory import Memory

_SCHEMA = "CREATE TABLE IF NOT EXISTS book (part TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT"
_MEMORY = TypeAdapter(Memory)


class MemoryDb:
    """One file, one writer."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        # It tells who drives when.
        path.touch(mode=0o600)
        self._kept: dict[str, str] = {}
        self._db = sqlite3.connect(path, isolation_level=None, timeout=5)
        try:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.execute(_SCHEMA)
        except sqlite3.Error as error:
            self._db.close()
            raise self._unusable(str(error)) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def load(self) -> Memory:
        """The memory as it was saved last; an empty one at first.

        Raises:
            PermanentError: the file is damaged or from another version; the text says what to do.
        """
        try:
            self._kept = dict(self._db.execute("SELECT part, value FROM book"))
            document = ",".join(f'"{part}":{value}' for part, value in self._kept.items())
            return _MEMORY.validate_json("{" + document + "}", strict=False)
        except sqlite3.Error as error:
            raise self._unusable(str(error)) from error
        except ValidationError:
            raise self._unusable("it is not what this version writes") from None

    def save(self, memory: Memory) -> None:
        """Writes what changed since the last time, all or nothing.

        Raises:
            PermanentError: the disk does not take it.
        """
        changed = {part: value for part, value in _parts(memory).items() if self._kept.get(part) != value}
        if not changed:
            return
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT OR REPLACE INTO book VALUES (?, ?)", changed.items())
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._unusable(str(error)) from error
        self._kept |= changed

    async def durable(self) -> None:
        """Returns when what was saved so far survives a power cut.

        Raises:
            PermanentError: the disk does not take it.
        """
        try:
            await asyncio.to_thread(_flush, self._path)
        except sqlite3.Error as error:
            raise self._unusable(str(error)) from error

    def _unusable(self, why: str) -> PermanentError:
        return PermanentError(f"{self._path}: {why}; move the file away to begin with an empty memory")


def _flush(path: Path) -> None:
    """Brings SQLite's log to the disk: it does so before it moves pages out of it.

    With a connection of its own: a thread cannot be cancelled, and may outlive the store's connection.
    """
    with closing(sqlite3.connect(path, isolation_level=None, timeout=5)) as db:
        db.execute("PRAGMA synchronous=NORMAL")
        db.execute("PRAGMA wal_checkpoint(PASSIVE)")


def _parts(memory: Memory) -> dict[str, str]:
    document = _MEMORY.dump_python(memory, mode="json")
    return {part: json.dumps(value, ensure_ascii=False) for part, value in document.items()}
