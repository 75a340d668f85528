"""From a problem to a plan: builds the model, solves it, checks what was left out, reads the plan off.

The formulas with the numbers that the comments name are in docs/planning.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from math import inf

from tariff_planner.domain.milp.battery import BatteryVars, add_battery, add_direction, add_own_use
from tariff_planner.domain.milp.cuts import add_giving_cuts, add_limit_cuts, add_sun_cuts, add_surplus_cuts
from tariff_planner.domain.milp.device_limits import add_device_limits, add_hold, add_inverters, add_losses
from tariff_planner.domain.milp.exclusions import expected, likely, overlaps
from tariff_planner.domain.milp.following import as_it_flows, followers, for_the_others
from tariff_planner.domain.milp.grid import NOTHING_KWH, Build, Excluded, add_balance, add_meter
from tariff_planner.domain.milp.idle_cars import beside_idle, in_line
from tariff_planner.domain.milp.peaks import Peaks
from tariff_planner.domain.milp.solver.branch_and_bound import ROUNDING_EUR, Effort, Range
from tariff_planner.domain.milp.solver.budget import Budget, NowS, standing_still
from tariff_planner.domain.milp.solver.highs import Var
from tariff_planner.domain.milp.solver.linear_program import SolveResult
from tariff_planner.domain.milp.storage_terms import GoalVar, worth_eur
from tariff_planner.domain.milp.totals import add_totals
from tariff_planner.domain.milp.vehicle import (
    CarVars,
    add_car,
    add_sharing,
    add_surplus,
)
from tariff_planner.domain.problem.problem import Problem
from tariff_planner.domain.problem.solution import (
    BatteryPlan,
    CarPlan,
    Proof,
    Requirement,
    Solution,
    Unmet,
    bill_eur,
)

_ROUNDS = 6
"""Most solves after a plan with two flows at once."""
_LIKELY_ROUNDS = 3
"""Rounds in which only the steps where that may pay get a binary; then all do."""
_PEAK_SLACK_EUR = 1e-5
"""So that the best plan so far lies safely among those that are searched for a better one."""
_FAR_GAPS = 30
"""How many gaps a plan is from its bound before it pays to ask where the peak lies."""
_NARROWINGS = 2
"""How often it is asked: a better plan tells more."""
_RESCUE_S = 5.0
"""The least time for a plan without changes of cars, where there was none for a better one."""
DEFAULT_EFFORT = Effort()


@dataclass(slots=True)
class _Model:
    build: Build
    batteries: list[BatteryVars]
    cars: list[CarVars]


def model_parts(problem: Problem) -> tuple[Build, list[BatteryVars], list[CarVars]]:
    """The model to be relaxed, for shadow prices: its meter and linear program, its batteries and its cars.

    Without (21), which would take a limit's price from the limit's own row.
    """
    model = _build(problem, frozenset(expected(problem)), relaxed=True)
    return model.build, model.batteries, model.cars


def plan(problem: Problem, effort: Effort = DEFAULT_EFFORT, now_s: NowS = standing_still) -> Solution:
    """The cheapest plan for ``problem``, to ``effort.gap_eur``; or the best one found in ``effort.seconds``, labelled.

    ``now_s`` is the clock that tells these seconds.

    Raises:
        RuntimeError: no plan at all was found.
    """
    budget = Budget(effort.seconds, now_s)
    if not followers(problem):
        return _some_plan(problem, effort, budget)
    others = for_the_others(problem)
    first = as_it_flows(problem, _some_plan(others, effort, budget))
    if not (others.cars or others.batteries):
        return replace(first, proof=replace(first.proof, proven=True, bound_eur=first.proof.objective_eur))
    free = _some_plan(problem, effort, budget)
    best = min(first, as_it_flows(problem, free), key=lambda found: found.proof.objective_eur)
    objective, bound = best.proof.objective_eur, min(free.proof.bound_eur, best.proof.objective_eur)
    proven = objective - bound <= effort.gap_eur + ROUNDING_EUR
    return replace(best, proof=replace(best.proof, proven=proven, bound_eur=bound, seconds=budget.spent_s))


def _some_plan(problem: Problem, effort: Effort, budget: Budget) -> Solution:
    """The cheapest plan; where the time was too short for any, one in which nobody changes cars at a loadpoint.

    Raises:
        RuntimeError: no plan at all was found.
    """
    try:
        return _plan(problem, effort, budget)
    except RuntimeError:
        idle = in_line(problem)
        if not idle:
            raise
        others = replace(problem, cars=tuple(car for car in problem.cars if car not in idle))
        found = beside_idle(problem, _plan(others, effort, budget.renewed(_RESCUE_S)), idle)
        bound = min(model_parts(problem)[0].lp.relaxed_cost(), found.proof.objective_eur)
        proof = replace(found.proof, proven=False, bound_eur=bound, seconds=budget.spent_s)
        return replace(found, proof=proof)


def _plan(problem: Problem, effort: Effort, budget: Budget) -> Solution:
    """The cheapest plan that the model knows.

    Exclusions (import and export, charge and discharge at once) cost a binary only in steps where a first plan would
    break them: with ordinary prices none does. A plan that breaks them is first repaired; often that costs nothing.
    Each round's bound holds for all rounds, and the best plan of all is taken.

    Raises:
        RuntimeError: no plan at all was found.
    """
    excluded = frozenset(expected(problem))
    bound = -inf
    best: tuple[float, _Model, SolveResult] | None = None
    peaks: Peaks | None = None
    for round_ in count(1):
        model = _build(problem, excluded, None if peaks is None else peaks.range)
        broken: set[Excluded] = set()
        narrowed = peaks is not None and peaks.narrowed
        # Where cars share a loadpoint a plan is soon found in a narrow range, and no proof.
        quick = model.build.peak is not None and (round_ == 1 or (narrowed and any(v.plugged for v in model.cars)))
        known = None if best is None or best[0] == inf else best[0]
        last = model.build.lp.solve(
            replace(effort, quick=quick, known_eur=known), partial(_repairs, model, broken), budget
        )
        objective = last.objective if last.repaired else inf
        outside = inf if peaks is None else peaks.outside
        bound = max(bound, last.bound if best is None else min(last.bound, best[0], outside))
        if best is None or objective < best[0]:
            best = objective, model, last
        objective, model, found = best
        broken = likely(model.build, broken, everything=round_ >= _LIKELY_ROUNDS) - excluded
        done = objective <= bound + effort.gap_eur or not (broken or quick or narrowed)
        if done or budget.is_over or round_ == _ROUNDS:
            break
        excluded |= broken
        if model.build.peak is None or objective == inf:
            continue
        most = objective - effort.gap_eur
        if peaks is None:
            peaks = _peaks(model, objective, bound)
        else:
            peaks.widen(most, None if broken or quick else last.bound)
        if quick and round_ <= _NARROWINGS and most > peaks.least + _FAR_GAPS * effort.gap_eur:
            peaks.narrow(partial(_least_cost, problem, excluded, budget), most)
        if peaks.range is None:
            bound = max(bound, min(objective, peaks.outside))
            break
    proven = objective - bound <= effort.gap_eur + ROUNDING_EUR
    return _read(model, Proof(proven, found.objective, bound, budget.spent_s, found.rows, found.binaries))


def _least_cost(problem: Problem, excluded: frozenset[Excluded], budget: Budget, peak_kw: Range) -> float:
    """What plans with such peaks cost at least, in EUR; nobody knows once the time is over."""
    return -inf if budget.is_over else _build(problem, excluded, peak_kw).build.lp.relaxed_cost()


def _peaks(model: _Model, objective: float, bound: float) -> Peaks:
    """The peaks of plans that cost no more than ``objective`` EUR; all devices together take no more."""
    b, peak = model.build, model.build.peak
    assert peak is not None  # noqa: S101  # asked only where peaks have a price
    highest = max(
        (step.load_kwh + sum(var.upBound for var, sign in b.taken[t].items() if sign > 0)) / step.hours
        for t, step in enumerate(b.problem.steps)
    )
    span = b.lp.relaxed_range(peak, objective + _PEAK_SLACK_EUR)
    low, high = span or (peak.lowBound, highest)
    return Peaks(low, max(low, min(high, highest)), bound)


def _repairs(model: _Model, broken: set[Excluded]) -> dict[Var, Range]:
    """Bounds that keep the plan at hand from what cannot be; what that is goes to ``broken``."""
    bounds: dict[Var, Range] = {}
    for what, ranges in overlaps(model.build, model.batteries).items():
        broken.add(what)
        bounds |= ranges
    return bounds


def _build(
    problem: Problem, excluded: frozenset[Excluded], peak_kw: Range | None = None, *, relaxed: bool = False
) -> _Model:
    b = Build(problem, excluded, relaxed=relaxed, peak_kw=peak_kw)
    add_meter(b)
    add_losses(b)
    batteries = [add_battery(b, battery) for battery in problem.batteries]
    cars = [add_car(b, car) for car in problem.cars]
    for sharing in problem.cars_by_loadpoint().values():
        add_sharing(b, [v for v in cars if v.car in sharing])
    add_surplus_cuts(b, [*batteries, *cars])
    add_sun_cuts(b, batteries)
    if not relaxed:
        add_limit_cuts(b, batteries, cars)
        add_giving_cuts(b, batteries, cars)
        add_totals(b, [*batteries, *cars])
    add_balance(b)
    add_surplus(b, cars)
    add_device_limits(b, batteries, cars)
    for v in batteries:
        add_direction(b, v)
    add_inverters(b, batteries)
    add_own_use(b, batteries)
    add_hold(b, batteries, cars)
    return _Model(b, batteries, cars)


def _read(model: _Model, proof: Proof) -> Solution:
    b, value = model.build, model.build.lp.value
    steps = range(len(b.problem.steps))
    net = [value(b.imports[t]) - value(b.exports[t]) for t in steps]
    spare = [value(b.curtailed[t]) if t in b.curtailed else 0.0 for t in steps]
    # Buying while sun is spared costs nothing where it is planned at all: the sun is used.
    unused = [_clean(s - max(0.0, min(s, x))) for s, x in zip(spare, net, strict=True)]
    imports = tuple(max(0.0, x - s + c) for s, c, x in zip(spare, unused, net, strict=True))
    curtailed = tuple(c + _clean(sum(map(value, b.lost_in(t)))) for t, c in enumerate(unused))
    exports = tuple(max(0.0, -x) for x in net)
    batteries = {
        v.battery.name: BatteryPlan(
            tuple(_clean(value(x)) for x in v.charge),
            tuple(_clean(value(x)) for x in v.discharge),
            tuple(value(x) for x in v.energy),
        )
        for v in model.batteries
    }
    cars = {
        v.car.name: CarPlan(
            tuple(_clean(value(x)) for x in v.charge),
            tuple(value(x) for x in v.energy),
            tuple(value(x) > 0.5 for x in v.plugged) or tuple(True for _ in steps),
        )
        for v in model.cars
    }
    wear = sum(value(x) * v.battery.wear_eur_per_kwh for v in model.batteries for x in v.discharge)
    worth = sum(worth_eur(v.battery.worth, value(v.energy[-1])) for v in model.batteries)
    worth += sum(worth_eur(v.car.worth, value(v.energy[-1])) for v in model.cars)
    return Solution(
        imports,
        exports,
        batteries,
        cars,
        bill_eur(b.problem, imports, exports) + wear,
        worth,
        proof,
        tuple(_missing(model)),
        curtailed,
    )


def _missing(model: _Model) -> list[Unmet]:
    b, value = model.build, model.build.lp.value
    missing: list[Unmet] = []
    for battery in model.batteries:
        missing += _goals(model, battery.goals, Requirement.BATTERY_GOAL, battery.battery.name)
        unmet = sum(value(x) for x in battery.unmet)
        if unmet > NOTHING_KWH:
            missing.append(Unmet(Requirement.DEMAND, unmet, battery.battery.name))
    for car in model.cars:
        missing += _goals(model, car.goals, Requirement.GOAL, car.car.name)
        short = sum(value(x) for x in car.elsewhere)
        if short > 10 * NOTHING_KWH:
            missing.append(Unmet(Requirement.TRIP, short, car.car.name))
    beyond = {t: value(x) for t, x in b.over_import.items() if value(x) > NOTHING_KWH}
    if beyond:
        missing.append(Unmet(Requirement.IMPORT_LIMIT, sum(beyond.values()), by=b.problem.steps[min(beyond)].start))
    return missing


def _goals(model: _Model, goals: Sequence[GoalVar], requirement: Requirement, device: str) -> list[Unmet]:
    value = model.build.lp.value
    return [
        Unmet(requirement, value(g.missing), device, g.goal.by, g.goal.energy_kwh - value(g.missing))
        for g in goals
        if value(g.missing) > 10 * NOTHING_KWH
    ]


def _clean(kwh: float) -> float:
    return kwh if kwh > 1e-7 else 0.0
