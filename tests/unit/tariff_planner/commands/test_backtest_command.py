"""``tariff-planner backtest`` as it is typed."""

import argparse
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
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


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--jobs", "0"], "'0' is no whole number from 1 up"),
        (["--jobs", "-2"], "'-2' is no whole number from 1 up"),
        (["--from", "yesterday"], "'yesterday' is no time such as 2024-03-08T00:00:00Z"),
        (["--to", "2024-04-22"], "'2024-04-22' needs its offset from UTC"),
    ],
)
def test_an_argument_that_cannot_be_is_refused_in_a_line(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        _run(HOME, *arguments)
    assert words in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (
            {"battery": {"capacity_kwh": 8, "start_kwh": 9, "charge_kw": 3, "discharge_kw": 3}},
            "start_kwh 9 is above",
        ),
        (
            {"battery": {"capacity_kwh": 8, "min_kwh": 9, "charge_kw": 3, "discharge_kw": 3}},
            "min_kwh 9 is above",
        ),
        ({"car": {"capacity_kwh": 50, "start_kwh": 60}}, "car: start_kwh 60 is above capacity_kwh 50"),
        ({"car": {"capacity_kwh": 50, "min_a": 20}}, "min_a 20 is above max_a 16"),
        ({"batery": None}, "batery: unknown (did you mean 'battery'?)"),
    ],
)
def test_a_house_that_cannot_be_is_refused_with_what_to_change(
    wrong: dict[str, object], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prices = {"spot_factor": 1.0, "plus_eur_per_kwh": 0.1}
    house = tmp_path / "house.yaml"
    house.write_text(json.dumps({"import_price": prices, "export_price": prices} | wrong), encoding="utf-8")
    assert _run(HOME, *TWO_DAYS, house=house) == 1
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(("eur_per_kwh", "told"), [(0.3, False), (-0.1, False), (30.0, True), (1.2, False)])
def test_prices_in_ct_are_told_with_what_to_change(eur_per_kwh: float, *, told: bool) -> None:
    words = backtest.in_ct(np.array([eur_per_kwh] * 5 + [14.0, np.nan]))
    assert (words is not None) is told
    if words is not None:
        assert words.startswith("the prices look as if they were in ct: a kWh does not cost 30.0 EUR; give spot_eur")


def test_a_column_that_is_misspelt_is_named_with_the_one_that_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home.csv"
    home.write_text("start_utc,load_w,pv_w,pv_forecast_w,spot_eur_kwh\n", encoding="utf-8")
    assert _run(str(home)) == 1
    assert "has no column spot_eur_per_kwh (did you mean 'spot_eur_kwh'?)" in capsys.readouterr().err


def test_a_power_that_never_changes_has_no_skill_to_boast_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home.csv"
    start = datetime(2024, 1, 1, tzinfo=UTC)
    moments = (start + timedelta(minutes=30) * i for i in range(48 * 20))
    rows = [f"{at:%Y-%m-%dT%H:%M:%SZ},{300 + 17 * (at.hour % 5)},730.1,800,0.1" for at in moments]
    home.write_text("\n".join(["start_utc,load_w,pv_w,pv_forecast_w,spot_eur_per_kwh", *rows]), encoding="utf-8")
    days = ["--from", "2024-01-17T00:00:00Z", "--to", "2024-01-19T00:00:00Z"]
    assert _run(str(home), *days, "--report", str(tmp_path / "r.html")) == 0
    assert "pv forecast: nMAE 0.000 (against the 30-day mean's 0.000)" in capsys.readouterr().out
    assert _run(str(home), *days, "--json") == 0
    assert json.loads(capsys.readouterr().out)["forecasts"]["pv"]["better"] is None
