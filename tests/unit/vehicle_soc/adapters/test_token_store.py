"""Logins on disk."""

import json
import os
import stat
from pathlib import Path

import pytest

from ems.runtime.errors import PermanentError
from vehicle_soc.adapters.token_store import TokenStore


def test_a_login_is_kept_whole_or_not_at_all(tmp_path: Path) -> None:
    store = TokenStore(tmp_path / "logins")
    store.save("renault:me", {"n": 1})
    store.save("renault:me", {"n": 2})
    assert store.load("renault:me") == {"n": 2}
    (file,) = (tmp_path / "logins").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "logins").stat().st_mode) == 0o700
    assert "me" not in file.name.removeprefix("renault-")


def test_a_login_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    store = TokenStore(tmp_path)
    store.save("a", {"n": 1})
    with pytest.raises(TypeError):
        store.save("a", {"n": object()})
    assert store.load("a") == {"n": 1}
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(PermanentError, match="cannot be kept"):
        TokenStore(tmp_path).save("a", {})


@pytest.mark.parametrize("content", ["", "{", "[]", "5", json.dumps("x")])
def test_a_kept_login_that_is_broken_is_none(tmp_path: Path, content: str) -> None:
    store = TokenStore(tmp_path)
    store.path("a").write_text(content)
    assert store.load("a") == {}
    assert store.changed_at("a") is not None
    store.forget("a")
    assert store.changed_at("a") is None
