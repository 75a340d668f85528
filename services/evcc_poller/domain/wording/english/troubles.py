"""English: what goes wrong with what evcc is told."""

from typing import assert_never

from ems.i18n.formatter import Formatter
from evcc_poller.domain.wording.english.modes import BATTERY
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
        case NoAnswer(detail):
            return f"evcc gave no answer, so it is tried again: {detail}."
        case EvccRefused(detail, words):
            return f"evcc refused it: {words or detail}."
        case NothingControllable():
            return "evcc has no battery that it can control."
        case OptimizerInCharge():
            return "evcc's own optimizer is in charge: switch its automatic mode off to take over."
        case PowerContradicts(mode, power_w):
            return f"evcc says that the battery should {BATTERY[mode]}, but {_does(power_w, f)}."
        case ModeNotShown(mode):
            return f"evcc accepted that the battery should {BATTERY[mode]}, but still shows another mode."
    assert_never(record)


def _does(power_w: float | None, f: Formatter) -> str:
    if power_w is None:
        return "its measured power is unknown"
    if not round(power_w, -2):
        return "it does nothing"
    return f"it {'discharges' if power_w > 0 else 'charges'} at {f.power(abs(power_w) / 1000)}"
