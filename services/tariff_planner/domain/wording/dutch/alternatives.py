"""Dutch sentences about what else could be done, and what it would have cost."""

from typing import assert_never

from ems.contract.site import BatteryMode, LoadpointMode
from ems.i18n.formatter import Formatter
from tariff_planner.domain.wording.alternatives import Alternative, Instead, Suffers

_MODES = {
    BatteryMode.NORMAL: "Het huis volgen",
    BatteryMode.HOLD: "De energie bewaren",
    BatteryMode.CHARGE: "Van het net laden",
    BatteryMode.HOLDCHARGE: "Ruimte vrijhouden voor later",
    LoadpointMode.OFF: "Niet laden",
    LoadpointMode.PV: "Alleen met overtollige zon laden",
    LoadpointMode.MINPV: "Langzaam laden",
    LoadpointMode.NOW: "Op vol vermogen laden",
}


def alternative(other: Alternative, f: Formatter) -> str:
    """What else could be done and what comes of it, as a whole sentence."""
    return f"{_instead(other, f)} {_outcome(other, f)}."


def _instead(other: Alternative, f: Formatter) -> str:
    """What could be done, as the subject of a sentence."""
    then, starts = ("nu", "Nu") if other.at is None else ("dan", "Dan")
    much = "" if other.kwh is None else f" {f.energy(other.kwh)}"
    match other.instead:
        case Instead.NOT_BUYING:
            return f"{starts} niet van het net laden"
        case Instead.USING_STORED:
            return f"De energie {'nu' if other.at is None else 'eerder'} gebruiken"
        case Instead.KEEPING_STORED:
            return f"De energie {then} bewaren"
        case Instead.STORING_SUN:
            return f"De zonnestroom {'nu' if other.at is None else f'vanaf {f.begin(other.at)}'} opslaan"
        case Instead.FEEDING_IN:
            return "Deze zonnestroom terugleveren"
        case Instead.BUYING:
            return f"{starts}{much} van het net laden"
        case Instead.OTHER_MODE:
            return _MODES[other.mode or BatteryMode.NORMAL]
        case Instead.NOT_CHARGING:
            return f"{starts} niet laden"
        case Instead.WAITING:
            return f"Wachten tot {f.moment(other.until)}" if other.until else "Wachten"
        case Instead.OTHER_HOURS:
            return "Op andere tijden laden"
        case Instead.CHARGING:
            if other.at is None:
                return f"Nu{much} laden"
            return f"Dan{much} laden" if much else f"Al vanaf {f.begin(other.at)} laden"
    assert_never(other.instead)


def _outcome(other: Alternative, f: Formatter) -> str:
    short = f.energy(other.short_kwh)
    match other.suffers:
        case Suffers.STORAGE:
            who = other.who or "de batterij"
            return f"zou betekenen dat {who} {'nog eens ' if other.further else ''}{short} tekortkomt"
        case Suffers.IMPORT_LIMIT:
            return f"zou {short} meer vragen dan de aansluiting mag leveren"
        case Suffers.EXPORT_LIMIT:
            return f"zou {short} meer terugleveren dan is toegestaan"
        case None:
            would = "zou naar verwachting" if other.expected else "zou"
            more = f"{f.amount(other.more_eur)} meer" if other.more_eur else "evenveel"
            return f"{would} {more} kosten"
    assert_never(other.suffers)
