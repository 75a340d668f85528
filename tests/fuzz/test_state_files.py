"""State files, wrong in every way: a service starts with what can be read, and nothing that cannot is lost."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from ems.contract.control import Choice
from ems.runtime.errors import TransientError
from evcc_poller.adapters.control_store import ControlStore
from evcc_poller.adapters.history_db import HistoryDb
from fuzz.test_documents import TESTS, fuzzed
from notifier.adapters.memory_db import MemoryDb
from rl_agent.adapters.agent_db import AgentDb, DeviceControl
from rl_agent.adapters.model_files import ModelFiles
from rl_agent.domain.learner import Trained
from rl_agent.domain.night import KeptTraining
from support.mutations import mutated
from tariff_planner.adapters import planning_file, savings_file, stays_file
from tariff_planner.domain.inputs.late_goals import Stay
from vehicle_soc.adapters.memory_file import MemoryFile

NOW = datetime(2026, 11, 18, 18, tzinfo=UTC)
FIXTURES = TESTS / "fixtures"


def rows(dump: str, table: str, column: int) -> dict[str, Any]:
    """The documents in a table of an SQLite dump, by their keys."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript((FIXTURES / dump).read_text(encoding="utf-8"))
        return {str(row[0]): json.loads(row[column]) for row in db.execute(f"SELECT * FROM {table}")}


PLANNING = json.loads((FIXTURES / "state-4c0e48b/planning.json").read_text()) | {
    "wishes": [{"id": "w", "kind": "hold_battery", "start": "2026-11-18T18:00:00Z", "asked_at": "2026-11-18T18:00:00Z"}]
}
STAYS = {"v": 1, "stays": {"1": TypeAdapter(Stay).dump_python(Stay("zoe", NOW), mode="json")}}
VEHICLES = json.loads((FIXTURES / "vehicles/memory-4c0e48b.json").read_text(encoding="utf-8"))
SAVINGS = {"days": [], "sessions": [], "batteries": [], "began": "2026-11-18"}
FILES: dict[str, tuple[Any, Callable[[Path, Callable[[str], object]], Any], Callable[[Path, Any], object]]] = {
    "planning.json": (PLANNING, planning_file.load, lambda d, found: planning_file.save(d, found) if found else None),
    "stays.json": (STAYS, stays_file.load, stays_file.save),
    "savings.json": (SAVINGS, savings_file.load, savings_file.save),
    "memory-c064fbca9d9de8dd.json": (
        VEHICLES,
        lambda folder, said: MemoryFile(folder).load(said),
        lambda folder, memory: MemoryFile(folder).save(memory),
    ),
}
"""By name: what stands in it, how it is read, and how it is written again."""


@contextmanager
def fresh() -> Iterator[Path]:
    """A new directory, in memory where that can be had: a disk that is waited for finds nothing more."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


@pytest.mark.parametrize("name", FILES)
@fuzzed
@given(data=st.data())
def test_a_json_file_is_read_as_far_as_it_goes_and_kept_where_it_is_not(name: str, data: st.DataObject) -> None:
    original, load, save = FILES[name]
    text = json.dumps(data.draw(mutated((original,)))).encode()
    cut = data.draw(st.one_of(st.just(len(text)), st.integers(0, len(text))))
    said: list[str] = []
    with fresh() as folder:
        (folder / name).write_bytes(written := text[:cut])
        found = load(folder, said.append)
        assert [path.read_bytes() for path in folder.glob("*.unreadable")] == [written] * len(said)
        save(folder, found)
        assert load(folder, pytest.fail) == found


DEVICES = rows("state-4c0e48b/control.sql", "device", 1)
GOALS = rows("state-4c0e48b/control.sql", "goal", 1)
GIVEN = rows("state-4c0e48b/control.sql", "given_plan", 1)


@fuzzed
@given(devices=mutated((DEVICES,)), goals=mutated((GOALS,)), given_plans=mutated((GIVEN,)))
def test_a_gateways_memory_is_read_row_by_row(devices: Any, goals: Any, given_plans: Any) -> None:
    with fresh() as folder:
        path, said = folder / "control.db", list[str]()
        with ControlStore(path) as store:
            for table, documents in (("device", devices), ("goal", goals), ("given_plan", given_plans)):
                for key, document in documents.items() if isinstance(documents, dict) else ():
                    store._db.execute(f"INSERT INTO {table} VALUES (?, ?)", (ascii(key), json.dumps(document)))
                    if key in DEVICES:
                        store._db.execute(f"UPDATE {table} SET name = ? WHERE name = ?", (key, ascii(key)))
        with ControlStore.open(path, said.append) as store:
            (
                store.battery(),
                store.loadpoint("loadpoint-1"),
                store.goals(),
                store.given(),
                store.cleared(),
                store.decisions(),
            )
        assert len(said) == len(list(path.parent.glob("*.unreadable"))) <= 1
        ControlStore.open(path, pytest.fail).close()


BOOK = rows("notifier/memory-4c0e48b.sql", "book", 1)


@fuzzed
@given(book=mutated((BOOK,)))
def test_drivers_goals_and_questions_are_read_part_by_part(book: Any) -> None:
    with fresh() as folder:
        path, said = folder / "notifier.db", list[str]()
        with MemoryDb(path) as store:
            for part, value in book.items() if isinstance(book, dict) else ():
                store._db.execute(
                    "INSERT OR REPLACE INTO book VALUES (?, ?)", (ascii(part).strip("'"), json.dumps(value))
                )
        with MemoryDb.open(path, pytest.fail) as store:
            found = store.load(said.append)
            store.save(found)
        assert len(said) == len(list(path.parent.glob("*.unreadable"))) <= 1
        with MemoryDb.open(path, pytest.fail) as store:
            assert store.load(lambda _: None) == found


@cache
def whole(name: str) -> bytes:
    """A file as its service leaves it when it ends."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        match name:
            case "learner.db":
                with AgentDb.open(path.parent, pytest.fail) as agent:
                    agent.set_control("battery", DeviceControl(Choice.AUTO, Choice.LP, NOW))
            case "learnt/tabular.learnt":
                ModelFiles(Path(folder)).save(KeptTraining(Trained("tabular", {}, {"episodes": 40}), 7, NOW, NOW))
            case _:
                dump = {"control.db": "state-4c0e48b/control.sql", "history.db": "state-4c0e48b/history.sql"}
                with closing(sqlite3.connect(path)) as db:
                    db.execute("PRAGMA journal_mode = WAL")  # as its service has it: its head would change otherwise
                    db.executescript((FIXTURES / dump.get(name, "notifier/memory-4c0e48b.sql")).read_text())
                    db.execute("PRAGMA journal_mode = WAL")
        return path.read_bytes()


def _use(name: str, folder: Path, said: Callable[[str], object]) -> None:
    """Everything that a service reads at its start, and a write."""
    match name:
        case "control.db":
            with ControlStore.open(folder / name, said) as store:
                store.remember("battery", store.battery())
                store.loadpoint("loadpoint-1"), store.goals(), store.given(), store.cleared(), store.decisions()
        case "history.db":
            with HistoryDb.open(folder / name, said) as db:
                db.rows(NOW, datetime(2027, 1, 1, tzinfo=UTC), 100)
                db.open_slot(), db.counters(), db.backfilled()
                db.note_backfilled(NOW)
        case "notifier.db":
            with MemoryDb.open(folder / name, said) as memory:
                memory.save(memory.load(said))
        case "learner.db":
            with AgentDb.open(folder, said) as agent:
                agent.control("battery"), agent.stored(), agent.judged_until(), agent.days("battery", "tabular")
                agent.set_control("battery", DeviceControl(Choice.AUTO, Choice.LP, NOW))
        case _:
            ModelFiles(folder, said).load("tabular")


@pytest.mark.parametrize("name", ["control.db", "history.db", "notifier.db", "learner.db", "learnt/tabular.learnt"])
@fuzzed
@given(data=st.data())
def test_a_torn_file_is_used_or_kept_beside(name: str, data: st.DataObject) -> None:
    """As a disk may leave it: cut off, with holes, or with another file's pages."""
    content, said = bytearray(whole(name)), list[str]()
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content)))
        match data.draw(st.sampled_from(("cut", "hole", "noise", "bit"))):
            case "cut":
                del content[at:]
            case "hole":
                content[at : at + 512] = bytes(len(content[at : at + 512]))
            case "noise":
                noise = data.draw(st.binary(min_size=1, max_size=64))
                content[at : at + len(noise)] = noise
            case _ if at < len(content):
                content[at] ^= 1 << data.draw(st.integers(0, 7))
            case _:
                pass
    with fresh() as folder:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        try:
            _use(name, folder, said.append)
        except TransientError as why:
            assert name == "history.db"
            assert str(path) in str(why)  # noqa: PT017
        kept = [aside.read_bytes() for aside in path.parent.glob("*.unreadable")]
        assert len(kept) == len(said)
        assert all(one == content for one in kept)
