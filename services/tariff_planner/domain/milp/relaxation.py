"""A relaxation that stays alive: solved once, then again and again with other bounds, each time from where it was.

What it is given is an ordinary :class:`LinearProgram`, whose binaries may lie between 0 and 1. Solving 48 h with a
battery and three cars takes 15 to 100 ms, again mostly 1 to 4 ms (CPU on a busy machine).
"""

from collections.abc import Mapping, Sequence

import highspy

from tariff_planner.domain.milp.solver.highs import (
    Var,
    columns,
    for_many_solves,
    highest,
    lowest,
    solver,
    translated,
)
from tariff_planner.domain.milp.solver.linear_program import LinearProgram

_OPTIONS: dict[str, float | str] = {
    "presolve": "off",
    "simplex_iteration_limit": 50_000,
    # Measured: a model this lean is solved again a quarter faster without these two helps.
    "simplex_scale_strategy": 0,
    "dual_simplex_cost_perturbation_multiplier": 0.0,
}
_FAR = 40
"""Simplex iterations away from the first solution, after which going back to it is shorter."""
_AT_BOUND = 1e-9

type Bounds = Mapping[Var, tuple[float, float]]


class Relaxation:
    """The relaxation of ``lp``, solved. Values and prices are those of the first solve."""

    def __init__(self, lp: LinearProgram) -> None:
        """Solves.

        Raises:
            RuntimeError: there is no solution, which a planning problem never leads to.
        """
        self._column = columns(lp.variables)
        self._rows: dict[int, set[int]] = {i: set() for i in self._column.values()}
        for i, row in enumerate(lp.rows):
            for var in row.terms:
                self._rows[self._column[var]].add(i)
        self._highs = solver(**_OPTIONS)
        self._highs.passModel(translated(lp.rows, self._column, lp.costs))
        self._far = 0
        self._run()
        for_many_solves(self._highs)
        self._run()
        lp.cuts(self._column).tighten(self._highs, ahead=True)
        objective = self._objective()
        if objective is None:
            raise RuntimeError(f"no relaxed plan: {self._highs.getModelStatus()}")
        self.objective = objective
        # highspy copies all values at each access.
        found = self._highs.getSolution()
        self._values, self._reduced, self._prices = list(found.col_value), list(found.col_dual), list(found.row_dual)
        self._basis = self._highs.getBasis()
        self._far = 0

    def value(self, var: Var) -> float:
        """The variable's value."""
        return float(self._values[self._column[var]])

    def reduced_cost(self, var: Var) -> float:
        """What a larger value would cost: positive at a lower bound that binds, negative at an upper one."""
        return float(self._reduced[self._column[var]])

    def price(self, *terms: Var) -> float:
        """What a unit more on the right side of the row adds to the objective; the first row with these terms.

        Raises:
            ValueError: there is no such row.
        """
        rows = set.intersection(*(self._rows[self._column[var]] for var in terms))
        return float(self._prices[min(rows)])

    def again(self, bounds: Bounds, read: Sequence[Var]) -> tuple[float, list[float]] | None:
        """The objective and the values of ``read`` with other bounds, which then are as before; None: cannot be."""
        if all(low - _AT_BOUND <= self.value(var) <= high + _AT_BOUND for var, (low, high) in bounds.items()):
            return self.objective, [self.value(var) for var in read]
        kept = {var: (lowest(var), highest(var)) for var in bounds}
        if self._far > _FAR:
            self._highs.setBasis(self._basis)
            self._far = 0
        self._set(bounds)
        objective = self._run()
        found = None
        if objective is not None:
            values = self._highs.getSolution().col_value
            found = objective, [float(values[self._column[var]]) for var in read]
        self._set(kept)
        return found

    def _set(self, bounds: Bounds) -> None:
        for var, (low, high) in bounds.items():
            self._highs.changeColBounds(self._column[var], low, high)

    def _run(self) -> float | None:
        self._highs.run()
        self._far += self._highs.getInfo().simplex_iteration_count
        return self._objective()

    def _objective(self) -> float | None:
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return float(self._highs.getInfo().objective_function_value)
