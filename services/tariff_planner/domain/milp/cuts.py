"""Rows that no plan breaks but its relaxation would: what devices that are "half on" may count on.

Without them a relaxed car with a minimum power takes any trickle of sun, and lives below any limit, which no real one
can: telling the two apart is then nearly all of the work of branch and bound.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from tariff_planner.domain.milp.battery import BatteryVars
from tariff_planner.domain.milp.grid import NOTHING_KWH, Build
from tariff_planner.domain.milp.highs import Var


class Charging(Protocol):
    """A battery's or a car's variables by step."""

    @property
    def charge(self) -> list[Var]:
        """What it takes, in kWh."""

    @property
    def on(self) -> list[Var | None]:
        """Whether it takes anything; None where it may take any power."""

    @property
    def least_kwh(self) -> list[float]:
        """What it takes at least when it is on."""


def add_surplus_cuts(b: Build, stores: Sequence[Charging]) -> None:
    """(17) import + discharge >= charge - surplus x on, for each device and for all together.

    Alone, a device that is half on has half of the surplus; together, all have it once: with any >= on of each.
    """
    for t, surplus in enumerate(b.surplus_kwh):
        on = {v.charge[t]: (v.on[t], v.least_kwh[t]) for v in stores if v.on[t] is not None}
        if surplus <= 0 or not on:
            continue
        giving = {var: 1.0 for var, sign in b.taken[t].items() if sign < 0}
        for charge, (each, _) in on.items():
            b.lp.at_least({b.imports[t]: 1.0, **giving, charge: -1.0, each: surplus}, 0)
        some = _some(b, [each for each, _ in on.values()])
        if len(on) > 1:
            b.lp.at_least({b.imports[t]: 1.0, **giving, **dict.fromkeys(on, -1.0), some: surplus}, 0)
        b.some[t] = (some, {charge: least for charge, (_, least) in on.items()})


def _some(b: Build, on: Sequence[Var], *, decided: bool = False) -> Var:
    """Whether any of them is on; ``decided``: a binary of its own."""
    if len(on) == 1:
        return on[0]
    some = b.lp.binary() if decided else b.lp.var(0, 1)
    for each in on:
        b.lp.at_least({some: 1.0, each: -1.0}, 0)
    b.lp.at_most({some: 1.0, **dict.fromkeys(on, -1.0)}, 0)
    return some


@dataclass(frozen=True, slots=True)
class _Limit:
    """What the connection gives in a step, and the terms that say how much more is taken, less ``paid_kwh``."""

    kwh: float
    beyond: dict[Var, float]
    paid_kwh: float = 0.0

    def scaled(self, factor: float) -> dict[Var, float]:
        return {var: factor * x for var, x in self.beyond.items()}


def _limits(b: Build, t: int) -> Iterator[_Limit]:
    """Those of the connection, the peak that is paid for, and the highest that a better plan can have."""
    step = b.problem.steps[t]
    if t in b.over_import and step.import_limit_kw is not None:
        yield _Limit(step.import_limit_kw * step.hours, {b.over_import[t]: 1.0})
    if b.peak is not None:
        paid_kwh = b.peak.lowBound * step.hours
        yield _Limit(paid_kwh, {b.peak: step.hours}, paid_kwh)
        if b.peak.upBound is not None:
            yield _Limit(b.peak.upBound * step.hours, {})


def add_limit_cuts(b: Build, batteries: Sequence[BatteryVars], cars: Sequence[Charging]) -> None:
    """(21) discharge + beyond >= charge - (surplus + limit) x on, for each car and for all together.

    A car whose minimum power is more than the connection gives needs the batteries for all of it, not for the part
    that a car that is half on takes beyond the limit; two that cannot be on together are not half on together.
    """
    for t in range(len(b.problem.steps)):
        for limit in _limits(b, t):
            _limit_cuts(b, limit, t, batteries, [v for v in cars if v.on[t] is not None])


def _limit_cuts(b: Build, limit: _Limit, t: int, batteries: Sequence[BatteryVars], cars: Sequence[Charging]) -> None:
    most = limit.kwh + b.surplus_kwh[t]
    giving = {v.discharge[t]: 1.0 for v in batteries if v.discharge[t].upBound > 0}
    all_given = most + sum(var.upBound for var in giving)
    tight = [v for v in cars if v.charge[t].upBound > most]
    for v in tight:
        on, charge = v.on[t], v.charge[t]
        b.lp.at_least({**giving, **limit.beyond, charge: -1.0, on: most}, limit.paid_kwh)
        if giving and charge.upBound > all_given:
            b.lp.at_least({**limit.beyond, charge: -1.0, on: all_given}, limit.paid_kwh)
        for one in batteries:
            _no_charge_meanwhile(b, limit, t, one, giving, v, most)
    if len(cars) > 1:
        _together(b, limit, t, giving, cars, most, all_given)


def _no_charge_meanwhile(
    b: Build, limit: _Limit, t: int, one: BatteryVars, giving: dict[Var, float], car: Charging, most: float
) -> None:
    """What the others give beyond the part that the car needs is all that a battery can take while the car is on."""
    charge, on = one.charge[t], car.on[t]
    needed = car.least_kwh[t] - most
    others = sum(var.upBound for var in giving if var is not one.discharge[t])
    if needed <= 0 or charge.upBound <= 0:
        return
    top = max(0.0, min(charge.upBound, most + others))
    left = min(top, max(0.0, others - needed))
    if top - left <= NOTHING_KWH:
        return
    share = max(1.0, (charge.upBound - left) / max(NOTHING_KWH, needed - others)) if needed > others else 1.0
    b.lp.at_most({charge: 1.0, on: top - left, **limit.scaled(-share)}, top - share * limit.paid_kwh)


def _together(
    b: Build,
    limit: _Limit,
    t: int,
    giving: dict[Var, float],
    cars: Sequence[Charging],
    most: float,
    all_given: float,
) -> None:
    charges = dict.fromkeys((v.charge[t] for v in cars), -1.0)
    if sum(var.upBound for var in charges) <= most:
        return
    on = [v.on[t] for v in cars]
    if t not in b.some_car:
        # That a car is on costs something, which one next to nothing: to decide the first alone is half of the proof.
        b.some_car[t] = _some(b, on, decided=True)
    some = b.some_car[t]
    b.lp.at_least({**giving, **limit.beyond, **charges, some: most}, limit.paid_kwh)
    if giving:
        b.lp.at_least({**limit.beyond, **charges, some: all_given}, limit.paid_kwh)
    # Where not even the two that need least can be on at once, one of all can.
    least = sorted(v.least_kwh[t] for v in cars)
    lacking = [sum(least[:k]) - all_given for k in range(2, len(least) + 1)]
    if lacking[0] > NOTHING_KWH:
        share = max((k + 1) / kwh for k, kwh in enumerate(lacking))
        b.lp.at_most({**dict.fromkeys(on, 1.0), **limit.scaled(-share)}, 1 - share * limit.paid_kwh)
