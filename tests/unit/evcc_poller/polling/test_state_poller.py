"""StatePoller on a simulated evcc: what it publishes and when, and an evcc that goes away."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from ems.contract.people import EventKind
from ems.contract.service import HealthState
from ems.contract.site import BatteryMode, LoadpointMode, TariffKind
from ems.contract.topics import EVENT, LOADPOINT, SITE, TARIFF
from ems.house.battery import BatterySpec
from ems.house.car import CarSpec, Charger
from ems.simulator.environment import Conditions, Steady
from ems.simulator.faults import RatesFault
from ems.simulator.home import SimulatedCar, SimulatedHome
from ems.simulator.server import SimulatedEvcc
from evcc_poller.adapters.errors import OptimizerActive
from evcc_poller.adapters.evcc import Evcc
from evcc_poller.domain.observation import Observation
from evcc_poller.domain.parsing.vehicle_names import VehicleNames
from evcc_poller.polling.observation_channel import ObservationChannel
from evcc_poller.polling.state_poller import StatePoller
from evcc_poller.polling.tariff_poller import TariffPoller
from support.clocks import StandingClock
from support.controlled import WORDING
from support.patience import PATIENCE_S
from support.quiet_bus import QuietBus

START = datetime(2026, 1, 15, 18, 7, tzinfo=UTC)


@dataclass
class World:
    """A simulated home and evcc, and the pollers before it."""

    clock: StandingClock
    simulated: SimulatedEvcc
    bus: QuietBus
    evcc: Evcc
    observations: ObservationChannel = field(default_factory=ObservationChannel)
    heard: list[Observation] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tariffs = TariffPoller(self.bus, self.evcc)
        self.poller = StatePoller(
            self.bus, self.evcc, VehicleNames(), self.tariffs, self.observations, WORDING, [self._hear]
        )

    async def _hear(self, seen: Observation) -> None:
        self.heard.append(seen)

    async def poll(self, after_s: float = 10) -> Observation:
        """Lets time pass and polls; the newest observation that the listeners got."""
        self.clock.advance(after_s)
        await self.poller.poll()
        return self.heard[-1]

    def said(self, topic: Any) -> list[Any]:
        """What was published on a topic since the last time, and forgets it."""
        found = self.bus.all(topic)
        self.bus.published[:] = [entry for entry in self.bus.published if entry[0] is not topic]
        return found


@asynccontextmanager
async def world(dialect: str = "0.313", timeout_s: float = PATIENCE_S) -> AsyncGenerator[World]:
    clock = StandingClock(START)
    limo = SimulatedCar(
        "limo", "Limousine", CarSpec(capacity_kwh=60, max_kw=11), energy_kwh=24, loadpoint="1", parks_at="1"
    )
    home = SimulatedHome(
        now=START,
        environment=Steady(Conditions(load_w=1000, pv_w=0, import_eur_per_kwh=0.3, export_eur_per_kwh=0.08)),
        battery=BatterySpec(capacity_kwh=10, charge_kw=5, discharge_kw=5),
        battery_kwh=5,
        chargers={"1": Charger(), "2": Charger()},
        cars={"limo": limo},
    )
    async with (
        SimulatedEvcc(home, clock, dialect=dialect) as simulated,
        Evcc(simulated.url, timeout_s=timeout_s) as evcc,
    ):
        yield World(clock, simulated, QuietBus(clock), evcc)


@pytest.mark.parametrize("dialect", ["0.207", "0.300", "0.313"])
async def test_a_look_tells_site_and_loadpoints_and_hands_them_to_control(dialect: str) -> None:
    async with world(dialect) as w:
        seen = await w.poll()
        assert [site.home_w for site in w.said(SITE)] == [1000]
        assert [(lp.id, lp.connected) for lp in w.said(LOADPOINT)] == [(1, True), (2, False)]
        assert w.observations.latest is seen
        assert (seen.at, seen.restarted, seen.external_untouched) == (w.clock.now(), False, True)
        assert w.bus.health.state is HealthState.OK


async def test_what_did_not_change_is_told_once_a_minute() -> None:
    async with world() as w:
        for _ in range(13):
            await w.poll()
        assert len([lp for lp in w.said(LOADPOINT) if lp.id == 2]) == 3


async def test_what_changed_is_told_at_once() -> None:
    async with world() as w:
        await w.poll()
        w.said(LOADPOINT)
        await w.evcc.set_mode(1, LoadpointMode.NOW)
        await w.poll()
        assert [(lp.id, lp.mode) for lp in w.said(LOADPOINT)] == [(1, LoadpointMode.NOW)]


async def test_an_evcc_that_is_gone_is_said_within_three_looks_and_nothing_measured_stays() -> None:
    async with world() as w:
        last = await w.poll()
        await w.simulated.kill()
        w.said(SITE), w.said(LOADPOINT)
        for _ in range(2):
            await w.poll(3)
        assert w.said(SITE) == []
        seen = await w.poll(3)
        (site,) = w.said(SITE)
        assert not site.evcc.reachable
        assert "connection refused" in site.evcc.problem
        assert (site.evcc.last_contact, site.grid_w, site.battery) == (last.at, None, None)
        assert w.said(LOADPOINT) == []
        assert w.bus.health.state is HealthState.FAILED
        assert (seen.site, seen.loadpoints) == (site, ())


async def test_an_evcc_that_is_silent_for_30_s_is_away_however_few_the_looks() -> None:
    async with world() as w:
        await w.poll()
        await w.simulated.kill()
        seen = await w.poll(31)
        assert not seen.site.evcc.reachable


async def test_it_recovers_alone_and_says_that_evcc_was_started_anew() -> None:
    async with world() as w:
        await w.poll()
        await w.simulated.kill()
        for _ in range(3):
            await w.poll(3)
        await w.simulated.start()
        seen = await w.poll(3)
        assert (seen.site.evcc.reachable, seen.restarted) == (True, True)
        assert w.bus.health.state is HealthState.OK
        assert not (await w.poll()).restarted


async def test_404_to_everything_is_an_evcc_that_starts() -> None:
    async with world() as w:
        await w.poll()
        w.simulated.faults.not_ready = True
        await w.poll(3)
        w.simulated.faults.not_ready = False
        assert (await w.poll(3)).restarted


async def test_one_lost_answer_is_neither_an_outage_nor_a_restart() -> None:
    async with world(timeout_s=2) as w:
        await w.poll()
        w.simulated.faults.answer(500, "GET /api/state")
        await w.poll(3)
        w.simulated.faults.delay(5, "GET /api/state")
        await w.poll(3)
        seen = await w.poll(3)
        assert (seen.site.evcc.reachable, seen.restarted) == (True, False)
        assert all(site.evcc.reachable for site in w.said(SITE))


async def test_a_restart_is_not_lost_on_a_listener_that_was_busy() -> None:
    async with world() as w:
        await w.poll()
        await w.observations.next()
        await w.simulated.kill()
        await w.poll(3)
        await w.simulated.start()
        await w.poll(3)
        await w.poll()
        newest = await w.observations.next()
        assert (newest.at, newest.restarted) == (w.clock.now(), True)


async def test_a_fatal_configuration_is_failed_health_in_evccs_words() -> None:
    async with world() as w:
        w.simulated.faults.fatal = "cannot create charger"
        seen = await w.poll()
        assert seen.site.evcc.reachable
        assert w.bus.health.state is HealthState.FAILED
        assert "cannot create charger" in w.bus.health.snapshot().reasons[0]


async def test_a_battery_mode_from_outside_is_seen() -> None:
    async with world() as w:
        await w.poll()
        for _ in range(2):  # evcc switches at its next cycle, and measures what became of it at the one after
            await w.evcc.set_battery_mode(BatteryMode.HOLD)
            seen = await w.poll(30)
        assert seen.site.battery is not None
        assert (seen.site.battery.mode, seen.site.battery.power_w) == (BatteryMode.HOLD, 0)
        assert not seen.external_untouched


async def test_evccs_root_above_the_suites_is_said_in_health_and_beside_its_reach() -> None:
    async with world() as w:
        w.simulated.faults.mqtt_topic = "evcc"
        seen = await w.poll()
        assert "evcc's MQTT root 'evcc' holds the suite's 'evcc/ems'" in (seen.site.evcc.problem or "")
        assert w.bus.health.snapshot().reasons == (seen.site.evcc.problem,)
        w.simulated.faults.mqtt_topic = "evcc/core"
        assert (await w.poll()).site.evcc.problem is None
        assert w.bus.health.state is HealthState.OK


async def test_evccs_optimizer_counts_as_active_for_a_while_after_it_turned_a_write_down() -> None:
    async with world() as w:
        assert not (await w.poll()).site.evcc.optimizer_active
        w.simulated.faults.optimizer = True
        with pytest.raises(OptimizerActive):
            await w.evcc.set_battery_grid_charge_limit(0.1)
        assert (await w.poll()).site.evcc.optimizer_active
        assert (await w.poll(880)).site.evcc.optimizer_active
        assert not (await w.poll(20)).site.evcc.optimizer_active


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("off", None),
        ("battery", "evcc's own optimizer steers the battery: it is left to it until that is switched off"),
        ("full", "evcc's own optimizer steers battery and loadpoints: they are left to it until it is switched off"),
        (True, "evcc's own optimizer steers battery and loadpoints: they are left to it until it is switched off"),
    ],
)
async def test_what_evccs_optimizer_steers_is_said_and_a_refusal_adds_nothing_to_it(
    shown: str | bool, said: str | None
) -> None:
    async with world() as w:
        w.simulated.faults.automatic, w.simulated.faults.optimizer = shown, True
        with pytest.raises(OptimizerActive):
            await w.evcc.set_battery_grid_charge_limit(0.1)
        evcc = (await w.poll()).site.evcc
        assert (evcc.optimizer_has_battery, evcc.optimizer_has_loadpoints) == (shown != "off", shown in {"full", True})
        assert w.bus.health.snapshot().reasons == (() if said is None else (said,))
        w.simulated.faults.automatic = "off"
        await w.poll()
        assert w.bus.health.state is HealthState.OK


async def test_a_car_that_leaves_is_an_event() -> None:
    async with world() as w:
        await w.poll()
        w.simulated.home.cars["limo"].loadpoint = None
        await w.poll(60)
        assert [event.event_type for event in w.said(EVENT)] == [EventKind.UNPLUGGED]


async def test_rates_are_told_and_kept_with_their_age_when_evcc_has_none_any_more() -> None:
    async with world() as w:
        await w.tariffs.poll()
        w.tariffs.publish()
        good = {t.kind: t for t in w.said(TARIFF)}
        assert set(good) == {TariffKind.GRID, TariffKind.FEEDIN, TariffKind.SOLAR}
        assert good[TariffKind.GRID].rates[0].value == 0.3
        w.simulated.faults.rates = RatesFault.OUTDATED
        w.clock.advance(300)
        await w.tariffs.poll()
        w.tariffs.publish()
        old = {t.kind: t for t in w.said(TARIFF)}[TariffKind.GRID]
        assert (old.rates, old.fetched_at) == (good[TariffKind.GRID].rates, START)
        assert "outdated" in old.problem
        assert "grid rates" in " ".join(w.bus.health.snapshot().reasons)
        w.simulated.faults.rates = None
        await w.tariffs.poll()
        assert w.bus.health.state is HealthState.OK


async def test_the_price_of_outdated_rates_is_ours_for_now_or_none() -> None:
    async with world() as w:
        await w.tariffs.poll()
        w.simulated.faults.rates = RatesFault.OUTDATED
        await w.tariffs.poll()
        assert (await w.poll()).site.import_eur_per_kwh == 0.3
        tariff = w.tariffs.get(TariffKind.GRID)
        assert tariff is not None
        w.clock.moment = tariff.rates[-1].end + timedelta(hours=1)
        assert (await w.poll()).site.import_eur_per_kwh is None


async def test_garbage_instead_of_rates_leaves_the_last_good_ones() -> None:
    async with world() as w:
        await w.tariffs.poll()
        good = w.tariffs.get(TariffKind.GRID)
        w.simulated.faults.rates = RatesFault.GARBAGE
        await w.tariffs.poll()
        now = w.tariffs.get(TariffKind.GRID)
        assert good is not None
        assert now is not None
        assert now.rates == good.rates
        assert now.problem


async def test_rates_that_could_not_be_had_are_asked_for_again_within_half_a_minute() -> None:
    async with world() as w:
        w.simulated.faults.not_ready = True
        asking = asyncio.create_task(w.tariffs.run(300))
        asked: list[float] = []
        async with asyncio.timeout(PATIENCE_S):
            while len(asked) < 3:
                await asyncio.sleep(0)
                asked = sorted({e.at.timestamp() for e in w.simulated.requests_log if e.path == "/api/tariff/grid"})
        asking.cancel()
        await asyncio.wait([asking])
        assert [round(later - earlier) for earlier, later in pairwise(asked)][:2] == [30, 30]


@pytest.mark.parametrize(("minute", "second", "wait_s"), [(7, 0, 300), (13, 0, 122), (15, 0, 2), (15, 2, 300)])
def test_rates_are_asked_for_in_time_and_just_after_a_slot_begins(minute: int, second: int, wait_s: float) -> None:
    clock = StandingClock(START)
    tariffs = TariffPoller(QuietBus(clock), Evcc("http://127.0.0.1:1"))
    now = START.replace(minute=minute, second=second)
    assert (tariffs._next_poll(now, 300) - now).total_seconds() == wait_s


async def test_who_needs_a_fresh_look_takes_the_one_that_is_under_way_and_makes_one_only_where_that_is_old() -> None:
    async with world() as w:
        await w.poll()
        w.clock.advance(10)
        looks = len(w.heard)
        await asyncio.gather(w.poller.poll(), w.poller.poll_unless_fresh(timedelta(milliseconds=50)))
        assert len(w.heard) == looks + 1, "one look serves both"
        w.clock.advance(0.1)
        await w.poller.poll_unless_fresh(timedelta(milliseconds=50))
        assert len(w.heard) == looks + 2
