"""The demo's last words: what the day cost, with and without the suite."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ems.demo.account import Account
from ems.demo.report import Report, save_chart
from ems.demo.terminal.view import TerminalView
from ems.simulator.home import Departure

LEFT = Departure("limo", datetime(2024, 6, 3, 5, 15, tzinfo=UTC), 80.1, 0)


def account(paid_eur: float, stored_kwh: float) -> Account:
    return Account(
        24, paid_eur, stored_kwh, value_eur_per_kwh=0.3, import_kwh=40, export_kwh=-0.001, departures=(LEFT,)
    )


def report(language: str) -> Report:
    return Report(TerminalView(ZoneInfo("Europe/Berlin"), language, "", ""), language)


def test_stored_energy_is_credited_and_the_difference_is_the_saving() -> None:
    told = report("en").result(account(8, 10), account(9, 11))
    assert told.splitlines()[:6] == [
        "24 h in this home                          with the suite   evcc alone",
        "  paid, EUR                                          8.00         9.00",
        "  stored in battery and cars, kWh                   10.00        11.00",
        "  from the grid, kWh                                40.00        40.00",
        "  into the grid, kWh                                 0.00         0.00",
        "  cost, EUR                                          5.00         5.70",
    ]
    assert "credited with 30.0 ct/kWh" in told
    assert "limo left at 07:15 with 80 %" in told
    assert "The suite saved 0.70 EUR." in told


def test_a_day_that_cost_more_is_not_called_a_saving() -> None:
    told = report("de").result(account(9, 10), account(8, 10))
    assert "Die Suite kostete 1,00 EUR mehr." in told
    assert "sparte" not in told


@pytest.mark.parametrize("named", [True, False])
def test_the_picture_is_kept_and_its_name_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, named: bool
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    path = save_chart("<svg/>", tmp_path / "plan.svg" if named else None)
    assert path is not None
    assert path.read_text() == "<svg/>"
    assert str(path) in report("en").chart(path)


def test_without_a_picture_none_is_promised() -> None:
    assert save_chart(None, None) is None
    assert report("en").chart(None) == "There is no picture of a plan."
