"""What a car does in a segment, why, and what it could do instead."""

from collections.abc import Sequence
from datetime import timedelta
from math import inf

from tariff_planner.domain.explain.energy_sources import MOSTLY, energy_mix, sources
from tariff_planner.domain.explain.segments import NONE, NOTHING_KWH, Case, Segment, SegmentReason
from tariff_planner.domain.milp.vehicle import fastest_kw
from tariff_planner.domain.milp.whatif import SLACK_KWH, SOME_KWH, Forced, Range
from tariff_planner.domain.problem.solution import Requirement
from tariff_planner.domain.problem.storage import Car, EnergyGoal
from tariff_planner.domain.wording.alternatives import Alternative, Instead
from tariff_planner.domain.wording.parts import ChargeGoal, WorthInCar
from tariff_planner.domain.wording.vehicle import (
    CarAway,
    CarCharges,
    CarFull,
    CarHasGoal,
    CarNotCharged,
    CarReason,
    CarWaits,
)

_NEARLY = 0.01
"""A car with less room than this share of its capacity is full."""
PAUSE = timedelta(hours=2)
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
    goal = _goal(case, segment, car)
    reason = CarCharges(
        case.stretch(segment),
        car.called,
        sum(charge[t] for t in here),
        energy_mix(case, car, here),
        goal,
        None if goal else _worth(case, car, here),
    )
    forced = Forced(car.name, dict.fromkeys(segment.slots, NONE))
    if segment.first == 0 and segment.end < len(case.problem.steps):
        return SegmentReason(reason, Alternative(Instead.WAITING, until=case.at(segment.end)), forced)
    otherwise = Alternative(Instead.NOT_CHARGING, case.begins(segment))
    # Where the goal is kept all the same, what is not charged here is charged in other hours.
    if_priced = Instead.OTHER_HOURS if goal else None
    return SegmentReason(reason, otherwise, forced, if_same=Instead.OTHER_HOURS, if_priced=if_priced)


def _waiting(case: Case, segment: Segment, car: Car) -> SegmentReason:
    soon = _soon(case, segment, car)
    during, goal = case.stretch(segment), _goal(case, segment, car)
    mix = energy_mix(case, car, soon) if soon else None
    start = case.at(segment.first)
    away = next((trip for trip in car.trips if trip.leave <= start < trip.back), None)
    if away is not None:
        charges_from = case.at(soon[0]) if soon else None
        return SegmentReason(CarAway(during, car.called, away.back, charges_from, mix, goal if soon else None))
    forced = _at_once(case, segment, car, soon)
    now_kwh = sum(low for low, _ in forced.charge.values()) if forced is not None and not soon else None
    otherwise = Alternative(Instead.CHARGING, case.begins(segment), kwh=now_kwh)
    if mix is None:
        return SegmentReason(_no_more(case, segment, car), otherwise, forced)
    return SegmentReason(CarWaits(during, car.called, case.at(soon[0]), mix, goal), otherwise, forced)


def _soon(case: Case, segment: Segment, car: Car) -> list[int]:
    """The steps in which it is charged next: until its goal's time, without one until it pauses for long."""
    charge, steps = case.solution.cars[car.name].charge_kwh, case.problem.steps
    goal = next_goal(case, segment, car)
    soon: list[int] = []
    for t in range(segment.first, len(steps)):
        if not case.flows(charge[t], t):
            continue
        pause = steps[t].start - steps[soon[-1]].end if soon else timedelta(0)
        if soon and (steps[t].start >= goal.by if goal else pause > PAUSE):
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


def _no_more(case: Case, segment: Segment, car: Car) -> CarReason:
    during, stored = case.stretch(segment), case.stored_kwh(car.name, segment.first)
    if _full(car, stored):
        limited = car.ceiling_kwh < car.capacity_kwh - _NEARLY * car.capacity_kwh
        return CarFull(during, car.called, car.ceiling_kwh / car.capacity_kwh * 100 if limited else None)
    goal = _goal(case, segment, car)
    if goal is not None and not goal.soonest:
        return CarNotCharged(during, car.called, goal=goal)
    worth = _not_worth_it(case, segment, car)
    kept = None if goal else _kept(case, segment, car)
    if kept is not None:
        return CarHasGoal(during, car.called, kept.energy_kwh / car.capacity_kwh * 100, worth)
    return CarNotCharged(during, car.called, worth=worth)


def _kept(case: Case, segment: Segment, car: Car) -> EnergyGoal | None:
    """The goal that the car has what it needs for: the fullest of those ahead, else the last; None where it has less.

    What it should have at once counts where nobody wants anything else of it.
    """
    goals = [goal for goal in car.goals if not goal.soonest] or car.goals
    ahead = [goal for goal in goals if goal.by > case.at(segment.first)]
    by_weight = sorted(ahead, key=lambda g: g.energy_kwh) or sorted(goals, key=lambda g: (g.by, g.energy_kwh))
    stored = case.stored_kwh(car.name, segment.first)
    return next((goal for goal in by_weight[-1:] if stored >= goal.energy_kwh - SOME_KWH), None)


def _not_worth_it(case: Case, segment: Segment, car: Car) -> WorthInCar | None:
    """That energy costs more in any hour than it is worth in the car; None where that is not so."""
    steps = case.problem.steps
    costs = {t: min(case.what_if.home(t), steps[t].import_eur_per_kwh) for t in range(segment.first, len(steps))}
    t = min(costs, key=costs.__getitem__)
    price, worth = costs[t], case.what_if.stored(car.name, t) * car.charge_efficiency
    # With a goal ahead the last kWh is worth more than the next one.
    ahead = any(g.by > steps[segment.first].start for g in car.goals)
    if ahead or worth < 0 or not case.above(price, worth):
        return None
    return WorthInCar(price, worth if worth > case.same_per_kwh else None)


def next_goal(case: Case, segment: Segment, car: Car) -> EnergyGoal | None:
    """The goal that is still ahead when the segment starts."""
    start, stored = case.problem.steps[segment.first].start, case.stored_kwh(car.name, segment.first)
    ahead = [g for g in car.goals if g.by > start and stored < g.energy_kwh - SOME_KWH]
    return min(ahead, key=lambda g: g.by, default=None)


def _goal(case: Case, segment: Segment, car: Car) -> ChargeGoal | None:
    goal = next_goal(case, segment, car)
    if goal is None:
        return None
    missed = any(
        m.requirement is Requirement.GOAL and m.device == car.name and m.lacks(goal) for m in case.solution.unmet
    )
    soc_pct = goal.energy_kwh / car.capacity_kwh * 100
    return ChargeGoal(soc_pct, goal.by, due=goal.due, missed=missed, soonest=goal.soonest)


def _worth(case: Case, car: Car, here: Sequence[int]) -> float | None:
    """What a kWh from the wall is worth in the car, where that is why it is bought."""
    charge = case.solution.cars[car.name].charge_kwh
    bought = [sources(case, car, t).bought for t in here]
    if sum(bought) < MOSTLY * sum(charge[t] for t in here):
        return None
    worth = sum(case.what_if.stored(car.name, t) * b for t, b in zip(here, bought, strict=True)) / sum(bought)
    return case.worth_more(worth * car.charge_efficiency, case.buys_at(here, bought))
