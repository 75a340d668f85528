"""Dutch: what stands in the way of a plan, or was left out of it."""

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
    Obstacle.NO_PRICE: "Voor nu is geen prijs bekend.",
    Obstacle.NO_LOAD: "Over het verbruik van het huis is nog niets bekend.",
    Obstacle.NO_TIME: "Er is niet op tijd een plan gevonden.",
    Obstacle.NO_FACTS: "evcc-poller heeft nog niets gemeld.",
    Obstacle.EVCC_SILENT: "evcc antwoordt niet.",
    Obstacle.EVCC_OPTIMIZER: "De eigen optimizer van evcc heeft de leiding.",
    Obstacle.OFF: "De planning staat uit.",
}
_FACTS = {UnknownFact.SOC: "het laadniveau", UnknownFact.CAPACITY: "de capaciteit"}
_DOUBTS = {
    DoubtKind.OUTDATED: "de laatste meting nog van vóór de rit dateert",
    DoubtKind.IMPLAUSIBLE: "de laatste meting niet kan kloppen",
    DoubtKind.UNDATED: "niemand weet wanneer er gemeten is",
}


def problem(reason: PlanProblem, f: Formatter) -> str:
    """What ``reason`` says, as a whole sentence."""
    match reason:
        case NoPlan(obstacle):
            return _OBSTACLES[obstacle]
        case StaleFacts(age):
            return f"De waarden van evcc zijn {f.duration(age)} oud."
        case OddFacts(detail):
            return f"De waarden kloppen niet met elkaar: {detail}."
        case NotExplained(detail):
            return f"Het plan geldt, maar was niet in woorden te vatten ({detail})."
        case RulesInstead():
            return "In plaats daarvan gelden regels naar de laatst bekende prijzen."
        case BatteryUnknown(fact, None):
            return f"{_begun(_FACTS[fact])} van de batterij is onbekend: ze wordt aan evcc overgelaten."
        case BatteryUnknown(fact, who, none_charges):
            told = f"{_begun(_FACTS[fact])} van batterij {who} is onbekend: ze wordt niet ingepland"
            if none_charges:
                told += ", en geen enkele laadt van het net, omdat evcc ze alleen samen aanstuurt"
            return f"{told}."
        case BatteryUncontrollable(None):
            return "evcc kan de batterij niet aansturen."
        case BatteryUncontrollable(who):
            return f"evcc kan batterij {who} niet aansturen: ze volgt vanzelf het verbruik van het huis."
        case BatteryOfOptimizer():
            return "De eigen optimizer van evcc stuurt de batterij aan: de planning laat haar met rust."
        case NoSuchBattery(name, there, meant):
            hint = f"misschien is '{meant}' bedoeld" if meant else f"wel: {f.listed(there)}"
            return f"battery.devices noemt '{name}', maar die heeft evcc niet ({hint})."
        case CarUnknown(who, UnknownFact.VEHICLE):
            return f"{who} wordt niet ingepland, omdat niemand weet welke auto het is."
        case CarUnknown(who, fact):
            return f"{who} wordt niet ingepland, omdat {_FACTS[fact]} onbekend is."
        case CarAmbiguous(loadpoint, who, is_device):
            why = "net zo heet als een apparaat" if is_device else "ook ergens anders staat"
            return f"{loadpoint} wordt niet ingepland, omdat {who} {why}."
        case GoalAboveCarLimit(who, wanted, limit):
            return f"{who}: er is {f.percent(wanted)} gewenst, maar de limiet in de auto staat op {f.percent(limit)}."
        case GoalAboveSessionLimit(who, wanted, kwh, ends_at):
            ends = f"met de limiet van {f.energy(kwh)} in evcc stopt deze laadsessie bij {f.percent(ends_at)}"
            return f"{who}: er is {f.percent(wanted)} gewenst, maar {ends}."
        case SocDoubted(who, counted, why):
            return f"{who} wordt ingepland alsof er {f.percent(counted)} in zit, omdat {_DOUBTS[why]}."
        case DevicesDimmed(kw):
            dims = f"laat elk regelbaar apparaat hoogstens {f.power(kw)} van het net afnemen"
            return f"De netbeheerder {dims}; voor het huis zelf geldt dat niet."
        case OddPrices():
            return f"{_odd(reason, f)}."
    assert_never(reason)


def _begun(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}"


def _odd(odd: OddPrices, f: Formatter) -> str:
    prices, unit = "afnameprijzen" if odd.price is PriceKind.IMPORT else "terugleverprijzen", f"{f.currency.code}/kWh"
    looks = f"De {prices} lijken in {f.currency.small or 'honderdsten'} te zijn opgegeven"
    change = (
        f"De instelling export_eur_per_kwh is in {unit}"
        if odd.is_set
        else f"Het tarief {odd.price} van evcc moet {unit} leveren"
    )
    return f"{looks}: een kWh kost geen {f.number(odd.usual_per_kwh, 1)} {f.currency.code}. {change}"
