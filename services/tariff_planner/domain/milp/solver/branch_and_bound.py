"""How HiGHS finds a plan and proves it: relaxation, what is near it, branch and bound; then the ties.

Knows nothing of homes and nothing of PuLP: columns, rows, and costs in EUR. docs/planning.md, "How it is solved".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

import highspy

from tariff_planner.domain.milp.solver.cut_pool import CutPool
from tariff_planner.domain.milp.solver.tie_moves import with_fewer_starts

_ALLOWANCE_EUR = 0.03
"""Usual largest distance of a plan from its relaxation, in EUR; a wrong guess costs time, never the proof."""
_NEAR_SHARE = 0.5
"""The gap's share to which the plans near the relaxation are searched: the rest is left for their own distance."""
_NEAR = ((0, 10), (40, 20), (80, 20))
"""How many binaries are free in that search at least, and its nodes: what they do not find, more free ones may, and the
search over all finds later (measured)."""
_NEAR_GAPS = 5
"""More distance than so many gaps is no matter of a few binaries more."""
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
    ``counts`` are columns that are whole wherever the binaries are; to decide them first can be half of the proof.

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
        cuts: CutPool,
    ) -> None:
        self._model, self._binaries, self._effort = model, binaries, effort
        self._switches, self._costs, self._ties, self._starts = switches, costs, ties, starts
        self._cuts, self._counts, self._sequences = cuts, counts, sequences
        self._tie_eur = min(effort.tie_eur, _TIE_SHARE * effort.gap_eur)
        self._gap_eur = effort.gap_eur - self._tie_eur - ROUNDING_EUR
        self._best: highspy.HighsSolution | None = None
        self.objective, self.bound = inf, -inf

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
        self.objective, self._best = inf, None
        for i in (*self._binaries, *self._counts):
            self._model.changeColIntegrality(i, highspy.HighsVarType.kInteger)
        undecided = sum(not _whole(value) for value, _ in relaxation.values())
        for free, nodes in _NEAR:
            distance = self.objective - relaxed
            if self.found and free >= sum(not _whole(x) or price <= distance for x, price in relaxation.values()):
                break  # the search over all that may be better has no more than that to decide
            if self.found and free <= undecided:
                continue  # no more than before
            self._search_near(relaxation, relaxed, free, nodes)
            distance = self.objective - relaxed
            if distance <= self._gap_eur or self._effort.quick or not distance <= _NEAR_GAPS * self._gap_eur:
                break
        if self.objective > relaxed + self._gap_eur and not (self._effort.quick and self.found):
            allowance = self.objective - relaxed if self.found else _ALLOWANCE_EUR
            while self._search(relaxation, relaxed, allowance) and allowance < inf:
                # A fixed binary's other value may be better: free those that this plan's distance does not rule out.
                allowance = self.objective - relaxed if self.found else inf
        self._relax()
        if not self.found:
            self._round({i: value for i, (value, _) in relaxation.items()})

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

    def _search_near(
        self, relaxation: Mapping[int, tuple[float, float]], relaxed: float, free: int, nodes: int
    ) -> None:
        """A good plan that keeps what the relaxation has decided already, but for those that cost least otherwise.

        All that it has left undecided are free, and ``free`` at least.
        """
        decided = sorted((price, i) for i, (value, price) in relaxation.items() if _whole(value))
        kept = {i for _, i in decided[max(0, free - (len(relaxation) - len(decided))) :]}
        for i, (value, _) in relaxation.items():
            low, high = (round(value), round(value)) if i in kept else (0.0, 1.0)
            self._model.changeColBounds(i, low, high)
        self._model.setOptionValue("mip_max_nodes", nodes)
        self._model.setOptionValue("objective_target", relaxed + self._gap_eur)
        self._branch_and_bound(_NEAR_SHARE * self._gap_eur, _NEAR_TIME_SHARE * self._effort.seconds)
        self._model.setOptionValue("mip_max_nodes", _ANY)
        self._model.setOptionValue("objective_target", _NO_TARGET)

    def _search(self, relaxation: Mapping[int, tuple[float, float]], relaxed: float, allowance: float) -> bool:
        """Branch and bound over the binaries that a plan within ``allowance`` of the relaxation may decide otherwise.

        A binary whose reduced cost is larger keeps the relaxation's value: any plan that changes it costs at least
        ``relaxed + allowance``. Returns whether a better plan may hide there.
        """
        for i, (value, price) in relaxation.items():
            if _whole(value) and price > allowance:
                self._model.changeColBounds(i, round(value), round(value))
            else:
                self._model.changeColBounds(i, 0.0, 1.0)
        self._branch_and_bound(self._gap_eur, self._effort.seconds)
        # HiGHS drops what is better by less than the gap, and then tells a bound that knows nothing of it.
        dual = min(self._model.getInfo().mip_dual_bound, self.objective - self._gap_eur)
        self.bound = max(relaxed, min(dual, relaxed + allowance))
        return (
            self.objective - self.bound > self._effort.gap_eur + ROUNDING_EUR and self.objective > relaxed + allowance
        )

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
        model.setOptionValue("time_limit", max(_MIN_SECONDS, until_s - model.getRunTime()))
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
