"""The model's limit of the controllable devices alone: the house is free, sun and battery come on top of it."""

from collections.abc import Sequence

from tariff_planner.domain.milp.battery import BatteryVars
from tariff_planner.domain.milp.grid import Build
from tariff_planner.domain.milp.vehicle import CarVars


def add_device_limits(b: Build, batteries: Sequence[BatteryVars], cars: Sequence[CarVars]) -> None:
    """(23) charge - Σ discharge <= limit x h + surplus, for each device, and for all of them with so many limits."""
    for t, step in enumerate(b.problem.steps):
        if step.device_limit_kw is None:
            continue
        most = step.device_limit_kw * step.hours
        surplus = max(0.0, b.surplus_kwh[t])
        giving = {v.discharge[t]: -1.0 for v in batteries}
        places = b.problem.cars_by_loadpoint().values()
        taking = [{v.charge[t]: 1.0 for v in cars if v.car in at} for at in places]
        taking += [{v.charge[t]: 1.0} for v in batteries]
        taking = [device for device in taking if device]
        for device in taking:
            others = {var: sign for var, sign in giving.items() if var not in device}
            b.lp.at_most({**others, **device}, most + surplus)
        if len(taking) > 1:
            every = {var: 1.0 for device in taking for var in device}
            b.lp.at_most({**giving, **every}, most * len(taking) + surplus)
