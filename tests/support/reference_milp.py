"""The planning problem as a plain MILP in HiGHS: every binary, no cuts, nothing shared with the planner's model.

Slow, and easy to check against docs/planning.md, whose numbers stand beside the rows. Not in it: other programs'
demands (18) and ``exact`` short of the horizon.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

import highspy
import numpy as np

from tariff_planner.domain.problem.problem import MIN_SWAP_DELAY, Problem
from tariff_planner.domain.problem.solution import Solution
from tariff_planner.domain.problem.storage import Battery, Car, EnergyGoal, TerminalValue

INFINITE = highspy.kHighsInf
MUCH_KWH = 60.0
NO_TAPER_KWH = 0.001
OUTSIDE = 1e-5
"""(9) price of a kWh outside the bounds, a step."""
BURNING = 0.001
"""(19) what a kWh discharged costs more than its losses earn."""
OTHERWISE = 20.0
"""What a kWh costs that is not as given: more than it can save."""


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

    def fix(self, var: int, value: float) -> None:
        """As given; what differs, as rounding does, has a price. (In ranges that are narrow HiGHS misses plans.)"""
        self.row({var: 1.0, self.var(cost=OTHERWISE): 1.0, self.var(cost=OTHERWISE): -1.0}, value, value)

    def solve(self, gap: float, seconds: float) -> tuple[float, float]:
        """The best objective found, and its bound; both infinite where there is none."""
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
        if model.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            return INFINITE, INFINITE
        return float(info.objective_function_value), float(info.mip_dual_bound)


@dataclass
class Home:
    """The model, and where its flows stand, by step."""

    problem: Problem
    mip: Mip = field(default_factory=Mip)
    imports: list[int] = field(default_factory=list)
    exports: list[int] = field(default_factory=list)
    out: list[int] = field(default_factory=list)
    lost: list[list[int]] = field(default_factory=list)
    charge: dict[str, list[int]] = field(default_factory=dict)
    discharge: dict[str, list[int]] = field(default_factory=dict)
    plugged: dict[str, list[int]] = field(default_factory=dict)
    balance: list[dict[int, float]] = field(default_factory=list)
    constant: float = 0.0


def best(problem: Problem, gap: float = 0.002, seconds: float = 60.0) -> tuple[float, float]:
    """What the cheapest plan costs, with what it misses at its price; and what no plan costs less than."""
    home = _home(problem)
    objective, bound = home.mip.solve(gap, seconds)
    return objective + home.constant, bound + home.constant


def cost_of(problem: Problem, plan: Solution) -> float:
    """What a given plan costs in this model; more, where it does what cannot be."""
    home = _home(problem)
    for flows, kwh in ((home.imports, plan.import_kwh), (home.exports, plan.export_kwh)):
        for var, value in zip(flows, kwh, strict=True):
            home.mip.fix(var, value)
    for name, one in plan.batteries.items():
        for t, (charge, discharge) in enumerate(zip(one.charge_kwh, one.discharge_kwh, strict=True)):
            home.mip.fix(home.charge[name][t], charge)
            home.mip.fix(home.discharge[name][t], discharge)
    for name, car in plan.cars.items():
        for t, charge in enumerate(car.charge_kwh):
            home.mip.fix(home.charge[name][t], charge)
        for t, var in enumerate(home.plugged.get(name, [])):
            home.mip.fix(var, float(car.plugged[t]))
    return home.mip.solve(1e-6, 20.0)[0] + home.constant


def _home(problem: Problem) -> Home:
    home = Home(problem)
    for t in range(len(problem.steps)):
        _meter(home, t)
    if problem.capacity_price is not None:
        price = problem.capacity_price
        peak = home.mip.var(price.peak_kw, cost=price.eur_per_kw)
        home.constant -= price.peak_kw * price.eur_per_kw
        for t, step in enumerate(problem.steps):
            home.mip.row({home.imports[t]: 1.0, peak: -step.hours}, high=0.0)
    for battery in problem.batteries:
        _battery(home, battery)
    for cars in problem.cars_by_loadpoint().values():
        _cars(home, cars)
    for t, step in enumerate(problem.steps):
        home.mip.row(home.balance[t], step.load_kwh - step.pv_kwh, step.load_kwh - step.pv_kwh)
        _devices(home, t)
        _inverters(home, t)
        _own_use(home, t)
        _sun(home, t)
    return home


def _meter(home: Home, t: int) -> None:
    """One direction at a time; what is not fed in, only where that can be and at a limit that is reached."""
    problem, m = home.problem, home.mip
    step = problem.steps[t]
    bought, sold, way = m.var(cost=step.import_eur_per_kwh), m.var(cost=-step.export_eur_per_kwh), m.binary()
    m.row({bought: 1.0, way: MUCH_KWH}, high=MUCH_KWH)
    m.row({sold: 1.0, way: -MUCH_KWH}, high=0.0)
    limit_kwh = None if step.export_limit_kw is None else step.export_limit_kw * step.hours
    surplus = max(0.0, step.pv_kwh - step.load_kwh)
    spare = surplus if problem.curtailable and step.export_eur_per_kwh < 0 else 0.0
    if limit_kwh is not None:
        m.row({sold: 1.0}, high=limit_kwh)
        spare = surplus
    unused = m.var(0, spare, problem.weights.curtailed_eur_per_kwh)
    m.row({unused: 1.0, way: -MUCH_KWH}, high=0.0)
    if limit_kwh is not None and step.export_eur_per_kwh < 0 and not problem.curtailable:
        full = m.binary()
        m.row({unused: 1.0, full: -MUCH_KWH}, high=0.0)
        m.row({sold: 1.0, full: -limit_kwh}, low=0.0)
    home.balance.append({bought: 1.0, sold: -1.0, unused: -1.0})
    if step.import_limit_kw is not None:
        beyond = m.var(cost=problem.weights.limit_eur_per_kwh)
        m.row({bought: 1.0, beyond: -1.0}, high=step.import_limit_kw * step.hours)
    home.imports.append(bought)
    home.exports.append(sold)
    home.out.append(way)
    home.lost.append([])
    for inverter in problem.inverters:
        too_much = inverter.pv_share * step.pv_kwh - inverter.ac_kw * step.hours
        lost = m.var(0, max(0.0, too_much), problem.weights.curtailed_eur_per_kwh)
        home.lost[t].append(lost)
        home.balance[t][lost] = -1.0


def _inverters(home: Home, t: int) -> None:
    """(24) what goes through an inverter fits; its panels' energy is lost only while it gives all that fits."""
    m, step = home.mip, home.problem.steps[t]
    for inverter, lost in zip(home.problem.inverters, home.lost[t], strict=True):
        most, pv, full = inverter.ac_kw * step.hours, inverter.pv_share * step.pv_kwh, m.binary()
        given: dict[int, float] = {lost: -1.0}
        for battery in home.problem.batteries:
            if battery.inverter == inverter.name:
                given |= {home.discharge[battery.name][t]: 1.0, home.charge[battery.name][t]: -1.0}
        m.row(given, -most - pv, most - pv)
        if step.export_eur_per_kwh >= 0 <= step.import_eur_per_kwh:
            continue
        m.row({lost: 1.0, full: -MUCH_KWH}, high=0.0)
        m.row({**given, full: -2 * MUCH_KWH}, low=most - pv - 2 * MUCH_KWH)


def _own_use(home: Home, t: int) -> None:
    """(25) batteries that feed no cars give what the house lacks, or sell it where one of them may."""
    step, kept = home.problem.steps[t], [b for b in home.problem.batteries if not b.feeds_cars]
    terms = {home.discharge[b.name][t]: 1.0 for b in kept} | dict.fromkeys(home.lost[t], -1.0)
    if any(b.can_discharge_to_grid for b in kept):
        terms[home.exports[t]] = -1.0
    if kept and home.problem.cars:
        home.mip.row(terms, high=max(0.0, step.load_kwh - step.pv_kwh))


def _battery(home: Home, one: Battery) -> None:
    """Energies between floor and ceiling, one direction at a time, nothing sold or bought that may not be."""
    problem, m = home.problem, home.mip
    home.charge[one.name], home.discharge[one.name] = charges, discharges = [], []
    energy: list[int] = []
    for t, step in enumerate(problem.steps):
        round_trip = one.charge_efficiency * one.discharge_efficiency
        sells = step.pv_kwh > step.load_kwh and not problem.curtailable
        paid = max(-step.import_eur_per_kwh, -step.export_eur_per_kwh if sells else 0.0)
        burning = paid * (1 / round_trip - 1) + BURNING if paid > 0 else 0.0
        charge = m.var(0, one.charge_kw * step.hours, _churn(problem, t, one.name))
        most_out = 0.0 if one.is_held(t) else one.discharge_kw * step.hours
        discharge = m.var(0, most_out, one.wear_eur_per_kwh + burning)
        charging = m.binary()
        m.row({charge: 1.0, charging: -MUCH_KWH}, high=0.0)
        least = min(one.min_charge_kw, one.charge_kw) * step.hours
        m.row({charge: 1.0, charging: -least}, low=0.0)
        m.row({discharge: 1.0, charging: MUCH_KWH}, high=MUCH_KWH)
        if not one.can_discharge_to_grid:
            m.row({discharge: 1.0, home.out[t]: MUCH_KWH}, high=MUCH_KWH)
        if not one.can_charge_from_grid:
            beyond = sum(
                max(0.0, i.pv_share * step.pv_kwh - i.ac_kw * step.hours)
                for i in problem.inverters
                if i.name == one.inverter
            )
            m.row({charge: 1.0}, high=max(beyond, step.pv_kwh - step.load_kwh, 0.0))
            m.row({charge: 1.0, home.out[t]: -MUCH_KWH}, high=beyond)
        stored = m.var(0, one.capacity_kwh)
        moves = {stored: 1.0, charge: -one.charge_efficiency, discharge: 1 / one.discharge_efficiency}
        given = 0.0 if energy else one.energy_kwh
        m.row(moves | ({energy[-1]: -1.0} if energy else {}), given, given)
        _taper(m, one, charge, energy, one.charge_kw * step.hours, least)
        home.balance[t] |= {charge: -1.0, discharge: 1.0}
        energy.append(stored)
        charges.append(charge)
        discharges.append(discharge)
    for sign, bound, start in ((1.0, one.floor_kwh, one.energy_kwh), (-1.0, -one.ceiling_kwh, -one.energy_kwh)):
        outside = [m.var(0, max(0.0, bound - start), OUTSIDE) for _ in energy]
        for stored, out in zip(energy, outside, strict=True):
            m.row({stored: sign, out: 1.0}, low=bound)
        for before, after in pairwise(outside):
            m.row({after: 1.0, before: -1.0}, high=0.0)
    _goals(home, one.goals, energy, one.energy_kwh, one.charge_kw * one.charge_efficiency)
    _worth(m, one.worth, energy[-1], one.capacity_kwh)


def _cars(home: Home, cars: tuple[Car, ...]) -> None:
    """Nothing or at least the minimum power; one car at a time where they share a loadpoint."""
    problem, m = home.problem, home.mip
    shared = len(cars) > 1 or not all(car.plugged for car in cars)
    plugged = _plugged(home, cars) if shared else None
    for n, car in enumerate(cars):
        loadpoint = problem.loadpoint(car.loadpoint)
        most_kw = min(car.max_kw, loadpoint.max_kw)
        least_kw = min(loadpoint.min_kw, most_kw)
        home.charge[car.name] = charges = []
        energy: list[int] = []
        ons: list[int] = []
        room = max(0.0, car.ceiling_kwh - car.energy_kwh)
        for t, step in enumerate(problem.steps):
            present = 0.0 if car.is_paused(t) else step.hours * car.at_home(step)
            on, charge = m.binary(), m.var(cost=_churn(problem, t, car.name))
            gone = car.used_kwh(step)
            room += gone
            # A car that needs less than the minimum gives in a step is full before its end.
            least = min(least_kw * present, room / car.charge_efficiency)
            m.row({charge: 1.0, on: -most_kw * present}, high=0.0)
            m.row({charge: 1.0, on: -least}, low=0.0)
            block = loadpoint.min_on_minutes
            # Steps in which nobody can be on or off take no part in a block.
            if ons and block and least > 0 and present > 0 and _same_block(problem, t, block):
                m.row({on: 1.0, ons[-1]: -1.0}, 0.0, 0.0)
            if plugged is not None:
                m.row({charge: 1.0, plugged[t][n]: -MUCH_KWH}, high=0.0)
            stored = m.var(0, max(car.ceiling_kwh, car.energy_kwh))
            elsewhere = m.var(0, gone, problem.weights.limit_eur_per_kwh)
            moves = {stored: 1.0, charge: -car.charge_efficiency, elsewhere: -1.0}
            given = (0.0 if energy else car.energy_kwh) - gone
            m.row(moves | ({energy[-1]: -1.0} if energy else {}), given, given)
            _taper(m, car, charge, energy, most_kw * present, least_kw * present)
            if car.is_pushed(t):
                m.row({m.var(cost=car.pushed_eur_per_kwh): 1.0, charge: 1.0}, low=most_kw * present)
            home.balance[t][charge] = -1.0
            energy.append(stored)
            charges.append(charge)
            ons.append(on)
        _goals(home, car.goals, energy, car.energy_kwh, most_kw * car.charge_efficiency)
        _worth(m, car.worth, energy[-1], car.capacity_kwh)


def _same_block(problem: Problem, t: int, minutes: int) -> bool:
    def block(at: datetime) -> int:
        return int(at.timestamp()) // (60 * minutes)

    return block(problem.steps[t].start) == block(problem.steps[t - 1].start)


def _taper(m: Mip, one: Battery | Car, charge: int, energy: list[int], most: float, least: float) -> None:
    """(12) above ``taper_from_kwh`` it takes less, by what is stored at the step's start.

    Over less than 1 Wh it is none: HiGHS answers such a slope with a cost of nothing.
    """
    begin, size = one.taper_from_kwh, one.capacity_kwh
    if begin is None or size - begin < NO_TAPER_KWH or most <= 0:
        return
    fall = most * (1 - max(one.taper_to, least / most)) / (size - begin)
    if energy:
        m.row({charge: 1.0, energy[-1]: fall}, high=most + fall * begin)
    else:
        m.row({charge: 1.0}, high=max(0.0, most - fall * max(0.0, one.energy_kwh - begin)))


def _goals(home: Home, goals: tuple[EnergyGoal, ...], energy: list[int], start_kwh: float, fastest_kw: float) -> None:
    """(13)."""
    problem, m = home.problem, home.mip
    for goal in goals:
        if goal.by <= problem.start or goal.energy_kwh <= 0:
            continue
        missing = {m.var(cost=goal.eur_per_kwh): 1.0}
        t = next((t for t, step in enumerate(problem.steps) if step.end > goal.by), None)
        if t is None:
            later_h = (goal.by - problem.end).total_seconds() / 3600
            m.row({energy[-1]: 1.0, **missing}, low=goal.energy_kwh - fastest_kw * later_h)
            continue
        share = (goal.by - problem.steps[t].start) / (problem.steps[t].end - problem.steps[t].start)
        before = {energy[t - 1]: 1 - share} if t else {}
        m.row({energy[t]: share, **before, **missing}, low=goal.energy_kwh - (0.0 if t else (1 - share) * start_kwh))


def _plugged(home: Home, cars: tuple[Car, ...]) -> list[list[int]]:
    """(16) who is plugged in: changed from a quarter of an hour on, at a price; at night only by who comes home."""
    problem, m = home.problem, home.mip
    now = [m.var(float(car.plugged), float(car.plugged)) for car in cars]
    backs = [trip.back for car in cars for trip in car.trips if trip.back > problem.start]
    found, seen = [], problem.start
    for step in problem.steps:
        comes, seen = any(seen < back <= step.start for back in backs), step.start
        if comes or (step.swap and step.start >= problem.start + MIN_SWAP_DELAY):
            before, now = now, [m.binary() for _ in cars]
            m.row(dict.fromkeys(now, 1.0), high=1.0)
            for new, old in zip(now, before, strict=True):
                swap = m.var(0, 1, problem.weights.swap_eur)
                m.row({swap: 1.0, new: -1.0, old: 1.0}, low=0.0)
        found.append(now)
    for n, car in enumerate(cars):
        home.plugged[car.name] = [plugged[n] for plugged in found]
    return found


def _devices(home: Home, t: int) -> None:
    """(23) each controllable device, and all of them, stay below their limit, with sun and batteries on top."""
    problem, step = home.problem, home.problem.steps[t]
    if step.device_limit_kw is None:
        return
    most, surplus = step.device_limit_kw * step.hours, max(0.0, step.pv_kwh - step.load_kwh)
    places = [[c.name for c in cars] for cars in problem.cars_by_loadpoint().values() if cars]
    devices = [*places, *([b.name] for b in problem.batteries)]
    giving = {b.name: home.discharge[b.name][t] for b in problem.batteries}
    for names in [*devices, [n for each in devices for n in each]]:
        alone = names in devices
        terms = {home.charge[n][t]: 1.0 for n in names}
        terms |= {var: -1.0 for n, var in giving.items() if not (alone and n in names)}
        home.mip.row(terms, high=most * (1 if alone else len(devices)) + surplus)


def _sun(home: Home, t: int) -> None:
    """(22) a kWh of surplus sun in a car has a worth of its own; there is none while one buys at less than it earns."""
    m, step = home.mip, home.problem.steps[t]
    surplus = step.pv_kwh - step.load_kwh
    if surplus <= 0:
        return
    shares: dict[int, float] = {}
    for car in home.problem.cars:
        if not car.sun_eur_per_kwh or car.sun_eur_per_kwh[t] <= 0:
            continue
        sun = m.var(0, surplus, -car.sun_eur_per_kwh[t])
        m.row({sun: 1.0, home.charge[car.name][t]: -1.0}, high=0.0)
        if step.export_eur_per_kwh > step.import_eur_per_kwh:
            m.row({sun: 1.0, home.out[t]: -MUCH_KWH}, high=0.0)
        shares[sun] = 1.0
    m.row(shares, high=surplus)


def _churn(problem: Problem, t: int, name: str) -> float:
    """What a kWh charged in a step costs where the plan before had none."""
    at = problem.steps[t].start
    slot = next((s for s in problem.previous if s.start <= at < s.end), None)
    return 0.0 if slot is None or name in slot.charging else problem.weights.churn_eur_per_kwh


def _worth(m: Mip, worth: tuple[TerminalValue, ...], last: int, capacity_kwh: float) -> None:
    parts, below = {}, 0.0
    for tier in worth:
        top = min(tier.upto_kwh, capacity_kwh)
        parts[m.var(0, max(0.0, top - below), -tier.eur_per_kwh)] = 1.0
        below = max(below, top)
    parts[m.var(0, max(0.0, capacity_kwh - below))] = 1.0
    m.row({**parts, last: -1.0}, 0.0, 0.0)
