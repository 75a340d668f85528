"""The devices that a service has in Home Assistant, by the facts on the bus."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from ems.bus.api import Bus
from ems.contract.service import Service, Status
from ems.contract.site import LoadpointKind, Site
from ems.contract.topic import Topic
from ems.contract.topics import CONTROLLER, DRIVER, GOAL, LOADPOINT, QUESTION, SITE, STATUS, VEHICLE
from ems.homeassistant.discovery.entity import DiscoveryDevice, HomeContext
from ems.homeassistant.discovery.learner import learner
from ems.homeassistant.discovery.loadpoint import loadpoint
from ems.homeassistant.discovery.notifier import car_goal, driver, drivers
from ems.homeassistant.discovery.planner.device import planner
from ems.homeassistant.discovery.planner.series import planned_at
from ems.homeassistant.discovery.planner.steering import wishes_of_car
from ems.homeassistant.discovery.site import site
from ems.homeassistant.discovery.vehicle import cars, vehicle
from ems.homeassistant.discovery.wording.tables import named

NO_CLOUD = frozenset({None, "evcc", "manual", "mqtt"})
"""Sources of a vehicle's charge behind which there is no login."""


@dataclass(frozen=True, slots=True)
class DeviceDesign:
    """A device that is not made yet: facts come every second, and hardly any changes what a device is made of.

    Two that are equal make equal devices.
    """

    make: Callable[..., DiscoveryDevice]
    arguments: tuple[object, ...]
    keywords: tuple[tuple[str, object], ...]

    @classmethod
    def of[**P](cls, make: Callable[P, DiscoveryDevice], *arguments: P.args, **keywords: P.kwargs) -> Self:
        """What ``make`` will be called with."""
        return cls(make, arguments, tuple(keywords.items()))

    def device(self) -> DiscoveryDevice:
        """The device."""
        return self.make(*self.arguments, **dict(self.keywords))


@dataclass(frozen=True, slots=True)
class ServiceDevices:
    """A service's devices, hub first; unless ``complete`` there may be others, which stay as they were announced."""

    designs: tuple[DeviceDesign, ...] = ()
    complete: bool = True

    @property
    def devices(self) -> tuple[DiscoveryDevice, ...]:
        """The devices, each made anew."""
        return tuple(design.device() for design in self.designs)


def topics_of(service: Service) -> tuple[Topic[Any], ...]:
    """The facts that a service's devices depend on."""
    return _BY_SERVICE[service][1] if service in _BY_SERVICE else (STATUS,)


def devices(service: Service, bus: Bus, home: HomeContext) -> ServiceDevices:
    """The devices, as far as enough is known to name them for good."""
    return _BY_SERVICE[service][0](bus, home) if service in _BY_SERVICE else ServiceDevices()


def _gateway(bus: Bus, home: HomeContext) -> ServiceDevices:
    fact = _reachable_site(bus)
    if fact is None:
        return ServiceDevices(complete=False)
    learner = bus.watch(STATUS).get(Service.RL_AGENT) is Status.ONLINE
    home = replace(home, currency=fact.currency, learner=learner)
    name = fact.title or home.say(named("home"))
    known = {v.name: v.title or v.name for v in fact.vehicles}
    devices = fact.battery.devices if fact.battery else ()
    hub = DeviceDesign.of(
        site,
        name,
        home,
        solar=fact.pv_w is not None,
        battery=fact.battery is not None,
        batteries=tuple(d.title or d.name for d in devices) if len(devices) > 1 else (),
    )
    found = sorted(bus.watch(LOADPOINT).items().items(), key=lambda item: int(item[0]))
    points = (DeviceDesign.of(loadpoint, int(n), lp.title or n, known, home, kind=lp.kind) for n, lp in found)
    return ServiceDevices((hub, *points))


def _planner(bus: Bus, home: HomeContext) -> ServiceDevices:
    fact = _reachable_site(bus)
    if fact is None:
        # The currency is a unit in Home Assistant's statistics: nothing is announced with a guessed one.
        return ServiceDevices(complete=False)
    home = replace(home, currency=fact.currency)
    return ServiceDevices((DeviceDesign.of(planner, home), *_planned(bus, home, fact)))


def _planned(bus: Bus, home: HomeContext, fact: Site) -> Iterator[DeviceDesign]:
    """What the planner adds to the devices of others: loadpoints of cars, and cars."""
    for number, lp in sorted(bus.watch(LOADPOINT).items().items(), key=lambda item: int(item[0])):
        if lp.kind is LoadpointKind.CAR:
            yield DeviceDesign.of(planned_at, number, lp.title or number, home)
    titles = _titles(bus)
    for known in fact.vehicles:
        yield DeviceDesign.of(wishes_of_car, known.name, titles.get(known.name, known.name), home)


def _learner(bus: Bus, home: HomeContext) -> ServiceDevices:
    fact, steered = _reachable_site(bus), bus.watch(CONTROLLER).items()
    if fact is None:
        return ServiceDevices(complete=False)
    home = replace(home, currency=fact.currency, learner=True)
    titles = {f"loadpoint-{n}": lp.title or f"loadpoint-{n}" for n, lp in bus.watch(LOADPOINT).items().items()}
    found = {device: titles.get(device, device) for device in sorted(steered) if device != "battery"}
    battery = {"battery": home.say(named("battery"))} if "battery" in steered else {}
    return ServiceDevices((DeviceDesign.of(learner, battery | found, home),))


def _vehicles(bus: Bus, home: HomeContext) -> ServiceDevices:
    facts, titles = bus.watch(VEHICLE).items(), _titles(bus)
    found = (
        DeviceDesign.of(
            vehicle,
            name,
            titles.get(name, name),
            home,
            cloud=fact.provider not in NO_CLOUD,
            codes=fact.login_possible,
        )
        for name, fact in sorted(facts.items())
    )
    return ServiceDevices((DeviceDesign.of(cars, home), *found))


def _notifier(bus: Bus, home: HomeContext) -> ServiceDevices:
    titles = _titles(bus)
    people = {name: fact.name for name, fact in sorted(bus.watch(DRIVER).items().items())}
    questions = bus.watch(QUESTION).items()
    complete = _reachable_site(bus) is not None
    # Before evcc was seen, a car that only a driver or a goal names has no title yet.
    others = {v for d in bus.watch(DRIVER).items().values() for v in d.vehicles} | set(bus.watch(GOAL).items())
    known = sorted(set(titles) | (others if complete else set()))
    cars = (DeviceDesign.of(car_goal, name, titles.get(name, name), questions.get(name), home) for name in known)
    named_drivers = (DeviceDesign.of(driver, name, title, home) for name, title in people.items())
    return ServiceDevices((DeviceDesign.of(drivers, home), *named_drivers, *cars), complete)


def _reachable_site(bus: Bus) -> Site | None:
    """The site, unless evcc is away: what it has is unknown then."""
    fact = bus.watch(SITE).get()
    return fact if fact and fact.evcc.reachable else None


def _titles(bus: Bus) -> Mapping[str, str]:
    """The vehicles' titles, the same for every service."""
    fact = bus.watch(SITE).get()
    in_evcc = {v.name: v.title or v.name for v in fact.vehicles} if fact else {}
    by_vehicle = {name: v.title or in_evcc.get(name, name) for name, v in bus.watch(VEHICLE).items().items()}
    return in_evcc | by_vehicle


_BY_SERVICE: Mapping[Service, tuple[Callable[[Bus, HomeContext], ServiceDevices], tuple[Topic[Any], ...]]] = {
    Service.EVCC_POLLER: (_gateway, (SITE, LOADPOINT, STATUS)),
    Service.TARIFF_PLANNER: (_planner, (SITE, LOADPOINT, VEHICLE)),
    Service.RL_AGENT: (_learner, (SITE, LOADPOINT, CONTROLLER)),
    Service.VEHICLE_SOC: (_vehicles, (VEHICLE, SITE)),
    Service.NOTIFIER: (_notifier, (SITE, VEHICLE, DRIVER, GOAL, QUESTION)),
}
