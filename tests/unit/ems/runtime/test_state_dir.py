"""The state directory is made, or it is said who must make it."""

import os
from pathlib import Path

import pytest

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
