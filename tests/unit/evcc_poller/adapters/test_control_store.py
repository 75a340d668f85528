"""What is on disk: memory that comes back whole, a ring that does not grow, errors that say what to do."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ems.contract.control import Choice, Decision, Owner
from ems.contract.message import Text
from ems.contract.site import BatteryMode, LoadpointMode
from ems.runtime.errors import PermanentError
from evcc_poller.adapters.control_store import RING, ControlStore
from evcc_poller.domain.control.battery.state import BatteryMemory, Lease, UserMode
from evcc_poller.domain.control.loadpoint.state import (
    BoostHold,
    LoadpointMemory,
    LoadpointTarget,
    UserHold,
)

NOW = datetime(2026, 1, 15, 18, tzinfo=UTC)
LATER = NOW + timedelta(hours=6)


def test_a_battery_is_remembered_whole(tmp_path: Path) -> None:
    memory = BatteryMemory(
        choice=Choice.LP,
        owner=Owner.USER,
        since=NOW,
        lease=Lease(BatteryMode.HOLD, NOW, BatteryMode.CHARGE),
        user=UserMode(BatteryMode.HOLD, NOW, LATER),
        touched=True,
    )
    with ControlStore(tmp_path / "control.db") as store:
        store.remember("battery", memory)
    with ControlStore(tmp_path / "control.db") as store:
        assert store.battery() == memory


def test_a_loadpoint_is_remembered_whole(tmp_path: Path) -> None:
    memory = LoadpointMemory(
        choice=Choice.OFF,
        owner=Owner.BOOST,
        since=NOW,
        found=LoadpointTarget(LoadpointMode.PV, 80),
        user=UserHold(LoadpointMode.OFF, NOW, LATER),
        limit_soc_pct=90,
        boost=BoostHold(NOW, LATER),
        modes=(LoadpointMode.PV, LoadpointMode.NOW),
        limits=(80,),
        connected=True,
        plugged_at=NOW,
        left_at=NOW,
    )
    with ControlStore(tmp_path / "control.db") as store:
        store.remember("loadpoint-1", memory)
    with ControlStore(tmp_path / "control.db") as store:
        assert store.loadpoint("loadpoint-1") == memory
        assert store.loadpoint("loadpoint-2") == LoadpointMemory()


def test_the_last_hundred_decisions_are_kept_newest_first(tmp_path: Path) -> None:
    with ControlStore(tmp_path / "control.db") as store:
        for n in range(RING + 30):
            at = NOW + timedelta(seconds=n)
            why = Text(en=str(n), de=str(n))
            store.append(Decision(at=at, device="battery", owner=Owner.PLAN, outcome="accepted", reason=why))
        kept = store.decisions()
    assert [d.reason.en for d in (kept[0], kept[-1])] == [str(RING + 29), "30"]
    assert len(kept) == RING


def test_every_commit_survives_a_power_cut(tmp_path: Path) -> None:
    with ControlStore(tmp_path / "control.db") as store:
        assert store._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert store._db.execute("PRAGMA synchronous").fetchone() == (2,)
        store.remember("battery", BatteryMemory(touched=True))
        other = sqlite3.connect(tmp_path / "control.db")
        assert other.execute("SELECT count(*) FROM device").fetchone() == (1,)
        other.close()


def test_a_file_that_is_none_of_ours_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "control.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(PermanentError, match="made anew"):
        ControlStore(tmp_path / "control.db")


def test_memory_that_cannot_be_read_says_what_to_do(tmp_path: Path) -> None:
    with ControlStore(tmp_path / "control.db") as store:
        store._db.execute("INSERT INTO device VALUES ('battery', '{\"lease\": 7}')")
        with pytest.raises(PermanentError, match="move it away"):
            store.battery()


def test_a_disk_that_takes_nothing_ends_the_service_in_words(tmp_path: Path) -> None:
    with ControlStore(tmp_path / "control.db") as store:
        store._db.execute("PRAGMA query_only = 1")
        with pytest.raises(PermanentError, match="must be a writable file"):
            store.remember("battery", BatteryMemory(touched=True))
        with pytest.raises(PermanentError, match="must be a writable file"):
            store.set_given(())
