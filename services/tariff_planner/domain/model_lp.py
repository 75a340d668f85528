"""The only file that knows PuLP: a linear program with binaries, built by PuLP and solved by HiGHS in this process.

HiGHS runs on the calling thread, without a child process, and releases the interpreter's lock while it works.
CBC is the documented fallback (docs/planning.md): the model below is an ordinary ``pulp.LpProblem``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

import highspy
import pulp

type Var = pulp.LpVariable
type Terms = Mapping[Var, float]

_ALLOWANCE_EUR = 0.03
"""How much dearer than its relaxation a plan usually is at most; a wrong guess costs time, never the proof."""
_TIE_SHARE = 0.1
"""So much of the gap may be spent on preferences."""
_LEAST_SECONDS = 0.1
_ROUND_UP = (1e-6, 0.3, 0.5)
"""From which relaxed value on a binary is tried as 1 when ties are broken."""
_FAR = 1e-6
"""How far from 0 or 1 a relaxed binary may lie and still count as one."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long and how exactly to solve."""

    gap_eur: float = 0.01
    """Absolute: a relative gap swallows real money when penalties are large."""
    seconds: float = 10.0
    relaxed: bool = False
    """Binaries may lie between 0 and 1: quick, for comparing two problems."""


@dataclass(frozen=True, slots=True)
class Found:
    """How it ended. ``proven``: no solution is better by more than the gap that was asked for."""

    proven: bool
    objective: float
    bound: float
    seconds: float
    rows: int
    binaries: int


@dataclass(frozen=True, slots=True)
class _Switch:
    """A binary and the variable that is 0 without it, and from ``least`` to ``most`` with it; the rows that say so."""

    on: Var
    var: Var
    least: float
    most: float
    first_row: int


class Lp:
    """A minimisation. Costs are given with the variables."""

    def __init__(self) -> None:
        self.problem = pulp.LpProblem("plan", pulp.LpMinimize)
        self._costs: dict[Var, float] = {}
        self._ties: dict[Var, float] = {}
        self._rows = 0
        self.binaries: list[Var] = []
        self._switches: list[_Switch] = []
        self._count = 0

    def var(self, low: float = 0.0, high: float | None = None, cost: float = 0.0) -> Var:
        """A continuous variable."""
        self._count += 1
        made = pulp.LpVariable(f"v{self._count}", low, high)
        if cost:
            self._costs[made] = cost
        # A variable that stands in no row and costs nothing is unknown to PuLP unless it is said.
        self.problem.addVariable(made)
        return made

    def binary(self, cost: float = 0.0) -> Var:
        """A variable that is 0 or 1."""
        made = self.var(0, 1, cost)
        made.cat = pulp.LpInteger
        self.binaries.append(made)
        return made

    def switch(self, on: Var, var: Var, least: float) -> None:
        """Without ``on``, a binary, ``var`` is 0; with it ``least`` at least, and its own bound at most."""
        most = float(var.upBound)
        self._switches.append(_Switch(on, var, least, most, self._rows))
        self.at_most({var: 1, on: -most}, 0)
        self.at_least({var: 1, on: -least}, 0)

    def cost(self, var: Var, more: float) -> None:
        """Adds to a variable's cost."""
        self._costs[var] = self._costs.get(var, 0.0) + more

    def tie(self, var: Var, price: float) -> None:
        """A preference that decides among solutions that cost the same; it never outweighs a cost."""
        if price:
            self._ties[var] = self._ties.get(var, 0.0) + price

    def at_most(self, terms: Terms, limit: float) -> None:
        """Sum of ``coefficient x variable`` <= ``limit``."""
        self._row(terms, pulp.LpConstraintLE, limit)

    def at_least(self, terms: Terms, limit: float) -> None:
        """Sum of ``coefficient x variable`` >= ``limit``."""
        self._row(terms, pulp.LpConstraintGE, limit)

    def equal(self, terms: Terms, value: float) -> None:
        """Sum of ``coefficient x variable`` = ``value``."""
        self._row(terms, pulp.LpConstraintEQ, value)

    def _row(self, terms: Terms, sense: int, rhs: float) -> None:
        self.problem.addConstraint(pulp.LpConstraint(pulp.LpAffineExpression(terms), sense, rhs=rhs))
        self._rows += 1

    def solve(self, effort: Effort) -> Found:
        """Solves; afterwards :meth:`value` tells the variables' values.

        Raises:
            RuntimeError: HiGHS found no solution at all, which this model never leads to but for a time limit near 0.
        """
        self.problem.setObjective(pulp.LpAffineExpression(self._costs))
        solver = _Solver(effort, self._switches, self._costs, self._ties)
        self.problem.solve(solver)
        self.problem.solverModel = None  # tens of MB that PuLP would keep as long as the problem
        if not solver.found:
            raise RuntimeError(f"no plan found: {pulp.LpStatus[self.problem.status]}")
        return Found(
            proven=solver.objective - solver.bound <= effort.gap_eur + 1e-9,
            objective=solver.objective,
            bound=solver.bound,
            seconds=float(self.problem.solutionTime),
            rows=self._rows,
            binaries=len(self.binaries),
        )

    @staticmethod
    def value(var: Var) -> float:
        """The variable's value in the solution."""
        return float(var.varValue)


class _Solver(pulp.HiGHS):  # type: ignore[misc]  # PuLP has no type information
    """HiGHS in process: relaxation first, a rounding of it that is good enough by proof, else branch and bound."""

    def __init__(self, effort: Effort, switches: Sequence[_Switch], costs: Terms, ties: Terms) -> None:
        super().__init__(
            msg=False, threads=1, gapAbs=(1 - _TIE_SHARE) * effort.gap_eur, gapRel=0.0, timeLimit=effort.seconds
        )
        self.effort, self.switches = effort, switches
        self.costs, self.ties = costs, ties
        self.found = False
        self.objective, self.bound = inf, -inf
        self.start: highspy.HighsSolution | None = None
        self.spent = 0.0

    def callSolver(self, lp: pulp.LpProblem) -> None:  # noqa: N802  # PuLP's name
        model: highspy.Highs = lp.solverModel
        binaries = [v.index for v in lp.variables() if v.cat == pulp.LpInteger]
        if binaries and not self.effort.relaxed:
            self._decide(model, binaries)
        else:
            _kind(model, binaries, highspy.HighsVarType.kContinuous)
            model.run()
            self._take(model)
            self.bound = self.objective
        if self.found and self.ties and not self.effort.relaxed:
            self._settle_ties(model, binaries)

    def _decide(self, model: highspy.Highs, binaries: Sequence[int]) -> None:
        """Relaxation first; where it is not whole already, branch and bound over what it leaves open."""
        _kind(model, binaries, highspy.HighsVarType.kContinuous)
        model.run()
        self._take(model)
        relaxed = self.objective
        relaxation = self._relaxation(model, binaries)
        if all(_whole(value) for value, _ in relaxation.values()):
            self.bound = relaxed
            self.start = _solution(model)
            return
        _kind(model, binaries, highspy.HighsVarType.kInteger)
        allowance = _ALLOWANCE_EUR
        while self._search(model, relaxation, relaxed, allowance) and allowance < inf:
            # A fixed binary's other value may be better: free those that this plan's distance does not rule out.
            allowance = self.objective - relaxed if self.objective < inf else inf

    def _relaxation(self, model: highspy.Highs, binaries: Sequence[int]) -> dict[int, tuple[float, float]]:
        """By binary: its relaxed value, and what deciding it the other way costs at least (Lagrange's bound)."""
        found = model.getSolution()
        values, prices, rows = list(found.col_value), list(found.col_dual), list(found.row_dual)
        relaxation = {i: (values[i], abs(prices[i])) for i in binaries}
        costs = {s.on.index: prices[s.on.index] for s in self.switches}
        for s in self.switches:
            # With the switch's own two rows kept and all others priced: the cost of "on" at its best power.
            upper, lower = rows[s.first_row], rows[s.first_row + 1]
            slope = prices[s.var.index] + upper + lower
            costs[s.on.index] += min(slope * s.least, slope * s.most) - upper * s.most - lower * s.least
        return relaxation | {i: (values[i], abs(cost)) for i, cost in costs.items() if i in relaxation}

    def _search(
        self, model: highspy.Highs, relaxation: Mapping[int, tuple[float, float]], relaxed: float, allowance: float
    ) -> bool:
        """Branch and bound over the binaries that a plan within ``allowance`` of the relaxation may decide otherwise.

        A binary whose reduced cost is larger keeps the relaxation's value: any plan that changes it costs at least
        ``relaxed + allowance``. Returns whether a better plan may hide there.
        """
        for i, (value, price) in relaxation.items():
            if _whole(value) and price > allowance:
                model.changeColBounds(i, round(value), round(value))
            else:
                model.changeColBounds(i, 0.0, 1.0)
        if self.found and self.start is not None:
            model.setSolution(self.start)
        # The model is lean as it is: presolving it costs more than it gains (measured, docs/planning.md).
        model.setOptionValue("presolve", "off")
        model.setOptionValue("time_limit", max(_LEAST_SECONDS, self.effort.seconds - self.spent))
        model.run()
        self.spent = model.getRunTime()
        self._take(model)
        if self.found:
            self.start = _solution(model)
        self.bound = max(relaxed, min(model.getInfo().mip_dual_bound, relaxed + allowance))
        return self.objective - self.bound > self.effort.gap_eur + 1e-9 and self.objective > relaxed + allowance

    def _settle_ties(self, model: highspy.Highs, binaries: Sequence[int]) -> None:
        """A second solve for the preferences alone, at the cost that the first one found, but for a tenth of the gap.

        Linear programs only, so that it takes little and always the same: the decisions of the first plan, and those
        that a relaxation suggests; the best of them is taken.
        """
        first = self.start or _solution(model)
        index = [v.index for v in self.costs]
        model.addRow(
            -highspy.kHighsInf,
            self.objective + _TIE_SHARE * self.effort.gap_eur,
            len(index),
            index,
            list(self.costs.values()),
        )
        for v in self.costs:
            model.changeColCost(v.index, 0.0)
        for v, price in self.ties.items():
            model.changeColCost(v.index, price)
        _kind(model, binaries, highspy.HighsVarType.kContinuous)
        for i in binaries:
            model.changeColBounds(i, 0.0, 1.0)
        model.run()
        # highspy copies all values at each access.
        relaxed, first_values = list(model.getSolution().col_value), list(first.col_value)
        roundings = [[relaxed[i] > threshold for i in binaries] for threshold in _ROUND_UP]
        decisions = {tuple(decided) for decided in ([first_values[i] > 0.5 for i in binaries], *roundings)}
        best, best_price = first, inf
        for decided in sorted(decisions):
            for i, value in zip(binaries, decided, strict=True):
                model.changeColBounds(i, float(value), float(value))
            model.run()
            if _objective(model) < best_price:
                best, best_price = _solution(model), _objective(model)
        model.setSolution(best)
        values = list(best.col_value)
        self.objective = sum(price * values[v.index] for v, price in self.costs.items())

    def _take(self, model: highspy.Highs) -> None:
        self.objective = _objective(model)
        self.found = self.objective < inf


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


def _kind(model: highspy.Highs, binaries: Sequence[int], kind: highspy.HighsVarType) -> None:
    for i in binaries:
        model.changeColIntegrality(i, kind)
