"""Dutch: what commands are answered."""

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
from evcc_poller.domain.wording.dutch.modes import BATTERY, LOADPOINT
from evcc_poller.domain.wording.dutch.troubles import trouble

_CHOSEN: Mapping[Choice, str] = {
    Choice.AUTO: "De planner of de lerende regelaar beslist, wie het beter doet.",
    Choice.LP: "De planner beslist.",
    Choice.RL: "De lerende regelaar beslist.",
    Choice.OFF: "evcc beslist alleen.",
}
_IMPOSSIBLE: Mapping[NotPossible, str] = {
    NotPossible.HEATER_LIMIT: "Dit laadpunt verwarmt: de limiet is een temperatuur en wordt in evcc ingesteld.",
    NotPossible.DEVICE_LIMIT: "Dit laadpunt laadt geen auto, daarom heeft het geen laadlimiet.",
    NotPossible.SWITCHED_OFF: "Dit apparaat is aan evcc alleen overgelaten: kies eerst 'Automatisch' of 'Het plan'.",
    NotPossible.NO_CAR: "Op dit laadpunt is niets aangesloten: sluit eerst de auto aan.",
    NotPossible.LEARNER_OFFLINE: "De lerende regelaar (rl-agent) is niet online: kies 'Automatisch' of 'Het plan'.",
    NotPossible.NO_BATTERY: "evcc toont geen thuisbatterij.",
    NotPossible.NOT_SEEN: "evcc is nog niet gezien: probeer het zo meteen opnieuw.",
    NotPossible.NOT_ASKED: "evcc is net gestart en kent dit laadpunt nog niet: probeer het zo opnieuw.",
    NotPossible.UNREACHABLE: "evcc is nu niet bereikbaar: probeer het opnieuw als het terug is.",
}
_RETRIED = " evcc gaf geen antwoord en wordt opnieuw gevraagd."


def sentence(outcome: CommandOutcome, f: Formatter) -> str:
    """What ``outcome`` says, as whole sentences."""
    match outcome:
        case ModeSet(mode, lasts, retried):
            ends = f"tot de auto vertrekt, hoogstens {f.duration(lasts)}, of tot de vrijgave"
            return f"{LOADPOINT[mode]} geldt {ends}.{_retried(retried)}"
        case BatteryModeSet(mode, lasts, retried):
            ends = f"hoogstens {f.duration(lasts)} of tot de vrijgave"
            return f"De batterij moet {BATTERY[mode]}, {ends}.{_retried(retried)}"
        case ModePassedOn(mode, retried):
            return f"{LOADPOINT[mode]} is ingesteld in evcc: evcc beslist alleen.{_retried(retried)}"
        case LimitSet(int() as limit, retried):
            ends = "tot de auto vertrekt of tot de vrijgave"
            return f"De laadlimiet is {f.percent(limit)} {ends}.{_retried(retried)}"
        case LimitSet(_, retried):
            return f"Er is geen laadlimiet tot de auto vertrekt of tot de vrijgave.{_retried(retried)}"
        case VehicleNamed(vehicle, retried):
            return f"{vehicle or 'Een gast'} staat bij het laadpunt.{_retried(retried)}"
        case BoostStarted(lasts, retried):
            return f"Vol vermogen, {f.duration(lasts)} lang.{_retried(retried)}"
        case BoostStopped(retried):
            return f"Het snelladen is gestopt.{_retried(retried)}"
        case NoBoost():
            return "Er is geen snelladen dat kan stoppen."
        case Released(retried):
            return f"Vrijgegeven: de regelaar beslist weer.{_retried(retried)}"
        case ControllerChosen(controller, retried):
            return f"{_CHOSEN[controller]}{_retried(retried)}"
        case CannotMode(mode, able):
            can = f": het heeft {', '.join(LOADPOINT[x] for x in able)}" if able else ""
            return f"Dit laadpunt heeft geen modus {LOADPOINT[mode]}{can}."
        case BatteryCannotMode(mode, able):
            can = f": ze kan {f.listed([BATTERY[x] for x in able])}" if able else ""
            return f"Deze batterij kan niet {BATTERY[mode]}{can}."
        case Impossible(why):
            return _IMPOSSIBLE[why]
        case NoSuchVehicle(vehicle, known):
            return f"evcc kent het voertuig {vehicle} niet: het kent {f.listed(known) or 'er geen'}."
        case NoSuchDevice(device, known):
            return f"Een apparaat {device} bestaat niet: er zijn {f.listed(known) or 'er geen'}."
        case _:
            return trouble(outcome, f)


def _retried(retried: bool) -> str:
    return _RETRIED if retried else ""
