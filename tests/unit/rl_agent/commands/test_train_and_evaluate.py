"""``rl-agent train`` and ``evaluate`` as they are typed."""

import argparse
import json
from datetime import timedelta
from pathlib import Path

import pytest

from ems.service.runner import Subcommand
from rl_agent.adapters.model_files import ModelFiles
from rl_agent.commands import evaluate, train
from support.learnt_homes import START, moody

HOUSE = """
zone: UTC
import_price: {spot_factor: 1.0}
export_price: {plus_eur_per_kwh: 0.05}
battery: {capacity_kwh: 10, charge_kw: 5, discharge_kw: 5}
"""


def typed(command: Subcommand, folder: Path, *words: str, days: int = 20) -> int:
    home, house = folder / "home.csv", folder / "house.yaml"
    house.write_text(HOUSE)
    rows = [
        f"{(START + timedelta(hours=hour)).isoformat()},{load * 1000:.1f},,,{0.3 if hour % 24 > 12 else 0.1}"
        for hour, load in enumerate(moody(days).tolist())
    ]
    home.write_text("start_utc,load_w,pv_w,pv_forecast_w,spot_eur_per_kwh\n" + "\n".join(rows))
    parser = argparse.ArgumentParser()
    command.configure(parser)
    args = parser.parse_args([str(home), *words])
    # The runner gives every subcommand its --config.
    args.config = house
    return command.run(args)


def test_what_was_trained_is_what_the_service_loads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from rl_agent.domain.tabular.learner import Tabular  # noqa: PLC0415  a quick one

    monkeypatch.setattr(train, "LEARNERS", (Tabular(first_rounds=1, nightly_rounds=1),))
    state = tmp_path / "state"
    assert typed(train.COMMAND, tmp_path, "--out", str(state), days=45) == 0
    assert "tabular: version 1" in capsys.readouterr().out
    kept = ModelFiles(state).load("tabular")
    assert kept is not None
    assert kept.trained.facts["battery_rounds"] == 1
    assert typed(train.COMMAND, tmp_path, "--out", str(state), days=45) == 0
    assert "tabular: version 2" in capsys.readouterr().out


def test_too_few_days_are_said_to_be_too_few(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed(train.COMMAND, tmp_path, "--out", str(tmp_path / "state")) == 0
    assert "apprentice: 20 days are too few to learn from" in capsys.readouterr().out


def test_an_evaluation_in_figures_and_as_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "r.html"
    since = "2024-01-19T00:00:00Z"
    assert typed(evaluate.COMMAND, tmp_path, "--from", since, "--json", "--report", str(report)) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found["policies"]) == {"the plan", "the apprentice", "gated", "the tabular agent"}
    assert found["skill"] is None
    assert report.read_text("utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("words", "said"),
    [((), "nothing to judge"), (("--trips", "nowhere.csv"), "nowhere.csv: No such file")],
)
def test_what_cannot_be_done_is_said(
    words: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(evaluate.COMMAND, tmp_path, *words) == 1
    assert said in capsys.readouterr().err
