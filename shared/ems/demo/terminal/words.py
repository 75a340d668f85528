"""Words of the terminal view, in English and German."""

from datetime import datetime

from ems.contract.message import Language, Text
from ems.i18n.languages import LOCALES

WORDS = {
    "battery": Text(en="Battery", de="Batterie"),
    "car": Text(en="Car", de="Auto"),
    "cheap": Text(en="cheap", de="günstig"),
    "controlled": Text(en="is told", de="soll"),
    "dear": Text(en="dear", de="teuer"),
    "decides": Text(en="who decides", de="wer entscheidet"),
    "export": Text(en="to the grid", de="ins Netz"),
    "goal": Text(en="goal", de="Ziel"),
    "grid": Text(en="Grid", de="Netz"),
    "house": Text(en="House", de="Haus"),
    "import": Text(en="from the grid", de="vom Netz"),
    "learner": Text(en="learner", de="Lerner"),
    "middling": Text(en="middling", de="mittel"),
    "next_cheap": Text(en="cheap again", de="wieder günstig"),
    "no_broker": Text(en="NO BROKER", de="KEIN BROKER"),
    "no_plan": Text(en="no plan yet", de="noch kein Plan"),
    "plan": Text(en="Plan", de="Plan"),
    "power": Text(en="power", de="Leistung"),
    "proposals": Text(en="Proposals", de="Vorschläge"),
    "price": Text(en="Price", de="Preis"),
    "prices_ahead": Text(en="Prices ahead", de="Preise voraus"),
    "saves": Text(en="expected to save {eur} against evcc alone", de="spart voraussichtlich {eur} gegen evcc allein"),
    "solar": Text(en="Solar", de="Sonne"),
    "state": Text(en="charge", de="Ladung"),
    "waiting": Text(en="waiting for the services ...", de="warte auf die Dienste ..."),
    "watch": Text(en="Watch along", de="Mitlesen"),
    "why": Text(en="why", de="warum"),
    "away": Text(en="away", de="unterwegs"),
    "unreachable": Text(en="evcc cannot be reached", de="evcc ist nicht erreichbar"),
}
"""By key, for :func:`word`."""

OWNERS = {
    "user": Text(en="a person", de="ein Mensch"),
    "boost": Text(en="boost", de="Boost"),
    "plan": Text(en="the plan", de="der Plan"),
    "none": Text(en="evcc", de="evcc"),
    "learner": Text(en="the learner", de="der Lerner"),
}
"""Who decides over a device."""

MODES = {
    "normal": Text(en="normal", de="normal"),
    "hold": Text(en="hold", de="halten"),
    "charge": Text(en="charge from the grid", de="aus dem Netz laden"),
    "holdcharge": Text(en="do not charge", de="nicht laden"),
    "off": Text(en="off", de="aus"),
    "pv": Text(en="solar surplus", de="Solarüberschuss"),
    "minpv": Text(en="minimum + solar", de="Minimum + Solar"),
    "now": Text(en="charge now", de="jetzt laden"),
}
"""Modes of batteries and loadpoints, as people say them."""


def weekday_and_time(local: datetime, language: str) -> str:
    """The day of the week and the time of ``local``, which is in the zone to show."""
    return f"{LOCALES[Language(language)].short_weekdays[local.weekday()]} {local:%H:%M}"


def number(value: float, digits: int, language: str) -> str:
    """``value`` with the language's decimal sign; what rounds to nothing has no sign of its own."""
    text = f"{round(value, digits) + 0:.{digits}f}"
    return text.replace(".", LOCALES[Language(language)].decimal)


def word(key: str, language: str) -> str:
    """A word of the view."""
    return WORDS[key].in_language(language)
