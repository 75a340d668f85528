"""Dutch: why a device is controlled as it is, and what became of it."""

from collections.abc import Mapping

from ems.contract.message import Language
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
from evcc_poller.domain.wording.dutch.modes import BATTERY, CONTROLLERS, LOADPOINT
from evcc_poller.domain.wording.dutch.troubles import trouble

_LEFT: Mapping[Left, str] = {
    Left.NOT_SEEN: "evcc is nog niet gezien, daarom wordt er niets aangestuurd.",
    Left.PERSON: "evcc beslist alleen, omdat iemand dit apparaat aan evcc heeft overgelaten.",
    Left.LEARNER: "evcc beslist alleen, omdat de lerende regelaar dit apparaat aan evcc overlaat.",
    Left.OPTIMIZER: "De eigen optimizer van evcc heeft de leiding, daarom wijkt het plan.",
    Left.STARTING: "De dienst is net gestart en wacht op de eerste voorstellen.",
    Left.UNPLUGGED: "evcc beslist alleen, omdat er niets is aangesloten.",
    Left.STOPPING: "evcc beslist alleen, omdat het energiebeheer stopt.",
}
_BOOST_ENDS: Mapping[BoostEnd, str] = {
    BoostEnd.TIME: "de tijd om is",
    BoostEnd.PERSON: "iemand het heeft gestopt",
    BoostEnd.OTHER_MODE: "iemand een andere modus heeft ingesteld",
    BoostEnd.RELEASED: "iemand het laadpunt heeft teruggegeven",
    BoostEnd.FULL: "de auto vol is",
    BoostEnd.CAR_LEFT: "de auto weg is",
}
_OVERRULED: Mapping[OverruledBy, str] = {
    OverruledBy.MIN_SOC: "evcc laadt de auto eerst tot zijn minimale laadniveau, in welke modus dan ook.",
    OverruledBy.PLAN: "Een eigen laadplan van evcc laadt de auto, in welke modus dan ook.",
    OverruledBy.PRICE_LIMIT: "Door de eigen prijslimiet van evcc laadt de auto nu.",
    OverruledBy.FEEDIN_LIMIT: "Door de eigen prijslimiet van evcc gaat zonnestroom naar het net en niet naar de auto.",
    OverruledBy.BATTERY_BOOST: "De eigen boost van evcc laadt de auto uit de thuisbatterij.",
}


def sentence(reason: ControlReason, f: Formatter) -> str:
    """What ``reason`` says, as whole sentences."""
    match reason:
        case Proposed(_, words):
            return words.in_language(Language.NL)
        case LeftToEvcc(why):
            return _LEFT[why]
        case NoProposal(controller):
            return f"evcc beslist alleen, omdat {CONTROLLERS[controller]} niets voorstelt."
        case ProposalTooOld(controller, at):
            whose = f"het laatste voorstel van {CONTROLLERS[controller]}"
            return f"evcc beslist alleen, omdat {whose} te oud is: het is van {f.begin(at)}."
        case ControllerOffline(controller):
            return f"evcc beslist alleen, omdat {CONTROLLERS[controller]} offline is."
        case PersonWants(mode):
            return f"Iemand heeft om {LOADPOINT[mode]} gevraagd, daarom wacht het plan."
        case PersonWantsLimit(int() as limit):
            return f"Iemand heeft om een laadlimiet van {f.percent(limit)} gevraagd: die geldt tot de auto vertrekt."
        case PersonWantsLimit():
            return "Iemand heeft de laadlimiet weggehaald: er is er geen tot de auto vertrekt."
        case PersonWantsBattery(mode):
            return f"Op iemands verzoek moet de batterij {BATTERY[mode]}, daarom wacht het plan."
        case PersonSetMode(mode):
            return f"Iemand heeft in evcc {LOADPOINT[mode]} ingesteld, daarom wacht het plan."
        case PersonSetLimit(int() as limit):
            return (
                f"Iemand heeft in evcc een laadlimiet van {f.percent(limit)} ingesteld: die geldt tot de auto vertrekt."
            )
        case PersonSetLimit():
            return "Iemand heeft de laadlimiet in evcc verwijderd: er is er geen tot de auto vertrekt."
        case PersonTimeOver():
            return "Het plan beslist weer, omdat de tijd voor wat met de hand was ingesteld om is."
        case SetElsewhere():
            return "Iemand anders heeft de batterijmodus in evcc ingesteld: die blijft staan tot dat verloopt."
        case CarLeft():
            return "Wat met de hand was ingesteld, geldt niet meer, omdat de auto weg is."
        case Boosting(until):
            return f"Iemand heeft om vol vermogen gevraagd tot {f.moment(until)}."
        case HeldForBoost():
            return "De batterij bewaart haar energie terwijl een auto snel laadt, zodat het net de auto voedt."
        case BoostEnded(why):
            return f"Het snelladen is gestopt, omdat {_BOOST_ENDS[why]}."
        case LimitPinned(limit, wanted, because):
            ends = f"het laden stopt bij {f.percent(limit)}, niet bij {f.percent(wanted)}"
            return f"{sentence(because, f)} De met de hand ingestelde laadlimiet geldt: {ends}."
        case ModeReplaced(wanted, done, because):
            instead = f"De batterij kan niet {BATTERY[wanted]}: in plaats daarvan moet ze {BATTERY[done]}."
            return f"{sentence(because, f)} {instead}"
        case Overruled(by):
            return _OVERRULED[by]
        case Verified():
            return "evcc en het gemeten vermogen tonen wat gewenst was."
        case HandedBack():
            return "Het laadpunt staat weer zoals het werd aangetroffen."
        case BatteryFree():
            return "De batterij is weer vrij: evcc beslist alleen."
        case BatteryRepaired():
            return "De batterij doet niet wat evcc zegt, daarom wordt ze via een andere modus opnieuw ingesteld."
        case BatteryLost(mode, at):
            return f"De batterij moest {BATTERY[mode]} maar doet dat niet: evcc beslist alleen tot {f.moment(at)}."
        case BatteryBack():
            return "De batterij doet weer wat ze moet."
        case EvccForgot():
            return "evcc is opnieuw gestart en kent de batterijmodus niet, daarom wordt die eerst op normaal gezet."
        case SettingTakenBack():
            return "evcc is opnieuw gestart en heeft een instelling teruggedraaid, daarom wordt die opnieuw gezet."
        case _:
            return trouble(reason, f)
