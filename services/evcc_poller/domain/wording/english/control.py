"""English: why a device is controlled as it is, and what became of it."""

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
from evcc_poller.domain.wording.english.modes import BATTERY, CONTROLLERS, LOADPOINT
from evcc_poller.domain.wording.english.troubles import trouble

_LEFT: Mapping[Left, str] = {
    Left.NOT_SEEN: "evcc has not been seen yet, so nothing is controlled.",
    Left.PERSON: "evcc decides alone, because somebody left this device to it.",
    Left.LEARNER: "evcc decides alone, because the learner leaves this device to it.",
    Left.OPTIMIZER: "evcc's own optimizer is in charge, so the plan stands back.",
    Left.STARTING: "The service has just started and waits for the first proposals.",
    Left.UNPLUGGED: "evcc decides alone, because nothing is plugged in.",
    Left.STOPPING: "evcc decides alone, because the energy manager is stopping.",
}
_BOOST_ENDS: Mapping[BoostEnd, str] = {
    BoostEnd.TIME: "its time is over",
    BoostEnd.PERSON: "somebody stopped it",
    BoostEnd.OTHER_MODE: "somebody set another mode",
    BoostEnd.RELEASED: "somebody gave the loadpoint back",
    BoostEnd.FULL: "the car is full",
    BoostEnd.CAR_LEFT: "the car has left",
}
_OVERRULED: Mapping[OverruledBy, str] = {
    OverruledBy.MIN_SOC: "evcc charges the car up to its minimum SoC first, whatever the mode.",
    OverruledBy.PLAN: "A charging plan of evcc's own charges the car, whatever the mode.",
    OverruledBy.PRICE_LIMIT: "evcc's own price limit makes the car charge now.",
    OverruledBy.FEEDIN_LIMIT: "evcc's own price limit has the sun fed in instead of charging the car.",
    OverruledBy.BATTERY_BOOST: "evcc's own boost charges the car from the home battery.",
}


def sentence(reason: ControlReason, f: Formatter) -> str:
    """What ``reason`` says, as whole sentences."""
    match reason:
        case Proposed(_, words):
            return words.en
        case LeftToEvcc(why):
            return _LEFT[why]
        case NoProposal(controller):
            return f"evcc decides alone, because the {CONTROLLERS[controller]} proposes nothing."
        case ProposalTooOld(controller, at):
            whose = f"the {CONTROLLERS[controller]}'s last proposal"
            return f"evcc decides alone, because {whose} is too old: it is from {f.begin(at)}."
        case ControllerOffline(controller):
            return f"evcc decides alone, because the {CONTROLLERS[controller]} is offline."
        case PersonWants(mode):
            return f"Somebody asked for {LOADPOINT[mode]}, so the plan waits."
        case PersonWantsLimit(int() as limit):
            return f"Somebody asked for a limit of {f.percent(limit)}: it holds until the car leaves."
        case PersonWantsLimit():
            return "Somebody asked for no limit: there is none until the car leaves."
        case PersonWantsBattery(mode):
            return f"Somebody asked the battery to {BATTERY[mode]}, so the plan waits."
        case PersonSetMode(mode):
            return f"Somebody set {LOADPOINT[mode]} in evcc, so the plan waits."
        case PersonSetLimit(int() as limit):
            return f"Somebody set a limit of {f.percent(limit)} in evcc: it holds until the car leaves."
        case PersonSetLimit():
            return "Somebody removed the limit in evcc: there is none until the car leaves."
        case PersonTimeOver():
            return "The plan decides again, because the time for what was set by hand is over."
        case SetElsewhere():
            return "Somebody else set the battery's mode in evcc: it is left alone until that lapses."
        case CarLeft():
            return "What was set by hand no longer holds, because the car has left."
        case Boosting(until):
            return f"Somebody asked for full power until {f.moment(until)}."
        case HeldForBoost():
            return "The battery keeps its energy while a car is boosted, so that the grid feeds the car."
        case BoostEnded(why):
            return f"The boost has ended, because {_BOOST_ENDS[why]}."
        case LimitPinned(limit, wanted, because):
            pinned = f"The limit set by hand holds: charging ends at {f.percent(limit)}, not at {f.percent(wanted)}."
            return f"{sentence(because, f)} {pinned}"
        case ModeReplaced(wanted, done, because):
            instead = f"The battery cannot {BATTERY[wanted]}: it is told to {BATTERY[done]} instead."
            return f"{sentence(because, f)} {instead}"
        case Overruled(by):
            return _OVERRULED[by]
        case Verified():
            return "evcc and the measured power show what was wanted."
        case HandedBack():
            return "The loadpoint is set back to what was found."
        case BatteryFree():
            return "The battery is free again: evcc decides alone."
        case BatteryRepaired():
            return "The battery does not do what evcc says, so it is set anew by way of another mode."
        case BatteryLost(mode, at):
            return f"The battery does not {BATTERY[mode]} as told: evcc decides alone until {f.moment(at)}."
        case BatteryBack():
            return "The battery does what it is told again."
        case EvccForgot():
            return "evcc was restarted and does not know the battery's mode, so it is set to normal first."
        case SettingTakenBack():
            return "evcc was restarted and took back a setting, so it is set again."
        case _:
            return trouble(reason, f)
