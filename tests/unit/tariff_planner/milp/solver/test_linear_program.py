"""The linear program without a home."""

import pulp
import pytest

from tariff_planner.domain.milp.solver.branch_and_bound import Effort
from tariff_planner.domain.milp.solver.highs import Var
from tariff_planner.domain.milp.solver.linear_program import LinearProgram


def two_devices() -> tuple[LinearProgram, list[Var]]:
    """6 kWh from two devices, of which the cheap one gives at least 5 or nothing, and the other at least 2."""
    lp = LinearProgram()
    cheap, dear = lp.var(0, 8, 0.1), lp.var(0, 8, 0.3)
    lp.switch(lp.binary(1.0), cheap, 5)
    lp.at_least({dear: 1.0}, 2)
    lp.at_most({cheap: 1.0}, 7)
    lp.equal({cheap: 1.0, dear: 1.0}, 6)
    return lp, [cheap, dear]


def test_rows_hold_in_the_solution() -> None:
    lp, found = two_devices()

    solved = lp.solve(Effort())

    assert [lp.value(var) for var in found] == pytest.approx([0.0, 6.0])
    assert solved.objective == pytest.approx(1.8)


def test_pulps_own_translation_has_the_same_solution() -> None:
    lp, found = two_devices()

    problem = lp.problem
    problem.solve(pulp.HiGHS(msg=False))

    assert [var.varValue for var in found] == pytest.approx([0.0, 6.0])
    assert pulp.value(problem.objective) == pytest.approx(1.8)


def test_where_nothing_is_cheaper_than_what_is_known_that_is_proven_without_a_plan() -> None:
    lp, _ = two_devices()

    solved = lp.solve(Effort(known_eur=1.7))

    assert solved.bound == pytest.approx(1.7, abs=0.01)
    assert not solved.proven


def test_what_is_cheaper_than_what_is_known_is_found() -> None:
    lp, _ = two_devices()

    solved = lp.solve(Effort(known_eur=1.9))

    assert solved.objective == pytest.approx(1.8)
    assert solved.proven
