"""CSV and YAML of homes: what is wrong is said with its place."""

from pathlib import Path

import numpy as np
import pytest

from ems.home_files.csv_files import read_home, read_trips
from ems.home_files.house_file import read_house
from ems.runtime.errors import PermanentError
from support.homes import HOMES

PRICES = "import_price: {}\nexport_price: {}\n"
HEAD = "start_utc,load_w,pv_w,pv_forecast_w,spot_eur_per_kwh\n"
ROW = "2024-05-01T00:00Z,300,,,0.1\n"


def _file(tmp_path: Path, text: str, name: str = "home.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def test_a_missing_row_is_a_slot_without_measurement(tmp_path: Path) -> None:
    rows = [f"2024-05-01T0{h}:{m}Z,300,,,0.1\n" for h, m in ((0, "00"), (0, "15"), (0, "45"))]
    table = read_home(_file(tmp_path, HEAD + "".join(rows)))
    assert table.minutes == 15
    assert np.isnan(table.load_kw).tolist() == [False, False, True, False]


def test_no_pv_beside_a_load_is_night_and_without_a_load_unknown() -> None:
    table = read_home(HOMES / "home-a.csv")
    assert np.isfinite(table.pv_kw[np.isfinite(table.load_kw)]).all()
    assert np.isnan(table.pv_kw[np.isnan(table.load_kw)]).any()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", "has no column start_utc"),
        (HEAD + "2024-05-01T00:00Z,300,,,0.1\n", "at least two rows"),
        (HEAD + "2024-05-01T00:00,300,,,0.1\n" * 2, "line 2: '2024-05-01T00:00' needs its offset"),
        (HEAD + "yesterday,300,,,0.1\n" * 2, "line 2: 'yesterday' is no time"),
        (HEAD + "2024-05-01T00:00Z,300,,,0.1\n2024-05-01T00:30Z,much,,,0.1\n", "line 3: load_w 'much' is no number"),
        (
            HEAD + "2024-05-01T00:30Z,300,,,0.1\n2024-05-01T00:00Z,300,,,0.1\n",
            "line 3: 2024-05-01T00:00Z is not after the row before; rows must be in order",
        ),
        (HEAD + ROW + "2024-05-01T00:25Z,300,,,0.1\n", "slots that divide an hour, and two of them are 0:25:00 apart"),
        (HEAD + ROW + "2024-05-01T00:30Z,300,5,0,0,0.1\n", "line 3: has 6 cells, and the head has 5"),
        (HEAD + ROW + "2024-05-01T00:30Z,30", r"line 3: has 2 cells, and the head has 5 \(a decimal comma, or a torn"),
        (HEAD.strip() + ",load_w\n" + ROW, "has column load_w more than once"),
        ((HEAD + ROW).replace(",", ";"), "has ';' between its columns; needs commas, and points in numbers"),
    ],
)
def test_what_is_wrong_with_a_home_is_said_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(PermanentError, match=words):
        read_home(_file(tmp_path, text))


def test_commas_at_the_end_of_every_line_are_no_cells(tmp_path: Path) -> None:
    rows = [f"2024-05-01T00:{m}Z,300,,,0.1,,\n" for m in ("00", "15")]
    assert read_home(_file(tmp_path, HEAD + "".join(rows))).minutes == 15


def test_a_car_is_on_one_trip_at_a_time(tmp_path: Path) -> None:
    text = "leave,back,kwh\n2024-05-02T08:00Z,2024-05-02T17:00Z,9\n2024-05-01T08:00Z,2024-05-02T09:00Z,9\n"
    with pytest.raises(PermanentError, match="line 2: leaves before the trip of line 3 is back"):
        read_trips(_file(tmp_path, text))


def test_a_trip_that_ends_before_it_starts_is_refused(tmp_path: Path) -> None:
    text = "leave,back,kwh\n2024-05-01T08:00+02:00,2024-05-01T07:00+02:00,9\n"
    with pytest.raises(PermanentError, match="line 2: a trip ends after it starts"):
        read_trips(_file(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import_price: {}\nexport_price: {}\nbatery: {}\n", "did you mean 'battery'"),
        ("import_price: {}\n", "export_price: missing"),
        ("import_price: {}\nexport_price: {}\nzone: Mars/Olympus\n", "zone"),
        (f"{PRICES}battery: {{capacity_kwh: 5, min_kwh: 9, charge_kw: 1, discharge_kw: 1}}\n", "min_kwh"),
        ("import_price: [\n", "not YAML at line 2: expected the node content, but found '<stream end>'$"),
    ],
)
def test_what_is_wrong_with_a_house_is_said(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(PermanentError, match=words):
        read_house(_file(tmp_path, text, "house.yaml"))
