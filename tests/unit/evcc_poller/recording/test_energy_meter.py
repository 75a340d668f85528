"""The energy counters: they only grow, are right for what was seen, fill no gap, and outlive restarts."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems.contract.service import HealthState
from ems.contract.site import BatteryFact, Energy, EvccFact, Loadpoint, LoadpointMode, Site
from ems.contract.topics import ENERGY
from evcc_poller.adapters.history_db import HistoryDb
from evcc_poller.domain.observation import Observation
from evcc_poller.domain.recording.energy import FLOWS, Counters, count
from evcc_poller.domain.recording.history import Sample
from evcc_poller.recording.energy_meter import EnergyMeter
from support.clocks import StandingClock
from support.quiet_bus import QuietBus

START = datetime(2026, 6, 10, 12, tzinfo=UTC)
HOLD = timedelta(seconds=30)
POWER = st.none() | st.floats(-3e6, 3e6)
LOOKS = st.lists(st.tuples(st.floats(-100, 5_000), POWER, POWER, POWER), max_size=30)


def sampled(at: datetime, grid_w: float | None, battery_w: float | None, garage_w: float | None) -> Sample:
    return Sample(at, {"grid_w": grid_w, "battery_w": battery_w}, {"1": (garage_w, None, None)})


def seen(seconds: float, grid_w: float | None, *, pv_w: float | None = None, garage_w: float = 0) -> Observation:
    at, there = START + timedelta(seconds=seconds), grid_w is not None
    lp = Loadpoint(at=at, id=1, mode=LoadpointMode.PV, connected=False, charging=False, power_w=garage_w)
    battery = BatteryFact(power_w=-600) if there else None
    site = Site(at=at, evcc=EvccFact(reachable=there), grid_w=grid_w, pv_w=pv_w, battery=battery)
    return Observation(at=at, site=site, loadpoints=(lp,) if there else ())


async def live(meter: EnergyMeter, seconds_from: float, seconds_to: float, grid_w: float, **more: float) -> None:
    """Looks every 10 s."""
    for i in range(round((seconds_to - seconds_from) / 10) + 1):
        await meter.observe(seen(seconds_from + 10 * i, grid_w, **more))


def told(bus: QuietBus) -> Energy:
    fact = bus.last(ENERGY)
    assert fact is not None
    return fact


@given(LOOKS)
def test_no_counter_ever_falls_whatever_the_meters_and_the_clock_say(
    looks: list[tuple[float, float | None, float | None, float | None]],
) -> None:
    counters, at = Counters(START), START
    for after_s, grid_w, battery_w, garage_w in looks:
        before, look, at = counters, sampled(at, grid_w, battery_w, garage_w), at + timedelta(seconds=after_s)
        counters = count(counters, look, at, HOLD)
        for old, new in ((before.site, counters.site), (before.loadpoints, counters.loadpoints)):
            assert old.keys() <= new.keys()
            assert all(new[name] >= kwh for name, kwh in old.items())
        assert counters.as_fact(at).since == START


@given(st.floats(-20_000, 20_000), st.lists(st.floats(0.1, 30), min_size=1, max_size=50))
def test_of_a_constant_power_the_energy_is_its_time_in_its_own_direction(grid_w: float, steps: list[float]) -> None:
    counters, at = Counters(START), START
    for seconds in steps:
        look, at = sampled(at, grid_w, None, 1_000), at + timedelta(seconds=seconds)
        counters = count(counters, look, at, HOLD)
    hours = (at - START) / timedelta(hours=1)
    assert counters.site["import_kwh"] == pytest.approx(max(grid_w, 0) * hours / 1000)
    assert counters.site["export_kwh"] == pytest.approx(max(-grid_w, 0) * hours / 1000)
    assert counters.loadpoints["1"] == pytest.approx(hours)
    assert "battery_charge_kwh" not in counters.site, "absent is absent"


def test_a_gap_is_not_filled() -> None:
    counters = count(Counters(START), sampled(START, 3_600, None, None), START + timedelta(hours=5), HOLD)
    assert counters.site["import_kwh"] == pytest.approx(0.03)


def test_a_meter_that_slips_once_spoils_nothing() -> None:
    counters = count(Counters(START), sampled(START, 1e9, None, 500), START + HOLD, HOLD)
    assert counters.site == {}
    assert counters.loadpoints["1"] > 0


def test_every_counter_of_the_fact_is_counted() -> None:
    assert {f for f in Energy.model_fields if f.endswith("_kwh")} == set(FLOWS)


async def test_what_flows_is_told_at_the_first_look_once_a_minute_and_at_the_end(tmp_path: Path) -> None:
    clock = StandingClock(START)
    bus = QuietBus(clock)
    with HistoryDb(tmp_path / "history.db") as db:
        meter = EnergyMeter(bus, db, hold=HOLD)
        await live(meter, 0, 150, 3_600, pv_w=720)
        assert [e.import_kwh for e in bus.all(ENERGY)] == [0, 0.06, 0.12]
        await clock.sleep(155)
        meter.close()
    last = told(bus)
    assert (last.import_kwh, last.export_kwh, last.pv_kwh, last.home_kwh) == (0.155, 0, 0.031, None)
    assert (last.battery_charge_kwh, last.battery_discharge_kwh, last.loadpoints) == (0.026, 0, {"1": 0})
    assert last.since == START


async def test_a_restart_goes_on_and_what_was_told_before_a_power_cut_is_never_taken_back(tmp_path: Path) -> None:
    bus = QuietBus(StandingClock(START))
    with HistoryDb(tmp_path / "history.db") as db:
        await live(EnergyMeter(bus, db, hold=HOLD), 0, 110, 3_600)
    before = told(bus)
    with HistoryDb(tmp_path / "history.db") as db:
        bus = QuietBus(StandingClock(START + timedelta(days=1)))
        await live(EnergyMeter(bus, db, hold=HOLD), 3_600, 3_660, 3_600, garage_w=36)
    assert told(bus).since == START
    assert before.import_kwh == 0.06
    assert [e.import_kwh for e in bus.all(ENERGY)] == [0.06, 0.12]
    assert told(bus).loadpoints == {"1": pytest.approx(0.001)}


async def test_while_evcc_is_away_nothing_counts(tmp_path: Path) -> None:
    bus = QuietBus(StandingClock(START))
    with HistoryDb(tmp_path / "history.db") as db:
        meter = EnergyMeter(bus, db, hold=HOLD)
        await live(meter, 0, 10, 3_600)
        for i in range(60):
            await meter.observe(seen(20 + 10 * i, None))
        await meter.observe(seen(700, 3_600))
    assert told(bus).import_kwh == 0.02


async def test_on_a_full_disk_the_counters_stand_still_loudly_and_lose_nothing(tmp_path: Path) -> None:
    bus = QuietBus(StandingClock(START))
    with HistoryDb(tmp_path / "history.db") as db:
        meter = EnergyMeter(bus, db, hold=HOLD)
        await live(meter, 0, 50, 3_600)
        db._db.execute("PRAGMA query_only = ON")
        await live(meter, 60, 110, 3_600)
        assert bus.health.snapshot().state is HealthState.DEGRADED
        assert "the energy counters cannot be kept" in bus.health.snapshot().reasons[0]
        assert told(bus).import_kwh == 0
        db._db.execute("PRAGMA query_only = OFF")
        await live(meter, 120, 120, 3_600)
        assert bus.health.snapshot().state is HealthState.OK
    assert told(bus).import_kwh == 0.12


def test_a_writer_that_comes_late_lowers_no_counter(tmp_path: Path) -> None:
    with HistoryDb(tmp_path / "history.db") as db:
        assert db.counters() is None
        db.keep_counters(Counters(START, {"pv_kwh": 5.0}, {"1": 2.0}))
        db.keep_counters(Counters(START, {"pv_kwh": 4.9}, {"1": 2.5, "2": 0.0}))
        assert db.counters() == Counters(START, {"pv_kwh": 5.0}, {"1": 2.5, "2": 0.0})


def test_what_is_committed_is_on_the_disk_and_not_only_on_its_way(tmp_path: Path) -> None:
    with HistoryDb(tmp_path / "history.db") as db:
        full = 2
        assert db._db.execute("PRAGMA synchronous").fetchone() == (full,)
