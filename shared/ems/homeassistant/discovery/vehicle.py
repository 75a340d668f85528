"""The cars: how full each is, how old that is, and what its owner can do about it."""

from ems.contract.people import EventKind
from ems.contract.service import Service
from ems.contract.topics import LOGIN_CODE, REFRESH, SET_SOC, VEHICLE
from ems.contract.vehicle import AgeClass, DoubtKind, ProblemKind
from ems.homeassistant.discovery.common import HUB, events, health, results
from ems.homeassistant.discovery.entity import (
    CALM_SOC,
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
from ems.homeassistant.discovery.wording.tables import labels, named

MEASURED_STEP_S = 900
"""How much newer a measurement is before Home Assistant keeps another time of it, in seconds."""


def cars(home: HomeContext) -> DiscoveryDevice:
    """The hub of all cars: how vehicle-soc itself is."""
    rows = (health(Service.VEHICLE_SOC, home), *events([EventKind.LOGIN_NEEDED], home))
    name, model = home.say(named("cars")), home.say(named("model_cars"))
    return DiscoveryDevice(Service.VEHICLE_SOC, "cars", name, model, rows, via=HUB)


def device_id(name: str) -> str:
    """The device of a vehicle in Home Assistant, whoever of us adds to it."""
    return f"vehicle-{name}"


def of_vehicle(service: Service, name: str, title: str, home: HomeContext, rows: tuple[Entity, ...]) -> DiscoveryDevice:
    """What ``service`` tells of the vehicle called ``name`` in evcc; whoever of us adds to it says the same of it."""
    model, area = home.say(named("model_vehicle")), home.say(named("area_garage"))
    return DiscoveryDevice(service, device_id(name), title, model, rows, via=HUB, area=area)


def vehicle(name: str, title: str, home: HomeContext, *, cloud: bool, codes: bool) -> DiscoveryDevice:
    """The device of the vehicle called ``name`` in evcc.

    Args:
        name: evcc's.
        title: what people call it.
        home: what rows depend on.
        cloud: whether there is one to ask.
        codes: whether that one logs in by codes that it sends.
    """
    path = VEHICLE.path(vehicle=name)
    rows = [*_state(path), *_age(path, home), _set_by_hand(path, name)]
    if cloud:
        rows += _cloud(path, name, home)
    if codes:
        rows += _login(path, name)
    rows.append(results(Service.VEHICLE_SOC, device_id(name), home))
    return of_vehicle(Service.VEHICLE_SOC, name, title, home, tuple(rows))


def _state(path: str) -> tuple[Entity, ...]:
    absent = {"source": "none", "estimated": "false", "known_since": "none"}
    fields = [f"'{name}': value_json.{name} | default({otherwise})" for name, otherwise in absent.items()]
    # An estimate's certainty moves with every look: whole percents are what people read.
    fields += [
        f"'{name}': value_json.{name} | round(0) | int if value_json.{name} is defined else none"
        for name in ("uncertainty_pct", "soc_at_least_pct")
    ]
    about = ", ".join(fields)
    return (
        Entity(
            "soc",
            "sensor",
            None,
            path,
            shown("soc_pct"),
            more=SOC,
            calm=CALM_SOC,
            attributes=(path, described(f"{{{about}}}")),
            about="its charge; where that is from, whether it is estimated, and how certain, as attributes",
        ),
        Entity(
            "range_km",
            "sensor",
            named("range"),
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
            named("measured"),
            path,
            # Of a car at the charger it is another one with every look at evcc, which would fill recorder and logbook.
            "'None' if value_json.measured_at is not defined else this.state if "
            f"0 <= as_timestamp(value_json.measured_at) - as_timestamp(this.state, 0) < {MEASURED_STEP_S} "
            "else value_json.measured_at",
            more={**DIAGNOSTIC, **TIME},
            about="when the car did, not when it was asked; up to a quarter of an hour late",
        ),
        Entity(
            "age",
            "sensor",
            named("reading"),
            path,
            shown("age"),
            words=labels(AgeClass),
            more={**DIAGNOSTIC, "icon": "mdi:clock-check-outline"},
            attributes=(path, described("{'value': value_json.age}")),
            about="how old it is, against the car's own interval",
        ),
        Entity(
            "doubt",
            "binary_sensor",
            named("charge_in_doubt"),
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
        named("charge_read_off_the_car"),
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
        calm=CALM_SOC,
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
            named("ask_now"),
            command=REFRESH.path(vehicle=name),
            more={**CONFIG, "payload_press": "{}", "icon": "mdi:refresh"},
            about="at most every 5 minutes",
        ),
        Entity(
            "problem",
            "binary_sensor",
            named("cloud_problem"),
            path,
            flag("value_json.problem is defined"),
            more={**DIAGNOSTIC, "device_class": "problem"},
            attributes=(path, described(problem)),
            about="why the car's cloud does not answer, in words, as an attribute",
        ),
        Entity(
            "login_needed",
            "binary_sensor",
            named("login_needed"),
            path,
            flag(f"(value_json.problem | default({{}})).kind == '{ProblemKind.AUTH_REQUIRED}'"),
            more={**DIAGNOSTIC, "device_class": "problem"},
        ),
        Entity(
            "next_poll_at",
            "sensor",
            named("next_reading"),
            path,
            shown("next_poll_at"),
            more={**DIAGNOSTIC, **TIME},
            disabled=True,
        ),
    )


def _login(path: str, name: str) -> tuple[Entity, ...]:
    return (
        Entity(
            "login_code",
            "text",
            named("login_code"),
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
            named("send_login_code"),
            command=LOGIN_CODE.path(vehicle=name),
            more={**CONFIG, "payload_press": "{}", "icon": "mdi:message-arrow-right"},
            about="asks the cloud to send one to the car's owner",
        ),
    )
