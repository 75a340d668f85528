"""The bot's own words, in English and German; those of questions are in :mod:`notifier.domain.messages`."""

from datetime import datetime
from zoneinfo import ZoneInfo

from ems.contract.message import Text
from ems.contract.people import Goal
from notifier.domain.cars import KnownCar
from notifier.domain.messages import (
    EXAMPLES,
    NO,
    YES,
    both,
    goal_is,
    t,
)
from notifier.domain.people import Language

CHANGE, UNDO = t("Change", "Ändern"), t("Undo", "Rückgängig")
UNDONE = t("The goal was taken back.", "Das Ziel wurde zurückgenommen.")
WHICH_CAR = t("Which car?", "Welches Auto?")
NO_CAR = t("You drive no car here.", "Hier fährst du kein Auto.")
HOW_LONG = t("How long, and which car? For example: /boost 2h", "Wie lange, und welches Auto? Zum Beispiel: /boost 2h")
NO_PLAN = t("There is no valid plan at the moment.", "Im Moment gibt es keinen gültigen Plan.")
SOC_RANGE = t("A number from 0 to 100, please.", "Bitte eine Zahl von 0 bis 100.")
UNCLEAR_SILENCE = t("For how long? For example: /mute 3h", "Wie lange? Zum Beispiel: /mute 3h")
NO_BOOST = t("No boost is running.", "Es läuft kein Boost.")
UNMUTED = t("You will hear from me again.", "Du hörst wieder von mir.")
END_BOOST = t("End the boost", "Den Boost beenden")
NO_MUTE = t("End the silence", "Die Ruhe beenden")
NOT_YOUR_CAR = t("You do not drive this car.", "Dieses Auto fährst du nicht.")
NOT_YOURS = t("Somebody else has written that.", "Das hat jemand anders geschrieben.")
ONLY_TEXT = t(
    f"I can only read text, no voice, pictures or anything else. For example: {EXAMPLES.en}",
    f"Ich kann nur Text lesen, keine Sprache, Bilder oder anderes. Zum Beispiel: {EXAMPLES.de}",
)
FORWARDED = t(
    "A forwarded message is no order. Please write it yourself.",
    "Eine weitergeleitete Nachricht ist kein Auftrag. Bitte selbst schreiben.",
)
UNCHANGED = t("What you ordered before stays as it is.", "Was du vorher gewollt hast, bleibt, wie es ist.")
MENU = (
    ("status", t("How full the cars are, goals, prices", "Wie voll die Autos sind, Ziele, Preise")),
    ("plan", t("The plan, and its chart", "Der Plan und sein Bild")),
    ("boost", t("Full power: /boost [car] [minutes]", "Volle Leistung: /boost [Auto] [Minuten]")),
    ("stop", t("End the boost: /stop [car]", "Den Boost beenden: /stop [Auto]")),
    ("goal", t("A goal: /goal [car] 80 % tomorrow 7am, or off", "Ein Ziel: /goal [Auto] 80 % morgen 7 Uhr, oder aus")),
    ("soc", t("What the car shows: /soc [car] 55", "Was das Auto anzeigt: /soc [Auto] 55")),
    ("mute", t("Silence: /mute 3h, or off", "Ruhe: /mute 3h, oder aus")),
    ("help", t("What I understand", "Was ich verstehe")),
)


def help_text(language: Language) -> str:
    """All commands."""
    lines = [f"/{name}: {what.in_language(language)}" for name, what in MENU]
    return "\n".join(
        [*lines, t(f"Or just write: {EXAMPLES.en}", f"Oder einfach schreiben: {EXAMPLES.de}").in_language(language)]
    )


def your_id(chat_id: int) -> str:
    """What a stranger is told; nobody knows their language."""
    return (
        f"This chat's id is {chat_id}. Whoever keeps this house can admit you with it.\n"
        f"Die Nummer dieses Chats ist {chat_id}. Wer dieses Haus betreut, kann dich damit aufnehmen."
    )


def group_id(chat_id: int) -> str:
    """What is told in a group that is not admitted."""
    return (
        f"This group's id is {chat_id}. Whoever keeps this house can admit it (telegram.groups).\n"
        f"Die Nummer dieser Gruppe ist {chat_id}. Wer dieses Haus betreut, kann sie aufnehmen (telegram.groups)."
    )


def no_driver(user_id: int) -> str:
    """What somebody is told in an admitted group who is no driver; nobody knows their language."""
    return (
        f"Only drivers can tell me what to do. Your number is {user_id}; whoever keeps this house can admit you with "
        f"it (telegram_chat_id).\nNur wer fährt, kann mir etwas sagen. Deine Nummer ist {user_id}; wer dieses Haus "
        "betreut, kann dich damit aufnehmen (telegram_chat_id)."
    )


def welcome(name: str) -> Text:
    """After /start."""
    return t(f"Hello {name}! /help says what I understand.", f"Hallo {name}! /help sagt, was ich verstehe.")


def muted(until: datetime, zone: ZoneInfo) -> Text:
    """Silence begins."""
    at = both(until, zone)
    return t(f"Silence until {at.en}. /mute off ends it.", f"Ruhe bis {at.de}. /mute aus beendet sie.")


def no_goal(car: KnownCar) -> Text:
    """A goal is to be taken back."""
    return t(f"{car.title}: no goal", f"{car.title}: kein Ziel")


def soc_set(car: KnownCar, soc_pct: float) -> Text:
    """A value by hand was taken."""
    return t(f"{car.title} is at {soc_pct:g} %.", f"{car.title} steht bei {soc_pct:g} %.")


def car_status(car: KnownCar, goal: Goal | None, zone: ZoneInfo) -> Text:
    """One line of /status."""
    filled = f"{car.soc_pct:.0f} %" if car.soc_pct is not None else "?"
    where = t("plugged in", "eingesteckt") if car.loadpoint else t("not plugged in here", "hier nicht eingesteckt")
    if goal is None:
        wanted = t("no goal", "kein Ziel")
    else:
        whole = goal_is("", goal, zone)
        wanted = t(f"goal{whole.en}", f"Ziel{whole.de}")
    return t(f"{car.title}: {filled}, {where.en}, {wanted.en}", f"{car.title}: {filled}, {where.de}, {wanted.de}")


def house_status(costs: Text | None, battery_soc_pct: float | None) -> Text | None:
    """The last line of /status; None when nothing is known."""
    parts = []
    if costs is not None:
        parts.append(t(f"energy costs {costs.en} now", f"Strom kostet jetzt {costs.de}"))
    if battery_soc_pct is not None:
        parts.append(t(f"home battery {battery_soc_pct:.0f} %", f"Hausbatterie {battery_soc_pct:.0f} %"))
    return t(", ".join(p.en for p in parts), ", ".join(p.de for p in parts)) if parts else None


def receipt_buttons(receipt: str, language: Language) -> list[list[tuple[str, str]]]:
    """Below a goal that was understood: a way to correct it."""
    return [[(CHANGE.in_language(language), f"r:{receipt}:change"), (UNDO.in_language(language), f"r:{receipt}:undo")]]


def yes_or_no(order: str, language: Language) -> list[list[tuple[str, str]]]:
    """Below the question whether an old order still holds."""
    return [[(YES.in_language(language), f"o:{order}:yes"), (NO.in_language(language), f"o:{order}:no")]]


def boost_range(most_minutes: float) -> Text:
    """How long a boost may be."""
    return t(f"From 1 to {most_minutes:g} minutes, please.", f"Bitte 1 bis {most_minutes:g} Minuten.")


def boost_until(car: KnownCar, until: datetime, zone: ZoneInfo) -> Text:
    """What a boost is that was ordered a while ago."""
    at = both(until, zone)
    return t(f"{car.title}: full power until {at.en}", f"{car.title}: volle Leistung bis {at.de}")


def boost_over(car: KnownCar) -> Text:
    """A boost was ended."""
    return t(f"{car.title}: the boost is over.", f"{car.title}: Der Boost ist beendet.")
