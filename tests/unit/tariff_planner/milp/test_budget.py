"""One time for all of a plan: every round's, HiGHS's and that of this program's own Python."""

from dataclasses import dataclass

import pytest

from support.random_homes import problem
from tariff_planner.domain.milp.solve import plan
from tariff_planner.domain.milp.solver.branch_and_bound import Effort
from tariff_planner.domain.milp.solver.linear_program import LinearProgram
from tariff_planner.domain.milp.solver.tree import Tree

TWO_ROUNDS = 105
"""A home with a capacity price: a first plan, then the proof."""
CLIMBS = 87
"""A home whose proof is a tree's."""


@dataclass
class SlowClock:
    """Stands still but while what is slowed down is done, which takes half a second."""

    now_s: float = 0.0
    done: int = 0

    def __call__(self) -> float:
        return self.now_s

    def slow_down(self, patch: pytest.MonkeyPatch, owner: type, name: str) -> None:
        """From now on each call of the method takes half a second."""
        fast = getattr(owner, name)

        def slow(itself: object, *args: object) -> object:
            self.now_s += 0.5
            self.done += 1
            return fast(itself, *args)

        patch.setattr(owner, name, slow)


def test_what_the_tree_does_in_python_is_time_too(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SlowClock()
    clock.slow_down(monkeypatch, Tree, "_look")
    home, scale = problem(CLIMBS)
    found = plan(home, Effort(gap_eur=0.01 * scale, seconds=0.9), clock)
    assert clock.done == 2
    assert not found.proof.proven
    assert found.proof.seconds == 1.0


def test_all_rounds_share_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SlowClock()
    clock.slow_down(monkeypatch, LinearProgram, "solve")
    home, scale = problem(TWO_ROUNDS)
    found = plan(home, Effort(gap_eur=0.01 * scale, seconds=0.4), clock)
    assert clock.done == 1, "no time was left for a second round"
    assert not found.proof.proven
    assert found.proof.seconds == 0.5
    assert plan(home, Effort(gap_eur=0.01 * scale)).proof.proven
