"""German: what stands in the way of a plan, or was left out of it."""

from typing import assert_never

from ems.contract.vehicle import DoubtKind
from ems.i18n.formatter import Formatter
from tariff_planner.domain.wording.problems import (
    BatteryOfOptimizer,
    BatteryUncontrollable,
    BatteryUnknown,
    CarAmbiguous,
    CarUnknown,
    DevicesDimmed,
    GoalAboveCarLimit,
    GoalAboveSessionLimit,
    NoPlan,
    NoSuchBattery,
    NotExplained,
    Obstacle,
    OddFacts,
    OddPrices,
    PlanProblem,
    PriceKind,
    RulesInstead,
    SocDoubted,
    StaleFacts,
    UnknownFact,
)

_OBSTACLES = {
    Obstacle.NO_PRICE: "Für jetzt ist kein Preis bekannt.",
    Obstacle.NO_LOAD: "Vom Verbrauch des Hauses ist noch nichts bekannt.",
    Obstacle.NO_TIME: "In der gegebenen Zeit wurde kein Plan gefunden.",
    Obstacle.NO_FACTS: "evcc-poller hat noch nichts gemeldet.",
    Obstacle.EVCC_SILENT: "evcc antwortet nicht.",
    Obstacle.EVCC_OPTIMIZER: "evccs eigener Optimierer führt.",
    Obstacle.OFF: "Die Planung ist ausgeschaltet.",
}
_FACTS = {UnknownFact.SOC: "der Ladestand", UnknownFact.CAPACITY: "die Kapazität"}
_DOUBTS = {
    DoubtKind.OUTDATED: "der letzte Messwert noch von vor der Fahrt stammt",
    DoubtKind.IMPLAUSIBLE: "der letzte Messwert nicht stimmen kann",
    DoubtKind.UNDATED: "niemand weiß, wann gemessen wurde",
}


def problem(reason: PlanProblem, f: Formatter) -> str:
    """What ``reason`` says, as a whole sentence."""
    match reason:
        case NoPlan(obstacle):
            return _OBSTACLES[obstacle]
        case StaleFacts(age):
            return f"evccs Werte sind {f.duration(age)} alt."
        case OddFacts(detail):
            return f"Die Werte passen nicht zusammen: {detail}."
        case NotExplained(detail):
            return f"Der Plan gilt, ließ sich aber nicht in Worte fassen ({detail})."
        case RulesInstead():
            return "Stattdessen gelten Regeln nach den letzten bekannten Preisen."
        case BatteryUnknown(fact, None):
            return f"{_begun(_FACTS[fact])} der Batterie ist unbekannt: Sie bleibt evcc überlassen."
        case BatteryUnknown(fact, who, none_charges):
            told = f"{_begun(_FACTS[fact])} der Batterie {who} ist unbekannt: Sie wird nicht geplant"
            if none_charges:
                told += ", und keine lädt aus dem Netz, weil evcc allen dasselbe sagt"
            return f"{told}."
        case BatteryUncontrollable(None):
            return "evcc kann die Batterie nicht steuern."
        case BatteryUncontrollable(who):
            return f"evcc kann die Batterie {who} nicht steuern: Sie folgt dem Haus."
        case BatteryOfOptimizer():
            return "evccs eigener Optimierer steuert die Batterie: Sie bleibt ihm überlassen."
        case NoSuchBattery(name, there, meant):
            hint = f"gemeint ist wohl „{meant}“" if meant else f"es hat {f.listed(there)}"
            return f"battery.devices nennt „{name}“, das evcc nicht hat ({hint})."
        case CarUnknown(who, UnknownFact.VEHICLE):
            return f"{who} wird nicht geplant, weil niemand weiß, welches Auto es ist."
        case CarUnknown(who, fact):
            return f"{who} wird nicht geplant, weil {_FACTS[fact]} unbekannt ist."
        case CarAmbiguous(loadpoint, who, is_device):
            why = "wie ein Gerät heißt" if is_device else "auch anderswo steht"
            return f"{loadpoint} wird nicht geplant, weil {who} {why}."
        case GoalAboveCarLimit(who, wanted, limit):
            return f"{who}: {f.percent(wanted)} sind gewünscht, aber das Limit im Auto steht auf {f.percent(limit)}."
        case GoalAboveSessionLimit(who, wanted, kwh, ends_at):
            ends = f"evccs Limit von {f.energy(kwh)} für diesen Ladevorgang endet bei {f.percent(ends_at)}"
            return f"{who}: {f.percent(wanted)} sind gewünscht, aber {ends}."
        case SocDoubted(who, counted, why):
            return f"{who} wird wie mit {f.percent(counted)} geplant, weil {_DOUBTS[why]}."
        case DevicesDimmed(kw):
            dims = f"begrenzt jedes steuerbare Gerät auf {f.power(kw)} aus dem Netz"
            return f"Der Netzbetreiber {dims}; das Haus ist frei."
        case OddPrices():
            return f"{_odd(reason, f)}."
    assert_never(reason)


def _begun(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}"


def _odd(odd: OddPrices, f: Formatter) -> str:
    prices, unit = "Bezugspreise" if odd.price is PriceKind.IMPORT else "Einspeisepreise", f"{f.currency.code}/kWh"
    looks = f"Die {prices} sehen aus, als stünden sie in {f.currency.small or 'Hundertsteln'}"
    change = (
        f"Die Einstellung export_eur_per_kwh ist in {unit}"
        if odd.is_set
        else f"evccs Tarif {odd.price} muss {unit} liefern"
    )
    return f"{looks}: Eine kWh kostet nicht {f.number(odd.usual_per_kwh, 1)} {f.currency.code}. {change}"
