"""The planner: the plan in figures and words, where the price stands, what is foreseen and how well."""

from ems.contract.message import Text
from ems.contract.people import EventKind
from ems.contract.plan import PlanStatus
from ems.contract.service import Service
from ems.contract.topics import CHART, PLAN, PLANNING, PRICES, SET_PLANNING
from ems.homeassistant.discovery.common import HUB, events, health, results
from ems.homeassistant.discovery.entity import (
    CONFIG,
    DIAGNOSTIC,
    PERCENT,
    TIME,
    DiscoveryDevice,
    Entity,
    HomeContext,
    described,
    flag,
    minute,
    money,
    price,
    rounded,
    shown,
)
from ems.homeassistant.discovery.planner.forecasts import FORECASTS
from ems.homeassistant.discovery.planner.savings import savings
from ems.homeassistant.discovery.planner.series import series
from ems.homeassistant.discovery.planner.steering import wishes_of_home
from ems.homeassistant.discovery.template import template
from ems.homeassistant.discovery.wording.tables import labels, named

MAX_CHARACTERS = 12_000
"""Characters of all explanations together: Home Assistant records 16,384 bytes of attributes, the rest needs room."""

MAX_OF_ONE = 300
"""Characters of one explanation: even of the longest ones each device's next fits in."""

_PLAN, _PRICES, _PLANNING = PLAN.path(), PRICES.path(), PLANNING.path()


def planner(home: HomeContext) -> DiscoveryDevice:
    """The planner's device; explanations in the home's language."""
    rows = (
        *_plan(home),
        *_windows(home),
        *_prices(home),
        *FORECASTS,
        *savings(home),
        *series(home),
        *_SETTINGS,
        *wishes_of_home(home),
        *events([EventKind.DEADLINE_AT_RISK], home),
        results(Service.TARIFF_PLANNER, "planner", home),
        health(Service.TARIFF_PLANNER, home),
    )
    name, model = home.say(named("planner")), home.say(named("model_planner"))
    return DiscoveryDevice(Service.TARIFF_PLANNER, "planner", name, model, rows, via=HUB)


def _plan(home: HomeContext) -> tuple[Entity, ...]:
    language = home.language
    why = template("explanations", language=language, max_of_one=MAX_OF_ONE, max_characters=MAX_CHARACTERS)
    about_solver = (
        "{'value': value_json.status, 'solver': value_json.solver | default(None), "
        "'valid_until': value_json.valid_until}"
    )
    short = f"{{'texts': value_json.shortfalls | map(attribute='text.{language}', default='') | list}}"
    return (
        Entity(
            "summary",
            "sensor",
            named("now"),
            _PLAN,
            f"{home.read('value_json.summary')}[:255]",
            more={"icon": "mdi:text-short"},
            attributes=(_PLAN, why),
            about="what is done now; `why` as attribute: what each device does next, and why",
        ),
        Entity(
            "cost_eur",
            "sensor",
            named("cost"),
            _PLAN,
            rounded("value_json.cost_eur"),
            more=money(home.currency),
            about="of the whole plan, energy left at its end credited",
        ),
        Entity(
            "saving_eur",
            "sensor",
            named("saving"),
            _PLAN,
            rounded("value_json.saving_eur"),
            more=money(home.currency),
            about="against evcc alone, on the same forecast",
        ),
        Entity(
            "status",
            "sensor",
            named("status"),
            _PLAN,
            shown("status"),
            words=labels(PlanStatus),
            more={**DIAGNOSTIC, "icon": "mdi:check-decagram"},
            attributes=(_PLAN, described(about_solver)),
            about="proven, the best found in time, by prices only, or no plan",
        ),
        Entity(
            "planned_at",
            "sensor",
            named("planned"),
            _PLAN,
            minute("value_json.at"),
            more={**DIAGNOSTIC, **TIME},
            about="when the plan was made",
        ),
        Entity(
            "shortfalls",
            "sensor",
            named("wishes_at_risk"),
            _PLAN,
            "value_json.shortfalls | default([]) | count",
            more={"icon": "mdi:alert-outline", "state_class": "measurement"},
            attributes=(_PLAN, described(short)),
            about="how many the plan cannot keep; which, in words, as an attribute",
        ),
        Entity(
            "chart",
            "image",
            named("chart"),
            CHART.path(),
            more={"content_type": "image/svg+xml"},
            about="prices, sun, load, charge and charging windows",
        ),
    )


def _windows(home: HomeContext) -> tuple[Entity, ...]:
    def window(key: str, name: Text, path: str, field: str, about: str) -> Entity:
        more = (
            f"{{'end': (value_json.{field} | default({{}})).end | default(None), "
            f"'mean_price': {home.priced(f'(value_json.{field} | default({{}})).mean_eur_per_kwh')}, "
            f"'unit': '{home.price_unit}'}}"
        )
        of = f"(value_json.{field} | default({{}})).start"
        # What is left of a stretch begins now, plan after plan: to people it has begun when it did.
        runs = f"{of} is defined and {of}[:16] <= value_json.at[:16] and '2' <= this.state < {of}"
        start = f"this.state if {runs} else {minute(of)}"
        attributes = (path, described(more))
        return Entity(key, "sensor", name, path, start, more=TIME, attributes=attributes, about=about)

    return (
        window(
            "next_charge_start",
            named("next_grid_charge"),
            _PLAN,
            "next_charge",
            "when grid energy is next stored or charged; its end and mean price as attributes",
        ),
        window(
            "next_cheap_start",
            named("next_cheap_time"),
            _PRICES,
            "next_cheap",
            "the next stretch at or below P20",
        ),
    )


def _prices(home: HomeContext) -> tuple[Entity, ...]:
    now = Entity(
        "price",
        "sensor",
        named("price"),
        _PRICES,
        home.priced("value_json.now_eur_per_kwh"),
        more=price(home),
        about="now, by the rates that are planned with",
    )

    def among(key: str, name: Text, about: str, *, disabled: bool) -> Entity:
        more, value = {**DIAGNOSTIC, **price(home)}, home.priced(f"value_json.{key}")
        return Entity(key, "sensor", name, _PRICES, value, more=more, disabled=disabled, about=about)

    rank = Entity(
        "price_rank",
        "sensor",
        named("price_rank"),
        _PRICES,
        "(value_json.rank * 100) | round(0)",
        more={**PERCENT, "icon": "mdi:podium"},
        about="the share of the known time that is cheaper than now; 0 = now is the cheapest",
    )
    return (
        now,
        rank,
        among(
            "spread_eur_per_kwh",
            named("price_spread"),
            "dearest minus cheapest of the known time",
            disabled=True,
        ),
        *(
            among(
                f"p{n}_eur_per_kwh",
                named("price_percentile", percent=str(n)),
                f"{n} % of the known time are cheaper",
                disabled=n in {30, 40, 60},
            )
            for n in (20, 30, 40, 60, 80)
        ),
    )


_SETTINGS = (
    Entity(
        "enabled",
        "switch",
        named("active"),
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
        about="off: evcc decides alone",
    ),
    Entity(
        "reserve_soc",
        "number",
        named("battery_reserve"),
        _PLANNING,
        shown("reserve_soc_pct"),
        SET_PLANNING.path(),
        more={
            **CONFIG,
            "min": 0,
            "max": 100,
            "step": 5,
            "mode": "box",
            "unit_of_measurement": "%",
            "command_template": '{"reserve_soc_pct": {{ value }}}',
            "icon": "mdi:battery-lock",
        },
        about="the home battery is not planned below this",
    ),
)
