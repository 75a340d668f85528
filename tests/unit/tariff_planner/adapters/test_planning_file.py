"""What people set for the planner, over versions."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ems.contract.plan import BatteryGoal, Planning
from tariff_planner.adapters import planning_file, stays_file
from tariff_planner.domain.inputs.late_goals import Stays

OLD = Path(__file__).parents[3] / "fixtures" / "state-4c0e48b" / "planning.json"
NOW = datetime(2026, 11, 18, 18, tzinfo=UTC)


def test_what_an_older_version_left_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "planning.json").write_bytes(OLD.read_bytes())
    goal = BatteryGoal(soc_pct=90, by=NOW + timedelta(hours=1))
    expected = Planning(at=NOW, enabled=True, reserve_soc_pct=25, battery_goal=goal)
    assert planning_file.load(tmp_path, pytest.fail) == expected


def test_a_wish_of_a_newer_version_costs_itself_and_nothing_else(tmp_path: Path) -> None:
    said: list[str] = []
    newer = (
        b'{"v": 1, "at": "2026-11-18T18:00:00Z", "enabled": false, "reserve_soc_pct": 30, "invented": 1, '
        b'"wishes": [{"id": "w", "kind": "sell_all"}]}'
    )
    (tmp_path / "planning.json").write_bytes(newer)
    found = planning_file.load(tmp_path, said.append)
    assert found == Planning(at=NOW, enabled=False, reserve_soc_pct=30)
    planning_file.save(tmp_path, found)
    assert "cannot use wishes 0; a copy is kept as planning.json.unreadable" in said[0]
    assert (tmp_path / "planning.json.unreadable").read_bytes() == newer


def test_a_file_of_another_version_is_set_aside_with_a_word(tmp_path: Path) -> None:
    said: list[str] = []
    (tmp_path / "planning.json").write_text('{"v": 2}')
    (tmp_path / "stays.json").write_text('{"v": 2, "stays": {}}')
    assert planning_file.load(tmp_path, said.append) is None
    assert stays_file.load(tmp_path, said.append) == Stays()
    assert ["another version" in words for words in said] == [True, True]
    assert len(list(tmp_path.glob("*.unreadable"))) == 2
