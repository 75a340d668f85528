"""The demo's settings: options outrank the file, and what is wrong is named."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ems.demo.day import START
from ems.demo.settings import DemoSettings
from ems.runtime.settings import SettingsError


def test_options_outrank_the_file(tmp_path: Path) -> None:
    file = tmp_path / "demo.yaml"
    file.write_text("speed: 10\nhours: 3\n")
    settings = DemoSettings.load(file, speed=20.0, hours=None)
    assert (settings.speed, settings.hours) == (20, 3)


def test_a_goal_in_the_file_is_the_next_time_that_the_clock_shows_it(tmp_path: Path) -> None:
    file = tmp_path / "demo.yaml"
    file.write_text("goals: {limo: {soc_pct: 60, departure: '06:30'}}\n")
    goals = DemoSettings.load(file).evcc_goals
    assert goals["limo"].time == datetime(2024, 6, 3, 4, 30, tzinfo=UTC) > START
    assert goals["limo"].value == 60
    assert goals["mini"].value == 80


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("speed: -1", "speed: input should be greater than 0"),
        ("goals: {limo: {soc_pct: 101, departure: '06:30'}}", "goals.limo.soc_pct: input should be less than or equal"),
        ("[1]", "must be a mapping"),
        ("a: [", "cannot be read as YAML"),
    ],
)
def test_what_is_wrong_in_the_file_is_said(tmp_path: Path, text: str, expected: str) -> None:
    file = tmp_path / "demo.yaml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=r"demo\.yaml") as error:
        DemoSettings.load(file)
    assert expected in str(error.value)
