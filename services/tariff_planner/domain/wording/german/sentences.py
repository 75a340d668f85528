"""German sentences."""

from collections.abc import Sequence

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
from tariff_planner.domain.wording.german.alternatives import alternative
from tariff_planner.domain.wording.german.problems import problem
from tariff_planner.domain.wording.german.wishes import wish
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
    BatteryNow.SUPPLIES: ("versorgt", "", "die Batterie", " das Haus"),
    BatteryNow.STORES: ("speichert", "", "die Batterie", " überschüssige Sonne"),
    BatteryNow.IDLE: ("ruht", "", "die Batterie", ""),
    BatteryNow.KEEPS: ("behält", "", "die Batterie", " ihre Energie für teurere Stunden"),
    BatteryNow.CHARGES: ("lädt", "", "die Batterie", " aus dem Netz"),
    BatteryNow.HELD: ("gibt", "", "die Batterie", " nichts ab"),
    BatteryNow.LEAVES_ROOM: ("lässt", "", "die Batterie", " Platz für später"),
    BatteryNow.FOLLOWS: ("folgt", "", "die Batterie", " dem Haus"),
    CarNow.WAITS: ("wartet", "warten", "{who}", ""),
    CarNow.SUN: ("lädt", "laden", "{who}", " mit überschüssiger Sonne"),
    CarNow.SLOWLY: ("lädt", "laden", "{who}", " langsam"),
    CarNow.CHARGES: ("lädt", "laden", "{who}", ""),
}
_MODES = {
    BatteryMode.NORMAL: ("folgt", " dem Haus"),
    BatteryMode.HOLD: ("behält", " ihre Energie"),
    BatteryMode.CHARGE: ("lädt", " aus dem Netz"),
    BatteryMode.HOLDCHARGE: ("lässt", " Platz für später"),
    LoadpointMode.OFF: ("wird", " nicht geladen"),
    LoadpointMode.PV: ("lädt", " nur mit überschüssiger Sonne"),
    LoadpointMode.MINPV: ("lädt", " langsam, mit mehr Sonne schneller"),
    LoadpointMode.NOW: ("lädt", " mit voller Leistung"),
}


def sentence(reason: AnyReason, f: Formatter) -> str:
    """What ``reason`` says, as a whole sentence."""
    match reason:
        case BatteryCharges(during, kwh, eur, later, worth):
            much = "" if kwh is None else f" {f.energy(kwh)}"
            cost = "" if eur is None else f" zu {f.price(eur)}"
            why = ""
            if later is not None:
                why = f", für spätere Stunden zu {f.price(later)}"
            elif worth is not None:
                why = f"; gespeichert ist eine kWh {f.price(worth)} wert"
            return f"{_clause(during, 'lädt', f)}{much} aus dem Netz{cost}{why}."
        case BatteryHolds(during, eur, later, at, worth):
            why = ""
            if later is not None and at is not None:
                then = "Danach" if at == during.end else f"Ab {f.begin(at)}"
                why = f": {then} kostet eine kWh {f.price(later)} statt {f.price(eur)}"
            elif worth is not None:
                why = f": Eine kWh kostet in dieser Zeit {f.price(eur)} und ist später {f.price(worth)} wert"
            return f"{_clause(during, 'behält', f)} ihre Energie{why}."
        case BatteryLeavesRoom():
            return f"{_room(reason, f)}."
        case BatteryFollows(during, stored, given, eur):
            why = "" if eur is None else f"; aus dem Netz kostet eine kWh {f.price(eur)}"
            if given is None:
                return f"{_clause(during, 'speichert', f)} {f.energy(stored or 0)} Sonne{why}."
            gives = f"dem Haus {f.energy(given)}"
            if stored is None:
                return f"{_clause(during, 'liefert', f)} {gives}{why}."
            return f"{_clause(during, 'speichert', f)} {f.energy(stored)} Sonne und liefert {gives}{why}."
        case BatteryIdle(during, empty, full):
            if not full and empty is None:
                return f"{_clause(during, 'hat', f)} fast nichts zu tun."
            return f"{_clause(during, 'ruht', f)}: Sie ist {'voll' if full else _down_to(empty, f)}."
        case BatteryKeepsReserve(during, soc_pct):
            return f"{_clause(during, 'behält', f)} ihre Reserve von {f.percent(soc_pct)}."
        case BatteryNotForCars(during):
            return f"{_clause(during, 'gibt', f)} nichts ab: Sie soll keine Autos laden."
        case BatteryWeighed(during, mode):
            verb, what = _MODES[mode]
            why = "Nichts ist im Schnitt günstiger, was das Haus auch verbraucht"
            return f"{_clause(during, verb, f)}{what}: {why}."
        case BatteryOnWish(during, charges):
            return (
                f"{_clause(during, 'lädt' if charges else 'gibt', f)}{'' if charges else ' nichts ab'}, wie gewünscht."
            )
        case CarCharges(during, who, kwh, mix, goal, worth):
            why = "" if worth is None else f"; im Auto ist eine kWh {f.price(worth)} wert"
            return (
                f"{_clause(during, 'lädt', f, who, ' mit Pausen')} {f.energy(kwh)} {_mix(mix, f)}{_goal(goal, f)}{why}."
            )
        case CarWeighed(during, who, mode, in_time):
            verb, what = _MODES[mode]
            why = "Nichts, was sich schalten lässt, kostet das Haus weniger"
            if in_time:
                why = "Später würde es vielleicht nicht rechtzeitig fertig"
            return f"{_clause(during, verb, f, who)}{what}: {why}."
        case CarWaits(during, who, until, mix, goal):
            waits = f"{who} wartet bis {f.moment(until)}"
            if during.start is not None:
                waits = f"Von {f.span(during.start, until)} wartet {who}"
            return f"{waits}{_and(goal)} lädt dann {_mix(mix, f)}{_goal(goal, f)}."
        case CarAway(during, who, back, at, mix, goal):
            away = f"{who} ist bis {f.moment(back)} weg"
            if during.start is not None:
                away = f"Von {f.span(during.start, back)} ist {who} weg"
            if at is None or mix is None:
                return f"{away}."
            then = "dann" if at == back else f"ab {f.begin(at)}"
            return f"{away}{_and(goal)} lädt {then} {_mix(mix, f)}{_goal(goal, f)}."
        case CarFull(during, who, limit):
            return f"{_from(during, 'ist', who, f)} {'voll' if limit is None else f'am Limit von {f.percent(limit)}'}."
        case CarHasGoal(during, who, soc_pct, worth):
            return f"{_from(during, 'hat', who, f)} die gewünschten {f.percent(soc_pct)}{_more(worth, f)}."
        case CarNotCharged(during, who, goal, worth):
            why = ""
            if goal is not None:
                why = f" und schafft {f.percent(goal.soc_pct)} bis {f.moment(goal.by)} nicht"
            elif worth is not None:
                why = f": {_not_worth_it(worth, f)}"
            return f"{_from(during, 'wird', who, f)} nicht geladen{why}."
        case CarOnWish(during, who, charges):
            return f"{_clause(during, 'lädt', f, who)}{'' if charges else ' nicht'}, wie gewünscht."
        case WishTold():
            return wish(reason, f)
        case Alternative():
            return alternative(reason, f)
        case PowerLimited():
            return f"{_limit(reason, f)}."
        case BoundReached(bound, by, soc_pct, who):
            if who is not None and soc_pct is not None:
                return f"Ab {f.begin(by)} ist {who} am Limit von {f.percent(soc_pct)}."
            state = "voll" if bound is Bound.FULL else _down_to(soc_pct, f)
            return f"Ab {f.begin(by)} ist {who or 'die Batterie'} {state}."
        case LimitBelowGoal(who, soc_pct):
            return f"{who} darf nur bis {f.percent(soc_pct)} geladen werden."
        case GoalRestricted(who, whose, missing):
            whom = "Anschlussgrenze" if whose is Restriction.CONNECTION else "Grenze des Netzbetreibers"
            then = f"würde {who} es schaffen" if missing is None else f"würden nur {f.energy(missing)} fehlen"
            return f"Ohne die {whom} {then}."
        case TimeTooShort(who, kw, ready):
            needs = (
                f"bräuchte {who} mehr als einen weiteren Tag"
                if ready is None
                else f"braucht {who} bis {f.moment(ready)}"
            )
            return f"Auch mit voller Leistung ({f.power(kw)}) {needs}."
        case Summary(devices, until, eur):
            return f"Bis {f.moment(until)} ({f.price(eur)}) {_devices(devices, f)}."
        case NothingPlanned():
            return "Nichts ist geplant."
        case NextPurchase(who, start, end, eur):
            return f"Als Nächstes lädt {who or 'die Batterie'} von {f.span(start, end)} zu {f.price(eur)}."
        case UnusedSun(start, end, kwh):
            return f"Von {f.span(start, end)} können {f.energy(kwh)} Sonne nicht genutzt werden."
        case GoalMissed(who, reaches, wanted, by, kwh):
            got, wished = f.percents(reaches, wanted)
            instead = f" statt {wished}" if wished else ""
            reached = f"{who or 'Die Batterie'} erreicht bis {f.moment(by)} {got}{instead}"
            return f"{reached}: Es fehlen {f.energy(kwh)}."
        case CarLate(who, wanted, due, kwh):
            wished = f"Bis {f.moment(due)} sollten es {f.percent(wanted)} sein"
            return f"{who} ist spät dran: {wished}, es fehlen noch {f.energy(kwh)}."
        case TripShort(who, kwh):
            return f"{who} hat {f.energy(kwh)} zu wenig für die Fahrt."
        case DemandShort(who, kwh):
            return f"{who} bekommt {f.energy(kwh)} weniger als verlangt."
        case BeyondImportLimit(start, kwh):
            return f"Ab {f.begin(start)} braucht das Haus {f.energy(kwh)} mehr, als der Anschluss liefern darf."
        case BeyondExportLimit(start, kwh):
            return f"Ab {f.begin(start)} werden {f.energy(kwh)} mehr eingespeist als erlaubt."
        case SavingsMethod(pct):
            unknown = "Preise innerhalb der Viertelstunde, die kleinste Ladeleistung und abgeregelte Sonne"
            return (
                "Gemessene Viertelstunden zählen zu ihren Preisen, verglichen mit einer Batterie, die nur dem Haus "
                "folgt, und Autos, die die Sonne und dann die günstigsten Stunden derselben Standzeit nehmen. "
                "Was die Batterie mehr enthält, zählt zum mittleren Preis des ganzen Tages. "
                f"{unknown} sind nicht bekannt; die Spanne ist, was {f.percent(pct)} im Wirkungsgrad der Batterie "
                "ausmachen."
            )
    return problem(reason, f)


def _clause(during: Stretch, verb: str, f: Formatter, who: str | None = None, mostly: str = " meist") -> str:
    """When, verb and who; the verb comes second."""
    mostly = mostly if during.mostly else ""
    if during.start is not None and during.end is not None:
        lead = f"Von {f.span(during.start, during.end)}"
    elif during.start is not None:
        lead = f"Ab {f.begin(during.start)}"
    elif during.end is not None:
        lead = f"Bis {f.moment(during.end)}"
    else:
        return f"{who or 'Die Batterie'} {verb}{mostly}"
    return f"{lead} {verb} {who or 'die Batterie'}{mostly}"


def _from(during: Stretch, verb: str, who: str, f: Formatter) -> str:
    """The same for what does not end."""
    return f"{who} {verb}" if during.start is None else f"Ab {f.begin(during.start)} {verb} {who}"


def _room(reason: BatteryLeavesRoom, f: Formatter) -> str:
    during, sun_from = reason.during, reason.sun_from
    stores = _clause(during, "speichert", f)
    if reason.nearly_full:
        return f"{stores} nichts mehr: Sie ist fast voll"
    if reason.earns_eur_per_kwh is not None and reason.later_earns_eur_per_kwh is not None and sun_from is not None:
        later = "danach" if sun_from == during.end else f"ab {f.begin(sun_from)}"
        earns = f"bis dahin {f.price(reason.earns_eur_per_kwh)}, {later} nur {f.price(reason.later_earns_eur_per_kwh)}"
        return f"{stores} noch keine Sonne: Einspeisen bringt {earns}"
    if reason.earns_eur_per_kwh is not None and reason.worth_eur_per_kwh is not None:
        worth = f"gespeichert ist eine kWh {f.price(reason.worth_eur_per_kwh)} wert"
        return f"{stores} keine Sonne: Einspeisen bringt {f.price(reason.earns_eur_per_kwh)}, {worth}"
    at = sun_from or reason.grid_from
    if at is None:
        return f"{stores} keine Sonne"
    then = "danach" if at == during.end else f"ab {f.begin(at)}"
    what = "Sonne zu speichern" if sun_from else "aus dem Netz zu laden"
    lost = ", die sonst verloren ginge" if reason.else_lost else ""
    return f"{_clause(during, 'lässt', f)} Platz, um {then} {what}{lost}"


def _down_to(soc_pct: float | None, f: Formatter) -> str:
    return "leer" if not soc_pct else f"auf {f.percent(soc_pct)} entladen"


def _mix(mix: EnergyMix, f: Formatter) -> str:
    price = "" if mix.eur_per_kwh is None else f.price(mix.eur_per_kwh)
    if mix.several:
        about = "etwa " if mix.foreseen or mix.average else ""
        sources = [name for name, there in (("Sonne", mix.sun), ("Batterie", mix.battery)) if there]
        return f"aus {f.listed([*sources, *([f'Netz ({about}{price})'] if price else [])])}"
    if price:
        return f"zu {'etwa ' if mix.foreseen else ''}{price}{' im Schnitt' if mix.average else ''}"
    return "mit Sonne" if mix.sun else "aus der Batterie"


def _and(goal: ChargeGoal | None) -> str:
    """Before the second of two or of three things that a car does."""
    return "," if goal is not None and goal.missed and goal.due is None else " und"


def _goal(goal: ChargeGoal | None, f: Formatter) -> str:
    if goal is None:
        return ""
    if goal.due is not None:
        return f": {f.percent(goal.soc_pct)} waren bis {f.moment(goal.due)} gewünscht"
    if goal.soonest:
        return f", für mindestens {f.percent(goal.soc_pct)} laut evcc"
    if goal.missed:
        return f", schafft aber {f.percent(goal.soc_pct)} bis {f.moment(goal.by)} nicht"
    return f", um bis {f.moment(goal.by)} {f.percent(goal.soc_pct)} zu erreichen"


def _more(worth: WorthInCar | None, f: Formatter) -> str:
    if worth is None:
        return ""
    return f": {_not_worth_it(worth, f)}"


def _not_worth_it(worth: WorthInCar, f: Formatter) -> str:
    costs = f"kostet mindestens {f.price(worth.eur_per_kwh)}"
    if worth.worth_eur_per_kwh is None:
        return f"Es gibt kein weiteres Ziel, und eine kWh {costs}"
    return f"Eine kWh {costs} und ist im Auto nur {f.price(worth.worth_eur_per_kwh)} wert"


def _devices(devices: Sequence[DeviceNow], f: Formatter) -> str:
    """The first one's verb comes before it, since the sentence has begun with when."""
    if not devices:
        return "ist nichts zu planen"
    told: list[str] = []
    for device in devices:
        one, several, who, what = _NOW[device.does]
        verb, who = several if len(device.who) > 1 else one, who.format(who=f.listed(device.who))
        told.append(f"{who} {verb}{what}" if told else f"{verb} {who}{what}")
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])}, und {told[-1]}"


def _limit(binding: PowerLimited, f: Formatter) -> str:
    kw, at_times = f.power(binding.kw), " zeitweise" if binding.at_times else ""
    match binding.limit:
        case Limit.IMPORT:
            who, verb, what = "der Anschluss", "liefert", f"höchstens {kw}"
        case Limit.PEAK:
            who, verb, what = "mehr Leistung", "würde", f"die Bezugsspitze von {kw} erhöhen"
        case Limit.EXPORT:
            most, verb = (f"höchstens {kw}", "dürfen") if binding.kw else ("nichts", "darf")
            who, what, at_times = f"{at_times[1:]} {most}".strip(), "eingespeist werden", ""
        case Limit.BATTERY_CHARGE:
            who, verb, what = "die Batterie", "nimmt", f"höchstens {kw} auf"
        case Limit.BATTERY_DISCHARGE:
            who, verb, what = "die Batterie", "liefert", f"höchstens {kw}"
        case Limit.CHARGER:
            who, verb, what = "der Ladepunkt", "liefert", f"höchstens {kw}"
        case Limit.CHARGER_LEAST:
            who, verb, what = "der Ladepunkt", "liefert", f"mindestens {kw}"
        case Limit.CAR:
            who, verb, what = binding.who or "", "nimmt", f"höchstens {kw} auf"
        case Limit.DEVICE:
            device = binding.who or "der Batterie"
            who, verb, what = "der Netzbetreiber", "erlaubt", f"{device} höchstens {kw} aus dem Netz"
    if binding.start is not None and binding.end is not None:
        return f"Von {f.span(binding.start, binding.end)} {verb} {who}{at_times} {what}"
    told = f"{who} {verb} {what}"
    return told if binding.limit is Limit.CAR else f"{told[0].upper()}{told[1:]}"
