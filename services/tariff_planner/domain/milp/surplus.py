"""The model's surplus: what a car takes of it is worth more than the same energy from the grid."""

from collections.abc import Sequence

from tariff_planner.domain.milp.grid import Build
from tariff_planner.domain.milp.vehicle import CarVars


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
