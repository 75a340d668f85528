"""The hub: the site with its powers, battery and prices, as evcc-poller knows it."""

from ems.contract.message import Text
from ems.contract.people import EventKind
from ems.contract.service import Service
from ems.contract.site import BatteryMode
from ems.contract.topics import CONTROL, SET_BATTERY_MODE, SITE
from ems.runtime.discovery.common import control, events, health
from ems.runtime.discovery.entity import DIAGNOSTIC, POWER, PRICE, SOC, Device, Entity, described, flag, shown

HUB = "site"


def site(name: str, *, battery: bool, learner: bool) -> Device:
    """The site's device; the battery's rows only where there is one."""
    rows = [*_POWERS, *_PRICES, *_EVCC, *_EVENTS, health(Service.EVCC_POLLER)]
    if battery:
        rows += [*_BATTERY, *control("battery", learner=learner)]
    return Device(Service.EVCC_POLLER, HUB, name, "Site", tuple(rows))


def _power(key: str, en: str, de: str, path: str) -> Entity:
    return Entity(key, "sensor", Text(en=en, de=de), SITE.path(), shown(path), more=POWER, from_evcc=True)


def _price(key: str, en: str, de: str) -> Entity:
    return Entity(key, "sensor", Text(en=en, de=de), SITE.path(), shown(key), more=PRICE, from_evcc=True)


_POWERS = (
    _power("grid_w", "grid", "Netz", "grid_w"),
    _power("pv_w", "solar", "Solar", "pv_w"),
    _power("home_w", "home", "Haus", "home_w"),
)
_PRICES = (
    _price("import_eur_per_kwh", "import price", "Strompreis"),
    _price("export_eur_per_kwh", "feed-in price", "Einspeisepreis"),
)
_EVCC = (
    Entity(
        "evcc_reachable",
        "binary_sensor",
        Text(en="evcc reachable", de="evcc erreichbar"),
        SITE.path(),
        flag("value_json.evcc.reachable"),
        more={**DIAGNOSTIC, "device_class": "connectivity"},
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
    _power("battery_w", "battery power", "Batterieleistung", "battery.power_w"),
    Entity(
        "battery_soc",
        "sensor",
        Text(en="battery", de="Batterie"),
        SITE.path(),
        shown("battery.soc_pct"),
        more=SOC,
        from_evcc=True,
    ),
    Entity(
        "battery_mode",
        "select",
        Text(en="battery mode", de="Batteriemodus"),
        SITE.path(),
        shown("battery.mode"),
        SET_BATTERY_MODE.path(),
        more={
            "options": [m.value for m in BatteryMode],
            "command_template": '{"mode": "{{ value }}"}',
            "icon": "mdi:home-battery",
        },
        from_evcc=True,
    ),
    Entity(
        "battery_problem",
        "binary_sensor",
        Text(en="battery control", de="Batteriesteuerung"),
        CONTROL.path(device="battery"),
        flag("value_json.error is defined"),
        more={**DIAGNOSTIC, "device_class": "problem"},
        attributes=(CONTROL.path(device="battery"), described("{'error': value_json.error | default(None)}")),
    ),
)


_EVENTS = events(
    {
        EventKind.CHARGED: Text(en="charged", de="Fertig geladen"),
        EventKind.PLUGGED_IN: Text(en="plugged in", de="Angesteckt"),
        EventKind.UNPLUGGED: Text(en="unplugged", de="Abgesteckt"),
        EventKind.OVERRIDE: Text(en="override", de="Eingriff"),
        EventKind.BOOST_ENDED: Text(en="boost ended", de="Schnellladen beendet"),
        EventKind.CONTROL_LOST: Text(en="control lost", de="Steuerung verloren"),
        EventKind.CONTROL_BACK: Text(en="control back", de="Steuerung zurück"),
    }
)
