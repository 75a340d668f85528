"""What if a device did something else: the relaxed model solved again with that forced, and what things are worth.

Both sides are relaxed, so that they compare: a minimum power may be undercut in either. The last plan does not count
here: what is compared is money, and requirements. The model is built and solved once; each later question is cheap.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tariff_planner.domain.milp.battery import BatteryVars
from tariff_planner.domain.milp.relaxation import Relaxation
from tariff_planner.domain.milp.solve import model_parts
from tariff_planner.domain.milp.solver.highs import Var
from tariff_planner.domain.milp.vehicle import CarVars
from tariff_planner.domain.problem.problem import Problem
from tariff_planner.domain.problem.solution import Requirement

SOME_KWH = 0.05
"""Less than this more or less of a requirement is no change."""
_GOALS = frozenset({Requirement.GOAL, Requirement.BATTERY_GOAL})
SLACK_KWH = 1e-5
"""How exactly an energy is held or forced: a little more than the solver's tolerance."""

type Range = tuple[float, float]
type RequirementKey = tuple[Requirement, str]
"""A requirement, and the battery or car that has it; the connection's limits have no name."""


@dataclass(frozen=True, slots=True)
class Forced:
    """What a device is made to do: by step, the least and the most that it charges and discharges, in kWh."""

    device: str
    charge: Mapping[int, Range] = field(default_factory=dict)
    discharge: Mapping[int, Range] = field(default_factory=dict)
    past: tuple[int, float] | None = None
    """A step and the kWh that it holds at its end, as planned: on both sides of the comparison."""


@dataclass(frozen=True, slots=True)
class Change:
    """What differs from the best plan."""

    more_eur: float
    """Money: the bill, less what is left at the end; comparable only where no requirement suffers."""
    short_kwh: Mapping[RequirementKey, float]
    """What each requirement lacks more than with the best plan, where that is worth a word; of several goals of one
    storage what the one lacks that suffers most: a kWh that is missing at seven is the same one at nine."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    eur: float
    kwh: Sequence[float]
    """What is lacking of all that is required, in that order; beyond the connection's limits: what is too much."""


class WhatIf:
    """A problem's relaxed model, alive. Prices are in EUR/kWh, and those of the best plan of that model."""

    def __init__(self, problem: Problem) -> None:
        """Builds and solves: half of the time that all questions about 48 h, a battery and three cars take."""
        weights = replace(problem.weights, start_penalty=0.0)
        self._build, batteries, cars = model_parts(replace(problem, previous=(), weights=weights))
        self._storages: dict[str, BatteryVars | CarVars] = {v.battery.name: v for v in batteries}
        self._storages |= {v.car.name: v for v in cars}
        self._required = [*self._requirements(batteries, cars)]
        self._relaxed = Relaxation(self._build.lp)
        self._free = self._outcome(self._relaxed.objective, [self._relaxed.value(v) for _, v in self._required])

    def forced(self, forced: Forced) -> Change | None:
        """What it changes when a device is made to do something; None where it cannot."""
        storage = self._storages[forced.device]
        given: dict[Var, Range] = {}
        if forced.past is not None:
            t, kwh = forced.past
            given[storage.energy[t]] = _within(storage.energy[t], (kwh - SLACK_KWH, kwh + SLACK_KWH))
        bounds = {storage.charge[t]: span for t, span in forced.charge.items()}
        if isinstance(storage, BatteryVars):
            bounds |= {storage.discharge[t]: span for t, span in forced.discharge.items()}
        bounds = {var: _within(var, span) for var, span in bounds.items()}
        free = self._again(given) if given else self._free
        return self._change(free, self._again(given | bounds))

    def missing_kwh(self, device: str) -> float:
        """What its goals and trips lack in the relaxed plan."""
        return sum(kwh for ((_, name), _), kwh in zip(self._required, self._free.kwh, strict=True) if name == device)

    def home(self, t: int) -> float:
        """What a kWh more would cost at home in step ``t``."""
        return self._relaxed.price(self._build.imports[t], self._build.exports[t])

    def stored(self, device: str, t: int) -> float:
        """What a kWh more would be worth inside a battery or a car at the end of step ``t``."""
        storage = self._storages[device]
        return -self._relaxed.price(storage.charge[t], storage.energy[t])

    def most_charge_kwh(self, device: str, t: int) -> float:
        """The most that a battery or a car may charge in step ``t``, whatever else limits it."""
        return float(self._storages[device].charge[t].upBound or 0.0)

    def import_limit(self, t: int) -> float:
        """What it would save if the connection gave a kWh more in step ``t``."""
        over = self._build.over_import.get(t)
        return 0.0 if over is None else -self._relaxed.price(over)

    def export_limit(self, t: int) -> float:
        """What it would save if a kWh more could be fed in in step ``t``."""
        # The limit is the first row that the export stands in.
        limited = self._build.problem.steps[t].export_limit_kw is not None
        return -self._relaxed.price(self._build.exports[t]) if limited else 0.0

    def peak(self, t: int) -> float:
        """What a kWh more in step ``t`` costs because it raises the highest import."""
        peak = self._build.peak
        return 0.0 if peak is None else -self._relaxed.price(peak, self._build.imports[t])

    def full(self, device: str, t: int) -> float:
        """What room for a kWh more at the end of step ``t`` would be worth."""
        return max(0.0, -self._relaxed.reduced_cost(self._storages[device].energy[t]))

    def empty(self, device: str, t: int) -> float:
        """What a kWh less in reserve at the end of step ``t`` would be worth."""
        return max(0.0, self._relaxed.reduced_cost(self._storages[device].energy[t]))

    def _requirements(self, batteries: list[BatteryVars], cars: list[CarVars]) -> Iterator[tuple[RequirementKey, Var]]:
        for battery in batteries:
            yield from (((Requirement.BATTERY_GOAL, battery.battery.name), goal.missing) for goal in battery.goals)
            yield from (((Requirement.DEMAND, battery.battery.name), var) for var in battery.unmet)
        for car in cars:
            yield from (((Requirement.GOAL, car.car.name), goal.missing) for goal in car.goals)
            yield from (((Requirement.TRIP, car.car.name), var) for var in car.elsewhere)
            yield from (((Requirement.DEMAND, car.car.name), var) for var in car.refused)
        yield from (((Requirement.IMPORT_LIMIT, ""), var) for var in self._build.over_import.values())

    def _again(self, bounds: Mapping[Var, Range]) -> _Outcome | None:
        found = self._relaxed.again(bounds, [var for _, var in self._required])
        return None if found is None else self._outcome(*found)

    def _outcome(self, objective: float, values: Sequence[float]) -> _Outcome:
        """Money, and what is lacking."""
        costs = self._build.lp.costs
        missed_eur = sum(costs.get(var, 0.0) * kwh for (_, var), kwh in zip(self._required, values, strict=True))
        return _Outcome(objective - missed_eur, values)

    def _change(self, free: _Outcome | None, other: _Outcome | None) -> Change | None:
        if free is None or other is None:
            return None
        more: dict[RequirementKey, float] = {}
        for (key, _), before, after in zip(self._required, free.kwh, other.kwh, strict=True):
            lacks = after - before
            more[key] = max(more.get(key, 0.0), lacks) if key[0] in _GOALS else more.get(key, 0.0) + lacks
        return Change(other.eur - free.eur, {key: kwh for key, kwh in more.items() if kwh > SOME_KWH})


def _within(var: Var, span: Range) -> Range:
    """``span`` where the variable may be at all."""
    low, high = span
    least, most = float(var.lowBound or 0.0), float("inf") if var.upBound is None else float(var.upBound)
    return min(max(low, least), most), min(max(high, least), most)
