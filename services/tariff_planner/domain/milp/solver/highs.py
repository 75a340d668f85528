"""From rows over PuLP's variables to HiGHS's model, in one piece: five times as fast as row by row, as PuLP has it."""

from collections.abc import Mapping, Sequence
from math import inf
from typing import NamedTuple

import highspy
import numpy as np
import pulp

DEVEX = 1
"""The ``simplex_dual_edge_weight_strategy`` without exact edge weights."""
MANY_SOLVES: dict[str, float | str] = {
    "presolve": "off",
    "simplex_dual_edge_weight_strategy": DEVEX,
    "simplex_scale_strategy": 0,
    "dual_simplex_cost_perturbation_multiplier": 0.0,
}
"""Options with which a linear program this lean is solved fastest from where its neighbour was."""
_ONE_SEARCH: dict[str, float | str] = {
    # Without presolve, HiGHS has called a plan that it was given the best one, which it was not.
    "presolve": "choose",
    "simplex_dual_edge_weight_strategy": -1,
    "simplex_scale_strategy": 2,
    "dual_simplex_cost_perturbation_multiplier": 1.0,
}

type Var = pulp.LpVariable
type Columns = Mapping[Var, int]
"""The number that HiGHS knows a variable by."""


class Row(NamedTuple):
    """``low`` <= sum of ``coefficient x variable`` <= ``high``."""

    terms: Mapping[Var, float]
    low: float
    high: float


def columns(variables: Sequence[Var]) -> dict[Var, int]:
    """The variables in HiGHS's order: those made last, which belong to the horizon's end, first.

    HiGHS sets up a basis whose columns lead backwards in time more than twice as fast as one in any order (measured,
    96 h): what is stored follows from what was stored before.
    """
    return {var: i for i, var in enumerate(reversed(variables))}


def translated(rows: Sequence[Row], column: Columns, costs: Mapping[Var, float]) -> highspy.HighsLp:
    """The model with ``costs`` to be minimised; binaries may lie between 0 and 1."""
    made = highspy.HighsLp()
    made.num_col_, made.num_row_ = len(column), len(rows)
    made.col_cost_ = np.array([costs.get(var, 0.0) for var in column])
    made.col_lower_ = np.array([lowest(var) for var in column])
    made.col_upper_ = np.array([highest(var) for var in column])
    made.row_lower_ = np.array([row.low for row in rows])
    made.row_upper_ = np.array([row.high for row in rows])
    made.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    made.a_matrix_.start_ = np.cumsum([0, *(len(row.terms) for row in rows)])
    made.a_matrix_.index_ = np.array([column[var] for row in rows for var in row.terms])
    made.a_matrix_.value_ = np.array([x for row in rows for x in row.terms.values()])
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
    _set(made, {"output_flag": False, "threads": 1, **options})
    return made


def _set(model: highspy.Highs, options: Mapping[str, float | str]) -> None:
    for option, value in options.items():
        model.setOptionValue(option, value)


def for_many_solves(model: highspy.Highs) -> None:
    """Readies a solved model for linear programs that are solved again and again, from the basis at hand.

    With exact edge weights each row that is added and each basis that is set would make them anew, which took three
    quarters of such a run; without scaling and perturbation it is a quarter faster still (measured).
    """
    basis = model.getBasis()
    # HiGHS reads these options for a new model only.
    model.clearSolver()
    _set(model, MANY_SOLVES)
    model.setBasis(basis)


def for_one_search(model: highspy.Highs) -> None:
    """Readies a model for HiGHS's own branch and bound."""
    _set(model, _ONE_SEARCH)


def run_for(model: highspy.Highs, most_checks: int) -> None:
    """Runs branch and bound until HiGHS has checked so often whether it is to stop.

    Other than with a limit of time, the same model always ends in the same way.
    """
    checks = 0

    def check(event: highspy.HighsCallbackEvent) -> None:
        nonlocal checks
        checks += 1
        # HiGHS remembers the answer beyond the run.
        event.interrupt(checks > most_checks)

    model.cbMipInterrupt += check
    model.run()
    model.cbMipInterrupt -= check


def objective(model: highspy.Highs) -> float:
    """The objective of the solution at hand; infinite without a feasible one."""
    info = model.getInfo()
    feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    return float(info.objective_function_value) if feasible else inf


def solution(model: highspy.Highs) -> highspy.HighsSolution:
    """A copy of the values at hand."""
    kept = highspy.HighsSolution()
    kept.col_value = list(model.getSolution().col_value)
    return kept
