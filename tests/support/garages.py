"""A poller with plug-in sources that count, on a virtual clock."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ems.contract.vehicle import Vehicle
from ems.house.calendar import DailyHours
from support.virtual_clock import VirtualClock
from vehicle_soc.adapters.memory_file import MemoryFile
from vehicle_soc.adapters.provider import AuthRequired, Options, ProviderKind
from vehicle_soc.adapters.token_store import TokenStore
from vehicle_soc.config_loader import VehicleConfig
from vehicle_soc.domain.charged_energy import Live
from vehicle_soc.domain.readings import Reading
from vehicle_soc.domain.schedule import Budget
from vehicle_soc.poller import VehiclePoller
from vehicle_soc.settings import CarSettings
from vehicle_soc.vehicle import PolledVehicle

MONDAY = datetime(2026, 3, 23, 6, tzinfo=UTC)
"""Of the week in which summer time begins."""
ZONE = ZoneInfo("Europe/Berlin")
QUIET = DailyHours(time(22), time(5), ZONE)


class CountingOptions(Options):
    """A cloud that counts."""

    user: str = "me"
    password: str = "x"


@dataclass
class Counting:
    """Remembers when it was asked, and does what the test says."""

    clock: VirtualClock
    answer: Callable[[datetime], Reading]
    calls: list[datetime] = field(default_factory=list)
    forced: list[datetime] = field(default_factory=list)

    async def read(self, *, force: bool) -> Reading:
        self.calls.append(self.clock.now())
        if force:
            self.forced.append(self.clock.now())
        await asyncio.sleep(0)
        return self.answer(self.clock.now())


def soc(percent: float = 50, **more: Any) -> Callable[[datetime], Reading]:
    """A cloud that always answers the same, measured now."""
    return lambda now: Reading("counting", now, soc_pct=percent, measured_at=now, **more)


def config(name: str, user: str = "me", password: str = "x", **common: Any) -> VehicleConfig:
    """A car with a plug-in provider."""
    kind: ProviderKind[CountingOptions] = ProviderKind(CountingOptions, lambda _o, _c: None, lambda o: f"c:{o.user}")
    return VehicleConfig(
        name, CarSettings(provider="counting", **common), kind, CountingOptions(user=user, password=password)
    )


def at_home(clock: VirtualClock, **more: Any) -> Live:
    """The car at loadpoint 1, as evcc sees it now."""
    return Live("1", clock.now(), **more)


@dataclass
class Yard:
    """Everything a test needs in one hand."""

    clock: VirtualClock
    poller: VehiclePoller
    told: dict[str, list[Vehicle]] = field(default_factory=dict)
    logins: list[tuple[str, AuthRequired]] = field(default_factory=list)
    kept: list[str | None] = field(default_factory=list)
    """What each save came to: None, or why nothing could be written."""

    def add(
        self, made: VehicleConfig, answer: Callable[[datetime], Reading], quiet: DailyHours | None = QUIET
    ) -> tuple[PolledVehicle, Counting]:
        """One more car."""
        source = Counting(self.clock, answer)
        car = PolledVehicle(made, source, quiet, self.poller.remembered(made))
        self.poller.add(car)
        return car, source


def yard(tmp_path: Path, clock: VirtualClock | None = None, budget: Budget | None = None) -> Yard:
    """A poller; the same ``tmp_path`` again is a restart."""
    time_ = clock or VirtualClock(MONDAY)
    told: dict[str, list[Vehicle]] = {}
    logins: list[tuple[str, AuthRequired]] = []
    kept: list[str | None] = []
    poller = VehiclePoller(
        time_,
        budget or Budget(),
        MemoryFile(tmp_path),
        MemoryFile(tmp_path).load(kept.append),
        TokenStore(tmp_path / "logins"),
        lambda fact: told.setdefault(fact.name, []).append(fact),
        lambda car, why: logins.append((car.name, why)),
        kept.append,
    )
    return Yard(time_, poller, told, logins, kept)


@asynccontextmanager
async def running(made: Yard) -> AsyncGenerator[None]:
    """The poller at work."""
    task = asyncio.create_task(made.poller.run())
    yield
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.result()
