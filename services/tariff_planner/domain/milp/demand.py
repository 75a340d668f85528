"""What people's wishes and other programs' files may ask of a battery: so much in a step, until it is full."""

from collections.abc import Sequence

from tariff_planner.domain.milp.grid import Build
from tariff_planner.domain.milp.solver.highs import Var
from tariff_planner.domain.problem.storage import Battery

_LATER = 1.5
"""Steps of delay that meeting a demand in the step that fills it, too, is worth among plans that cost the same."""
_WEAK = 1.2
"""Unmet demand in kWh that a kWh below the minimum power is as bad as."""


def add_demands(
    b: Build, battery: Battery, charge: Sequence[Var], discharge: Sequence[Var], energy: Sequence[Var]
) -> list[Var]:
    """(18) unmet >= demand - charge, more expensive when early, until it is full; less than the least only to fill it.

    A demand that can always be met, and costs more unmet than meeting it ever can, is no variable but a bound: what is
    stored then never lies below ``lowest_kwh``, which makes the relaxation tight.

    Returns the variables of what is unmet, in kWh.
    """
    unmet: list[Var] = []
    count = len(b.problem.steps)
    lowest_kwh = min(battery.energy_kwh, battery.ceiling_kwh)
    full_before: Var | None = None
    for t, step in enumerate(b.problem.steps):
        most_kwh = float(charge[t].upBound)
        demand_kwh = min(battery.demand_kwh[t], most_kwh)
        least_kwh = min(battery.min_charge_kw * step.hours, most_kwh)
        if _outweighs(b, battery, demand_kwh, float(discharge[t].upBound)):
            discharge[t].upBound = 0.0
        if discharge[t].upBound > 0:
            lowest_kwh, full_before = min(lowest_kwh, battery.floor_kwh), None
        if demand_kwh <= 0:
            continue
        full = b.lp.binary()
        asked = {charge[t]: 1.0, full: demand_kwh}
        if battery.can_charge_from_grid and _outweighs(b, battery, demand_kwh, max(demand_kwh, least_kwh)):
            lowest_kwh = min(battery.ceiling_kwh, lowest_kwh + battery.charge_efficiency * demand_kwh)
        else:
            missing = b.lp.var(0, demand_kwh, battery.demand_eur_per_kwh * (1 + (count - t) / count))
            asked[missing] = 1.0
            unmet.append(missing)
        b.lp.at_least(asked, demand_kwh)
        b.lp.at_least({energy[t]: 1.0, full: lowest_kwh - battery.ceiling_kwh}, lowest_kwh)
        if full_before is not None:
            # Nothing is taken out: what is full stays full.
            b.lp.at_least({full: 1.0, full_before: -1.0}, 0)
            b.lp.at_most({charge[t]: 1.0, full_before: most_kwh}, most_kwh)
        _least(b, charge[t], full, least_kwh, demand_kwh)
        full_before = full
    return unmet


def _least(b: Build, charge: Var, full: Var, least_kwh: float, demand_kwh: float) -> None:
    """Nothing or at least the least power, but to fill the last bit; and what is preferred where it costs nothing."""
    price = _LATER / len(b.problem.steps)
    less = b.lp.var(0, demand_kwh)
    b.lp.tie(less, price)
    b.lp.at_least({less: 1.0, charge: 1.0}, demand_kwh)
    if least_kwh <= 0:
        return
    on, weak = b.lp.binary(), b.lp.var(0, least_kwh)
    b.lp.tie(weak, _WEAK * price)
    b.lp.at_most({charge: 1.0, on: -charge.upBound}, 0)
    b.lp.at_least({charge: 1.0, on: -least_kwh, full: least_kwh}, 0)
    b.lp.at_least({weak: 1.0, charge: 1.0, on: -least_kwh}, 0)


def _outweighs(b: Build, battery: Battery, demand_kwh: float, other_kwh: float) -> bool:
    """Whether a demand, unmet, costs more than any other use of ``other_kwh`` can ever earn."""
    limited = battery.taper_from_kwh is not None or battery.inverter is not None
    if limited or b.problem.capacity_price is not None or b.over_import or b.curtailed:
        return False
    highest_price = max(max(abs(s.import_eur_per_kwh), abs(s.export_eur_per_kwh)) for s in b.problem.steps)
    round_trip = battery.charge_efficiency * battery.discharge_efficiency
    return demand_kwh * battery.demand_eur_per_kwh > other_kwh * 2 * highest_price / round_trip
