"""The cars: how full each is, how old that is, and what its owner can do about it."""

from ems.contract.message import Text
from ems.contract.people import EventKind
from ems.contract.service import Service
from ems.contract.topics import LOGIN_CODE, REFRESH, SET_SOC, VEHICLE
from ems.contract.vehicle import AgeClass, DoubtKind, ProblemKind
from ems.homeassistant.discovery.common import events, health
from ems.homeassistant.discovery.entity import (
    CONFIG,
    DIAGNOSTIC,
    SOC,
    TIME,
    DiscoveryDevice,
    Entity,
    HomeContext,
    described,
    flag,
    shown,
)

HUB = "cars"
MODEL = "Vehicle"


def cars(home: HomeContext) -> DiscoveryDevice:
    """The hub of all cars: how vehicle-soc itself is."""
    happens = {EventKind.LOGIN_NEEDED: Text(en="Login needed", de="Anmeldung nötig")}
    rows = (health(Service.VEHICLE_SOC), *events(happens, home))
    return DiscoveryDevice(Service.VEHICLE_SOC, HUB, home.say(Text(en="Cars", de="Autos")), "Cars", rows)


def device_id(name: str) -> str:
    """The device of a vehicle in Home Assistant, whoever of us adds to it."""
    return f"vehicle-{name}"


def vehicle(name: str, title: str, home: HomeContext, *, cloud: bool) -> DiscoveryDevice:
    """The device of the vehicle called ``name`` in evcc; what concerns asking only where a ``cloud`` is."""
    path = VEHICLE.path(vehicle=name)
    asking = _cloud(path, name, home) if cloud else ()
    rows = (*_state(path), *_age(path, home), _set_by_hand(path, name), *asking)
    return DiscoveryDevice(Service.VEHICLE_SOC, device_id(name), title, MODEL, rows, via=HUB)


def _state(path: str) -> tuple[Entity, ...]:
    fields = {
        "source": "None",
        "estimated": "false",
        "uncertainty_pct": "None",
        "soc_at_least_pct": "None",
        "known_since": "None",
    }
    about = ", ".join(f"'{name}': value_json.{name} | default({absent})" for name, absent in fields.items())
    return (
        Entity(
            "soc",
            "sensor",
            None,
            path,
            shown("soc_pct"),
            more=SOC,
            attributes=(path, described(f"{{{about}}}")),
            about="its charge; where that is from, whether it is estimated, and how certain, as attributes",
        ),
        Entity(
            "range_km",
            "sensor",
            Text(en="Range", de="Reichweite"),
            path,
            shown("range_km"),
            more={
                "device_class": "distance",
                "unit_of_measurement": "km",
                "state_class": "measurement",
                "suggested_display_precision": 0,
                "icon": "mdi:map-marker-distance",
            },
        ),
    )


def _age(path: str, home: HomeContext) -> tuple[Entity, ...]:
    doubt = (
        "{'kind': value_json.doubt.kind, 'since': value_json.doubt.since, "
        f"'text': {home.read('value_json.doubt.text')}}} if value_json.doubt is defined else {{}}"
    )
    serious = [str(DoubtKind.OUTDATED), str(DoubtKind.IMPLAUSIBLE)]
    return (
        Entity(
            "measured_at",
            "sensor",
            Text(en="Measured", de="Gemessen"),
            path,
            # Of a car at the charger it is another one with every look at evcc: seconds would fill the recorder.
            "value_json.measured_at[:16] ~ ':00Z' if value_json.measured_at is defined else 'None'",
            more={**DIAGNOSTIC, **TIME},
            about="when the car did, not when it was asked; to the minute",
        ),
        Entity(
            "age",
            "sensor",
            Text(en="Reading", de="Messwert"),
            path,
            shown("age"),
            more={
                **DIAGNOSTIC,
                "device_class": "enum",
                "options": [a.value for a in AgeClass],
                "icon": "mdi:clock-check-outline",
            },
            about="how old it is, against the car's own interval",
        ),
        Entity(
            "doubt",
            "binary_sensor",
            Text(en="Charge in doubt", de="Ladestand zweifelhaft"),
            path,
            flag(f"(value_json.doubt | default({{}})).kind in {serious}"),
            more={**DIAGNOSTIC, "device_class": "problem", "icon": "mdi:battery-unknown"},
            attributes=(path, described(doubt)),
            about="a trip came after it, or it makes no sense; why, in words, as an attribute",
        ),
    )


def _set_by_hand(path: str, name: str) -> Entity:
    return Entity(
        "soc_set",
        "number",
        Text(en="Charge read off the car", de="Abgelesener Ladestand"),
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
        about="where no cloud knows better",
    )


def _cloud(path: str, name: str, home: HomeContext) -> tuple[Entity, ...]:
    problem = (
        "{'kind': value_json.problem.kind, 'since': value_json.problem.since, "
        f"'text': {home.read('value_json.problem.text')}}} if value_json.problem is defined else {{}}"
    )
    return (
        Entity(
            "refresh",
            "button",
            Text(en="Ask now", de="Jetzt abfragen"),
            command=REFRESH.path(vehicle=name),
            more={**CONFIG, "payload_press": "{}", "icon": "mdi:refresh"},
            about="at most every 5 minutes",
        ),
        Entity(
            "problem",
            "binary_sensor",
            Text(en="Cloud problem", de="Cloud-Problem"),
            path,
            flag("value_json.problem is defined"),
            more={**DIAGNOSTIC, "device_class": "problem"},
            attributes=(path, described(problem)),
            about="why the car's cloud does not answer, in words, as an attribute",
        ),
        Entity(
            "login_needed",
            "binary_sensor",
            Text(en="Login needed", de="Anmeldung nötig"),
            path,
            flag(f"(value_json.problem | default({{}})).kind == '{ProblemKind.AUTH_REQUIRED}'"),
            more={**DIAGNOSTIC, "device_class": "problem"},
        ),
        Entity(
            "next_poll_at",
            "sensor",
            Text(en="Next reading", de="Nächste Abfrage"),
            path,
            shown("next_poll_at"),
            more={**DIAGNOSTIC, **TIME},
            disabled=True,
        ),
        Entity(
            "login_code",
            "text",
            Text(en="Login code", de="Anmeldecode"),
            # With a state that is always empty the code is not kept in Home Assistant's history.
            path,
            "''",
            LOGIN_CODE.path(vehicle=name),
            more={
                **CONFIG,
                "max": 16,
                "pattern": "^([A-Za-z0-9]{4,16})?$",
                "command_template": "{{ {'code': value} | tojson if value else '' }}",
                "icon": "mdi:form-textbox-password",
            },
            about="the code that the cloud sent to the car's owner",
        ),
        Entity(
            "login_send",
            "button",
            Text(en="Send login code", de="Anmeldecode anfordern"),
            command=LOGIN_CODE.path(vehicle=name),
            more={**CONFIG, "payload_press": "{}", "icon": "mdi:message-arrow-right"},
            about="asks the cloud to send one to the car's owner",
        ),
    )
