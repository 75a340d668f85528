"""``ems demo``: a home lives through a real day, planned and steered by the services, before your eyes."""

import asyncio
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ems.bus.session import MqttBus
from ems.contract.control import Owner
from ems.contract.plan import PlanStatus
from ems.contract.service import Service
from ems.contract.topics import CONTROL, PLAN, PROPOSAL
from ems.demo import day
from ems.demo.account import account, evcc_alone
from ems.demo.broker import embedded_broker
from ems.demo.bus_snapshot import Eyes
from ems.demo.pace import Pace
from ems.demo.processes import Running, end
from ems.demo.report import Report, save_chart
from ems.demo.services import start_services, write_settings
from ems.demo.settings import DemoSettings
from ems.demo.show import show
from ems.demo.view import TerminalView, trouble, watch_line
from ems.runtime.clock import AcceleratedClock
from ems.runtime.settings import MqttSettings
from ems.simulator.home import SimulatedHome
from ems.simulator.server import SimulatedEvcc

FIRST_PLAN_WITHIN_S = 60.0
"""Real seconds; a demo without a plan by then has failed."""
FIRST_DECISION_WITHIN_S = 10.0
"""Real seconds that ``--once`` waits for the plan to be carried out."""
INTERVAL_S = 30.0
"""The simulated evcc's control cycle, as evcc's default."""


class NoPlan(Exception):
    """No plan came; the text says what is known about why."""


@dataclass(frozen=True, slots=True)
class DemoStage:
    """A running demo."""

    settings: DemoSettings
    clock: AcceleratedClock
    evcc: SimulatedEvcc
    bus: MqttBus
    eyes: Eyes
    view: TerminalView
    services: list[Running]
    began_s: float


async def demo(settings: DemoSettings, *, once: bool, plain: bool, chart: Path | None) -> str:
    """Runs it to its end; returns what there is to say then.

    Raises:
        ExceptionGroup: of Died (a service ended by itself) or NoPlan.
    """
    async with _stage(settings) as stage:
        async with asyncio.TaskGroup() as tasks:
            background = [tasks.create_task(service.watch()) for service in stage.services]
            if not once:
                background.append(tasks.create_task(show(stage.view, stage.eyes, stage.clock, plain=plain)))
                day_lived = tasks.create_task(_live_through(stage))
            first_plan_s = await _first_plan(stage)
            if once:
                await _first_decision(stage)
            else:
                before, after = await day_lived
            for task in background:
                task.cancel()
        seen, now = stage.eyes.look(), stage.clock.now()
    words = Report(stage.view, settings.language)
    told = [words.plan_after(first_plan_s)]
    if once:
        told.append(words.decision(seen, now))
    else:
        alone = evcc_alone(before, after.now, settings.evcc_goals, INTERVAL_S)
        told.append(words.result(account(before, after), account(before, alone)))
    told.append(words.chart(save_chart(seen.chart, chart)))
    return "\n".join(told)


@asynccontextmanager
async def _stage(settings: DemoSettings) -> AsyncGenerator[DemoStage]:
    """Broker, evcc and services, up at the beginning and gone at the end."""
    began_s, pace = time.monotonic(), Pace(settings.speed)
    start = day.START - pace.warm_up
    clock = AcceleratedClock(time.time(), start.timestamp(), settings.speed)
    evcc = SimulatedEvcc(
        day.demo_home(start), clock, dialect=settings.evcc, interval_s=INTERVAL_S, lease_s=pace.lease_s, zone=day.ZONE
    )
    with tempfile.TemporaryDirectory(prefix="ems-demo-") as name:
        folder = Path(name)
        async with embedded_broker(folder) as port, evcc:
            goals = settings.evcc_goals
            files = write_settings(folder, port, evcc.url, pace, settings.language, evcc.home.cars, goals)
            bus = MqttBus(Service.USERS, MqttSettings(host="127.0.0.1", port=port), clock)
            eyes = Eyes(bus)
            view = TerminalView(day.ZONE, settings.language, f"x {settings.speed:g}", watch_line("127.0.0.1", port))
            services = await start_services(folder, files, clock)
            try:
                async with bus.session():
                    yield DemoStage(settings, clock, evcc, bus, eyes, view, services, began_s)
            finally:
                await end(*(service.process for service in services))


async def _first_plan(stage: DemoStage) -> float:
    """Waits for a plan that is one, and returns after how many real seconds it came."""
    try:
        async with asyncio.timeout(FIRST_PLAN_WITHIN_S):
            async for _ in stage.bus.changes(PLAN):
                if (plan := stage.eyes.look().plan) is not None and plan.status is not PlanStatus.NONE:
                    break
    except TimeoutError:
        healths = stage.eyes.look().healths
        why = [trouble(name, health) for name, health in sorted(healths.items())]
        raise NoPlan("\n".join([f"no plan within {FIRST_PLAN_WITHIN_S:g} s.", *why])) from None
    return time.monotonic() - stage.began_s


async def _first_decision(stage: DemoStage) -> None:
    """Waits until the gateway carries out what was proposed, but not for ever: it may have reasons not to."""
    with suppress(TimeoutError):
        async with asyncio.timeout(FIRST_DECISION_WITHIN_S):
            async for _ in stage.bus.changes(PROPOSAL, CONTROL):
                seen = stage.eyes.look()
                taken = {device for device, control in seen.controls.items() if control.owner is not Owner.NONE}
                if seen.proposals and taken >= {proposal.device for proposal in seen.proposals}:
                    break


async def _live_through(stage: DemoStage) -> tuple[SimulatedHome, SimulatedHome]:
    """The home as it was when the day began and when it was over."""
    await _until(stage.clock, day.START)
    before = deepcopy(stage.evcc.home)
    await _until(stage.clock, stage.settings.end)
    return before, deepcopy(stage.evcc.home)


async def _until(clock: AcceleratedClock, moment: datetime) -> None:
    await clock.sleep(max(0.0, (moment - clock.now()).total_seconds()))
