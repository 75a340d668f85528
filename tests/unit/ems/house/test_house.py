"""The house obeys physics: what goes in comes out, less the losses, and no mode creates energy."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems.contract.site import BatteryMode, LoadpointMode
from ems.house.battery import BatterySpec, step
from ems.house.car import (
    CarSpec,
    Charger,
    charge,
    offered_kw,
)
from ems.house.home import Home, PluggedCar, simulate
from ems.house.slots import Slot, floor_to, grid

BATTERY = BatterySpec(capacity_kwh=10, charge_kw=5, discharge_kw=5)
NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)
powers = st.floats(-20, 20)
hours = st.sampled_from([1 / 60, 0.25, 0.5, 1.0])


@given(st.floats(0, 10), st.sampled_from(BatteryMode), powers, hours)
def test_a_battery_never_creates_energy_nor_leaves_its_bounds(
    energy: float, mode: BatteryMode, need: float, length: float
) -> None:
    flow = step(BATTERY, energy, mode, need, length)
    assert -1e-9 <= flow.energy_kwh <= 10 + 1e-9
    assert abs(flow.power_kw) <= 5 + 1e-9
    stored = flow.energy_kwh - energy
    bought = -flow.power_kw * length
    assert stored <= bought * 0.95 + 1e-9 if bought > 0 else stored <= bought / 0.95 + 1e-9


@pytest.mark.parametrize(
    ("mode", "need", "power"),
    [
        (BatteryMode.NORMAL, 2.0, 2.0),
        (BatteryMode.NORMAL, -2.0, -2.0),
        (BatteryMode.HOLD, 2.0, 0.0),
        (BatteryMode.HOLD, -2.0, -2.0),
        (BatteryMode.CHARGE, 2.0, -5.0),
        (BatteryMode.HOLDCHARGE, -2.0, 0.0),
        (BatteryMode.HOLDCHARGE, 2.0, 2.0),
    ],
)
def test_each_mode_bounds_what_the_inverter_does(mode: BatteryMode, need: float, power: float) -> None:
    assert step(BATTERY, 5.0, mode, need, 0.25).power_kw == pytest.approx(power)


def test_a_battery_above_its_limit_is_left_where_it_is() -> None:
    small = BatterySpec(capacity_kwh=9, charge_kw=5, discharge_kw=5)
    assert step(small, 9.6, BatteryMode.CHARGE, 0, 1).energy_kwh == 9.6


def test_a_raised_reserve_does_not_pull_energy_out_of_nothing() -> None:
    reserved = BatterySpec(capacity_kwh=10, charge_kw=5, discharge_kw=5, min_kwh=3)
    assert step(reserved, 1.0, BatteryMode.NORMAL, 4.0, 1).energy_kwh == 1.0


def test_a_three_phase_charger_waits_for_4_14_kw_of_surplus_and_a_switchable_one_for_1_38() -> None:
    assert offered_kw(Charger(), LoadpointMode.PV, 4.0) == 0
    assert offered_kw(Charger(), LoadpointMode.PV, 4.2) == pytest.approx(4.2)
    assert offered_kw(Charger(switchable=True), LoadpointMode.PV, 1.4) == pytest.approx(1.4)
    assert offered_kw(Charger(switchable=True), LoadpointMode.PV, 4.0) == pytest.approx(3.68)
    assert offered_kw(Charger(), LoadpointMode.MINPV, 0.0) == pytest.approx(4.14)
    assert offered_kw(Charger(), LoadpointMode.OFF, 9.0) == 0


def test_a_car_charges_slower_above_80_percent_and_stops_at_its_limit() -> None:
    car = CarSpec(capacity_kwh=60)
    assert charge(car, 30, 11, 0.25) == 11
    assert charge(car, 54, 11, 0.25) == pytest.approx(11 * 0.65)
    assert charge(car, 47.9, 11, 1, limit_kwh=48) == pytest.approx(0.1 / 0.9)
    assert charge(car, 60, 11, 1) == 0


@given(
    st.floats(0, 10), st.floats(0, 8), st.floats(0, 12), st.sampled_from(BatteryMode), st.sampled_from(LoadpointMode)
)
def test_the_meter_balances(energy: float, load: float, pv: float, mode: BatteryMode, car_mode: LoadpointMode) -> None:
    home = Home(BATTERY, {"1": Charger()})
    flows = simulate(home, energy, mode, {"1": PluggedCar(CarSpec(60), 20, car_mode)}, load, pv, 0.25)
    assert flows.grid_kw + flows.battery_kw + pv == pytest.approx(load + flows.cars_kw["1"])


def test_a_car_in_now_is_fed_by_a_normal_battery_but_not_by_one_that_holds() -> None:
    home = Home(BATTERY, {"1": Charger()})
    plugged = {"1": PluggedCar(CarSpec(60), 20, LoadpointMode.NOW)}
    assert simulate(home, 8, BatteryMode.NORMAL, plugged, 0.5, 0, 0.25).battery_kw == 5
    assert simulate(home, 8, BatteryMode.HOLD, plugged, 0.5, 0, 0.25).battery_kw == 0


def test_import_is_paid_and_export_is_paid_for() -> None:
    home = Home(None)
    assert simulate(home, 0, BatteryMode.NORMAL, {}, 2, 0, 0.5).cost_eur(0.5, 0.30, 0.08) == pytest.approx(0.30)
    assert simulate(home, 0, BatteryMode.NORMAL, {}, 0, 2, 0.5).cost_eur(0.5, 0.30, 0.08) == pytest.approx(-0.08)


@pytest.mark.parametrize(("day", "slots"), [("2024-03-31", 92), ("2024-06-01", 96), ("2024-10-27", 100)])
def test_a_local_day_has_92_96_or_100_quarters(day: str, slots: int) -> None:
    start = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo("Europe/Berlin"))
    cut = list(grid(start, start + timedelta(days=1)))
    assert len(cut) == slots
    assert all(slot.hours == 0.25 for slot in cut)


def test_the_running_slot_is_shorter() -> None:
    first, second = list(grid(NOON + timedelta(minutes=7), NOON + timedelta(minutes=30)))
    assert first.hours == pytest.approx(8 / 60)
    assert second.hours == 0.25
    assert floor_to(NOON + timedelta(minutes=29, seconds=59), 15) == NOON + timedelta(minutes=15)


def test_a_slot_overlaps_by_its_share() -> None:
    slot = Slot(NOON, NOON + timedelta(hours=1))
    assert slot.overlap_hours(NOON + timedelta(minutes=45), NOON + timedelta(hours=3)) == 0.25
    assert slot.overlap_hours(NOON + timedelta(hours=2), NOON + timedelta(hours=3)) == 0


def test_impossible_batteries_and_slots_are_refused() -> None:
    with pytest.raises(ValueError, match="min_kwh"):
        BatterySpec(capacity_kwh=5, charge_kw=1, discharge_kw=1, min_kwh=6)
    with pytest.raises(ValueError, match="efficienc"):
        BatterySpec(capacity_kwh=5, charge_kw=1, discharge_kw=1, charge_efficiency=1.2)
    with pytest.raises(ValueError, match="aware"):
        Slot(datetime(2024, 1, 1), NOON)  # noqa: DTZ001 - the point of the test
    with pytest.raises(ValueError, match="ends after"):
        Slot(NOON, NOON)
