"""How HiGHS finds a plan and proves it: relaxation, what is near it, branch and bound; then the ties.

Knows nothing of homes and nothing of PuLP: columns, rows, and costs in EUR. docs/planning.md, "How it is solved".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

import highspy

from tariff_planner.domain.milp.solver.cut_pool import CutPool
from tariff_planner.domain.milp.solver.tie_moves import with_fewer_starts
from tariff_planner.domain.milp.solver.tree import Tree

_NEAR_SHARE = 0.5
"""The gap's share to which the plans near the relaxation are searched: the rest is left for their own distance."""
_NEAR = ((0, 10), (40, 20))
"""How many binaries are free in that search at least, and its nodes: what they do not find, the tree does."""
_NEAR_GAPS = 5
"""More distance than so many gaps is no matter of a few binaries more."""
_SOLVED, _SOLVED_SHARED = 1200, 4000
"""Linear programs of the tree, of a thousand rows each, after which HiGHS's own search goes on: few need so many."""
_TREE_GAPS = 20
"""Further from the relaxation HiGHS's cuts and conflicts are the shorter proof, if no changes of cars are decided."""
_NEAR_SOLVED = 300
_NOTHING_EUR = -1.0
"""With this allowance everything that the relaxation has decided is kept."""
_NEAR_TIME_SHARE = 0.5
_TIE_SHARE = 0.1
"""Share of the gap that preferences may cost at most."""
_MIN_SECONDS = 0.1
_ROUND_UP = (1e-6, 0.3, 0.5)
"""From which relaxed value on a binary is tried as 1 when ties are broken."""
_FAR = 1e-6
"""How far from 0 or 1 a relaxed binary may lie and still count as one."""
_MOVES = 12
"""Most plans with fewer starts that are tried in vain: each is a linear program of a few ms."""
_SAME = 1e-6
ROUNDING_EUR = 1e-9
_ANY = 2**31 - 1
_NO_TARGET = -1e30

type Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Effort:
    """How long and how exactly to solve."""

    gap_eur: float = 0.01
    """Absolute: a relative gap swallows real money when penalties are large."""
    seconds: float = 10.0
    quick: bool = False
    """Whether a good plan is enough, and what it proves by itself."""
    tie_eur: float = 0.001
    """What preferences among plans that cost the same may cost; at most a tenth of the gap."""
    known_eur: float | None = None
    """What a plan costs that is known already: only those are looked for that cost less by more than the gap."""


@dataclass(frozen=True, slots=True)
class Switch:
    """A binary column, and the column that is 0 without it, from ``least`` to ``most`` with it.

    The row at ``first_row`` says ``most``, the one after it ``least``.
    """

    on: int
    column: int
    least: float
    most: float
    first_row: int


class Search:
    """One search over a model that HiGHS holds. ``costs`` and ``ties`` are prices by column, ``starts`` some ties.

    ``sequences`` are the binaries of devices by step, None where a device has none.
    ``counts`` are columns that are whole wherever the binaries are; ``totals`` are sets of binaries that are much
    alike: to decide how many of them are 1 can be most of the proof. ``order`` is the columns' order for :class:`Tree`.

    No plan is cheaper than ``bound``.
    """

    def __init__(
        self,
        model: highspy.Highs,
        binaries: Sequence[int],
        effort: Effort,
        *,
        switches: Sequence[Switch],
        costs: Mapping[int, float],
        ties: Mapping[int, float],
        starts: Sequence[int],
        sequences: Sequence[Sequence[int | None]],
        counts: Sequence[int],
        totals: Sequence[Sequence[int]],
        order: Sequence[int],
        cuts: CutPool,
    ) -> None:
        self._model, self._binaries, self._effort = model, binaries, effort
        self._switches, self._costs, self._ties, self._starts = switches, costs, ties, starts
        self._order, self._cuts, self._counts, self._totals, self._sequences = order, cuts, counts, totals, sequences
        self._tie_eur = min(effort.tie_eur, _TIE_SHARE * effort.gap_eur)
        self._gap_eur = effort.gap_eur - self._tie_eur - ROUNDING_EUR
        self._best: highspy.HighsSolution | None = None
        self.objective, self.bound = inf, -inf
        self._climbed_s = 0.0

    @property
    def seconds(self) -> float:
        """How long HiGHS has worked."""
        return float(self._model.getRunTime()) + self._climbed_s

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
        self._cuts.tighten(self._model)
        relaxed = self.objective = self.bound = _objective(self._model)
        if self.found:
            self._best = _solution(self._model)
            self._decide(relaxed)

    def without(self, bounds: Mapping[int, Range]) -> bool:
        """The best plan with the same decisions and these bounds of columns, which stay; whether there is one.

        The bound remains that of the search, which knew nothing of them.
        """
        for i, (low, high) in bounds.items():
            self._model.changeColBounds(i, low, high)
        self._fix(self._decisions())
        self._model.run()
        if _objective(self._model) == inf:
            return False
        self._take(_solution(self._model))
        return True

    def values(self) -> list[float]:
        """The plan, by column."""
        return [] if self._best is None else list(self._best.col_value)

    def _decide(self, relaxed: float) -> None:
        """What is near the relaxation; where that proves nothing, branch and bound over all that may be better."""
        relaxation = self._relaxation()
        if all(_whole(value) for value, _ in relaxation.values()):
            return
        basis = self._model.getBasis()
        self.objective, self._best = inf, None
        if self._counts:
            # Who is plugged in when is undecided then, with much else: HiGHS needs seconds for what is near.
            self._climb(relaxation, _NOTHING_EUR, basis, _NEAR_SOLVED)
        else:
            self._look_near(relaxation, relaxed)
        if self._least_known > relaxed + self._gap_eur and not (self._effort.quick and self.found):
            self._prove(relaxation, relaxed, basis)
        self._relax()
        if not self.found and self._effort.known_eur is None:
            self._round({i: value for i, (value, _) in relaxation.items()})

    def _prove(self, relaxation: Mapping[int, tuple[float, float]], relaxed: float, basis: highspy.HighsBasis) -> None:
        """The tree, and where it does not come to its end HiGHS's own search."""
        far = self._least_known - relaxed > _TREE_GAPS * self._gap_eur
        if self._counts or not (self.found and far):
            solved = _SOLVED_SHARED if self._counts else _SOLVED
            ended, bound = self._climb(relaxation, self._least_known - relaxed, basis, solved)
            self.bound = max(relaxed, bound)
            if ended:
                return
        self._search_on(relaxation, relaxed)

    def _climb(
        self,
        relaxation: Mapping[int, tuple[float, float]],
        allowance: float,
        basis: highspy.HighsBasis,
        most_solved: int,
    ) -> tuple[bool, float]:
        """The tree over what a plan within ``allowance`` may decide; whether it came to its end, and its bound."""
        self._relax()
        self._free(relaxation, allowance)
        tree = Tree(
            self._model.getLp(),
            basis,
            self._binaries,
            order=self._order,
            counts=self._counts,
            totals=self._totals,
            objective=self._least_known,
            gap=self._gap_eur,
        )
        ended = tree.search(most_solved, self._effort.seconds - self.seconds)
        self._climbed_s += tree.seconds
        if tree.values is not None:
            self._best = highspy.HighsSolution()
            self._best.col_value = tree.values
            self.objective = tree.objective
        return ended, tree.bound

    def _search_on(self, relaxation: Mapping[int, tuple[float, float]], relaxed: float) -> None:
        """HiGHS's own search, from the best plan so far."""
        if self.seconds >= self._effort.seconds:
            return
        for i in (*self._binaries, *self._counts):
            self._model.changeColIntegrality(i, highspy.HighsVarType.kInteger)
        known = self._least_known
        self._free(relaxation, known - relaxed)
        self._branch_and_bound(self._gap_eur, self._effort.seconds)
        # HiGHS drops what is better by less than the gap, and then tells a bound that knows nothing of it.
        dual = self._model.getInfo().mip_dual_bound
        self.bound = max(self.bound, min(dual, known, self.objective - self._gap_eur))

    def _free(self, relaxation: Mapping[int, tuple[float, float]], allowance: float) -> None:
        """The binaries that a plan within ``allowance`` of the relaxation may decide otherwise; the others are kept.

        Any plan that changes one of these costs at least ``allowance`` more than the relaxation.
        """
        for i, (value, price) in relaxation.items():
            low, high = (round(value), round(value)) if _whole(value) and price > allowance else (0.0, 1.0)
            self._model.changeColBounds(i, low, high)

    def _relaxation(self) -> dict[int, tuple[float, float]]:
        """By binary: its relaxed value, and what deciding it the other way costs at least (Lagrange's bound)."""
        found = self._model.getSolution()
        # highspy copies all values at each access.
        values, prices, rows = list(found.col_value), list(found.col_dual), list(found.row_dual)
        costs = {i: prices[i] for i in self._binaries}
        for s in self._switches:
            if s.on not in costs:
                continue  # "partly on", later than the binaries reach
            # With the switch's own two rows kept and all others priced: the cost of "on" at its best power.
            upper, lower = rows[s.first_row], rows[s.first_row + 1]
            slope = prices[s.column] + upper + lower
            costs[s.on] += min(slope * s.least, slope * s.most) - upper * s.most - lower * s.least
        return {i: (values[i], abs(costs[i])) for i in self._binaries}

    def _look_near(self, relaxation: Mapping[int, tuple[float, float]], relaxed: float) -> None:
        undecided = sum(not _whole(value) for value, _ in relaxation.values())
        for free, nodes in _NEAR:
            if self.found and free <= undecided:
                continue  # no more than before
            self._search_near(relaxation, relaxed, free, nodes)
            distance = self._least_known - relaxed
            if distance <= self._gap_eur or self._effort.quick or not distance <= _NEAR_GAPS * self._gap_eur:
                break

    def _search_near(
        self, relaxation: Mapping[int, tuple[float, float]], relaxed: float, free: int, nodes: int
    ) -> None:
        """A good plan that keeps what the relaxation has decided already, but for those that cost least otherwise.

        All that it has left undecided are free, and ``free`` at least.
        """
        decided = sorted((price, i) for i, (value, price) in relaxation.items() if _whole(value))
        kept = {i for _, i in decided[max(0, free - (len(relaxation) - len(decided))) :]}
        for i, (value, _) in relaxation.items():
            self._model.changeColIntegrality(i, highspy.HighsVarType.kInteger)
            low, high = (round(value), round(value)) if i in kept else (0.0, 1.0)
            self._model.changeColBounds(i, low, high)
        self._model.setOptionValue("mip_max_nodes", nodes)
        self._model.setOptionValue("objective_target", relaxed + self._gap_eur)
        self._branch_and_bound(_NEAR_SHARE * self._gap_eur, _NEAR_TIME_SHARE * self._effort.seconds)
        self._model.setOptionValue("mip_max_nodes", _ANY)
        self._model.setOptionValue("objective_target", _NO_TARGET)

    def _branch_and_bound(self, gap_eur: float, until_s: float) -> None:
        model = self._model
        if self._best is not None:
            model.setSolution(self._best)
        # With a plan at hand, searches within the search took nine tenths of the time and found nothing (measured).
        for heuristic in ("rins", "rens", "root_reduced_cost"):
            model.setOptionValue(f"mip_heuristic_run_{heuristic}", not self.found)
        # Without it, HiGHS has called a plan that it was given the best one, which it was not.
        model.setOptionValue("presolve", "choose")
        model.setOptionValue("mip_abs_gap", gap_eur)
        # The limit is for this run, the time that HiGHS tells for all of them.
        model.setOptionValue("time_limit", max(_MIN_SECONDS, until_s - self.seconds))
        model.run()
        objective = _objective(model)
        if objective <= self.objective:
            self.objective, self._best = objective, _solution(model) if objective < inf else None

    def _round(self, relaxed: Mapping[int, float]) -> None:
        """A plan all the same when time ran out before there was one: the relaxation's decisions, rounded."""
        for threshold in (*_ROUND_UP, inf):
            self._fix({i: value > threshold for i, value in relaxed.items()})
            self._model.run()
            if _objective(self._model) < self.objective:
                self.objective, self._best = _objective(self._model), _solution(self._model)

    def settle_ties(self) -> None:
        """A second solve for the preferences alone, at the cost that the first one found, but for next to nothing.

        Linear programs only, so that it takes little and always the same: the decisions of the first plan, and those
        that a relaxation suggests; the best of them is taken.
        """
        first = self._best
        if not self._ties or first is None:
            return
        model = self._model
        columns = list(self._costs)
        most = self.objective + self._tie_eur
        model.addRow(-highspy.kHighsInf, most, len(columns), columns, list(self._costs.values()))
        for i in columns:
            model.changeColCost(i, 0.0)
        for i, price in self._ties.items():
            model.changeColCost(i, price)
        self._relax()
        roundings = []
        # Starts alone make a relaxed charger "a little on" for long: once without them.
        for price in (0.0, 1.0):
            for i in self._starts:
                model.changeColCost(i, price * self._ties[i])
            model.run()
            relaxed = list(model.getSolution().col_value)
            roundings += [[relaxed[i] > threshold for i in self._binaries] for threshold in _ROUND_UP]
        decisions = {tuple(decided) for decided in (list(self._decisions().values()), *roundings)}
        best, best_price = first, inf
        for decided in sorted(decisions):
            self._fix(dict(zip(self._binaries, decided, strict=True)))
            model.run()
            if _objective(model) < best_price:
                best, best_price = _solution(model), _objective(model)
        self._take(self._with_fewer_starts(best, best_price))

    def _with_fewer_starts(self, best: highspy.HighsSolution, best_price: float) -> highspy.HighsSolution:
        """The same or, where one is found that costs no more, a plan with fewer starts."""
        asked = {i for on in self._sequences for i in on if i is not None}
        tried = 0
        better = True
        while better:
            better, values = False, list(best.col_value)
            on = [tuple(None if i is None else values[i] > 0.5 for i in one) for one in self._sequences]
            for proposal in with_fewer_starts(on):
                tried += 1
                if tried > _MOVES:
                    return best
                decided = {i: values[i] > 0.5 for i in self._binaries if i not in asked}
                for columns, pattern in zip(self._sequences, proposal, strict=True):
                    decided |= {i: bool(x) for i, x in zip(columns, pattern, strict=True) if i is not None}
                self._fix(decided)
                self._model.run()
                if _objective(self._model) < best_price - _SAME:
                    best, best_price, better = _solution(self._model), _objective(self._model), True
                    tried -= 1
                    break
        return best

    def _take(self, plan: highspy.HighsSolution) -> None:
        values = list(plan.col_value)
        self._best, self.objective = plan, sum(price * values[i] for i, price in self._costs.items())

    def _decisions(self) -> dict[int, bool]:
        values = self.values()
        return {i: values[i] > 0.5 for i in self._binaries}

    def _fix(self, decisions: Mapping[int, bool]) -> None:
        for i, value in decisions.items():
            self._model.changeColBounds(i, float(value), float(value))

    def _relax(self) -> None:
        # Linear programs this lean are solved twice as fast as they come (measured).
        self._model.setOptionValue("presolve", "off")
        # The limit of the branch and bound before is over; what follows must end, and takes little.
        self._model.setOptionValue("time_limit", highspy.kHighsInf)
        for i in (*self._binaries, *self._counts):
            self._model.changeColIntegrality(i, highspy.HighsVarType.kContinuous)
        for i in self._binaries:
            self._model.changeColBounds(i, 0.0, 1.0)


def _objective(model: highspy.Highs) -> float:
    """The objective of the solution at hand; infinite without a feasible one."""
    info = model.getInfo()
    feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    return float(info.objective_function_value) if feasible else inf


def _solution(model: highspy.Highs) -> highspy.HighsSolution:
    kept = highspy.HighsSolution()
    kept.col_value = list(model.getSolution().col_value)
    return kept


def _whole(value: float) -> bool:
    return value < _FAR or value > 1 - _FAR
