"""The gateway's control on a simulated evcc over real HTTP, in a time that passes only when it is told to."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ems.contract.control import Action, BatteryAction, Control, ControllerName, LoadpointAction, Proposal
from ems.contract.message import Text
from ems.contract.people import Event, EventKind
from ems.contract.service import Status
from ems.contract.site import BatteryMode, LoadpointMode
from ems.contract.topics import CONTROL, EVENT, PROPOSAL, STATUS
from ems.house.battery import BatterySpec
from ems.house.car import CarSpec
from ems.i18n.health.troubles import EvccUnanswered
from ems.runtime.errors import TransientError
from ems.simulator.environment import Conditions, Steady
from ems.simulator.evcc_core import EvccCore as EvccHead
from ems.simulator.home import SimulatedCar, SimulatedHome
from ems.simulator.server import SimulatedEvcc
from evcc_poller.adapters.control_store import ControlStore
from evcc_poller.adapters.evcc import Evcc
from evcc_poller.control.command_handlers import answer_commands
from evcc_poller.control.device_registry import DeviceRegistry
from evcc_poller.control.device_scheduler import DeviceScheduler
from evcc_poller.domain.control.settings import ControlSettings
from evcc_poller.domain.observation import Observation, ToldChange
from evcc_poller.domain.parsing.state import read_state, unreachable_site
from evcc_poller.domain.parsing.vehicle_names import VehicleNames
from evcc_poller.domain.wording.control import Left, LeftToEvcc
from evcc_poller.domain.wording.renderer import GatewayWording
from support.clocks import NeverSet, StandingClock
from support.patience import PATIENCE_S
from support.quiet_bus import QuietBus

START = datetime(2026, 1, 15, 18, tzinfo=UTC)
"""A winter evening: no sun, so that a forced battery shows."""
POLL_S, STEP_S = 10, 5
WHY = Text(en="The plan says so.", de="Der Plan sagt es.", nl="Het plan zegt het.")
WORDING = GatewayWording(ZoneInfo("Europe/Berlin"))


def a_home(*, battery_modes: frozenset[BatteryMode] = frozenset(BatteryMode)) -> SimulatedHome:
    """1 kW of load, a half-full battery, a car at loadpoint 1."""
    limo = SimulatedCar(
        "limo", "Limousine", CarSpec(capacity_kwh=60, max_kw=11), energy_kwh=24, loadpoint="1", parks_at="1"
    )
    return SimulatedHome(
        now=START,
        # Nobody looks ahead here; each poll would carry a day and a half of prices.
        environment=Steady(Conditions(load_w=1000, pv_w=0), hours=1),
        battery=BatterySpec(capacity_kwh=100, charge_kw=5, discharge_kw=5),
        battery_kwh=50,
        battery_modes=battery_modes,
        cars={"limo": limo},
    )


@dataclass
class Controlled:
    """Everything a test needs in one hand."""

    clock: StandingClock
    sim: SimulatedEvcc
    evcc: Evcc
    path: Path
    rules: ControlSettings
    bus: QuietBus
    store: ControlStore
    scheduler: DeviceScheduler
    dead: bool = False
    told: list[ToldChange] = field(default_factory=list)
    """What evcc told of its changes by itself."""
    leaving: tuple[int, ...] = ()
    """Loadpoints whose car has left, of which evcc has told the half."""
    _was_away: bool = False
    _polled_at: datetime | None = None

    @property
    def devices(self) -> DeviceRegistry:
        """The devices that are controlled."""
        return self.scheduler.devices

    async def poll(self) -> None:
        """One poll of evcc, as the state poller does it."""
        at, steady_at = self.clock.now(), self.clock.steady()
        self._polled_at = steady_at
        before = self.devices.seen
        try:
            facts = read_state(await self.evcc.state(), at, VehicleNames())
        except TransientError as error:
            self._was_away = True
            site = unreachable_site(before.site if before else None, at, EvccUnanswered(str(error)))
            self.scheduler.update(Observation(at, site, steady_at=steady_at))
            return
        restarted, self._was_away = self._was_away, False
        self.scheduler.update(
            Observation(
                at,
                facts.site,
                facts.loadpoints,
                steady_at=steady_at,
                restarted=restarted,
                external_untouched=facts.external_untouched,
                told=tuple(self.told),
                leaving=self.leaving,
                battery_grid_charge_limit=facts.battery_grid_charge_limit,
            )
        )

    async def step(self) -> None:
        """Every device takes one step."""
        for device in self.devices.all():
            await self.scheduler.step(device)
        await self.scheduler.step_handovers()

    async def pass_time(self, seconds: float, *, step_s: float = STEP_S) -> None:
        """Lets time pass for evcc, the house and (unless dead) for us, who look every ``step_s``."""
        end = self.clock.steady() + timedelta(seconds=seconds)
        while self.clock.steady() < end:
            self.clock.advance(min(step_s, (end - self.clock.steady()).total_seconds()))
            if self.dead:
                continue
            if self._polled_at is None or (self.clock.steady() - self._polled_at).total_seconds() >= POLL_S:
                await self.poll()
            await self.step()

    def propose(
        self, device: str, action: Action, *, minutes: float = 60, by: ControllerName = ControllerName.LP
    ) -> None:
        """A controller publishes what it would do."""
        now = self.clock.now()
        proposal = Proposal(
            device=device,
            controller=by,
            at=now,
            valid_until=now + timedelta(minutes=minutes),
            action=action,
            reason=WHY,
        )
        self.bus.set(PROPOSAL, proposal, f"{by}/{device}")

    def plan_battery(self, mode: BatteryMode, *, minutes: float = 60) -> None:
        """The plan wants a battery mode."""
        self.propose("battery", BatteryAction(mode=mode), minutes=minutes)

    def plan_car(self, mode: LoadpointMode, limit: float | None = None, *, minutes: float = 60) -> None:
        """The plan wants a mode of loadpoint 1."""
        self.propose("loadpoint-1", LoadpointAction(mode=mode, limit_soc_pct=limit), minutes=minutes)

    def service(self, name: str, status: Status) -> None:
        """A service comes or goes."""
        self.bus.set(STATUS, status, name)

    def kill(self) -> None:
        """We die at once; what is on disk stays."""
        self.store.close()
        self.dead = True

    async def stop(self) -> None:
        """We are stopped in order."""
        await self.scheduler.hand_over(LeftToEvcc(Left.STOPPING))
        self.kill()

    def start(self) -> None:
        """We start anew, on the same disk and the same (retained) bus."""
        self.store = ControlStore(self.path)
        self.scheduler = DeviceScheduler(self.bus, self.rules, self.evcc, self.store, WORDING)
        answer_commands(self.bus, self.scheduler)
        self.dead, self._was_away, self._polled_at = False, False, None

    @property
    def head(self) -> EvccHead:
        """evcc, which must be up."""
        if self.sim.evcc is None:
            raise AssertionError("evcc is down")
        return self.sim.evcc

    def person_sets(self, mode: LoadpointMode, limit: int | None = None) -> None:
        """A person uses evcc's own interface at loadpoint 1."""
        _ = self.sim.home  # evcc first lives up to now
        settings = self.head.settings.loadpoints["1"]
        settings.mode = mode
        if limit is not None:
            settings.limit_soc_pct = limit
        self.head.changed()

    @property
    def mode(self) -> LoadpointMode:
        """What evcc has at loadpoint 1."""
        return self.head.settings.loadpoints["1"].mode

    @property
    def limit(self) -> int:
        """The SoC limit that evcc has at loadpoint 1."""
        return self.head.settings.loadpoints["1"].limit_soc_pct

    @property
    def house_battery(self) -> BatteryMode:
        """What the battery really does."""
        return self.sim.home.battery_mode

    def control(self, device: str) -> Control:
        """The newest control fact."""
        control = self.bus.last(CONTROL, device=device)
        if control is None:
            raise AssertionError(f"nothing was published about {device}")
        return control

    def events(self, kind: EventKind) -> list[Event]:
        """All events of a kind."""
        return [e for e in self.bus.all(EVENT) if e.event_type is kind]

    def writes(self, pattern: str = "") -> list[str]:
        """What evcc was asked to change, oldest first."""
        return [f"{r.method} {r.path}" for r in self.sim.requests_log if r.method != "GET" and pattern in r.path]


@asynccontextmanager
async def controlled(
    path: Path,
    *,
    home: SimulatedHome | None = None,
    rules: ControlSettings | None = None,
    dialect: str = "0.313",
    interval_s: float = 10,
) -> AsyncGenerator[Controlled]:
    """A simulated evcc that has been running for a while, and us just started beside it."""
    clock, rules = StandingClock(START), rules or ControlSettings()
    sim = SimulatedEvcc(home or a_home(), NeverSet(clock), dialect=dialect, interval_s=interval_s)
    async with sim, Evcc(sim.url, timeout_s=PATIENCE_S) as evcc:
        clock.advance(120)
        bus, store = QuietBus(clock), ControlStore(path)
        scheduler = DeviceScheduler(bus, rules, evcc, store, WORDING)
        answer_commands(bus, scheduler)
        rig = Controlled(clock, sim, evcc, path, rules, bus, store, scheduler)
        try:
            yield rig
        finally:
            rig.store.close()


async def unplug(rig: Controlled) -> None:
    """The car leaves its loadpoint."""
    rig.sim.home.cars["limo"].loadpoint = None


async def plug(rig: Controlled) -> None:
    """It is there again."""
    rig.sim.home.cars["limo"].loadpoint = "1"
