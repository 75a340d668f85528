"""What evcc alone would have paid in the same weather."""

from datetime import UTC, datetime, timedelta

import pytest

from ems.house.battery import BatterySpec
from tariff_planner.domain.savings.evcc_alone import Alone, alone, cars_alone
from tariff_planner.domain.savings.measured_day import MeasuredSlot

START = datetime(2026, 1, 14, 20, tzinfo=UTC)
BATTERY = BatterySpec(10, 5, 5, 1.0, 1.0)


def slot(hour: int, *, price: float = 0.3, car_kw: float | None = None, pv_kw: float = 0.0) -> MeasuredSlot:
    """An hour in a house that needs 1 kW."""
    cars = {} if car_kw is None else {"1": car_kw}
    return MeasuredSlot(
        start=START + timedelta(hours=hour),
        hours=1.0,
        grid_kw=0.0,
        pv_kw=pv_kw,
        house_kw=1.0,
        battery_soc_pct=None,
        import_eur_per_kwh=price,
        export_eur_per_kwh=0.08,
        cars_kw=cars,
        vehicles=dict.fromkeys(cars, "zoe"),
    )


def lived(slots: list[MeasuredSlot], battery: BatterySpec | None, battery_kwh: float | None) -> Alone:
    return alone(slots, cars_alone(slots), battery, battery_kwh)


def test_without_battery_and_car_the_house_pays_what_it_uses_and_is_paid_what_it_leaves() -> None:
    assert lived([slot(0), slot(1, pv_kw=3)], None, None).cost_eur == pytest.approx(0.3 - 2 * 0.08)


def test_the_battery_follows_the_house_until_it_is_empty() -> None:
    life = lived([slot(0), slot(1), slot(2)], BATTERY, 2.0)
    assert life.cost_eur == pytest.approx(0.3)
    assert life.battery_kwh == pytest.approx(0)


def test_a_car_gets_the_same_energy_in_the_cheapest_hours_of_its_stay() -> None:
    night = [
        slot(0, price=0.4, car_kw=5), slot(1, price=0.1, car_kw=0), slot(2, price=0.2, car_kw=0), slot(3, price=0.4)
    ]  # fmt: skip
    assert lived(night, None, None).cost_eur == pytest.approx(5 * 0.1 + sum((0.4, 0.1, 0.2, 0.4)))


def test_a_car_takes_the_sun_first() -> None:
    day = [slot(0, price=0.1, car_kw=5), slot(1, price=0.3, car_kw=0, pv_kw=4)]
    assert lived(day, None, None).cost_eur == pytest.approx(0.1 + 2 * 0.1)


def test_two_cars_do_not_take_the_same_sun() -> None:
    both = slot(0, pv_kw=4)
    cars = MeasuredSlot(
        both.start, 1.0, 0.0, 4.0, 1.0, None, 0.3, 0.08, {"1": 3.0, "2": 3.0}, {"1": "zoe", "2": "ioniq"}
    )
    assert lived([cars], None, None).cost_eur == pytest.approx(3 * 0.3)


def test_the_battery_stays_out_of_a_car_that_charges_from_the_grid() -> None:
    life = lived([slot(0, car_kw=5), slot(1)], BATTERY, 5.0)
    assert life.cost_eur == pytest.approx(6 * 0.3)
    assert life.battery_kwh == pytest.approx(4)
