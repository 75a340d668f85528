"""``ems dashboard``: a Home Assistant dashboard for the home on the broker."""

import asyncio
import json
from collections.abc import Collection, Mapping

import yaml

from ems.bus.session import MqttBus
from ems.contract.service import Service
from ems.contract.site import Loadpoint, LoadpointKind, Site
from ems.contract.topics import CONTROLLER, LOADPOINT, SITE, VEHICLE
from ems.contract.vehicle import Vehicle
from ems.homeassistant.dashboard.cards import Shape
from ems.homeassistant.dashboard.views import dashboard
from ems.homeassistant.discovery.devices import NO_CLOUD
from ems.runtime import credentials
from ems.runtime.clock import SystemClock
from ems.runtime.settings import MqttSettings

SITE_TIMEOUT_S = 30.0
"""Longest wait for evcc's facts, in real seconds."""
RETAINED_S = 2.0
"""Wait for the rest of what is retained, in real seconds; the broker sends it at once."""


class NoHome(Exception):
    """There is nothing to make a dashboard of; the text says what is missing."""


async def dashboard_of_broker(mqtt: MqttSettings, language: str) -> str:
    """A dashboard for what is on the broker, as YAML.

    Raises:
        ExceptionGroup: of NoHome, when evcc-poller has published nothing.
    """
    password = (
        credentials.read(mqtt.password_credential, "mqtt.password_credential") if mqtt.password_credential else None
    )
    bus = MqttBus(Service.USERS, mqtt, SystemClock(), password=password)
    loadpoints, vehicles, learnt = bus.watch(LOADPOINT), bus.watch(VEHICLE), bus.watch(CONTROLLER)
    async with bus.session():
        try:
            async with asyncio.timeout(SITE_TIMEOUT_S):
                site = await _site(bus)
        except TimeoutError:
            raise NoHome(f"no evcc on {mqtt.host}:{mqtt.port}: is evcc-poller running, and evcc with it?") from None
        await asyncio.sleep(RETAINED_S)
        return to_yaml(_shape(site, loadpoints.items(), vehicles.items(), learnt.items(), language))


async def _site(bus: MqttBus) -> Site:
    """The site, as soon as evcc answers."""
    async for _ in bus.changes(SITE):
        if (site := bus.watch(SITE).get()) is not None and site.evcc.reachable:
            return site
    raise AssertionError("changes never end")


def to_yaml(shape: Shape) -> str:
    """A dashboard as a YAML file."""
    plain = json.loads(json.dumps(dashboard(shape)))  # no tuples, and nothing is there twice: YAML would name it
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=110)


def _shape(
    site: Site,
    loadpoints: Mapping[str, Loadpoint],
    vehicles: Mapping[str, Vehicle],
    learnt: Collection[str],
    language: str,
) -> Shape:
    places = sorted((int(n), lp.title or n) for n, lp in loadpoints.items() if lp.kind is LoadpointKind.CAR)
    cars = {v.name: v.title or v.name for v in site.vehicles}
    return Shape(
        loadpoints={f"{n}": title for n, title in places},
        cars=cars | {name: v.title or cars.get(name, name) for name, v in sorted(vehicles.items())},
        clouds=frozenset(name for name, v in vehicles.items() if v.provider not in NO_CLOUD),
        solar=site.pv_w is not None,
        battery=site.battery is not None,
        learner={d: dict(places).get(int(d.rpartition("-")[2]), d) if d[-1].isdigit() else "" for d in sorted(learnt)},
        language=language,
    )
