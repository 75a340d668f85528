"""The memory on disk, in SQLite; a row for each of its fields, in a table named ``book``.

A saved memory survives a crash of the process at once, and a power cut after :meth:`MemoryDb.durable`, which waits for
the disk in a thread: a goal is on the bus meanwhile, but nobody is told that it is done.
"""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, Self, override

from pydantic import TypeAdapter

from ems.runtime.errors import PermanentError
from ems.runtime.notation.salvage import readable
from ems.runtime.sqlite import SqliteFile, Synchronous, flush
from ems.runtime.state_dir import copy_aside, set_aside
from notifier.domain.memory import Memory

_SCHEMA = "CREATE TABLE IF NOT EXISTS book (part TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT"
_MEMORY = TypeAdapter(Memory)
_COLLECTIONS = (("wishes", "wishes"), ("wishes", "skipped"), *((field.name,) for field in fields(Memory)))


class MemoryDb(SqliteFile):
    """One file, one writer."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # It tells who drives when.
        path.touch(mode=0o600)
        self._kept: dict[str, str] = {}
        super().__init__(path, _SCHEMA, Synchronous.NORMAL)

    @classmethod
    def open(cls, path: Path, said: Callable[[str], object]) -> Self:
        """The file at ``path``; one that is damaged is set aside, and ``said`` is told.

        Raises:
            PermanentError: the directory cannot be written.
        """
        if (why := cls.damage(path, _SCHEMA)) is not None:
            set_aside(path, why, "goals and what drivers were asked and told begin anew", said)
        return cls(path)

    def load(self, said: Callable[[str], object]) -> Memory:
        """The memory as it was saved last; an empty one at first.

        What cannot be read of it is kept beside, and ``said`` is told.

        Raises:
            PermanentError: the file cannot be read, or not be written.
        """
        with self._translated():
            self._kept = dict(self._db.execute("SELECT part, value FROM book"))
        document: dict[str, Any] = {}
        damaged = []
        for part, value in self._kept.items():
            try:
                document[part] = json.loads(value)
            except (ValueError, RecursionError):
                damaged.append(part)
        memory, lost = readable(_MEMORY, json.dumps(document), _COLLECTIONS)
        if lost := (*damaged, *lost):
            try:
                said(copy_aside(self.path, ", ".join(lost)))
            except OSError as error:
                raise PermanentError(f"{self.path} cannot be read whole, nor be copied: {error.strerror}") from None
        return memory

    def save(self, memory: Memory) -> None:
        """Writes what changed since the last time, all or nothing.

        Raises:
            PermanentError: the disk does not take it.
        """
        changed = {part: value for part, value in _parts(memory).items() if self._kept.get(part) != value}
        if not changed:
            return
        with self._transaction():
            self._db.executemany("INSERT OR REPLACE INTO book VALUES (?, ?)", changed.items())
        self._kept |= changed

    async def durable(self) -> None:
        """Returns when what was saved so far survives a power cut.

        Raises:
            PermanentError: the disk does not take it.
        """
        with self._translated():
            await asyncio.to_thread(flush, self.path)

    @override
    def _unusable(self, error: sqlite3.Error) -> PermanentError:
        return self._to_be_moved(str(error))

    def _to_be_moved(self, why: str) -> PermanentError:
        return PermanentError(f"{self.path}: {why}; move the file away to begin with an empty memory")


def _parts(memory: Memory) -> dict[str, str]:
    document = _MEMORY.dump_python(memory, mode="json")
    return {part: json.dumps(value, ensure_ascii=False) for part, value in document.items()}
