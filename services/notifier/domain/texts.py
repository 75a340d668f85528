"""Every sentence that people read, in English and German."""

from datetime import datetime
from zoneinfo import ZoneInfo

from ems.contract.message import Text
from ems.contract.people import Goal
from notifier.domain.people import Language, in_language

_DAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "de": ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"),
}


def t(en: str, de: str) -> Text:
    """A text in both languages."""
    return Text(en=en, de=de)


def say(text: Text, language: Language) -> str:
    """The words in one language."""
    return in_language(text, language)


def moment(at: datetime, zone: ZoneInfo, language: Language) -> str:
    """An absolute time in the site's zone that cannot be misunderstood: ``Sun 29 Mar 07:00`` or ``So 29.03. 07:00``."""
    local = at.astimezone(zone)
    day = _DAYS[language][local.weekday()]
    if language == "de":
        words = f"{day} {local:%d.%m. %H:%M}"
    else:
        months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
        words = f"{day} {local.day} {months[local.month - 1]} {local:%H:%M}"
    # In the hour that comes twice, the clock alone does not tell which.
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{words} {local.tzname()}" if twice else words


def both(at: datetime, zone: ZoneInfo) -> Text:
    """An absolute time in both languages."""
    return t(moment(at, zone, "en"), moment(at, zone, "de"))


def goal_is(car: str, goal: Goal | None, zone: ZoneInfo) -> Text:
    """What a car's goal is now."""
    if goal is None:
        return t(f"{car}: no goal", f"{car}: kein Ziel")
    who = goal.asked_by
    if goal.departure is None:
        return t(
            f"{car}: {goal.soc_pct:g} %, whenever it is cheap ({who})",
            f"{car}: {goal.soc_pct:g} %, wenn es günstig ist ({who})",
        )
    by = both(goal.departure, zone)
    return t(
        f"{car}: {goal.soc_pct:g} % by {by.en} ({who})",
        f"{car}: {goal.soc_pct:g} % bis {by.de} ({who})",
    )


EXPIRED = t("No answer came; nothing was changed.", "Es kam keine Antwort; nichts wurde geändert.")
