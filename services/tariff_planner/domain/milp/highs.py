"""From PuLP's model to HiGHS's, in one piece: row by row, as PuLP would hand it over, takes five times as long."""

from collections.abc import Mapping

import highspy
import numpy as np
import pulp

type Var = pulp.LpVariable
type Columns = Mapping[Var, int]
"""The number that HiGHS knows a variable by."""


def columns(problem: pulp.LpProblem) -> dict[Var, int]:
    """The variables in HiGHS's order."""
    return {var: i for i, var in enumerate(problem.variables())}


def translated(problem: pulp.LpProblem, column: Columns, costs: Mapping[Var, float]) -> highspy.HighsLp:
    """The model with ``costs`` to be minimised; binaries may lie between 0 and 1. Rows are in the order of adding."""
    made = highspy.HighsLp()
    constraints = problem.constraints.values()
    made.num_col_, made.num_row_ = len(column), len(constraints)
    made.col_cost_ = np.array([costs.get(var, 0.0) for var in column])
    made.col_lower_ = np.array([lowest(var) for var in column])
    made.col_upper_ = np.array([highest(var) for var in column])
    start, index, value, lower, upper = [0], [], [], [], []
    for constraint in constraints:
        index += [column[var] for var in constraint]
        value += constraint.values()
        start.append(len(index))
        low, high = constraint.getLb(), constraint.getUb()
        lower.append(-highspy.kHighsInf if low is None else low)
        upper.append(highspy.kHighsInf if high is None else high)
    made.row_lower_, made.row_upper_ = np.array(lower), np.array(upper)
    made.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    made.a_matrix_.start_, made.a_matrix_.index_ = np.array(start), np.array(index)
    made.a_matrix_.value_ = np.array(value)
    return made


def lowest(var: Var) -> float:
    """The variable's lower bound."""
    return -highspy.kHighsInf if var.lowBound is None else float(var.lowBound)


def highest(var: Var) -> float:
    """The variable's upper bound."""
    return highspy.kHighsInf if var.upBound is None else float(var.upBound)


def solver(**options: float | str) -> highspy.Highs:
    """HiGHS on this thread, silent."""
    made = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy's
    settings: dict[str, float | str] = {"output_flag": False, "threads": 1, **options}
    for option, value in settings.items():
        made.setOptionValue(option, value)
    return made
