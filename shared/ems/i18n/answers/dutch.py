"""Dutch."""

from collections.abc import Mapping
from typing import assert_never

from ems.contract.units import NAME_PATTERN
from ems.contract.validation import Mistake, MistakeKind
from ems.i18n.answers.refusals import BusRefusal, Busy, Failed, Invalid, NoSuchName, Retained
from ems.i18n.formatter import Formatter

_LABELS: Mapping[str, str] = {
    "soc_pct": "Het laadniveau",
    "limit_soc_pct": "De laadlimiet",
    "reserve_soc_pct": "De reserve",
    "mode": "De modus",
    "controller": "De regelaar",
    "minutes": "De duur",
    "vehicle": "Het voertuig",
    "departure": "Het vertrek",
    "by": "Het vertrek",
    "battery_goal": "Het doel van de batterij",
    "measured_at": "Het moment van aflezen",
    "code": "De code",
}
_FORMS: Mapping[str, str] = {
    NAME_PATTERN: "mag alleen uit 1 tot 64 tekens a-z, 0-9, _ en - bestaan",
    r"^[A-Za-z0-9]+$": "mag alleen uit letters en cijfers bestaan",
}
_UNITS: Mapping[str, str] = {"min": "minuten"}


def sentence(refusal: BusRefusal, f: Formatter) -> str:
    """What ``refusal`` says, as whole sentences."""
    match refusal:
        case Invalid(mistakes):
            return " ".join(_mistake(mistake, f) for mistake in mistakes)
        case Retained():
            return "De broker zou een bewaard commando steeds opnieuw bezorgen: verstuur het zonder retain."
        case NoSuchName(pattern):
            return f"Die naam past niet in {pattern}."
        case Busy(at_once):
            return f"Er worden er al {at_once} uitgevoerd: probeer het zo meteen opnieuw."
        case Failed(detail):
            return f"Dat is niet gelukt: {detail}."
    assert_never(refusal)


def _mistake(mistake: Mistake, f: Formatter) -> str:
    label = _label(mistake.field)
    match mistake.fault:
        case MistakeKind.MISSING:
            return f"{label} ontbreekt."
        case MistakeKind.UNKNOWN_FIELD:
            known = f"wel bekend zijn {', '.join(mistake.allowed)}."
            hint = f"misschien is {mistake.meant} bedoeld." if mistake.meant else known
            return f"Een veld {mistake.field} bestaat niet: {hint}"
        case MistakeKind.NOT_JSON:
            return "De inhoud is geen geldige JSON."
        case MistakeKind.TOO_LARGE:
            return f"De inhoud is te groot: toegestaan zijn {f.number(mistake.most or 0, 0)} bytes."
        case MistakeKind.NOT_A_CHOICE:
            return f"{label} moet een van deze zijn: {', '.join(mistake.allowed)}."
        case MistakeKind.OUT_OF_RANGE:
            return f"{label} moet {_range(mistake, f)}."
        case MistakeKind.WRONG_LENGTH:
            return f"{label} moet {_length(mistake, f)} tekens hebben."
        case MistakeKind.WRONG_FORM:
            return f"{label} {_FORMS.get(mistake.allowed[0], 'heeft een andere vorm dan hier mag')}."
        case MistakeKind.NOT_A_NUMBER:
            return f"{label} moet een getal zonder eenheid zijn."
        case MistakeKind.NOT_A_MOMENT:
            return f"{label} moet een moment met afstand tot UTC zijn, zoals 2026-11-30T07:00:00+01:00."
        case MistakeKind.NOT_A_TEXT:
            return f"{label} moet een tekst tussen aanhalingstekens zijn."
        case MistakeKind.NOT_YES_OR_NO:
            return f"{label} moet true of false zijn."
        case MistakeKind.NOT_AN_OBJECT:
            return f"{label} moet een JSON-object zijn."
        case MistakeKind.NOT_A_LIST:
            return f"{label} moet een lijst zijn."
        case MistakeKind.OTHER:
            return f"{label} is niet wat hier mag."
    assert_never(mistake.fault)


def _label(field: str) -> str:
    if not field:
        return "De inhoud"
    return _LABELS.get(field.rsplit(".", 1)[-1], f"Het veld {field}")


def _range(mistake: Mistake, f: Formatter) -> str:
    unit = f" {_UNITS.get(mistake.unit, mistake.unit)}" if mistake.unit else ""
    match mistake.least, mistake.most:
        case None, most:
            return f"hoogstens {f.number(most or 0, 0)}{unit} zijn"
        case least, None:
            return f"minstens {f.number(least, 0)}{unit} zijn"
        case least, most:
            return f"tussen {f.number(least, 0)} en {f.number(most, 0)}{unit} liggen"


def _length(mistake: Mistake, f: Formatter) -> str:
    match mistake.least, mistake.most:
        case None, most:
            return f"hoogstens {f.number(most or 0, 0)}"
        case least, None:
            return f"minstens {f.number(least, 0)}"
        case least, most:
            return f"{f.number(least, 0)} tot {f.number(most, 0)}"
