"""A loadpoint: its mode, limits and boost to set; what is plugged in to see."""

from ems.contract.message import Text
from ems.contract.service import Service
from ems.contract.site import LoadpointKind, LoadpointMode
from ems.contract.topics import BOOST, CONTROL, ENERGY, LOADPOINT, SET_LIMIT_SOC, SET_MODE, SET_VEHICLE
from ems.homeassistant.discovery.common import ControlNames, control
from ems.homeassistant.discovery.entity import (
    CONFIG,
    COUNTER,
    DIAGNOSTIC,
    POWER,
    SOC,
    DiscoveryDevice,
    Entity,
    HomeContext,
    flag,
    shown,
)
from ems.homeassistant.discovery.site import HUB

GUEST = Text(en="Guest", de="Gast")
"""No vehicle's name has a capital letter."""
_CONTROL = ControlNames(
    Text(en="Decided by", de="Entscheider"),
    Text(en="Controller", de="Steuerung"),
    Text(en="Hand back", de="Zurückgeben"),
    Text(en="Problem", de="Problem"),
)


LOADPOINT_MODEL = "Loadpoint"


def loadpoint(
    number: int, title: str, vehicles: tuple[str, ...], home: HomeContext, kind: LoadpointKind
) -> DiscoveryDevice:
    """The device of loadpoint ``number`` (from 1); a heater shows a temperature where a car shows a SoC."""
    path, lp, device = LOADPOINT.path(id=str(number)), str(number), f"loadpoint-{number}"
    match kind:
        case LoadpointKind.CAR:
            more = (*_car(path, lp), _vehicle(path, lp, (*vehicles, home.say(GUEST))), *_boost(lp, device))
        case LoadpointKind.HEATER:
            more = _heater(path)
        case LoadpointKind.DEVICE:
            more = ()
    rows = (*_common(path, lp), *more, *control(device, home, _CONTROL))
    return DiscoveryDevice(Service.EVCC_POLLER, device, title, LOADPOINT_MODEL, rows, via=HUB)


def _common(path: str, lp: str) -> tuple[Entity, ...]:
    return (
        Entity(
            "mode",
            "select",
            Text(en="Mode", de="Modus"),
            path,
            shown("mode"),
            SET_MODE.path(id=lp),
            more={
                "options": [m.value for m in LoadpointMode],
                "command_template": '{"mode": "{{ value }}"}',
                "icon": "mdi:ev-station",
            },
            from_evcc=True,
            about="evcc's; who sets it here becomes the owner, until the car leaves or it is handed back",
        ),
        Entity(
            "power_w", "sensor", Text(en="Power", de="Leistung"), path, shown("power_w"), more=POWER, from_evcc=True
        ),
        Entity(
            "energy_kwh",
            "sensor",
            Text(en="Energy", de="Energie"),
            ENERGY.path(),
            f"value_json.loadpoints['{lp}'] | default('None')",
            more=COUNTER,
        ),
        Entity(
            "session_kwh",
            "sensor",
            Text(en="Session", de="Ladevorgang"),
            path,
            shown("session_kwh"),
            more=COUNTER,
            from_evcc=True,
            about="charged since the car was plugged in",
        ),
        Entity(
            "phases",
            "sensor",
            Text(en="Phases", de="Phasen"),
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
            Text(en="Temperature", de="Temperatur"),
            path,
            shown("temperature_c"),
            more=degrees,
            from_evcc=True,
        ),
    )


def _car(path: str, lp: str) -> tuple[Entity, ...]:
    return (
        Entity("soc", "sensor", Text(en="Charge", de="Ladestand"), path, shown("soc_pct"), more=SOC, from_evcc=True),
        Entity(
            "connected",
            "binary_sensor",
            Text(en="Connected", de="Angesteckt"),
            path,
            flag("value_json.connected"),
            more={"device_class": "plug"},
            from_evcc=True,
        ),
        Entity(
            "charging",
            "binary_sensor",
            Text(en="Charging", de="Lädt"),
            path,
            flag("value_json.charging"),
            more={"device_class": "battery_charging"},
            from_evcc=True,
        ),
        Entity(
            "limit_soc",
            "number",
            Text(en="Charge limit", de="Ladegrenze"),
            path,
            "value_json.limit_soc_pct | default(0)",
            SET_LIMIT_SOC.path(id=lp),
            more={
                "min": 0,
                "max": 100,
                "step": 5,
                "unit_of_measurement": "%",
                "command_template": '{"limit_soc_pct": {{ value }}}',
                "icon": "mdi:battery-charging-80",
            },
            from_evcc=True,
            about="0 = none; evcc forgets it when the car leaves",
        ),
    )


def _vehicle(path: str, lp: str, options: tuple[str, ...]) -> Entity:
    guest = options[-1]
    return Entity(
        "vehicle",
        "select",
        Text(en="Vehicle", de="Fahrzeug"),
        path,
        f"value_json.vehicle | default('{guest}') if value_json.connected else 'None'",
        SET_VEHICLE.path(id=lp),
        more={
            **CONFIG,
            "options": list(options),
            "command_template": "{{ {} if value == '" + guest + "' else {'vehicle': value} | tojson }}",
            "icon": "mdi:car",
        },
        from_evcc=True,
        about="what is plugged in, by evcc's names",
    )


def _boost(lp: str, device: str) -> tuple[Entity, ...]:
    return (
        Entity(
            "boost_minutes",
            "number",
            Text(en="Boost", de="Schnellladen"),
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
            Text(en="Boost 90 min", de="90 min schnellladen"),
            command=BOOST.path(id=lp),
            more={"payload_press": '{"minutes": 90}', "icon": "mdi:rocket-launch"},
            from_evcc=True,
        ),
        Entity(
            "boost_stop",
            "button",
            Text(en="Stop boost", de="Schnellladen beenden"),
            command=BOOST.path(id=lp),
            more={"payload_press": '{"minutes": 0}', "icon": "mdi:stop"},
            from_evcc=True,
        ),
    )
