"""Days of the reference home: the ledger, the trace that a stranger recomputes, the score, the report."""

import csv
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from ems.contract.site import BatteryMode
from ems.forecast.similar_days import days
from ems.forecast.solar import solar_model
from ems.home_files.report_file import write_report
from ems.virtual_house.live import live
from ems.virtual_house.policies import EvccAlone, Planned
from support.homes import HOMES, april_days, reference
from tariff_planner.adapters.trace_file import write_trace
from tariff_planner.domain.backtest.page import page
from tariff_planner.domain.backtest.run import figures
from tariff_planner.domain.backtest.score import ALONE, BEST, INFORMED, PLAN, POLICIES

ETA = 0.95


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


@pytest.mark.parametrize("car", [False, True])
def test_nobody_beats_perfect_foresight_and_knowing_more_does_not_hurt_much(car: bool) -> None:
    cost = {p: j.whole.cost_eur for p, j in april_days(car=car).judgements.items()}
    assert cost[BEST] == min(cost.values())
    assert cost[INFORMED] < cost[PLAN] < cost[ALONE]


def test_beside_a_battery_a_cars_schedule_comes_near_the_free_optimum() -> None:
    """With load and PV known, modes cost less than 20 ct a day more than freely set powers."""
    found = april_days(car=True).judgements
    assert found[INFORMED].whole.cost_eur - found[BEST].whole.cost_eur < 3 * 0.20


@pytest.mark.parametrize("car", [False, True])
def test_a_stranger_can_recompute_bill_and_physics_from_the_trace(car: bool, tmp_path: Path) -> None:
    """Everything from the file alone, with the reference set's numbers written out here."""
    found = april_days(car=car)
    write_trace(tmp_path / "trace.csv", found.world, found.lives)
    bill: dict[str, float] = defaultdict(float)
    left: dict[str, float] = {}
    rows = _rows(tmp_path / "trace.csv")
    assert len(rows) == 4 * (3 if car else 5) * 48
    spot = {r["start_utc"]: float(r["spot_eur_per_kwh"]) for r in _rows(HOMES / "home-a.csv")}
    for row in rows:
        n = {k: float(v) for k, v in row.items() if v and k not in ("policy", "start_utc", "mode")}
        assert n["import_eur_per_kwh"] == pytest.approx(spot[row["start_utc"]] * 1.19 + 0.18, abs=1e-6)
        assert n["export_eur_per_kwh"] == pytest.approx(0.08)
        assert n["import_kwh"] >= 0
        assert n["export_kwh"] >= 0
        cost = n["import_kwh"] * n["import_eur_per_kwh"] - n["export_kwh"] * n["export_eur_per_kwh"]
        assert n["cost_eur"] == pytest.approx(cost, abs=1e-5)
        bill[row["policy"]] += n["cost_eur"]
        gained = n["battery_after_kwh"] - n["battery_before_kwh"]
        battery = gained / ETA if gained > 0 else gained * ETA
        taken = (n["car_after_kwh"] - n["car_before_kwh"]) / 0.9 if car else 0.0
        grid = n["import_kwh"] - n["export_kwh"]
        assert grid == pytest.approx(n["load_kwh"] - n["pv_kwh"] + battery + taken, abs=1e-4)
        assert 0.5 - 1e-6 <= n["battery_after_kwh"] <= 10 + 1e-6
        assert abs(battery) <= 5 * 0.5 + 1e-5
        assert -1e-5 <= taken <= 11 * 0.5 + 1e-5
        assert n["battery_before_kwh"] == pytest.approx(left.get(row["policy"], 5.0), abs=1e-6)
        left[row["policy"]] = n["battery_after_kwh"]
        if row["mode"].startswith("hold/") or row["mode"] == "hold":
            assert battery >= -1e-6
    for policy, judged in found.judgements.items():
        assert bill[policy] == pytest.approx(judged.bill_eur, abs=1e-3)


def test_the_whole_cost_is_the_bill_less_what_was_added_to_the_storage() -> None:
    found = april_days(car=False)
    price = found.world.mean_import_eur_per_kwh
    by_hand = {}
    for policy in POLICIES:
        before, after = found.lives[policy].stored_kwh["battery"]
        by_hand[policy] = found.judgements[policy].bill_eur - price * (after[-1] - before[0])
    for policy in POLICIES:
        saving = found.judgements[policy].whole.saving_eur
        assert saving == pytest.approx(by_hand[ALONE] - by_hand[policy], abs=1e-6)


def test_months_add_up_and_the_interval_holds_the_share() -> None:
    found = april_days(car=False).judgements[PLAN]
    assert sum(s.cost_eur for s in found.months.values()) == pytest.approx(found.whole.cost_eur)
    assert found.whole.regret_share is not None
    assert found.whole.captured == pytest.approx(1 - found.whole.regret_share)
    assert found.regret_low is not None
    assert found.regret_low <= found.whole.regret_share + 1e-9


def test_the_same_home_gives_the_same_figures() -> None:
    start = datetime(2024, 4, 15, tzinfo=UTC)
    world = reference(start, start + timedelta(days=2))
    once, again = (live(world, Planned(world)) for _ in range(2))
    assert once.modes == again.modes


def test_the_plan_does_not_know_the_future() -> None:
    """Other loads, PV and prices after a moment change nothing before it."""
    start = datetime(2024, 4, 22, tzinfo=UTC)
    world = reference(start, start + timedelta(days=3))
    now = world.first + 2 * 48 + 20
    load, pv = world.past.load_kw.copy(), world.past.pv_kw.copy()
    buy = world.import_eur_per_kwh.copy()
    load[now:], pv[now:], buy[world.known[now] :] = 9.0, 0.0, 0.01
    past = replace(world.past, load_kw=load, pv_kw=pv)
    of = days(past, world.house.tz())
    other = replace(world, past=past, days=of, solar_model=solar_model(of), import_eur_per_kwh=buy)
    seen = slice(0, now - world.first)
    assert "hold" in live(world, Planned(world)).modes[seen]
    assert live(other, Planned(other)).modes[seen] == live(world, Planned(world)).modes[seen]


def test_a_slot_without_a_measured_load_moves_nothing() -> None:
    start = datetime(2024, 4, 2, tzinfo=UTC)
    world = reference(start, start + timedelta(days=3))
    assert world.idle[world.first : world.end].any()
    life = live(world, EvccAlone(world))
    before, after = life.stored_kwh["battery"]
    idle = world.idle[world.first : world.end]
    assert (before[idle] == after[idle]).all()
    assert (life.cost_eur[idle] == 0).all()


def test_prices_of_tomorrow_are_known_from_one_oclock_on() -> None:
    world = reference(datetime(2024, 4, 15, tzinfo=UTC), datetime(2024, 4, 17, tzinfo=UTC))
    zone = world.house.tz()
    noon = world.past.index(datetime(2024, 4, 15, 12, 30, tzinfo=zone))
    assert world.moment(int(world.known[noon])) == datetime(2024, 4, 16, tzinfo=zone)
    assert world.moment(int(world.known[noon + 1])) == datetime(2024, 4, 17, tzinfo=zone)


def test_the_car_is_as_full_as_with_evcc_alone_when_it_leaves() -> None:
    found = april_days(car=True)
    assert found.judgements[ALONE].short_kwh == pytest.approx(0, abs=0.01)
    assert found.judgements[PLAN].short_kwh < 0.5


def test_a_battery_that_can_only_hold_is_only_held() -> None:
    start = datetime(2024, 4, 22, tzinfo=UTC)
    world = reference(start, start + timedelta(days=2))
    assert world.house.battery is not None
    battery = world.house.battery.model_copy(update={"modes": (BatteryMode.NORMAL, BatteryMode.HOLD)})
    held = replace(world, house=world.house.model_copy(update={"battery": battery}))
    assert set(live(held, Planned(held)).modes) == {"normal", "hold"}


def test_the_report_is_one_page_without_anything_from_elsewhere(tmp_path: Path) -> None:
    write_report(tmp_path / "r.html", page(april_days(car=False), "a <home>"))
    text = (tmp_path / "r.html").read_text("utf-8")
    assert "a &lt;home&gt;: what the plan would have been worth" in text
    assert "http" not in text
    assert "<script" not in text
    assert text.count("<svg") == 3


def test_the_figures_are_plain_numbers() -> None:
    found = figures(april_days(car=False))
    assert found["policies"][PLAN]["whole"]["regret_share"] == pytest.approx(
        april_days(car=False).judgements[PLAN].whole.regret_share, abs=1e-4
    )
    assert found["slots"] == 5 * 48
    assert np.isfinite(found["forecasts"]["load"]["nmae"])
