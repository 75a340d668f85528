"""HistoryRecorder: observations become rows, a stop keeps the running slot, evcc's own history fills gaps."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import override

import pytest

from ems.bus.api import Refused
from ems.contract.requests import History, HistoryGet
from ems.contract.service import HealthState
from ems.contract.site import EvccFact, Loadpoint, LoadpointMode, Rate, Site, Tariff, TariffKind
from ems.contract.topics import HISTORY_GET
from ems.house.battery import BatterySpec
from ems.house.car import CarSpec, Charger
from ems.runtime.errors import TransientError
from ems.simulator.environment import Conditions, Steady
from ems.simulator.home import SimulatedCar, SimulatedHome
from ems.simulator.server import SimulatedEvcc
from evcc_poller.adapters.evcc import Evcc
from evcc_poller.adapters.history_db import HistoryDb
from evcc_poller.app import _history
from evcc_poller.domain.observation import Observation
from evcc_poller.domain.parsing import rates
from evcc_poller.polling.tariff_poller import TariffPoller
from evcc_poller.recording.history_recorder import HistoryRecorder
from evcc_poller.settings import HistorySettings, Settings
from support.clocks import StandingClock
from support.quiet_bus import QuietBus

SEVEN = datetime(2026, 1, 15, 7, 0, tzinfo=UTC)
HOLD = timedelta(seconds=30)


def at(minutes: float) -> datetime:
    return SEVEN + timedelta(minutes=minutes)


class Sun(TariffPoller):
    """A forecast of 500 W in each slot, fetched at some time."""

    def __init__(self, fetched_at: datetime) -> None:
        slots = tuple(Rate(start=at(15 * i), end=at(15 * i + 15), value=500) for i in range(8))
        self._tariff = rates.fresh(TariffKind.SOLAR, slots, fetched_at)

    @override
    def get(self, kind: TariffKind) -> Tariff | None:
        return self._tariff if kind is TariffKind.SOLAR else None


def seen(minutes: float, home_w: float | None) -> Observation:
    moment = at(minutes)
    lp = Loadpoint(at=moment, id=1, title="Garage", mode=LoadpointMode.PV, connected=False, charging=False, power_w=0)
    site = Site(at=moment, evcc=EvccFact(reachable=home_w is not None), home_w=home_w)
    return Observation(at=moment, site=site, loadpoints=(lp,) if home_w is not None else ())


def recorder(bus: QuietBus, db: HistoryDb, *, backfill: bool = True) -> HistoryRecorder:
    return HistoryRecorder(bus, db, Sun(at(10)), HistorySettings(backfill=backfill), hold=HOLD)


async def live(one: HistoryRecorder, minutes_from: float, minutes_to: float, home_w: float) -> None:
    """An observation every 10 s."""
    steps = round((minutes_to - minutes_from) * 6)
    for i in range(steps + 1):
        await one.observe(seen(minutes_from + i / 6, home_w))


async def test_looks_become_rows_with_the_sun_that_was_forecast_before_the_slot(tmp_path: Path) -> None:
    with HistoryDb(tmp_path / "history.db") as db:
        one = recorder(QuietBus(StandingClock(SEVEN)), db)
        await live(one, 5, 30, 400)
        first, second = db.rows(at(-60), at(60), 10)
    assert (first.start, first.coverage_s, first.home_w, first.pv_forecast_w) == (at(0), 600, 400, None)
    assert (second.start, second.coverage_s, second.home_w, second.pv_forecast_w) == (at(15), 900, 400, 500)


async def test_while_evcc_is_away_nothing_counts_as_observed(tmp_path: Path) -> None:
    with HistoryDb(tmp_path / "history.db") as db:
        one = recorder(QuietBus(StandingClock(SEVEN)), db)
        await live(one, 0, 5, 400)
        for i in range(60):
            await one.observe(seen(5.2 + i / 6, None))
        await one.observe(seen(15.2, None))
        (row,) = db.rows(at(-60), at(60), 10)
    assert row.coverage_s == pytest.approx(312)
    assert row.home_w == 400


async def test_a_stop_in_the_middle_of_a_slot_and_a_start_lose_nothing(tmp_path: Path) -> None:
    bus = QuietBus(StandingClock(SEVEN))
    async with Evcc("http://127.0.0.1:1") as evcc:
        with HistoryDb(tmp_path / "history.db") as db:
            one = recorder(bus, db, backfill=False)
            running = asyncio.create_task(one.run(evcc))
            await live(one, 0, 4.5, 300)
            running.cancel()
            await asyncio.wait([running])
        with HistoryDb(tmp_path / "history.db") as db:
            again = recorder(bus, db, backfill=False)
            await live(again, 5, 15, 600)
            (row,) = db.rows(at(-60), at(60), 10)
    assert row.coverage_s == 4.5 * 60 + 10 * 60
    assert row.home_w == pytest.approx((4.5 * 300 + 10 * 600) / 14.5, rel=1e-6)


async def test_a_crash_costs_at_most_a_minute_of_the_running_slot(tmp_path: Path) -> None:
    bus = QuietBus(StandingClock(SEVEN))
    with HistoryDb(tmp_path / "history.db") as db:
        await live(recorder(bus, db), 0, 4.9, 300)
        kept = db.open_slot()
    assert kept is not None
    assert 4.9 * 60 - kept.coverage_s <= 60


@asynccontextmanager
async def lived(dialect: str, minutes: int) -> AsyncGenerator[tuple[StandingClock, Evcc]]:
    """An evcc that has seen some time pass."""
    clock = StandingClock(SEVEN)
    home = SimulatedHome(
        now=SEVEN,
        environment=Steady(Conditions(load_w=1000, pv_w=200, import_eur_per_kwh=0.3, export_eur_per_kwh=0.08)),
        battery=BatterySpec(capacity_kwh=10, charge_kw=5, discharge_kw=5),
        battery_kwh=9,
        chargers={"1": Charger()},
        cars={
            "limo": SimulatedCar("limo", "Limousine", CarSpec(capacity_kwh=60, max_kw=11), energy_kwh=24, loadpoint="1")
        },
    )
    async with SimulatedEvcc(home, clock, dialect=dialect) as simulated, Evcc(simulated.url) as evcc:
        for _ in range(minutes):
            clock.advance(60)
            await evcc.state()
        yield clock, evcc


async def test_evccs_own_history_fills_what_ours_lacks_and_nothing_else(tmp_path: Path) -> None:
    async with lived("0.313", 65) as (clock, evcc):
        with HistoryDb(tmp_path / "history.db") as db:
            one = recorder(QuietBus(clock), db)
            await live(one, 30, 45, 7777)
            await one._tidy(evcc)
            rows = db.rows(at(-60), at(120), 10)
            assert db.backfilled() == clock.now()
    assert [(row.start, row.home_w) for row in rows] == [
        (at(0), pytest.approx(1000, abs=60)),
        (at(15), pytest.approx(1000, abs=5)),
        (at(30), 7777),
        (at(45), pytest.approx(1000, abs=5)),
    ]
    assert rows[1].pv_w == pytest.approx(200, abs=5)
    assert rows[1].battery_w == pytest.approx(800, abs=5)
    assert (rows[1].loadpoints["1"].power_w, rows[1].loadpoints["1"].soc_pct) == (0, 40)


async def test_an_evcc_without_history_is_no_problem(tmp_path: Path) -> None:
    async with lived("0.300", 1) as (clock, evcc):
        with HistoryDb(tmp_path / "history.db") as db:
            bus = QuietBus(clock)
            one = recorder(bus, db)
            await one._guarded(one._tidy(evcc))
            assert db.rows(at(-60), at(120), 10) == []
            assert bus.health.state is HealthState.OK


async def test_an_evcc_that_is_away_is_asked_again_later(tmp_path: Path) -> None:
    with HistoryDb(tmp_path / "history.db") as db:
        bus = QuietBus(StandingClock(SEVEN))
        one = recorder(bus, db)
        async with Evcc("http://127.0.0.1:1") as evcc:
            await one._guarded(one._tidy(evcc))
        assert db.backfilled() is None
        assert "history has a gap" in bus.health.snapshot().reasons[0]


async def test_pages_follow_each_other_without_a_gap(tmp_path: Path) -> None:
    with HistoryDb(tmp_path / "history.db") as db:
        bus = QuietBus(StandingClock(SEVEN))
        await live(recorder(bus, db), 0, 76, 400)
        starts: list[datetime] = []
        start: datetime | None = at(0)
        while start is not None:
            page = await bus.ask(HISTORY_GET, HistoryGet(id="q1", start=start, end=at(600), limit=2))
            assert isinstance(page, History)
            assert page.id == "q1"
            starts += [row.start for row in page.rows]
            start = page.next
        assert starts == [at(15 * i) for i in range(5)]


async def test_a_request_that_makes_no_sense_is_refused_in_words(tmp_path: Path) -> None:
    with HistoryDb(tmp_path / "history.db") as db:
        bus = QuietBus(StandingClock(SEVEN))
        recorder(bus, db)
        with pytest.raises(Refused, match="end must be after the start"):
            await bus.ask(HISTORY_GET, HistoryGet(start=at(1), end=at(0)))


async def test_a_disk_that_fails_is_said_and_stops_nothing(tmp_path: Path) -> None:
    db = HistoryDb(tmp_path / "history.db")
    bus = QuietBus(StandingClock(SEVEN))
    one = recorder(bus, db)
    db.close()
    await live(one, 0, 15, 400)
    assert "history has a gap" in bus.health.snapshot().reasons[0]
    with pytest.raises(TransientError):
        db.rows(at(0), at(1), 1)
    with pytest.raises(Refused, match="cannot be read"):
        await bus.ask(HISTORY_GET, HistoryGet(start=at(0), end=at(60)))


async def test_a_damaged_file_is_kept_beside_and_the_history_begins_anew(tmp_path: Path) -> None:
    damaged = b"this was a database once, and is none any more. " * 50
    (tmp_path / "history.db").write_bytes(damaged)
    bus = QuietBus(StandingClock(SEVEN))
    async with AsyncExitStack() as stack, Evcc("http://127.0.0.1:1") as evcc:
        settings = Settings.model_validate({"state_dir": tmp_path})
        assert _history(bus, settings, TariffPoller(bus, evcc), stack) is not None
    assert (tmp_path / "history.db.unreadable").read_bytes() == damaged
    assert "the history begins anew" in bus.health.snapshot().reasons[0]


async def test_a_stop_with_a_failing_disk_is_still_a_stop(tmp_path: Path) -> None:
    db = HistoryDb(tmp_path / "history.db")
    one = recorder(QuietBus(StandingClock(SEVEN)), db)
    async with Evcc("http://127.0.0.1:1") as evcc:
        running = asyncio.create_task(one.run(evcc))
        await live(one, 0, 2, 300)
        db.close()
        running.cancel()
        await asyncio.wait([running])
    assert running.cancelled()
