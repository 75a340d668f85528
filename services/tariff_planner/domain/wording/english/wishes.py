"""English sentences about what people wish."""

from ems.contract.wishes import WishKind
from ems.i18n.formatter import Formatter
from tariff_planner.domain.wording.wishes import TimeWords, WishTold

TIME_WORDS = TimeWords(
    daily=("daily",),
    workdays=("weekdays", "workdays"),
    weekend=("weekends",),
    every=("every", "each"),
    day="day",
    days_ahead={"today": 0, "tomorrow": 1},
    to=("to", "until", "till", "til"),
    fillers=frozenset({"from", "at", "by", "not", "before", "on", "and", "the", "am", "h", "t", "holiday"}),
)
WISH_NAMES = {
    WishKind.HOLD_BATTERY: "Hold battery",
    WishKind.CHARGE_BATTERY: "Charge battery",
    WishKind.PAUSE_VEHICLE: "Not before",
    WishKind.CHARGE_VEHICLE: "Charge at",
    WishKind.TRIP: "Trip",
    WishKind.ABSENCE: "Nobody home",
    WishKind.WEEKLY_GOAL: "Weekly goal",
}
"""What each kind is called."""


def wish(told: WishTold, f: Formatter) -> str:
    """What is wished, and what it costs."""
    return f"{_wished(told, f)}{_cost(told, f)}."


def _wished(told: WishTold, f: Formatter) -> str:
    who = told.who or "The battery"
    when = f"from {f.span(told.start, told.end)}" if told.start else f"until {f.moment(told.end)}"
    again = " regularly" if told.again else ""
    match told.what:
        case WishKind.HOLD_BATTERY:
            return f"The battery gives nothing {when}{again}"
        case WishKind.CHARGE_BATTERY:
            return f"The battery charges {when}{again}"
        case WishKind.PAUSE_VEHICLE:
            return f"{who} is not charged {when}{again}"
        case WishKind.CHARGE_VEHICLE:
            return f"{who} charges {when}{again}"
        case WishKind.TRIP:
            uses = "" if told.kwh is None else f" and needs {f.energy(told.kwh)}"
            return f"{who} is away {when}{uses}{again}"
        case WishKind.ABSENCE:
            return f"Nobody is at home {when}"
        case WishKind.WEEKLY_GOAL:
            return f"{who} has {f.percent(told.soc_pct or 0)} by {f.moment(told.end)}{again}"


def _cost(told: WishTold, f: Formatter) -> str:
    said = ""
    if told.eur is not None:
        much = f.amount(abs(told.eur))
        if much == f.amount(0):
            said = "would cost nothing" if told.trial else "costs nothing"
        elif told.eur < 0:
            said = f"would save {much}" if told.trial else f"saves {much}"
        else:
            said = f"would cost {much}" if told.trial else f"costs {much}"
    elif told.trial:
        said = "is only a trial"
    if told.missed_kwh:
        said += f"{'; ' if said else ''}goals lack {f.energy(told.missed_kwh)} because of it"
    return f": {said}" if said else ""
