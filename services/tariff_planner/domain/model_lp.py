"""The only file of the model that knows PuLP: a linear program with binaries, which HiGHS solves in this process.

HiGHS runs on the calling thread, without a child process, and releases the interpreter's lock while it works.
CBC is the documented fallback (docs/planning.md): the model below is an ordinary ``pulp.LpProblem``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulp

from tariff_planner.domain.model_search import Effort, Search, Switch

type Var = pulp.LpVariable
type Terms = Mapping[Var, float]


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

    def numbered(self) -> Switch:
        """The same by the numbers that HiGHS knows."""
        return Switch(self.on.index, self.var.index, self.least, self.most, self.first_row)


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

    @property
    def costs(self) -> Terms:
        """What each variable costs; without preferences."""
        return self._costs

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
        search = solver.search
        if search is None or not search.found:
            raise RuntimeError(f"no plan found: {pulp.LpStatus[self.problem.status]}")
        return Found(
            proven=search.proven,
            objective=search.objective,
            bound=search.bound,
            seconds=float(self.problem.solutionTime),
            rows=self._rows,
            binaries=len(self.binaries),
        )

    @staticmethod
    def value(var: Var) -> float:
        """The variable's value in the solution."""
        return float(var.varValue)


class _Solver(pulp.HiGHS):  # type: ignore[misc]  # PuLP has no type information
    """HiGHS in process, through PuLP, with our own search."""

    def __init__(self, effort: Effort, switches: Sequence[_Switch], costs: Terms, ties: Terms) -> None:
        super().__init__(msg=False, threads=1, gapRel=0.0, timeLimit=effort.seconds)
        self.effort, self.switches = effort, switches
        self.costs, self.ties = costs, ties
        self.search: Search | None = None

    def callSolver(self, lp: pulp.LpProblem) -> None:  # noqa: N802  # PuLP's name
        self.search = Search(
            lp.solverModel,
            [v.index for v in lp.variables() if v.cat == pulp.LpInteger],
            self.effort,
            switches=[s.numbered() for s in self.switches],
            costs={v.index: price for v, price in self.costs.items()},
            ties={v.index: price for v, price in self.ties.items()},
        )
        self.search.run()
