"""Rows that no plan breaks but its relaxation would: what a device that is "half on" may count on.

Without them a relaxed car with a minimum power takes any trickle of sun, which no real one can: telling the two apart
is then nearly all of the work of branch and bound.
"""

from collections.abc import Sequence
from typing import Protocol

from tariff_planner.domain.milp.battery import BatteryVars
from tariff_planner.domain.milp.grid import Build
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
        some, _ = next(iter(on.values()))
        if len(on) > 1:
            some = b.lp.var(0, 1)
            for each, _ in on.values():
                b.lp.at_least({some: 1.0, each: -1.0}, 0)
            b.lp.at_least({b.imports[t]: 1.0, **giving, **dict.fromkeys(on, -1.0), some: surplus}, 0)
        b.some[t] = (some, {charge: least for charge, (_, least) in on.items()})


def add_limit_cuts(b: Build, batteries: Sequence[BatteryVars], cars: Sequence[Charging]) -> None:
    """(21) discharge + beyond >= charge - (surplus + limit) x on, for a limit and for the peak that is paid for.

    A car whose minimum power is more than the connection gives needs the battery for all of it, not for the part that
    a car that is half on takes beyond the limit. Meanwhile a single battery does not charge.
    """
    for t, step in enumerate(b.problem.steps):
        more: list[tuple[float, dict[Var, float]]] = []
        if t in b.over_import and step.import_limit_kw is not None:
            more.append((step.import_limit_kw * step.hours, {b.over_import[t]: 1.0}))
        if b.peak is not None:
            more.append((b.peak.lowBound * step.hours, {b.peak: step.hours}))
            if b.peak.upBound is not None:
                more.append((b.peak.upBound * step.hours, {}))
        giving = {var: 1.0 for var, sign in b.taken[t].items() if sign < 0}
        for limit_kwh, beyond in more:
            most = limit_kwh + b.surplus_kwh[t]
            paid_kwh = limit_kwh if b.peak in beyond else 0.0
            for v in cars:
                on = v.on[t]
                if on is None or v.charge[t].upBound <= most:
                    continue
                b.lp.at_least({**giving, **beyond, v.charge[t]: -1.0, on: most}, paid_kwh)
                needed = v.least_kwh[t] - most
                if len(batteries) == 1 and needed > 0 and batteries[0].charge[t].upBound > 0:
                    charge = batteries[0].charge[t]
                    top = max(0.0, min(charge.upBound, most))
                    share = max(1.0, charge.upBound / needed)
                    terms = {charge: 1.0, on: top, **{var: -share * x for var, x in beyond.items()}}
                    b.lp.at_most(terms, top - share * paid_kwh)
