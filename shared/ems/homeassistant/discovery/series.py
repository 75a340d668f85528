"""The plan, prices and forecasts slot by slot for cards, what is planned at each loadpoint, and the last decisions."""

from ems.contract.message import Text
from ems.contract.plan import ForecastKind
from ems.contract.service import Service
from ems.contract.topics import CHART_WIDE, DECISIONS, FORECAST, PLAN, PRICES
from ems.homeassistant.discovery.entity import TIME, DiscoveryDevice, Entity, HomeContext, described, flag, money
from ems.homeassistant.discovery.savings import charged_at
from ems.homeassistant.discovery.template import template

MAX_SLOTS = 192
"""Slots of a series at most, two days: with two loadpoints their attributes stay below what a recorder takes."""
MAX_DECISIONS = 10
_PLAN, _PRICES = PLAN.path(), PRICES.path()
_FORECASTS = {
    ForecastKind.LOAD: (
        Text(en="Load forecast", de="Verbrauchsprognose", nl="Verbruiksprognose"),
        "mdi:home-lightning-bolt-outline",
    ),
    ForecastKind.PV: (Text(en="Solar forecast", de="Solarprognose", nl="Zonneprognose"), "mdi:solar-power-variant"),
}


def series(home: HomeContext) -> tuple[Entity, ...]:
    """One sensor each for plan, prices and forecasts; the slots are attributes."""
    unit = f"{home.currency}/kWh"
    rows = (
        Entity(
            "plan_series",
            "sensor",
            Text(en="Plan by slot", de="Plan je Abschnitt", nl="Plan per kwartier"),
            _PLAN,
            "value_json.slots | default([]) | count",
            more={"icon": "mdi:chart-timeline"},
            attributes=(_PLAN, template("plan_series", unit=unit, max_slots=MAX_SLOTS)),
            about="slots ahead; price, power, mode, charge and cost of each as attributes, lists that begin at `at`",
        ),
        Entity(
            "price_series",
            "sensor",
            Text(en="Prices by slot", de="Preise je Abschnitt", nl="Prijzen per kwartier"),
            _PLAN,
            "value_json.slots | default([]) | selectattr('price_known', 'undefined') | list | count "
            "+ value_json.slots | default([]) | selectattr('price_known', 'defined') | selectattr('price_known') "
            "| list | count",
            more={"icon": "mdi:chart-bar"},
            attributes=(_PLAN, template("price_series", unit=unit, max_slots=MAX_SLOTS)),
            about="slots whose price is known; import and feed-in prices of all as attributes",
        ),
    )
    chart = Entity(
        "chart_wide",
        "image",
        Text(en="Wide chart", de="Breites Diagramm", nl="Brede grafiek"),
        CHART_WIDE.path(),
        more={"content_type": "image/svg+xml"},
        about="the same as *Chart*, for a desk",
    )
    return (*rows, *(_forecast(kind) for kind in ForecastKind), _cheap_now(), chart)


def _forecast(kind: ForecastKind) -> Entity:
    name, icon = _FORECASTS[kind]
    path = FORECAST.path(forecast=kind)
    return Entity(
        f"{kind}_series",
        "sensor",
        name,
        path,
        "value_json.slots | default([]) | count",
        more={"icon": icon},
        attributes=(path, template("forecast_series", max_slots=MAX_SLOTS)),
        about="slots ahead; mean, P10 and P90 of each in W as attributes",
    )


def _cheap_now() -> Entity:
    return Entity(
        "cheap_now",
        "binary_sensor",
        Text(en="Cheap now", de="Jetzt günstig", nl="Nu goedkoop"),
        _PRICES,
        flag("value_json.spread_eur_per_kwh > 0 and value_json.now_eur_per_kwh <= value_json.p20_eur_per_kwh"),
        more={"icon": "mdi:tag-check"},
        about="the price now is among the cheapest 20 % of the known time; never where all are the same",
    )


def decision_log(home: HomeContext) -> Entity:
    """What was decided last over any device, in words."""
    path = DECISIONS.path()
    row = f"{{'at': d.at, 'device': d.device, 'owner': d.owner, 'outcome': d.outcome, 'text': {home.read('d.reason')}}}"
    listed = (
        "{% set ns = namespace(rows=[]) %}{% if value_json is defined %}"
        f"{{% for d in value_json.decisions[:{MAX_DECISIONS}] %}}{{% set ns.rows = ns.rows + [{row}] %}}{{% endfor %}}"
        "{% endif %}{{ {'decisions': ns.rows} | tojson }}"
    )
    return Entity(
        "decisions",
        "sensor",
        Text(en="Decisions", de="Entscheidungen", nl="Beslissingen"),
        path,
        "(value_json.decisions | first | default({})).at | default('None')",
        more={**TIME, "icon": "mdi:gavel"},
        attributes=(path, listed),
        about=f"when the last one was made; the last {MAX_DECISIONS}, in words, as an attribute",
    )


def planned_at(number: str, title: str, model: str, home: HomeContext) -> DiscoveryDevice:
    """What the plan adds to a loadpoint's device, announced beside evcc-poller."""
    of = f"((value_json.charging | default({{}}))['loadpoint-{number}'] | default({{}}))"

    def row(key: str, name: Text, field: str, more: dict[str, object], about: str) -> Entity:
        value = f"{of}.{field} | default('None')"
        return Entity(f"planned_{key}", "sensor", name, _PLAN, value, more=more, about=about)

    about_car = (
        f"{{'vehicle': {of}.vehicle | default(None), 'reaches_soc': {of}.reaches_soc_pct | default(None), "
        f"'end': {of}.end | default(None)}}"
    )
    energy = {"device_class": "energy", "unit_of_measurement": "kWh", "suggested_display_precision": 1}
    start = Entity(
        "planned_start",
        "sensor",
        Text(en="Planned start", de="Geplanter Beginn", nl="Gepland begin"),
        _PLAN,
        f"{of}.start | default('None')",
        more={**TIME, "icon": "mdi:clock-start"},
        attributes=(_PLAN, described(about_car)),
        about="when it next charges; the car and how full it becomes as attributes",
    )
    return DiscoveryDevice(
        Service.TARIFF_PLANNER,
        f"loadpoint-{number}",
        title,
        model,
        (
            start,
            row(
                "end",
                Text(en="Planned end", de="Geplantes Ende", nl="Gepland einde"),
                "end",
                {**TIME, "icon": "mdi:clock-end"},
                "when it then pauses or is done",
            ),
            row(
                "energy",
                Text(en="Planned energy", de="Geplante Energie", nl="Geplande energie"),
                "energy_kwh",
                {**energy, "icon": "mdi:ev-station"},
                "of the whole plan",
            ),
            row(
                "cost",
                Text(en="Planned cost", de="Geplante Kosten", nl="Geplande kosten"),
                "cost_eur",
                money(home.currency),
                "of that energy; sun and battery at what feeding in would have earned",
            ),
            row(
                "full_at",
                Text(en="Full at", de="Voll um", nl="Vol om"),
                "full_at",
                {**TIME, "icon": "mdi:battery-clock"},
                "when the car holds as much as is planned",
            ),
            *charged_at(number, home),
        ),
    )
