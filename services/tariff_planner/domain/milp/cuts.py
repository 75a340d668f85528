"""Rows that no plan breaks but its relaxation would: what devices that are "half on" may count on.

Without them a relaxed car with a minimum power takes any trickle of sun, and lives below any limit, which no real one
can: telling the two apart is then nearly all of the work of branch and bound.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

from tariff_planner.domain.milp.battery import BatteryVars
from tariff_planner.domain.milp.grid import NOTHING_KWH, Build, Switched
from tariff_planner.domain.milp.solver.highs import Var

_MANY = 3
"""Devices of which all sets are looked at."""


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
    """(17) import + discharge >= Σ (charge - surplus x on), of each device and of any of them together.

    One that is half on has half of the surplus; several that are have it once.
    """
    for t, surplus in enumerate(b.surplus_kwh):
        on = [Switched(v.charge[t], switch, v.least_kwh[t]) for v in stores if (switch := v.on[t]) is not None]
        if surplus <= 0 or not on:
            continue
        b.sunny[t] = on
        got = {b.imports[t]: 1.0, **{var: 1.0 for var, sign in b.taken[t].items() if sign < 0}}
        for one in on:
            b.lp.at_least({**got, one.charge: -1.0, one.on: surplus}, 0)
        for some in _several(on):
            switches = {one.on: surplus for one in some}
            b.lp.cut({**got, **dict.fromkeys((one.charge for one in some), -1.0), **switches}, 0)
            excess = [sum(sorted(one.least_kwh for one in some)[:k]) - surplus for k in range(2, len(some) + 1)]
            if excess[0] > NOTHING_KWH:
                each = min(kwh / (k + 1) for k, kwh in enumerate(excess))
                b.lp.cut({**got, **{one.on: -each for one in some}}, -each)


def _several(on: Sequence[Switched]) -> Iterator[Sequence[Switched]]:
    """Two or more of them: all such sets of three, of more only pairs and all."""
    if len(on) <= _MANY:
        for k in range(2, len(on) + 1):
            yield from combinations(on, k)
    else:
        yield from combinations(on, 2)
        yield on


def add_giving_cuts(b: Build, batteries: Sequence[BatteryVars], cars: Sequence[Charging]) -> None:
    """(28) import >= Σ (charge - (surplus + all discharge) x on); discharge <= deficit + (most - deficit) x Σ on.

    One that is half on has half of what batteries can give. Relaxed, a battery that is weaker than the car's least
    power gives all of it to a car that is half on, and nothing is bought.
    """
    for t, surplus in enumerate(b.surplus_kwh):
        on = [Switched(v.charge[t], switch, v.least_kwh[t]) for v in cars if (switch := v.on[t]) is not None]
        giving = [v for v in batteries if v.discharge[t].upBound > 0]
        if not on or not giving:
            continue
        most = surplus + sum(v.discharge[t].upBound for v in giving)
        for some in [*([one] for one in on), *_several(on)] if most > 0 else ():
            if sum(one.charge.upBound for one in some) > most:
                charges = dict.fromkeys((one.charge for one in some), -1.0)
                b.lp.cut({b.imports[t]: 1.0, **charges, **{one.on: most for one in some}}, 0)
        lacks = max(0.0, -surplus)
        any_power: dict[Var, float] = {v.charge[t]: 1.0 for v in cars if v.on[t] is None}
        for v in giving:
            more = v.discharge[t].upBound - lacks
            if more <= NOTHING_KWH or v.battery.can_discharge_to_grid:
                continue
            taken = any_power | {o.charge[t]: 1.0 for o in batteries if o is not v} | dict.fromkeys(b.lost_in(t), 1.0)
            b.lp.cut({v.discharge[t]: -1.0, **taken, **{one.on: more for one in on}}, -lacks)


def add_sun_cuts(b: Build, batteries: Sequence[BatteryVars]) -> None:
    """(27) charge <= most x (1 - on) + left x on - fall x what is taken, of a battery that stores only sun.

    ``left - fall x taken`` is what a device leaves it that is on: nothing, where the device's least power is more than
    the sun. What other batteries give instead comes on top.
    """
    for v in batteries:
        if v.battery.can_charge_from_grid:
            continue
        for t, devices in b.sunny.items():
            top = float(v.charge[t].upBound)
            if top <= NOTHING_KWH or b.problem.beyond_ac_kwh(v.battery, t) > 0:
                continue
            others = {o.discharge[t]: -1.0 for o in batteries if o is not v and o.discharge[t].upBound > 0}
            _no_sun_left(b, v, t, top, devices, others)
            for one in devices:
                left, fall = _left(b.surplus_kwh[t], top, one)
                if one.charge is not v.charge[t] and left < top:
                    b.lp.at_most({v.charge[t]: 1.0, **others, one.on: top - left, one.charge: fall}, top)


def _no_sun_left(
    b: Build, v: BatteryVars, t: int, top: float, devices: Sequence[Switched], others: dict[Var, float]
) -> None:
    """A battery that cannot take all of the sun leaves some to the meter, or to who may take any part of it."""
    ratio = b.surplus_kwh[t] / top
    big = [one.charge for one in devices if one.least_kwh >= b.surplus_kwh[t] and one.charge is not v.charge[t]]
    if ratio <= 1 + NOTHING_KWH or not big:
        return
    got = {b.imports[t]: 1.0, **{var: 1.0 for var, sign in b.taken[t].items() if sign < 0}}
    got |= dict.fromkeys(others, ratio)
    b.lp.cut({**got, **dict.fromkeys(big, -1.0), v.charge[t]: -ratio}, -b.surplus_kwh[t])


def _left(surplus_kwh: float, top_kwh: float, one: Switched) -> tuple[float, float]:
    """What is left of the sun beside a device that takes x is at most ``left - fall x``, and ``top_kwh``."""
    least, most = one.least_kwh, float(one.charge.upBound)
    first, last = (min(top_kwh, max(0.0, surplus_kwh - taken)) for taken in (least, most))
    begin = max(least, surplus_kwh - top_kwh)
    if begin >= most - NOTHING_KWH:
        return first, 0.0
    fall = (first - last) / (most - begin)
    return last + fall * most, fall


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


def _some(b: Build, on: Sequence[Var]) -> Var:
    """Whether any of them is on: a binary of its own."""
    some = b.lp.binary()
    for each in on:
        b.lp.at_least({some: 1.0, each: -1.0}, 0)
    b.lp.at_most({some: 1.0, **dict.fromkeys(on, -1.0)}, 0)
    return some


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
        b.some_car[t] = _some(b, on)
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
