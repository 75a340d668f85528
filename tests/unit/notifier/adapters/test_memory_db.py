"""The memory on disk: for nobody else, whole, and readable by later versions."""

import asyncio
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ems.contract.message import Text
from ems.contract.people import Option, Question, QuestionKind
from ems.runtime.errors import PermanentError
from notifier.adapters.memory_db import MemoryDb
from notifier.domain.goal_rules import GoalChange, GoalRequest, GoalRequests
from notifier.domain.memory import (
    NOT_TAKEN,
    Delivery,
    GivenOrder,
    Memory,
    Notice,
    OpenOrder,
    Origin,
    Pending,
    Receipt,
    Stage,
)
from notifier.domain.throttle import PastReason
from notifier.domain.wording.news import NEWS, News
from notifier.domain.wording.questions import ASKED, Asked
from support.said import examples

OLD = Path(__file__).parents[3] / "fixtures" / "notifier" / "memory-4c0e48b.sql"
"""What commit 4c0e48b wrote, as ``sqlite3 notifier.db .dump`` shows it."""
NOW = datetime(2026, 11, 18, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_an_older_memory_is_read_whole_and_written_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "notifier.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(OLD.read_text())
    question = Question(
        id="q1",
        vehicle="zoe",
        kind=QuestionKind.DEPARTURE,
        text=Text(en="How full?", de="Wie voll?"),
        options=(Option(key="soc_80", label=Text(en="80 %", de="80 %")),),
        free_text=True,
        asked_at=NOW,
        expires_at=NOW + 8 * HOUR,
    )
    requests = (
        GoalRequest("zoe", "anna", NOW, 80, NOW + 12 * HOUR),
        GoalRequest("ev6", "homeassistant", NOW, 70, None, house=True),
    )
    memory = Memory(
        wishes=GoalRequests(requests, (("zoe", NOW + 37 * HOUR),)),
        pending=(Pending(question, Stage.HOW_FULL, NOW + 12 * HOUR, "ev6", "anna"),),
        deliveries=(
            Delivery("q1", "anna", 101, "Wie voll?"),
            Delivery("q0", "ben", NOT_TAKEN, "When?", "Anna: by Thu", "r1"),
        ),
        notices=(Notice("n1", "ben", NOW, Text(en="It is full", de="Es ist voll"), NOW + 2 * HOUR),),
        receipts=(Receipt("r1", "ben", "ev6"),),
        told=(PastReason("charge:zoe", NOW, NOW + 2 * HOUR, NOW),),
        muted=(("ben", NOW + 3 * HOUR),),
        pressed=("4000",),
        offset=7001,
    )
    with MemoryDb(path) as store:
        assert store.load(pytest.fail) == memory
    with MemoryDb(tmp_path / "new.db") as store:
        store.load(pytest.fail)
        store.save(memory)
    with closing(sqlite3.connect(tmp_path / "new.db")) as new, closing(sqlite3.connect(path)) as old:
        assert saved(new) == saved(old)


def saved(db: sqlite3.Connection) -> Any:
    """What is stored, without what holds nothing: a newer version has more that may be absent."""

    def without_nothing(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: without_nothing(v) for k, v in value.items() if v not in (None, [])}
        return [without_nothing(v) for v in value] if isinstance(value, list) else value

    parts = {part: json.loads(value) for part, value in db.execute("SELECT part, value FROM book")}
    return without_nothing(parts)


def test_orders_that_wait_and_orders_that_were_given_are_kept(tmp_path: Path) -> None:
    origin, goal = Origin(1001, 7), GoalRequest("zoe", "anna", NOW, 80, NOW + 12 * HOUR)
    memory = Memory(
        given=(GivenOrder(origin, "anna", "80 %", None, "q1", GoalChange(goal, (goal,), (("zoe", NOW),)), "zoe"),),
        open_orders=(
            OpenOrder("o1", "anna", origin, NOW, "80 %", "Which car?", "goal", "q1", "group:-100", ("zoe", "ev6")),
        ),
        moved=((-100, -1001),),
        heard_at=NOW,
    )
    with MemoryDb(tmp_path / "notifier.db") as store:
        store.save(memory)
    with MemoryDb(tmp_path / "notifier.db") as store:
        assert store.load(pytest.fail) == memory


def test_a_damaged_memory_is_set_aside_with_a_word(tmp_path: Path) -> None:
    path, said = tmp_path / "notifier.db", list[str]()
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(PermanentError, match="move the file away"):
        MemoryDb(path)
    with MemoryDb.open(path, said.append) as store:
        assert store.load(pytest.fail) == Memory()
    assert "it is kept as notifier.db.unreadable, and goals" in said[0]
    assert path.with_name("notifier.db.unreadable").read_bytes() == b"this is no database" * 100


def test_what_a_newer_version_says_of_one_goal_costs_no_other_goal(tmp_path: Path) -> None:
    """A downgrade: what this version knows is read, the rest is kept beside and told."""
    path, said = tmp_path / "notifier.db", list[str]()
    goals = GoalRequests(tuple(GoalRequest(car, "anna", NOW, 80, NOW + HOUR) for car in ("zoe", "ev6")))
    memory = Memory(wishes=goals, muted=(("ben", NOW),), offset=7)
    with MemoryDb(path) as store:
        store.save(memory)
        (text,) = store._db.execute("SELECT value FROM book WHERE part = 'wishes'").fetchone()
        wishes = json.loads(text)
        wishes["wishes"][0]["soc_pct"] = {"at_least": 70}
        store._db.execute("UPDATE book SET value = ? WHERE part = 'wishes'", (json.dumps(wishes),))
        store._db.execute("UPDATE book SET value = 'newer {' WHERE part = 'muted'")
        store._db.execute("INSERT INTO book VALUES ('invented later', '[1]')")
    with MemoryDb.open(path, pytest.fail) as store:
        found = store.load(said.append)
        assert found == replace(memory, wishes=GoalRequests(goals.wishes[1:]), muted=())
        store.save(replace(found, offset=8))
        rows = dict(store._db.execute("SELECT part, value FROM book"))
    assert rows["invented later"] == "[1]"
    assert "cannot use muted, wishes wishes 0" in said[0]
    with closing(sqlite3.connect(path.with_name("notifier.db.unreadable"))) as aside:
        assert dict(aside.execute("SELECT part, value FROM book"))["muted"] == "newer {"


def test_the_memory_is_for_nobody_else(tmp_path: Path) -> None:
    with MemoryDb(tmp_path / "notifier.db"):
        assert (tmp_path / "notifier.db").stat().st_mode & 0o077 == 0


async def test_who_is_ended_while_the_disk_works_ends_in_order_and_keeps_what_was_saved(tmp_path: Path) -> None:
    for offset in range(1, 40):
        with MemoryDb(tmp_path / "notifier.db") as store:
            store.save(replace(store.load(pytest.fail), offset=offset))
            waiting = asyncio.create_task(store.durable())
            await asyncio.sleep(0)
            waiting.cancel()
    with MemoryDb(tmp_path / "notifier.db") as store:
        assert store.load(pytest.fail).offset == 39


@pytest.mark.parametrize("asks", [asks for cls in ASKED for asks in examples(cls)], ids=lambda asks: asks.kind)
def test_what_a_question_asks_survives_a_restart(tmp_path: Path, asks: Asked) -> None:
    words = Text(en="?", de="?")
    question = Question(
        id="q", vehicle="zoe", kind=QuestionKind.CHARGE, text=words, options=(), asked_at=NOW, expires_at=NOW + HOUR
    )
    memory = Memory(pending=(Pending(question, asks=asks),))
    with MemoryDb(tmp_path / "notifier.db") as db:
        db.save(memory)
    with MemoryDb(tmp_path / "notifier.db") as db:
        assert db.load(pytest.fail) == memory


@pytest.mark.parametrize("news", [news for cls in NEWS for news in examples(cls)], ids=lambda news: news.kind)
def test_news_that_waits_survives_a_restart(tmp_path: Path, news: News) -> None:
    memory = Memory(notices=(Notice("n", "anna", NOW, Text(en="!", de="!"), news=news),))
    with MemoryDb(tmp_path / "notifier.db") as db:
        db.save(memory)
    with MemoryDb(tmp_path / "notifier.db") as db:
        assert db.load(pytest.fail) == memory
