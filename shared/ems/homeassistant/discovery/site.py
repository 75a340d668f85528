"""The hub: the site with its powers, energies, battery and prices, as evcc-poller knows it."""

from collections.abc import Mapping, Sequence
from typing import Any

from ems.contract.message import Text
from ems.contract.people import EventKind
from ems.contract.service import Service
from ems.contract.site import BatteryMode
from ems.contract.topics import ENERGY, SET_BATTERY_MODE, SITE
from ems.homeassistant.discovery.common import (
    ControlNames,
    control,
    events,
    health,
)
from ems.homeassistant.discovery.entity import (
    COUNTER,
    DIAGNOSTIC,
    POWER,
    SOC,
    DiscoveryDevice,
    Entity,
    HomeContext,
    described,
    flag,
    price,
    shown,
)
from ems.homeassistant.discovery.series import decision_log

HUB = "site"


def site(name: str, home: HomeContext, *, solar: bool, battery: bool, batteries: Sequence[str] = ()) -> DiscoveryDevice:
    """The site's device; rows of solar and battery only where there are such things.

    Args:
        name: the site's.
        home: what rows depend on.
        solar: whether there is PV.
        battery: whether there is a battery.
        batteries: what people call each of several, in evcc's order.
    """
    rows = [*_GRID, *_prices(home), *_EVCC, *events(_HAPPENS, home), decision_log(home), health(Service.EVCC_POLLER)]
    if solar:
        rows += _SOLAR
    if battery:
        rows += [*_BATTERY, *control("battery", home, _CONTROL)]
    rows += [row for number, called in enumerate(batteries, start=1) for row in _one_battery(number, called)]
    return DiscoveryDevice(Service.EVCC_POLLER, HUB, name, "Site", tuple(rows))


def _power(key: str, en: str, de: str, path: str, icon: str, about: str = "") -> Entity:
    more = {**POWER, "icon": icon}
    return Entity(key, "sensor", Text(en=en, de=de), SITE.path(), shown(path), more=more, from_evcc=True, about=about)


def _one_battery(number: int, called: str) -> tuple[Entity, ...]:
    """Charge and power of one of several batteries."""
    devices = "(value_json.battery | default({})).devices | default([])"

    def row(key: str, of: str, name: Text, more: Mapping[str, Any], about: str) -> Entity:
        value = f"(({devices})[{number - 1}] | default({{}})).{of} | default('None')"
        return Entity(
            f"battery_{number}_{key}", "sensor", name, SITE.path(), value, more=more, from_evcc=True, about=about
        )

    power = {**POWER, "icon": "mdi:home-battery"}
    about = "each of several batteries"
    return (
        row("soc", "soc_pct", Text(en=called, de=called), SOC, about),
        row(
            "w",
            "power_w",
            Text(en=f"{called} power", de=f"{called} Leistung"),
            power,
            f"{about}; positive = discharging",
        ),
    )


def _energy(key: str, en: str, de: str, icon: str) -> Entity:
    more: dict[str, Any] = {**COUNTER, "icon": icon}
    return Entity(key, "sensor", Text(en=en, de=de), ENERGY.path(), shown(key), more=more)


def _prices(home: HomeContext) -> tuple[Entity, ...]:
    names = {
        "import_eur_per_kwh": Text(en="Import price", de="Strompreis"),
        "export_eur_per_kwh": Text(en="Feed-in price", de="Einspeisepreis"),
    }
    return tuple(
        Entity(key, "sensor", name, SITE.path(), shown(key), more=price(home.currency), from_evcc=True, about="now")
        for key, name in names.items()
    )


_GRID = (
    _power("grid_w", "Grid power", "Netzleistung", "grid_w", "mdi:transmission-tower", "positive = import"),
    _power("home_w", "House power", "Hausleistung", "home_w", "mdi:home-lightning-bolt", "without cars and battery"),
    _energy("import_kwh", "Grid import", "Netzbezug", "mdi:transmission-tower-export"),
    _energy("export_kwh", "Grid export", "Netzeinspeisung", "mdi:transmission-tower-import"),
    _energy("home_kwh", "House energy", "Hausverbrauch", "mdi:home-lightning-bolt"),
)
_SOLAR = (
    _power("pv_w", "Solar power", "Solarleistung", "pv_w", "mdi:solar-power"),
    _energy("pv_kwh", "Solar energy", "Solarertrag", "mdi:solar-power"),
)
_EVCC = (
    Entity(
        "evcc_reachable",
        "binary_sensor",
        Text(en="evcc reachable", de="evcc erreichbar"),
        SITE.path(),
        flag("value_json.evcc.reachable"),
        more={**DIAGNOSTIC, "device_class": "connectivity"},
        attributes=(
            SITE.path(),
            described(
                "{'problem': value_json.evcc.problem | default(None), "
                # While it answers, that is now: it would be another attribute to record with every look.
                "'last_contact': none if value_json.evcc.reachable else value_json.evcc.last_contact | default(none), "
                "'optimizer_active': value_json.evcc.optimizer_active | default(false), "
                "'optimizer_scope': value_json.evcc.optimizer_scope | default(none)}"
            ),
        ),
        about="what is wrong, and whether evcc's own optimizer is in charge (and of what), as attributes",
    ),
    Entity(
        "evcc_version",
        "sensor",
        Text(en="evcc version", de="evcc-Version"),
        SITE.path(),
        shown("evcc.version"),
        more={**DIAGNOSTIC, "icon": "mdi:tag"},
    ),
)
_BATTERY = (
    _power(
        "battery_w",
        "Battery power",
        "Batterieleistung",
        "battery.power_w",
        "mdi:home-battery",
        "positive = discharging",
    ),
    _energy("battery_charge_kwh", "Battery charged", "Batterie geladen", "mdi:battery-arrow-up"),
    _energy("battery_discharge_kwh", "Battery discharged", "Batterie entladen", "mdi:battery-arrow-down"),
    Entity(
        "battery_soc",
        "sensor",
        Text(en="Battery", de="Batterie"),
        SITE.path(),
        shown("battery.soc_pct"),
        more=SOC,
        from_evcc=True,
    ),
    Entity(
        "battery_mode",
        "select",
        Text(en="Battery mode", de="Batteriemodus"),
        SITE.path(),
        shown("battery.mode"),
        SET_BATTERY_MODE.path(),
        more={
            "options": [m.value for m in BatteryMode],
            "command_template": '{"mode": "{{ value }}"}',
            "icon": "mdi:home-battery",
        },
        from_evcc=True,
        about="as evcc believes; who sets it here becomes its owner",
    ),
)
_CONTROL = ControlNames(
    Text(en="Battery decided by", de="Batterie-Entscheider"),
    Text(en="Battery controller", de="Batteriesteuerung"),
    Text(en="Hand back battery", de="Batterie zurückgeben"),
    Text(en="Battery problem", de="Batterieproblem"),
    "battery_problem",
)
_HAPPENS = {
    EventKind.CHARGED: Text(en="Charged", de="Fertig geladen"),
    EventKind.PLUGGED_IN: Text(en="Plugged in", de="Angesteckt"),
    EventKind.UNPLUGGED: Text(en="Unplugged", de="Abgesteckt"),
    EventKind.OVERRIDE: Text(en="Override", de="Eingriff"),
    EventKind.BOOST_ENDED: Text(en="Boost ended", de="Schnellladen beendet"),
    EventKind.CONTROL_LOST: Text(en="Control lost", de="Steuerung verloren"),
    EventKind.CONTROL_BACK: Text(en="Control back", de="Steuerung zurück"),
    EventKind.DECISION: Text(en="Decision", de="Entscheidung"),
}
