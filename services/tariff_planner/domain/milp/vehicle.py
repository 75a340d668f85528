"""The model's cars and loadpoints."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ems.house.slots import floor_to
from tariff_planner.domain.milp.grid import NOTHING_KWH, Build
from tariff_planner.domain.milp.solver.highs import Var
from tariff_planner.domain.milp.storage_terms import (
    GoalVar,
    Taper,
    add_goals,
    add_worth,
    nothing_or_enough,
)
from tariff_planner.domain.problem.problem import MIN_SWAP_DELAY, Loadpoint, Step
from tariff_planner.domain.problem.storage import Car


@dataclass(slots=True)
class CarVars:
    """A car's variables by step, in kWh."""

    car: Car
    charge: list[Var] = field(default_factory=list)
    energy: list[Var] = field(default_factory=list)
    on: list[Var | None] = field(default_factory=list)
    least_kwh: list[float] = field(default_factory=list)
    """What it takes at least when it is on."""
    elsewhere: list[Var] = field(default_factory=list)
    """What a trip needed more than the car had."""
    goals: list[GoalVar] = field(default_factory=list)
    plugged: list[Var] = field(default_factory=list)
    refused: list[Var] = field(default_factory=list)
    """What it is not given though people want it charged at full power."""


def fastest_kw(car: Car, loadpoint: Loadpoint) -> float:
    """The most that flows into the car, at the wall."""
    return min(car.max_kw, loadpoint.max_kw)


def add_car(b: Build, car: Car) -> CarVars:
    """(6) power by presence, (7) nothing or enough, (8) energy, (9) ceiling, (12) taper, (13) goals, (15) starts."""
    v = CarVars(car)
    loadpoint = b.problem.loadpoint(car.loadpoint)
    most_kw = fastest_kw(car, loadpoint)
    room_kwh = max(0.0, car.ceiling_kwh - car.energy_kwh)
    least_kw = min(loadpoint.min_kw, most_kw)
    surplus = b.surplus_kwh
    before: Var | None = None
    was_on: Var | bool | None = car.charging
    for t, step in enumerate(b.problem.steps):
        present_h = _present_h(car, t, step, most_kw)
        charge = b.lp.var(0, most_kw * present_h, b.churn(t, car.name) + b.haste(t, car))
        b.lp.tie(charge, b.late(t))
        energy = b.lp.var(0, max(car.ceiling_kwh, car.energy_kwh))
        gone_kwh = car.used_kwh(step)
        room_kwh += gone_kwh
        moves = {energy: 1.0, charge: -car.charge_efficiency}
        if gone_kwh:
            elsewhere = b.lp.var(0, gone_kwh, b.problem.weights.limit_eur_per_kwh)
            v.elsewhere.append(elsewhere)
            moves[elsewhere] = -1.0
        if before is None:
            b.lp.equal(moves, car.energy_kwh - gone_kwh)
        else:
            b.lp.equal({**moves, before: -1.0}, -gone_kwh)
        # A car that needs less than the least power gives in a whole step is full before the step's end.
        least_kwh = min(least_kw * present_h, room_kwh / car.charge_efficiency)
        horizon = b.problem.integer_horizon
        sketched = horizon is not None and surplus[t] > 0 and step.start - b.problem.start >= horizon
        together = None
        if sketched:
            together = b.lp.var(0, 1)
        elif not isinstance(was_on, bool) and _together(b, t, loadpoint):
            together = was_on
        # Relaxed and without sun, "half on" at half the power says nothing of the power; blocks of steps still do.
        idle = b.relaxed and surplus[t] <= 0 and not loadpoint.min_on_minutes
        on = None if idle else nothing_or_enough(b.lp, charge, least_kwh, together)
        if on is not None and on is not was_on:
            _start(b, on, was_on)
        if car.taper_from_kwh is not None:
            bend = Taper(car.energy_kwh, car.taper_from_kwh, car.capacity_kwh, car.taper_to)
            bend.add(b.lp, charge, before, most_kw * present_h, least_kw * present_h)
        if car.is_pushed(t):
            v.refused.append(b.lp.var(0, most_kw * present_h, car.pushed_eur_per_kwh))
            b.lp.at_least({v.refused[-1]: 1.0, charge: 1.0}, most_kw * present_h)
        b.taken[t][charge] = 1.0
        v.charge.append(charge)
        v.energy.append(energy)
        v.on.append(on)
        v.least_kwh.append(least_kwh)
        before, was_on = energy, on
    _wishes(b, v, most_kw)
    return v


def _present_h(car: Car, t: int, step: Step, most_kw: float) -> float:
    """How long it can be charged; not at all where that is next to nothing, which HiGHS cannot tell from it."""
    present_h = 0.0 if car.is_paused(t) else step.hours * car.at_home(step)
    return present_h if most_kw * present_h > NOTHING_KWH else 0.0


def _wishes(b: Build, v: CarVars, most_kw: float) -> None:
    """(13) goals, (14) worth; and that fewer starts are asked about."""
    v.goals.extend(add_goals(b, v.car.goals, v.energy, v.car.energy_kwh, most_kw * v.car.charge_efficiency))
    add_worth(b.lp, v.car.worth, v.energy[-1], v.car.capacity_kwh)
    if b.problem.weights.start_penalty:
        b.lp.sequence(v.on)


def _together(b: Build, t: int, loadpoint: Loadpoint) -> bool:
    """(7) whether step ``t`` is in the same block of the least on and off time as the step before."""
    if t == 0 or not loadpoint.min_on_minutes:
        return False
    steps = b.problem.steps
    return floor_to(steps[t].start, loadpoint.min_on_minutes) == floor_to(steps[t - 1].start, loadpoint.min_on_minutes)


def _start(b: Build, on: Var, was_on: Var | bool | None) -> None:
    """(15) start >= on - on before; only where starts are asked about."""
    if not b.problem.weights.start_penalty:
        return
    start = b.lp.var(0, 1)
    b.lp.start(start, b.problem.weights.start_penalty)
    terms = {start: 1.0, on: -1.0}
    if isinstance(was_on, bool):
        if was_on:
            return
    elif was_on is not None:
        terms[was_on] = 1.0
    b.lp.at_least(terms, 0)


def add_surplus(b: Build, cars: Sequence[CarVars]) -> None:
    """(22) sun <= charge, sum of sun <= surplus, and none while the meter imports where feeding in earns more.

    Called when the meter has its directions.
    """
    for t, surplus in enumerate(b.surplus_kwh):
        if surplus <= 0:
            continue
        step, shares = b.problem.steps[t], {}
        # Then the meter always has a direction; where it has one for other reasons, that changes nothing here.
        dearer_out = step.export_eur_per_kwh > step.import_eur_per_kwh
        for v in cars:
            if not v.car.sun_eur_per_kwh or v.car.sun_eur_per_kwh[t] <= 0 or not v.charge[t].upBound:
                continue
            most = min(surplus, float(v.charge[t].upBound))
            sun = b.lp.var(0, most, -v.car.sun_eur_per_kwh[t])
            b.lp.at_most({sun: 1.0, v.charge[t]: -1.0}, 0)
            if dearer_out:
                b.lp.at_most({sun: 1.0, b.exporting[t]: -most}, 0)
            shares[sun] = 1.0
        if len(shares) > 1:
            b.lp.at_most(shares, surplus)


def add_sharing(b: Build, cars: Sequence[CarVars]) -> None:
    """(16) one car at a time at a loadpoint; a change needs a person, so it is priced and not made at night.

    Now it is as it is. Who comes home plugs in, at night as well.
    """
    if len(cars) < 2 and all(v.car.plugged for v in cars):
        return
    now = [b.lp.var(float(v.car.plugged), float(v.car.plugged)) for v in cars]
    arrivals = [b.lp.var(0, 0) for _ in cars]
    arrived: list[list[Var]] = [[] for _ in cars]
    backs = [trip.back for v in cars for trip in v.car.trips if trip.back > b.problem.start]
    seen = b.problem.start
    # The first change can be made as soon as somebody has walked there; that they walk has its price.
    first = b.problem.start + MIN_SWAP_DELAY
    for t, step in enumerate(b.problem.steps):
        comes, seen = any(seen < back <= step.start for back in backs), step.start
        if comes or (step.start >= first and step.swap):
            before = now
            now = [b.lp.binary() for _ in cars]
            b.lp.at_most(dict.fromkeys(now, 1.0), 1)
            for n, (after, was) in enumerate(zip(now, before, strict=True)):
                swap = b.lp.var(0, 1, b.problem.weights.swap_eur)
                b.lp.at_least({swap: 1.0, after: -1.0, was: 1.0}, 0)
                # How often it has come until now: to decide that halves what is left, a single change hardly does.
                earlier, arrivals[n] = arrivals[n], b.lp.count()
                b.lp.equal({arrivals[n]: 1.0, earlier: -1.0, swap: -1.0}, 0)
        for n, (v, plugged) in enumerate(zip(cars, now, strict=True)):
            arrived[n].append(arrivals[n])
            v.plugged.append(plugged)
            if v.on[t] is None:
                b.lp.at_most({v.charge[t]: 1.0, plugged: -v.charge[t].upBound}, 0)
            else:
                b.lp.at_most({v.on[t]: 1.0, plugged: -1.0}, 0)
    for v, so_far in zip(cars, arrived, strict=True):
        _add_visits(b, v, so_far)


def _add_visits(b: Build, v: CarVars, arrived: Sequence[Var]) -> None:
    """(26) missing + energy before + lack x (plugged + arrivals later) >= goal, from each change on: cuts.

    Who is not plugged in until the goal has by then what the goal needs. Relaxed, a car that is plugged in "for a
    third" charges at a third of its power, and pays for a third of a change. ``arrived``: its arrivals so far.
    """
    steps = b.problem.steps
    for one in v.goals:
        last = next((t for t, step in enumerate(steps) if step.end >= one.goal.by), len(steps) - 1)
        least_kwh = max(0.0, v.car.energy_kwh - sum(v.car.used_kwh(step) for step in steps[: last + 1]))
        lack_kwh = one.needed_kwh - least_kwh
        if lack_kwh <= 0:
            continue
        for t in range(last + 1):
            if t and v.plugged[t] is v.plugged[t - 1]:
                continue
            terms = {one.missing: 1.0, v.plugged[t]: lack_kwh}
            if arrived[last] is not arrived[t]:
                terms |= {arrived[last]: lack_kwh, arrived[t]: -lack_kwh}
            if t:
                terms[v.energy[t - 1]] = 1.0
            b.lp.at_least(terms, one.needed_kwh - (0.0 if t else v.car.energy_kwh))
