"""What the suite was worth: cost and saving today, this month and in all, and the last charging sessions."""

from collections.abc import Iterator

from ems.contract.topics import SAVINGS
from ems.homeassistant.discovery.entity import PERCENT, Entity, HomeContext, described, money, rounded
from ems.homeassistant.discovery.wording.tables import named

_PATH = SAVINGS.path()
_SAVED = {
    "today": named("saved_today"),
    "month": named("saved_month"),
    "total": named("saved_total"),
}
_COST = {
    "today": named("cost_today"),
    "month": named("cost_month"),
    "total": named("cost_total"),
}
_ABOUT = {"today": "today", "month": "this calendar month", "total": "since counting began"}


def savings(home: HomeContext) -> tuple[Entity, ...]:
    """The rows of the planner's device; amounts in the site's currency."""
    return (*_money(home), *_shares(), _last_session(home))


def _money(home: HomeContext) -> Iterator[Entity]:
    for period, name in _SAVED.items():
        of = f"(value_json.{period} | default({{}}))"
        about = (
            f"{{'evcc_alone': {of}.evcc_alone_eur | default(None), 'at_least': {of}.saving_low_eur | default(None), "
            f"'at_most': {of}.saving_high_eur | default(None), 'stored': {of}.stored_eur | default(None), "
            f"'hours': {of}.measured_h | default(None), "
            f"'method': {home.read('value_json.method')}}}"
        )
        yield Entity(
            f"saved_{period}",
            "sensor",
            name,
            _PATH,
            rounded(f"{of}.saving_eur"),
            more={**_total(period, home), "icon": "mdi:piggy-bank-outline"},
            attributes=(_PATH, described(about)),
            about=f"against evcc alone, {_ABOUT[period]}, as measured; the span and the method as attributes",
        )
    for period, name in _COST.items():
        yield Entity(
            f"cost_{period}",
            "sensor",
            name,
            _PATH,
            rounded(f"(value_json.{period} | default({{}})).cost_eur"),
            more=_total(period, home),
            about=f"what was bought less what was fed in, {_ABOUT[period]}",
        )


def _shares() -> Iterator[Entity]:
    rows = (
        ("self_consumption", "self_consumption", "share of the sun not fed in"),
        ("solar_share", "own_share", "share of all use that the grid did not give"),
    )
    for period, ending in (("month", ""), ("today", "_today"), ("total", "_total")):
        for key, name, about in rows:
            of = f"(value_json.{period} | default({{}})).{key}"
            yield Entity(
                f"{key}_{period}",
                "sensor",
                named(f"{name}{ending}"),
                _PATH,
                f"({of} * 100) | round(1) if {of} is defined else 'None'",
                more={**PERCENT, "icon": "mdi:solar-power"},
                about=f"{about}, {_ABOUT[period]}",
            )


def _last_session(home: HomeContext) -> Entity:
    last = "(value_json.sessions | default([]) | first | default({}))"
    about = (
        f"{{'vehicle': {last}.vehicle | default(None), 'loadpoint': {last}.loadpoint | default(None), "
        f"'start': {last}.start | default(None), 'end': {last}.end | default(None), "
        f"'cost': {last}.cost_eur | default(None), 'mean_price': {home.priced(f'{last}.mean_eur_per_kwh')}, "
        f"'unit': '{home.price_unit}', 'solar_share': {last}.solar_share | default(None)}}"
    )
    return Entity(
        "last_session",
        "sensor",
        named("last_charge"),
        _PATH,
        f"{last}.energy_kwh | default('None')",
        more={
            "device_class": "energy",
            "unit_of_measurement": "kWh",
            "suggested_display_precision": 1,
            "icon": "mdi:ev-plug-type2",
        },
        attributes=(_PATH, described(about)),
        about="energy of the last charging session; car, time, cost, mean price and solar share as attributes",
    )


def _total(period: str, home: HomeContext) -> dict[str, object]:
    """A sum that begins anew with its period, as Home Assistant's statistics take it."""
    # A wiped tree is an empty payload: there is no `value_json` then.
    since = f"{{{{ (value_json.{period} | default({{}})).since | default('') if value_json is defined else '' }}}}"
    return {**money(home.currency), "state_class": "total", "last_reset_value_template": since}


def charged_at(number: str, home: HomeContext) -> tuple[Entity, ...]:
    """Rows of a loadpoint's device: what was charged there this month, at what cost, how much of it sun."""
    month = "(value_json.month | default({}))"
    of = f"(({month}.loadpoints | default({{}}))['{number}'] | default({{}}))"
    today = f"(((value_json.today | default({{}})).loadpoints | default({{}}))['{number}'] | default({{}}))"
    total = f"(((value_json.total | default({{}})).loadpoints | default({{}}))['{number}'] | default({{}}))"
    about = (
        f"{{'mean_price': {home.priced(f'{of}.mean_eur_per_kwh')}, 'unit': '{home.price_unit}', "
        f"'solar_share': {of}.solar_share | default(None), 'hours': {of}.charging_h | default(None), "
        f"'today': {today}, 'total': {total}}}"
    )
    nothing = f"0 if {month}.since is defined else 'None'"
    energy = {
        "device_class": "energy",
        "unit_of_measurement": "kWh",
        "suggested_display_precision": 1,
        "icon": "mdi:ev-station",
    }
    return (
        Entity(
            "charged_month",
            "sensor",
            named("charged_month"),
            _PATH,
            f"{of}.energy_kwh | round(2) if {of}.energy_kwh is defined else ({nothing})",
            more={**_total("month", home), **energy},
            attributes=(_PATH, described(about)),
            about="this calendar month; mean price, solar share, hours, and today's and all of it as attributes",
        ),
        Entity(
            "charged_cost_month",
            "sensor",
            named("charged_cost_month"),
            _PATH,
            f"{of}.cost_eur | round(2) if {of}.cost_eur is defined else ({nothing})",
            more=_total("month", home),
            about="grid energy at its price, the sun at what feeding in would have earned",
        ),
    )
