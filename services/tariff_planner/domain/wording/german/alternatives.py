"""German sentences about what else could be done, and what it would have cost."""

from typing import assert_never

from ems.contract.site import BatteryMode, LoadpointMode
from ems.i18n.formatter import Formatter
from tariff_planner.domain.wording.alternatives import Alternative, Instead, Suffers

_MODES = {
    BatteryMode.NORMAL: "Dem Haus zu folgen",
    BatteryMode.HOLD: "Die Energie zu behalten",
    BatteryMode.CHARGE: "Aus dem Netz zu laden",
    BatteryMode.HOLDCHARGE: "Platz für später zu lassen",
    LoadpointMode.OFF: "Nicht zu laden",
    LoadpointMode.PV: "Nur mit überschüssiger Sonne zu laden",
    LoadpointMode.MINPV: "Langsam zu laden",
    LoadpointMode.NOW: "Mit voller Leistung zu laden",
}


def alternative(other: Alternative, f: Formatter) -> str:
    """What else could be done and what comes of it, as a whole sentence."""
    return f"{_instead(other, f)} {_outcome(other, f)}."


def _instead(other: Alternative, f: Formatter) -> str:
    """What could be done, as the subject of a sentence."""
    then, starts = ("jetzt", "Jetzt") if other.at is None else ("dann", "Dann")
    much = "" if other.kwh is None else f" {f.energy(other.kwh)}"
    match other.instead:
        case Instead.NOT_BUYING:
            return f"{starts} nicht aus dem Netz zu laden"
        case Instead.USING_STORED:
            return f"Die Energie {'jetzt' if other.at is None else 'früher'} zu nutzen"
        case Instead.KEEPING_STORED:
            return f"Die Energie {then} zu behalten"
        case Instead.STORING_SUN:
            return f"Die Sonne {'jetzt' if other.at is None else f'ab {f.begin(other.at)}'} zu speichern"
        case Instead.FEEDING_IN:
            return "Diese Sonne einzuspeisen"
        case Instead.BUYING:
            return f"{starts}{much} aus dem Netz zu laden"
        case Instead.OTHER_MODE:
            return _MODES[other.mode or BatteryMode.NORMAL]
        case Instead.NOT_CHARGING:
            return f"{starts} nicht zu laden"
        case Instead.WAITING:
            return f"Bis {f.moment(other.until)} zu warten" if other.until else "Zu warten"
        case Instead.OTHER_HOURS:
            return "Zu anderen Zeiten zu laden"
        case Instead.CHARGING:
            if other.at is None:
                return f"Jetzt{much} zu laden"
            return f"Dann{much} zu laden" if much else f"Schon ab {f.begin(other.at)} zu laden"
    assert_never(other.instead)


def _outcome(other: Alternative, f: Formatter) -> str:
    short = f.energy(other.short_kwh)
    match other.suffers:
        case Suffers.STORAGE:
            return f"hieße, dass {other.who or 'der Batterie'} {'weitere ' if other.further else ''}{short} fehlen"
        case Suffers.IMPORT_LIMIT:
            return f"würde {short} mehr brauchen, als der Anschluss liefern darf"
        case Suffers.EXPORT_LIMIT:
            return f"würde {short} mehr einspeisen als erlaubt"
        case None:
            would = "würde voraussichtlich" if other.expected else "würde"
            more = f"{f.amount(other.more_eur)} mehr" if other.more_eur else "gleich viel"
            return f"{would} {more} kosten"
    assert_never(other.suffers)
