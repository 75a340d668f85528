"""Rows that no plan breaks but its relaxation would: what a device that is "half on" may count on.

Without them a relaxed car with a minimum power takes any trickle of sun, which no real one can: telling the two apart
is then nearly all of the work of branch and bound.
"""

from collections.abc import Sequence
from typing import Protocol

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
