"""A loadpoint: its mode, limits and boost to set; what is plugged in to see."""

from ems.contract.message import Text
from ems.contract.service import Service
from ems.contract.site import LoadpointMode
from ems.contract.topics import BOOST, CONTROL, LOADPOINT, SET_LIMIT_SOC, SET_MODE, SET_VEHICLE
from ems.runtime.discovery.common import control
from ems.runtime.discovery.entity import CONFIG, POWER, SOC, Device, Entity, flag, shown
from ems.runtime.discovery.site import HUB

GUEST = "guest"
_MODE_ICON = "mdi:ev-station"


def loadpoint(number: int, title: str, vehicles: tuple[str, ...], *, heater: bool, learner: bool) -> Device:
    """The device of loadpoint ``number`` (from 1); a heater shows a temperature where a car shows a SoC."""
    path = LOADPOINT.path(id=str(number))
    rows = (*_common(path, number), *(_heater(path) if heater else _car(path, number, vehicles)))
    return Device(
        Service.EVCC_POLLER,
        f"loadpoint-{number}",
        title,
        "Loadpoint",
        (*rows, *control(f"loadpoint-{number}", learner=learner)),
        via=HUB,
    )


def _common(path: str, number: int) -> tuple[Entity, ...]:
    return (
        Entity(
            "mode",
            "select",
            Text(en="mode", de="Modus"),
            path,
            shown("mode"),
            SET_MODE.path(id=str(number)),
            more={
                "options": [m.value for m in LoadpointMode],
                "command_template": '{"mode": "{{ value }}"}',
                "icon": _MODE_ICON,
            },
            from_evcc=True,
        ),
        Entity(
            "power_w", "sensor", Text(en="power", de="Leistung"), path, shown("power_w"), more=POWER, from_evcc=True
        ),
        Entity(
            "session_kwh",
            "sensor",
            Text(en="session", de="Ladevorgang"),
            path,
            shown("session_kwh"),
            more={
                "device_class": "energy",
                "unit_of_measurement": "kWh",
                "state_class": "total_increasing",
                "suggested_display_precision": 1,
            },
            from_evcc=True,
        ),
    )


def _heater(path: str) -> tuple[Entity, ...]:
    degrees = {"device_class": "temperature", "unit_of_measurement": "°C", "state_class": "measurement"}
    return (
        Entity(
            "temperature_c",
            "sensor",
            Text(en="temperature", de="Temperatur"),
            path,
            shown("temperature_c"),
            more=degrees,
            from_evcc=True,
        ),
    )


def _car(path: str, number: int, vehicles: tuple[str, ...]) -> tuple[Entity, ...]:
    lp = str(number)
    return (
        Entity("soc", "sensor", Text(en="charge", de="Ladestand"), path, shown("soc_pct"), more=SOC, from_evcc=True),
        Entity(
            "connected",
            "binary_sensor",
            Text(en="connected", de="Angesteckt"),
            path,
            flag("value_json.connected"),
            more={"device_class": "plug"},
            from_evcc=True,
        ),
        Entity(
            "charging",
            "binary_sensor",
            Text(en="charging", de="Lädt"),
            path,
            flag("value_json.charging"),
            more={"device_class": "battery_charging"},
            from_evcc=True,
        ),
        Entity(
            "limit_soc",
            "number",
            Text(en="limit", de="Limit"),
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
        ),
        Entity(
            "vehicle",
            "select",
            Text(en="vehicle", de="Fahrzeug"),
            path,
            f"value_json.vehicle | default('{GUEST}')",
            SET_VEHICLE.path(id=lp),
            more={
                **CONFIG,
                "options": [*vehicles, GUEST],
                "command_template": "{{ {} if value == '" + GUEST + "' else {'vehicle': value} | tojson }}",
                "icon": "mdi:car",
            },
            from_evcc=True,
        ),
        Entity(
            "boost_minutes",
            "number",
            Text(en="boost", de="Schnellladen"),
            CONTROL.path(device=f"loadpoint-{lp}"),
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
        ),
        Entity(
            "boost",
            "button",
            Text(en="boost 90 min", de="90 min schnellladen"),
            command=BOOST.path(id=lp),
            more={"payload_press": '{"minutes": 90}', "icon": "mdi:rocket-launch"},
            from_evcc=True,
        ),
        Entity(
            "boost_stop",
            "button",
            Text(en="stop boost", de="Schnellladen beenden"),
            command=BOOST.path(id=lp),
            more={"payload_press": '{"minutes": 0}', "icon": "mdi:stop"},
            from_evcc=True,
        ),
    )
