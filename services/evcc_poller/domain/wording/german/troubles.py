"""German: what goes wrong with what evcc is told."""

from typing import assert_never

from ems.i18n.formatter import Formatter
from evcc_poller.domain.wording.german.modes import BATTERY
from evcc_poller.domain.wording.troubles import (
    EvccRefused,
    ModeNotShown,
    NoAnswer,
    NothingControllable,
    OptimizerInCharge,
    PowerContradicts,
    Trouble,
)


def trouble(record: Trouble, f: Formatter) -> str:
    """What ``record`` says, as a whole sentence."""
    match record:
        case NoAnswer():
            return "evcc hat nicht geantwortet, darum wird es noch einmal versucht."
        case EvccRefused(_, None):
            return "evcc hat das abgelehnt."
        case EvccRefused(_, words):
            return f"evcc hat das abgelehnt und sagt dazu: „{words}“."
        case NothingControllable():
            return "evcc hat keine Batterie, die es steuern kann."
        case OptimizerInCharge():
            return "evccs eigener Optimierer ist am Zug: zum Übernehmen seine Automatik ausschalten."
        case PowerContradicts(mode, power_w):
            return f"Laut evcc soll die Batterie {BATTERY[mode]}, aber {_does(power_w, f)}."
        case ModeNotShown(mode):
            return (
                f"evcc hat angenommen, dass die Batterie {BATTERY[mode]} soll, zeigt aber weiter einen anderen Modus."
            )
    assert_never(record)


def _does(power_w: float | None, f: Formatter) -> str:
    if power_w is None:
        return "ihre gemessene Leistung ist unbekannt"
    if not round(power_w, -2):
        return "sie tut nichts"
    return f"sie {'entlädt sich' if power_w > 0 else 'lädt'} mit {f.power(abs(power_w) / 1000)}"
