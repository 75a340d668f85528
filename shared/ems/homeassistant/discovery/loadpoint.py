"""A loadpoint: its mode, limits and boost to set; what is plugged in to see."""

from collections.abc import Mapping

from ems.contract.message import Text
from ems.contract.service import Service
from ems.contract.site import LoadpointKind, LoadpointMode
from ems.contract.topics import BOOST, CONTROL, ENERGY, LOADPOINT, SET_LIMIT_SOC, SET_MODE, SET_VEHICLE
from ems.homeassistant.discovery.common import HUB, ControlNames, control, results
from ems.homeassistant.discovery.entity import (
    CALM_COUNTER,
    CALM_POWER,
    CALM_SOC,
    CONFIG,
    COUNTER,
    DIAGNOSTIC,
    POWER,
    SOC,
    DiscoveryDevice,
    Entity,
    HomeContext,
    described,
    flag,
    shown,
)
from ems.homeassistant.discovery.wording.tables import labels, named

_MODELS = {
    LoadpointKind.CAR: named("model_loadpoint"),
    LoadpointKind.HEATER: named("model_heater"),
    LoadpointKind.DEVICE: named("model_device"),
}
_CONTROL = ControlNames(
    named("decided_by"),
    named("controller"),
    named("hand_back"),
    named("problem"),
)


def loadpoint(
    number: int, title: str, vehicles: Mapping[str, str], home: HomeContext, kind: LoadpointKind
) -> DiscoveryDevice:
    """The device of a loadpoint; a heater shows a temperature where a car shows a SoC.

    Args:
        number: evcc's, from 1.
        title: what people call it.
        vehicles: titles by evcc's names, of those that may be plugged in.
        home: what rows depend on.
        kind: what is at it.
    """
    path, lp, device = LOADPOINT.path(id=str(number)), str(number), f"loadpoint-{number}"
    match kind:
        case LoadpointKind.CAR:
            more = (*_car(path, lp), _vehicle(path, lp, vehicles), *_boost(lp, device))
        case LoadpointKind.HEATER:
            more = _heater(path)
        case LoadpointKind.DEVICE:
            more = ()
    answers = results(Service.EVCC_POLLER, device, home)
    rows = (*_common(path, lp), *more, *control(device, home, _CONTROL), answers)
    return _device(Service.EVCC_POLLER, lp, title, home, kind, rows)


def beside(service: Service, number: str, title: str, home: HomeContext, rows: tuple[Entity, ...]) -> DiscoveryDevice:
    """What ``service`` adds to the device of a loadpoint at which cars charge, announced beside evcc-poller."""
    return _device(service, number, title, home, LoadpointKind.CAR, rows)


def _device(
    service: Service, number: str, title: str, home: HomeContext, kind: LoadpointKind, rows: tuple[Entity, ...]
) -> DiscoveryDevice:
    # Whoever announces the device says the same of it.
    return DiscoveryDevice(
        service,
        f"loadpoint-{number}",
        title,
        home.say(_MODELS[kind]),
        rows,
        via=HUB,
        area=home.say(named("area_garage")) if kind is LoadpointKind.CAR else None,
        url=home.evcc_url,
    )


def _common(path: str, lp: str) -> tuple[Entity, ...]:
    return (
        Entity(
            "mode",
            "select",
            named("mode"),
            path,
            shown("mode"),
            SET_MODE.path(id=lp),
            words=labels(LoadpointMode),
            more={"command_template": '{"mode": "{{ value }}"}', "icon": "mdi:ev-station"},
            attributes=(path, described("{'value': value_json.mode}")),
            from_evcc=True,
            about="evcc's; who sets it here becomes the owner, until the car leaves or it is handed back",
        ),
        Entity(
            "power_w", "sensor", named("power"), path, shown("power_w"), more=POWER, calm=CALM_POWER, from_evcc=True
        ),
        Entity(
            "energy_kwh",
            "sensor",
            named("energy"),
            ENERGY.path(),
            f"value_json.loadpoints['{lp}'] | default('None')",
            more=COUNTER,
            calm=CALM_COUNTER,
        ),
        Entity(
            "session_kwh",
            "sensor",
            named("session"),
            path,
            shown("session_kwh"),
            more=COUNTER,
            calm=CALM_COUNTER,
            from_evcc=True,
            about="charged since the car was plugged in",
        ),
        Entity(
            "phases",
            "sensor",
            named("phases"),
            path,
            shown("phases_active"),
            more={**DIAGNOSTIC, "state_class": "measurement", "icon": "mdi:sine-wave"},
            from_evcc=True,
            disabled=True,
        ),
    )


def _heater(path: str) -> tuple[Entity, ...]:
    degrees = {"device_class": "temperature", "unit_of_measurement": "°C", "state_class": "measurement"}
    return (
        Entity(
            "temperature_c",
            "sensor",
            named("temperature"),
            path,
            shown("temperature_c"),
            more=degrees,
            from_evcc=True,
        ),
    )


def _car(path: str, lp: str) -> tuple[Entity, ...]:
    return (
        Entity("soc", "sensor", named("charge"), path, shown("soc_pct"), more=SOC, calm=CALM_SOC, from_evcc=True),
        Entity(
            "connected",
            "binary_sensor",
            named("connected"),
            path,
            flag("value_json.connected"),
            more={"device_class": "plug"},
            from_evcc=True,
        ),
        Entity(
            "charging",
            "binary_sensor",
            named("charging"),
            path,
            flag("value_json.charging"),
            more={"device_class": "battery_charging"},
            from_evcc=True,
        ),
        Entity(
            "limit_soc",
            "number",
            named("charge_limit"),
            path,
            "value_json.limit_soc_pct | default(0)",
            SET_LIMIT_SOC.path(id=lp),
            more={
                "min": 0,
                "max": 100,
                "step": 5,
                "mode": "box",
                "unit_of_measurement": "%",
                "command_template": '{"limit_soc_pct": {{ value }}}',
                "icon": "mdi:battery-charging-80",
            },
            from_evcc=True,
            about="0 = none; evcc forgets it when the car leaves",
        ),
    )


def _vehicle(path: str, lp: str, vehicles: Mapping[str, str]) -> Entity:
    titles = [*vehicles.values(), *named("guest").model_dump().values()]
    # Two options with the same words could not be told apart.
    calls = {name: title if titles.count(title) == 1 else f"{title} ({name})" for name, title in vehicles.items()}
    return Entity(
        "vehicle",
        "select",
        named("vehicle"),
        path,
        "value_json.vehicle | default('') if value_json.connected else none",
        SET_VEHICLE.path(id=lp),
        words={**{name: Text(en=title, de=title, nl=title) for name, title in calls.items()}, "": named("guest")},
        more={**CONFIG, "command_template": "{{ ({'vehicle': value} if value else {}) | tojson }}", "icon": "mdi:car"},
        attributes=(path, described("{'value': value_json.vehicle | default(none)}")),
        from_evcc=True,
        about="what is plugged in",
    )


def _boost(lp: str, device: str) -> tuple[Entity, ...]:
    return (
        Entity(
            "boost_minutes",
            "number",
            named("boost"),
            CONTROL.path(device=device),
            (
                "[0, ((as_timestamp(value_json.until) - as_timestamp(now())) / 60) | round(0) | int] | max"
                " if value_json.owner == 'boost' and value_json.until is defined else 0"
            ),
            BOOST.path(id=lp),
            more={
                "min": 0,
                "max": 1440,
                "step": 5,
                "mode": "box",
                "unit_of_measurement": "min",
                "command_template": '{"minutes": {{ value }}}',
                "icon": "mdi:rocket-launch",
            },
            from_evcc=True,
            about="how long full power is still given; 0 ends it",
        ),
        Entity(
            "boost",
            "button",
            named("boost_90_min"),
            command=BOOST.path(id=lp),
            more={"payload_press": '{"minutes": 90}', "icon": "mdi:rocket-launch"},
            from_evcc=True,
        ),
        Entity(
            "boost_stop",
            "button",
            named("stop_boost"),
            command=BOOST.path(id=lp),
            more={"payload_press": '{"minutes": 0}', "icon": "mdi:stop"},
            from_evcc=True,
        ),
    )
