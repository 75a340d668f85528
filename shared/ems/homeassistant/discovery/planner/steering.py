"""What people wish of the plan, as fields to type in, with the price of each; and trying a wish before it is obeyed."""

import json

from ems.contract.message import Text
from ems.contract.service import Service
from ems.contract.topics import PLAN, PLANNING, SET_PLANNING
from ems.contract.wishes import WishKind
from ems.homeassistant.discovery.entity import CONFIG, DiscoveryDevice, Entity, HomeContext, flag
from ems.homeassistant.discovery.vehicle import of_vehicle
from ems.homeassistant.discovery.wording.tables import named

_PLAN, _PLANNING = PLAN.path(), PLANNING.path()
_ICONS = {
    WishKind.HOLD_BATTERY: "battery-lock",
    WishKind.CHARGE_BATTERY: "battery-arrow-up",
    WishKind.PAUSE_VEHICLE: "car-clock",
    WishKind.CHARGE_VEHICLE: "ev-station",
    WishKind.TRIP: "road-variant",
    WishKind.ABSENCE: "bag-suitcase",
    WishKind.WEEKLY_GOAL: "calendar-week",
}


def wishes_of_home(home: HomeContext) -> tuple[Entity, ...]:
    """What is wished of the battery and the whole home, what all wishes cost, and trying them first."""
    return (
        _field(
            WishKind.HOLD_BATTERY,
            named("wish_hold_battery"),
            "when the battery gives nothing: `17-20`, `17:30-20:00 daily`, `5.12. 17-20`; empty: never",
        ),
        _field(
            WishKind.CHARGE_BATTERY,
            named("wish_charge_battery"),
            "when it charges at full power: `2-4`, `2:00-4:30 mon-fri`",
        ),
        _field(
            WishKind.WEEKLY_GOAL,
            named("wish_weekly_goal_battery"),
            "how full, by when, on which days: `80 % 7:00 mon-fri`",
        ),
        _field(
            WishKind.ABSENCE,
            named("wish_absence"),
            "a holiday: `24.12. 18:00`, `5.12. - 12.12.`; the house needs its base load, weekly goals rest",
        ),
        Entity(
            "wishes",
            "sensor",
            named("wishes"),
            _PLAN,
            "value_json.wishes | default([]) | count",
            more={"icon": "mdi:account-heart", "state_class": "measurement"},
            attributes=(_PLAN, _listed(home)),
            about="how many; each in words with what it costs, those that are only tried too, as an attribute",
        ),
        Entity(
            "trial",
            "switch",
            named("trial"),
            _PLANNING,
            flag("value_json.trial | default(false)"),
            SET_PLANNING.path(),
            more={
                **CONFIG,
                "payload_on": '{"trial": true}',
                "payload_off": '{"trial": false}',
                "state_on": "ON",
                "state_off": "OFF",
                "icon": "mdi:test-tube",
            },
            about="on: what is wished is priced, and obeyed only when it is applied",
        ),
        Entity(
            "apply_wishes",
            "button",
            named("apply_wishes"),
            command=SET_PLANNING.path(),
            more={"payload_press": '{"apply": true}', "icon": "mdi:check-all"},
            about="obeys what was tried",
        ),
    )


def wishes_of_car(name: str, title: str, home: HomeContext) -> DiscoveryDevice:
    """What is wished of a car, on its device beside vehicle-soc and notifier."""
    abouts = {
        WishKind.PAUSE_VEHICLE: "it is not charged before `22:00`, or from `17-20 daily`",
        WishKind.CHARGE_VEHICLE: "it charges at full power: `13-15`, `tomorrow 11:30-14:00`",
        WishKind.TRIP: "it is away, and comes back without: `Sat 8:00 - Sun 20:00 40 kWh`",
        WishKind.WEEKLY_GOAL: "beside the notifier's: `80 % 7:00 mon-fri`",
    }
    rows = tuple(_field(kind, named(f"wish_{kind}"), about, name) for kind, about in abouts.items())
    return of_vehicle(Service.TARIFF_PLANNER, name, title, home, rows)


def _field(kind: WishKind, called: Text, about: str, vehicle: str | None = None) -> Entity:
    """A text that shows when the wish is, the one that is tried first, and sets it; empty removes it."""
    whose = f", 'vehicle': {json.dumps(vehicle)}" if vehicle else ""
    of = f"selectattr('vehicle', 'eq', {json.dumps(vehicle)})" if vehicle else "selectattr('vehicle', 'undefined')"
    found = (
        f"value_json.wishes | default([]) | selectattr('kind', 'eq', '{kind}') | {of} | selectattr('name', 'undefined')"
    )
    return Entity(
        f"wish_{kind}",
        "text",
        called,
        _PLANNING,
        f"((({found} | selectattr('trial') | list) + ({found} | list)) | first | default({{}})).words | default('')",
        SET_PLANNING.path(),
        more={
            "max": 200,
            "command_template": f"{{{{ {{'wish': {{'kind': '{kind}'{whose}, 'words': value}}}} | tojson }}}}",
            "icon": f"mdi:{_ICONS[kind]}",
        },
        typed=True,
        about=about,
    )


def _listed(home: HomeContext) -> str:
    row = (
        "{'id': w.id, 'kind': w.kind, 'vehicle': w.vehicle | default(None), 'trial': w.trial | default(false), "
        f"'start': w.start | default(None), 'end': w.end, 'cost': w.cost_eur | default(None), "
        f"'text': {home.read('w.text')}}}"
    )
    return (
        "{% set ns = namespace(rows=[]) %}{% if value_json is defined %}"
        f"{{% for w in value_json.wishes | default([]) %}}{{% set ns.rows = ns.rows + [{row}] %}}{{% endfor %}}"
        "{% endif %}{{ {'wishes': ns.rows} | tojson }}"
    )
