"""Every reason that control gives, in English and German."""

from collections.abc import Mapping
from datetime import datetime

from ems.contract.message import Text
from ems.contract.site import OverruledBy


def t(en: str, de: str) -> Text:
    """A text in both languages."""
    return Text(en=en, de=de)


NOT_YET = t("evcc has not been seen yet", "evcc wurde noch nicht gesehen")
LEFT_TO_EVCC = t("a person left this device to evcc", "eine Person hat dieses Gerät evcc überlassen")
LEFT_BY_LEARNER = t("the learner leaves this device to evcc", "der Lerner überlässt dieses Gerät evcc")
NO_LIMIT = "no limit"
WAITING = t("just started: waiting for the first proposals", "gerade gestartet: die ersten Vorschläge werden erwartet")
NO_CAR = t("nothing is plugged in", "nichts ist eingesteckt")
STOPPED = t("the suite stops: evcc decides alone", "die Suite hält an: evcc entscheidet allein")
RESTARTED = t(
    "evcc was started anew and does not know the battery's mode: it is set to normal first",
    "evcc wurde neu gestartet und kennt den Batteriemodus nicht: erst wird er auf normal gesetzt",
)
TAKEN_BACK = t(
    "evcc was started anew and took back a setting: it is set again",
    "evcc wurde neu gestartet und hat eine Einstellung zurückgenommen: sie wird wieder gesetzt",
)
OPTIMIZER = t("evcc's own optimizer is in charge", "evccs eigener Optimierer ist am Zug")
OVERRULED: Mapping[OverruledBy, Text] = {
    OverruledBy.MIN_SOC: t(
        "evcc charges the car up to its minimum, whatever the mode",
        "evcc lädt das Auto bis zu seinem Mindest-Ladestand, egal in welchem Modus",
    ),
    OverruledBy.PLAN: t(
        "a plan of evcc's own charges the car, whatever the mode",
        "ein Ladeplan von evcc selbst lädt das Auto, egal in welchem Modus",
    ),
    OverruledBy.PRICE_LIMIT: t(
        "evcc's own price limit makes the car charge now", "evccs eigene Preisgrenze lässt das Auto jetzt laden"
    ),
    OverruledBy.FEEDIN_LIMIT: t(
        "evcc's own price limit has the sun fed in, not charged",
        "evccs eigene Preisgrenze lässt den Sonnenstrom einspeisen statt laden",
    ),
    OverruledBy.BATTERY_BOOST: t(
        "evcc's own boost charges the car from the home battery",
        "evccs eigener Boost lädt das Auto aus der Hausbatterie",
    ),
}
"""What in evcc outranks a mode."""
RELEASED = t("a person gave the device back", "eine Person hat das Gerät zurückgegeben")
CAR_LEFT = t("the car has left", "das Auto ist weg")
BOOSTING = t("boost: full power for a while", "Boost: eine Zeit lang volle Leistung")
BOOST_HOLD = t(
    "a car is boosted: the battery is held, so that the grid feeds the car",
    "ein Auto wird geboostet: die Batterie wird gehalten, damit das Netz das Auto speist",
)
BOOST_OVER = t("the boost's time is over", "die Zeit des Boosts ist um")
BOOST_STOPPED = t("a person ended the boost", "eine Person hat den Boost beendet")
BOOST_FULL = t("the boost ended: the car is full", "der Boost ist beendet: das Auto ist voll")
BOOST_TAKEN = t(
    "the boost ended: a person set another mode", "der Boost ist beendet: eine Person hat einen anderen Modus gesetzt"
)
OVERRIDE_OVER = t("the time set for a person's setting is over", "die Zeit für die Einstellung einer Person ist um")
FOREIGN = t(
    "somebody else set the battery's mode in evcc: it is left alone until that lapses",
    "jemand anders hat den Batteriemodus in evcc gesetzt: er bleibt unangetastet, bis das abläuft",
)
VERIFIED = t("evcc and the measured power agree", "evcc und die gemessene Leistung stimmen überein")
BACK = t("the battery follows again", "die Batterie folgt wieder")
REPAIR = t(
    "the battery does not do what evcc says: the mode is set anew by way of another",
    "die Batterie tut nicht, was evcc sagt: der Modus wird über einen anderen neu gesetzt",
)
FREE = t("the battery is free again: evcc decides", "die Batterie ist wieder frei: evcc entscheidet")
HANDED_BACK = t("set back to what was found", "zurückgesetzt auf das Vorgefundene")


def person_set(what: str) -> Text:
    """A person changed something in evcc."""
    return t(f"a person set {what} in evcc", f"eine Person hat {what} in evcc gesetzt")


def _who(controller: str) -> tuple[str, str]:
    return {"lp": ("the planner", "der Planer"), "rl": ("the learner", "der Lerner")}[controller]


def no_proposal(controller: str) -> Text:
    """The controller has said nothing that fits the device."""
    en, de = _who(controller)
    return t(f"{en} proposes nothing: evcc decides alone", f"{de} schlägt nichts vor: evcc entscheidet allein")


def stale(controller: str, at: datetime) -> Text:
    """The controller's last proposal is too old."""
    en, de = _who(controller)
    clock = f"{at:%H:%M} UTC"
    return t(
        f"{en}'s last proposal is of {clock}: too old, evcc decides alone",
        f"der letzte Vorschlag ({de}) ist von {clock}: zu alt, evcc entscheidet allein",
    )


def offline(controller: str) -> Text:
    """The controller's service is gone."""
    en, de = _who(controller)
    return t(f"{en} is offline: evcc decides alone", f"{de} ist offline: evcc entscheidet allein")


def person_asked(what: str) -> Text:
    """A person asked us to change something."""
    return t(f"a person asked for {what}", f"eine Person hat {what} verlangt")


def pinned(limit_soc_pct: int, wanted_soc_pct: int, reason: Text) -> Text:
    """A person's limit keeps the car below what the plan wants."""
    return t(
        f"{reason.en} (a person's limit holds: it ends at {limit_soc_pct} %, not at {wanted_soc_pct} %)",
        f"{reason.de} (das Limit einer Person gilt: Schluss ist bei {limit_soc_pct} %, nicht bei {wanted_soc_pct} %)",
    )


def lost(mode: str, retry_at: datetime) -> Text:
    """The battery does not follow, for now."""
    clock = f"{retry_at:%H:%M} UTC"
    return t(
        f"the battery does not follow `{mode}`: left to evcc, next try at {clock}",
        f"die Batterie folgt `{mode}` nicht: evcc überlassen, nächster Versuch um {clock}",
    )


def doubtful(mode: str, power_w: float | None) -> str:
    """The battery's power contradicts its mode; for the error field and health."""
    shown = "its measured power is unknown" if power_w is None else f"its measured power is {power_w:.0f} W"
    return f"evcc says the battery is in `{mode}`, but {shown} (positive = discharging)"


def unshown(mode: str, shown: str | None) -> str:
    """Evcc took a mode and does not show it; for the error field and health."""
    return f"evcc took `{mode}` for the battery and goes on showing `{shown or 'unknown'}`"


def instead(wanted: str, done: str, reason: Text) -> Text:
    """The battery cannot do what was wanted."""
    return t(
        f"{reason.en} (the battery cannot `{wanted}`: `{done}` instead)",
        f"{reason.de} (die Batterie kann `{wanted}` nicht: stattdessen `{done}`)",
    )
