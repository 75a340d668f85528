"""The ledger over days: counted from the history, kept over restarts, published as a fact."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import override

import pytest

from ems.contract.message import Command, Language, Message
from ems.contract.requests import History, HistoryGet, HistoryRow, LoadpointMean
from ems.contract.service import HealthState
from ems.contract.topic import Topic
from ems.contract.topics import SAVINGS, SITE
from support.clocks import StandingClock
from support.evening import site
from support.quiet_bus import QuietBus
from support.virtual_clock import VirtualClock
from tariff_planner.adapters import savings_file
from tariff_planner.savings_recorder import AGAIN_S, SavingsRecorder
from tariff_planner.settings import Settings

EVENING = datetime(2026, 1, 14, 20, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


class BusWithHistory(QuietBus):
    """evcc-poller answers, in pages, with a house that always imports 1 kW at 30 ct, and a car at night."""

    pages = 0
    silent = False

    @override
    async def request(self, topic: Topic[object], message: Command, *, timeout_s: float = 10, **names: str) -> Message:
        if self.silent:
            raise TimeoutError
        assert isinstance(message, HistoryGet)
        self.pages += 1
        count = int((message.end - message.start) / QUARTER)
        rows = [self._row(message.start + n * QUARTER) for n in range(min(count, 40))]
        return History(rows=tuple(rows), next=message.start + 40 * QUARTER if count > 40 else None)

    @staticmethod
    def _row(start: datetime) -> HistoryRow:
        car_w = 4000.0 if start.hour == 2 else 0.0
        return HistoryRow(
            start=start,
            seconds=900,
            coverage_s=900,
            grid_w=1000 + car_w,
            home_w=1000,
            pv_w=0,
            battery_w=0,
            battery_soc_pct=50,
            import_eur_per_kwh=0.20 if start.hour == 2 else 0.30,
            loadpoints={"1": LoadpointMean(power_w=car_w, vehicle="zoe")} if 1 <= start.hour < 6 else {},
        )


@pytest.fixture
def bus() -> BusWithHistory:
    found = BusWithHistory(StandingClock(EVENING))
    found.set(SITE, site(50, at=EVENING))
    return found


def recorder(bus: QuietBus, folder: Path) -> SavingsRecorder:
    return SavingsRecorder(bus, Settings(state_dir=folder))


async def test_today_is_counted_from_midnight_at_the_site(bus: BusWithHistory, tmp_path: Path) -> None:
    await recorder(bus, tmp_path).count()
    found = bus.last(SAVINGS)
    assert found is not None
    assert found.today is not None
    assert found.today == found.total
    assert found.today.since == datetime(2026, 1, 13, 23, tzinfo=UTC)
    assert found.today.measured_h == 21
    assert found.today.cost_eur == pytest.approx(20 * 0.3 + 5 * 0.2)
    assert bus.pages == 5, "the evening before is read for what charges over midnight"
    (session,) = found.sessions
    assert (session.vehicle, session.energy_kwh, session.cost_eur) == ("zoe", 4, 0.8)
    for language in Language:
        assert " 3 % " in (getattr(found.method, language) or ""), "how far the span reaches, in every language"


async def test_days_that_are_over_are_kept_over_a_restart_and_not_counted_again(
    bus: BusWithHistory, tmp_path: Path
) -> None:
    await recorder(bus, tmp_path).count()
    assert isinstance(bus.clock, StandingClock)
    bus.clock.advance(86_400)
    await recorder(bus, tmp_path).count()
    bus.clock.advance(86_400)
    bus.pages = 0
    await recorder(bus, tmp_path).count()
    assert bus.pages == 7, "yesterday and today, and the evening before; not all of it"
    found = bus.last(SAVINGS)
    assert found is not None
    assert found.yesterday is not None
    assert found.total is not None
    assert found.total.measured_h == 24 + 24 + 21
    assert found.yesterday.measured_h == 24
    assert len(found.sessions) == 3


async def test_nothing_has_been_saved_yet_in_the_first_minutes_of_a_day(bus: BusWithHistory, tmp_path: Path) -> None:
    counting = recorder(bus, tmp_path)
    await counting.count()
    assert isinstance(bus.clock, StandingClock)
    bus.clock.moment = datetime(2026, 1, 14, 23, 1, 30, tzinfo=UTC)
    await counting.count()
    found = bus.last(SAVINGS)
    assert found is not None
    assert found.today is not None, "an amount of nothing, not an unknown one"
    assert (found.today.saving_eur, found.today.cost_eur, found.today.measured_h) == (0, 0, 0)
    assert found.today.since == datetime(2026, 1, 14, 23, tzinfo=UTC)
    assert found.yesterday is not None
    assert found.total is not None
    assert found.total.saving_eur == found.yesterday.saving_eur, "what is stored is still there"
    assert found.total.stored_eur == found.yesterday.stored_eur


async def test_who_starts_before_the_others_counts_as_soon_as_they_are_there(tmp_path: Path) -> None:
    clock = VirtualClock(EVENING)
    bus = BusWithHistory(clock)
    bus.set(SITE, site(50, at=EVENING))
    bus.silent = True
    counting = asyncio.create_task(recorder(bus, tmp_path).run())
    await clock.pass_until(EVENING + timedelta(seconds=3 * AGAIN_S))
    assert bus.last(SAVINGS) is None
    bus.silent = False
    await clock.pass_until(EVENING + timedelta(seconds=5 * AGAIN_S))
    async with asyncio.timeout(10):  # It counts in a thread.
        while bus.last(SAVINGS) is None:
            await asyncio.to_thread(lambda: None)
    counting.cancel()


async def test_without_the_history_the_last_word_stands(bus: BusWithHistory, tmp_path: Path) -> None:
    bus.silent = True
    await recorder(bus, tmp_path).count()
    assert bus.last(SAVINGS) is None


async def test_a_ledger_that_cannot_be_written_is_told_in_health_and_counted_all_the_same(
    bus: BusWithHistory, tmp_path: Path
) -> None:
    counting = recorder(bus, tmp_path / "state")
    (tmp_path / "state").write_text("no directory")
    await counting.count()
    assert bus.last(SAVINGS) is not None
    assert any("cannot be kept" in reason for reason in bus.health.snapshot().reasons)
    (tmp_path / "state").unlink()
    await counting.count()
    assert bus.health.state is HealthState.OK
    assert savings_file.load(tmp_path / "state", pytest.fail).began == EVENING.date()


async def test_a_file_that_cannot_be_read_is_set_aside_and_counting_begins_anew(tmp_path: Path) -> None:
    (tmp_path / "savings.json").write_text("{")
    said: list[str] = []
    assert savings_file.load(tmp_path, said.append).days == ()
    assert said == [
        "savings.json is not used: it is damaged; it is kept as savings.json.unreadable, and savings are counted anew"
    ]
    assert (tmp_path / "savings.json.unreadable").read_text() == "{"


@pytest.mark.parametrize(
    ("saturday", "hours"),
    [(datetime(2027, 3, 27, 20, 1, tzinfo=UTC), 23), (datetime(2026, 10, 24, 20, 1, tzinfo=UTC), 25)],
    ids=["spring", "autumn"],
)
async def test_the_days_on_which_the_clocks_change_are_counted_whole(
    bus: BusWithHistory, tmp_path: Path, saturday: datetime, hours: int
) -> None:
    assert isinstance(bus.clock, StandingClock)
    bus.clock.moment = saturday
    counting = recorder(bus, tmp_path)
    while bus.clock.moment < saturday + timedelta(hours=30):
        await counting.count()
        bus.clock.advance(3600)
    found = bus.last(SAVINGS)
    assert found is not None
    assert found.yesterday is not None
    assert found.yesterday.measured_h == hours
    assert found.yesterday.cost_eur == pytest.approx((hours - 1) * 0.3 + 5 * 0.2)
    assert found.total is not None
    assert found.today is not None
    saturdays_h = found.total.measured_h - hours - found.today.measured_h
    assert saturdays_h == 24
