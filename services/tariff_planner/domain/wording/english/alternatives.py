"""English sentences about what else could be done, and what it would have cost."""

from typing import assert_never

from ems.contract.site import BatteryMode, LoadpointMode
from ems.i18n.formatter import Formatter
from tariff_planner.domain.wording.alternatives import Alternative, Instead, Suffers

_MODES = {
    BatteryMode.NORMAL: "Following the house",
    BatteryMode.HOLD: "Keeping its energy",
    BatteryMode.CHARGE: "Charging from the grid",
    BatteryMode.HOLDCHARGE: "Keeping room for later",
    LoadpointMode.OFF: "Not charging",
    LoadpointMode.PV: "Charging with surplus sun only",
    LoadpointMode.MINPV: "Charging slowly",
    LoadpointMode.NOW: "Charging at full power",
}


def alternative(other: Alternative, f: Formatter) -> str:
    """What else could be done and what comes of it, as a whole sentence."""
    return f"{_instead(other, f)} {_outcome(other, f)}."


def _instead(other: Alternative, f: Formatter) -> str:
    """What could be done, as the subject of a sentence."""
    then = "now" if other.at is None else "then"
    much = "" if other.kwh is None else f" {f.energy(other.kwh)}"
    match other.instead:
        case Instead.NOT_BUYING:
            return f"Not charging from the grid {then}"
        case Instead.USING_STORED:
            return "Using the energy now" if other.at is None else "Using the energy earlier"
        case Instead.KEEPING_STORED:
            return f"Keeping the energy {then}"
        case Instead.STORING_SUN:
            return f"Storing the sun {_from_then(other, f)}"
        case Instead.FEEDING_IN:
            return "Feeding that sun in"
        case Instead.BUYING:
            return f"Charging{much} from the grid {then}"
        case Instead.OTHER_MODE:
            return _MODES[other.mode or BatteryMode.NORMAL]
        case Instead.NOT_CHARGING:
            return f"Not charging {then}"
        case Instead.WAITING:
            return f"Waiting until {f.moment(other.until)}" if other.until else "Waiting"
        case Instead.OTHER_HOURS:
            return "Charging at other times"
        case Instead.CHARGING:
            if other.kwh is not None and other.at is not None:
                return f"Charging{much} then"
            return f"Charging{much} {_from_then(other, f)}"
    assert_never(other.instead)


def _from_then(other: Alternative, f: Formatter) -> str:
    return "now" if other.at is None else f"from {f.begin(other.at)} on"


def _outcome(other: Alternative, f: Formatter) -> str:
    short = f.energy(other.short_kwh)
    match other.suffers:
        case Suffers.STORAGE:
            return f"would leave {other.who or 'the battery'} {'another ' if other.further else ''}{short} short"
        case Suffers.IMPORT_LIMIT:
            return f"would take {short} more than the connection may give"
        case Suffers.EXPORT_LIMIT:
            return f"would feed in {short} more than is allowed"
        case None:
            would = "would probably cost" if other.expected else "would cost"
            return f"{would} {f.amount(other.more_eur)} more" if other.more_eur else f"{would} the same"
    assert_never(other.suffers)
