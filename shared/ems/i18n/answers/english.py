"""English."""

from collections.abc import Mapping
from typing import assert_never

from ems.contract.units import NAME_PATTERN
from ems.contract.validation import Mistake, MistakeKind
from ems.i18n.answers.refusals import BusRefusal, Busy, Failed, Invalid, NoSuchName, Retained
from ems.i18n.formatter import Formatter

_LABELS: Mapping[str, str] = {
    "soc_pct": "The SoC",
    "limit_soc_pct": "The SoC limit",
    "reserve_soc_pct": "The reserve",
    "mode": "The mode",
    "controller": "The controller",
    "minutes": "The duration",
    "vehicle": "The vehicle",
    "departure": "The departure",
    "by": "The departure",
    "battery_goal": "The battery's goal",
    "measured_at": "The moment of the reading",
    "code": "The code",
}
_FORMS: Mapping[str, str] = {
    NAME_PATTERN: "must be 1 to 64 of a-z, 0-9, _ and -",
    r"^[A-Za-z0-9]+$": "must have letters and digits only",
}
_UNITS: Mapping[str, str] = {"min": "minutes"}


def sentence(refusal: BusRefusal, f: Formatter) -> str:
    """What ``refusal`` says, as whole sentences."""
    match refusal:
        case Invalid(mistakes):
            return " ".join(_mistake(mistake, f) for mistake in mistakes)
        case Retained():
            return "The broker would repeat a retained command for ever: send it without retain."
        case NoSuchName(pattern):
            return f"That is not a name that {pattern} allows."
        case Busy(at_once):
            return f"{at_once} others are being carried out: try again in a moment."
        case Failed(detail):
            return f"It did not work: {detail}."
    assert_never(refusal)


def _mistake(mistake: Mistake, f: Formatter) -> str:
    label = _label(mistake.field)
    match mistake.fault:
        case MistakeKind.MISSING:
            return f"{label} is missing."
        case MistakeKind.UNKNOWN_FIELD:
            hint = f"did you mean {mistake.meant}?" if mistake.meant else f"known are {', '.join(mistake.allowed)}."
            return f"There is no field {mistake.field}: {hint}"
        case MistakeKind.NOT_JSON:
            return "The payload is not valid JSON."
        case MistakeKind.TOO_LARGE:
            return f"The payload is too large: {f.number(mistake.most or 0, 0)} bytes are allowed."
        case MistakeKind.NOT_A_CHOICE:
            return f"{label} must be one of these: {', '.join(mistake.allowed)}."
        case MistakeKind.OUT_OF_RANGE:
            return f"{label} must be {_range(mistake, f)}."
        case MistakeKind.WRONG_LENGTH:
            return f"{label} must have {_length(mistake, f)} characters."
        case MistakeKind.WRONG_FORM:
            return f"{label} {_FORMS.get(mistake.allowed[0], 'has another form than is allowed here')}."
        case MistakeKind.NOT_A_NUMBER:
            return f"{label} must be a number, without a unit."
        case MistakeKind.NOT_A_MOMENT:
            return f"{label} must be a moment with its offset from UTC, such as 2026-11-30T07:00:00+01:00."
        case MistakeKind.NOT_A_TEXT:
            return f"{label} must be a text, in quotes."
        case MistakeKind.NOT_YES_OR_NO:
            return f"{label} must be true or false."
        case MistakeKind.NOT_AN_OBJECT:
            return f"{label} must be a JSON object."
        case MistakeKind.NOT_A_LIST:
            return f"{label} must be a list."
        case MistakeKind.OTHER:
            return f"{label} is not what is allowed here."
    assert_never(mistake.fault)


def _label(field: str) -> str:
    if not field:
        return "The payload"
    return _LABELS.get(field.rsplit(".", 1)[-1], f"The field {field}")


def _range(mistake: Mistake, f: Formatter) -> str:
    unit = f" {_UNITS.get(mistake.unit, mistake.unit)}" if mistake.unit else ""
    match mistake.least, mistake.most:
        case None, most:
            return f"at most {f.number(most or 0, 0)}{unit}"
        case least, None:
            return f"at least {f.number(least, 0)}{unit}"
        case least, most:
            return f"between {f.number(least, 0)} and {f.number(most, 0)}{unit}"


def _length(mistake: Mistake, f: Formatter) -> str:
    match mistake.least, mistake.most:
        case None, most:
            return f"at most {f.number(most or 0, 0)}"
        case least, None:
            return f"at least {f.number(least, 0)}"
        case least, most:
            return f"{f.number(least, 0)} to {f.number(most, 0)}"
