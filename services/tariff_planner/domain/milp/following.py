"""Plans beside batteries that nobody steers: what such a battery does follows from what all others do.

Said in the model it would take several binaries a step. Instead the others are planned twice, beside a battery that
serves the house alone, and beside one that is free; what each plan really comes to is counted, and the cheaper taken.
No plan is below the bound of the second, in which more is possible.
"""

from dataclasses import replace

from tariff_planner.domain.milp.grid import NOTHING_KWH
from tariff_planner.domain.milp.storage_terms import worth_eur
from tariff_planner.domain.problem.following import beside, following_flows
from tariff_planner.domain.problem.problem import Problem
from tariff_planner.domain.problem.solution import BatteryPlan, Requirement, Solution, Unmet, bill_eur
from tariff_planner.domain.problem.storage import Battery


def followers(problem: Problem) -> list[Battery]:
    """The batteries that follow the house; none where inverters limit what flows, which only the model knows."""
    return [] if problem.inverters else [b for b in problem.batteries if b.follows]


def for_the_others(problem: Problem) -> Problem:
    """The same without them: they serve the house alone, and the steps have that already."""
    following, steps = followers(problem), problem.steps
    for flows in following_flows(following, steps).values():
        steps = beside(steps, flows)
    return replace(problem, steps=steps, batteries=tuple(b for b in problem.batteries if b not in following))


def as_it_flows(problem: Problem, planned: Solution) -> Solution:
    """What ``planned`` really comes to, whatever it has these batteries do; its proof is for this one then."""
    following, steps = followers(problem), problem.steps
    names = {b.name for b in following}
    others = {name: plan for name, plan in planned.batteries.items() if name not in names}
    taken_kwh = [
        sum(car.charge_kwh[t] for car in planned.cars.values())
        + sum(plan.charge_kwh[t] - plan.discharge_kwh[t] for plan in others.values())
        for t in range(len(steps))
    ]
    plans: dict[str, BatteryPlan] = {}
    for name, flows in following_flows(following, steps, taken_kwh).items():
        given = [flow.power_kw * step.hours for flow, step in zip(flows, steps, strict=True)]
        taken_kwh = [taken - kwh for taken, kwh in zip(taken_kwh, given, strict=True)]
        plans[name] = BatteryPlan(
            tuple(max(0.0, -kwh) for kwh in given),
            tuple(max(0.0, kwh) for kwh in given),
            tuple(flow.energy_kwh for flow in flows),
        )
    batteries = {b.name: others.get(b.name) or plans[b.name] for b in problem.batteries}
    net = [step.load_kwh - step.pv_kwh + taken for step, taken in zip(steps, taken_kwh, strict=True)]
    spared = tuple(_spared(problem, t, -kwh) for t, kwh in enumerate(net))
    imports = tuple(max(0.0, kwh) for kwh in net)
    exports = tuple(max(0.0, -kwh) - lost for kwh, lost in zip(net, spared, strict=True))
    wear = sum(b.wear_eur_per_kwh * sum(batteries[b.name].discharge_kwh) for b in problem.batteries)
    stores = [(b.worth, batteries[b.name].energy_kwh[-1]) for b in problem.batteries]
    stores += [(c.worth, planned.cars[c.name].energy_kwh[-1]) for c in problem.cars]
    flows_so = replace(
        planned,
        import_kwh=imports,
        export_kwh=exports,
        batteries=batteries,
        bill_eur=bill_eur(problem, imports, exports) + wear,
        worth_eur=sum(worth_eur(worth, kwh) for worth, kwh in stores),
        unmet=_unmet(problem, planned, imports, plans),
        curtailed_kwh=spared,
    )
    more = flows_so.cost_eur - planned.cost_eur + _missed_eur(problem, flows_so) - _missed_eur(problem, planned)
    objective = planned.proof.objective_eur + more
    return replace(flows_so, proof=replace(planned.proof, objective_eur=objective))


def _spared(problem: Problem, t: int, out_kwh: float) -> float:
    """Sun that can neither be used nor fed in."""
    limit_kw = problem.feed_in_limit_kw(problem.steps[t])
    return 0.0 if limit_kw is None else max(0.0, out_kwh - limit_kw * problem.steps[t].hours)


def _unmet(
    problem: Problem, planned: Solution, imports: tuple[float, ...], plans: dict[str, BatteryPlan]
) -> tuple[Unmet, ...]:
    """What is missing: the cars' as planned, the connection's and these batteries' as it flows."""
    kept = [u for u in planned.unmet if u.requirement is not Requirement.IMPORT_LIMIT and u.device not in plans]
    for battery in problem.batteries:
        for goal in battery.goals if battery.name in plans else ():
            last = next((t for t, step in enumerate(problem.steps) if step.end >= goal.by), None)
            if last is None or goal.by <= problem.start:
                continue
            reaches = plans[battery.name].energy_kwh[last]
            if goal.energy_kwh - reaches > 10 * NOTHING_KWH:
                short = goal.energy_kwh - reaches
                kept.append(Unmet(Requirement.BATTERY_GOAL, short, battery.name, goal.by, reaches))
    beyond = {
        t: kwh - step.import_limit_kw * step.hours
        for t, (step, kwh) in enumerate(zip(problem.steps, imports, strict=True))
        if step.import_limit_kw is not None and kwh - step.import_limit_kw * step.hours > NOTHING_KWH
    }
    if beyond:
        kept.append(Unmet(Requirement.IMPORT_LIMIT, sum(beyond.values()), by=problem.steps[min(beyond)].start))
    return tuple(kept)


def _missed_eur(problem: Problem, solution: Solution) -> float:
    """What the connection's limit and batteries' goals cost the objective."""
    price = {(b.name, goal.by): goal.eur_per_kwh for b in problem.batteries for goal in b.goals}
    total = 0.0
    for unmet in solution.unmet:
        if unmet.requirement is Requirement.IMPORT_LIMIT:
            total += unmet.kwh * problem.weights.limit_eur_per_kwh
        elif unmet.requirement is Requirement.BATTERY_GOAL and unmet.device is not None and unmet.by is not None:
            total += unmet.kwh * price.get((unmet.device, unmet.by), 0.0)
    return total
