"""Dutch sentences about what people wish."""

from ems.contract.wishes import WishKind
from ems.i18n.formatter import Formatter
from tariff_planner.domain.wording.wishes import TimeWords, WishTold

TIME_WORDS = TimeWords(
    daily=("dagelijks",),
    workdays=("werkdagen", "doordeweeks"),
    weekend=("weekenden",),
    every=("elke", "iedere", "elk"),
    day="dag",
    days_ahead={"vandaag": 0, "morgen": 1, "overmorgen": 2},
    to=("tot",),
    fillers=frozenset({"van", "vanaf", "om", "niet", "voor", "op", "de", "en", "uur", "vakantie"}),
)

EXAMPLE_WORDS = {
    "daily": "dagelijks",
    "tomorrow": "morgen",
    "mon-fri": "ma-vr",
    "Sat": "za",
    "Sun": "zo",
    "Sunday": "zondag",
}
"""The words of examples, which are English."""
WISH_NAMES = {
    WishKind.HOLD_BATTERY: "Batterij vasthouden",
    WishKind.CHARGE_BATTERY: "Batterij laden",
    WishKind.PAUSE_VEHICLE: "Niet voor",
    WishKind.CHARGE_VEHICLE: "Laden om",
    WishKind.TRIP: "Rit",
    WishKind.ABSENCE: "Niemand thuis",
    WishKind.WEEKLY_GOAL: "Weekdoel",
}
"""What each kind is called."""


def wish(told: WishTold, f: Formatter) -> str:
    """What is wished, and what it costs."""
    return f"{_wished(told, f)}{_cost(told, f)}."


def _wished(told: WishTold, f: Formatter) -> str:
    who = told.who or "De batterij"
    when = f"van {f.span(told.start, told.end)}" if told.start else f"tot {f.moment(told.end)}"
    again = " regelmatig" if told.again else ""
    match told.what:
        case WishKind.HOLD_BATTERY:
            return f"De batterij levert{again} {when} niets"
        case WishKind.CHARGE_BATTERY:
            return f"De batterij laadt{again} {when}"
        case WishKind.PAUSE_VEHICLE:
            return f"{who} laadt{again} {when} niet"
        case WishKind.CHARGE_VEHICLE:
            return f"{who} laadt{again} {when}"
        case WishKind.TRIP:
            uses = "" if told.kwh is None else f" en heeft {f.energy(told.kwh)} nodig"
            return f"{who} is{again} {when} onderweg{uses}"
        case WishKind.ABSENCE:
            return f"Er is {when} niemand thuis"
        case WishKind.WEEKLY_GOAL:
            return f"{who} heeft{again} om {f.moment(told.end)} {f.percent(told.soc_pct or 0)}"


def _cost(told: WishTold, f: Formatter) -> str:
    said = ""
    if told.eur is not None:
        much = f.amount(abs(told.eur))
        if much == f.amount(0):
            said = "dat zou niets kosten" if told.trial else "dat kost niets"
        elif told.eur < 0:
            said = f"dat zou {much} besparen" if told.trial else f"dat bespaart {much}"
        else:
            said = f"dat zou {much} kosten" if told.trial else f"dat kost {much}"
    elif told.trial:
        said = "dat is alleen een proef"
    if told.missed_kwh:
        said += f"{'; ' if said else ''}doelen missen daardoor {f.energy(told.missed_kwh)}"
    return f": {said}" if said else ""
