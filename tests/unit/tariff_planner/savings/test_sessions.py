"""Charging sessions as a person would count them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ems.contract.requests import HistoryRow, LoadpointMean
from tariff_planner.domain.savings.measured_day import measured_slots
from tariff_planner.domain.savings.sessions import charged_by_loadpoint, sessions, summed

NOON = datetime(2026, 6, 14, 10, tzinfo=UTC)


def row(quarter: int, car_w: float, *, pv_w: float = 0, vehicle: str | None = "zoe", **more: Any) -> HistoryRow:
    usual = {
        "start": NOON + timedelta(minutes=15 * quarter),
        "seconds": 900,
        "coverage_s": 900,
        "grid_w": 1000 + car_w - pv_w,
        "home_w": 1000,
        "pv_w": pv_w,
        "import_eur_per_kwh": 0.30,
        "loadpoints": {"1": LoadpointMean(power_w=car_w, vehicle=vehicle)},
    }
    return HistoryRow.model_validate(usual | more)


def test_a_session_tells_energy_cost_price_and_how_much_was_sun() -> None:
    rows = [row(0, 0), row(1, 4000, pv_w=3000), row(2, 4000, pv_w=3000), row(3, 0)]
    (found,) = sessions(list(measured_slots(rows, 0.08)))
    assert (found.vehicle, found.start, found.end) == ("zoe", rows[1].start, rows[3].start)
    assert found.energy_kwh == pytest.approx(2)
    assert found.solar_share == pytest.approx(0.5)
    assert found.cost_eur == pytest.approx(1 * 0.30 + 1 * 0.08)
    assert found.mean_eur_per_kwh == pytest.approx(0.19)


def test_a_pause_within_a_stay_is_one_session_and_a_car_that_was_away_begins_another() -> None:
    stay = [row(0, 4000), row(1, 0), row(2, 4000)]
    back = [row(20, 4000)]
    assert len(sessions(list(measured_slots(stay, 0)))) == 1
    assert len(sessions(list(measured_slots([*stay, *back], 0)))) == 2


def test_another_car_is_another_session() -> None:
    assert len(sessions(list(measured_slots([row(0, 4000), row(1, 4000, vehicle="ioniq")], 0)))) == 2


@pytest.mark.parametrize(
    "missing", [{"grid_w": None}, {"home_w": None}, {"import_eur_per_kwh": None}, {"coverage_s": 300}]
)
def test_a_slot_that_was_hardly_measured_is_left_out(missing: dict[str, Any]) -> None:
    assert list(measured_slots([row(0, 4000, **missing)], 0)) == []


def test_a_car_that_is_only_plugged_in_has_no_session() -> None:
    assert sessions(list(measured_slots([row(0, 0), row(1, 0)], 0))) == []


def test_a_session_tells_how_long_it_charged_without_its_pauses() -> None:
    (found,) = sessions(list(measured_slots([row(0, 4000), row(1, 0), row(2, 4000)], 0)))
    assert found.charging_h == 0.5
    assert found.end - found.start == timedelta(minutes=45)


def test_each_loadpoint_has_what_all_its_sessions_come_to() -> None:
    slots = list(measured_slots([row(0, 4000, pv_w=5000), row(1, 4000, vehicle="ioniq"), row(20, 0)], 0.08))
    found = charged_by_loadpoint(slots)
    assert list(found) == ["1"]
    assert (found["1"].energy_kwh, found["1"].sun_kwh, found["1"].hours) == pytest.approx((2, 1, 0.5))
    assert found["1"].cost_eur == pytest.approx(0.08 + 0.30)
    assert summed([found["1"], found["1"]]).solar_share == 0.5
