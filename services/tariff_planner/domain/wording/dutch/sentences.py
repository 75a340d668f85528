"""Dutch sentences."""

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
from tariff_planner.domain.wording.dutch.alternatives import alternative
from tariff_planner.domain.wording.dutch.problems import problem
from tariff_planner.domain.wording.dutch.wishes import wish
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
    BatteryNow.SUPPLIES: ("voedt de batterij het huis", ""),
    BatteryNow.STORES: ("slaat de batterij overtollige zonnestroom op", ""),
    BatteryNow.IDLE: ("doet de batterij niets", ""),
    BatteryNow.KEEPS: ("bewaart de batterij haar energie voor duurdere uren", ""),
    BatteryNow.CHARGES: ("laadt de batterij van het net", ""),
    BatteryNow.HELD: ("levert de batterij niets", ""),
    BatteryNow.LEAVES_ROOM: ("houdt de batterij ruimte vrij voor later", ""),
    BatteryNow.FOLLOWS: ("volgt de batterij het huis", ""),
    CarNow.WAITS: ("wacht {who}", "wachten {who}"),
    CarNow.SUN: ("laadt {who} met overtollige zonnestroom", "laden {who} met overtollige zonnestroom"),
    CarNow.SLOWLY: ("laadt {who} langzaam", "laden {who} langzaam"),
    CarNow.CHARGES: ("laadt {who}", "laden {who}"),
}
_MODES = {
    BatteryMode.NORMAL: ("volgt", " het huis"),
    BatteryMode.HOLD: ("bewaart", " haar energie"),
    BatteryMode.CHARGE: ("laadt", " van het net"),
    BatteryMode.HOLDCHARGE: ("houdt", " ruimte vrij voor later"),
    LoadpointMode.OFF: ("wordt", " niet geladen"),
    LoadpointMode.PV: ("laadt", " alleen met overtollige zon"),
    LoadpointMode.MINPV: ("laadt", " langzaam, met meer zon sneller"),
    LoadpointMode.NOW: ("laadt", " op vol vermogen"),
}


def sentence(reason: AnyReason, f: Formatter) -> str:
    """What ``reason`` says, as a whole sentence."""
    match reason:
        case BatteryCharges(during, kwh, eur, later, worth):
            much = "" if kwh is None else f" {f.energy(kwh)}"
            cost = "" if eur is None else f" tegen {f.price(eur)}"
            why = ""
            if later is not None:
                why = f", voor latere uren tegen {f.price(later)}"
            elif worth is not None:
                why = f"; opgeslagen is een kWh {f.price(worth)} waard"
            return f"{_clause(during, 'laadt', f)}{much} van het net{cost}{why}."
        case BatteryHolds(during, eur, later, at, worth):
            why = ""
            if later is not None and at is not None:
                then = "daarna" if at == during.end else f"vanaf {f.begin(at)}"
                why = f": {then} kost een kWh {f.price(later)} in plaats van {f.price(eur)}"
            elif worth is not None:
                why = f": een kWh kost in die tijd {f.price(eur)} en is later {f.price(worth)} waard"
            return f"{_clause(during, 'bewaart', f)} haar energie{why}."
        case BatteryLeavesRoom():
            return f"{_room(reason, f)}."
        case BatteryFollows(during, stored, given, eur):
            why = "" if eur is None else f"; van het net kost een kWh {f.price(eur)}"
            if given is None:
                return f"{_clause(during, 'slaat', f)} {f.energy(stored or 0)} zonnestroom op{why}."
            gives = f"{f.energy(given)} aan het huis"
            if stored is None:
                return f"{_clause(during, 'levert', f)} {gives}{why}."
            return f"{_clause(during, 'slaat', f)} {f.energy(stored)} zonnestroom op en levert {gives}{why}."
        case BatteryIdle(during, empty, full):
            if not full and empty is None:
                return f"{_clause(during, 'heeft', f)} bijna niets te doen."
            return f"{_clause(during, 'doet', f)} niets: ze is {'vol' if full else _down_to(empty, f)}."
        case BatteryKeepsReserve(during, soc_pct):
            return f"{_clause(during, 'bewaart', f)} haar reserve van {f.percent(soc_pct)}."
        case BatteryNotForCars(during):
            return f"{_clause(during, 'levert', f)} niets: ze mag geen auto's laden."
        case BatteryWeighed(during, mode):
            verb, what = _MODES[mode]
            why = "niets is gemiddeld goedkoper, wat het huis ook verbruikt"
            return f"{_clause(during, verb, f)}{what}: {why}."
        case BatteryOnWish(during, charges):
            return (
                f"{_clause(during, 'laadt' if charges else 'levert', f)}{'' if charges else ' niets'}, zoals gewenst."
            )
        case CarCharges(during, who, kwh, mix, goal, worth):
            why = "" if worth is None else f"; in de auto is een kWh {f.price(worth)} waard"
            charging = _clause(during, "laadt", f, who, " met pauzes")
            return f"{charging} {f.energy(kwh)} {_mix(mix, f)}{_goal(goal, f)}{why}."
        case CarWeighed(during, who, mode, in_time):
            verb, what = _MODES[mode]
            why = "niets wat geschakeld kan worden, kost het huis minder"
            if in_time:
                why = "later is het misschien niet op tijd klaar"
            return f"{_clause(during, verb, f, who)}{what}: {why}."
        case CarWaits(during, who, until, mix, goal):
            waits = f"{who} wacht tot {f.moment(until)}"
            if during.start is not None:
                waits = f"Van {f.span(during.start, until)} wacht {who}"
            return f"{waits} en laadt dan {_mix(mix, f)}{_goal(goal, f)}."
        case CarAway(during, who, back, at, mix, goal):
            away = f"{who} is tot {f.moment(back)} weg"
            if during.start is not None:
                away = f"Van {f.span(during.start, back)} is {who} weg"
            if at is None or mix is None:
                return f"{away}."
            then = "dan" if at == back else f"vanaf {f.begin(at)}"
            return f"{away} en laadt {then} {_mix(mix, f)}{_goal(goal, f)}."
        case CarFull(during, who, limit):
            if limit is None:
                return f"{_from(during, 'is', who, f)} vol."
            return f"{_from(during, 'zit', who, f)} op de limiet van {f.percent(limit)}."
        case CarHasGoal(during, who, soc_pct, worth):
            return f"{_from(during, 'heeft', who, f)} de gewenste {f.percent(soc_pct)}{_more(worth, f)}."
        case CarNotCharged(during, who, goal, worth):
            why = ""
            if goal is not None:
                why = f" en haalt {f.percent(goal.soc_pct)} niet voor {f.moment(goal.by)}"
            elif worth is not None:
                why = f": {_not_worth_it(worth, f)}"
            return f"{_from(during, 'wordt', who, f)} niet geladen{why}."
        case CarOnWish(during, who, charges):
            return f"{_clause(during, 'laadt', f, who)}{'' if charges else ' niet'}, zoals gewenst."
        case WishTold():
            return wish(reason, f)
        case Alternative():
            return alternative(reason, f)
        case PowerLimited():
            return f"{_limit(reason, f)}."
        case BoundReached(bound, by, soc_pct, who):
            if who is not None and soc_pct is not None:
                return f"Tegen {f.moment(by)} zit {who} op de limiet van {f.percent(soc_pct)}."
            state = "vol" if bound is Bound.FULL else _down_to(soc_pct, f)
            return f"Tegen {f.moment(by)} is {who or 'de batterij'} {state}."
        case LimitBelowGoal(who, soc_pct):
            return f"{who} mag maar tot {f.percent(soc_pct)} geladen worden."
        case GoalRestricted(who, whose, missing):
            whom = "aansluiting" if whose is Restriction.CONNECTION else "netbeheerder"
            then = f"zou {who} het halen" if missing is None else f"zou er maar {f.energy(missing)} ontbreken"
            return f"Zonder de grens van de {whom} {then}."
        case TimeTooShort(who, kw, ready):
            needs = f"duurt het voor {who} "
            needs += "meer dan een extra dag" if ready is None else f"tot {f.moment(ready)}"
            return f"Zelfs op vol vermogen ({f.power(kw)}) {needs}."
        case Summary(devices, until, eur):
            does = f.listed([_device(device, f) for device in devices]) or "is er niets te plannen"
            return f"Tot {f.moment(until)} ({f.price(eur)}) {does}."
        case NothingPlanned():
            return "Er is niets gepland."
        case NextPurchase(who, start, end, eur):
            return f"Daarna laadt {who or 'de batterij'} van {f.span(start, end)} tegen {f.price(eur)}."
        case UnusedSun(start, end, kwh):
            return f"Van {f.span(start, end)} kan {f.energy(kwh)} zonnestroom niet worden gebruikt."
        case GoalMissed(who, reaches, wanted, by, kwh):
            got, wished = f.percents(reaches, wanted)
            instead = f" in plaats van {wished}" if wished else ""
            reached = f"{who or 'De batterij'} haalt {got}{instead} voor {f.moment(by)}"
            return f"{reached}: er ontbreekt {f.energy(kwh)}."
        case CarLate(who, wanted, due, kwh):
            wished = f"om {f.moment(due)} had de auto {f.percent(wanted)} moeten hebben"
            return f"{who} is te laat: {wished}, er ontbreekt nog {f.energy(kwh)}."
        case TripShort(who, kwh):
            return f"{who} heeft {f.energy(kwh)} te weinig voor de rit."
        case DemandShort(who, kwh):
            return f"{who} krijgt {f.energy(kwh)} minder dan gevraagd."
        case BeyondImportLimit(start, kwh):
            return f"Vanaf {f.begin(start)} heeft het huis {f.energy(kwh)} meer nodig dan de aansluiting mag leveren."
        case BeyondExportLimit(start, kwh):
            return f"Vanaf {f.begin(start)} wordt {f.energy(kwh)} meer teruggeleverd dan is toegestaan."
        case SavingsMethod(pct):
            unknown = "Prijzen binnen een kwartier, het minimumvermogen van een laadpaal en afgetopte zonnestroom"
            return (
                "Gemeten kwartieren tellen tegen hun prijs, vergeleken met een batterij die alleen het huis volgt en "
                "auto's die eerst de zon en dan de goedkoopste uren benutten zolang ze er staan. "
                "Wat de batterij meer bevat telt tegen de gemiddelde prijs van de hele dag. "
                f"{unknown} zijn niet bekend; de marge is wat {f.percent(pct)} in het rendement van de batterij "
                "uitmaakt."
            )
    return problem(reason, f)


def _clause(during: Stretch, verb: str, f: Formatter, who: str | None = None, mostly: str = " meestal") -> str:
    """When, verb and who; the verb comes second."""
    mostly = mostly if during.mostly else ""
    if during.start is not None and during.end is not None:
        lead = f"Van {f.span(during.start, during.end)}"
    elif during.start is not None:
        lead = f"Vanaf {f.begin(during.start)}"
    elif during.end is not None:
        lead = f"Tot {f.moment(during.end)}"
    else:
        return f"{who or 'De batterij'} {verb}{mostly}"
    return f"{lead} {verb} {who or 'de batterij'}{mostly}"


def _from(during: Stretch, verb: str, who: str, f: Formatter) -> str:
    """The same for what does not end."""
    return f"{who} {verb}" if during.start is None else f"Vanaf {f.begin(during.start)} {verb} {who}"


def _room(reason: BatteryLeavesRoom, f: Formatter) -> str:
    during, sun_from = reason.during, reason.sun_from
    stores = _clause(during, "slaat", f)
    if reason.nearly_full:
        return f"{stores} niets meer op: ze is bijna vol"
    if reason.earns_eur_per_kwh is not None and reason.later_earns_eur_per_kwh is not None and sun_from is not None:
        later = "daarna" if sun_from == during.end else f"vanaf {f.begin(sun_from)}"
        earns = (
            f"tot dan {f.price(reason.earns_eur_per_kwh)} op, {later} maar {f.price(reason.later_earns_eur_per_kwh)}"
        )
        return f"{stores} nog geen zonnestroom op: terugleveren levert {earns}"
    if reason.earns_eur_per_kwh is not None and reason.worth_eur_per_kwh is not None:
        worth = f"opgeslagen is een kWh {f.price(reason.worth_eur_per_kwh)} waard"
        return f"{stores} geen zonnestroom op: terugleveren levert {f.price(reason.earns_eur_per_kwh)} op, {worth}"
    at = sun_from or reason.grid_from
    if at is None:
        return f"{stores} geen zonnestroom op"
    then = "daarna" if at == during.end else f"vanaf {f.begin(at)}"
    what = "zonnestroom op te slaan" if sun_from else "van het net te laden"
    lost = " die anders verloren gaat" if reason.else_lost else ""
    return f"{_clause(during, 'houdt', f)} ruimte vrij om {then} {what}{lost}"


def _down_to(soc_pct: float | None, f: Formatter) -> str:
    return "leeg" if not soc_pct else f"op {f.percent(soc_pct)} na leeg"


def _mix(mix: EnergyMix, f: Formatter) -> str:
    price = "" if mix.eur_per_kwh is None else f.price(mix.eur_per_kwh)
    if mix.several:
        about = "zo'n " if mix.foreseen or mix.average else ""
        sources = [name for name, there in (("zon", mix.sun), ("batterij", mix.battery)) if there]
        return f"uit {f.listed([*sources, *([f'net ({about}{price})'] if price else [])])}"
    if price:
        return f"tegen {'gemiddeld ' if mix.average else ''}{"zo'n " if mix.foreseen else ''}{price}"
    return "met zonnestroom" if mix.sun else "uit de batterij"


def _goal(goal: ChargeGoal | None, f: Formatter) -> str:
    if goal is None:
        return ""
    if goal.due is not None:
        return f": {f.percent(goal.soc_pct)} was om {f.moment(goal.due)} gewenst"
    if goal.soonest:
        return f", voor minstens {f.percent(goal.soc_pct)} volgens evcc"
    if goal.missed:
        return f", maar haalt {f.percent(goal.soc_pct)} niet voor {f.moment(goal.by)}"
    return f", om uiterlijk {f.moment(goal.by)} {f.percent(goal.soc_pct)} te halen"


def _more(worth: WorthInCar | None, f: Formatter) -> str:
    if worth is None:
        return ""
    return f": {_not_worth_it(worth, f)}"


def _not_worth_it(worth: WorthInCar, f: Formatter) -> str:
    costs = f"een kWh kost minstens {f.price(worth.eur_per_kwh)}"
    if worth.worth_eur_per_kwh is None:
        return f"er is geen verder doel, en {costs}"
    return f"{costs} en is in de auto maar {f.price(worth.worth_eur_per_kwh)} waard"


def _device(device: DeviceNow, f: Formatter) -> str:
    one, several = _NOW[device.does]
    return (several if len(device.who) > 1 else one).format(who=f.listed(device.who))


def _limit(binding: PowerLimited, f: Formatter) -> str:
    kw, at_times = f.power(binding.kw), " soms" if binding.at_times else ""
    match binding.limit:
        case Limit.IMPORT:
            who, verb, what = "de aansluiting", "levert", f"hoogstens {kw}"
        case Limit.PEAK:
            who, verb, what = "meer vermogen", "zou", f"de afnamepiek van {kw} verhogen"
        case Limit.EXPORT:
            who, verb, what = "er", "mag", f"{f'hoogstens {kw}' if binding.kw else 'niets'} worden teruggeleverd"
        case Limit.BATTERY_CHARGE:
            who, verb, what = "de batterij", "neemt", f"hoogstens {kw} op"
        case Limit.BATTERY_DISCHARGE:
            who, verb, what = "de batterij", "levert", f"hoogstens {kw}"
        case Limit.CHARGER:
            who, verb, what = "de laadpaal", "levert", f"hoogstens {kw}"
        case Limit.CHARGER_LEAST:
            who, verb, what = "de laadpaal", "levert", f"minstens {kw}"
        case Limit.CAR:
            who, verb, what = binding.who or "", "neemt", f"hoogstens {kw} op"
        case Limit.DEVICE:
            device = binding.who or "de batterij"
            who, verb, what = "de netbeheerder", "staat", f"{device} hoogstens {kw} van het net toe"
    if binding.start is not None and binding.end is not None:
        return f"Van {f.span(binding.start, binding.end)} {verb} {who}{at_times} {what}"
    told = f"{who} {verb} {what}"
    return told if binding.limit is Limit.CAR else f"{told[0].upper()}{told[1:]}"
