"""The model's home batteries."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tariff_planner.domain.milp.demand import add_demands
from tariff_planner.domain.milp.grid import NOTHING_KWH, Build, Exclusion
from tariff_planner.domain.milp.solver.highs import Var
from tariff_planner.domain.milp.storage_terms import (
    GoalVar,
    Taper,
    add_goals,
    add_worth,
    nothing_or_enough,
)
from tariff_planner.domain.problem.problem import Step
from tariff_planner.domain.problem.storage import Battery

_OUTSIDE_EUR_PER_KWH = 1e-5
"""What it costs to stay outside the bounds, a kWh and step: nothing that anybody would notice."""

_TURN = 0.1
"""How much more it matters when a battery is used, for each that stands before it: else two would alternate."""

_BURN_EUR_PER_KWH = 0.001
"""Price above what losses earn, in EUR/kWh: losses are then never a reason to cycle a battery."""


@dataclass(frozen=True, slots=True)
class BatteryVars:
    """A battery's variables by step, in kWh."""

    battery: Battery
    charge: list[Var] = field(default_factory=list)
    discharge: list[Var] = field(default_factory=list)
    energy: list[Var] = field(default_factory=list)
    on: list[Var | None] = field(default_factory=list)
    """Whether it charges; None where it may charge with any power."""
    least_kwh: list[float] = field(default_factory=list)
    """What it charges at least when it is on."""
    goals: list[GoalVar] = field(default_factory=list)
    unmet: list[Var] = field(default_factory=list)


def add_battery(b: Build, battery: Battery) -> BatteryVars:
    """(8) energy after = before + eta_c charge - discharge / eta_d; (9) bounds; (10) capabilities; (11) exclusion."""
    v = BatteryVars(battery)
    surplus = b.surplus_kwh
    turn = 1 + _TURN * b.problem.batteries.index(battery)
    before: Var | None = None
    for t, step in enumerate(b.problem.steps):
        most_in, most_out = battery.charge_kw * step.hours, battery.discharge_kw * step.hours
        if battery.is_held(t):
            most_out = 0.0
        if not battery.can_charge_from_grid:
            most_in = min(most_in, max(0.0, surplus[t], b.problem.beyond_ac_kwh(battery, t)))
        least = min(battery.min_charge_kw, battery.charge_kw) * step.hours
        if most_in < least - NOTHING_KWH:
            most_in = 0.0
        # Next to nothing is nothing: HiGHS has called a home with 5 mW of charge infeasible.
        most_in, most_out = (most if most > NOTHING_KWH else 0.0 for most in (most_in, most_out))
        charge = b.lp.var(0, most_in, b.churn(t, battery.name))
        burning = burning_eur_per_kwh(battery, step, curtailable=b.problem.curtailable)
        discharge = b.lp.var(0, most_out, battery.wear_eur_per_kwh + burning)
        # Giving is better than keeping for nothing, early is better than late, and of two batteries one goes first.
        b.lp.tie(charge, 1 + turn * b.late(t))
        b.lp.tie(discharge, turn * b.late(t) - 1)
        energy = b.lp.var(0, battery.capacity_kwh)
        moves = {energy: 1.0, charge: -battery.charge_efficiency, discharge: 1 / battery.discharge_efficiency}
        if before is None:
            b.lp.equal(moves, battery.energy_kwh)
        else:
            b.lp.equal({**moves, before: -1.0}, 0)
        least = min(least, most_in)
        demanded = battery.demand_kwh and battery.demand_kwh[t] > 0
        v.on.append(None if demanded else nothing_or_enough(b.lp, charge, least))
        v.least_kwh.append(least)
        if (Exclusion.THROUGH, battery.name, t) in b.excluded:
            charging = b.lp.binary()
            b.lp.at_most({charge: 1, charging: -most_in}, 0)
            b.lp.at_most({discharge: 1, charging: most_out}, most_out)
        if battery.taper_from_kwh is not None:
            bend = Taper(battery.energy_kwh, battery.taper_from_kwh, battery.capacity_kwh, battery.taper_to)
            bend.add(b.lp, charge, before, battery.charge_kw * step.hours, least)
        b.taken[t][charge] = 1.0
        b.taken[t][discharge] = -1.0
        v.charge.append(charge)
        v.discharge.append(discharge)
        v.energy.append(energy)
        before = energy
    _bounds(b, v)
    if battery.demand_kwh:
        v.unmet.extend(add_demands(b, battery, v.charge, v.discharge, v.energy))
    v.goals.extend(
        add_goals(b, battery.goals, v.energy, battery.energy_kwh, battery.charge_kw * battery.charge_efficiency)
    )
    add_worth(b.lp, battery.worth, v.energy[-1], battery.capacity_kwh)
    return v


def burning_eur_per_kwh(battery: Battery, step: Step, *, curtailable: bool = False) -> float:
    """(19) price of a kWh discharged while one is paid for losing energy: what its losses earn, and a little more."""
    sunny = step.pv_kwh > step.load_kwh and not curtailable
    earns = max(-step.import_eur_per_kwh, -step.export_eur_per_kwh if sunny else 0.0)
    round_trip = battery.charge_efficiency * battery.discharge_efficiency
    return earns * (1 / round_trip - 1) + _BURN_EUR_PER_KWH if earns > 0 else 0.0


def _bounds(b: Build, v: BatteryVars) -> None:
    """(9) floor <= energy <= ceiling. What starts outside may stay there, but never goes further out again."""
    battery = v.battery
    too_low = battery.floor_kwh - battery.energy_kwh
    too_high = battery.energy_kwh - battery.ceiling_kwh
    for energy in v.energy:
        if too_low <= 0:
            energy.lowBound = battery.floor_kwh
        if too_high <= 0:
            energy.upBound = battery.ceiling_kwh
    if too_low > 0:
        _ratchet(b, v.energy, 1.0, battery.floor_kwh, too_low)
    if too_high > 0:
        _ratchet(b, v.energy, -1.0, -battery.ceiling_kwh, too_high)


def _ratchet(b: Build, energy: list[Var], sign: float, bound_kwh: float, most_kwh: float) -> None:
    """``sign x energy + out >= bound`` with ``out`` that never grows."""
    before: Var | None = None
    for e in energy:
        out = b.lp.var(0, most_kwh, _OUTSIDE_EUR_PER_KWH)
        b.lp.at_least({e: sign, out: 1.0}, bound_kwh)
        if before is not None:
            b.lp.at_most({out: 1.0, before: -1.0}, 0)
        before = out


def add_direction(b: Build, v: BatteryVars) -> None:
    """(10) No discharge into the grid: it covers deficits only; no charge from it: only while the meter exports.

    Called when every device is in the balance. In steps without surplus the first is linear and exact. With one
    the line between "no car" and "all cars at full power" bounds it; a plan that breaks it gets a binary.
    """
    surplus = b.surplus_kwh
    for t, discharge in enumerate(v.discharge):
        exporting = b.exporting.get(t)
        if not v.battery.can_discharge_to_grid:
            _covers_deficit(b, v, t, surplus[t])
            if exporting is not None:
                b.lp.at_most({discharge: 1, exporting: discharge.upBound}, discharge.upBound)
        if not v.battery.can_charge_from_grid and exporting is not None:
            beyond = b.problem.beyond_ac_kwh(v.battery, t)
            b.lp.at_most({v.charge[t]: 1, exporting: -v.charge[t].upBound}, beyond)


def add_own_use(b: Build, batteries: Sequence[BatteryVars]) -> None:
    """(25) what may not go into a car covers what the house lacks without cars, or is sold where that is allowed."""
    kept = [v for v in batteries if not v.battery.feeds_cars]
    others = any(step.unplanned_cars_kwh for step in b.problem.steps)
    if not kept or not (b.problem.cars or others):
        return
    for t, surplus in enumerate(b.surplus_kwh):
        lacks = max(0.0, -surplus - b.problem.steps[t].unplanned_cars_kwh)
        terms = {v.discharge[t]: 1.0 for v in kept} | dict.fromkeys(b.lost_in(t), -1.0)
        if any(v.battery.can_discharge_to_grid for v in kept):
            terms[b.exports[t]] = -1.0
        b.lp.at_most(terms, lacks)


def _covers_deficit(b: Build, v: BatteryVars, t: int, surplus_kwh: float) -> None:
    discharge = v.discharge[t]
    charging = [var for var, sign in b.taken[t].items() if sign > 0 and var is not v.charge[t]]
    lost = dict.fromkeys(b.lost_in(t), -1.0)
    if surplus_kwh <= 0:
        b.lp.at_most({discharge: 1, **dict.fromkeys(charging, -1.0), **lost}, -surplus_kwh)
        return
    most = sum(var.upBound for var in charging)
    if most <= surplus_kwh and lost:
        b.lp.at_most({discharge: 1.0, **lost}, 0)
        return
    if most <= surplus_kwh:
        discharge.upBound = 0.0
        return
    devices = b.sunny.get(t, [])
    if {one.charge for one in devices} != set(charging):
        b.lp.at_most({discharge: 1.0, **dict.fromkeys(charging, -(most - surplus_kwh) / most), **lost}, 0)
        return
    # Together they lack what they take beyond the surplus; one that needs less than it may lack nothing.
    terms = {discharge: 1.0, **dict.fromkeys(charging, -1.0), **lost}
    for one in devices:
        least, full = one.least_kwh, float(one.charge.upBound)
        if least < surplus_kwh:
            slope = max(0.0, (full - surplus_kwh) / (full - least)) if full > least else 0.0
            terms[one.charge] += 1 - slope
            terms[one.on] = slope * least - surplus_kwh
    for one in devices:
        b.lp.at_most({**terms, one.on: terms.get(one.on, 0.0) + surplus_kwh}, 0)
