"""The commands of docs/deploy-nixos.md for backup and restore, typed on state that is being written to."""

import re
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "deploy-nixos.md"


def command(begins: str, folder: Path) -> str:
    """What a line of the page runs on the machine, there and without systemd."""
    text = PAGE.read_text("utf-8")
    found = re.search(rf"ssh root@\S+ '({re.escape(begins)}.*?)' [<>]", text, re.DOTALL)
    assert found, begins
    here = found[1].replace("/var/lib/private", str(folder))
    return re.sub(r"systemctl (?:stop [^&]*&& |start \S+)", "", here).rstrip(" &")


def run(script: str, given: bytes | None = None) -> bytes:
    done = subprocess.run(["bash", "-ec", script], input=given, capture_output=True, check=False, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="needs the program sqlite3")
def test_what_is_backed_up_while_it_is_written_to_is_there_after_the_restore(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        (folder / "evcc-ems-evcc-poller").mkdir(parents=True)
    (old / "evcc-ems-vehicle-soc").mkdir()
    (old / "evcc-ems-vehicle-soc" / "memory.json").write_text("{}")
    source = sqlite3.connect(old / "evcc-ems-evcc-poller" / "control.db")
    source.execute("pragma journal_mode=wal")
    source.execute("create table device (name text, choice text)")
    source.execute("insert into device values ('battery', 'off')")
    source.commit()
    # What is only in the log of writes yet, and what is being written right now.
    source.execute("insert into device values ('loadpoint-1', 'lp')")
    archive = run(command("cd /var/lib/private && for f in", old))
    source.rollback()
    # The new machine has lived for a while: its own log must not be read into the restored database.
    stale = sqlite3.connect(new / "evcc-ems-evcc-poller" / "control.db")
    stale.execute("pragma journal_mode=wal")
    stale.execute("create table device (name text, choice text)")
    stale.execute("insert into device values ('battery', 'rl')")
    stale.commit()
    for end in ("-wal", "-shm"):
        shutil.copy(new / f"evcc-ems-evcc-poller/control.db{end}", tmp_path)
    stale.close()
    for end in ("-wal", "-shm"):
        shutil.move(tmp_path / f"control.db{end}", new / f"evcc-ems-evcc-poller/control.db{end}")
    run(command("systemctl stop evcc", new), archive)
    restored = sqlite3.connect(new / "evcc-ems-evcc-poller" / "control.db")
    assert restored.execute("select * from device").fetchall() == [("battery", "off")]
    assert (new / "evcc-ems-vehicle-soc" / "memory.json").read_text() == "{}"
    assert not list(new.rglob("*.copy"))
    restored.close()
    source.close()
