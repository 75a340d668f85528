"""What people wish, as the planning problem has it: hours in which a device is held or pushed, trips, absence."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from operator import or_
from zoneinfo import ZoneInfo

from ems.contract.people import SCHEDULE, Goal
from ems.contract.wishes import LONGEST, Wish, WishKind
from ems.house.calendar import next_weekly
from ems.house.slots import Slot
from tariff_planner.domain.inputs.battery_goals import OF_A_CARS
from tariff_planner.domain.inputs.facts import HomeRules
from tariff_planner.domain.inputs.weekly import spans
from tariff_planner.domain.problem.problem import Problem
from tariff_planner.domain.problem.storage import Battery, Car, EnergyGoal, Trip

_BASE_SHARE = 0.1
"""The base load is what the house needs in this share of the time at most."""
_FAR = timedelta(days=8)
"""How far ahead the next time of a wish that comes again is looked for."""

type Stretches = Sequence[tuple[datetime, datetime]]


def is_over(wish: Wish, now: datetime) -> bool:
    """Whether a wish says nothing about what comes; one that comes again never is."""
    return not wish.days and wish.end <= now


def next_time(wish: Wish, now: datetime, zone: ZoneInfo) -> tuple[datetime | None, datetime] | None:
    """The time that it is about now or next: its start (None: it has begun, or has none) and end; None when over."""
    if wish.kind is WishKind.WEEKLY_GOAL:
        by = next_weekly(wish.days, wish.end.astimezone(zone).time(), zone, now)
        return None if by is None else (None, by)
    start, end = next(iter(stretches(wish, now, now + _FAR, zone)), (wish.start, wish.end))
    return None if end <= now else (start if start is not None and start > now else None, end)


def stretches(wish: Wish, now: datetime, until: datetime, zone: ZoneInfo) -> Stretches:
    """Each (start, end) of a wish that overlaps ``now`` to ``until``, oldest first."""
    start = wish.start or now
    if not wish.days:
        return [(start, wish.end)] if start < until and wish.end > now and start < wish.end else []
    first, last = start.astimezone(zone), wish.end.astimezone(zone)
    nights = (last.date() - first.date()).days
    return list(spans(wish.days, first.time(), last.time(), zone, now, until, nights=nights))


def goals_at_home(
    goals: Mapping[str, Goal], wishes: Iterable[Wish], now: datetime, zone: ZoneInfo
) -> Mapping[str, Goal]:
    """The cars' goals without those that come every week and fall into a time in which nobody is at home."""
    away = _stretches_of(wishes, WishKind.ABSENCE, now, now + LONGEST, zone)
    if not away:
        return goals
    return {name: kept for name, goal in goals.items() if (kept := _beside(goal, away)) is not None}


def base_load_w(load_w: Sequence[float], slots: Sequence[Slot], home: HomeRules) -> list[float]:
    """The load with no more than its base while nobody is at home."""
    away = _stretches_of(home.wishes, WishKind.ABSENCE, slots[0].start, slots[-1].end, home.zone)
    if not away:
        return list(load_w)
    base = sorted(load_w)[int(_BASE_SHARE * (len(load_w) - 1))]
    return [min(w, base) if _mostly(slot, away) else w for w, slot in zip(load_w, slots, strict=True)]


def with_wishes(problem: Problem, home: HomeRules, now: datetime, wish_eur_per_kwh: float) -> Problem:
    """The problem in which people's wishes hold; each kWh that one misses is priced like a car's, or half as much.

    A step belongs to a wish that covers more than half of it. What cannot be had is told, never infeasible.
    """
    if not home.wishes:
        return problem
    wishes = _Wishes(problem, home, now, wish_eur_per_kwh)
    return replace(
        problem,
        batteries=tuple(map(wishes.of_battery, problem.batteries)),
        cars=tuple(map(wishes.of_car, problem.cars)),
    )


class _Wishes:
    """The wishes of a horizon, device by device."""

    def __init__(self, problem: Problem, home: HomeRules, now: datetime, wish_eur_per_kwh: float) -> None:
        self._steps, self._home, self._now, self._price = problem.steps, home, now, wish_eur_per_kwh
        self._away = _stretches_of(home.wishes, WishKind.ABSENCE, now, problem.end, home.zone)

    def of_battery(self, battery: Battery) -> Battery:
        """The battery with what is wished of it."""
        held, pushed = self._by_step(WishKind.HOLD_BATTERY), self._by_step(WishKind.CHARGE_BATTERY)
        demand = tuple(
            battery.charge_kw * step.hours if here else 0.0 for here, step in zip(pushed, self._steps, strict=True)
        )
        once = self._home.battery_goal
        goals = [g for g in battery.goals if (once and g.by == once.by) or not _within(g.by, self._away)]
        goals += self._goals(None, battery.capacity_kwh, battery.ceiling_kwh, OF_A_CARS)
        return replace(
            battery,
            held=tuple(map(or_, held, pushed)) if battery.can_hold and any((*held, *pushed)) else (),
            demand_kwh=demand if battery.can_charge_from_grid and any(pushed) else (),
            demand_eur_per_kwh=OF_A_CARS * self._price,
            goals=tuple(sorted(goals, key=lambda goal: goal.by)),
        )

    def of_car(self, car: Car) -> Car:
        """The car with what is wished of it."""
        paused = self._by_step(WishKind.PAUSE_VEHICLE, car.name)
        pushed = self._by_step(WishKind.CHARGE_VEHICLE, car.name)
        goals = list(self._goals(car.name, car.capacity_kwh, car.capacity_kwh, 1.0))
        limit_kwh = car.limit_kwh
        if goals and limit_kwh is not None:
            # Who asks for more than the limit means it: the limit follows the goal.
            limit_kwh = max([limit_kwh, *(goal.energy_kwh for goal in goals)])
        return replace(
            car,
            paused=paused if any(paused) else (),
            pushed=pushed if any(pushed) else (),
            pushed_eur_per_kwh=OF_A_CARS * self._price,
            goals=(*car.goals, *goals),
            limit_kwh=limit_kwh,
            trips=self._trips(car),
        )

    def _by_step(self, kind: WishKind, vehicle: str | None = None) -> tuple[bool, ...]:
        wished = [w for w in self._home.wishes if w.vehicle == vehicle]
        here = _stretches_of(wished, kind, self._now, self._steps[-1].end, self._home.zone)
        return tuple(_mostly(step, here) for step in self._steps)

    def _trips(self, car: Car) -> tuple[Trip, ...]:
        """The car's own and those that are wished; one that is not here while nobody is at home comes with them."""
        until, zone = self._steps[-1].end, self._home.zone
        found = [trip for trip in car.trips if not _within(trip.leave, self._away)]
        for wish in self._home.wishes:
            if wish.kind is WishKind.TRIP and wish.vehicle == car.name:
                for start, end in stretches(wish, self._now, until, zone):
                    # One that is here although its trip has begun goes later, or not at all.
                    if start > self._now or not car.plugged:
                        found.append(_trip(car, max(start, self._now), end, wish.kwh or 0.0, begun=start < self._now))
        if not car.plugged:
            found += [Trip(max(start, self._now), end) for start, end in self._away]
        return tuple(_apart(found))

    def _goals(self, vehicle: str | None, capacity_kwh: float, most_kwh: float, share: float) -> Iterator[EnergyGoal]:
        """The weekly goals of a vehicle, or without one of the battery, to the horizon's end; none in an absence."""
        zone, until = self._home.zone, self._steps[-1].end
        for wish in self._home.wishes:
            if wish.kind is not WishKind.WEEKLY_GOAL or wish.vehicle != vehicle or wish.soc_pct is None:
                continue
            at = self._now
            while (by := next_weekly(wish.days, wish.end.astimezone(zone).time(), zone, at)) and by <= until:
                at = by
                if not _within(by, self._away):
                    yield EnergyGoal(min(wish.soc_pct / 100 * capacity_kwh, most_kwh), by, share * self._price)


def _trip(car: Car, leave: datetime, back: datetime, kwh: float, *, begun: bool) -> Trip:
    # On the road nobody can do anything about what is missing.
    return Trip(leave, back, min(kwh, car.energy_kwh) if begun else kwh)


def _apart(trips: Iterable[Trip]) -> Iterator[Trip]:
    """Trips one after the other: of those that overlap one begins when the other is over."""
    back: datetime | None = None
    for trip in sorted(trips, key=lambda t: (t.leave, t.back)):
        leave = trip.leave if back is None else max(trip.leave, back)
        if leave < trip.back:
            yield replace(trip, leave=leave)
            back = trip.back


def _beside(goal: Goal, away: Stretches) -> Goal | None:
    """A goal without what the weekly schedule asks for while nobody is at home; None when nothing is left.

    What a person has asked for by a moment in that time stays: they knew that they would be away.
    """
    later = tuple(g for g in goal.following if g.asked_by != SCHEDULE or not _within(g.departure, away))
    if goal.asked_by != SCHEDULE or goal.departure is None or not _within(goal.departure, away):
        return goal.model_copy(update={"following": later})
    if not later:
        return None
    first, *following = later
    return goal.model_copy(update={**dict(first), "following": tuple(following)})


def _stretches_of(wishes: Iterable[Wish], kind: WishKind, now: datetime, until: datetime, zone: ZoneInfo) -> Stretches:
    return [each for wish in wishes if wish.kind is kind for each in stretches(wish, now, until, zone)]


def _within(moment: datetime, away: Stretches) -> bool:
    return any(start <= moment < end for start, end in away)


def _mostly(slot: Slot, here: Stretches) -> bool:
    """Whether more than half of a slot lies in the stretches."""
    return sum(slot.overlap_hours(start, end) for start, end in here) > slot.hours / 2
