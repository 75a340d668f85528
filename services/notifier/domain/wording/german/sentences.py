"""German: what drivers are asked and told, and what commands are answered."""

from typing import assert_never

from ems.contract.people import SCHEDULE
from ems.i18n.formatter import Formatter
from notifier.domain.wording.german.tables import COMMANDS, EXAMPLES, LABELS, REMARKS
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
            when = "jetzt" if start is None else f"ab {f.begin(start)}"
            asked = f"Strom ist {when} günstig ({price(costs, f)}). Wie voll soll {filled(car, f)} werden?"
            return asked if plugged_in else f"{asked} Bitte einstecken."
        case WhenNeeded(car):
            return f"{filled(car, f)} ist eingesteckt. Wann wird das Auto gebraucht? Auch in Worten: {EXAMPLES}"
        case GoalInWords(car):
            return f"{car}: Wie voll, und bis wann? Zum Beispiel: {EXAMPLES}"
        case HowFull(car, departure):
            if departure is None:
                return f"Wie voll soll {car} werden? Auswählen oder eine Zahl schreiben."
            return f"Wie voll soll {car} bis {f.moment(departure)} werden?"
        case WhichMeant(car, single):
            return f"{car}: Ist das gemeint?" if single else f"{car}: Was ist gemeint?"
        case PleaseSwap(car, other):
            return f"{filled(other, f)} ist fertig, und {filled(car, f)} braucht den Ladeplatz. Könnt ihr tauschen?"
        case PleaseSwapForPlan(car, other, start):
            name, since = filled(car, f), f.begin(start)
            return f"Der Plan möchte {name} ab {since} am Ladeplatz, statt {other.title}. Könnt ihr tauschen?"
        case CodeOffered(car, why):
            return f"{car}: {_ended(why.de)} Soll dir ein Code geschickt werden?"
        case CodeAwaited(car):
            return f"{car}: Der Code ist unterwegs. Bitte hier eingeben."
        case PlugInForPrice(car, wanted, start, costs):
            name, since, cost = filled(car, f), f.begin(start), price(costs, f)
            return (
                f"Bitte {name} einstecken: {soc(wanted, f)} sind gewünscht, und ab {since} ist Strom günstig ({cost})."
            )
        case PlugInForPlan(car, by):
            return f"Bitte {filled(car, f)} bis {f.moment(by)} einstecken: Der Plan rechnet damit."
        case InOthersWords(words):
            return words.de
        case GoalIs(car):
            return f"{car}: {_wanted(said, f)}"
        case GoalTaken(mine, first):
            if first is None:
                return sentence(mine, f)
            return f"{sentence(mine, f)}. Zuerst gilt {sentence(first, f)}"
        case Alternative(soc_pct, departure):
            parts = ["" if soc_pct is None else soc(soc_pct, f), "" if departure is None else f.moment(departure)]
            return " ".join(filter(None, parts))
        case OneOf(car, alternatives):
            return f"{car}: {_either(alternatives, f)}"
        case MayMean(alternatives):
            return f"Das kann {_either(alternatives, f)} heißen: bitte sagen, was."
        case DepartureHeard(departure):
            return f"Bis {f.moment(departure)}."
        case AboutCar(car, inner):
            return f"{car}: {sentence(inner, f)}"
        case StillWanted(meant):
            return f"{_ended(sentence(meant, f))} Noch gewünscht?"
        case ReadLate(words, written, question):
            return f"Geschrieben {f.moment(written)}, erst jetzt gelesen: „{words}“. {sentence(question, f)}"
        case WrittenEarlier(written, reason):
            return f"Geschrieben {f.moment(written)}, erst jetzt gelesen: {sentence(reason, f)}"
        case OldOrderStays(reason):
            return f"{_ended(sentence(reason, f))} Was du vorher gewollt hast, bleibt, wie es ist."
        case Answered(who, outcome):
            return f"{who}: {sentence(outcome, f)}"
        case Chosen(car):
            return car
        case LoggedIn(car):
            return f"{car}: angemeldet."
        case DidNotWork(why):
            return f"Das hat nicht geklappt: {why.de}"
        case PossibleAnswers(choices):
            return f"Mögliche Antworten: {', '.join(f'{c.key} ({c.label.de})' for c in choices)}"
        case Boosted(car, until):
            return f"{car} lädt bis {f.moment(until)} mit voller Leistung."
        case BoostUntil(car, until):
            return f"{car}: volle Leistung bis {f.moment(until)}"
        case BoostOver(car):
            return f"{car}: Der Boost ist beendet."
        case BoostOutOfRange(max_min):
            return f"Bitte 1 bis {f.plain(max_min)} Minuten."
        case NotPluggedIn(car):
            return f"{car} ist hier nicht eingesteckt."
        case SocTaken(car, soc_pct):
            return f"{car} steht bei {soc(soc_pct, f)}."
        case Welcome(name):
            return f"Hallo {name}! /help sagt, was ich verstehe."
        case Muted(until):
            return f"Ruhe bis {f.moment(until)}. /mute aus beendet sie."
        case CarStatus(car, soc_pct, plugged_in, goal):
            full = "?" if soc_pct is None else f.percent(soc_pct)
            where = "eingesteckt" if plugged_in else "hier nicht eingesteckt"
            aim = _wanted(goal, f)
            return f"{car}: {full}, {where}, {aim if goal.soc_pct is None else f'Ziel: {aim}'}"
        case HouseStatus(costs, battery):
            energy = "" if costs is None else f"Strom kostet jetzt {price(costs, f)}"
            stored = "" if battery is None else f"Hausbatterie {f.percent(battery)}"
            told = ", ".join(filter(None, (energy, stored)))
            return told[:1].upper() + told[1:]
        case Help():
            commands = [f"/{name}: {what}" for name, what in COMMANDS.items()]
            return "\n".join([*commands, f"Oder einfach schreiben: {EXAMPLES}"])
        case StrangerId(chat_id):
            return f"Die Nummer dieses Chats ist {chat_id}. Wer dieses Haus betreut, kann dich damit aufnehmen."
        case GroupId(chat_id):
            return f"Diese Gruppe hat die Nummer {chat_id}. Wer das Haus betreut, kann sie zulassen (telegram.groups)."
        case NotADriver(user_id):
            return f"Nur wer fährt, kann mir etwas sagen. Deine Nummer ist {user_id}."
        case NoSuchVehicle(known):
            if not known:
                return "Es gibt kein solches Fahrzeug; keines ist bekannt."
            return f"Es gibt kein solches Fahrzeug; bekannt sind {f.listed(known)}."
        case NoSuchDriver(known):
            if not known:
                return "Diese Person fährt hier nicht; niemand ist bekannt."
            return f"Diese Person fährt hier nicht; bekannt sind {f.listed(known)}."
        case DoesNotDrive(driver, car):
            return f"{driver} fährt {car} nicht."
        case GoalReached(car, soc_pct, wanted_pct):
            return f"{car} hat schon {f.percent(soc_pct)}: Ein Ziel von {soc(wanted_pct, f)} verlangt nichts."
        case DriverMuted(driver, until):
            if until is None:
                return f"{driver} ist nicht stummgeschaltet."
            return f"{driver} hört bis {f.moment(until)} nichts."
    assert_never(said)


def _wanted(goal: GoalIs, f: Formatter) -> str:
    if goal.soc_pct is None:
        return "kein Ziel"
    when = ", wenn es günstig ist" if goal.departure is None else f" bis {f.moment(goal.departure)}"
    who = {SCHEDULE: "Wochenziel", "homeassistant": "Home Assistant"}.get(goal.asked_by, goal.asked_by)
    return f"{soc(goal.soc_pct, f)}{when} ({who})"


def _either(alternatives: tuple[Alternative, ...], f: Formatter) -> str:
    return " oder ".join(sentence(each, f) for each in alternatives)


def _ended(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else f"{words}."
