"""Puts the cars on the bus."""

import asyncio
from functools import partial

import structlog

from ems.bus.api import Bus
from ems.contract.people import Event, EventKind
from ems.contract.site import Loadpoint, LoadpointKind
from ems.contract.topics import EVENT, LOADPOINT, SITE, VEHICLE
from ems.contract.vehicle import DoubtKind, Vehicle
from ems.i18n.health import troubles
from vehicle_soc.adapters.memory_file import MemoryFile
from vehicle_soc.adapters.provider import AuthRequired
from vehicle_soc.commands import VehicleCommands
from vehicle_soc.config_loader import load
from vehicle_soc.domain.charged_energy import Live
from vehicle_soc.domain.schedule import Budget
from vehicle_soc.domain.wording import renderer
from vehicle_soc.poller import VehiclePoller
from vehicle_soc.provider_factory import open_provider_factory, quiet_hours
from vehicle_soc.settings import Settings
from vehicle_soc.vehicle import PolledVehicle

_log = structlog.get_logger(__name__)


async def run(bus: Bus, settings: Settings) -> None:
    """Keeps every car's state of charge on the bus until cancelled."""
    fleet = load(settings)
    for warning in fleet.warnings:
        _log.warning("understood otherwise", what=warning)
    async with open_provider_factory(settings, bus.clock) as factory:
        files = MemoryFile(settings.state_dir)
        poller = VehiclePoller(
            clock=bus.clock,
            budget=Budget(settings.budget.per_day, settings.budget.per_hour),
            memory=files.load(partial(bus.health.file_set_aside, "memory")),
            files=files,
            tokens=factory.tokens,
            publish=lambda fact: _publish(bus, fact),
            login_needed=lambda car, why: _publish_login_needed(bus, car, why),
            kept=lambda why: _tell_kept(bus, why),
        )
        for config in fleet.cars:
            source = factory.source(config, partial(poller.take_reading_of, config.name))
            poller.add(PolledVehicle(config, source, quiet_hours(settings), poller.remembered(config)))
        VehicleCommands(poller, settings.zone).answer_on(bus)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(poller.run())
            tasks.create_task(_follow_loadpoints(bus, poller))
            tasks.create_task(_clear_removed(bus, poller))


def _publish(bus: Bus, fact: Vehicle) -> None:
    bus.publish(VEHICLE, fact, vehicle=fact.name)
    key = f"car:{fact.name}"
    if fact.problem is not None:
        bus.health.degraded(key, troubles.CarTrouble(fact.name, str(fact.problem.kind), fact.problem.text))
    elif fact.doubt is not None and fact.doubt.kind is DoubtKind.IMPLAUSIBLE:
        bus.health.degraded(key, troubles.CarTrouble(fact.name, str(fact.doubt.kind), fact.doubt.text))
    else:
        bus.health.ok(key)


def _tell_kept(bus: Bus, why: str | None) -> None:
    if why is None:
        bus.health.ok("memory")
    else:
        bus.health.degraded("memory", troubles.NotKept(troubles.CARS, why))


def _publish_login_needed(bus: Bus, car: PolledVehicle, why: AuthRequired) -> None:
    event = Event(
        event_type=EventKind.LOGIN_NEEDED,
        at=bus.clock.now(),
        vehicle=car.name,
        text=renderer.text(why.reason),
        details={"step": why.step.value, "provider": car.config.common.provider},
    )
    bus.publish(EVENT, event, event=EventKind.LOGIN_NEEDED)


async def _follow_loadpoints(bus: Bus, poller: VehiclePoller) -> None:
    """Hands the loadpoints' facts, and what evcc knows of the cars, to the cars."""
    loadpoints, site = bus.watch(LOADPOINT), bus.watch(SITE)
    async for _ in bus.changes(LOADPOINT, SITE):
        now = bus.clock.now()
        told = [str(fact.id) for fact in loadpoints.items().values()]
        facts = [fact for fact in loadpoints.items().values() if fact.kind is LoadpointKind.CAR and fact.connected]
        at_site = site.get()
        known = {vehicle.name: vehicle for vehicle in at_site.vehicles} if at_site else {}
        for car in poller.cars.values():
            there = max((f for f in facts if f.vehicle == car.name), key=lambda f: f.at, default=None)
            if car.config.common.capacity_kwh is None:
                reported = known[car.name].capacity_kwh if car.name in known else None
                car.capacity_kwh = reported or (there.capacity_kwh if there else None) or car.capacity_kwh
            if car.config.common.title is None and car.name in known:
                car.title = known[car.name].title
            if told:
                car.plug(live(there) if there else None, now, told)


async def _clear_removed(bus: Bus, poller: VehiclePoller) -> None:
    """Clears what an earlier run published of cars that are no longer in the settings."""
    published = bus.watch(VEHICLE)
    async for _ in bus.changes(VEHICLE):
        for name in set(published.items()) - set(poller.cars):
            bus.clear(VEHICLE, vehicle=name)


def live(fact: Loadpoint) -> Live:
    """A loadpoint's fact as the domain knows it."""
    return Live(
        loadpoint=str(fact.id),
        at=fact.at,
        charging=fact.charging,
        soc_pct=fact.soc_pct,
        range_km=fact.range_km,
        power_w=fact.power_w,
        session_kwh=fact.session_kwh,
        connected_s=fact.connected_s,
    )
