"""What holds for all unit tests: a plan does not depend on who else uses the machine."""

from collections.abc import Iterator

import pytest

from support.patience import PATIENCE_S
from tariff_planner.domain.milp import solve
from tariff_planner.domain.milp.solver.branch_and_bound import Effort
from tariff_planner.domain.milp.solver.budget import Budget
from tariff_planner.domain.problem.problem import Problem
from tariff_planner.domain.problem.solution import Solution

_CUT_SHORT_S = 1.0
"""What a test solves in less than that is meant to be cut short."""


@pytest.fixture(scope="session", autouse=True)
def proofs_that_others_do_not_cut_short() -> Iterator[None]:
    """The limit of a search is on the wall's clock, and who has a tenth of a processor would plan otherwise."""
    search = solve._plan

    def patient(problem: Problem, effort: Effort, budget: Budget) -> Solution:
        return search(problem, effort, budget if effort.seconds < _CUT_SHORT_S else Budget(PATIENCE_S))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solve, "_plan", patient)
        yield
