"""Days, months and the whole: what was saved adds up, and what is left in the battery counts once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ems.contract.site import Rate
from ems.house.battery import BatterySpec
from tariff_planner.domain.savings.day import judge_day, mean_price
from tariff_planner.domain.savings.ledger import SavingsLedger, period, slots_by_day
from tariff_planner.domain.savings.measured_day import MeasuredSlot
from tariff_planner.domain.savings.sessions import sessions

BERLIN = ZoneInfo("Europe/Berlin")
BATTERY = BatterySpec(10, 5, 5, 1.0, 1.0)
MIDNIGHT = datetime(2026, 1, 13, 23, tzinfo=UTC)
DAY = date(2026, 1, 14)
CHEAP, DEAR = 0.1, 0.5


def day_of(start: datetime = MIDNIGHT) -> list[MeasuredSlot]:
    """A day that the suite steers well: charges 5 kWh in the cheap first hour, gives them in the dear second."""
    usual = MeasuredSlot(start, 1.0, 1.0, 0.0, 1.0, 50.0, 0.3, 0.08, {}, {})
    steered = [
        replace(usual, grid_kw=6.0, import_eur_per_kwh=CHEAP),
        replace(usual, house_kw=5.0, grid_kw=0.0, import_eur_per_kwh=DEAR, battery_soc_pct=100.0),
    ]
    return [replace(s, start=start + timedelta(hours=n)) for n, s in enumerate([*steered, usual, usual])]


def test_a_day_that_was_steered_well_has_saved() -> None:
    # Alone: the battery (5 kWh) gives the first hour and four of the five kWh of the dear one.
    sums, batteries = judge_day(DAY, day_of(), BATTERY, None)
    assert sums.cost_eur == pytest.approx(6 * CHEAP + 2 * 0.3)
    assert sums.alone_eur[0] == pytest.approx(DEAR + 2 * 0.3)
    assert batteries.kwh[0] == pytest.approx(0)
    mean = (CHEAP + DEAR + 0.6) / 4
    found = period([sums], 0, 1, BERLIN)
    assert found is not None
    assert found.saving_eur == pytest.approx(DEAR - 6 * CHEAP + 5 * mean)
    assert found.saving_low_eur <= found.saving_eur <= found.saving_high_eur
    assert found.since == MIDNIGHT


NIGHT, MORNING, PEAK = 0.1, 0.25, 0.5


def day_of_waiting() -> list[MeasuredSlot]:
    """5 kWh are bought at night, kept through a middling morning, and used in the dear evening."""
    usual = MeasuredSlot(MIDNIGHT, 1.0, 1.0, 0.0, 1.0, 50.0, NIGHT, 0.08, {}, {})
    night = [replace(usual, grid_kw=6.0)]
    morning = [replace(usual, import_eur_per_kwh=MORNING, battery_soc_pct=100.0)] * 5
    evening = [
        replace(usual, grid_kw=0.0, import_eur_per_kwh=PEAK, battery_soc_pct=soc) for soc in (90, 80, 70, 60, 50)
    ]
    slots = [*night, *morning, *evening]
    return [replace(s, start=MIDNIGHT + timedelta(hours=n)) for n, s in enumerate(slots)]


def test_what_was_bought_cheaply_and_is_kept_for_the_evening_is_no_loss_in_the_morning() -> None:
    day = day_of_waiting()
    rates = [Rate(start=s.start, end=s.end, value=s.import_eur_per_kwh) for s in day]
    saved, stored = [], []
    for hour in range(2, len(day) + 1):
        worth = mean_price(day[:hour], rates, day[-1].end)
        assert worth == pytest.approx((NIGHT + 5 * MORNING + 5 * PEAK) / 11), "the same through the whole day"
        found = period([judge_day(DAY, day[:hour], BATTERY, None, worth)[0]], 0, 1, BERLIN)
        assert found is not None
        saved.append(found.saving_eur)
        stored.append(found.stored_eur)
    assert min(saved) > 0
    assert stored[0] == pytest.approx(7 * worth), "alone the battery has given two of its five kWh"
    assert saved[0] == pytest.approx(7 * worth - 6 * NIGHT - MORNING)
    closed = period([judge_day(DAY, day, BATTERY, None)[0]], 0, 1, BERLIN)
    assert closed is not None
    assert saved[-1] == closed.saving_eur, "nothing jumps at midnight"
    assert judge_day(DAY, day[:6], BATTERY, None)[0].more_stored_eur[0] < 0.65 * (stored[4] or 0)


def test_energy_that_is_carried_over_midnight_counts_once() -> None:
    slots = [*day_of(), *day_of(MIDNIGHT + timedelta(days=1))]
    closed = SavingsLedger(began=DAY).closed(DAY + timedelta(days=2), slots, BATTERY, BERLIN)
    both, one, two = (period(closed.days, *span, BERLIN) for span in ((0, 2), (0, 1), (1, 2)))
    assert both is not None
    assert one is not None
    assert two is not None
    assert both.saving_eur == pytest.approx(one.saving_eur + two.saving_eur, abs=1e-3)


def test_a_day_without_measurements_is_there_and_changes_nothing() -> None:
    closed = SavingsLedger(began=DAY).closed(DAY + timedelta(days=2), day_of(), BATTERY, BERLIN)
    assert [day.day for day in closed.days] == [DAY, DAY + timedelta(days=1)]
    assert period(closed.days, 1, 2, BERLIN) is None
    with_gap, without = period(closed.days, 0, 2, BERLIN), period(closed.days, 0, 1, BERLIN)
    assert with_gap is not None
    assert without is not None
    assert with_gap.saving_eur == without.saving_eur


def test_a_car_that_charges_over_midnight_has_one_session_as_if_there_were_none() -> None:
    usual = MeasuredSlot(MIDNIGHT, 1.0, 5.0, 0.0, 1.0, 50.0, 0.2, 0.08, {"1": 4.0}, {"1": "zoe"})
    waits = replace(usual, grid_kw=1.0, cars_kw={"1": 0.0})
    evening_on = MIDNIGHT + timedelta(hours=20)
    given = [usual, waits, waits, usual, replace(usual, import_eur_per_kwh=0.1, pv_kw=3.0, grid_kw=2.0), *[waits] * 24]
    given += [usual, waits]
    slots = [replace(s, start=evening_on + timedelta(hours=n)) for n, s in enumerate(given)]
    closed = SavingsLedger(began=DAY).closed(DAY + timedelta(days=3), slots, BATTERY, BERLIN)
    whole = sessions(slots)
    assert len(whole) == 1
    assert closed.sessions == tuple(whole), "three days, one stay"


def test_a_car_that_left_at_midnight_has_a_session_on_each_day() -> None:
    usual = MeasuredSlot(MIDNIGHT, 1.0, 5.0, 0.0, 1.0, 50.0, 0.2, 0.08, {"1": 4.0}, {"1": "zoe"})
    evening = replace(usual, start=MIDNIGHT + timedelta(hours=21))
    morning = replace(usual, start=MIDNIGHT + timedelta(hours=29))
    closed = SavingsLedger(began=DAY).closed(DAY + timedelta(days=2), [evening, morning], BATTERY, BERLIN)
    assert [s.start for s in closed.sessions] == [morning.start, evening.start]


def test_slots_belong_to_the_sites_day_not_to_that_of_utc() -> None:
    assert set(slots_by_day(day_of(), BERLIN)) == {DAY}


def test_counting_begins_today() -> None:
    assert SavingsLedger().first_open(DAY) == DAY
    begun = SavingsLedger().closed(DAY, day_of(MIDNIGHT - timedelta(days=1)), BATTERY, BERLIN)
    assert begun == SavingsLedger(began=DAY)
    assert begun.first_open(DAY + timedelta(days=1)) == DAY, "it is closed tomorrow"


def test_nothing_is_nothing_and_shares_of_nothing_are_absent() -> None:
    assert period([], 0, 0, BERLIN) is None
    sums, _ = judge_day(DAY, day_of()[:1], None, None)
    found = period([sums], 0, 1, BERLIN)
    assert found is not None
    assert found.self_consumption is None
    assert found.solar_share == 0


def test_sun_counts_as_used_here_also_on_a_day_on_which_the_battery_was_filled_from_the_grid() -> None:
    sunny = [replace(slot, pv_kw=1.0) for slot in day_of()]
    sums, _ = judge_day(DAY, sunny, BATTERY, None)
    found = period([sums], 0, 1, BERLIN)
    assert found is not None
    assert found.import_kwh > found.used_kwh - 1
    assert found.solar_share == pytest.approx(4 / 8)
