"""The shell: cars on the bus."""

import asyncio

import structlog

from ems.bus.api import Bus
from ems.contract.people import Event, EventKind
from ems.contract.site import Loadpoint, LoadpointKind
from ems.contract.topics import EVENT, LOADPOINT, SITE, VEHICLE
from ems.contract.vehicle import Vehicle
from vehicle_soc.adapters.memory_file import MemoryFile
from vehicle_soc.adapters.provider import AuthRequired
from vehicle_soc.commands import Commands
from vehicle_soc.config_loader import load
from vehicle_soc.domain.charged_energy import Live
from vehicle_soc.domain.schedule import Budget
from vehicle_soc.poller import VehiclePoller
from vehicle_soc.provider_factory import quiet, workshop
from vehicle_soc.settings import Settings
from vehicle_soc.vehicle import PolledVehicle

_log = structlog.get_logger(__name__)


async def run(bus: Bus, settings: Settings) -> None:
    """Keeps every car's state of charge on the bus until cancelled."""
    fleet = load(settings)
    for warning in fleet.warnings:
        _log.warning("passed over", what=warning)
    async with workshop(settings, bus.clock) as making:
        garage = VehiclePoller(
            clock=bus.clock,
            budget=Budget(settings.budget.per_day, settings.budget.per_hour),
            files=MemoryFile(settings.state_dir),
            tokens=making.tokens,
            tell=lambda fact: _tell(bus, fact),
            login_needed=lambda car, why: _ask_for_login(bus, car, why),
        )
        for config in fleet.cars:
            memory = garage.remembered(config)
            garage.add(PolledVehicle(config, making.source(config), quiet(settings), memory))
        Commands(garage).answer_on(bus)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(garage.run())
            tasks.create_task(_follow(bus, garage))
            tasks.create_task(_forget(bus, garage))


def _tell(bus: Bus, fact: Vehicle) -> None:
    bus.publish(VEHICLE, fact, vehicle=fact.name)
    key = f"car:{fact.name}"
    if fact.problem is None:
        bus.health.ok(key)
    else:
        bus.health.degraded(key, f"{fact.name}: {fact.problem.text.en}")


def _ask_for_login(bus: Bus, car: PolledVehicle, why: AuthRequired) -> None:
    event = Event(
        event_type=EventKind.LOGIN_NEEDED,
        at=bus.clock.now(),
        vehicle=car.name,
        text=why.text,
        details={"step": why.step.value, "provider": car.config.common.provider},
    )
    bus.publish(EVENT, event, event=EventKind.LOGIN_NEEDED)


async def _follow(bus: Bus, garage: VehiclePoller) -> None:
    """Brings what evcc sees to the cars."""
    loadpoints, site = bus.watch(LOADPOINT), bus.watch(SITE)
    async for _ in bus.changes(LOADPOINT, SITE):
        now = bus.clock.now()
        facts = [fact for fact in loadpoints.items().values() if fact.kind is LoadpointKind.CAR and fact.connected]
        at_site = site.get()
        known = {vehicle.name: vehicle for vehicle in at_site.vehicles} if at_site else {}
        for car in garage.cars.values():
            there = max((f for f in facts if f.vehicle == car.name), key=lambda f: f.at, default=None)
            if car.config.common.capacity_kwh is None:
                told = known[car.name].capacity_kwh if car.name in known else None
                car.capacity_kwh = told or (there.capacity_kwh if there else None) or car.capacity_kwh
            if car.config.common.title is None and car.name in known:
                car.title = known[car.name].title
            if loadpoints.items():
                car.plug(live(there) if there else None, now)


async def _forget(bus: Bus, garage: VehiclePoller) -> None:
    """A car that is no longer in the settings must not stand there for ever: an earlier run has told of it."""
    told = bus.watch(VEHICLE)
    async for _ in bus.changes(VEHICLE):
        for name in set(told.items()) - set(garage.cars):
            bus.clear(VEHICLE, vehicle=name)


def live(fact: Loadpoint) -> Live:
    """A loadpoint's fact in the words of the domain."""
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
