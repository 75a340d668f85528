"""How HiGHS finds a plan and proves it: relaxation, what is near it, branch and bound; then the ties.

Knows nothing of homes and nothing of PuLP: columns, rows, and costs in EUR. docs/planning.md, "How it is solved".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

import highspy
import numpy as np

from tariff_planner.domain.milp.solver.budget import Budget
from tariff_planner.domain.milp.solver.cut_pool import CutPool
from tariff_planner.domain.milp.solver.highs import for_many_solves, for_one_search, objective, run_for, solution
from tariff_planner.domain.milp.solver.lagrangian import Bools, Floats, Lagrangian, Switch
from tariff_planner.domain.milp.solver.ties import Preferences, Ties
from tariff_planner.domain.milp.solver.tree import Tree

_NEAR_SHARE = 0.1
"""The gap's share to which the plans near the relaxation are searched: a better one there saves a long proof."""
_NEAR = ((0, 10), (40, 20))
"""How many binaries are free in that search at least, and its nodes: what they do not find, the tree does."""
_NEAR_GAPS = 5
"""More distance than so many gaps is no matter of a few binaries more."""
_NO_LIMIT = 2**31 - 1
_TURNS = ((400, 4500), (800, _NO_LIMIT))
"""How long the tree and HiGHS's own search take turns: what is a long proof for one is a short one for the other.

The tree in linear programs of a thousand rows each, HiGHS in its checks for interrupts, of a thousand rows cubed each.
"""
_TURNS_SHARED = ((4000, _NO_LIMIT),)
"""The same where changes of cars are decided: HiGHS's proofs are long there."""
_TURNS_FAR = ((0, _NO_LIMIT),)
"""The same where the plan is far from the relaxation: there HiGHS's cuts and conflicts are the shorter proof."""
_TREE_GAPS = 20
"""How many gaps are far."""
_NEAR_SOLVED = 300
_NOTHING_EUR = -1.0
"""With this allowance everything that the relaxation has decided is kept."""
_NEAR_TIME_SHARE = 0.5
_TIE_SHARE = 0.1
"""Share of the gap that preferences may cost at most."""
_MIN_SECONDS = 0.1
_ROUND_UP = (1e-6, 0.3, 0.5)
"""From which relaxed value on a binary is tried as 1 when time ran out before there was a plan."""
ROUNDING_EUR = 1e-9
_NO_TARGET = -1e30

type Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Effort:
    """How long and how exactly to solve."""

    gap_eur: float = 0.01
    """Absolute: a relative gap swallows real money when penalties are large."""
    seconds: float = 10.0
    """Shared by all rounds."""
    quick: bool = False
    """Whether a plan is enough, a good one where it is soon found, and what it proves by itself."""
    tie_eur: float = 0.001
    """What preferences among plans that cost the same may cost; at most a tenth of the gap."""
    known_eur: float | None = None
    """What a plan costs that is known already: only those are looked for that cost less by more than the gap."""


class Search:
    """One search over a model that HiGHS holds. ``costs`` are prices by column.

    ``counts`` are columns that are whole wherever the binaries are; ``totals`` are sets of binaries that are much
    alike: to decide how many of them are 1 can be most of the proof.

    No plan is cheaper than ``bound``.
    """

    def __init__(
        self,
        model: highspy.Highs,
        binaries: Sequence[int],
        effort: Effort,
        budget: Budget,
        *,
        switches: Sequence[Switch],
        costs: Mapping[int, float],
        preferences: Preferences,
        counts: Sequence[int],
        totals: Sequence[Sequence[int]],
        cuts: CutPool,
    ) -> None:
        self._model, self._binaries, self._effort, self._budget = model, binaries, effort, budget
        self._switches, self._costs, self._preferences = switches, costs, preferences
        self._cuts, self._counts, self._totals = cuts, counts, totals
        self._tie_eur = min(effort.tie_eur, _TIE_SHARE * effort.gap_eur)
        self._gap_eur = effort.gap_eur - self._tie_eur - ROUNDING_EUR
        self._best: highspy.HighsSolution | None = None
        self.objective, self.bound = inf, -inf

    @property
    def _least_known(self) -> float:
        return self.objective if self._effort.known_eur is None else min(self.objective, self._effort.known_eur)

    @property
    def found(self) -> bool:
        """Whether there is a plan at all."""
        return self.objective < inf

    def run(self) -> None:
        """Finds a plan and proves it; or stops when the time is over."""
        self._relax()
        self._model.run()
        for_many_solves(self._model)
        self._model.run()
        self._cuts.tighten(self._model)
        self.objective = self.bound = objective(self._model)
        if not self.found:
            return
        self._best = solution(self._model)
        self._relaxed = Lagrangian.of(self._model, self._binaries, self._switches)
        self._basis = self._model.getBasis()
        if not self._relaxed.whole.all():
            self._decide()

    def without(self, bounds: Mapping[int, Range]) -> bool:
        """The best plan with the same decisions and these bounds of columns, which stay; whether there is one.

        The bound remains that of the search, which knew nothing of them.
        """
        for i, (low, high) in bounds.items():
            self._model.changeColBounds(i, low, high)
        values = np.array(self.values())
        self._fix(values[self._binaries] > 0.5)
        self._model.run()
        if objective(self._model) == inf:
            return False
        self._take(solution(self._model))
        return True

    def values(self) -> list[float]:
        """The plan, by column."""
        return [] if self._best is None else list(self._best.col_value)

    def settle_ties(self) -> None:
        """Takes the preferred plan of those that cost what the best one does, but for next to nothing."""
        if not self._preferences.prices or self._best is None:
            return
        self._relax()
        ties = Ties(
            self._model,
            self._binaries,
            self._switches,
            relaxed=self._relaxed,
            basis=self._basis,
            costs=self._costs,
            preferences=self._preferences,
            cheapest_eur=self.objective,
            tie_eur=self._tie_eur,
        )
        self._take(ties.preferred(self._best))

    def _decide(self) -> None:
        """What is near the relaxation; where that proves nothing, branch and bound over all that may be better."""
        self.objective, self._best = inf, None
        if self._counts:
            # Who is plugged in when is undecided then, with much else: HiGHS needs seconds for what is near.
            self._climb(self._tree(_NOTHING_EUR), _NEAR_SOLVED)
        else:
            self._look_near()
        if self._effort.quick and not self.found and not self._counts:
            # Where changes of cars are decided rounding misses goals, and the rounds after it hardly mend that.
            self._relax()
            self._round()
        if self._least_known > self._relaxed.cost + self._gap_eur and not (self._effort.quick and self.found):
            self._prove()
        self._relax()
        if not self.found and self._effort.known_eur is None:
            self._round()

    def _prove(self) -> None:
        """The tree and HiGHS's own search in turn, until one of them comes to its end or the time is over."""
        allowance = self._least_known - self._relaxed.cost
        turns = _TURNS_SHARED if self._counts else _TURNS
        if not self._counts and self.found and allowance > _TREE_GAPS * self._gap_eur:
            turns = _TURNS_FAR
        tree = self._tree(allowance)
        for most_solved, most_checks in turns:
            ended = self._climb(tree, most_solved)
            self.bound = max(self.bound, tree.bound)
            if ended or self._search_on(most_checks):
                return

    def _tree(self, allowance: float) -> Tree:
        """The tree over what a plan within ``allowance`` of the relaxation may decide."""
        self._relax()
        self._free(allowance)
        return Tree(
            self._model.getLp(),
            self._basis,
            self._binaries,
            counts=self._counts,
            totals=self._totals,
            objective=self._least_known,
            gap=self._gap_eur,
        )

    def _climb(self, tree: Tree, most_solved: int) -> bool:
        """So many linear programs of the tree; whether it came to its end."""
        tree.heed(self._least_known)
        ended = tree.search(most_solved, self._budget)
        if tree.values is not None and tree.objective < self.objective:
            self._best = highspy.HighsSolution()
            self._best.col_value = tree.values
            self.objective = tree.objective
        return ended

    def _search_on(self, most_checks: int) -> bool:
        """HiGHS's own search, from the best plan so far; whether it came to its end."""
        if self._budget.is_over:
            return False
        self._make_whole((*self._binaries, *self._counts))
        known = self._least_known
        self._free(known - self._relaxed.cost)
        self._branch_and_bound(self._gap_eur, self._budget.left_s, 10**9 * most_checks // self._model.getNumRow() ** 3)
        # HiGHS drops what is better by less than the gap, and then tells a bound that knows nothing of it.
        dual = self._model.getInfo().mip_dual_bound
        self.bound = max(self.bound, min(dual, known, self.objective - self._gap_eur))
        return self.bound >= self._least_known - self._gap_eur

    def _free(self, allowance: float) -> None:
        """The binaries that a plan within ``allowance`` of the relaxation may decide otherwise; the others are kept.

        Any plan that changes one of these costs at least ``allowance`` more than the relaxation.
        """
        self._keep(self._relaxed.whole & (self._relaxed.prices > allowance))

    def _keep(self, kept: Bools) -> None:
        """These binaries as they are in the relaxation, and the others free."""
        rounded = np.round(self._relaxed.values)
        self._bound(np.where(kept, rounded, 0.0), np.where(kept, rounded, 1.0))

    def _look_near(self) -> None:
        undecided = int((~self._relaxed.whole).sum())
        for free, nodes in _NEAR:
            if self.found and free <= undecided:
                continue  # no more than before
            self._search_near(max(0, free - undecided), nodes)
            distance = self._least_known - self._relaxed.cost
            if distance <= self._gap_eur or self._effort.quick or not distance <= _NEAR_GAPS * self._gap_eur:
                break

    def _search_near(self, more: int, nodes: int) -> None:
        """A good plan that keeps what the relaxation has decided, but for ``more`` that cost least otherwise."""
        decided = np.flatnonzero(self._relaxed.whole)
        kept = np.zeros(len(self._binaries), dtype=np.bool_)
        kept[decided[np.argsort(self._relaxed.prices[decided], kind="stable")[more:]]] = True
        self._make_whole(self._binaries)
        self._keep(kept)
        self._model.setOptionValue("mip_max_nodes", nodes)
        self._model.setOptionValue("objective_target", self._relaxed.cost + self._gap_eur)
        self._branch_and_bound(_NEAR_SHARE * self._gap_eur, _NEAR_TIME_SHARE * self._budget.left_s)
        self._model.setOptionValue("mip_max_nodes", _NO_LIMIT)
        self._model.setOptionValue("objective_target", _NO_TARGET)

    def _branch_and_bound(self, gap_eur: float, seconds: float, most_checks: int = _NO_LIMIT) -> None:
        model = self._model
        if self._best is not None:
            model.setSolution(self._best)
        # Took more than half of the time of what was slow, and found next to nothing (measured).
        model.setOptionValue("mip_heuristic_run_rens", False)
        # With a plan at hand, searches within the search took nine tenths of the time and found nothing (measured).
        for heuristic in ("rins", "root_reduced_cost"):
            model.setOptionValue(f"mip_heuristic_run_{heuristic}", not self.found)
        for_one_search(model)
        model.setOptionValue("mip_abs_gap", gap_eur)
        model.setOptionValue("time_limit", max(_MIN_SECONDS, seconds))
        run_for(model, most_checks)
        found = objective(model)
        if found <= self.objective:
            self.objective, self._best = found, solution(model) if found < inf else None

    def _round(self) -> None:
        """A plan all the same when time ran out before there was one: the relaxation's decisions, rounded."""
        for threshold in (*_ROUND_UP, inf):
            self._fix(self._relaxed.values > threshold)
            self._model.run()
            if objective(self._model) < self.objective:
                self.objective, self._best = objective(self._model), solution(self._model)

    def _take(self, plan: highspy.HighsSolution) -> None:
        values = list(plan.col_value)
        self._best, self.objective = plan, sum(price * values[i] for i, price in self._costs.items())

    def _fix(self, decisions: Bools) -> None:
        values = decisions.astype(np.float64)
        self._bound(values, values)

    def _relax(self) -> None:
        # Linear programs this lean are solved twice as fast as they come (measured).
        self._model.setOptionValue("presolve", "off")
        # The limit of the branch and bound before is over; what follows must end, and takes little.
        self._model.setOptionValue("time_limit", highspy.kHighsInf)
        self._change_kind((*self._binaries, *self._counts), highspy.HighsVarType.kContinuous)
        self._bound(np.zeros(len(self._binaries)), np.ones(len(self._binaries)))

    def _make_whole(self, columns: Sequence[int]) -> None:
        self._change_kind(columns, highspy.HighsVarType.kInteger)

    def _change_kind(self, columns: Sequence[int], kind: highspy.HighsVarType) -> None:
        index = np.array(columns, dtype=np.int32)
        self._model.changeColsIntegrality(len(index), index, np.full(len(index), int(kind), dtype=np.uint8))

    def _bound(self, low: Floats, high: Floats) -> None:
        index = np.array(self._binaries, dtype=np.int32)
        self._model.changeColsBounds(len(index), index, low, high)
