"""The ems command's settings and small subcommands."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ems.demo.__main__ import main
from ems.demo.day import START
from ems.demo.pace import Pace
from ems.demo.settings import DemoSettings
from ems.demo.watch import mqtt_settings
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


def test_at_real_speed_nothing_is_stretched_and_at_high_speed_real_delays_are_allowed_for() -> None:
    real, fast = Pace(1), Pace(288)
    assert (real.lease_s, real.stale_s, real.planner_stale_s) == (60, 60, 120)
    assert fast.lease_s == 576
    assert fast.lease_s > 30 + fast.stale_s, "a refresh may come as late as a poll"


def test_watch_takes_the_broker_from_any_services_settings(tmp_path: Path) -> None:
    file = tmp_path / "evcc-poller.yaml"
    file.write_text("mqtt: {host: broker, port: 8883, tls: true}\npoll_interval_s: 10\n")
    assert mqtt_settings(file, None, None).host == "broker"
    assert mqtt_settings(file, "other", None).port == 8883
    assert mqtt_settings(None, None, None).host == "localhost"
    file.write_text("mqtt: {hst: broker}\n")
    with pytest.raises(SettingsError, match="hst: unknown"):
        mqtt_settings(file, None, None)


def test_check_asks_every_installed_service_and_fails_when_one_does(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(tmp_path)]) == 1, "no settings at all"
    poller = tmp_path / "evcc-poller.yaml"
    poller.write_text(f"state_dir: {tmp_path}\n")
    assert main(["check", str(tmp_path)]) == 0
    assert "reads evcc at" in capfd.readouterr().out
    poller.write_text(f"state_dir: {tmp_path}\npol_interval_s: 10\n")
    assert main(["check", str(tmp_path)]) == 78
    assert "did you mean 'poll_interval_s'" in capfd.readouterr().err
