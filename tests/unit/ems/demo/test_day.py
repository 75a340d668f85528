"""The demo's day is a real one, and evcc alone does well on it: a saving is not made of straw."""

from datetime import timedelta

import pytest

from ems.contract.site import BatteryMode, TariffKind
from ems.demo import day
from ems.demo.account import account, evcc_alone
from ems.demo.day import GOALS, START, demo_home, real_home
from ems.simulator.charge_planner import cheapest
from ems.simulator.home import SimulatedHome


def test_prices_spread_and_the_sun_shines_and_nothing_is_missing() -> None:
    home = real_home()
    prices = [rate.value for rate in home.rates(TariffKind.GRID, START)]
    assert len(prices) == 33 * 4
    assert max(prices) - min(prices) > 0.15
    hours = [home.at(START + timedelta(minutes=30 * i)) for i in range(48)]
    assert sum(c.pv_w for c in hours) / 2000 > 5
    assert sum(c.load_w for c in hours) / 2000 > 10


def test_tomorrows_prices_come_at_one_in_the_afternoon() -> None:
    home = real_home()
    noon = START.astimezone(day.ZONE).replace(hour=12, minute=59)
    assert len(home.rates(TariffKind.GRID, noon)) == 11 * 4 + 1
    assert len(home.rates(TariffKind.GRID, noon + timedelta(minutes=1))) == 35 * 4


def test_three_weeks_of_measured_past_stand_before_it() -> None:
    home = demo_home(START)
    assert min(home.meter.slots) == START - timedelta(weeks=3)
    assert len(home.meter.slots) == 21 * 96
    assert home.meter.cost_eur == 0


def test_evcc_alone_has_the_cars_ready_in_time_and_keeps_the_books() -> None:
    before = demo_home(START)
    after = evcc_alone(before, START + timedelta(hours=24), GOALS, interval_s=30)
    told = account(before, after)
    assert {d.car: round(d.soc_pct) for d in told.departures} == {"limo": 80, "mini": 80}
    assert all(d.missing_kwh == 0 for d in told.departures)
    assert told.hours == 24
    assert 3 < told.cost_eur < 5
    assert before.now == START, "the home that was handed in has not moved"
    assert 0 < _lost_kwh(before, after) < 0.15 * told.import_kwh


def _lost_kwh(before: SimulatedHome, after: SimulatedHome) -> float:
    """What came in and was neither used nor driven nor is still there."""
    slots = [slot for start, slot in after.meter.slots.items() if start >= START]
    sun, used = (sum(slot[kind, kind].energy for slot in slots) for kind in ("pv", "home"))
    trips = [trip for car in before.cars.values() for trip in [*car.trips, car.on] if trip]
    driven = sum(trip.kwh for trip in trips if trip.back <= after.now)
    then, now = (home.battery_kwh + sum(car.energy_kwh for car in home.cars.values()) for home in (before, after))
    return sun + after.meter.import_kwh - after.meter.export_kwh - used - driven - (now - then)


def test_evcc_alone_is_not_left_with_a_battery_that_the_suite_had_forced() -> None:
    forced = demo_home(START)
    forced.battery_mode = BatteryMode.CHARGE
    end = START + timedelta(hours=6)
    free_kwh, forced_kwh = (evcc_alone(home, end, GOALS, 30).battery_kwh for home in (demo_home(START), forced))
    assert forced_kwh == free_kwh


def test_stored_energy_is_credited_so_that_an_empty_battery_is_no_saving() -> None:
    before = demo_home(START)
    full, empty = demo_home(START), demo_home(START)
    full.battery_kwh, empty.battery_kwh = 10.0, 0.0
    end = START + timedelta(minutes=15)
    costs = []
    for home in (full, empty):
        home.battery_mode = BatteryMode.HOLD
        home.advance(end, {})
        costs.append(account(before, home).cost_eur)
    assert costs[1] - costs[0] == pytest.approx(10 * account(before, full).value_eur_per_kwh, abs=0.3)


def test_evccs_plan_takes_the_cheapest_quarters_and_late_ones_among_equals() -> None:
    rates = real_home().rates(TariffKind.GRID, START)
    slots = cheapest(rates, START, GOALS["limo"].time, timedelta(hours=3))
    assert sum(((s.end - s.start) for s in slots), timedelta()) == timedelta(hours=3)
    dearest = max(s.value for s in slots)
    unused = [r for r in rates if r.end <= GOALS["limo"].time and r not in slots]
    assert all(r.value >= dearest for r in unused)
    equal = [r for r in rates[:8] if r.value == rates[0].value]
    assert cheapest(equal, START, equal[-1].end, timedelta(minutes=15)) == [equal[-1]]
