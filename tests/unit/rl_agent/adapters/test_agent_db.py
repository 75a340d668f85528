"""What the judge must not forget."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ems.contract.control import Choice
from rl_agent.adapters.agent_db import FILE, AgentDb, DeviceControl
from rl_agent.domain.judge.gate import JudgedDay
from rl_agent.domain.judge.lives import Stored
from rl_agent.domain.learner import Trained
from rl_agent.domain.night import ComparedDay, KeptTraining, NightResult, PolicyCosts

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
DAY = date(2026, 3, 1)


def compared(day: date = DAY) -> ComparedDay:
    judged = JudgedDay(day, 12, 0.25, plan_kw2=3.5, learner_kw2=2.5, samples=96)
    return ComparedDay(
        "battery", "apprentice", PolicyCosts(2, 9, 0), PolicyCosts(1.5, 8, 1), PolicyCosts(1.25, 8, 1), judged
    )


def night() -> NightResult:
    trained = KeptTraining(Trained("apprentice"), 4, NOW, NOW)
    return NightResult((compared(),), {"plan": Stored(4.5)}, DAY, {"apprentice": trained})


def test_what_a_night_brought_is_there_again(tmp_path: Path) -> None:
    said: list[str] = []
    with AgentDb.open(tmp_path, said.append) as db:
        db.add(night())
        db.set_control("battery", DeviceControl(Choice.AUTO, Choice.LP, NOW))
        db.miss_goal("loadpoint-1", DAY)
        db.miss_goal("loadpoint-1", DAY)
    with AgentDb.open(tmp_path, said.append) as db:
        assert db.days("battery", "apprentice") == (compared(),)
        assert db.days("battery", "tabular") == ()
        assert db.stored() == {"plan": Stored(4.5)}
        assert db.judged_until() == DAY
        assert db.control("battery") == DeviceControl(Choice.AUTO, Choice.LP, NOW)
        assert db.control("loadpoint-1") is None
        assert db.missed_goals("loadpoint-1") == {DAY}
    assert said == []


def ruined(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[: len(content) // 2] = b"x" * (len(content) // 2)
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def older(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 0")
    db.close()


def newer(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 2")
    db.close()


def someone_elses(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE device_control (device TEXT)")
    db.close()


def odd(change: str) -> Callable[[Path], None]:
    def harm(path: Path) -> None:
        with sqlite3.connect(path) as db:
            assert db.execute(change).rowcount
        db.close()

    return harm


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (ruined, "damaged"),
        (cut, "damaged"),
        (older, "version 0"),
        (newer, "version 2, and this rl-agent reads version 1"),
        (someone_elses, "no file of rl-agent's"),
        (odd("UPDATE comparison SET entry = '{}'"), "a compared day cannot be read"),
        (odd("UPDATE stored SET entry = '[]'"), "what a house had left cannot be read"),
        (odd("UPDATE judged SET until = 'yesterday'"), "the last judged day cannot be read"),
        (odd("UPDATE missed_goal SET day = ''"), "the day of a missed goal cannot be read"),
        (odd("UPDATE device_control SET choice = 'lq'"), "who may steer cannot be read"),
        (odd("UPDATE device_control SET controller = 'lq'"), "who steers cannot be read"),
        (odd("UPDATE device_control SET since = '8'"), "since when somebody steers cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_set_aside_with_a_word(tmp_path: Path, harm: object, words: str) -> None:
    said: list[str] = []
    with AgentDb.open(tmp_path, said.append) as db:
        db.add(night())
        db.miss_goal("battery", DAY)
        db.set_control("battery", DeviceControl(Choice.AUTO, Choice.LP, NOW))
    harm(tmp_path / FILE)  # type: ignore[operator]  # each is one of the functions above
    before = (tmp_path / FILE).read_bytes()
    with AgentDb.open(tmp_path, said.append) as db:
        assert db.days("battery", "apprentice") == ()
        db.add(night())
    assert len(said) == 1
    assert words in said[0]
    assert (tmp_path / f"{FILE}.unreadable").read_bytes() == before


def test_a_second_file_that_cannot_be_used_does_not_replace_the_first(tmp_path: Path) -> None:
    for content in (b"one" * 500, b"two" * 500):
        (tmp_path / FILE).write_bytes(content)
        AgentDb.open(tmp_path, lambda _: None).close()
    assert (tmp_path / f"{FILE}.unreadable").read_bytes().startswith(b"one")
    assert (tmp_path / f"{FILE}.unreadable1").read_bytes().startswith(b"two")
