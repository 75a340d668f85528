"""German."""

from collections.abc import Mapping
from typing import assert_never

from ems.contract.units import NAME_PATTERN
from ems.contract.validation import Mistake, MistakeKind
from ems.i18n.answers.refusals import BusRefusal, Busy, Failed, Invalid, NoSuchName, Retained
from ems.i18n.formatter import Formatter

_LABELS: Mapping[str, str] = {
    "soc_pct": "Der Ladestand",
    "limit_soc_pct": "Das Ladelimit",
    "reserve_soc_pct": "Die Reserve",
    "mode": "Der Modus",
    "controller": "Der Regler",
    "minutes": "Die Dauer",
    "vehicle": "Das Fahrzeug",
    "departure": "Die Abfahrt",
    "by": "Die Abfahrt",
    "battery_goal": "Das Ziel der Batterie",
    "measured_at": "Der Zeitpunkt der Ablesung",
    "code": "Der Code",
}
_FORMS: Mapping[str, str] = {
    NAME_PATTERN: "darf nur 1 bis 64 Zeichen aus a-z, 0-9, _ und - haben",
    r"^[A-Za-z0-9]+$": "darf nur Buchstaben und Ziffern haben",
}
_UNITS: Mapping[str, str] = {"min": "Minuten"}


def sentence(refusal: BusRefusal, f: Formatter) -> str:
    """What ``refusal`` says, as whole sentences."""
    match refusal:
        case Invalid(mistakes):
            return " ".join(_mistake(mistake, f) for mistake in mistakes)
        case Retained():
            return "Der Broker würde einen aufbewahrten Befehl immer wieder zustellen: bitte ohne Retain senden."
        case NoSuchName(pattern):
            return f"Diesen Namen lässt {pattern} nicht zu."
        case Busy(at_once):
            return f"{at_once} andere werden gerade ausgeführt: bitte gleich noch einmal versuchen."
        case Failed(detail):
            return f"Das hat nicht geklappt: {detail}."
    assert_never(refusal)


def _mistake(mistake: Mistake, f: Formatter) -> str:
    label = _label(mistake.field)
    match mistake.fault:
        case MistakeKind.MISSING:
            return f"{label} fehlt."
        case MistakeKind.UNKNOWN_FIELD:
            known = f"bekannt sind {', '.join(mistake.allowed)}."
            hint = f"gemeint ist wohl {mistake.meant}." if mistake.meant else known
            return f"Ein Feld {mistake.field} gibt es nicht: {hint}"
        case MistakeKind.NOT_JSON:
            return "Der Inhalt ist kein gültiges JSON."
        case MistakeKind.TOO_LARGE:
            return f"Der Inhalt ist zu groß: Erlaubt sind {f.number(mistake.most or 0, 0)} Bytes."
        case MistakeKind.NOT_A_CHOICE:
            return f"{label} muss eines davon sein: {', '.join(mistake.allowed)}."
        case MistakeKind.OUT_OF_RANGE:
            return f"{label} muss {_range(mistake, f)}."
        case MistakeKind.WRONG_LENGTH:
            return f"{label} muss {_length(mistake, f)} Zeichen haben."
        case MistakeKind.WRONG_FORM:
            return f"{label} {_FORMS.get(mistake.allowed[0], 'hat eine andere Form, als hier erlaubt ist')}."
        case MistakeKind.NOT_A_NUMBER:
            return f"{label} muss eine Zahl ohne Einheit sein."
        case MistakeKind.NOT_A_MOMENT:
            return f"{label} muss ein Zeitpunkt mit Abstand zu UTC sein, etwa 2026-11-30T07:00:00+01:00."
        case MistakeKind.NOT_A_TEXT:
            return f"{label} muss ein Text in Anführungszeichen sein."
        case MistakeKind.NOT_YES_OR_NO:
            return f"{label} muss true oder false sein."
        case MistakeKind.NOT_AN_OBJECT:
            return f"{label} muss ein JSON-Objekt sein."
        case MistakeKind.NOT_A_LIST:
            return f"{label} muss eine Liste sein."
        case MistakeKind.OTHER:
            return f"{label} ist nicht so, wie es hier erlaubt ist."
    assert_never(mistake.fault)


def _label(field: str) -> str:
    if not field:
        return "Der Inhalt"
    return _LABELS.get(field.rsplit(".", 1)[-1], f"Das Feld {field}")


def _range(mistake: Mistake, f: Formatter) -> str:
    unit = f" {_UNITS.get(mistake.unit, mistake.unit)}" if mistake.unit else ""
    match mistake.least, mistake.most:
        case None, most:
            return f"höchstens {f.number(most or 0, 0)}{unit} sein"
        case least, None:
            return f"mindestens {f.number(least, 0)}{unit} sein"
        case least, most:
            return f"zwischen {f.number(least, 0)} und {f.number(most, 0)}{unit} liegen"


def _length(mistake: Mistake, f: Formatter) -> str:
    match mistake.least, mistake.most:
        case None, most:
            return f"höchstens {f.number(most or 0, 0)}"
        case least, None:
            return f"mindestens {f.number(least, 0)}"
        case least, most:
            return f"{f.number(least, 0)} bis {f.number(most, 0)}"
