"""15-minute means: weighted by time, honest about gaps, whole after a restart, filled from evcc's own."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ems.contract.requests import HistoryRow, LoadpointMean
from ems.contract.site import BatteryFact, EvccFact, Loadpoint, LoadpointMode, Site
from ems.runtime.errors import TransientError
from evcc_poller.adapters.history_db import HistoryDb
from evcc_poller.domain.observation import Observation
from evcc_poller.domain.recording import backfill
from evcc_poller.domain.recording.history import (
    SLOT,
    OpenSlot,
    Sample,
    grow,
    page,
    sample,
)
from support.evcc_recorded import body

SEVEN = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)
HOLD = timedelta(seconds=30)


def at(minutes: float) -> datetime:
    return SEVEN + timedelta(minutes=minutes)


def home(minutes: float, home_w: float | None) -> Sample:
    return Sample(at=at(minutes), values={"home_w": home_w}, loadpoints={})


def live(*samples: Sample, until: datetime, hold: timedelta = HOLD) -> tuple[OpenSlot, list[HistoryRow]]:
    """The open slot and the finished rows after these samples."""
    slot: OpenSlot | None = None
    before: Sample | None = None
    rows: list[HistoryRow] = []
    for now in [*samples, None]:
        slot, finished = grow(slot, before, now.at if now else until, hold)
        rows += finished
        before = now
    assert slot is not None
    return slot, rows


def test_a_mean_is_weighted_by_time_and_not_by_looks() -> None:
    minute = timedelta(minutes=15)
    _, (row,) = live(home(0, 100), home(5, 400), home(5.01, 400), until=at(15), hold=minute)
    assert row.home_w == pytest.approx((5 * 100 + 10 * 400) / 15)
    assert (row.start, row.seconds, row.coverage_s) == (SEVEN, 900, 900)


def test_a_look_across_the_end_of_a_slot_counts_in_both() -> None:
    slot, (row,) = live(home(14.9, 500), until=at(15.2))
    assert (row.coverage_s, row.home_w) == (6, 500)
    assert slot.start == at(15)
    assert slot.coverage_s == pytest.approx(12)


def test_an_outage_is_a_gap_and_no_measurement() -> None:
    slot, (row,) = live(home(0, 100), home(40, 300), until=at(40.1))
    assert (row.start, row.coverage_s) == (SEVEN, 30)
    assert slot.start == at(30)
    assert slot.coverage_s == pytest.approx(6)


def test_an_absent_value_takes_no_part_in_its_mean() -> None:
    slot, _ = live(home(0, 100), home(0.1, None), home(0.2, 100), until=at(0.3))
    assert slot.row().home_w == 100
    assert slot.coverage_s == pytest.approx(18)
    assert slot.row().grid_w is None


def test_a_slot_in_which_nothing_was_measured_has_no_row() -> None:
    assert live(home(0, 1), home(0.1, 1), until=at(300))[1] == [
        HistoryRow(start=SEVEN, seconds=900, coverage_s=36, home_w=1)
    ]


@given(
    steps=st.lists(st.tuples(st.floats(1, 40), st.floats(-9000, 9000)), min_size=2, max_size=120),
    first=st.floats(0, 15),
)
def test_energy_is_neither_lost_nor_made_at_the_borders_of_slots(
    steps: list[tuple[float, float]], first: float
) -> None:
    samples, minutes = [], first
    for seconds, power in steps:
        samples.append(home(minutes, power))
        minutes += seconds / 60
    slot, rows = live(*samples, until=at(minutes), hold=timedelta(minutes=5))
    all_rows = [*rows, *([slot.row()] if slot.coverage_s else [])]
    measured = sum((r.home_w or 0) * r.coverage_s for r in all_rows)
    assert measured == pytest.approx(sum(s * p for s, p in steps), rel=1e-4, abs=5)
    assert [r.start for r in all_rows] == sorted({r.start for r in all_rows})


def test_a_look_at_evcc_becomes_a_sample_and_a_car_that_changes_takes_its_soc_along() -> None:
    def seen(minutes: float, vehicle: str | None, soc_pct: float | None, power_w: float) -> Sample:
        lp = Loadpoint(
            at=at(minutes), id=1, mode=LoadpointMode.NOW, connected=vehicle is not None, charging=power_w > 0,
            power_w=power_w, vehicle=vehicle, soc_pct=soc_pct,
        )  # fmt: skip
        site = Site(at=at(minutes), evcc=EvccFact(reachable=True), battery=BatteryFact(power_w=-1000, soc_pct=50))
        return sample(Observation(at=at(minutes), site=site, loadpoints=(lp,)))

    slot, _ = live(seen(0, "limo", 40, 1000), seen(0.1, None, None, 0), seen(0.2, "mini", 80, 3000), until=at(0.3))
    row = slot.row()
    assert row.loadpoints["1"].vehicle == "mini"
    assert row.loadpoints["1"].soc_pct == 80
    assert row.loadpoints["1"].power_w == pytest.approx(4000 / 3)
    assert (row.battery_w, row.battery_soc_pct) == (-1000, 50)


ROW = HistoryRow(
    start=SEVEN, seconds=900, coverage_s=890, grid_w=-120.5, home_w=300, battery_soc_pct=42, pv_forecast_w=49.2,
    import_eur_per_kwh=-0.01,
    loadpoints={"1": LoadpointMean(power_w=1840, vehicle="limo", soc_pct=42), "2": LoadpointMean(power_w=0)},
)  # fmt: skip


def test_a_row_is_on_disk_as_it_was(tmp_path: Path) -> None:
    with HistoryDb(tmp_path / "history.db") as db:
        assert db.insert([ROW]) == 1
    with HistoryDb(tmp_path / "history.db") as db:
        assert db.rows(SEVEN, at(15), 10) == [ROW]
        assert db.rows(at(15), at(30), 10) == []
        assert db.rows(at(-15), SEVEN, 10) == []


def test_a_slot_that_is_not_over_survives_a_restart(tmp_path: Path) -> None:
    slot, _ = live(home(0, 100), home(0.4, 200), until=at(0.8))
    with HistoryDb(tmp_path / "history.db") as db:
        assert db.open_slot() is None
        db.keep_open(slot)
    with HistoryDb(tmp_path / "history.db") as db:
        kept = db.open_slot()
    assert kept == slot
    _, finished = grow(kept, None, at(60), HOLD)
    assert [(r.start, r.coverage_s, r.home_w) for r in finished] == [(SEVEN, 48, 150)]


def test_filling_up_leaves_what_is_there(tmp_path: Path) -> None:
    with HistoryDb(tmp_path / "history.db") as db:
        db.insert([ROW])
        other = ROW.model_copy(update={"home_w": 9, "loadpoints": {}})
        later = other.model_copy(update={"start": at(15)})
        assert db.insert([other, later], replace=False) == 1
        assert db.rows(SEVEN, at(60), 10) == [ROW, later]


def test_old_slots_are_forgotten_with_their_loadpoints(tmp_path: Path) -> None:
    with HistoryDb(tmp_path / "history.db") as db:
        db.insert([ROW, ROW.model_copy(update={"start": at(15)})])
        assert db.prune(at(15)) == 1
        assert [row.start for row in db.rows(at(-60), at(60), 10)] == [at(15)]
        assert db._db.execute("SELECT count(*) FROM loadpoint_slot").fetchone() == (2,)


def test_a_failed_write_leaves_nothing_half_done(tmp_path: Path) -> None:
    with HistoryDb(tmp_path / "history.db") as db:
        broken = ROW.model_copy(update={"start": at(15), "home_w": "many"})
        with pytest.raises(TransientError, match="home_w"):
            db.insert([ROW, broken])
        assert db.rows(SEVEN, at(60), 10) == []


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "history.db").write_bytes(b"not a database, but long enough to be read as one" * 30)
    with pytest.raises(TransientError, match=r"history\.db: file is not a database"):
        HistoryDb(tmp_path / "history.db")


def test_a_page_ends_where_it_must_and_says_where_the_next_begins() -> None:
    rows = [ROW.model_copy(update={"start": at(15 * i)}) for i in range(5)]
    assert page(rows, 5, 10_000) == (tuple(rows), None)
    assert page(rows, 3, 10_000) == (tuple(rows[:3]), at(45))
    size = len(ROW.model_dump_json(exclude_none=True)) + 1
    assert page(rows, 5, 2 * size) == (tuple(rows[:2]), at(30))
    assert page(rows, 5, 1) == (tuple(rows[:1]), at(15))


def test_evccs_own_history_becomes_rows() -> None:
    first, second = backfill.rows(body("0.313", "history-filled"), {"Garage": 1, "Carport": 2})
    assert first == HistoryRow(
        start=at(15),
        seconds=900,
        coverage_s=900,
        grid_w=0,
        pv_w=60,
        home_w=404,
        battery_w=344,  # came out of it: discharging is positive
        battery_soc_pct=49.881106,
        pv_forecast_w=0,
        loadpoints={"1": LoadpointMean(power_w=0, soc_pct=42.050613), "2": LoadpointMean(power_w=0)},
    )
    assert (second.start, second.home_w, second.pv_forecast_w) == (at(30), 416, 32)


def test_export_is_negative_and_several_meters_of_a_kind_are_added_up() -> None:
    quarter = {"start": "2026-11-21T07:00:00Z", "end": "2026-11-21T07:15:00Z"}
    series = [
        {"group": "grid", "title": "grid", "data": [{**quarter, "energy": 0.1, "returnEnergy": 0.6}]},
        {"group": "pv", "title": "east", "data": [{**quarter, "energy": 0.5}]},
        {"group": "pv", "title": "west", "data": [{**quarter, "energy": 0.25}]},
        {"group": "battery", "title": "a", "data": [{**quarter, "energy": 0.2, "returnEnergy": 0, "socTemp": 50}]},
        {"group": "battery", "title": "b", "data": [{**quarter, "energy": 0.2, "returnEnergy": 0, "socTemp": 60}]},
        {"group": "loadpoint", "title": "Unknown", "data": [{**quarter, "energy": 1}]},
    ]
    (row,) = backfill.rows(series, {})
    assert (row.grid_w, row.pv_w, row.battery_w, row.battery_soc_pct) == (-2000, 3000, -1600, None)
    assert row.loadpoints == {}


@pytest.mark.parametrize("nothing", [None, [], {}, "", 7, [7], [{"group": "home", "data": [{"start": "soon"}]}]])
def test_no_history_of_evccs_is_no_row(nothing: object) -> None:
    assert backfill.rows(nothing, {}) == ()


def test_slots_of_another_length_are_not_taken_for_quarter_hours() -> None:
    hour = {"start": "2026-11-21T07:00:00Z", "end": "2026-11-21T08:00:00Z", "energy": 1}
    assert backfill.rows([{"group": "home", "data": [hour]}], {}) == ()
    assert timedelta(minutes=15) == SLOT


def test_a_heaters_temperature_is_no_soc_of_the_history() -> None:
    lp = Loadpoint(at=SEVEN, id=1, mode=LoadpointMode.PV, connected=True, charging=True, power_w=2000, temperature_c=48)
    seen = Observation(at=SEVEN, site=Site(at=SEVEN, evcc=EvccFact(reachable=True)), loadpoints=(lp,))
    assert sample(seen).loadpoints == {"1": (2000, None, None)}
    assert sample(replace(seen, loadpoints=())).loadpoints == {}
