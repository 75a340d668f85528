"""What a battery does in a segment, why, and what it could do instead."""

from collections.abc import Sequence
from math import inf

from ems.contract.control import BatteryAction
from ems.contract.message import Text
from ems.contract.site import BatteryMode
from tariff_planner.domain.actions.evcc_modes import into_cars
from tariff_planner.domain.explain.phrases import (
    BATTERY,
    NOTHING,
    joined,
    kwh,
    pct,
    say,
    sentence,
)
from tariff_planner.domain.explain.segments import (
    NONE,
    NOTHING_KWH,
    OTHER_HOURS,
    Case,
    Segment,
    SegmentReason,
)
from tariff_planner.domain.milp.whatif import (
    SLACK_KWH,
    SOME_KWH,
    Forced,
    Range,
)
from tariff_planner.domain.problem.storage import Battery


def battery_reason(case: Case, segment: Segment, battery: Battery) -> SegmentReason:
    """By the mode that it is in."""
    mode = segment.action.mode if isinstance(segment.action, BatteryAction) else BatteryMode.NORMAL
    match mode:
        case BatteryMode.CHARGE:
            return _charges(case, segment, battery)
        case BatteryMode.HOLD:
            return _holds(case, segment, battery)
        case BatteryMode.HOLDCHARGE:
            return _leaves_room(case, segment, battery)
        case BatteryMode.NORMAL:
            return _follows(case, segment, battery)


def worth_at_home(case: Case, battery: Battery, t: int) -> float:
    """From which price on it pays to give a kWh, at the end of step ``t``."""
    return case.what_if.stored(battery.name, t) / battery.discharge_efficiency + battery.wear_eur_per_kwh


def worth_at_wall(case: Case, battery: Battery, t: int) -> float:
    """Up to which price it pays to charge a kWh in step ``t``."""
    return case.what_if.stored(battery.name, t) * battery.charge_efficiency


def _charges(case: Case, segment: Segment, battery: Battery) -> SegmentReason:
    charge = case.solution.batteries[battery.name].charge_kwh
    sun = {t: max(0.0, -case.need_kwh(t)) for t in segment.slots}
    bought = [max(0.0, charge[t] - sun[t]) for t in segment.slots]
    price = case.buys_at(segment.slots, bought) if sum(bought) > NOTHING_KWH else 0.0
    text = say(
        "{clause}: {kwh} from the grid at {ct}{why}.",
        "{clause}: {kwh} aus dem Netz für {ct}{why}.",
        clause=sentence(case.clause(segment, BATTERY, say("charges", "lädt"))),
        kwh=kwh(sum(bought)),
        ct=case.price(price),
        why=_why_charge(case, segment, battery, bought),
    )
    otherwise = say("Not charging from the grid {now}", "{now} nicht aus dem Netz zu laden", now=_then(segment))
    forced = Forced(battery.name, {t: (0.0, sun[t]) for t in segment.slots})
    return SegmentReason(text, sentence(otherwise), forced, OTHER_HOURS)


def _why_charge(case: Case, segment: Segment, battery: Battery, bought: Sequence[float]) -> Text:
    """What the energy replaces later, or what it is still worth at the end: each only where that is more."""
    discharge = case.solution.batteries[battery.name].discharge_kwh
    price = case.buys_at(segment.slots, bought) if sum(bought) else 0.0
    left, later = sum(bought), dict[int, float]()
    for t in range(segment.end, len(discharge)):
        later[t] = min(left, discharge[t])
        left -= later[t]
    if sum(later.values()) > NOTHING_KWH:
        replaced = case.buys_at(list(later), list(later.values()))
        if replaced < price + case.same_per_kwh or not case.differ(replaced, price):
            return NOTHING
        en, de = ", which later replace energy at {ct}", ", die später Strom für {ct} ersetzen"
        return say(en, de, ct=case.price(replaced))
    worth = case.worth_more(worth_at_wall(case, battery, segment.end - 1), price)
    return say(", a kWh is worth {ct} in it", ", eine kWh ist in ihr {ct} wert", ct=worth) if worth else NOTHING


def _holds(case: Case, segment: Segment, battery: Battery) -> SegmentReason:
    needs = [max(0.0, case.need_kwh(t)) for t in segment.slots]
    price = case.buys_at(segment.slots, needs) if sum(needs) else 0.0
    text = say(
        "{clause}{why}.",
        "{clause}{why}.",
        clause=sentence(case.clause(segment, BATTERY, say("keeps", "behält"), say(" its energy", " ihre Energie"))),
        why=_why_hold(case, segment, battery, price),
    )
    past = case.past(segment, battery.name)
    left, forced = case.stored_kwh(battery.name, segment.first), dict[int, Range]()
    charge = case.solution.batteries[battery.name].charge_kwh
    for t, need in zip(segment.slots, needs, strict=True):
        most = battery.discharge_kw * case.problem.steps[t].hours
        gives = min(need, most, max(0.0, left - battery.floor_kwh) * battery.discharge_efficiency)
        if gives > NOTHING_KWH:
            forced[t] = (gives - SLACK_KWH, inf)
        left += charge[t] * battery.charge_efficiency - gives / battery.discharge_efficiency
    use = say("Using it {now}", "Sie {now} zu nutzen", now=_then(segment))
    return SegmentReason(text, use, Forced(battery.name, dict.fromkeys(forced, NONE), forced, past) if forced else None)


def _why_hold(case: Case, segment: Segment, battery: Battery, price: float) -> Text:
    """A more expensive hour that it is used in, or what the energy is worth, which is more than what a kWh costs."""
    if not battery.feeds_cars and all(into_cars(case.problem, case.solution, t) for t in segment.slots):
        return say(": it is not to feed cars", ": sie soll keine Autos laden")
    discharge, steps = case.solution.batteries[battery.name].discharge_kwh, case.problem.steps
    later = next((t for t in range(segment.end, len(steps)) if case.flows(discharge[t], t)), None)
    words = {"price": case.price(price)}
    dearer = later is not None and steps[later].import_eur_per_kwh > price + case.same_per_kwh
    if later is not None and dearer and case.differ(steps[later].import_eur_per_kwh, price):
        then = say("then", "danach") if later == segment.end else say("from {at} on", "ab {at}", at=case.at(later))
        words |= {"dear": case.price(steps[later].import_eur_per_kwh), "then": then}
        return say(
            ", {then} a kWh costs {dear} instead of {price}",
            ", {then} kostet eine kWh {dear} statt {price}",
            **words,
        )
    worth = case.worth_more(worth_at_home(case, battery, segment.end - 1), price)
    if worth is None:
        return NOTHING
    return say(
        ", a kWh in it is worth {worth} and costs {price} from the grid",
        ", eine kWh ist in ihr {worth} wert und kostet aus dem Netz {price}",
        worth=worth,
        **words,
    )


def _leaves_room(case: Case, segment: Segment, battery: Battery) -> SegmentReason:
    steps = case.problem.steps
    clause = sentence(case.clause(segment, BATTERY, say("leaves", "lässt"), say(" room", " Platz")))
    why = _why_room(case, segment, battery)
    past = case.past(segment, battery.name)
    stored, forced = case.stored_kwh(battery.name, segment.first), dict[int, Range]()
    for t in segment.slots:
        room = max(0.0, battery.ceiling_kwh - stored) / battery.charge_efficiency
        takes = min(max(0.0, -case.need_kwh(t)), battery.charge_kw * steps[t].hours, room)
        if takes > NOTHING_KWH:
            forced[t] = (takes - SLACK_KWH, inf)
        stored += takes * battery.charge_efficiency
    otherwise = say("Storing the sun {now}", "Die Sonne {now} zu speichern", now=_then(segment))
    least = Forced(battery.name, forced, dict.fromkeys(forced, NONE), past) if forced else None
    return SegmentReason(say("{clause}{why}.", "{clause}{why}.", clause=clause, why=why), otherwise, least)


def _why_room(case: Case, segment: Segment, battery: Battery) -> Text:
    """What it is charged from later, or that feeding in earns more, or that hardly any room is left."""
    charge, steps = case.solution.batteries[battery.name].charge_kwh, case.problem.steps
    later = next((t for t in range(segment.end, len(steps)) if case.flows(charge[t], t)), None)
    if later is not None:
        sun = charge[later] <= max(0.0, -case.need_kwh(later)) + NOTHING_KWH
        how = say("the sun", "die Sonne") if sun else say("energy from the grid", "Strom aus dem Netz")
        return say(" for {how} from {at} on", " für {how} ab {at}", how=how, at=case.at(later))
    if case.stored_kwh(battery.name, segment.end) >= battery.ceiling_kwh - SOME_KWH:
        return say(", it is nearly full", ", sie ist fast voll")
    earns = min(steps[t].export_eur_per_kwh for t in segment.slots)
    worth = max(worth_at_wall(case, battery, t) for t in segment.slots)
    if not 0 <= worth < earns - case.same_per_kwh or not case.differ(worth, earns):
        return NOTHING
    en = ", feeding in earns {earns} and a kWh is worth {worth} in it"
    de = ", Einspeisen bringt {earns}, und eine kWh ist in ihr {worth} wert"
    return say(en, de, earns=case.price(earns), worth=case.price(worth))


def _follows(case: Case, segment: Segment, battery: Battery) -> SegmentReason:
    plan = case.solution.batteries[battery.name]
    gives, takes = [plan.discharge_kwh[t] for t in segment.slots], sum(plan.charge_kwh[t] for t in segment.slots)
    clause = sentence(case.clause(segment, BATTERY, say("follows", "folgt"), say(" the house", " dem Haus")))
    does = []
    if takes > SOME_KWH:
        does.append(say("stores {kwh} of sun", "speichert {kwh} Sonne", kwh=kwh(takes)))
    if sum(gives) > SOME_KWH:
        en = "gives {kwh} that from the grid would cost {ct} each"
        de = "gibt {kwh}, die aus dem Netz je {ct} kosten würden"
        does.append(say(en, de, kwh=kwh(sum(gives)), ct=case.price(case.buys_at(segment.slots, gives))))
    if not does:
        return _idles(case, segment, battery, clause)
    text = say("{clause}: it {does}.", "{clause}: sie {does}.", clause=clause, does=joined(does, say(" and ", " und ")))
    past, none = case.past(segment, battery.name), dict.fromkeys(segment.slots, NONE)
    if sum(gives) > SOME_KWH:
        most = {t: (0.0, max(plan.charge_kwh[t], -case.need_kwh(t), 0.0)) for t in segment.slots}
        keep = say("Keeping its energy {now}", "Die Energie {now} zu behalten", now=_then(segment))
        return SegmentReason(text, keep, Forced(battery.name, most, none, past))
    return SegmentReason(
        text, say("Feeding that sun in", "Diese Sonne einzuspeisen"), Forced(battery.name, none, past=past)
    )


def _idles(case: Case, segment: Segment, battery: Battery, clause: Text) -> SegmentReason:
    """Nothing flows; where the grid may charge it, that is what else could be done in the first hour."""
    stored, steps = case.stored_kwh(battery.name, segment.first), case.problem.steps
    why = NOTHING
    if stored <= battery.floor_kwh + SOME_KWH:
        why = say(", it is down to {pct}", ", sie ist leer bis auf {pct}", pct=pct(stored / battery.capacity_kwh))
    elif stored >= battery.ceiling_kwh - SOME_KWH:
        why = say(", it is full", ", sie ist voll")
    text = say("{clause}{why}.", "{clause}{why}.", clause=clause, why=why)
    room, forced, hours = max(0.0, battery.ceiling_kwh - stored) / battery.charge_efficiency, dict[int, Range](), 0.0
    for t in segment.slots if battery.can_charge_from_grid else ():
        takes = min(battery.charge_kw * min(steps[t].hours, 1 - hours), room)
        if takes <= NOTHING_KWH:
            break
        forced[t] = (takes - SLACK_KWH, inf)
        room, hours = room - takes, hours + steps[t].hours
    if not forced:
        return SegmentReason(text)
    words = {"now": _then(segment), "kwh": kwh(sum(low for low, _ in forced.values()))}
    otherwise = say("Charging {kwh} from the grid {now}", "{now} {kwh} aus dem Netz zu laden", **words)
    past = case.past(segment, battery.name)
    return SegmentReason(text, sentence(otherwise), Forced(battery.name, forced, dict.fromkeys(forced, NONE), past))


def _then(segment: Segment) -> Text:
    return say("then", "dann") if segment.first else say("now", "jetzt")
