"""The hub: the site with its powers, energies, battery and prices, as evcc-poller knows it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ems.contract.people import EventKind
from ems.contract.service import Service
from ems.contract.site import BatteryMode
from ems.contract.topics import DECISIONS, ENERGY, SET_BATTERY_MODE, SITE
from ems.homeassistant.discovery.common import (
    HUB,
    ControlNames,
    control,
    events,
    health,
    results,
)
from ems.homeassistant.discovery.entity import (
    CALM_COUNTER,
    CALM_POWER,
    CALM_SOC,
    COUNTER,
    DIAGNOSTIC,
    POWER,
    SOC,
    TIME,
    Calm,
    DiscoveryDevice,
    Entity,
    HomeContext,
    described,
    flag,
    price,
    shown,
)
from ems.homeassistant.discovery.wording.tables import labels, named

MAX_DECISIONS = 10
"""How many of the last decisions are told."""


def site(name: str, home: HomeContext, *, solar: bool, battery: bool, batteries: Sequence[str] = ()) -> DiscoveryDevice:
    """The site's device; rows of solar and battery only where there are such things.

    Args:
        name: the site's.
        home: what rows depend on.
        solar: whether there is PV.
        battery: whether there is a battery.
        batteries: what people call each of several, in evcc's order.
    """
    rows = [
        *_GRID,
        *_prices(home),
        *_evcc(home),
        *events(_HAPPENS, home),
        _decision_log(home),
        health(Service.EVCC_POLLER, home),
    ]
    if solar:
        rows += _SOLAR
    if battery:
        rows += [*_BATTERY, *control("battery", home, _CONTROL), results(Service.EVCC_POLLER, "battery", home)]
    rows += [row for number, called in enumerate(batteries, start=1) for row in _one_battery(number, called)]
    model = home.say(named("model_site"))
    return DiscoveryDevice(Service.EVCC_POLLER, HUB, name, model, tuple(rows), url=home.evcc_url)


def _power(key: str, name: str, path: str, icon: str, about: str = "") -> Entity:
    more, calm = {**POWER, "icon": icon}, CALM_POWER
    return Entity(
        key, "sensor", named(name), SITE.path(), shown(path), more=more, calm=calm, from_evcc=True, about=about
    )


def _one_battery(number: int, called: str) -> tuple[Entity, ...]:
    """Charge and power of one of several batteries."""
    devices = "(value_json.battery | default({})).devices | default([])"

    def row(key: str, of: str, name: str, more: Mapping[str, Any], calm: Calm, about: str) -> Entity:
        return Entity(
            f"battery_{number}_{key}",
            "sensor",
            named(name, name=called),
            SITE.path(),
            f"(({devices})[{number - 1}] | default({{}})).{of} | default('None')",
            more=more,
            calm=calm,
            from_evcc=True,
            about=about,
        )

    power = {**POWER, "icon": "mdi:home-battery"}
    about = "each of several batteries"
    return (
        row("soc", "soc_pct", "one_battery", SOC, CALM_SOC, about),
        row(
            "w",
            "power_w",
            "one_battery_power",
            power,
            CALM_POWER,
            f"{about}; positive = discharging",
        ),
    )


def _energy(key: str, name: str, icon: str) -> Entity:
    more: dict[str, Any] = {**COUNTER, "icon": icon}
    return Entity(key, "sensor", named(name), ENERGY.path(), shown(key), more=more, calm=CALM_COUNTER)


def _prices(home: HomeContext) -> Iterator[Entity]:
    """What a kWh costs and brings now; where that is told in a small unit, the Energy dashboard has its own."""
    names = {"import_eur_per_kwh": "import_price", "export_eur_per_kwh": "feed_in_price"}
    for key, name in names.items():
        value, more = home.priced(f"value_json.{key}"), price(home)
        yield Entity(key, "sensor", named(name), SITE.path(), value, more=more, from_evcc=True, about="now")
        whole = replace(home, cents=False)
        if home.price_unit != whole.price_unit:
            yield Entity(
                f"{key}_energy",
                "sensor",
                named(f"{name}_for_energy"),
                SITE.path(),
                whole.priced(f"value_json.{key}"),
                more={**DIAGNOSTIC, **price(whole)},
                from_evcc=True,
                about="now, as the Energy dashboard wants it",
            )


def _decision_log(home: HomeContext) -> Entity:
    """What was decided last over any device, in words."""
    path = DECISIONS.path()
    row = f"{{'at': d.at, 'device': d.device, 'owner': d.owner, 'outcome': d.outcome, 'text': {home.read('d.reason')}}}"
    # That evcc shows what was wanted is no decision, and would be half of the rows.
    decided = "value_json.decisions | rejectattr('outcome', 'eq', 'verified')"
    listed = (
        "{% set ns = namespace(rows=[]) %}{% if value_json is defined %}"
        f"{{% for d in ({decided} | list)[:{MAX_DECISIONS}] %}}{{% set ns.rows = ns.rows + [{row}] %}}{{% endfor %}}"
        "{% endif %}{{ {'decisions': ns.rows} | tojson }}"
    )
    return Entity(
        "decisions",
        "sensor",
        named("decisions"),
        path,
        f"({decided} | first | default({{}})).at | default('None')",
        more={**TIME, "icon": "mdi:gavel"},
        attributes=(path, listed),
        about=f"when the last one was made; the last {MAX_DECISIONS}, in words, as an attribute",
    )


_BATTERY_OF = "(value_json.battery | default({}))"
_BATTERY_MODE = f"({_BATTERY_OF}.mode_external | default(none) or {_BATTERY_OF}.mode | default(none))"
"""What is asked from outside holds at once; evcc shows it as the battery's mode up to half a minute later."""
_GRID = (
    _power("grid_w", "grid_power", "grid_w", "mdi:transmission-tower", "positive = import"),
    _power("home_w", "house_power", "home_w", "mdi:home-lightning-bolt", "without cars and battery"),
    _energy("import_kwh", "grid_import", "mdi:transmission-tower-export"),
    _energy("export_kwh", "grid_export", "mdi:transmission-tower-import"),
    _energy("home_kwh", "house_energy", "mdi:home-lightning-bolt"),
)
_SOLAR = (
    _power("pv_w", "solar_power", "pv_w", "mdi:solar-power"),
    _energy("pv_kwh", "solar_energy", "mdi:solar-power"),
)
_BATTERY = (
    _power(
        "battery_w",
        "battery_power",
        "battery.power_w",
        "mdi:home-battery",
        "positive = discharging",
    ),
    _energy("battery_charge_kwh", "battery_charged", "mdi:battery-arrow-up"),
    _energy("battery_discharge_kwh", "battery_discharged", "mdi:battery-arrow-down"),
    Entity(
        "battery_soc",
        "sensor",
        named("battery"),
        SITE.path(),
        shown("battery.soc_pct"),
        more=SOC,
        calm=CALM_SOC,
        from_evcc=True,
    ),
    Entity(
        "battery_mode",
        "select",
        named("battery_mode"),
        SITE.path(),
        f"{_BATTERY_MODE} or 'None'",
        SET_BATTERY_MODE.path(),
        words=labels(BatteryMode),
        more={
            "command_template": '{"mode": "{{ value }}"}',
            "icon": "mdi:home-battery",
        },
        attributes=(SITE.path(), described(f"{{'value': {_BATTERY_MODE}}}")),
        from_evcc=True,
        about="as asked of evcc, which obeys with its next look, else as evcc believes; who sets it becomes its owner",
    ),
)
_CONTROL = ControlNames(
    named("battery_decided_by"),
    named("battery_controller"),
    named("hand_back_battery"),
    named("battery_problem"),
    "battery_problem",
)
_HAPPENS = (
    EventKind.CHARGED,
    EventKind.PLUGGED_IN,
    EventKind.UNPLUGGED,
    EventKind.OVERRIDE,
    EventKind.BOOST_ENDED,
    EventKind.CONTROL_LOST,
    EventKind.CONTROL_BACK,
    EventKind.DECISION,
)


def _evcc(home: HomeContext) -> tuple[Entity, ...]:
    return (
        Entity(
            "evcc_reachable",
            "binary_sensor",
            named("evcc_reachable"),
            SITE.path(),
            flag("value_json.evcc.reachable"),
            more={**DIAGNOSTIC, "device_class": "connectivity"},
            attributes=(
                SITE.path(),
                described(
                    f"{{'problem': (value_json.evcc.problem_text | default({{}})).{home.language} "
                    "| default(value_json.evcc.problem | default(None)), "
                    "'problem_kind': (value_json.evcc.problem_reason | default({})).kind | default(None), "
                    # While it answers, that is now: it would be another attribute to record with every look.
                    "'last_contact': none if value_json.evcc.reachable "
                    "else value_json.evcc.last_contact | default(none), "
                    "'optimizer_active': value_json.evcc.optimizer_active | default(false), "
                    "'optimizer_scope': value_json.evcc.optimizer_scope | default(none)}"
                ),
            ),
            about="what is wrong, and whether evcc's own optimizer is in charge (and of what), as attributes",
        ),
        Entity(
            "evcc_version",
            "sensor",
            named("evcc_version"),
            SITE.path(),
            shown("evcc.version"),
            more={**DIAGNOSTIC, "icon": "mdi:tag"},
        ),
    )
