"""The plan behind the modes, solved when it is first asked for: a choice that does not need it costs no solve."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from tariff_planner.domain.milp.solve import plan as solve
from tariff_planner.domain.milp.solver.branch_and_bound import Effort
from tariff_planner.domain.milp.solver.budget import NowS, standing_still
from tariff_planner.domain.problem.bank import banked_solution
from tariff_planner.domain.problem.problem import Problem
from tariff_planner.domain.problem.solution import Solution

type Guide = Callable[[], Solution]
"""Gives the plan. It raises RuntimeError where none was found in time."""


def guides(problem: Problem, effort: Effort, now_s: NowS = standing_still) -> tuple[Guide, Guide]:
    """The plan of each battery by itself, and of all of them as one (``banked``): one solve, at most.

    ``now_s`` is the clock that tells the effort's seconds.
    """

    @cache
    def each() -> Solution:
        scaled = replace(effort, gap_eur=effort.gap_eur * problem.weights.money_scale)
        return solve(problem, scaled, now_s)

    @cache
    def together() -> Solution:
        return banked_solution(problem, each())

    return each, together
