"""What a battery does in a segment, why, and what it could do instead."""

from math import inf

from ems.contract.control import BatteryAction
from ems.contract.site import BatteryMode
from tariff_planner.domain.actions.evcc_modes import into_cars
from tariff_planner.domain.explain.segments import NONE, NOTHING_KWH, Case, Segment, SegmentReason
from tariff_planner.domain.milp.whatif import SLACK_KWH, SOME_KWH, Forced, Range
from tariff_planner.domain.problem.storage import Battery
from tariff_planner.domain.wording.alternatives import Alternative, Instead
from tariff_planner.domain.wording.battery import (
    BatteryCharges,
    BatteryFollows,
    BatteryHolds,
    BatteryIdle,
    BatteryLeavesRoom,
    BatteryNotForCars,
)


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
    otherwise = Alternative(Instead.NOT_BUYING, case.begins(segment))
    forced = Forced(battery.name, {t: (0.0, sun[t]) for t in segment.slots})
    if sum(bought) <= NOTHING_KWH:
        return SegmentReason(BatteryCharges(case.stretch(segment)), otherwise, forced, if_same=Instead.OTHER_HOURS)
    price = case.buys_at(segment.slots, bought)
    later, worth = _gain(case, segment, battery, sum(bought), price)
    reason = BatteryCharges(case.stretch(segment), sum(bought), price, later, worth)
    return SegmentReason(reason, otherwise, forced, if_same=Instead.OTHER_HOURS)


def _gain(
    case: Case, segment: Segment, battery: Battery, bought_kwh: float, price: float
) -> tuple[float | None, float | None]:
    """What the energy replaces later, or what it is still worth at the end: each only where that is more."""
    discharge = case.solution.batteries[battery.name].discharge_kwh
    left, later = bought_kwh, dict[int, float]()
    for t in range(segment.end, len(discharge)):
        later[t] = min(left, discharge[t])
        left -= later[t]
    used = sum(later.values())
    replaced = case.buys_at(list(later), list(later.values())) if used > NOTHING_KWH else price
    if used >= bought_kwh / 2 and case.above(replaced, price):
        return replaced, None
    if worth := case.worth_more(_worth_left(case, battery) * battery.charge_efficiency, price):
        return None, worth
    return (replaced if case.above(replaced, price) else None), None


def _worth_left(case: Case, battery: Battery) -> float:
    """What the last of the stored kWh is worth at the plan's end."""
    left_kwh = case.solution.batteries[battery.name].energy_kwh[-1]
    tiers = [tier.eur_per_kwh for tier in battery.worth if left_kwh <= tier.upto_kwh + SOME_KWH]
    return next(iter(tiers), 0.0)


def _holds(case: Case, segment: Segment, battery: Battery) -> SegmentReason:
    needs = [max(0.0, case.need_kwh(t)) for t in segment.slots]
    reason = _why_hold(case, segment, battery, case.buys_at(segment.slots, needs if sum(needs) else [1.0] * len(needs)))
    past = case.past(segment, battery.name)
    left, forced = case.stored_kwh(battery.name, segment.first), dict[int, Range]()
    charge = case.solution.batteries[battery.name].charge_kwh
    for t, need in zip(segment.slots, needs, strict=True):
        most = battery.discharge_kw * case.problem.steps[t].hours
        gives = min(need, most, max(0.0, left - battery.floor_kwh) * battery.discharge_efficiency)
        if gives > NOTHING_KWH:
            forced[t] = (gives - SLACK_KWH, inf)
        left += charge[t] * battery.charge_efficiency - gives / battery.discharge_efficiency
    otherwise = Alternative(Instead.USING_STORED, case.begins(segment))
    use = Forced(battery.name, dict.fromkeys(forced, NONE), forced, past) if forced else None
    return SegmentReason(reason, otherwise, use)


def _why_hold(case: Case, segment: Segment, battery: Battery, price: float) -> BatteryHolds | BatteryNotForCars:
    """A more expensive hour that it is used in, or what the energy is worth, which is more than what a kWh costs."""
    if not battery.feeds_cars and all(into_cars(case.problem, case.solution, t) for t in segment.slots):
        return BatteryNotForCars(case.stretch(segment))
    discharge, steps = case.solution.batteries[battery.name].discharge_kwh, case.problem.steps
    later = next((t for t in range(segment.end, len(steps)) if case.flows(discharge[t], t)), None)
    if later is not None and case.above(steps[later].import_eur_per_kwh, price):
        return BatteryHolds(case.stretch(segment), price, steps[later].import_eur_per_kwh, case.at(later))
    worth = case.worth_more(worth_at_home(case, battery, segment.end - 1), price)
    return BatteryHolds(case.stretch(segment), price, worth_eur_per_kwh=worth)


def _leaves_room(case: Case, segment: Segment, battery: Battery) -> SegmentReason:
    steps = case.problem.steps
    past = case.past(segment, battery.name)
    stored, forced = case.stored_kwh(battery.name, segment.first), dict[int, Range]()
    for t in segment.slots:
        room = max(0.0, battery.ceiling_kwh - stored) / battery.charge_efficiency
        takes = min(max(0.0, -case.need_kwh(t)), battery.charge_kw * steps[t].hours, room)
        if takes > NOTHING_KWH:
            forced[t] = (takes - SLACK_KWH, inf)
        stored += takes * battery.charge_efficiency
    otherwise = Alternative(Instead.STORING_SUN, case.begins(segment))
    least = Forced(battery.name, forced, dict.fromkeys(forced, NONE), past) if forced else None
    return SegmentReason(_why_room(case, segment, battery), otherwise, least)


def _why_room(case: Case, segment: Segment, battery: Battery) -> BatteryLeavesRoom:
    """What it is charged from later, or that feeding in earns more, or that hardly any room is left."""
    charge, steps = case.solution.batteries[battery.name].charge_kwh, case.problem.steps
    during = case.stretch(segment)
    earns = min(steps[t].export_eur_per_kwh for t in segment.slots)
    later = next((t for t in range(segment.end, len(steps)) if case.flows(charge[t], t)), None)
    if later is not None and charge[later] > max(0.0, -case.need_kwh(later)) + NOTHING_KWH:
        return BatteryLeavesRoom(during, grid_from=case.at(later))
    if later is not None:
        less = steps[later].export_eur_per_kwh
        if not case.above(earns, less):
            lost = any(case.what_if.export_limit(t) > case.same_per_kwh for t in range(later, len(steps)))
            return BatteryLeavesRoom(during, sun_from=case.at(later), else_lost=lost)
        return BatteryLeavesRoom(during, sun_from=case.at(later), earns_eur_per_kwh=earns, later_earns_eur_per_kwh=less)
    if case.stored_kwh(battery.name, segment.end) >= battery.ceiling_kwh - SOME_KWH:
        return BatteryLeavesRoom(during, nearly_full=True)
    worth = max(worth_at_wall(case, battery, t) for t in segment.slots)
    if worth < 0 or not case.above(earns, worth):
        return BatteryLeavesRoom(during)
    return BatteryLeavesRoom(during, earns_eur_per_kwh=earns, worth_eur_per_kwh=worth)


def _follows(case: Case, segment: Segment, battery: Battery) -> SegmentReason:
    plan = case.solution.batteries[battery.name]
    # Where shorter stretches were drawn in, it may have bought something in them.
    sun = {t: max(0.0, -case.need_kwh(t), case.problem.beyond_ac_kwh(battery, t)) for t in segment.slots}
    gives, takes = [plan.discharge_kwh[t] for t in segment.slots], sum(min(plan.charge_kwh[t], sun[t]) for t in sun)
    past, none = case.past(segment, battery.name), dict.fromkeys(segment.slots, NONE)
    begins, during, stored = case.begins(segment), case.stretch(segment), takes if takes > SOME_KWH else None
    if sum(gives) > SOME_KWH:
        most = {t: (0.0, max(plan.charge_kwh[t], -case.need_kwh(t), 0.0)) for t in segment.slots}
        reason = BatteryFollows(during, stored, sum(gives), case.buys_at(segment.slots, gives))
        keep = Forced(battery.name, most, none, past)
        return SegmentReason(reason, Alternative(Instead.KEEPING_STORED, begins), keep)
    if stored is None:
        return _idles(case, segment, battery)
    feeding_in = Alternative(Instead.FEEDING_IN, begins)
    return SegmentReason(BatteryFollows(during, stored), feeding_in, Forced(battery.name, none, past=past))


def _idles(case: Case, segment: Segment, battery: Battery) -> SegmentReason:
    """Nothing flows; where the grid may charge it, that is what else could be done in the first hour."""
    stored, steps = case.stored_kwh(battery.name, segment.first), case.problem.steps
    empty = stored <= battery.floor_kwh + SOME_KWH
    reason = BatteryIdle(
        case.stretch(segment),
        empty_at_pct=stored / battery.capacity_kwh * 100 if empty else None,
        full=not empty and stored >= battery.ceiling_kwh - SOME_KWH,
    )
    room, forced, hours = max(0.0, battery.ceiling_kwh - stored) / battery.charge_efficiency, dict[int, Range](), 0.0
    for t in segment.slots if battery.can_charge_from_grid else ():
        takes = min(battery.charge_kw * min(steps[t].hours, 1 - hours), room)
        if takes <= NOTHING_KWH:
            break
        forced[t] = (takes - SLACK_KWH, inf)
        room, hours = room - takes, hours + steps[t].hours
    bought = sum(low for low, _ in forced.values())
    if bought < SOME_KWH:
        return SegmentReason(reason)
    past = case.past(segment, battery.name)
    buying = Forced(battery.name, forced, dict.fromkeys(forced, NONE), past)
    return SegmentReason(reason, Alternative(Instead.BUYING, case.begins(segment), kwh=bought), buying)
