"""Dutch: what drivers are asked and told, and what commands are answered."""

from typing import assert_never

from ems.contract.people import SCHEDULE
from ems.i18n.formatter import Formatter
from notifier.domain.wording.dutch.tables import COMMANDS, EXAMPLES, LABELS, REMARKS
from notifier.domain.wording.goals import (
    Alternative,
    DepartureHeard,
    GoalIs,
    GoalReached,
    GoalTaken,
    MayMean,
    OneOf,
)
from notifier.domain.wording.introductions import (
    GroupId,
    Help,
    NotADriver,
    StrangerId,
    Welcome,
)
from notifier.domain.wording.news import InOthersWords, PlugInForPlan, PlugInForPrice
from notifier.domain.wording.outcomes import (
    Boosted,
    BoostOutOfRange,
    BoostOver,
    BoostUntil,
    Chosen,
    DidNotWork,
    DoesNotDrive,
    DriverMuted,
    LoggedIn,
    Muted,
    NoSuchDriver,
    NoSuchVehicle,
    NotPluggedIn,
    PossibleAnswers,
    SocTaken,
)
from notifier.domain.wording.parts import filled, price, soc
from notifier.domain.wording.questions import (
    CheapEnergy,
    CodeAwaited,
    CodeOffered,
    GoalInWords,
    HowFull,
    PleaseSwap,
    PleaseSwapForPlan,
    WhenNeeded,
    WhichMeant,
)
from notifier.domain.wording.records import (
    AboutCar,
    Answered,
    OldOrderStays,
    ReadLate,
    Said,
    StillWanted,
    WrittenEarlier,
)
from notifier.domain.wording.remarks import Label, Remark
from notifier.domain.wording.status import CarStatus, HouseStatus


def sentence(said: Said, f: Formatter) -> str:
    """What ``said`` says."""
    match said:
        case Remark():
            return REMARKS[said]
        case Label():
            return LABELS[said]
        case CheapEnergy(car, costs, plugged_in, start):
            when = "nu" if start is None else f"vanaf {f.begin(start)}"
            asked = f"Stroom is {when} goedkoop ({price(costs, f)}). Hoe vol moet {filled(car, f)} worden?"
            return asked if plugged_in else f"{asked} Sluit de auto aan."
        case WhenNeeded(car):
            return f"{filled(car, f)} is aangesloten. Wanneer heb je de auto nodig? Ook in woorden: {EXAMPLES}"
        case GoalInWords(car):
            return f"{car}: hoe vol, en wanneer? Bijvoorbeeld: {EXAMPLES}"
        case HowFull(car, departure):
            if departure is None:
                return f"Hoe vol moet {car} worden? Kies, of schrijf een getal."
            return f"Hoe vol moet {car} tegen {f.moment(departure)} zijn?"
        case WhichMeant(car, single):
            return f"{car}: is dit bedoeld?" if single else f"{car}: wat is bedoeld?"
        case PleaseSwap(car, other):
            return f"{filled(other, f)} is klaar, en {filled(car, f)} heeft de laadplek nodig. Kunnen jullie wisselen?"
        case PleaseSwapForPlan(car, other, start):
            name, since = filled(car, f), f.begin(start)
            return f"Het plan wil {name} vanaf {since} op de laadplek, niet {other.title}. Kunnen jullie wisselen?"
        case CodeOffered(car, why):
            return f"{car}: {_ended(why.nl or why.en)} Wil je een code ontvangen?"
        case CodeAwaited(car):
            return f"{car}: de code is onderweg. Schrijf die hier."
        case PlugInForPrice(car, wanted, start, costs):
            name, since, cost = filled(car, f), f.begin(start), price(costs, f)
            return f"Sluit {name} aan: {soc(wanted, f)} is gewenst, en vanaf {since} is stroom goedkoop ({cost})."
        case PlugInForPlan(car, by):
            return f"Sluit {filled(car, f)} aan voor {f.moment(by)}: het plan rekent erop."
        case InOthersWords(words):
            return words.nl or words.en
        case GoalIs(car):
            return f"{car}: {_wanted(said, f)}"
        case GoalTaken(mine, first):
            if first is None:
                return sentence(mine, f)
            return f"{sentence(mine, f)}. Eerst geldt {sentence(first, f)}"
        case Alternative(soc_pct, departure):
            parts = ["" if soc_pct is None else soc(soc_pct, f), "" if departure is None else f.moment(departure)]
            return " ".join(filter(None, parts))
        case OneOf(car, alternatives):
            return f"{car}: {_either(alternatives, f)}"
        case MayMean(alternatives):
            return f"Dat kan {_either(alternatives, f)} betekenen: zeg welke."
        case DepartureHeard(departure):
            return f"Tegen {f.moment(departure)}."
        case AboutCar(car, inner):
            return f"{car}: {sentence(inner, f)}"
        case StillWanted(meant):
            return f"{_ended(sentence(meant, f))} Nog steeds gewenst?"
        case ReadLate(words, written, question):
            return f"Geschreven {f.moment(written)}, nu pas gelezen: “{words}”. {sentence(question, f)}"
        case WrittenEarlier(written, reason):
            return f"Geschreven {f.moment(written)}, nu pas gelezen: {sentence(reason, f)}"
        case OldOrderStays(reason):
            return f"{_ended(sentence(reason, f))} Wat je eerder wilde, blijft zoals het is."
        case Answered(who, outcome):
            return f"{who}: {sentence(outcome, f)}"
        case Chosen(car):
            return car
        case LoggedIn(car):
            return f"{car}: aangemeld."
        case DidNotWork(why):
            return f"Dat is niet gelukt: {why.nl or why.en}"
        case PossibleAnswers(choices):
            return f"Mogelijke antwoorden: {', '.join(f'{c.key} ({c.label.nl or c.label.en})' for c in choices)}"
        case Boosted(car, until):
            return f"{car} laadt tot {f.moment(until)} op vol vermogen."
        case BoostUntil(car, until):
            return f"{car}: vol vermogen tot {f.moment(until)}"
        case BoostOver(car):
            return f"{car}: de boost is voorbij."
        case BoostOutOfRange(max_min):
            return f"Graag 1 tot {f.plain(max_min)} minuten."
        case NotPluggedIn(car):
            return f"{car} is hier niet aangesloten."
        case SocTaken(car, soc_pct):
            return f"{car} staat op {soc(soc_pct, f)}."
        case Welcome(name):
            return f"Hallo {name}! /help zegt wat ik begrijp."
        case Muted(until):
            return f"Stilte tot {f.moment(until)}. /mute uit beëindigt die."
        case CarStatus(car, soc_pct, plugged_in, goal):
            full = "?" if soc_pct is None else f.percent(soc_pct)
            where = "aangesloten" if plugged_in else "hier niet aangesloten"
            aim = _wanted(goal, f)
            return f"{car}: {full}, {where}, {aim if goal.soc_pct is None else f'doel: {aim}'}"
        case HouseStatus(costs, battery):
            energy = "" if costs is None else f"stroom kost nu {price(costs, f)}"
            stored = "" if battery is None else f"thuisbatterij {f.percent(battery)}"
            told = ", ".join(filter(None, (energy, stored)))
            return told[:1].upper() + told[1:]
        case Help():
            commands = [f"/{name}: {what}" for name, what in COMMANDS.items()]
            return "\n".join([*commands, f"Of schrijf gewoon: {EXAMPLES}"])
        case StrangerId(chat_id):
            return f"Het nummer van deze chat is {chat_id}. Wie dit huis beheert, kan je daarmee toelaten."
        case GroupId(chat_id):
            return f"Deze groep heeft nummer {chat_id}. Wie dit huis beheert, kan die toelaten (telegram.groups)."
        case NotADriver(user_id):
            return f"Alleen wie rijdt, kan mij iets vragen. Je nummer is {user_id}."
        case NoSuchVehicle(known):
            if not known:
                return "Dat voertuig is er niet; er is geen enkel bekend."
            return f"Dat voertuig is er niet; bekend zijn {f.listed(known)}."
        case NoSuchDriver(known):
            if not known:
                return "Die bestuurder is er niet; er is niemand bekend."
            return f"Die bestuurder is er niet; bekend zijn {f.listed(known)}."
        case DoesNotDrive(driver, car):
            return f"{driver} rijdt {car} niet."
        case GoalReached(car, soc_pct, wanted_pct):
            return f"{car} heeft al {f.percent(soc_pct)}: een doel van {soc(wanted_pct, f)} vraagt niets."
        case DriverMuted(driver, until):
            if until is None:
                return f"{driver} is niet stil gezet."
            return f"{driver} hoort niets tot {f.moment(until)}."
    assert_never(said)


def _wanted(goal: GoalIs, f: Formatter) -> str:
    if goal.soc_pct is None:
        return "geen doel"
    when = ", wanneer het goedkoop is" if goal.departure is None else f" tegen {f.moment(goal.departure)}"
    who = {SCHEDULE: "weekdoel", "homeassistant": "Home Assistant"}.get(goal.asked_by, goal.asked_by)
    return f"{soc(goal.soc_pct, f)}{when} ({who})"


def _either(alternatives: tuple[Alternative, ...], f: Formatter) -> str:
    return " of ".join(sentence(each, f) for each in alternatives)


def _ended(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else f"{words}."
