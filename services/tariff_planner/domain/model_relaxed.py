"""A relaxation that stays alive: solved once, then again and again with other bounds, each time from where it was.

Beside ``model_search`` the only file that knows HiGHS. What it is given is an ordinary :class:`Lp`, whose binaries may
lie between 0 and 1. Solving 48 h with a battery and three cars takes some 20 ms, again 1 to 3 ms (measured).
"""

from collections.abc import Mapping, Sequence

import highspy
import numpy as np

from tariff_planner.domain.model_lp import Lp, Var

_OPTIONS = (
    ("output_flag", False),
    ("threads", 1),
    ("presolve", "off"),
    ("simplex_iteration_limit", 50_000),
    # Measured: a model this lean is solved again a quarter faster without these two helps.
    ("simplex_scale_strategy", 0),
    ("dual_simplex_cost_perturbation_multiplier", 0.0),
)
_AT_BOUND = 1e-9

type Bounds = Mapping[Var, tuple[float, float]]


class Relaxed:
    """The relaxation of ``lp``, solved. Values and prices are those of the first solve."""

    def __init__(self, lp: Lp) -> None:
        """Solves.

        Raises:
            RuntimeError: there is no solution, which a planning problem never leads to.
        """
        self._column: dict[Var, int] = {var: i for i, var in enumerate(lp.problem.variables())}
        self._rows: dict[int, set[int]] = {i: set() for i in self._column.values()}
        self._highs = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy's
        for option, value in _OPTIONS:
            self._highs.setOptionValue(option, value)
        self._highs.passModel(self._translated(lp))
        objective = self._run()
        if objective is None:
            raise RuntimeError(f"no relaxed plan: {self._highs.getModelStatus()}")
        self.objective = objective
        # highspy copies all values at each access.
        found = self._highs.getSolution()
        self._values, self._reduced, self._prices = list(found.col_value), list(found.col_dual), list(found.row_dual)

    def value(self, var: Var) -> float:
        """The variable's value."""
        return float(self._values[self._column[var]])

    def reduced_cost(self, var: Var) -> float:
        """What a larger value would cost: positive at a lower bound that binds, negative at an upper one."""
        return float(self._reduced[self._column[var]])

    def price(self, *terms: Var) -> float:
        """How much dearer a unit more on the right side of the row makes the whole; the first row with these terms.

        Raises:
            ValueError: there is no such row.
        """
        rows = set.intersection(*(self._rows[self._column[var]] for var in terms))
        return float(self._prices[min(rows)])

    def again(self, bounds: Bounds, read: Sequence[Var]) -> tuple[float, list[float]] | None:
        """The objective and the values of ``read`` with other bounds, which then are as before; None: cannot be."""
        if all(low - _AT_BOUND <= self.value(var) <= high + _AT_BOUND for var, (low, high) in bounds.items()):
            return self.objective, [self.value(var) for var in read]
        kept = {var: (_low(var), _high(var)) for var in bounds}
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
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return float(self._highs.getInfo().objective_function_value)

    def _translated(self, lp: Lp) -> highspy.HighsLp:
        """The whole model in one piece: row by row it takes five times as long."""
        made = highspy.HighsLp()
        constraints = lp.problem.constraints.values()
        made.num_col_, made.num_row_ = len(self._column), len(constraints)
        made.col_cost_ = np.array([lp.costs.get(var, 0.0) for var in self._column])
        made.col_lower_ = np.array([_low(var) for var in self._column])
        made.col_upper_ = np.array([_high(var) for var in self._column])
        start, index, value, lower, upper = [0], [], [], [], []
        for row, constraint in enumerate(constraints):
            for var, coefficient in constraint.items():
                index.append(self._column[var])
                value.append(coefficient)
                self._rows[self._column[var]].add(row)
            start.append(len(index))
            low, high = constraint.getLb(), constraint.getUb()
            lower.append(-highspy.kHighsInf if low is None else low)
            upper.append(highspy.kHighsInf if high is None else high)
        made.row_lower_, made.row_upper_ = np.array(lower), np.array(upper)
        made.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        made.a_matrix_.start_, made.a_matrix_.index_ = np.array(start), np.array(index)
        made.a_matrix_.value_ = np.array(value)
        return made


def _low(var: Var) -> float:
    return -highspy.kHighsInf if var.lowBound is None else float(var.lowBound)


def _high(var: Var) -> float:
    return highspy.kHighsInf if var.upBound is None else float(var.upBound)
