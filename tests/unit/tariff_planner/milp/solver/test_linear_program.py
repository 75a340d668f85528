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
