"""The planner's shell: waits for the slot or an event that matters, decides off the loop, publishes."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

from ems.bus.api import Bus, Names
from ems.contract.plan import PlanAnswer, PlanGet, SetPlanning
from ems.contract.topics import CONTROL, GOAL, LOADPOINT, PLAN_GET, SET_PLANNING, SITE, TARIFF, VEHICLE
from ems.house.slots import floor_to
from ems.i18n.records import CommandAnswer
from tariff_planner.domain.inputs.horizon import MIN_SLOT
from tariff_planner.planner import ERASED_GRACE, Planner
from tariff_planner.savings_recorder import SavingsRecorder
from tariff_planner.settings import Settings

FIRST_FACTS_TIMEOUT_S = 30
"""Longest wait for evcc's facts after the start, in seconds, before the first decision reports them missing."""
NO_HISTORY_RETRY_S = 60
"""Time until a plan that was made without any history is made again, in seconds."""
NO_HISTORY_RETRY_FOR = timedelta(minutes=10)
"""Time after the start in which that is done; by then the gateway has taken evcc's history over, or there is none."""


async def run(bus: Bus, settings: Settings) -> None:
    """Plans until it is cancelled."""
    planner = Planner(bus, settings)
    wake = asyncio.Event()

    async def set_planning(command: SetPlanning, _: Names) -> CommandAnswer:
        done = planner.store.set(command)
        wake.set()
        return done

    async def what_if(command: PlanGet, _: Names) -> PlanAnswer:
        return await planner.what_if(command)

    bus.on_command(SET_PLANNING, set_planning)
    bus.on_request(PLAN_GET, what_if)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_watch(bus, planner, wake))
        tasks.create_task(_decide(bus, planner, settings, wake))
        tasks.create_task(_count_savings(bus, settings))


async def _count_savings(bus: Bus, settings: Settings) -> None:
    """Counts what the suite is worth from evcc's first facts on."""
    recorder = SavingsRecorder(bus, settings)
    async for _ in bus.changes(SITE):
        break
    await recorder.run()


async def _watch(bus: Bus, planner: Planner, wake: asyncio.Event) -> None:
    """Wakes the planner when a :class:`PlanTrigger` changes: not every watt makes a new plan."""
    before = None
    async for _ in bus.changes(SITE, LOADPOINT, TARIFF, VEHICLE, GOAL, CONTROL):
        now = planner.trigger()
        if now.is_news(before, bus.clock.now()) or planner.facts_are_back:
            wake.set()
        before = now


async def _decide(bus: Bus, planner: Planner, settings: Settings, wake: asyncio.Event) -> None:
    clock = bus.clock
    with suppress(TimeoutError):
        async with clock.timeout(FIRST_FACTS_TIMEOUT_S):
            await wake.wait()
            await clock.sleep(settings.event_delay_s)
    wake.clear()
    began = clock.now()
    while True:
        # From before the decision: one that ends beyond a boundary is late for it, not early for the next.
        now = clock.now()
        if done := await planner.decide():
            await planner.price_wishes(done, wake.is_set)
        interval = timedelta(seconds=settings.decision_interval_s)
        minutes = max(1, round(interval / timedelta(minutes=1)))
        boundary = floor_to(now, minutes) + timedelta(minutes=minutes) if 60 % minutes == 0 else now + interval
        wait_s = max(0.0, (boundary - clock.now()).total_seconds())
        if planner.without_history and now - began < NO_HISTORY_RETRY_FOR:
            wait_s = min(wait_s, NO_HISTORY_RETRY_S)
        if planner.holds:
            wait_s = min(wait_s, ERASED_GRACE.total_seconds())
        with suppress(TimeoutError):
            async with clock.timeout(wait_s):
                await wake.wait()
            # Several things tend to change at once: a car, its goal, its mode. In a slot's last minute nothing begins.
            left_s = max(0.0, (boundary - clock.now()).total_seconds())
            await clock.sleep(left_s if left_s < MIN_SLOT.total_seconds() else min(settings.event_delay_s, left_s))
        wake.clear()


def describe(settings: Settings) -> Iterable[str]:
    """What the service would do, a line each."""
    battery = settings.battery
    yield f"broker {settings.mqtt.host}:{settings.mqtt.port}, topics below {settings.mqtt.prefix}/"
    minutes = settings.decision_interval_s / 60
    yield f"a plan every {minutes:g} min and {settings.event_delay_s:g} s after an event that matters"
    yield f"horizon: the known prices, at least {settings.horizon_h:g} h"
    yield f"forecasts learn from the last {settings.history_days} days"
    yield (
        f"battery: charges {battery.charge_kw:g} kW, gives {battery.discharge_kw:g} kW, reserve "
        f"{battery.reserve_soc_pct:g} %, can {', '.join(sorted(battery.modes))}"
    )
    if battery.into_cars is not None:
        held = "may feed cars" if battery.into_cars else "is held while a car takes more than the sun gives"
        yield f"battery: {held}"
    for name, inverter in battery.inverters.items():
        sun = f", {inverter.dc_sun_share:.0%} of the sun on its DC side" if inverter.dc_sun_share else ""
        yield f"inverter {name}: at most {inverter.ac_kw:g} kW{sun}"
    for goal in battery.goals:
        yield f"battery: {goal.soc_pct:g} % by {goal.by:%H:%M} on {', '.join(goal.days)}"
    for name, rules in settings.vehicles.items():
        yield f"{name}: up to {rules.max_kw:g} kW"
        if rules.loadpoint is not None:
            yield f"{name}: planned for loadpoint-{rules.loadpoint} before it is plugged in, too"
        for trip in rules.trips:
            on = ", ".join(trip.days)
            yield f"{name}: away from {trip.leave:%H:%M} to {trip.back:%H:%M} on {on}, back without {trip.kwh:g} kWh"
    grid = settings.grid
    if grid.import_limit_kw is not None:
        yield f"connection: at most {grid.import_limit_kw:g} kW imported"
    for limit in grid.limits:
        both = (
            ("imported", limit.import_limit_kw),
            ("fed in", limit.export_limit_kw),
            ("by each car and battery", limit.devices_limit_kw),
        )
        most = " and ".join(f"{kw:g} kW {way}" for way, kw in both if kw is not None)
        yield f"connection: at most {most} from {limit.start:%H:%M} to {limit.end:%H:%M} on {', '.join(limit.days)}"
