"""English sentences."""

from ems.contract.site import BatteryMode, LoadpointMode
from ems.i18n.formatter import Formatter
from tariff_planner.domain.wording.alternatives import Alternative
from tariff_planner.domain.wording.battery import (
    BatteryCharges,
    BatteryFollows,
    BatteryHolds,
    BatteryIdle,
    BatteryKeepsReserve,
    BatteryLeavesRoom,
    BatteryNotForCars,
    BatteryOnWish,
    BatteryWeighed,
)
from tariff_planner.domain.wording.english.alternatives import alternative
from tariff_planner.domain.wording.english.problems import problem
from tariff_planner.domain.wording.english.wishes import wish
from tariff_planner.domain.wording.limits import (
    Bound,
    BoundReached,
    GoalRestricted,
    Limit,
    LimitBelowGoal,
    PowerLimited,
    Restriction,
    TimeTooShort,
)
from tariff_planner.domain.wording.parts import ChargeGoal, EnergyMix, Stretch, WorthInCar
from tariff_planner.domain.wording.plan import (
    BatteryNow,
    BeyondExportLimit,
    BeyondImportLimit,
    CarLate,
    CarNow,
    DemandShort,
    DeviceNow,
    GoalMissed,
    NextPurchase,
    NothingPlanned,
    Summary,
    TripShort,
    UnusedSun,
)
from tariff_planner.domain.wording.reasons import AnyReason
from tariff_planner.domain.wording.savings import SavingsMethod
from tariff_planner.domain.wording.vehicle import (
    CarAway,
    CarCharges,
    CarFull,
    CarHasGoal,
    CarNotCharged,
    CarOnWish,
    CarWaits,
    CarWeighed,
)
from tariff_planner.domain.wording.wishes import WishTold

_NOW = {
    BatteryNow.SUPPLIES: ("the battery supplies the house", ""),
    BatteryNow.STORES: ("the battery stores surplus sun", ""),
    BatteryNow.IDLE: ("the battery is idle", ""),
    BatteryNow.KEEPS: ("the battery keeps its energy for more expensive hours", ""),
    BatteryNow.CHARGES: ("the battery charges from the grid", ""),
    BatteryNow.HELD: ("the battery gives nothing", ""),
    BatteryNow.LEAVES_ROOM: ("the battery keeps room for later", ""),
    BatteryNow.FOLLOWS: ("the battery follows the house", ""),
    CarNow.WAITS: ("{who} waits", "{who} wait"),
    CarNow.SUN: ("{who} charges with surplus sun", "{who} charge with surplus sun"),
    CarNow.SLOWLY: ("{who} charges slowly", "{who} charge slowly"),
    CarNow.CHARGES: ("{who} charges", "{who} charge"),
}
_MODES = {
    BatteryMode.NORMAL: "follows the house",
    BatteryMode.HOLD: "keeps its energy",
    BatteryMode.CHARGE: "charges from the grid",
    BatteryMode.HOLDCHARGE: "keeps room for later",
    LoadpointMode.OFF: "is not charged",
    LoadpointMode.PV: "charges with surplus sun only",
    LoadpointMode.MINPV: "charges slowly, or with more sun faster",
    LoadpointMode.NOW: "charges at full power",
}


def sentence(reason: AnyReason, f: Formatter) -> str:
    """What ``reason`` says, as a whole sentence."""
    match reason:
        case BatteryCharges(during, kwh, eur, later, worth):
            much = "" if kwh is None else f" {f.energy(kwh)}"
            cost = "" if eur is None else f" at {f.price(eur)}"
            why = ""
            if later is not None:
                why = f", for later hours at {f.price(later)}"
            elif worth is not None:
                why = f"; a stored kWh is worth {f.price(worth)}"
            return f"{_clause(during, f)} charges{much} from the grid{cost}{why}."
        case BatteryHolds(during, eur, later, at, worth):
            why = ""
            if later is not None and at is not None:
                then = "after that" if at == during.end else f"from {f.begin(at)} on"
                why = f": {then} a kWh costs {f.price(later)} instead of {f.price(eur)}"
            elif worth is not None:
                why = f": a kWh costs {f.price(eur)} meanwhile and is worth {f.price(worth)} later"
            return f"{_clause(during, f)} keeps its energy{why}."
        case BatteryLeavesRoom():
            return f"{_clause(reason.during, f)} {_room(reason, f)}."
        case BatteryFollows(during, stored, given, eur):
            both = [] if stored is None else [f"stores {f.energy(stored)} of sun"]
            if given is not None:
                both.append(f"gives the house {f.energy(given)}")
            why = "" if eur is None else f"; from the grid a kWh costs {f.price(eur)}"
            return f"{_clause(during, f)} {f.listed(both)}{why}."
        case BatteryIdle(during, empty, full):
            if not full and empty is None:
                return f"{_clause(during, f)} has next to nothing to do."
            return f"{_clause(during, f)} is idle: it is {'full' if full else _down_to(empty, f)}."
        case BatteryKeepsReserve(during, soc_pct):
            return f"{_clause(during, f)} keeps its reserve of {f.percent(soc_pct)}."
        case BatteryNotForCars(during):
            return f"{_clause(during, f)} gives nothing: it is not to feed cars."
        case BatteryWeighed(during, mode):
            why = "on average nothing costs less, however much the house uses"
            return f"{_clause(during, f)} {_MODES[mode]}: {why}."
        case BatteryOnWish(during, charges):
            return f"{_clause(during, f)} {'charges' if charges else 'gives nothing'}, as you wish."
        case CarCharges(during, who, kwh, mix, goal, worth):
            why = "" if worth is None else f"; in the car a kWh is worth {f.price(worth)}"
            source = f"{_mix(mix, f)}{_goal(goal, f)}"
            return f"{_clause(during, f, who, '')} charges {_pauses(during)}{f.energy(kwh)}{source}{why}."
        case CarWeighed(during, who, mode, in_time):
            why = "of all that can be switched, nothing costs the house less"
            if in_time:
                why = "later it might not be ready in time"
            return f"{_clause(during, f, who)} {_MODES[mode]}: {why}."
        case CarWaits(during, who, until, mix, goal):
            waits = f"{who} waits until {f.moment(until)}"
            if during.start is not None:
                waits = f"From {f.span(during.start, until)} {who} waits"
            return f"{waits}, then charges{_mix(mix, f)}{_goal(goal, f)}."
        case CarAway(during, who, back, at, mix, goal):
            away = f"{who} is away until {f.moment(back)}"
            if during.start is not None:
                away = f"From {f.span(during.start, back)} {who} is away"
            if at is None or mix is None:
                return f"{away}."
            then = ", then charges" if at == back else f" and charges from {f.begin(at)} on"
            return f"{away}{then}{_mix(mix, f)}{_goal(goal, f)}."
        case CarFull(during, who, limit):
            is_full = "full" if limit is None else f"at its limit of {f.percent(limit)}"
            return f"{_from(during, who, f)} is {is_full}."
        case CarHasGoal(during, who, soc_pct, worth):
            return f"{_from(during, who, f)} has the {f.percent(soc_pct)} it needs{_more(worth, f)}."
        case CarNotCharged(during, who, goal, worth):
            why = ""
            if goal is not None:
                why = f" and cannot reach {f.percent(goal.soc_pct)} by {f.moment(goal.by)}"
            elif worth is not None:
                why = f": {_not_worth_it(worth, f)}"
            return f"{_from(during, who, f)} is not charged{why}."
        case CarOnWish(during, who, charges):
            return f"{_clause(during, f, who)} {'charges' if charges else 'is not charged'}, as you wish."
        case WishTold():
            return wish(reason, f)
        case Alternative():
            return alternative(reason, f)
        case PowerLimited():
            return f"{_limit(reason, f)}."
        case BoundReached(bound, by, soc_pct, who):
            if who is not None and soc_pct is not None:
                return f"By {f.moment(by)} {who} is at its limit of {f.percent(soc_pct)}."
            state = "full" if bound is Bound.FULL else _down_to(soc_pct, f)
            return f"By {f.moment(by)} {who or 'the battery'} is {state}."
        case LimitBelowGoal(who, soc_pct):
            return f"{who} may only be charged to {f.percent(soc_pct)}."
        case GoalRestricted(who, whose, missing):
            whom = "connection's" if whose is Restriction.CONNECTION else "grid operator's"
            then = f"{who} would make it" if missing is None else f"only {f.energy(missing)} would be missing"
            return f"Without the {whom} limit {then}."
        case TimeTooShort(who, kw, ready):
            needs = "would need more than another day" if ready is None else f"needs until {f.moment(ready)}"
            return f"Even at full power ({f.power(kw)}) {who} {needs}."
        case Summary(devices, until, eur):
            does = ", and ".join(_device(device, f) for device in devices) or "there is nothing to plan"
            return f"Until {f.moment(until)} ({f.price(eur)}) {does}."
        case NothingPlanned():
            return "Nothing is planned."
        case NextPurchase(who, start, end, eur):
            return f"Next, {who or 'the battery'} charges from {f.span(start, end)} at {f.price(eur)}."
        case UnusedSun(start, end, kwh):
            return f"From {f.span(start, end)}, {f.energy(kwh)} of sun cannot be used."
        case GoalMissed(who, reaches, wanted, by, kwh):
            got, wished = f.percents(reaches, wanted)
            instead = f" instead of {wished}" if wished else ""
            reached = f"{who or 'The battery'} reaches {got}{instead} by {f.moment(by)}"
            return f"{reached}: {f.energy(kwh)} are missing."
        case CarLate(who, wanted, due, kwh):
            wished = f"it should have had {f.percent(wanted)} by {f.moment(due)}"
            return f"{who} is late: {wished}; {f.energy(kwh)} are missing."
        case TripShort(who, kwh):
            return f"{who} is {f.energy(kwh)} short for its trip."
        case DemandShort(who, kwh):
            return f"{who} gets {f.energy(kwh)} less than it asked for."
        case BeyondImportLimit(start, kwh):
            return f"From {f.begin(start)} on the house needs {f.energy(kwh)} more than the connection may give."
        case BeyondExportLimit(start, kwh):
            return f"From {f.begin(start)} on, {f.energy(kwh)} more are fed in than is allowed."
        case SavingsMethod(pct):
            unknown = "Prices within a quarter hour, a charger's least power and curtailed sun are not known"
            return (
                "Measured quarter hours are counted at their prices, against a battery that only follows the house and "
                f"cars that take the sun and then the cheapest hours of the same stay. What the "
                f"battery holds more counts at the whole day's mean price. {unknown}; the span is what "
                f"{f.percent(pct)} in the battery's efficiency make."
            )
    return problem(reason, f)


def _pauses(during: Stretch) -> str:
    return "with pauses, " if during.mostly else ""


def _clause(during: Stretch, f: Formatter, who: str | None = None, mostly: str = " mostly") -> str:
    """When, and who: the verb follows."""
    lead, name = "", who or "the battery"
    if during.start is not None and during.end is not None:
        lead = f"From {f.span(during.start, during.end)} "
    elif during.start is not None:
        lead = f"From {f.begin(during.start)} on "
    elif during.end is not None:
        lead = f"Until {f.moment(during.end)} "
    elif who is None:
        name = "The battery"
    return f"{lead}{name}{mostly if during.mostly else ''}"


def _from(during: Stretch, who: str, f: Formatter) -> str:
    """The same for what does not end."""
    return who if during.start is None else f"From {f.begin(during.start)} on {who}"


def _room(reason: BatteryLeavesRoom, f: Formatter) -> str:
    end, sun_from = reason.during.end, reason.sun_from
    if reason.nearly_full:
        return "stores nothing more: it is nearly full"
    if reason.earns_eur_per_kwh is not None and reason.later_earns_eur_per_kwh is not None and sun_from is not None:
        later = "after that" if sun_from == end else f"from {f.begin(sun_from)} on"
        earns = f"{f.price(reason.earns_eur_per_kwh)} until then, and {f.price(reason.later_earns_eur_per_kwh)} {later}"
        return f"stores no sun yet: feeding in earns {earns}"
    if reason.earns_eur_per_kwh is not None and reason.worth_eur_per_kwh is not None:
        worth = f"a stored kWh is worth {f.price(reason.worth_eur_per_kwh)}"
        return f"stores no sun: feeding in earns {f.price(reason.earns_eur_per_kwh)}, {worth}"
    at = sun_from or reason.grid_from
    if at is None:
        return "stores no sun"
    then = "after that" if at == end else f"from {f.begin(at)} on"
    lost = ", which would otherwise be lost" if reason.else_lost else ""
    if sun_from:
        return f"keeps room for the sun {'that follows' if at == end else then}{lost}"
    return f"keeps room to charge from the grid {then}{lost}"


def _down_to(soc_pct: float | None, f: Formatter) -> str:
    return "empty" if not soc_pct else f"down to {f.percent(soc_pct)}"


def _mix(mix: EnergyMix, f: Formatter) -> str:
    price = "" if mix.eur_per_kwh is None else f.price(mix.eur_per_kwh)
    if price and not mix.several:
        return f" at {'about ' if mix.foreseen else ''}{price}{' on average' if mix.average else ''}"
    about = "about " if mix.foreseen or mix.average else ""
    sources = [name for name, there in (("sun", mix.sun), ("battery", mix.battery)) if there]
    if not mix.several:
        return f" from the {sources[0]}"
    return f" from {f.listed([*sources, *([f'grid ({about}{price})'] if price else [])])}"


def _goal(goal: ChargeGoal | None, f: Formatter) -> str:
    if goal is None:
        return ""
    if goal.due is not None:
        return f": {f.percent(goal.soc_pct)} was due by {f.moment(goal.due)}"
    if goal.soonest:
        return f" for at least {f.percent(goal.soc_pct)} as set in evcc"
    if goal.missed:
        return f", but cannot reach {f.percent(goal.soc_pct)} by {f.moment(goal.by)}"
    return f" to reach {f.percent(goal.soc_pct)} by {f.moment(goal.by)}"


def _more(worth: WorthInCar | None, f: Formatter) -> str:
    if worth is None:
        return ""
    return f"; {_not_worth_it(worth, f)}"


def _not_worth_it(worth: WorthInCar, f: Formatter) -> str:
    costs = f"a kWh costs at least {f.price(worth.eur_per_kwh)}"
    if worth.worth_eur_per_kwh is None:
        return f"there is no further goal, and {costs}"
    return f"{costs} and is worth only {f.price(worth.worth_eur_per_kwh)} in the car"


def _device(device: DeviceNow, f: Formatter) -> str:
    one, several = _NOW[device.does]
    return (several if len(device.who) > 1 else one).format(who=f.listed(device.who))


def _limit(binding: PowerLimited, f: Formatter) -> str:
    kw = f.power(binding.kw)
    match binding.limit:
        case Limit.IMPORT:
            told = f"the connection gives no more than {kw}"
        case Limit.PEAK:
            told = f"more power would raise the import peak of {kw}"
        case Limit.EXPORT:
            told = f"no more than {kw} may be fed in" if binding.kw else "nothing may be fed in"
        case Limit.BATTERY_CHARGE:
            told = f"the battery takes no more than {kw}"
        case Limit.BATTERY_DISCHARGE:
            told = f"the battery gives no more than {kw}"
        case Limit.CHARGER:
            told = f"the charger gives no more than {kw}"
        case Limit.CHARGER_LEAST:
            told = f"the charger gives no less than {kw}"
        case Limit.CAR:
            told = f"{binding.who} takes no more than {kw}"
        case Limit.DEVICE:
            told = f"the grid operator lets {binding.who or 'the battery'} take no more than {kw} from the grid"
    if binding.start is not None and binding.end is not None:
        return f"{'At times from' if binding.at_times else 'From'} {f.span(binding.start, binding.end)} {told}"
    return told if binding.limit is Limit.CAR else f"{told[0].upper()}{told[1:]}"
