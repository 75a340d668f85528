"""The planning problem as a plain MILP in HiGHS: every binary, no cuts, nothing shared with the planner's model.

Money alone, and what is asked for at the problem's own prices: slow, and easy to check against docs/planning.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import highspy
import numpy as np

from tariff_planner.domain.problem.problem import MIN_SWAP_DELAY, Problem
from tariff_planner.domain.problem.storage import Battery, Car, TerminalValue

INFINITE = highspy.kHighsInf
MUCH_KWH = 60.0
HOUR = timedelta(hours=1)


@dataclass
class Mip:
    cost: list[float] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    rows: list[tuple[Mapping[int, float], float, float]] = field(default_factory=list)

    def var(self, low: float = 0.0, high: float = INFINITE, cost: float = 0.0, *, whole: bool = False) -> int:
        self.cost.append(cost)
        self.low.append(low)
        self.high.append(high)
        self.whole.append(whole)
        return len(self.cost) - 1

    def binary(self) -> int:
        return self.var(0, 1, whole=True)

    def row(self, terms: Mapping[int, float], low: float = -INFINITE, high: float = INFINITE) -> None:
        self.rows.append((terms, low, high))

    def solve(self, gap: float, seconds: float) -> tuple[float, float]:
        """The best objective found, and its bound."""
        model = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy's
        options = {"output_flag": False, "threads": 1, "mip_rel_gap": 0.0, "mip_abs_gap": gap, "time_limit": seconds}
        for name, value in options.items():
            model.setOptionValue(name, value)
        made = highspy.HighsLp()
        made.num_col_, made.num_row_ = len(self.cost), len(self.rows)
        made.col_cost_, made.col_lower_, made.col_upper_ = (np.array(x) for x in (self.cost, self.low, self.high))
        made.row_lower_ = np.array([low for _, low, _ in self.rows])
        made.row_upper_ = np.array([high for _, _, high in self.rows])
        made.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        made.a_matrix_.start_ = np.cumsum([0, *(len(terms) for terms, _, _ in self.rows)])
        made.a_matrix_.index_ = np.array([i for terms, _, _ in self.rows for i in terms])
        made.a_matrix_.value_ = np.array([x for terms, _, _ in self.rows for x in terms.values()])
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        made.integrality_ = [kinds[whole] for whole in self.whole]
        model.passModel(made)
        model.run()
        info = model.getInfo()
        return float(info.objective_function_value), float(info.mip_dual_bound)


def best(problem: Problem, gap: float = 0.002, seconds: float = 60.0) -> tuple[float, float]:
    """What the cheapest plan costs, with what it misses at its price; and what no plan costs less than."""
    m = Mip()
    steps = range(len(problem.steps))
    balance: list[dict[int, float]] = [{} for _ in steps]
    imports, curtail, out = [], [], []
    for t, step in enumerate(problem.steps):
        bought = m.var(cost=step.import_eur_per_kwh)
        sold = m.var(cost=-step.export_eur_per_kwh)
        way = m.binary()
        m.row({bought: 1.0, way: MUCH_KWH}, high=MUCH_KWH)
        m.row({sold: 1.0, way: -MUCH_KWH}, high=0.0)
        balance[t] = {bought: 1.0, sold: -1.0}
        spare = 0.0
        limit_kwh = None if step.export_limit_kw is None else step.export_limit_kw * step.hours
        if limit_kwh is not None:
            m.row({sold: 1.0}, high=limit_kwh)
            spare = step.pv_kwh
        if problem.curtailable and step.export_eur_per_kwh < 0:
            spare = step.pv_kwh
        unused = m.var(0, spare)
        m.row({unused: 1.0, way: -MUCH_KWH}, high=0.0)
        if limit_kwh is not None and not problem.curtailable:
            full = m.binary()
            m.row({unused: 1.0, full: -MUCH_KWH}, high=0.0)
            m.row({sold: 1.0, full: -limit_kwh}, low=0.0)
        balance[t][unused] = -1.0
        if step.import_limit_kw is not None:
            beyond = m.var(cost=problem.weights.limit_eur_per_kwh)
            m.row({bought: 1.0, beyond: -1.0}, high=step.import_limit_kw * step.hours)
        imports.append(bought)
        curtail.append(unused)
        out.append(way)
    constant = 0.0
    if problem.capacity_price is not None:
        price = problem.capacity_price
        peak = m.var(price.peak_kw, cost=price.eur_per_kw)
        constant -= price.peak_kw * price.eur_per_kw
        for t, step in enumerate(problem.steps):
            m.row({imports[t]: 1.0, peak: -step.hours}, high=0.0)
    for battery in problem.batteries:
        _battery(m, problem, battery, balance, out)
    _cars(m, problem, balance)
    for t, step in enumerate(problem.steps):
        m.row(balance[t], step.load_kwh - step.pv_kwh, step.load_kwh - step.pv_kwh)
    objective, bound = m.solve(gap, seconds)
    return objective + constant, bound + constant


def _battery(m: Mip, problem: Problem, one: Battery, balance: list[dict[int, float]], out: list[int]) -> None:
    """Energies between floor and ceiling, one direction at a time, nothing sold or bought that may not be."""
    before: int | None = None
    last = -1
    for t, step in enumerate(problem.steps):
        charge = m.var(0, one.charge_kw * step.hours)
        discharge = m.var(0, one.discharge_kw * step.hours, one.wear_eur_per_kwh)
        stored = last = m.var(one.floor_kwh, one.ceiling_kwh)
        charging = m.binary()
        m.row({charge: 1.0, charging: -MUCH_KWH}, high=0.0)
        m.row({discharge: 1.0, charging: MUCH_KWH}, high=MUCH_KWH)
        if not one.can_discharge_to_grid:
            m.row({discharge: 1.0, out[t]: MUCH_KWH}, high=MUCH_KWH)
        if not one.can_charge_from_grid:
            m.row({charge: 1.0, out[t]: -MUCH_KWH}, high=0.0)
        moves = {stored: 1.0, charge: -one.charge_efficiency, discharge: 1 / one.discharge_efficiency}
        given = one.energy_kwh if before is None else 0.0
        m.row(moves if before is None else {**moves, before: -1.0}, given, given)
        balance[t] |= {charge: -1.0, discharge: 1.0}
        before = stored
    _worth(m, one.worth, last, one.capacity_kwh)


def _cars(m: Mip, problem: Problem, balance: list[dict[int, float]]) -> None:
    """Nothing or at least the minimum power; one car at a time where they share a loadpoint."""
    for cars in problem.cars_by_loadpoint().values():
        plugged = _plugged(m, problem, cars) if len(cars) > 1 else None
        for n, car in enumerate(cars):
            loadpoint = problem.loadpoint(car.loadpoint)
            most_kw = min(car.max_kw, loadpoint.max_kw)
            before, last, stored_by_step = None, -1, []
            for t, step in enumerate(problem.steps):
                on, charge = m.binary(), m.var()
                # A car that needs less than the minimum gives in a step is full before its end.
                least = min(min(loadpoint.min_kw, most_kw) * step.hours, _room(car))
                m.row({charge: 1.0, on: -most_kw * step.hours}, high=0.0)
                m.row({charge: 1.0, on: -least}, low=0.0)
                if plugged is not None:
                    m.row({on: 1.0, plugged[t][n]: -1.0}, high=0.0)
                stored = last = m.var(0, max(car.ceiling_kwh, car.energy_kwh))
                moves = {stored: 1.0, charge: -car.charge_efficiency}
                given = car.energy_kwh if before is None else 0.0
                m.row(moves if before is None else {**moves, before: -1.0}, given, given)
                balance[t][charge] = -1.0
                before = stored
                stored_by_step.append(stored)
            for goal in car.goals:
                missing = m.var(cost=goal.eur_per_kwh)
                at = max(t for t, step in enumerate(problem.steps) if step.end <= goal.by)
                m.row({stored_by_step[at]: 1.0, missing: 1.0}, low=goal.energy_kwh)
            _worth(m, car.worth, last, car.capacity_kwh)


def _room(car: Car) -> float:
    return max(0.0, car.ceiling_kwh - car.energy_kwh) / car.charge_efficiency


def _plugged(m: Mip, problem: Problem, cars: tuple[Car, ...]) -> list[list[int]]:
    """Who is plugged in: changed at most hourly, the first time a quarter of an hour from now, each at a price."""
    now = [m.var(float(car.plugged), float(car.plugged)) for car in cars]
    found, due = [], problem.start + MIN_SWAP_DELAY
    for step in problem.steps:
        if step.start >= due:
            due = step.start + HOUR
            before, now = now, [m.binary() for _ in cars]
            m.row(dict.fromkeys(now, 1.0), high=1.0)
            for new, old in zip(now, before, strict=True):
                swap = m.var(0, 1, problem.weights.swap_eur)
                m.row({swap: 1.0, new: -1.0, old: 1.0}, low=0.0)
        found.append(now)
    return found


def _worth(m: Mip, worth: tuple[TerminalValue, ...], last: int, capacity_kwh: float) -> None:
    parts, below = {}, 0.0
    for tier in worth:
        top = min(tier.upto_kwh, capacity_kwh)
        parts[m.var(0, max(0.0, top - below), -tier.eur_per_kwh)] = 1.0
        below = max(below, top)
    parts[m.var(0, max(0.0, capacity_kwh - below))] = 1.0
    m.row({**parts, last: -1.0}, 0.0, 0.0)
