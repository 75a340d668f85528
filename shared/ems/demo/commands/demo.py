"""``ems demo``: a home lives through a real day, planned and steered by the services, before your watcher."""

import asyncio
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from ems.bus.session import MqttBus
from ems.contract.control import Owner
from ems.contract.plan import PlanStatus
from ems.contract.service import Service
from ems.contract.topics import CONTROL, PLAN, PROPOSAL
from ems.demo import day
from ems.demo.account import account, evcc_alone
from ems.demo.broker import embedded_broker
from ems.demo.pace import WARM_UP, Pace
from ems.demo.pacer import Pacer
from ems.demo.processes import ServiceProcess, end_processes
from ems.demo.report import Report, save_chart
from ems.demo.services import start_services, write_settings
from ems.demo.settings import DemoSettings
from ems.demo.terminal.bus_snapshot import BusWatcher
from ems.demo.terminal.display import display
from ems.demo.terminal.view import TerminalView, health_line, watch_line
from ems.runtime.paced_clock import PacedClock
from ems.runtime.settings import MqttSettings
from ems.simulator.home import SimulatedHome
from ems.simulator.server import SimulatedEvcc

FIRST_PLAN_TIMEOUT_S = 60.0
"""Longest wait for the first plan, in real seconds; then the demo has failed."""
FIRST_DECISION_TIMEOUT_S = 10.0
"""Longest wait of ``--once`` for the plan to be carried out, in real seconds."""
INTERVAL_S = 30.0
"""Seconds of the simulated evcc's control cycle; evcc's default."""


class NoPlan(Exception):
    """No plan came; the text says what is known about why."""


@dataclass(frozen=True, slots=True)
class RunningDemo:
    """What a demo is made of while it runs."""

    settings: DemoSettings
    clock: PacedClock
    pacer: Pacer
    evcc: SimulatedEvcc
    bus: MqttBus
    watcher: BusWatcher
    view: TerminalView
    services: list[ServiceProcess]
    began_s: float


async def run_demo(settings: DemoSettings, *, once: bool, plain: bool, chart: Path | None) -> str:
    """Lives through the demo's day (or one decision); returns the report.

    Raises:
        ExceptionGroup: of ProcessDied (a service ended by itself) or NoPlan.
    """
    async with _running_demo(settings) as running:
        async with asyncio.TaskGroup() as tasks:
            background = [tasks.create_task(service.watch()) for service in running.services]
            background.append(tasks.create_task(running.pacer.run()))
            if not once:
                notice = partial(_notice, running.pacer, settings.language)
                shown = display(running.view, running.watcher, running.clock, plain=plain, extra=notice)
                background.append(tasks.create_task(shown))
                day_lived = tasks.create_task(_live_through(running))
            first_plan_s = await _first_plan(running)
            if once:
                await _first_decision(running)
            else:
                before, after = await day_lived
            for task in background:
                task.cancel()
        snapshot, now = running.watcher.snapshot(), running.clock.now()
    report = Report(running.view, settings.language)
    lines = [report.plan_after(first_plan_s)]
    if once:
        lines.append(report.decision(snapshot, now))
    else:
        alone = evcc_alone(before, after.now, settings.evcc_goals, INTERVAL_S)
        lines.append(report.result(account(before, after), account(before, alone)))
        lines += filter(None, [_notice(running.pacer, settings.language)])
    lines.append(report.chart(save_chart(snapshot.chart, chart)))
    return "\n".join(lines)


def _notice(pacer: Pacer, language: str) -> str:
    notice = pacer.notice()
    return "" if notice is None else notice.in_language(language)


@asynccontextmanager
async def _running_demo(settings: DemoSettings) -> AsyncGenerator[RunningDemo]:
    """Broker, evcc and services, up at the beginning and gone at the end."""
    began_s, pace = time.monotonic(), Pace(settings.speed)
    start = day.START - WARM_UP
    with tempfile.TemporaryDirectory(prefix="ems-demo-") as name:
        folder = Path(name)
        clock = PacedClock.create(folder / "clock", start, settings.speed)
        home = day.demo_home(start)
        evcc = SimulatedEvcc(
            home, clock, dialect=settings.evcc, interval_s=INTERVAL_S, lease_s=pace.lease_s, zone=day.ZONE
        )
        async with embedded_broker(folder) as port, evcc:
            goals = settings.evcc_goals
            files = write_settings(folder, port, evcc.url, pace, settings.language, evcc.home.cars, goals)
            bus = MqttBus(Service.USERS, MqttSettings(host="127.0.0.1", port=port), clock)
            watcher = BusWatcher(bus)
            view = TerminalView(day.ZONE, settings.language, f"x {settings.speed:g}", watch_line("127.0.0.1", port))
            services = await start_services(folder, files, clock)
            pacer = Pacer(clock, pace, watcher)
            try:
                async with bus.session():
                    yield RunningDemo(settings, clock, pacer, evcc, bus, watcher, view, services, began_s)
            finally:
                await end_processes(*(service.process for service in services))


async def _first_plan(running: RunningDemo) -> float:
    """Real seconds from the start to the first plan that is more than an empty one."""
    try:
        async with asyncio.timeout(FIRST_PLAN_TIMEOUT_S):
            async for _ in running.bus.changes(PLAN):
                if (plan := running.watcher.snapshot().plan) is not None and plan.status is not PlanStatus.NONE:
                    break
    except TimeoutError:
        healths = running.watcher.snapshot().healths
        why = [health_line(name, health) for name, health in sorted(healths.items())]
        raise NoPlan("\n".join([f"no plan within {FIRST_PLAN_TIMEOUT_S:g} s.", *why])) from None
    return time.monotonic() - running.began_s


async def _first_decision(running: RunningDemo) -> None:
    """Waits until the gateway carries out what was proposed, but not for ever: it may have reasons not to."""
    with suppress(TimeoutError):
        async with asyncio.timeout(FIRST_DECISION_TIMEOUT_S):
            async for _ in running.bus.changes(PROPOSAL, CONTROL):
                snapshot = running.watcher.snapshot()
                taken = {device for device, control in snapshot.controls.items() if control.owner is not Owner.NONE}
                if snapshot.proposals and taken >= {proposal.device for proposal in snapshot.proposals}:
                    break


async def _live_through(running: RunningDemo) -> tuple[SimulatedHome, SimulatedHome]:
    """The home as it was when the day began and when it was over."""
    await _until(running.clock, day.START)
    before = deepcopy(running.evcc.home)
    await _until(running.clock, running.settings.end)
    return before, deepcopy(running.evcc.home)


async def _until(clock: PacedClock, moment: datetime) -> None:
    await clock.sleep(max(0.0, (moment - clock.now()).total_seconds()))
