"""What a car does in a segment, why, and what it could do instead."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import inf

from ems.contract.control import LoadpointAction
from ems.contract.message import Text
from ems.contract.site import LoadpointMode
from tariff_planner.domain.explain.energy_sources import MOSTLY, charged_from, sources
from tariff_planner.domain.explain.phrases import (
    NOTHING,
    kwh,
    pct,
    say,
)
from tariff_planner.domain.explain.segments import (
    NONE,
    NOTHING_KWH,
    OTHER_HOURS,
    Case,
    Segment,
    SegmentReason,
)
from tariff_planner.domain.milp.vehicle import fastest_kw
from tariff_planner.domain.milp.whatif import (
    SLACK_KWH,
    SOME_KWH,
    Forced,
    Range,
)
from tariff_planner.domain.problem.solution import Requirement
from tariff_planner.domain.problem.storage import Car, EnergyGoal

_NEARLY = 0.01
"""A car with less room than this share of its capacity is full."""
_PAUSE = timedelta(hours=2)
"""Charging that goes on after a longer pause is another matter."""


def car_reason(case: Case, segment: Segment, car: Car) -> SegmentReason:
    """Why a car charges at the segment's start, or waits."""
    charge = case.solution.cars[car.name].charge_kwh
    here = [t for t in segment.slots if case.flows(charge[t], t)]
    if here and (here[0] == segment.first or segment.mixed):
        return _charging(case, segment, car, here)
    return _waiting(case, segment, car)


def most_kwh(case: Case, car: Car, t: int, stored_kwh: float) -> float:
    """The most that a car takes in step ``t`` when it holds ``stored_kwh`` at its start; not beyond its ceiling."""
    step = case.problem.steps[t]
    most = most_kw(case, car, stored_kwh) * step.hours * car.at_home(step)
    return min(most, max(0.0, car.ceiling_kwh - stored_kwh) / car.charge_efficiency)


def most_kw(case: Case, car: Car, stored_kwh: float) -> float:
    """What a car takes at most when it holds so much: less above its taper, but never less than the charger's least."""
    loadpoint = case.problem.loadpoint(car.loadpoint)
    fastest = fastest_kw(car, loadpoint)
    if car.taper_from_kwh is None or car.taper_from_kwh >= car.capacity_kwh or fastest <= 0:
        return fastest
    above = (stored_kwh - car.taper_from_kwh) / (car.capacity_kwh - car.taper_from_kwh)
    least = max(car.taper_to, min(loadpoint.min_kw, fastest) / fastest)
    return fastest * min(1.0, 1 - (1 - least) * above)


def _charging(case: Case, segment: Segment, car: Car, here: Sequence[int]) -> SegmentReason:
    charge = case.solution.cars[car.name].charge_kwh
    now = say(" now", " jetzt") if segment.first == 0 else NOTHING
    does = say("charges{now}", "lädt{now}", now=now)
    if _is(segment, LoadpointMode.MINPV):
        does = say("charges slowly{now}", "lädt{now} langsam", now=now)
    how = charged_from(case, car, here)
    why = _goal(case, segment, car) if next_goal(case, segment, car) else _worth(case, car, here)
    text = say(
        "{clause}: {kwh} {how}{why}.",
        "{clause}: {kwh} {how}{why}.",
        clause=case.clause(segment, say(car.called, car.called), does),
        kwh=kwh(sum(charge[t] for t in here)),
        how=how,
        why=why,
    )
    otherwise = say("Not charging then", "Dann nicht zu laden")
    if segment.first == 0:
        otherwise = say("Not charging now", "Jetzt nicht zu laden")
        if segment.end < len(case.problem.steps):
            otherwise = say("Waiting until {end}", "Bis {end} zu warten", end=case.until(segment.end))
    forced = Forced(car.name, dict.fromkeys(segment.slots, NONE))
    waits = segment.first == 0 and segment.end < len(case.problem.steps)
    return SegmentReason(text, otherwise, forced, None if waits else OTHER_HOURS)


def _waiting(case: Case, segment: Segment, car: Car) -> SegmentReason:
    soon = _soon(case, segment, car)
    forced = _at_once(case, segment, car, soon)
    away = next((trip for trip in car.trips if trip.leave <= case.problem.steps[segment.first].start < trip.back), None)
    if away is not None:
        return _away(case, segment, car, soon, away.back)
    extra = NOTHING
    if forced is not None and not soon:
        extra = say(" {kwh}", " {kwh}", kwh=kwh(sum(low for low, _ in forced.charge.values())))
    otherwise = say("Charging{extra} now", "Jetzt{extra} zu laden", extra=extra)
    if segment.first:
        at = case.at(segment.first)
        otherwise = say("Charging{extra} from {at} on", "Schon ab {at}{extra} zu laden", extra=extra, at=at)
    if not soon:
        return SegmentReason(_no_more(case, segment, car), otherwise, forced)
    does = say("pauses", "pausiert") if _is(segment, LoadpointMode.OFF) else say("waits", "wartet")
    waits = say("{who} {does} until {at}", "{who} {does} bis {at}", who=car.called, does=does, at=case.until(soon[0]))
    if segment.first:
        en, de = "From {span} {who} {does}", "Von {span} {does} {who}"
        waits = say(en, de, who=car.called, does=does, span=case.span(segment.first, soon[0]))
    then = {"how": charged_from(case, car, soon), "why": _goal(case, segment, car)}
    text = say("{waits}: it then charges {how}{why}.", "{waits} und lädt dann {how}{why}.", waits=waits, **then)
    return SegmentReason(text, otherwise, forced)


def _away(case: Case, segment: Segment, car: Car, soon: Sequence[int], back: datetime) -> SegmentReason:
    """Why a car on the road at the segment's start does not charge: nothing else can be done."""
    words: dict[str, Text | str] = {"who": car.called, "back": case.when(back)}
    away = say("{who} is away until {back}", "{who} ist bis {back} unterwegs", **words)
    if segment.first:
        en, de = "From {at} on {who} is away until {back}", "Ab {at} ist {who} bis {back} unterwegs"
        away = say(en, de, at=case.at(segment.first), **words)
    if not soon:
        return SegmentReason(say("{away}.", "{away}.", away=away))
    en, de = "{away}: from {at} on it charges {how}{why}.", "{away} und lädt ab {at} {how}{why}."
    return SegmentReason(
        say(en, de, away=away, at=case.at(soon[0]), how=charged_from(case, car, soon), why=_goal(case, segment, car))
    )


def _soon(case: Case, segment: Segment, car: Car) -> list[int]:
    """The steps in which it is charged next: until its goal's time, without one until it pauses for long."""
    charge, steps = case.solution.cars[car.name].charge_kwh, case.problem.steps
    goal = next_goal(case, segment, car)
    soon: list[int] = []
    for t in range(segment.first, len(steps)):
        if not case.flows(charge[t], t):
            continue
        pause = steps[t].start - steps[soon[-1]].end if soon else timedelta(0)
        if soon and (steps[t].start >= goal.by if goal else pause > _PAUSE):
            break
        soon.append(t)
    return soon


def _at_once(case: Case, segment: Segment, car: Car, soon: Sequence[int]) -> Forced | None:
    """Full power from the segment's start: what is to be charged next, or an hour where nothing is."""
    charge, steps = case.solution.cars[car.name].charge_kwh, case.problem.steps
    left = sum(charge[t] for t in soon) if soon else fastest_kw(car, case.problem.loadpoint(car.loadpoint))
    stored, forced = case.stored_kwh(car.name, segment.first), dict[int, Range]()
    for t in segment.slots:
        takes = min(left, most_kwh(case, car, t, stored))
        if takes <= NOTHING_KWH or _full(car, stored):
            break
        forced[t] = (takes - SLACK_KWH, inf)
        left -= takes
        stored = max(0.0, stored + takes * car.charge_efficiency - car.used_kwh(steps[t]))
    return Forced(car.name, forced, past=case.past(segment, car.name)) if forced else None


def _full(car: Car, stored_kwh: float) -> bool:
    """Whether there is no room that is worth a word."""
    return stored_kwh >= car.ceiling_kwh - _NEARLY * car.capacity_kwh


def _no_more(case: Case, segment: Segment, car: Car) -> Text:
    """Why it is not charged any more."""
    stored = case.stored_kwh(car.name, segment.first)
    holds = pct(stored / car.capacity_kwh)
    if _full(car, stored):
        rest = say(" as full as it may be: {pct}", " so voll, wie er sein darf: {pct}", pct=holds)
        return _from(case, segment, car, say("is", "ist"), rest)
    missed = next_goal(case, segment, car)
    if missed is not None and not missed.soonest:
        rest = say(" not charged{goal}", " nicht geladen{goal}", goal=_goal(case, segment, car))
        return _from(case, segment, car, say("is", "wird"), rest)
    if car.goals and stored >= min(g.energy_kwh for g in car.goals) - SOME_KWH:
        why = _not_even_sun() if _is(segment, LoadpointMode.OFF) else _too_dear(case, segment, car)
        rest = say(" its {pct}{why}", " seine {pct}{why}", pct=holds, why=why)
        return _from(case, segment, car, say("has", "hat"), rest)
    why = _not_even_sun() if _is(segment, LoadpointMode.OFF) else _too_dear(case, segment, car)
    rest = say(" not charged{why}", " nicht geladen{why}", why=why)
    return _from(case, segment, car, say("is", "wird"), rest)


def _is(segment: Segment, mode: LoadpointMode) -> bool:
    """Whether a loadpoint is told that: who is told something else is said to do something else."""
    return isinstance(segment.action, LoadpointAction) and segment.action.mode is mode


def _not_even_sun() -> Text:
    return say(", not even from the sun", ", auch nicht mit Sonne")


def _from(case: Case, segment: Segment, car: Car, does: Text, rest: Text) -> Text:
    if segment.first == 0:
        return say("{who} {does}{rest}.", "{who} {does}{rest}.", who=car.called, does=does, rest=rest)
    en, de = "From {at} on {who} {does}{rest}.", "Ab {at} {does} {who}{rest}."
    return say(en, de, who=car.called, does=does, rest=rest, at=case.at(segment.first))


def _too_dear(case: Case, segment: Segment, car: Car) -> Text:
    """That energy costs more in any hour than it is worth in the car; nothing where that is not so."""
    steps = case.problem.steps

    def costs(t: int) -> float:
        return min(case.what_if.home(t), steps[t].import_eur_per_kwh)

    t = min(range(segment.first, len(steps)), key=costs)
    price, worth = costs(t), case.what_if.stored(car.name, t) * car.charge_efficiency
    # With a goal ahead the last kWh is worth more than the next one.
    ahead = any(g.by > steps[segment.first].start for g in car.goals)
    if ahead or not 0 <= worth < price - case.same_per_kwh or not case.differ(worth, price):
        return NOTHING
    en = ": a kWh costs {price} at least and is worth {worth} in the car"
    de = ": eine kWh kostet mindestens {price} und ist im Auto {worth} wert"
    return say(en, de, price=case.price(price), worth=case.price(worth))


def next_goal(case: Case, segment: Segment, car: Car) -> EnergyGoal | None:
    """The goal that is still ahead when the segment starts."""
    start, stored = case.problem.steps[segment.first].start, case.stored_kwh(car.name, segment.first)
    ahead = [g for g in car.goals if g.by > start and stored < g.energy_kwh - SOME_KWH]
    return min(ahead, key=lambda g: g.by, default=None)


def _goal(case: Case, segment: Segment, car: Car) -> Text:
    goal = next_goal(case, segment, car)
    if goal is None:
        return NOTHING
    words = {"pct": pct(goal.energy_kwh / car.capacity_kwh), "at": case.when(goal.by)}
    if goal.due is not None:
        return say(", late, up to {pct}", ", verspätet, bis {pct}", **words)
    if goal.soonest:
        return say(", at least {pct} as evcc has it", ", mindestens {pct}, wie in evcc gesetzt", **words)
    missed = any(
        m.requirement is Requirement.GOAL and m.device == car.name and m.by == goal.by for m in case.solution.unmet
    )
    if missed and segment.first == 0:
        return NOTHING  # missed_goals.py says more
    if missed:
        return say(", {pct} by {at} is out of reach", ", {pct} bis {at} sind nicht zu erreichen", **words)
    return say(", to have {pct} by {at}", ", um bis {at} {pct} zu haben", **words)


def _worth(case: Case, car: Car, here: Sequence[int]) -> Text:
    """What a kWh from the wall is worth in the car, where that is why it is bought."""
    charge = case.solution.cars[car.name].charge_kwh
    bought = [sources(case, car, t).bought for t in here]
    if sum(bought) < MOSTLY * sum(charge[t] for t in here):
        return NOTHING
    worth = sum(case.what_if.stored(car.name, t) * b for t, b in zip(here, bought, strict=True)) / sum(bought)
    told = case.worth_more(worth * car.charge_efficiency, case.buys_at(here, bought))
    return say(", a kWh is worth {ct} in the car", ", eine kWh ist im Auto {ct} wert", ct=told) if told else NOTHING
