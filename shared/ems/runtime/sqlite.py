"""One SQLite file with one writer: how it is opened, closed and written, and in which words its errors reach people."""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import closing, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Self

BUSY_S = 5.0
"""Longest wait for somebody else's lock on the file, in real seconds."""


DAMAGED = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What sqlite3 raises of a damaged file: the second where the name of a table in its own message is no text."""


class Synchronous(StrEnum):
    """What a commit survives: ``FULL`` a power cut, at the price of an fsync; ``NORMAL`` the end of the process."""

    FULL = "FULL"
    NORMAL = "NORMAL"


class SqliteFile(ABC):
    """An open file in WAL mode with ``schema`` in it; what is not in a :meth:`_transaction` commits by itself.

    With ``any_thread`` the subclass must see to it that one thread at a time uses the connection.

    Raises:
        Exception: of :meth:`_unusable`, when there can be no such file or it is none of SQLite's.
    """

    def __init__(self, path: Path, schema: str, synchronous: Synchronous, *, any_thread: bool = False) -> None:
        self.path = path
        with self._translated():
            self._db = _connect(path, any_thread=any_thread)
        try:
            with self._translated():
                self._db.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; {schema}")
        except BaseException:
            self._db.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the use of the file."""
        self._db.close()

    @staticmethod
    def damage(path: Path, schema: str) -> str | None:
        """Why the file at ``path`` is no whole one with ``schema`` in it; None when it is, or when there is none."""
        if not path.exists():
            return None
        try:
            with closing(_connect(path, any_thread=False)) as db:
                (found,) = db.execute("PRAGMA quick_check(1)").fetchone()
                return lacks(db, schema) if found == "ok" else f"it is damaged ({found})"
        except sqlite3.OperationalError:
            return None  # locked, or not to be read: that says nothing of what is in it
        except DAMAGED as error:
            return f"it is damaged ({error})"

    @abstractmethod
    def _unusable(self, error: sqlite3.Error) -> Exception:
        """What to raise instead of SQLite's own error."""

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Raises what :meth:`_unusable` makes of SQLite's errors."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        except UnicodeDecodeError as error:
            raise self._unusable(sqlite3.DatabaseError("it holds names that are no text")) from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing."""
        with self._translated():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                # SQLite ends a transaction by itself after some errors (a full disk).
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


def lacks(db: sqlite3.Connection, schema: str) -> str | None:
    """Why the tables of ``schema`` that are there cannot be used; None when they can. Who checks pages reads no names.

    Raises:
        sqlite3.Error: the file cannot be read.
    """
    with closing(sqlite3.connect(":memory:")) as ours:
        ours.executescript(schema)
        for (table,) in ours.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
            there = _columns(db, table)
            if there and (missing := _columns(ours, table) - there):
                return f"it is damaged (table {table} lacks {', '.join(sorted(missing))})"
    return None


def flush(path: Path) -> None:
    """Brings what was committed to the file at ``path`` onto the disk; blocks, in any thread.

    Raises:
        sqlite3.Error: the disk does not take it.
    """
    # A connection of its own: a thread cannot be cancelled, and may outlive every other one.
    with closing(_connect(path, any_thread=False)) as db:
        db.execute(f"PRAGMA synchronous = {Synchronous.NORMAL}")
        # SQLite syncs its log before it moves pages out of it.
        db.execute("PRAGMA wal_checkpoint(PASSIVE)")


def _columns(db: sqlite3.Connection, table: str) -> set[str]:
    return {name for (name,) in db.execute("SELECT name FROM pragma_table_info(?)", (table,))}


def _connect(path: Path, *, any_thread: bool) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, timeout=BUSY_S, check_same_thread=not any_thread)
    # What is no text on a damaged disk is read as one that says so, instead of ending whoever reads the row.
    db.text_factory = lambda text: text.decode(errors="replace")
    return db
