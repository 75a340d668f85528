"""German: why a device is controlled as it is, and what became of it."""

from collections.abc import Mapping

from ems.contract.site import OverruledBy
from ems.i18n.formatter import Formatter
from evcc_poller.domain.wording.control import (
    BatteryBack,
    BatteryFree,
    BatteryLost,
    BatteryRepaired,
    BoostEnd,
    BoostEnded,
    Boosting,
    CarLeft,
    ControllerOffline,
    ControlReason,
    EvccForgot,
    HandedBack,
    HeldForBoost,
    Left,
    LeftToEvcc,
    LimitPinned,
    ModeReplaced,
    NoProposal,
    Overruled,
    PersonSetLimit,
    PersonSetMode,
    PersonTimeOver,
    PersonWants,
    PersonWantsBattery,
    PersonWantsLimit,
    ProposalTooOld,
    Proposed,
    SetElsewhere,
    SettingTakenBack,
    Verified,
)
from evcc_poller.domain.wording.german.modes import BATTERY, CONTROLLERS, LOADPOINT
from evcc_poller.domain.wording.german.troubles import trouble

_LEFT: Mapping[Left, str] = {
    Left.NOT_SEEN: "evcc wurde noch nicht gesehen, darum wird nichts gesteuert.",
    Left.PERSON: "evcc entscheidet allein, weil jemand ihm dieses Gerät überlassen hat.",
    Left.LEARNER: "evcc entscheidet allein, weil der Lerner ihm dieses Gerät überlässt.",
    Left.OPTIMIZER: "evccs eigener Optimierer ist am Zug, darum tritt der Plan zurück.",
    Left.STARTING: "Der Dienst ist gerade gestartet und wartet auf die ersten Vorschläge.",
    Left.UNPLUGGED: "evcc entscheidet allein, weil nichts eingesteckt ist.",
    Left.STOPPING: "evcc entscheidet allein, weil das Energiemanagement gerade anhält.",
}
_BOOST_ENDS: Mapping[BoostEnd, str] = {
    BoostEnd.TIME: "seine Zeit um ist",
    BoostEnd.PERSON: "jemand es beendet hat",
    BoostEnd.OTHER_MODE: "jemand einen anderen Modus gesetzt hat",
    BoostEnd.RELEASED: "jemand den Ladepunkt zurückgegeben hat",
    BoostEnd.FULL: "das Auto voll ist",
    BoostEnd.CAR_LEFT: "das Auto weg ist",
}
_OVERRULED: Mapping[OverruledBy, str] = {
    OverruledBy.MIN_SOC: "evcc lädt das Auto zuerst bis zu seinem Mindest-Ladestand, egal in welchem Modus.",
    OverruledBy.PLAN: "Ein Ladeplan von evcc selbst lädt das Auto, egal in welchem Modus.",
    OverruledBy.PRICE_LIMIT: "evccs eigene Preisgrenze lässt das Auto jetzt laden.",
    OverruledBy.FEEDIN_LIMIT: "evccs eigene Preisgrenze lässt den Sonnenstrom einspeisen, statt das Auto zu laden.",
    OverruledBy.BATTERY_BOOST: "evccs eigener Boost lädt das Auto aus der Hausbatterie.",
}


def sentence(reason: ControlReason, f: Formatter) -> str:
    """What ``reason`` says, as whole sentences."""
    match reason:
        case Proposed(_, words):
            return words.de
        case LeftToEvcc(why):
            return _LEFT[why]
        case NoProposal(controller):
            return f"evcc entscheidet allein, weil {CONTROLLERS[controller][0]} nichts vorschlägt."
        case ProposalTooOld(controller, at):
            whose = f"der letzte Vorschlag {CONTROLLERS[controller][1]}"
            return f"evcc entscheidet allein, weil {whose} zu alt ist: Er ist von {f.begin(at)}."
        case ControllerOffline(controller):
            return f"evcc entscheidet allein, weil {CONTROLLERS[controller][0]} offline ist."
        case PersonWants(mode):
            return f"Jemand hat {LOADPOINT[mode]} verlangt, darum wartet der Plan."
        case PersonWantsLimit(int() as limit):
            return f"Jemand hat ein Ladelimit von {f.percent(limit)} verlangt: Es gilt, bis das Auto wegfährt."
        case PersonWantsLimit():
            return "Jemand hat das Ladelimit entfernt: Es gibt keines, bis das Auto wegfährt."
        case PersonWantsBattery(mode):
            return f"Jemand hat verlangt, dass die Batterie {BATTERY[mode]} soll, darum wartet der Plan."
        case PersonSetMode(mode):
            return f"Jemand hat {LOADPOINT[mode]} in evcc gesetzt, darum wartet der Plan."
        case PersonSetLimit(int() as limit):
            return f"Jemand hat in evcc ein Ladelimit von {f.percent(limit)} gesetzt: Es gilt, bis das Auto wegfährt."
        case PersonSetLimit():
            return "Jemand hat das Ladelimit in evcc entfernt: Es gibt keines, bis das Auto wegfährt."
        case PersonTimeOver():
            return "Der Plan entscheidet wieder, weil die Zeit für die Einstellung von Hand um ist."
        case SetElsewhere():
            return "Jemand anders hat den Batteriemodus in evcc gesetzt: Er bleibt unangetastet, bis das abläuft."
        case CarLeft():
            return "Was von Hand eingestellt war, gilt nicht mehr, weil das Auto weg ist."
        case Boosting(until):
            return f"Jemand hat volle Leistung bis {f.moment(until)} verlangt."
        case HeldForBoost():
            return "Die Batterie hält ihre Energie, während ein Auto schnell lädt, damit das Netz das Auto speist."
        case BoostEnded(why):
            return f"Das Schnellladen ist beendet, weil {_BOOST_ENDS[why]}."
        case LimitPinned(limit, wanted, because):
            ends = f"Schluss ist bei {f.percent(limit)}, nicht bei {f.percent(wanted)}"
            return f"{sentence(because, f)} Das von Hand gesetzte Ladelimit gilt: {ends}."
        case ModeReplaced(wanted, done, because):
            instead = f"Die Batterie kann nicht {BATTERY[wanted]}: Stattdessen soll sie {BATTERY[done]}."
            return f"{sentence(because, f)} {instead}"
        case Overruled(by):
            return _OVERRULED[by]
        case Verified():
            return "evcc und die gemessene Leistung zeigen, was gewollt war."
        case HandedBack():
            return "Der Ladepunkt ist wieder so eingestellt, wie er vorgefunden wurde."
        case BatteryFree():
            return "Die Batterie ist wieder frei: evcc entscheidet allein."
        case BatteryRepaired():
            return "Die Batterie tut nicht, was evcc sagt, darum wird sie über einen anderen Modus neu eingestellt."
        case BatteryLost(mode, at):
            return (
                f"Die Batterie sollte {BATTERY[mode]}, tut es aber nicht: evcc entscheidet allein bis {f.moment(at)}."
            )
        case BatteryBack():
            return "Die Batterie tut wieder, was sie soll."
        case EvccForgot():
            return "evcc wurde neu gestartet und kennt den Batteriemodus nicht, darum wird er erst auf normal gesetzt."
        case SettingTakenBack():
            return "evcc wurde neu gestartet und hat eine Einstellung zurückgenommen, darum wird sie wieder gesetzt."
        case _:
            return trouble(reason, f)
