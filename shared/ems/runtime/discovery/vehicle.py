"""A vehicle: how full it is, how old that is, and what its owner can do about it."""

from ems.contract.message import Text
from ems.contract.service import Service
from ems.contract.topics import LOGIN_CODE, REFRESH, SET_SOC, VEHICLE
from ems.contract.vehicle import AgeClass, ProblemKind
from ems.runtime.discovery.entity import CONFIG, DIAGNOSTIC, SOC, TIME, Device, Entity, described, flag, shown


def vehicle(name: str, title: str, *, cloud: bool) -> Device:
    """The device of the vehicle called ``name`` in evcc; what concerns a login only where a ``cloud`` is asked."""
    path = VEHICLE.path(vehicle=name)
    rows = (*_state(path), *_age(path), *_setting(path, name), *(_cloud(path, name) if cloud else ()))
    return Device(Service.VEHICLE_SOC, f"vehicle-{name}", title, "Vehicle", rows)


def _state(path: str) -> tuple[Entity, ...]:
    about = "{'source': value_json.source | default(None), 'estimated': value_json.estimated | default(false)}"
    return (
        Entity("soc", "sensor", None, path, shown("soc_pct"), more=SOC, attributes=(path, described(about))),
        Entity(
            "range_km",
            "sensor",
            Text(en="range", de="Reichweite"),
            path,
            shown("range_km"),
            more={
                "device_class": "distance",
                "unit_of_measurement": "km",
                "state_class": "measurement",
                "suggested_display_precision": 0,
            },
        ),
    )


def _age(path: str) -> tuple[Entity, ...]:
    return (
        Entity(
            "measured_at",
            "sensor",
            Text(en="measured", de="Gemessen"),
            path,
            shown("measured_at"),
            more={**DIAGNOSTIC, **TIME},
        ),
        Entity(
            "age",
            "sensor",
            Text(en="reading", de="Messwert"),
            path,
            shown("age"),
            more={
                **DIAGNOSTIC,
                "device_class": "enum",
                "options": [a.value for a in AgeClass],
                "icon": "mdi:clock-check-outline",
            },
        ),
    )


def _setting(path: str, name: str) -> tuple[Entity, ...]:
    return (
        Entity(
            "soc_set",
            "number",
            Text(en="charge read off the car", de="Abgelesener Ladestand"),
            path,
            shown("soc_pct"),
            SET_SOC.path(vehicle=name),
            more={
                **CONFIG,
                "min": 0,
                "max": 100,
                "step": 1,
                "mode": "box",
                "unit_of_measurement": "%",
                "command_template": '{"soc_pct": {{ value }}}',
                "icon": "mdi:pencil",
            },
        ),
        Entity(
            "refresh",
            "button",
            Text(en="ask now", de="Jetzt abfragen"),
            command=REFRESH.path(vehicle=name),
            more={**CONFIG, "payload_press": "{}", "icon": "mdi:refresh"},
        ),
    )


def _cloud(path: str, name: str) -> tuple[Entity, ...]:
    return (
        Entity(
            "problem",
            "binary_sensor",
            Text(en="cloud", de="Cloud"),
            path,
            flag("value_json.problem is defined"),
            more={**DIAGNOSTIC, "device_class": "problem"},
            attributes=(path, described("value_json.problem | default({})")),
        ),
        Entity(
            "login_needed",
            "binary_sensor",
            Text(en="login needed", de="Anmeldung nötig"),
            path,
            flag(f"(value_json.problem | default({{}})).kind == '{ProblemKind.AUTH_REQUIRED}'"),
            more={**DIAGNOSTIC, "device_class": "problem"},
        ),
        Entity(
            "next_poll_at",
            "sensor",
            Text(en="next reading", de="Nächste Abfrage"),
            path,
            shown("next_poll_at"),
            more={**DIAGNOSTIC, **TIME},
            disabled=True,
        ),
        Entity(
            "login_code",
            "text",
            Text(en="login code", de="Anmeldecode"),
            command=LOGIN_CODE.path(vehicle=name),
            more={
                **CONFIG,
                "min": 4,
                "max": 16,
                "pattern": "[A-Za-z0-9]+",
                "command_template": '{"code": "{{ value }}"}',
                "icon": "mdi:form-textbox-password",
            },
        ),
    )
