"""Forecasts with much, little and no history; gaps, DST, other slot lengths."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from ems.contract.site import Rate
from ems.forecast.history_grid import past
from ems.forecast.outlook import Outlook, outlook
from ems.forecast.similar_days import days, samples
from ems.house.slots import Slot, grid
from support.homes import BERLIN, reference, routine, rows
from tariff_planner.domain.backtest.skill import skills

NOW = datetime(2026, 6, 10, 10, tzinfo=UTC)


def _view(length_days: float, minutes: int = 15, now: datetime = NOW) -> Outlook:
    known = past(rows(now, length_days, minutes, routine, pv_w=0), now)
    return outlook(known, (), list(grid(now, now + timedelta(hours=36), minutes)), BERLIN, record_days=7)


@pytest.mark.parametrize("minutes", [15, 30])
def test_a_home_of_habit_is_foreseen(minutes: int) -> None:
    view = _view(30, minutes)
    for slot in view.load.slots:
        assert slot.p50_w == pytest.approx(routine(slot.start))
    assert view.load.accuracy[0].nmae == pytest.approx(0, abs=1e-6)
    assert view.load.accuracy[0].coverage == pytest.approx(0.8, abs=0.01), "what lies on a quantile is part below it"


def test_without_history_the_present_is_held_and_said() -> None:
    known = past([], NOW)
    slots = list(grid(NOW, NOW + timedelta(hours=3)))
    bare = outlook(known, (), slots, BERLIN)
    assert bare.load.slots == ()
    assert bare.scenarios is None
    assert (bare.load.rest_of_today_kwh, bare.load.tomorrow_kwh) == (None, None)
    assert bare.load.method == "no history yet: none"
    held = outlook(known, (), slots, BERLIN, present_w=420)
    assert {s.mean_w for s in held.load.slots} == {420}
    assert "present power" in held.load.method
    assert held.load.accuracy == ()


@pytest.mark.parametrize(("length", "words"), [(0.25, "6 h measured"), (1.5, "only 1.5 days"), (20, "20 measured")])
def test_little_history_forecasts_and_says_how_little(length: float, words: str) -> None:
    view = _view(length)
    assert words in view.load.method
    assert len(view.load.slots) == 36 * 4
    assert all(np.isfinite([s.p10_w, s.p50_w, s.p90_w]).all() for s in view.load.slots)
    assert view.scenarios is not None


def test_a_running_slot_and_hourly_slots_take_the_mean_over_their_time() -> None:
    known = past(rows(NOW, 30, 15, lambda t: float(t.minute * 10), pv_w=0), NOW)
    running = Slot(NOW, NOW + timedelta(minutes=7))
    hour = Slot(NOW + timedelta(hours=1), NOW + timedelta(hours=2))
    view = outlook(known, (), [running, Slot(running.end, hour.start), hour], BERLIN, record_days=0)
    assert view.load.slots[0].mean_w == pytest.approx(0)
    assert view.load.slots[2].mean_w == pytest.approx((0 + 150 + 300 + 450) / 4)


@pytest.mark.parametrize("day", [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)])
def test_habits_follow_the_local_clock_over_a_dst_change(day: datetime) -> None:
    view = _view(30, now=day - timedelta(hours=6))
    for slot in view.load.slots:
        assert slot.p50_w == pytest.approx(routine(slot.start)), slot.start


@pytest.mark.parametrize(
    ("now", "rest_h", "tomorrow_h"),
    [
        (datetime(2026, 6, 10, 10, tzinfo=UTC), 12, 24),  # noon in Berlin
        (datetime(2026, 6, 9, 22, tzinfo=UTC), 24, 24),  # midnight
        (datetime(2026, 6, 10, 21, 50, tzinfo=UTC), 1 / 6, 24),
        (datetime(2026, 3, 28, 11, tzinfo=UTC), 12, 23),  # summer time begins tomorrow
        (datetime(2026, 10, 25, 5, tzinfo=UTC), 18, 24),  # it ended this night
    ],
)
@pytest.mark.parametrize("horizon_h", [3, 36])
def test_the_energies_of_today_and_tomorrow_go_by_the_sites_midnight_whatever_the_horizon(
    now: datetime, rest_h: float, tomorrow_h: float, horizon_h: float
) -> None:
    known = past(rows(now, 30, 15, lambda _: 400.0, pv_w=100), now)
    solar = [Rate(start=now, end=now + timedelta(days=3), value=100)]
    view = outlook(known, solar, list(grid(now, now + timedelta(hours=horizon_h))), BERLIN, record_days=0)
    assert view.load.rest_of_today_kwh == pytest.approx(0.4 * rest_h, abs=0.001)
    assert view.load.tomorrow_kwh == pytest.approx(0.4 * tomorrow_h, abs=0.001)
    assert view.pv.rest_of_today_kwh == pytest.approx(0.1 * rest_h, abs=0.001)
    assert view.pv.tomorrow_kwh == pytest.approx(0.1 * tomorrow_h, abs=0.001)
    assert len(view.load.slots) == len(view.pv.slots) == len(list(grid(now, now + timedelta(hours=horizon_h))))


def test_a_gap_in_the_history_is_no_zero() -> None:
    gap = range(3, 9)
    known = past(rows(NOW, 20, 15, lambda t: None if (NOW - t).days in gap else 500, pv_w=0), NOW)
    view = outlook(known, (), list(grid(NOW, NOW + timedelta(hours=24))), BERLIN)
    assert {s.p10_w for s in view.load.slots} == {500}


def test_rows_hardly_observed_are_not_measured() -> None:
    [row] = rows(NOW, 15 / 1440, 15, routine)
    assert not past([row.model_copy(update={"coverage_s": 100})], NOW).known_days


def test_nothing_after_the_origin_is_looked_at() -> None:
    of = days(past(rows(NOW, 60, 15, routine, pv_w=0), NOW), BERLIN)
    origins = np.repeat(np.arange(1000, 5000, 37), 3)
    targets = origins + np.tile([0, 50, 180], len(origins) // 3)
    found, weights = samples(of, origins, targets)
    assert (found[weights > 0] < np.broadcast_to(origins[:, None], found.shape)[weights > 0]).all()


def test_solar_rates_are_corrected_by_the_roofs_own_errors() -> None:
    history = [
        r.model_copy(update={"pv_w": 800.0, "pv_forecast_w": 1000.0}) for r in rows(NOW, 30, 15, lambda _: 300.0)
    ]
    solar = [Rate(start=NOW + timedelta(hours=h), end=NOW + timedelta(hours=h + 1), value=500) for h in range(24)]
    view = outlook(past(history, NOW), solar, list(grid(NOW, NOW + timedelta(hours=12))), BERLIN)
    # The roof gave 80 % of the rates.
    assert all(s.p50_w == pytest.approx(400, rel=0.03) for s in view.pv.slots)
    assert "x 0.80" in view.pv.method


def test_solar_rates_without_measured_pv_are_taken_as_they_are() -> None:
    solar = [Rate(start=NOW, end=NOW + timedelta(hours=12), value=500)]
    slots = list(grid(NOW, NOW + timedelta(hours=2)))
    view = outlook(past(rows(NOW, 20, 15, routine), NOW), solar, slots, BERLIN)
    assert {(s.p10_w, s.mean_w, s.p90_w) for s in view.pv.slots} == {(500, 500, 500)}
    assert "uncorrected and without a spread" in view.pv.method


def test_what_does_not_fit_is_refused() -> None:
    known = past(rows(NOW, 3, 15, routine), NOW)
    with pytest.raises(ValueError, match="begins where the past ends"):
        outlook(known, (), [Slot(NOW - timedelta(hours=1), NOW)], BERLIN)
    with pytest.raises(ValueError, match="at most 8 days"):
        outlook(known, (), [Slot(NOW, NOW + timedelta(days=9))], BERLIN)


def test_on_the_reference_homes_second_half_the_load_forecast_is_better_and_its_quantiles_hold() -> None:
    found = skills(reference(datetime(2024, 6, 5, tzinfo=UTC), datetime(2024, 9, 1, tzinfo=UTC)))["load"]
    assert found.better is not None
    assert found.better >= 0.12
    assert found.below_p10 == pytest.approx(0.1, abs=0.03)
    assert found.below_p50 == pytest.approx(0.5, abs=0.03)
    assert found.below_p90 == pytest.approx(0.9, abs=0.03)
