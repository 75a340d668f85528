"""English: what stands in the way of a plan, or was left out of it."""

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
    Obstacle.NO_PRICE: "No price is known for now.",
    Obstacle.NO_LOAD: "Nothing is known yet of the house's load.",
    Obstacle.NO_TIME: "No plan was found in time.",
    Obstacle.NO_FACTS: "evcc-poller has not reported anything yet.",
    Obstacle.EVCC_SILENT: "evcc does not answer.",
    Obstacle.EVCC_OPTIMIZER: "evcc's own optimizer is in charge.",
    Obstacle.OFF: "Planning is off.",
}
_FACTS = {UnknownFact.SOC: "SoC", UnknownFact.CAPACITY: "capacity"}
_DOUBTS = {
    DoubtKind.OUTDATED: "the last reading is from before its trip",
    DoubtKind.IMPLAUSIBLE: "the last reading cannot be right",
    DoubtKind.UNDATED: "nobody knows when its SoC was measured",
}


def problem(reason: PlanProblem, f: Formatter) -> str:
    """What ``reason`` says, as a whole sentence."""
    match reason:
        case NoPlan(obstacle):
            return _OBSTACLES[obstacle]
        case StaleFacts(age):
            return f"evcc's values are {f.duration(age)} old."
        case OddFacts(detail):
            return f"The facts do not fit together: {detail}."
        case NotExplained(detail):
            return f"The plan holds, but could not be put into words ({detail})."
        case RulesInstead():
            return "Rules on the last known prices decide instead."
        case BatteryUnknown(fact, None):
            return f"The battery's {_FACTS[fact]} is unknown: it is left to evcc."
        case BatteryUnknown(fact, who, none_charges):
            told = f"The {_FACTS[fact]} of battery {who} is unknown: it is not planned"
            if none_charges:
                told += ", and none is charged from the grid, because evcc tells all of them the same"
            return f"{told}."
        case BatteryUncontrollable(None):
            return "evcc cannot control the battery."
        case BatteryUncontrollable(who):
            return f"evcc cannot control battery {who}: it follows the house."
        case BatteryOfOptimizer():
            return "evcc's own optimizer steers the battery: it is left to it."
        case NoSuchBattery(name, there, meant):
            hint = f"did you mean '{meant}'?" if meant else f"it has {f.listed(there)}"
            return f"battery.devices names '{name}', which evcc does not have ({hint})."
        case CarUnknown(who, UnknownFact.VEHICLE):
            return f"{who} is not planned, because nobody knows which car it is."
        case CarUnknown(who, fact):
            return f"{who} is not planned, because its {_FACTS[fact]} is unknown."
        case CarAmbiguous(loadpoint, who, is_device):
            why = "has a device's name" if is_device else "stands elsewhere too"
            return f"{loadpoint} is not planned, because {who} {why}."
        case GoalAboveCarLimit(who, wanted, limit):
            return f"{who}: {f.percent(wanted)} are wanted, but the limit in the car is {f.percent(limit)}."
        case GoalAboveSessionLimit(who, wanted, kwh, ends_at):
            ends = f"evcc's limit of {f.energy(kwh)} for this session ends at {f.percent(ends_at)}"
            return f"{who}: {f.percent(wanted)} are wanted, but {ends}."
        case SocDoubted(who, counted, why):
            return f"{who} is planned as if at {f.percent(counted)}, because {_DOUBTS[why]}."
        case DevicesDimmed(kw):
            return (
                f"The grid operator limits each controllable device to {f.power(kw)} from the grid; the house is free."
            )
        case OddPrices():
            return f"{_odd(reason, f)}."
    assert_never(reason)


def _odd(odd: OddPrices, f: Formatter) -> str:
    prices, unit = "import" if odd.price is PriceKind.IMPORT else "feed-in", f"{f.currency.code}/kWh"
    looks = f"The {prices} prices look as if they were in {f.currency.small or 'hundredths'}"
    change = f"Set export_eur_per_kwh in {unit}" if odd.is_set else f"Let evcc's {odd.price} tariff give {unit}"
    return f"{looks}: a kWh does not cost {f.number(odd.usual_per_kwh, 1)} {f.currency.code}. {change}"
