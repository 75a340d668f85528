"""The plan, prices and forecasts slot by slot for cards, and what is planned at each loadpoint."""

from collections.abc import Mapping
from typing import Any

from ems.contract.plan import ForecastKind
from ems.contract.service import Service
from ems.contract.topics import CHART_WIDE, FORECAST, PLAN, PRICES
from ems.homeassistant.discovery.entity import (
    TIME,
    DiscoveryDevice,
    Entity,
    HomeContext,
    described,
    flag,
    minute,
    money,
    rounded,
)
from ems.homeassistant.discovery.loadpoint import beside
from ems.homeassistant.discovery.planner.savings import charged_at
from ems.homeassistant.discovery.template import template
from ems.homeassistant.discovery.wording.tables import named

MAX_SLOTS = 192
"""Slots of a series at most, two days: with two loadpoints their attributes stay below what a recorder takes."""
_PLAN, _PRICES = PLAN.path(), PRICES.path()
_ICONS = {ForecastKind.LOAD: "mdi:home-lightning-bolt-outline", ForecastKind.PV: "mdi:solar-power-variant"}


def series(home: HomeContext) -> tuple[Entity, ...]:
    """One sensor each for plan, prices and forecasts; the slots are attributes."""
    prices = {"unit": home.price_unit, "factor": f"{home.price_factor:g}", "digits": home.price_digits + 1}
    rows = (
        Entity(
            "plan_series",
            "sensor",
            named("plan_series"),
            _PLAN,
            "value_json.slots | default([]) | count",
            more={"icon": "mdi:chart-timeline"},
            attributes=(_PLAN, template("plan_series", max_slots=MAX_SLOTS, **prices)),
            about="slots ahead; price, power, mode, charge and cost of each as attributes, lists that begin at `at`",
        ),
        Entity(
            "price_series",
            "sensor",
            named("price_series"),
            _PLAN,
            "value_json.slots | default([]) | selectattr('price_known', 'undefined') | list | count "
            "+ value_json.slots | default([]) | selectattr('price_known', 'defined') | selectattr('price_known') "
            "| list | count",
            more={"icon": "mdi:chart-bar"},
            attributes=(_PLAN, template("price_series", max_slots=MAX_SLOTS, **prices)),
            about="slots whose price is known; import and feed-in prices of all as attributes",
        ),
    )
    chart = Entity(
        "chart_wide",
        "image",
        named("chart_wide"),
        CHART_WIDE.path(),
        more={"content_type": "image/svg+xml"},
        about="the same as *Chart*, for a desk",
    )
    return (*rows, *(_forecast(kind) for kind in ForecastKind), _cheap_now(), chart)


def _forecast(kind: ForecastKind) -> Entity:
    path = FORECAST.path(forecast=kind)
    return Entity(
        f"{kind}_series",
        "sensor",
        named(f"{kind}_series"),
        path,
        "value_json.slots | default([]) | count",
        more={"icon": _ICONS[kind]},
        attributes=(path, template("forecast_series", max_slots=MAX_SLOTS)),
        about="slots ahead; mean, P10 and P90 of each in W as attributes",
    )


def _cheap_now() -> Entity:
    return Entity(
        "cheap_now",
        "binary_sensor",
        named("cheap_now"),
        _PRICES,
        flag("value_json.spread_eur_per_kwh > 0 and value_json.now_eur_per_kwh <= value_json.p20_eur_per_kwh"),
        more={"icon": "mdi:tag-check"},
        about="the price now is among the cheapest 20 % of the known time; never where all are the same",
    )


def planned_at(number: str, title: str, home: HomeContext) -> DiscoveryDevice:
    """What the plan adds to the device of a loadpoint at which cars charge, announced beside evcc-poller."""
    of = f"((value_json.charging | default({{}}))['loadpoint-{number}'] | default({{}}))"

    def row(key: str, value: str, more: Mapping[str, Any], about: str) -> Entity:
        name = f"planned_{key}"
        return Entity(name, "sensor", named(name), _PLAN, value, more=more, about=about)

    about_car = (
        f"{{'vehicle': {of}.vehicle | default(None), 'reaches_soc': {of}.reaches_soc_pct | default(None), "
        f"'end': {of}.end | default(None)}}"
    )
    energy = {"device_class": "energy", "unit_of_measurement": "kWh", "suggested_display_precision": 1}
    start = Entity(
        "planned_start",
        "sensor",
        named("planned_start"),
        _PLAN,
        minute(f"{of}.start"),
        more={**TIME, "icon": "mdi:clock-start"},
        attributes=(_PLAN, described(about_car)),
        about="when it next charges; the car and how full it becomes as attributes",
    )
    rows = (
        start,
        row("end", minute(f"{of}.end"), {**TIME, "icon": "mdi:clock-end"}, "when it then pauses or is done"),
        row("energy", rounded(f"{of}.energy_kwh", 1), {**energy, "icon": "mdi:ev-station"}, "of the whole plan"),
        row(
            "cost",
            rounded(f"{of}.cost_eur"),
            money(home.currency),
            "of that energy; sun and battery at what feeding in would have earned",
        ),
        row(
            "full_at",
            minute(f"{of}.full_at"),
            {**TIME, "icon": "mdi:battery-clock"},
            "when the car holds as much as is planned",
        ),
        *charged_at(number, home),
    )
    return beside(Service.TARIFF_PLANNER, number, title, home, rows)
