"""``tariff-planner backtest`` as it is typed."""

import argparse
import json
from pathlib import Path

import pytest

from support.homes import HOMES
from tariff_planner.commands import backtest

HOME, HOUSE = str(HOMES / "home-a.csv"), HOMES / "home-a.yaml"
TWO_DAYS = ["--from", "2024-04-22T00:00:00Z", "--to", "2024-04-24T00:00:00Z"]


def _run(*arguments: str, house: Path | None = HOUSE) -> int:
    parser = argparse.ArgumentParser()
    backtest.configure(parser)
    args = parser.parse_args(arguments)
    # The runner gives every subcommand its --config.
    args.config = house
    return backtest.run(args)


def test_figures_for_machines_trace_and_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trace, report = tmp_path / "t.csv", tmp_path / "r.html"
    assert _run(HOME, *TWO_DAYS, "--json", "--trace", str(trace), "--report", str(report)) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["slots"] == 96
    assert set(found["policies"]) == {"evcc_alone", "plan", "plan_perfect_load_pv", "perfect_foresight"}
    assert len(trace.read_text("utf-8").splitlines()) == 1 + 4 * 96
    assert report.read_text("utf-8").startswith("<!doctype html>")


def test_a_table_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(HOME, *TWO_DAYS) == 0
    text = capsys.readouterr().out
    assert "regret share, 90 %" in text
    assert "load forecast: nMAE" in text


@pytest.mark.parametrize(
    ("arguments", "house", "words"),
    [
        (["nowhere.csv"], HOUSE, "nowhere.csv: No such file"),
        ([HOME], None, "--config HOUSE.yaml is missing"),
        ([HOME, "--from", "2030-01-01T00:00:00Z"], HOUSE, "nothing to judge"),
        ([HOME, "--trips", str(HOMES / "home-a-trips.csv")], HOUSE, "trips need a car"),
    ],
)
def test_what_cannot_be_done_is_said(
    arguments: list[str], house: Path | None, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(*arguments, house=house) == 1
    assert words in capsys.readouterr().err
