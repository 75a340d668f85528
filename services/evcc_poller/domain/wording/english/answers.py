"""English: what commands are answered."""

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
from evcc_poller.domain.wording.english.modes import BATTERY, LOADPOINT
from evcc_poller.domain.wording.english.troubles import trouble

_CHOSEN: Mapping[Choice, str] = {
    Choice.AUTO: "The planner or the learner decides, whichever does better.",
    Choice.LP: "The planner decides.",
    Choice.RL: "The learner decides.",
    Choice.OFF: "evcc decides alone.",
}
_IMPOSSIBLE: Mapping[NotPossible, str] = {
    NotPossible.HEATER_LIMIT: "This loadpoint heats: its limit is a temperature, to be set in evcc.",
    NotPossible.DEVICE_LIMIT: "This loadpoint is no charger of a car, so it has no limit.",
    NotPossible.SWITCHED_OFF: "This device is left to evcc alone: choose Automatic or the plan first.",
    NotPossible.NO_CAR: "Nothing is plugged in at this loadpoint: plug the car in first.",
    NotPossible.LEARNER_OFFLINE: "The learner (rl-agent) is not online: choose Automatic or the plan instead.",
    NotPossible.NO_BATTERY: "evcc shows no home battery.",
    NotPossible.NOT_SEEN: "evcc has not been seen yet: try again in a moment.",
    NotPossible.NOT_ASKED: "evcc has just started and does not know this loadpoint yet: try again in a moment.",
    NotPossible.UNREACHABLE: "evcc cannot be reached now: try again when it is back.",
}
_RETRIED = " evcc has not answered and is asked again."


def sentence(outcome: CommandOutcome, f: Formatter) -> str:
    """What ``outcome`` says, as whole sentences."""
    match outcome:
        case ModeSet(mode, lasts, retried):
            ends = f"until the car leaves, for {f.duration(lasts)} at most, or until released"
            return f"{LOADPOINT[mode]} holds {ends}.{_retried(retried)}"
        case BatteryModeSet(mode, lasts, retried):
            ends = f"for {f.duration(lasts)} at most, or until released"
            return f"The battery should {BATTERY[mode]}, {ends}.{_retried(retried)}"
        case ModePassedOn(mode, retried):
            return f"{LOADPOINT[mode]} is set in evcc: evcc decides alone.{_retried(retried)}"
        case LimitSet(int() as limit, retried):
            ends = "until the car leaves or the loadpoint is released"
            return f"The limit is {f.percent(limit)} {ends}.{_retried(retried)}"
        case LimitSet(_, retried):
            return f"There is no limit until the car leaves or the loadpoint is released.{_retried(retried)}"
        case VehicleNamed(vehicle, retried):
            return f"{vehicle or 'A guest'} is at the loadpoint.{_retried(retried)}"
        case BoostStarted(lasts, retried):
            return f"Full power for {f.duration(lasts)}.{_retried(retried)}"
        case BoostStopped(retried):
            return f"The boost has ended.{_retried(retried)}"
        case NoBoost():
            return "There is no boost that could end."
        case Released(retried):
            return f"It is released: its controller decides again.{_retried(retried)}"
        case ControllerChosen(controller, retried):
            return f"{_CHOSEN[controller]}{_retried(retried)}"
        case CannotMode(mode, able):
            can = f": it has {', '.join(LOADPOINT[x] for x in able)}" if able else ""
            return f"This loadpoint has no mode {LOADPOINT[mode]}{can}."
        case BatteryCannotMode(mode, able):
            can = f": it can {f.listed([BATTERY[x] for x in able])}" if able else ""
            return f"This battery cannot {BATTERY[mode]}{can}."
        case Impossible(why):
            return _IMPOSSIBLE[why]
        case NoSuchVehicle(vehicle, known):
            return f"evcc does not know the vehicle {vehicle}: it knows {f.listed(known) or 'none'}."
        case NoSuchDevice(device, known):
            return f"There is no device {device}. Known are: {f.listed(known) or 'none'}."
        case _:
            return trouble(outcome, f)


def _retried(retried: bool) -> str:
    return _RETRIED if retried else ""
