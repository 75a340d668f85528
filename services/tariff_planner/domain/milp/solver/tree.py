"""Branch and bound over a relaxation that stays alive: linear programs, each solved from where its neighbour was.

Where the best plan lies near the relaxation, the proof is all of the work, and HiGHS's own search spends it on cuts
that hardly help. What does help is to decide *how many* of many alike binaries are 1: one that is decided alone hands
its fraction on to the next, which costs next to nothing, and the bound stays where it was.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray

from tariff_planner.domain.milp.solver.budget import Budget
from tariff_planner.domain.milp.solver.highs import MANY_SOLVES, solver

_FAR = 1e-6
"""How far from a whole number a value may lie and still count as one."""
_TRIED = 8
"""Columns of a node that are tried both ways before one is branched on."""
_TRIED_FIRST = 3
"""The same until there is a plan: more of them would go deeper too slowly to find one."""
_IN_VAIN = 4
"""Tries without a better one, after which the best so far is taken."""
_TRIES = 2
"""Tries of a column, in all nodes, after which their mean is trusted."""
_TRY_ITERATIONS = 60
_ALL_ITERATIONS = 50_000
_LITTLE = 1e-7
_UNKNOWN = 1e-4
_TOTAL = 2.0
"""How much more a total, yet untried, is guessed to cost than a binary."""
_MUCH = 1e6

type Floats = NDArray[np.float64]


class _Step(NamedTuple):
    """How a node came to be: a column that went down (0) or up (1) by so much, from where plans cost ``least``."""

    column: int
    way: int
    length: float
    least: float


@dataclass(frozen=True, slots=True)
class _Node:
    """Bounds of the columns that are to be whole, what plans within them cost at least, and where to begin."""

    least: float
    low: Floats
    high: Floats
    basis: highspy.HighsBasis
    step: _Step | None = None


@dataclass(frozen=True, slots=True)
class _Split:
    """A column that goes down to ``at`` or up to the next whole number; which way costs too much, and which more."""

    column: int
    at: float
    too_dear: tuple[bool, bool]
    up_is_dearer: bool


class Tree:
    """A search below a relaxation: ``lp`` solved by ``basis``.

    ``totals`` are sets of binaries: how many of each are 1 is decided, too. ``counts`` are columns that are whole
    where the binaries are. What costs more than ``objective`` less ``gap`` is not looked for.

    Afterwards no plan costs less than ``bound``; ``values`` are those of the best one found, None where none is.
    """

    def __init__(
        self,
        lp: highspy.HighsLp,
        basis: highspy.HighsBasis,
        binaries: Sequence[int],
        *,
        counts: Sequence[int],
        totals: Sequence[Sequence[int]],
        objective: float,
        gap: float,
    ) -> None:
        self._model, self._given = solver(**MANY_SOLVES), lp.num_col_
        self._model.passModel(lp)
        self._model.setBasis(basis)
        self._binaries = len(binaries)
        self._columns = np.array([*binaries, *counts, *self._added(totals)], dtype=np.int32)
        whole = self._model.getLp()
        self._low = np.array(whole.col_lower_)[self._columns]
        self._high = np.array(whole.col_upper_)[self._columns]
        self._gap = gap
        self._gains, self._tries = np.zeros((2, len(self._columns))), np.zeros((2, len(self._columns)))
        self._solved, self._left = 0, inf
        # The rows of totals are new, which leaves this basis one of the relaxation.
        self._waiting = [_Node(-inf, self._low, self._high, self._model.getBasis())]
        self.objective, self.bound = objective, -inf
        self.values: list[float] | None = None

    def search(self, most_solved: int, budget: Budget) -> bool:
        """Looks on until nothing can be better by more than the gap; whether it got there.

        For so many linear programs more, of a thousand rows each, and as long as ``budget`` lasts.
        """
        until = self._solved + 1000 * most_solved // self._model.getNumRow()
        while self._waiting and self._solved < until and not budget.is_over:
            self._waiting += self._look(self._waiting.pop())
        self.bound = min([self._left, self.objective, *(node.least for node in self._waiting)])
        return not self._waiting

    def heed(self, known_eur: float) -> None:
        """From now on nothing is looked for that costs more than this, less the gap."""
        self.objective = min(self.objective, known_eur)

    def _added(self, totals: Sequence[Sequence[int]]) -> Iterator[int]:
        """A column for each set, and the row that makes it their sum."""
        for some in totals:
            column = self._model.getNumCol()
            self._model.addCol(0.0, 0.0, len(some), 0, [], [])
            index, value = np.array([*some, column], dtype=np.int32), np.array([*[1.0] * len(some), -1.0])
            self._model.addRow(0.0, 0.0, len(index), index, value)
            yield column

    def _look(self, node: _Node) -> list[_Node]:
        """The two ways to go on below, the cheaper one last; none where that is not worth while or it is a plan."""
        low, high, basis, least, step = node.low.copy(), node.high.copy(), node.basis, node.least, node.step
        while not self._too_dear(least):
            relaxed = self._solve(low, high, basis)
            if relaxed is None:
                self._left = min(self._left, least)
                return []
            if step is not None:
                self._learn(step, relaxed)
            least, step = max(least, relaxed), None
            if self._too_dear(least):
                return []
            # highspy copies all values at each access.
            found = self._model.getSolution()
            values = np.array(found.col_value)[self._columns]
            part = values - np.floor(values + _FAR)
            if not (part[: self._binaries] > _FAR).any():
                self._take(least, low, high, values)
                return []
            basis = self._model.getBasis()
            self._fix(low, high, values, np.array(found.col_dual)[self._columns], least)
            split = self._split(low, high, values, part, basis, least)
            if all(split.too_dear):
                return []
            down, up = high.copy(), low.copy()
            down[split.column], up[split.column] = split.at, split.at + 1
            if split.too_dear[0]:
                low = up
            elif split.too_dear[1]:
                high = down
            else:
                i, value = split.column, float(values[split.column])
                below = [
                    _Node(least, low, down, basis, _Step(i, 0, value - split.at, least)),
                    _Node(least, up, high, basis, _Step(i, 1, split.at + 1 - value, least)),
                ]
                return below[::-1] if split.up_is_dearer else below
        return []

    def _too_dear(self, least: float) -> bool:
        """Whether plans that cost so much are not looked for; what they cost at least is remembered."""
        if least < self.objective - self._gap:
            return False
        self._left = min(self._left, least)
        return True

    def _fix(self, low: Floats, high: Floats, values: Floats, prices: Floats, least: float) -> None:
        """What costs too much to be decided otherwise keeps its value."""
        dear = least + np.abs(prices) >= self.objective - self._gap
        dear &= (low < high) & (np.abs(values - np.round(values)) <= _FAR)
        dear[self._binaries :] = False
        if dear.any():
            self._left = min(self._left, float((least + np.abs(prices))[dear].min()))
            low[dear] = high[dear] = np.round(values[dear])

    def _split(
        self, low: Floats, high: Floats, values: Floats, part: Floats, basis: highspy.HighsBasis, least: float
    ) -> _Split:
        """The column whose two ways cost most; what has not been tried often is tried. One dead end is enough."""
        undecided = np.flatnonzero(part > _FAR)
        guess = np.maximum(_LITTLE, self._each() * np.array([part, 1 - part]))
        best, most, tried, vain = None, -1.0, 0, 0
        most_tried = _TRIED if self.objective < inf else _TRIED_FIRST
        for i in undecided[np.argsort(-guess[:, undecided].prod(axis=0), kind="stable")]:
            more, too_dear = guess[:, i], (False, False)
            if tried < most_tried and self._tries[:, i].min() < _TRIES:
                tried += 1
                more, too_dear = self._try(low, high, int(i), values, basis, least)
            split = _Split(int(i), float(np.floor(values[i] + _FAR)), too_dear, bool(more[1] > more[0]))
            if any(too_dear):
                return split
            if more.prod() > most:
                best, most, vain = split, float(more.prod()), 0
            else:
                vain += 1
            if vain >= _IN_VAIN:
                break
        assert best is not None  # noqa: S101  # something is undecided
        return best

    def _each(self) -> Floats:
        """What a whole step down and up of each column has cost; of those that were not tried: the others' mean."""
        means = []
        for kind in (slice(None, self._binaries), slice(self._binaries, None)):
            mean = self._gains[:, kind].sum(axis=1) / np.maximum(1, self._tries[:, kind].sum(axis=1))
            means.append(np.where(mean > 0, mean, _UNKNOWN))
        total = np.maximum(means[1], _TOTAL * means[0])
        mean = np.where(np.arange(len(self._columns)) < self._binaries, means[0][:, None], total[:, None])
        return np.where(self._tries > 0, self._gains / np.maximum(1, self._tries), mean)

    def _try(
        self, low: Floats, high: Floats, i: int, values: Floats, basis: highspy.HighsBasis, least: float
    ) -> tuple[Floats, tuple[bool, bool]]:
        """What both ways of a column cost more, and which of them cost too much for sure."""
        at = float(np.floor(values[i] + _FAR))
        more, dead = np.zeros(2), [False, False]
        for way in (0, 1):
            bounds = (low.copy(), high.copy())
            bounds[1 - way][i] = at + way
            self._bound(*bounds)
            self._model.setBasis(basis)
            cost, sure = self._run(_TRY_ITERATIONS)
            if not sure and cost >= self.objective - self._gap:
                cost, sure = self._run(_ALL_ITERATIONS)
            dead[way] = sure and self._too_dear(cost)
            more[way] = self._learn(_Step(i, way, abs(at + way - values[i]), least), cost)
        return more, (dead[0], dead[1])

    def _learn(self, step: _Step, cost: float) -> float:
        """Remembers what a step cost more, and returns it."""
        more = max(_LITTLE, min(cost, self.objective - self._gap, step.least + _MUCH) - step.least)
        self._gains[step.way, step.column] += more / step.length
        self._tries[step.way, step.column] += 1
        return more

    def _take(self, least: float, low: Floats, high: Floats, values: Floats) -> None:
        """The plan at hand, its binaries made whole exactly; what is cheaper than that by rounding alone is left."""
        self._left = min(self._left, least)
        low, high = low.copy(), high.copy()
        low[: self._binaries] = high[: self._binaries] = np.round(values[: self._binaries])
        cost = self._solve(low, high, self._model.getBasis())
        optimal = self._model.getModelStatus() == highspy.HighsModelStatus.kOptimal
        if optimal and cost is not None and cost < self.objective:
            self.objective, self.values = cost, list(self._model.getSolution().col_value)[: self._given]

    def _bound(self, low: Floats, high: Floats) -> None:
        changed = np.flatnonzero((low != self._low) | (high != self._high))
        if len(changed):
            self._model.changeColsBounds(len(changed), self._columns[changed], low[changed], high[changed])
        self._low, self._high = low, high

    def _solve(self, low: Floats, high: Floats, basis: highspy.HighsBasis) -> float | None:
        """What plans within these bounds cost at least; None: HiGHS cannot say."""
        self._bound(low.copy(), high.copy())
        self._model.setBasis(basis)
        cost, sure = self._run(_ALL_ITERATIONS)
        if not sure:
            self._model.clearSolver()
            cost, sure = self._run(_ALL_ITERATIONS)
        return cost if sure else None

    def _run(self, most_iterations: int) -> tuple[float, bool]:
        """The cost as far as HiGHS came, and whether that is the end of it. Beyond what is looked for, it stops."""
        self._solved += 1
        most = self.objective - self._gap
        self._model.setOptionValue("simplex_iteration_limit", most_iterations)
        self._model.setOptionValue("objective_bound", most)
        self._model.run()
        status = self._model.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return inf, True
        if status == highspy.HighsModelStatus.kObjectiveBound:
            return most, True
        cost = float(self._model.getInfo().objective_function_value)
        return cost, status == highspy.HighsModelStatus.kOptimal
