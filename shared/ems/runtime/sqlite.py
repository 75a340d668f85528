"""One SQLite file with one writer: how it is opened, closed and written, and in which words its errors reach people."""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Self

BUSY_S = 5.0
"""Longest wait for somebody else's lock on the file, in real seconds."""

_HEAD = 100
"""Bytes at a file's begin."""
_FORMATS = slice(18, 20)
"""Where they say what it takes to write the file, and to read it."""
_NEWEST = 2
"""Format that SQLite writes: with a log. A file of a later one it opens, and only reads."""

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
        """Why the file at ``path`` is no whole one with ``schema``; None when it is, or when there is none."""
        return fault(path, lambda db: damage(db, schema))

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


def fault(path: Path, look: Callable[[sqlite3.Connection], str | None]) -> str | None:
    """Why the file at ``path`` cannot be used, by what ``look`` finds in it; None when it can, or there is none."""
    if not path.exists():
        return None
    try:
        if (why := _unwritten_format(path)) is not None:
            return why
        with closing(_connect(path, any_thread=False)) as db:
            return look(db)
    except DAMAGED as error:
        # Locked, or not to be read, says nothing of what is in it.
        of_disk = isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode != sqlite3.SQLITE_ERROR
        return None if of_disk else f"it is damaged ({error})"


def _unwritten_format(path: Path) -> str | None:
    """Why SQLite would only read the file at ``path``; None where it writes it, or nothing can be seen of it."""
    try:
        # Before any other use of the file: closing it here would drop the locks of a connection.
        with path.open("rb") as file:
            formats = file.read(_HEAD)[_FORMATS]
    except OSError:
        return None
    return "it is damaged (it is of a format that SQLite does not write)" if max(formats, default=0) > _NEWEST else None


def damage(db: sqlite3.Connection, schema: str) -> str | None:
    """What is not whole in ``db``, or lacks in its tables that ``schema`` has; what it has beyond that is no damage.

    Raises:
        Exception: one of ``DAMAGED``, where SQLite cannot even look.
    """
    (found,) = db.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        return f"it is damaged ({found})"
    with closing(sqlite3.connect(":memory:")) as asked:
        asked.executescript(schema)
        strangers = {frozenset(_columns(db, table)): table for table in _tables(db) - _tables(asked)}
        for table in sorted(_tables(asked)):
            wanted, there = _columns(asked, table), _columns(db, table)
            if there and (lacking := wanted - there):
                return f"it is damaged (table {table} lacks {', '.join(sorted(lacking))})"
            # An older version may not have made it yet; but under another name it is no older one's.
            if not there and (name := strangers.get(frozenset(wanted))) is not None:
                return f"it is damaged (table {table} is called {name})"
    return None


def _tables(db: sqlite3.Connection) -> set[str]:
    # SQLite's names are the same in capitals and without.
    return {name.lower() for (name,) in db.execute("SELECT name FROM pragma_table_list WHERE type = 'table'")}


def _columns(db: sqlite3.Connection, table: str) -> set[str]:
    return {name for (name,) in db.execute("SELECT name FROM pragma_table_info(?)", (table,))}


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


def _connect(path: Path, *, any_thread: bool) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, timeout=BUSY_S, check_same_thread=not any_thread)
    # What is no text on a damaged disk is read as one that says so, instead of ending whoever reads the row.
    db.text_factory = lambda text: text.decode(errors="replace")
    return db
