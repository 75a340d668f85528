"""The state directory is made, or it is said who must make it."""

import os
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel, TypeAdapter

from ems.runtime import state_dir
from ems.runtime.settings import SettingsError

NOT_ROOT = pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")


def test_it_is_made_with_all_above_it_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "var" / "lib" / "service"
    assert state_dir.look(path) == f"{path} will be made"
    assert not path.exists(), "looking makes nothing"
    state_dir.prepare(path)
    assert path.stat().st_mode & 0o777 == 0o700
    assert state_dir.look(path) == f"{path} is there"
    state_dir.prepare(path)


@pytest.mark.parametrize("way", [state_dir.look, state_dir.prepare])
def test_what_stands_in_the_way_is_said_with_what_to_do(tmp_path: Path, way: object) -> None:
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "state"
    with pytest.raises(SettingsError, match=rf"cannot be made .*sudo install -d -m 700 -o \w+ {path}"):
        way(path)  # type: ignore[operator]


@NOT_ROOT
@pytest.mark.parametrize("way", [state_dir.look, state_dir.prepare])
def test_a_directory_that_may_not_be_written_is_said(tmp_path: Path, way: object) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(SettingsError, match="cannot be written"):
        way(tmp_path)  # type: ignore[operator]
    with pytest.raises(SettingsError, match="cannot be made"):
        way(tmp_path / "state")  # type: ignore[operator]


class Kept(BaseModel):
    """A file of this version."""

    v: Literal[1] = 1
    reserve_pct: int | None = None
    wishes: list[str] = []


KEPT = TypeAdapter(Kept)


def test_a_file_of_another_version_is_kept_and_told_and_a_second_one_replaces_nothing(tmp_path: Path) -> None:
    path, said = tmp_path / "kept.json", list[str]()
    for content in ('{"v": 2}', '{"v": 3}'):
        path.write_text(content)
        assert state_dir.read_aside(path, KEPT, "all begins anew", said.append) is None
        assert not path.exists()
    assert (
        said[1]
        == "kept.json is not used: it is of another version; it is kept as kept.json.unreadable1, and all begins anew"
    )
    assert [path.with_name(f"kept.json.unreadable{n}").read_text() for n in ("", "1")] == ['{"v": 2}', '{"v": 3}']


def test_a_file_that_is_read_in_part_stays_and_a_copy_of_it(tmp_path: Path) -> None:
    path, said = tmp_path / "kept.json", list[str]()
    path.write_text('{"reserve_pct": 20, "wishes": 7}')
    assert state_dir.read_aside(path, KEPT, "all begins anew", said.append) == Kept(reserve_pct=20)
    assert path.read_text() == path.with_name("kept.json.unreadable").read_text()
    assert said == [
        "of kept.json this version cannot use wishes; a copy is kept as kept.json.unreadable, and they begin anew"
    ]


def test_no_file_is_nothing_to_speak_of(tmp_path: Path) -> None:
    assert state_dir.read_aside(tmp_path / "kept.json", KEPT, "", pytest.fail) is None


def test_where_nothing_can_be_kept_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    path, said = tmp_path / "kept.json", list[str]()
    path.write_text("{")
    monkeypatch.setattr(Path, "replace", read_only)
    assert state_dir.read_aside(path, KEPT, "all begins anew", said.append) is None
    assert said == ["kept.json cannot be read, and a copy of it cannot be kept: Read-only file system"]


@pytest.mark.parametrize("keep", [partial(state_dir.move_aside, anew="y"), state_dir.copy_aside])
def test_what_sqlite_has_only_in_its_log_is_kept_too(tmp_path: Path, keep: Any) -> None:
    path = tmp_path / "kept.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.executescript("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (x)")
        db.execute("INSERT INTO t VALUES (7)")
        keep(path, "x")
        with closing(sqlite3.connect(path.with_name("kept.db.unreadable"))) as aside:
            assert aside.execute("SELECT x FROM t").fetchall() == [(7,)]
