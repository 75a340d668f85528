"""``tariff-planner backtest HOMES/``: many homes, each judged as it would be alone."""

import argparse
import json
import shutil
from pathlib import Path

import pytest

from support.homes import HOMES
from tariff_planner.commands import backtest

ONE_DAY = ["--from", "2024-04-22T00:00:00Z", "--to", "2024-04-23T00:00:00Z"]


def run(*arguments: str | Path, house: Path | None = None) -> int:
    parser = argparse.ArgumentParser()
    backtest.configure(parser)
    args = parser.parse_args([*map(str, arguments), *ONE_DAY])
    args.config = house
    return backtest.run(args)


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two homes, of which one has a car, and one whose past is broken."""
    folder = tmp_path_factory.mktemp("homes")
    lines = (HOMES / "home-a.csv").read_text().splitlines(keepends=True)
    month = [lines[0], *(line for line in lines[1:] if "2024-03-25" <= line[:10] <= "2024-04-23")]
    for name in ("north", "south"):
        (folder / f"{name}.csv").write_text("".join(month))
    shutil.copy(HOMES / "home-a.yaml", folder / "north.yaml")
    shutil.copy(HOMES / "home-a-car.yaml", folder / "south.yaml")
    trips = (HOMES / "home-a-trips.csv").read_text().splitlines(keepends=True)
    (folder / "south-trips.csv").write_text("".join([trips[0], *(t for t in trips if "2024-04" in t[:7])]))
    (folder / "west.csv").write_text("start_utc,load_w\n")
    shutil.copy(HOMES / "home-a.yaml", folder / "west.yaml")
    return folder


def test_every_home_has_the_figures_that_it_has_alone_and_a_broken_one_is_named(
    homes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run(homes, "--out", out) == 1
    said = capsys.readouterr()
    assert "west.csv" in said.err
    assert "2 homes; mean regret share" in said.out
    assert run(homes / "north.csv", "--json", house=homes / "north.yaml") == 0
    alone = json.loads(capsys.readouterr().out)["policies"]["plan"]["whole"]["cost_eur"]
    rows = pytest.importorskip("pyarrow.parquet").read_table(out).to_pylist()
    assert {row["home"] for row in rows} == {"north", "south"}
    assert [row["cost_eur"] for row in rows if (row["home"], row["policy"]) == ("north", "plan")] == [alone]


def test_a_run_that_was_ended_goes_on_where_it_was(
    homes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(homes, "--out", tmp_path)
    first = capsys.readouterr().out
    kept = tmp_path / "north.parquet"
    written = kept.stat().st_mtime_ns
    (tmp_path / "south.parquet").unlink()
    (tmp_path / "south.part").write_text("torn")
    run(homes, "--out", tmp_path)
    assert capsys.readouterr().out == first
    assert kept.stat().st_mtime_ns == written


def test_fewer_policies_are_sooner_done_and_never_mixed_with_others(
    homes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(homes, "--out", tmp_path, "--policies", "plan_perfect_load_pv")
    assert "plan_perfect_load_pv saves" in capsys.readouterr().out
    rows = pytest.importorskip("pyarrow.parquet").read_table(tmp_path).to_pylist()
    assert {row["policy"] for row in rows} == {"evcc_alone", "plan_perfect_load_pv", "perfect_foresight"}
    assert run(homes, "--out", tmp_path) == 1
    assert "north was judged there with other policies; give another --out" in capsys.readouterr().err


def test_a_result_that_is_none_is_named(homes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "north.parquet").write_text("no table")
    assert run(homes, "--out", tmp_path) == 1
    assert "north.parquet" in (said := capsys.readouterr().err)
    assert "judged anew" in said


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda _: None, "holds no home"),
        (lambda folder: (folder / "east.csv").write_text("x"), "neither east.yaml nor --config"),
    ],
)
def test_a_folder_without_homes_is_said(
    make: object, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(make)
    make(tmp_path)
    assert run(tmp_path) == 1
    assert words in capsys.readouterr().err


def test_one_file_needs_no_cluster(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(HOMES / "home-a.csv", "--cluster", "tcp://127.0.0.1:1", house=HOMES / "home-a.yaml") == 1
    assert "for a folder of homes" in capsys.readouterr().err


def test_a_scheduler_that_is_not_there_is_said(homes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("distributed")
    assert run(homes, "--cluster", "udp://x") == 1
    assert "no Dask scheduler answers" in capsys.readouterr().err
