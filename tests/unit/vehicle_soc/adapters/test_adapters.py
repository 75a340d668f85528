"""The small adapters: logins on disk, threads, errors of plug-ins."""

import asyncio
import json
import os
import stat
import threading
import time
from pathlib import Path

import pytest

from ems.contract.vehicle import ProblemKind
from ems.runtime.errors import PermanentError, TransientError
from ems.runtime.settings import SettingsError
from vehicle_soc.adapters.provider import problem, provider_kind
from vehicle_soc.adapters.threads import MAX_STUCK, AccountThread, Stuck
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


async def test_a_call_returns_or_raises_what_it_did() -> None:
    thread = AccountThread("t")
    assert await thread.run(lambda: 5, 1) == 5
    with pytest.raises(ZeroDivisionError):
        await thread.run(lambda: 1 // 0, 1)
    with pytest.raises(TimeoutError, match="its own"):
        await thread.run(_times_out, 1)


def _times_out() -> None:
    raise TimeoutError("its own")


async def test_stuck_calls_are_counted_and_end_the_tries_until_one_returns() -> None:
    thread, go = AccountThread("t"), threading.Event()
    for _ in range(MAX_STUCK):
        with pytest.raises(Stuck):
            await thread.run(go.wait, 0.02)
    with pytest.raises(Stuck, match="hang"):
        await thread.run(lambda: 5, 1)
    go.set()
    async with asyncio.timeout(5):
        while thread.stuck:
            await asyncio.to_thread(time.sleep, 0.01)
    assert await thread.run(lambda: 5, 1) == 5


async def test_one_account_makes_one_call_at_a_time() -> None:
    thread, running, most = AccountThread("t"), 0, 0

    def call() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.02)
        running -= 1

    await asyncio.gather(*(thread.run(call, 5) for _ in range(5)))
    assert most == 1


def test_a_plug_in_that_knows_only_the_two_errors_is_understood() -> None:
    assert problem(TransientError("later"))[0] is ProblemKind.TRANSIENT
    kind, text = problem(PermanentError("mend it"))
    assert (kind, text.en, text.de) == (ProblemKind.PERMANENT, "mend it", "mend it")


def test_a_provider_that_is_not_installed_is_told_with_the_nearest_one() -> None:
    with pytest.raises(SettingsError, match="did you mean 'manual'"):
        provider_kind("manuel")
