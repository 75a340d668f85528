"""A SQLite file: opened the same way everywhere, whole transactions, its errors in the words of whoever owns it."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import override

import pytest

from ems.runtime.sqlite import SqliteFile, Synchronous, flush

SCHEMA = "CREATE TABLE IF NOT EXISTS number (n INTEGER) STRICT"


class Unusable(Exception):
    pass


class Numbers(SqliteFile):
    def __init__(self, path: Path, synchronous: Synchronous = Synchronous.FULL, *, any_thread: bool = False) -> None:
        super().__init__(path, SCHEMA, synchronous, any_thread=any_thread)

    def all(self) -> list[int]:
        return [n for (n,) in self._db.execute("SELECT n FROM number ORDER BY n")]

    def add(self, *numbers: object) -> None:
        with self._transaction():
            for n in numbers:
                self._db.execute("INSERT INTO number VALUES (?)", (n,))

    def pragma(self, name: str) -> object:
        return self._db.execute(f"PRAGMA {name}").fetchone()[0]

    @override
    def _unusable(self, error: sqlite3.Error) -> Unusable:
        return Unusable(f"{self.path.name}: {error}")


@pytest.mark.parametrize(("synchronous", "number"), [(Synchronous.NORMAL, 1), (Synchronous.FULL, 2)])
def test_a_file_has_a_log_and_the_asked_for_patience_with_the_disk(
    tmp_path: Path, synchronous: Synchronous, number: int
) -> None:
    with Numbers(tmp_path / "n.db", synchronous) as numbers:
        assert (numbers.pragma("journal_mode"), numbers.pragma("synchronous")) == ("wal", number)


def test_what_was_written_is_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    with Numbers(tmp_path / "n.db") as numbers:
        numbers.add(1, 2)
    with Numbers(tmp_path / "n.db") as numbers:
        assert numbers.all() == [1, 2]


def test_a_transaction_is_whole_or_nothing(tmp_path: Path) -> None:
    with Numbers(tmp_path / "n.db") as numbers:
        with pytest.raises(Unusable, match="cannot store TEXT"):
            numbers.add(1, "two")
        assert numbers.all() == []
        numbers.add(3)
        assert numbers.all() == [3]


@pytest.mark.parametrize("path", ["n.db", "gone/n.db"])
def test_what_cannot_be_opened_is_said_in_the_owners_words(tmp_path: Path, path: str) -> None:
    (tmp_path / "n.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(Unusable, match=r"n\.db: "):
        Numbers(tmp_path / path)


def test_another_thread_may_use_it_only_when_that_was_asked_for(tmp_path: Path) -> None:
    for any_thread in (False, True):
        with Numbers(tmp_path / "n.db", any_thread=any_thread) as numbers:
            worked: list[bool] = []

            def use(numbers: Numbers = numbers, worked: list[bool] = worked) -> None:
                try:
                    numbers.add(1)
                except Unusable:
                    worked.append(False)
                else:
                    worked.append(True)

            thread = threading.Thread(target=use)
            thread.start()
            thread.join()
            assert worked == [any_thread]


def test_flushing_empties_the_log_into_the_file_while_it_is_in_use(tmp_path: Path) -> None:
    path = tmp_path / "n.db"
    with Numbers(path, Synchronous.NORMAL) as numbers:
        numbers.add(7)
        flush(path)
        (tmp_path / "copy.db").write_bytes(path.read_bytes())
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT n FROM number").fetchall() == [(7,)]


def changed(path: Path, old: bytes, new: bytes) -> Path:
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))
    return path


def test_a_whole_file_has_no_damage_nor_has_one_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "n.db"
    assert Numbers.damage(path, SCHEMA) is None
    with Numbers(path) as numbers:
        numbers.add(1)
        numbers._db.execute("ALTER TABLE number ADD COLUMN newer TEXT")
    assert Numbers.damage(path, SCHEMA) is None


@pytest.mark.parametrize(("at", "words"), [(18, "does not write"), (19, "does not write"), (47, "unsupported file")])
def test_a_format_that_sqlite_does_not_know_is_damage(tmp_path: Path, at: int, words: str) -> None:
    path = tmp_path / "n.db"
    Numbers(path).close()
    content = bytearray(path.read_bytes())
    content[at] = 5
    path.write_bytes(content)
    assert words in (Numbers.damage(path, SCHEMA) or "")


def test_a_column_whose_name_a_disk_has_changed_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "n.db"
    Numbers(path).close()
    assert "table number lacks n" in (Numbers.damage(changed(path, b"(n INT", b"(o INT"), SCHEMA) or "")


def test_a_table_whose_name_a_disk_has_changed_is_damage_and_no_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "n.db"
    with Numbers(path) as numbers:
        numbers.add(7)
    assert "table number is called numbes" in (Numbers.damage(changed(path, b"number", b"numbes"), SCHEMA) or "")


def test_a_table_that_an_older_version_did_not_make_and_one_of_a_newer_version_are_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "n.db"
    with Numbers(path) as numbers:
        numbers._db.execute("CREATE TABLE newer (other INT) STRICT")
    later = f"{SCHEMA}; CREATE TABLE IF NOT EXISTS later (m INT) STRICT"
    assert Numbers.damage(path, later) is None
    assert "table later is called newer" in (Numbers.damage(changed(path, b"other", b"m    "), later) or "")


def test_a_lock_or_a_directory_in_its_place_says_nothing_of_what_is_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "n.db").mkdir()
    assert Numbers.damage(tmp_path / "n.db", SCHEMA) is None
