"""What is on disk: memory that comes back whole, a ring that does not grow, errors that say what to do."""

import sqlite3
from contextlib import closing
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
from evcc_poller.domain.control.plan_handover import HandedOverPlan
from evcc_poller.domain.control.price_limits import ClearedLimit

OLD = Path(__file__).parents[3] / "fixtures" / "state-4c0e48b"
OLD_NOW = datetime(2026, 11, 18, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)
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
        vehicle="limo",
        session_kwh=3.5,
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


def test_what_an_older_version_left_is_read_whole(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "control.db")) as db:
        db.executescript((OLD / "control.sql").read_text())
    with ControlStore.open(tmp_path / "control.db", pytest.fail) as store:
        assert store.battery() == BatteryMemory(
            Choice.LP,
            Owner.USER,
            OLD_NOW,
            Lease(BatteryMode.HOLD, OLD_NOW, BatteryMode.CHARGE),
            UserMode(BatteryMode.HOLD, OLD_NOW, OLD_NOW + 6 * HOUR),
            touched=True,
        )
        assert store.loadpoint("loadpoint-1") == LoadpointMemory(
            Choice.OFF,
            Owner.BOOST,
            OLD_NOW,
            LoadpointTarget(LoadpointMode.PV, 80),
            user=UserHold(LoadpointMode.OFF, OLD_NOW, OLD_NOW + 6 * HOUR),
            limit_soc_pct=90,
            boost=BoostHold(OLD_NOW, OLD_NOW + HOUR),
            modes=(LoadpointMode.PV, LoadpointMode.NOW),
            limits=(80,),
            connected=True,
        )
        assert store.goals()["zoe"].soc_pct == 80
        assert store.given() == {"zoe": HandedOverPlan("zoe", 80, OLD_NOW + 12 * HOUR, (None, OLD_NOW))}
        assert store.cleared() == (ClearedLimit(None, 0.1), ClearedLimit(2, 0.2))
        assert [d.outcome for d in store.decisions()] == ["accepted"]


def test_a_file_that_is_damaged_is_set_aside_and_control_goes_on(tmp_path: Path) -> None:
    path, said = tmp_path / "control.db", list[str]()
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(PermanentError, match="made anew"):
        ControlStore(path)
    with ControlStore.open(path, said.append) as store:
        assert store.battery() == BatteryMemory()
    assert "is kept as control.db.unreadable" in said[0]
    assert path.with_name("control.db.unreadable").read_bytes() == b"not a database at all" * 100


def test_a_file_in_which_a_columns_name_is_torn_is_set_aside(tmp_path: Path) -> None:
    """A single bit of the disk; SQLite takes the file for a whole one."""
    path, said = tmp_path / "control.db", list[str]()
    with ControlStore(path) as store:
        store._db.execute("ALTER TABLE device RENAME COLUMN memory TO mdmory")
    with ControlStore.open(path, said.append) as store:
        assert store.battery() == BatteryMemory()
    assert "table device lacks memory" in said[0]


def test_a_file_with_torn_pages_is_set_aside(tmp_path: Path) -> None:
    path, said = tmp_path / "control.db", list[str]()
    with ControlStore(path) as store:
        for n in range(RING):
            why = Text(en=str(n), de="x" * 200)
            store.append(Decision(at=NOW, device="battery", owner=Owner.PLAN, outcome="accepted", reason=why))
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * 8192 + content[12288:])
    with ControlStore.open(path, said.append) as store:
        store.remember("battery", BatteryMemory(touched=True))
    assert "damaged" in said[0]


def test_what_a_newer_version_says_costs_itself_and_nothing_else(tmp_path: Path) -> None:
    """A downgrade: above all, what evcc may hold for us and who decides are not forgotten."""
    path, said = tmp_path / "control.db", list[str]()
    lease = Lease(BatteryMode.CHARGE, NOW)
    with ControlStore(path) as store:
        store.remember("battery", BatteryMemory(owner=Owner.PLAN, lease=lease, touched=True))
        store.remember("loadpoint-1", LoadpointMemory(choice=Choice.OFF, limit_soc_pct=90))
        store.set_given([HandedOverPlan("zoe", 80, NOW), HandedOverPlan("ev6", 80, NOW)])
        for change in (
            "device SET memory = json_set(memory, '$.choice', 'oracle', '$.invented', 1) WHERE name = 'battery'",
            "device SET memory = json_set(memory, '$.boost', 'for ever') WHERE name = 'loadpoint-1'",
            "given_plan SET plan = json_set(plan, '$.soc_pct', 'full') WHERE vehicle = 'zoe'",
        ):
            store._db.execute(f"UPDATE {change}")
    before = path.read_bytes()
    with ControlStore.open(path, said.append) as store:
        assert store.battery() == BatteryMemory(owner=Owner.PLAN, lease=lease, touched=True)
        assert store.loadpoint("loadpoint-1") == LoadpointMemory(choice=Choice.OFF, limit_soc_pct=90)
        assert set(store.given()) == {"ev6"}
    (words,) = said
    assert "cannot use device battery: choice, device loadpoint-1: boost, given_plan zoe; a copy" in words
    assert path.with_name("control.db.unreadable").read_bytes() == before
    ControlStore.open(path, pytest.fail).close()


def test_a_disk_that_takes_nothing_ends_the_service_in_words(tmp_path: Path) -> None:
    with ControlStore(tmp_path / "control.db") as store:
        store._db.execute("PRAGMA query_only = 1")
        with pytest.raises(PermanentError, match="must be a writable file"):
            store.remember("battery", BatteryMemory(touched=True))
        with pytest.raises(PermanentError, match="must be a writable file"):
            store.set_given(())
