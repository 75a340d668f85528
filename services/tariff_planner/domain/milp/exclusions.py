"""Flows that cannot be at once in one step: where a plan has both, where that may pay, how a plan gets rid of them."""

from tariff_planner.domain.milp.battery import BatteryVars
from tariff_planner.domain.milp.grid import NOTHING_KWH, Build, Excluded, Exclusion
from tariff_planner.domain.milp.solver.branch_and_bound import Range
from tariff_planner.domain.milp.solver.highs import Var
from tariff_planner.domain.problem.problem import Problem


def expected(problem: Problem) -> set[Excluded]:
    """Where two flows at once are known to pay: selling for more than buying costs, or buying what one is paid for."""
    return {
        (Exclusion.BOTH_WAYS, "", t)
        for t, s in enumerate(problem.steps)
        if s.export_eur_per_kwh > s.import_eur_per_kwh or (s.import_eur_per_kwh < 0 and problem.curtails(t))
    }


def likely(b: Build, broken: set[Excluded], *, everything: bool) -> set[Excluded]:
    """What is broken, and the same kinds where they are likely; ``everything``: in all steps."""
    steps = range(len(b.problem.steps))
    return broken | {
        (kind, device, t) for kind, device, _ in broken for t in steps if everything or _likely(b, kind, t)
    }


def _likely(b: Build, kind: Exclusion, t: int) -> bool:
    """Whether step ``t`` may break ``kind``, too: where somebody pays for energy that is lost, or the sun is shared."""
    step, sunny = b.problem.steps[t], b.surplus_kwh[t] > 0
    burning_pays = step.import_eur_per_kwh < 0 or (step.export_eur_per_kwh < 0 and sunny)
    return burning_pays or (kind is Exclusion.GRID_DISCHARGE and sunny)


def overlaps(b: Build, batteries: list[BatteryVars]) -> dict[Excluded, dict[Var, Range]]:
    """What the plan at hand does that cannot be, and bounds with which it no longer can.

    The smaller flow goes: of both, the difference is left, which always fits into the rest of the plan.
    """
    value = b.lp.value
    found: dict[Excluded, dict[Var, Range]] = {}
    for t, step in enumerate(b.problem.steps):
        out = [b.exports[t], *([b.curtailed[t]] if t in b.curtailed else [])]
        imported, exported = value(b.imports[t]), sum(value(x) for x in out)
        nothing_out = dict.fromkeys(out, (0.0, 0.0))
        # At equal prices the two cancel out and are read as their difference.
        pays = step.export_eur_per_kwh > step.import_eur_per_kwh or (len(out) > 1 and step.import_eur_per_kwh < 0)
        # What may be sold but not go into a car would go through the meter.
        pays |= any(v.battery.can_discharge_to_grid and not v.battery.feeds_cars for v in batteries)
        if pays and _both(imported, exported):
            found[Exclusion.BOTH_WAYS, "", t] = nothing_out if imported > exported else {b.imports[t]: (0.0, 0.0)}
        for v in batteries:
            found |= _of_battery(b, v, t, imported - exported, nothing_out)
        found |= _circling(b, batteries, t)
    return found


def _both(one: float, other: float) -> bool:
    return min(one, other) > NOTHING_KWH


def _of_battery(
    b: Build, v: BatteryVars, t: int, net: float, nothing_out: dict[Var, Range]
) -> dict[Excluded, dict[Var, Range]]:
    found: dict[Excluded, dict[Var, Range]] = {}
    name, charge, discharge = v.battery.name, b.lp.value(v.charge[t]), b.lp.value(v.discharge[t])
    nothing_given = {v.discharge[t]: (0.0, 0.0)}
    if _both(charge, discharge):
        stored = charge * v.battery.charge_efficiency - discharge / v.battery.discharge_efficiency
        kept = stored >= 0 or v.on[t] is not None
        found[Exclusion.THROUGH, name, t] = nothing_given if kept else {v.charge[t]: (0.0, 0.0)}
    beyond = b.problem.beyond_ac_kwh(v.battery, t)
    if not v.battery.can_charge_from_grid and _both(charge - beyond, net):
        only_sun = {b.imports[t]: (0.0, 0.0)} if charge - beyond > net else {v.charge[t]: (0.0, beyond)}
        found[Exclusion.GRID_CHARGE, name, t] = only_sun
    if not v.battery.can_discharge_to_grid and _both(discharge, -net):
        found[Exclusion.GRID_DISCHARGE, name, t] = nothing_out if discharge > -net else nothing_given
    return found


def _circling(b: Build, batteries: list[BatteryVars], t: int) -> dict[Excluded, dict[Var, Range]]:
    """One battery stores sun that is left, and another covers what is lacking: there is only one of the two."""
    beyond = {v.battery.name: b.problem.beyond_ac_kwh(v.battery, t) for v in batteries}
    taking = [v for v in batteries if not v.battery.can_charge_from_grid]
    taking = [v for v in taking if b.lp.value(v.charge[t]) - beyond[v.battery.name] > NOTHING_KWH]
    giving = [v for v in batteries if not v.battery.can_discharge_to_grid and b.lp.value(v.discharge[t]) > NOTHING_KWH]
    if not (taking and giving):
        return {}
    taken, given = sum(b.lp.value(v.charge[t]) for v in taking), sum(b.lp.value(v.discharge[t]) for v in giving)
    nothing_given: dict[Var, Range] = {v.discharge[t]: (0.0, 0.0) for v in giving}
    nothing_taken: dict[Var, Range] = {v.charge[t]: (0.0, beyond[v.battery.name]) for v in taking}
    return {(Exclusion.GRID_CHARGE, taking[0].battery.name, t): nothing_given if taken > given else nothing_taken}
