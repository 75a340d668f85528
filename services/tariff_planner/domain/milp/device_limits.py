"""The model's limits of devices, not of the connection: the controllable ones', a hybrid inverter's, evcc's hold."""

from collections.abc import Sequence

from tariff_planner.domain.milp.battery import BatteryVars
from tariff_planner.domain.milp.grid import SPARED, Build
from tariff_planner.domain.milp.vehicle import CarVars
from tariff_planner.domain.problem.problem import NOTHING_KW
from tariff_planner.domain.problem.storage import Inverter


def add_device_limits(b: Build, batteries: Sequence[BatteryVars], cars: Sequence[CarVars]) -> None:
    """(23) charge - Σ discharge <= limit x h + surplus, for each device, and for all of them with so many limits.

    The house is free, sun and battery come on top.
    """
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


def add_losses(b: Build) -> None:
    """(24) 0 <= lost <= PV - AC limit: sun that does not fit through, where there is any."""
    for inverter in b.problem.inverters:
        for t, step in enumerate(b.problem.steps):
            beyond = inverter.beyond_ac_kwh(step.pv_kwh, step.hours)
            if beyond > 0:
                lost = b.lost[inverter.name, t] = b.lp.var(0, beyond, b.problem.weights.curtailed_eur_per_kwh)
                b.lp.tie(lost, SPARED)


def add_inverters(b: Build, batteries: Sequence[BatteryVars]) -> None:
    """(24) -limit <= PV - lost + discharge - charge <= limit, each inverter by itself."""
    for inverter in b.problem.inverters:
        behind = [v for v in batteries if v.battery.inverter == inverter.name]
        for t in range(len(b.problem.steps)):
            _limit(b, inverter, behind, t)


def _limit(b: Build, inverter: Inverter, behind: Sequence[BatteryVars], t: int) -> None:
    step, lost = b.problem.steps[t], b.lost.get((inverter.name, t))
    most, pv = inverter.ac_kw * step.hours, inverter.pv_kwh(step.pv_kwh)
    given = {v.discharge[t]: 1.0 for v in behind} | {v.charge[t]: -1.0 for v in behind}
    if lost is not None:
        given[lost] = -1.0
    if pv + sum(v.discharge[t].upBound for v in behind) > most:
        b.lp.at_most(given, most - pv)
    if sum(v.charge[t].upBound for v in behind) - pv > most:
        b.lp.at_least(given, -most - pv)
    may_be_spared = step.export_eur_per_kwh >= 0 or b.problem.curtailable
    if lost is not None and (step.import_eur_per_kwh < 0 or not may_be_spared):
        # Sun is lost only beyond what fits, though it would pay to lose more.
        full = b.lp.binary()
        b.lp.at_most({lost: 1.0, full: -lost.upBound}, 0)
        b.lp.at_least({**given, full: -most - _most_in(behind, t)}, -pv - _most_in(behind, t))


def _most_in(behind: Sequence[BatteryVars], t: int) -> float:
    return float(sum(v.charge[t].upBound for v in behind))


def add_hold(b: Build, batteries: Sequence[BatteryVars], cars: Sequence[CarVars]) -> None:
    """(29) discharge <= lacking x (1 - on) of each car, and none beside cars that are not planned: they are held."""
    held = [v for v in batteries if v.battery.held_beside_cars]
    for t, step in enumerate(b.problem.steps) if held else ():
        if step.cars_beyond_sun_kwh(0.0) > NOTHING_KW * step.hours:
            for v in held:
                v.discharge[t].upBound = 0.0
            continue
        lacks = -b.surplus_kwh[t]
        for car in cars:
            most = float(car.charge[t].upBound)
            if lacks <= 0 or most <= 0:
                continue  # (25) allows nothing, or the car is away
            on = {car.charge[t]: lacks / most} if car.on[t] is None else {car.on[t]: lacks}
            b.lp.at_most({v.discharge[t]: 1.0 for v in held} | on, lacks)
