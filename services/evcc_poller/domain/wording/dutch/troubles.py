"""Dutch: what goes wrong with what evcc is told."""

from typing import assert_never

from ems.i18n.formatter import Formatter
from evcc_poller.domain.wording.dutch.modes import BATTERY
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
            return "evcc gaf geen antwoord, daarom wordt het opnieuw geprobeerd."
        case EvccRefused(_, None):
            return "evcc heeft dat geweigerd."
        case EvccRefused(_, words):
            return f"evcc heeft dat geweigerd en zegt daarbij: '{words}'."
        case NothingControllable():
            return "evcc heeft geen batterij die het kan aansturen."
        case OptimizerInCharge():
            return "De eigen optimizer van evcc heeft de leiding: zet zijn automatische modus uit om over te nemen."
        case PowerContradicts(mode, power_w):
            return f"Volgens evcc moet de batterij {BATTERY[mode]}, maar {_does(power_w, f)}."
        case ModeNotShown(mode):
            return f"De batterij moet {BATTERY[mode]}: evcc nam dat aan, maar toont nog steeds een andere modus."
    assert_never(record)


def _does(power_w: float | None, f: Formatter) -> str:
    if power_w is None:
        return "haar gemeten vermogen is onbekend"
    if not round(power_w, -2):
        return "ze doet niets"
    return f"ze {'ontlaadt' if power_w > 0 else 'laadt'} met {f.power(abs(power_w) / 1000)}"
