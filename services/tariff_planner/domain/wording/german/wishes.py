"""German sentences about what people wish."""

from ems.contract.wishes import WishKind
from ems.i18n.formatter import Formatter
from tariff_planner.domain.wording.wishes import TimeWords, WishTold

TIME_WORDS = TimeWords(
    daily=("täglich", "taeglich"),
    workdays=("werktags", "wochentags"),
    weekend=("wochenends",),
    every=("jeden", "jede", "jedes"),
    day="tag",
    days_ahead={"heute": 0, "morgen": 1, "übermorgen": 2},
    to=("bis",),
    fillers=frozenset({"von", "vom", "ab", "um", "am", "nicht", "vor", "den", "der", "und", "uhr", "urlaub"}),
)

EXAMPLE_WORDS = {
    "daily": "täglich",
    "tomorrow": "morgen",
    "mon-fri": "Mo-Fr",
    "Sat": "Sa",
    "Sun": "So",
    "Sunday": "Sonntag",
}
"""The words of examples, which are English."""
WISH_NAMES = {
    WishKind.HOLD_BATTERY: "Batterie halten",
    WishKind.CHARGE_BATTERY: "Batterie laden",
    WishKind.PAUSE_VEHICLE: "Nicht vor",
    WishKind.CHARGE_VEHICLE: "Laden um",
    WishKind.TRIP: "Fahrt",
    WishKind.ABSENCE: "Niemand da",
    WishKind.WEEKLY_GOAL: "Wochenziel",
}
"""What each kind is called."""


def wish(told: WishTold, f: Formatter) -> str:
    """What is wished, and what it costs."""
    return f"{_wished(told, f)}{_cost(told, f)}."


def _wished(told: WishTold, f: Formatter) -> str:
    who = told.who or "Die Batterie"
    when = f"von {f.span(told.start, told.end)}" if told.start else f"bis {f.moment(told.end)}"
    again = " regelmäßig" if told.again else ""
    match told.what:
        case WishKind.HOLD_BATTERY:
            return f"Die Batterie gibt{again} {when} nichts ab"
        case WishKind.CHARGE_BATTERY:
            return f"Die Batterie lädt{again} {when}"
        case WishKind.PAUSE_VEHICLE:
            return f"{who} lädt{again} {when} nicht"
        case WishKind.CHARGE_VEHICLE:
            return f"{who} lädt{again} {when}"
        case WishKind.TRIP:
            uses = "" if told.kwh is None else f" und braucht {f.energy(told.kwh)}"
            return f"{who} ist{again} {when} unterwegs{uses}"
        case WishKind.ABSENCE:
            return f"Niemand ist {when} zu Hause"
        case WishKind.WEEKLY_GOAL:
            return f"{who} hat{again} bis {f.moment(told.end)} {f.percent(told.soc_pct or 0)}"


def _cost(told: WishTold, f: Formatter) -> str:
    said = ""
    if told.eur is not None:
        much = f.amount(abs(told.eur))
        if much == f.amount(0):
            said = "Das würde nichts kosten" if told.trial else "Das kostet nichts"
        elif told.eur < 0:
            said = f"Das würde {much} sparen" if told.trial else f"Das spart {much}"
        else:
            said = f"Das würde {much} kosten" if told.trial else f"Das kostet {much}"
    elif told.trial:
        said = "Das ist nur ein Versuch"
    if told.missed_kwh:
        said += f"{'; ' if said else ''}Zielen fehlen dadurch {f.energy(told.missed_kwh)}"
    return f": {said}" if said else ""
