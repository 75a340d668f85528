"""German: what commands are answered."""

from collections.abc import Mapping

from ems.contract.control import Choice
from ems.i18n.formatter import Formatter
from evcc_poller.domain.wording.answers import (
    BatteryCannotMode,
    BatteryModeSet,
    BoostStarted,
    BoostStopped,
    CannotMode,
    CommandOutcome,
    ControllerChosen,
    Impossible,
    LimitSet,
    ModePassedOn,
    ModeSet,
    NoBoost,
    NoSuchDevice,
    NoSuchVehicle,
    NotPossible,
    Released,
    VehicleNamed,
)
from evcc_poller.domain.wording.german.modes import BATTERY, LOADPOINT
from evcc_poller.domain.wording.german.troubles import trouble

_CHOSEN: Mapping[Choice, str] = {
    Choice.AUTO: "Der Planer oder der Lerner entscheidet, je nachdem, wer besser ist.",
    Choice.LP: "Der Planer entscheidet.",
    Choice.RL: "Der Lerner entscheidet.",
    Choice.OFF: "evcc entscheidet allein.",
}
_IMPOSSIBLE: Mapping[NotPossible, str] = {
    NotPossible.HEATER_LIMIT: "Dieser Ladepunkt heizt: Sein Limit ist eine Temperatur und wird in evcc gesetzt.",
    NotPossible.DEVICE_LIMIT: "Dieser Ladepunkt lädt kein Auto, darum hat er kein Ladelimit.",
    NotPossible.SWITCHED_OFF: "Dieses Gerät ist evcc überlassen: bitte erst „Automatisch“ oder „Der Plan“ wählen.",
    NotPossible.NO_CAR: "An diesem Ladepunkt ist nichts eingesteckt: bitte erst das Auto einstecken.",
    NotPossible.LEARNER_OFFLINE: "Der Lerner (rl-agent) ist nicht online: bitte „Automatisch“ oder „Der Plan“ wählen.",
    NotPossible.NO_BATTERY: "evcc zeigt keine Hausbatterie.",
    NotPossible.NOT_SEEN: "evcc wurde noch nicht gesehen: bitte gleich noch einmal versuchen.",
    NotPossible.NOT_ASKED: "evcc ist gerade gestartet und kennt den Ladepunkt noch nicht: bitte gleich noch einmal.",
    NotPossible.UNREACHABLE: "evcc ist gerade nicht erreichbar: bitte noch einmal versuchen, wenn es wieder da ist.",
}
_RETRIED = " evcc hat nicht geantwortet und wird noch einmal gefragt."


def sentence(outcome: CommandOutcome, f: Formatter) -> str:
    """What ``outcome`` says, as whole sentences."""
    match outcome:
        case ModeSet(mode, lasts, retried):
            ends = f"bis das Auto wegfährt, längstens {f.duration(lasts)} oder bis zur Freigabe"
            return f"{LOADPOINT[mode]} gilt, {ends}.{_retried(retried)}"
        case BatteryModeSet(mode, lasts, retried):
            ends = f"längstens {f.duration(lasts)} oder bis zur Freigabe"
            return f"Die Batterie soll {BATTERY[mode]}, {ends}.{_retried(retried)}"
        case ModePassedOn(mode, retried):
            return f"{LOADPOINT[mode]} ist in evcc gesetzt: evcc entscheidet allein.{_retried(retried)}"
        case LimitSet(int() as limit, retried):
            ends = "bis das Auto wegfährt oder bis zur Freigabe"
            return f"Das Ladelimit ist {f.percent(limit)}, {ends}.{_retried(retried)}"
        case LimitSet(_, retried):
            return f"Es gibt kein Ladelimit, bis das Auto wegfährt oder bis zur Freigabe.{_retried(retried)}"
        case VehicleNamed(vehicle, retried):
            return f"{vehicle or 'Ein Gast'} ist am Ladepunkt.{_retried(retried)}"
        case BoostStarted(lasts, retried):
            return f"Volle Leistung für {f.duration(lasts)}.{_retried(retried)}"
        case BoostStopped(retried):
            return f"Das Schnellladen ist beendet.{_retried(retried)}"
        case NoBoost():
            return "Es gibt kein Schnellladen, das enden könnte."
        case Released(retried):
            return f"Freigegeben: Der zuständige Regler entscheidet wieder.{_retried(retried)}"
        case ControllerChosen(controller, retried):
            return f"{_CHOSEN[controller]}{_retried(retried)}"
        case CannotMode(mode, able):
            can = f": Er hat {', '.join(LOADPOINT[x] for x in able)}" if able else ""
            return f"Dieser Ladepunkt hat keinen Modus {LOADPOINT[mode]}{can}."
        case BatteryCannotMode(mode, able):
            can = f": Sie kann {f.listed([BATTERY[x] for x in able])}" if able else ""
            return f"Diese Batterie kann nicht {BATTERY[mode]}{can}."
        case Impossible(why):
            return _IMPOSSIBLE[why]
        case NoSuchVehicle(vehicle, known):
            return f"evcc kennt das Fahrzeug {vehicle} nicht: Es kennt {f.listed(known) or 'keines'}."
        case NoSuchDevice(device, known):
            return f"Ein Gerät {device} gibt es nicht: Es gibt {f.listed(known) or 'keines'}."
        case _:
            return trouble(outcome, f)


def _retried(retried: bool) -> str:
    return _RETRIED if retried else ""
