"""The planner: the plan in figures and words, where the price stands, how good the forecasts are."""

from ems.contract.message import Text
from ems.contract.people import EventKind
from ems.contract.plan import ForecastKind, PlanStatus
from ems.contract.service import Service
from ems.contract.topics import CHART, FORECAST, PLAN, PLANNING, PRICES, SET_PLANNING
from ems.runtime.discovery.common import events, health
from ems.runtime.discovery.entity import (
    CONFIG,
    DIAGNOSTIC,
    MONEY,
    PRICE,
    TIME,
    Device,
    Entity,
    described,
    flag,
    shown,
)

_PLAN, _PRICES, _PLANNING = PLAN.path(), PRICES.path(), PLANNING.path()
_PERCENT = {"unit_of_measurement": "%", "state_class": "measurement", "suggested_display_precision": 0}


def planner(name: str, language: str) -> Device:
    """The planner's device; explanations in ``language``."""
    rows = (
        *_plan(language),
        *_WINDOW,
        *_PERCENTILES,
        *_FORECASTS,
        *_SETTINGS,
        *_EVENTS,
        health(Service.TARIFF_PLANNER),
    )
    return Device(Service.TARIFF_PLANNER, "planner", name, "Planner", rows)


def _plan(language: str) -> tuple[Entity, ...]:
    # Home Assistant keeps 255 characters of a state and 16 kB of attributes: words only, and only the next ones.
    why = (
        "{% set ns = namespace(rows=[]) %}{% if value_json is defined %}"
        "{% for e in value_json.explanations[:12] %}"
        "{% set ns.rows = ns.rows + [{'device': e.device, 'start': e.start, 'end': e.end, "
        f"'text': e.text.{language}}}] %}}"
        "{% endfor %}{% endif %}"
        f"{{{{ {{'summary': value_json.summary.{language} if value_json is defined else '', "
        "'why': ns.rows} | tojson }}"
    )
    return (
        Entity(
            "summary",
            "sensor",
            Text(en="now", de="Jetzt"),
            _PLAN,
            f"value_json.summary.{language}[:255]",
            more={"icon": "mdi:text-short"},
            attributes=(_PLAN, why),
        ),
        Entity("cost_eur", "sensor", Text(en="cost", de="Kosten"), _PLAN, shown("cost_eur"), more=MONEY),
        Entity("saving_eur", "sensor", Text(en="saving", de="Ersparnis"), _PLAN, shown("saving_eur"), more=MONEY),
        Entity(
            "status",
            "sensor",
            Text(en="status", de="Status"),
            _PLAN,
            shown("status"),
            more={
                **DIAGNOSTIC,
                "device_class": "enum",
                "options": [s.value for s in PlanStatus],
                "icon": "mdi:check-decagram",
            },
        ),
        Entity(
            "shortfalls",
            "sensor",
            Text(en="wishes at risk", de="Gefährdete Wünsche"),
            _PLAN,
            "value_json.shortfalls | count",
            more={"icon": "mdi:alert-outline", "state_class": "measurement"},
            attributes=(
                _PLAN,
                described(f"{{'texts': value_json.shortfalls | map(attribute='text.{language}') | list}}"),
            ),
        ),
        Entity(
            "chart",
            "image",
            Text(en="chart", de="Diagramm"),
            CHART.path(),
            more={"content_type": "image/svg+xml"},
        ),
    )


_WINDOW = (
    Entity(
        "next_charge_start",
        "sensor",
        Text(en="next grid charge", de="Nächstes Netzladen"),
        _PLAN,
        shown("next_charge.start"),
        more=TIME,
    ),
    Entity(
        "next_cheap_start",
        "sensor",
        Text(en="next cheap time", de="Nächste günstige Zeit"),
        _PRICES,
        shown("next_cheap.start"),
        more=TIME,
    ),
    Entity("price", "sensor", Text(en="price now", de="Preis jetzt"), _PRICES, shown("now_eur_per_kwh"), more=PRICE),
    Entity(
        "price_rank",
        "sensor",
        Text(en="price rank", de="Preisrang"),
        _PRICES,
        "(value_json.rank * 100) | round(0)",
        more={**_PERCENT, "icon": "mdi:podium"},
    ),
)
_PERCENTILES = tuple(
    Entity(
        f"p{n}_eur_per_kwh",
        "sensor",
        Text(en=f"price P{n}", de=f"Preis P{n}"),
        _PRICES,
        shown(f"p{n}_eur_per_kwh"),
        more={**DIAGNOSTIC, **PRICE},
        disabled=n in {30, 40, 60},
    )
    for n in (20, 30, 40, 60, 80)
)
_FORECASTS = tuple(
    Entity(
        f"{kind}_error",
        "sensor",
        Text(en=f"{kind} forecast error", de=f"Prognosefehler {de}"),
        FORECAST.path(forecast=kind),
        "(value_json.accuracy[0].nmae * 100) | round(0) if value_json.accuracy else 'None'",
        more={**DIAGNOSTIC, **_PERCENT, "icon": "mdi:chart-bell-curve"},
    )
    for kind, de in ((ForecastKind.LOAD, "Verbrauch"), (ForecastKind.PV, "Solar"))
)
_SETTINGS = (
    Entity(
        "enabled",
        "switch",
        Text(en="planning", de="Planung"),
        _PLANNING,
        flag("value_json.enabled"),
        SET_PLANNING.path(),
        more={
            **CONFIG,
            "payload_on": '{"enabled": true}',
            "payload_off": '{"enabled": false}',
            "state_on": "ON",
            "state_off": "OFF",
            "icon": "mdi:calendar-clock",
        },
    ),
    Entity(
        "reserve_soc",
        "number",
        Text(en="battery reserve", de="Batteriereserve"),
        _PLANNING,
        shown("reserve_soc_pct"),
        SET_PLANNING.path(),
        more={
            **CONFIG,
            "min": 0,
            "max": 100,
            "step": 5,
            "unit_of_measurement": "%",
            "command_template": '{"reserve_soc_pct": {{ value }}}',
            "icon": "mdi:battery-lock",
        },
    ),
)


_EVENTS = events({EventKind.DEADLINE_AT_RISK: Text(en="deadline at risk", de="Abfahrt gefährdet")})
