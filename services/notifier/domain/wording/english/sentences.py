"""English: what drivers are asked and told, and what commands are answered."""

from typing import assert_never

from ems.contract.people import SCHEDULE
from ems.i18n.formatter import Formatter
from notifier.domain.wording.english.tables import COMMANDS, EXAMPLES, LABELS, REMARKS
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
            when = "now" if start is None else f"from {f.begin(start)} on"
            asked = f"Energy is cheap {when} ({price(costs, f)}). How full should {filled(car, f)} be?"
            return asked if plugged_in else f"{asked} Please plug it in."
        case WhenNeeded(car):
            return f"{filled(car, f)} is plugged in. When do you need it? You may also write: {EXAMPLES}"
        case GoalInWords(car):
            return f"{car}: how full, and by when? For example: {EXAMPLES}"
        case HowFull(car, departure):
            if departure is None:
                return f"How full should {car} be? Choose, or write a number."
            return f"How full should {car} be by {f.moment(departure)}?"
        case WhichMeant(car, single):
            return f"{car}: is this meant?" if single else f"{car}: which is meant?"
        case PleaseSwap(car, other):
            return f"{filled(other, f)} is done, and {filled(car, f)} needs the charger. Can you swap them?"
        case PleaseSwapForPlan(car, other, start):
            name, since = filled(car, f), f.begin(start)
            return f"The plan wants {name} at the charger from {since} on, instead of {other.title}. Can you swap them?"
        case CodeOffered(car, why):
            return f"{car}: {_ended(why.en)} Should a code be sent to you?"
        case CodeAwaited(car):
            return f"{car}: the code is on its way. Please write it here."
        case PlugInForPrice(car, wanted, start, costs):
            name, since, cost = filled(car, f), f.begin(start), price(costs, f)
            return f"Please plug in {name}: {soc(wanted, f)} are wanted, and energy is cheap from {since} on ({cost})."
        case PlugInForPlan(car, by):
            return f"Please plug in {filled(car, f)} by {f.moment(by)}: the plan counts on it."
        case InOthersWords(words):
            return words.en
        case GoalIs(car):
            return f"{car}: {_wanted(said, f)}"
        case GoalTaken(mine, first):
            if first is None:
                return sentence(mine, f)
            return f"{sentence(mine, f)}. First counts {sentence(first, f)}"
        case Alternative(soc_pct, departure):
            parts = ["" if soc_pct is None else soc(soc_pct, f), "" if departure is None else f.moment(departure)]
            return " ".join(filter(None, parts))
        case OneOf(car, alternatives):
            return f"{car}: {_either(alternatives, f)}"
        case MayMean(alternatives):
            return f"That may mean {_either(alternatives, f)}: please say which."
        case DepartureHeard(departure):
            return f"By {f.moment(departure)}."
        case AboutCar(car, inner):
            return f"{car}: {sentence(inner, f)}"
        case StillWanted(meant):
            return f"{_ended(sentence(meant, f))} Still wanted?"
        case ReadLate(words, written, question):
            return f"Written {f.moment(written)}, read only now: “{words}”. {sentence(question, f)}"
        case WrittenEarlier(written, reason):
            return f"Written {f.moment(written)}, read only now: {sentence(reason, f)}"
        case OldOrderStays(reason):
            return f"{_ended(sentence(reason, f))} What you ordered before stays as it is."
        case Answered(who, outcome):
            return f"{who}: {sentence(outcome, f)}"
        case Chosen(car):
            return car
        case LoggedIn(car):
            return f"{car}: logged in."
        case DidNotWork(why):
            return f"That did not work: {why.en}"
        case PossibleAnswers(choices):
            return f"Possible answers: {', '.join(f'{c.key} ({c.label.en})' for c in choices)}"
        case Boosted(car, until):
            return f"{car} charges at full power until {f.moment(until)}."
        case BoostUntil(car, until):
            return f"{car}: full power until {f.moment(until)}"
        case BoostOver(car):
            return f"{car}: the boost is over."
        case BoostOutOfRange(max_min):
            return f"From 1 to {f.plain(max_min)} minutes, please."
        case NotPluggedIn(car):
            return f"{car} is not plugged in here."
        case SocTaken(car, soc_pct):
            return f"{car} is at {soc(soc_pct, f)}."
        case Welcome(name):
            return f"Hello {name}! /help says what I understand."
        case Muted(until):
            return f"Silence until {f.moment(until)}. /mute off ends it."
        case CarStatus(car, soc_pct, plugged_in, goal):
            full = "?" if soc_pct is None else f.percent(soc_pct)
            where = "plugged in" if plugged_in else "not plugged in here"
            aim = _wanted(goal, f)
            return f"{car}: {full}, {where}, {aim if goal.soc_pct is None else f'goal: {aim}'}"
        case HouseStatus(costs, battery):
            energy = "" if costs is None else f"energy costs {price(costs, f)} now"
            stored = "" if battery is None else f"home battery {f.percent(battery)}"
            told = ", ".join(filter(None, (energy, stored)))
            return told[:1].upper() + told[1:]
        case Help():
            commands = [f"/{name}: {what}" for name, what in COMMANDS.items()]
            return "\n".join([*commands, f"Or just write: {EXAMPLES}"])
        case StrangerId(chat_id):
            return f"This chat's id is {chat_id}. Whoever keeps this house can admit you with it."
        case GroupId(chat_id):
            return f"This group's id is {chat_id}. Whoever keeps this house can admit it (telegram.groups)."
        case NotADriver(user_id):
            return f"Only drivers can tell me what to do. Your number is {user_id}."
        case NoSuchVehicle(known):
            if not known:
                return "There is no such vehicle; none is known."
            return f"There is no such vehicle; known are {f.listed(known)}."
        case NoSuchDriver(known):
            if not known:
                return "There is no such driver; none is known."
            return f"There is no such driver; known are {f.listed(known)}."
        case DoesNotDrive(driver, car):
            return f"{driver} does not drive {car}."
        case GoalReached(car, soc_pct, wanted_pct):
            return f"{car} has {f.percent(soc_pct)} already: a goal of {soc(wanted_pct, f)} asks for nothing."
        case DriverMuted(driver, until):
            if until is None:
                return f"{driver} is not muted."
            return f"{driver} hears nothing until {f.moment(until)}."
    assert_never(said)


def _wanted(goal: GoalIs, f: Formatter) -> str:
    if goal.soc_pct is None:
        return "no goal"
    when = ", whenever it is cheap" if goal.departure is None else f" by {f.moment(goal.departure)}"
    who = {SCHEDULE: "weekly goal", "homeassistant": "Home Assistant"}.get(goal.asked_by, goal.asked_by)
    return f"{soc(goal.soc_pct, f)}{when} ({who})"


def _either(alternatives: tuple[Alternative, ...], f: Formatter) -> str:
    return " or ".join(sentence(each, f) for each in alternatives)


def _ended(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else f"{words}."
