"""The cheapest that was possible: everything known from the beginning, powers set freely.

A linear programme over the whole time. No policy in modes can do it, and its car needs no least power: it is a lower
bound of the cost, which makes every regret that is measured against it an upper bound.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pulp

from ems.forecast.history_grid import Floats
from ems.virtual_house.house import VirtualBattery, VirtualCar
from ems.virtual_house.live import Life, energies, start_kwh
from ems.virtual_house.world import World

SHORT_EUR_PER_KWH = 10.0
"""Price of a missed kWh of a goal, as for the plan."""
GAP = 1e-4


@dataclass(frozen=True, slots=True)
class _Storage:
    """A storage's variables: AC power in, AC power out, energy after each slot (in kWh a slot)."""

    taken: list[Any]
    given: list[Any]
    after: list[Any]
    before: list[Any]
    balance: list[Any]
    """The constraint that makes ``after`` of ``before``; its dual is what a kWh is worth then."""


@dataclass(frozen=True, slots=True, eq=False)
class Foresight:
    """The best life, and what a kWh stored at each slot's end was worth in it.

    At the very end that is the mean import price.
    """

    life: Life
    worth_eur_per_kwh: Mapping[str, Floats]


def foresight(world: World) -> Foresight:
    """The best life that there was.

    Raises:
        RuntimeError: the solver found no optimum, which no valid world can cause.
    """
    problem = pulp.LpProblem("foresight", pulp.LpMinimize)
    slots = range(world.first, world.end)
    count = len(slots)
    load_kwh, pv_kwh = energies(world)
    net = load_kwh - pv_kwh
    buy, sell = (
        np.nan_to_num(p[world.first : world.end]) for p in (world.import_eur_per_kwh, world.export_eur_per_kwh)
    )
    imported = [pulp.LpVariable(f"i{t}", 0) for t in range(count)]
    exported = [pulp.LpVariable(f"x{t}", 0) for t in range(count)]
    storages: dict[str, _Storage] = {}
    missed: list[Any] = []
    battery_kwh, car_kwh = start_kwh(world)
    most = float(np.abs(net).max())
    if world.house.battery is not None and battery_kwh is not None:
        storages["battery"] = _battery(problem, world, world.house.battery, battery_kwh)
        most += max(world.house.battery.charge_kw, world.house.battery.discharge_kw) * world.hours
    if world.house.car is not None and car_kwh is not None:
        storages["car"], missed = _car(problem, world, world.house.car, car_kwh)
        most += world.house.car.max_kw * world.hours
    for t in range(count):
        taken = pulp.lpSum(s.taken[t] for s in storages.values())
        given = pulp.lpSum(s.given[t] for s in storages.values() if s.given)
        problem += imported[t] - exported[t] == float(net[t]) + taken - given
        if buy[t] <= sell[t]:
            _either(problem, f"g{t}", imported[t], exported[t], most)
            for name, s in storages.items():
                if s.given:
                    _either(problem, f"{name}{t}", s.taken[t], s.given[t], most)
    worth = world.mean_import_eur_per_kwh
    problem.setObjective(
        pulp.lpSum(float(buy[t]) * imported[t] - float(sell[t]) * exported[t] for t in range(count))
        - worth * pulp.lpSum(s.after[-1] for s in storages.values())
        + SHORT_EUR_PER_KWH * pulp.lpSum(missed)
    )
    _solve(problem)
    binaries = [v for v in problem.variables() if v.cat == pulp.LpInteger]
    if binaries:
        # Only a linear programme has duals: the same again with the choices that were found.
        for v in binaries:
            v.cat, v.lowBound, v.upBound = pulp.LpContinuous, round(v.value()), round(v.value())
        _solve(problem)
    bought, sold = _values(imported), _values(exported)
    stored = {n: (_values(s.before), _values(s.after)) for n, s in storages.items()}
    short = sum(float(v.value() or 0) for v in missed)
    life = Life(load_kwh, pv_kwh, bought, sold, bought * buy - sold * sell, ("-",) * count, stored, short)
    # At a bound (a car at its goal) duals are not unique: a kWh is worth no less than nothing, no more than the peak.
    peak = float(buy.max())
    values = {
        name: np.clip([*(-float(c.pi or 0) for c in s.balance[:-1]), worth], 0, peak) for name, s in storages.items()
    }
    return Foresight(life, values)


def _solve(problem: Any) -> None:
    problem.solve(pulp.HiGHS(msg=False, gapRel=GAP))
    if problem.sol_status != pulp.LpSolutionOptimal:
        raise RuntimeError(f"perfect foresight: {pulp.LpStatus[problem.status]}")


def _battery(problem: Any, world: World, config: VirtualBattery, start: float) -> _Storage:
    count, hours = world.end - world.first, world.hours
    low = min(config.min_kwh, start)
    taken: list[Any] = []
    given: list[Any] = []
    after: list[Any] = []
    balance: list[Any] = []
    for t in range(count):
        open_ = 0.0 if world.idle[world.first + t] else hours
        taken.append(pulp.LpVariable(f"bi{t}", 0, config.charge_kw * open_))
        given.append(pulp.LpVariable(f"bo{t}", 0, config.discharge_kw * open_))
        after.append(pulp.LpVariable(f"b{t}", low, config.capacity_kwh))
        before = after[t - 1] if t else start
        gained = config.charge_efficiency * taken[t] - (1 / config.discharge_efficiency) * given[t]
        balance.append(after[t] == before + gained)
        problem += balance[-1]
    return _Storage(taken, given, after, [start, *after[:-1]], balance)


def _car(problem: Any, world: World, config: VirtualCar, start: float) -> tuple[_Storage, list[Any]]:
    """The car, and the variables of what its goals and trips miss.

    Charged only at home; a trip takes what it takes as far as there is, as in a life.
    """
    missed: list[Any] = []
    taken: list[Any] = []
    after: list[Any] = []
    before: list[Any] = []
    balance: list[Any] = []
    top = max(config.goal_kwh, start)
    power = min(config.max_kw, config.charger().max_kw)
    for t in range(world.end - world.first):
        slot = world.first + t
        there: Any = after[t - 1] if t else start
        if world.goal_at[slot]:
            missed.append(pulp.LpVariable(f"m{t}", 0))
            problem += missed[-1] >= config.goal_kwh - there
        used = float(world.trip_kwh[slot])
        if used:
            arrived, lacking = pulp.LpVariable(f"a{t}", 0, top), pulp.LpVariable(f"l{t}", 0)
            problem += arrived == there - used + lacking
            # Running dry is no way to get energy.
            missed.append(lacking)
            there = arrived
        open_ = world.home[slot] and not world.idle[slot]
        taken.append(pulp.LpVariable(f"ci{t}", 0, power * world.hours if open_ else 0.0))
        after.append(pulp.LpVariable(f"c{t}", 0, top))
        balance.append(after[t] == there + config.charge_efficiency * taken[t])
        problem += balance[-1]
        before.append(there)
    return _Storage(taken, [], after, before, balance), missed


def _either(problem: Any, name: str, one: Any, other: Any, most: float) -> None:
    """At most one of two flows: where both would pay (a negative price)."""
    which = pulp.LpVariable(f"w{name}", cat=pulp.LpBinary)
    problem += one <= most * which
    problem += other <= most * (1 - which)


def _values(variables: list[Any]) -> Floats:
    return np.array([v if isinstance(v, float) else float(v.value() or 0) for v in variables])
