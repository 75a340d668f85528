"""Which devices a service shows in Home Assistant now, read off the facts that it has published itself."""

from collections.abc import Sequence
from typing import Any

from ems.contract.service import Service, Status
from ems.contract.site import LoadpointKind
from ems.contract.topic import Topic
from ems.contract.topics import LOADPOINT, SITE, STATUS, VEHICLE
from ems.runtime.bus import Bus
from ems.runtime.discovery.entity import Device
from ems.runtime.discovery.loadpoint import loadpoint
from ems.runtime.discovery.planner import planner
from ems.runtime.discovery.site import site
from ems.runtime.discovery.vehicle import vehicle

_NO_CLOUD = frozenset({None, "evcc", "manual", "mqtt"})


def told_by(service: Service) -> tuple[Topic[Any], ...]:
    """The facts that a service's devices follow from."""
    if service is Service.EVCC_POLLER:
        return (SITE, LOADPOINT, STATUS)
    return (VEHICLE,) if service is Service.VEHICLE_SOC else (STATUS,)


def devices(service: Service, bus: Bus, language: str) -> Sequence[Device]:
    """The devices, hub first; none while too little is known to name them for good."""
    if service is Service.EVCC_POLLER:
        return _home(bus, language)
    if service is Service.VEHICLE_SOC:
        facts = bus.watch(VEHICLE).items()
        return [
            vehicle(name, fact.title or name, cloud=fact.provider not in _NO_CLOUD)
            for name, fact in sorted(facts.items())
        ]
    if service is Service.TARIFF_PLANNER:
        return [planner({"en": "Planner", "de": "Planer"}[language], language)]
    return []


def _home(bus: Bus, language: str) -> Sequence[Device]:
    fact = bus.watch(SITE).get()
    if fact is None or not fact.evcc.reachable:
        return []
    learner = bus.watch(STATUS).get(Service.RL_AGENT) is Status.ONLINE
    name = fact.title or {"en": "Home", "de": "Zuhause"}[language]
    cars = tuple(v.name for v in fact.vehicles)
    hub = site(name, battery=fact.battery is not None, learner=learner)
    found = sorted(bus.watch(LOADPOINT).items().items(), key=lambda item: int(item[0]))
    return [
        hub,
        *(
            loadpoint(int(n), lp.title or f"{n}", cars, heater=lp.kind is LoadpointKind.HEATER, learner=learner)
            for n, lp in found
        ),
    ]
