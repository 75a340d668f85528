"""A linear program with binaries, made of PuLP's variables and solved by HiGHS in this process.

With ``highs.py`` the only files of the model that know PuLP. HiGHS runs on the calling thread, without a child
process, and releases the interpreter's lock while it works. CBC is the documented fallback (docs/planning.md), for
which the model is an ordinary ``pulp.LpProblem``, too. Rows are kept as they are given: as PuLP's constraints, they
take as long to build as all the rest.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

import highspy
import pulp

from tariff_planner.domain.milp.solver.branch_and_bound import ROUNDING_EUR, Effort, Range, Search
from tariff_planner.domain.milp.solver.budget import Budget
from tariff_planner.domain.milp.solver.cut_pool import CutPool
from tariff_planner.domain.milp.solver.highs import (
    DEVEX,
    Columns,
    Row,
    Var,
    columns,
    for_many_solves,
    solver,
    translated,
)
from tariff_planner.domain.milp.solver.lagrangian import Switch
from tariff_planner.domain.milp.solver.ties import Preferences

type Terms = Mapping[Var, float]
type Repairs = Callable[[], dict[Var, Range]]

if hasattr(pulp, "set_v4_migration_warnings"):
    # One for each of thousands of variables took as long as the variables did; PuLP is pinned below 4 on purpose.
    pulp.set_v4_migration_warnings(False)

_REPAIRS = 4
"""Repairs of one solution, each of which may show up in another step."""


@dataclass(frozen=True, slots=True)
class SolveResult:
    """How it ended. ``proven``: no solution is better by more than the gap that was asked for."""

    proven: bool
    objective: float
    bound: float
    rows: int
    binaries: int
    repaired: bool
    """Whether the solution does nothing that cannot be."""


@dataclass(frozen=True, slots=True)
class _Switch:
    """A binary and the variable that is 0 without it, and from ``least`` to ``most`` with it; the rows that say so."""

    on: Var
    var: Var
    least: float
    most: float
    first_row: int


def is_binary(var: Var) -> bool:
    """Whether the variable is 0 or 1."""
    return bool(var.cat == pulp.LpInteger)


class _Variable(pulp.LpVariable):  # type: ignore[misc]  # PuLP tells no types
    """PuLP's own, found in a dict without a call of Python for each look."""

    __hash__ = object.__hash__


class LinearProgram:
    """A minimisation. Costs are given with the variables."""

    def __init__(self) -> None:
        self.variables: list[Var] = []
        self.rows: list[Row] = []
        self._costs: dict[Var, float] = {}
        self._ties: dict[Var, float] = {}
        self._starts: list[Var] = []
        self._cuts: list[tuple[Terms, float]] = []
        self.binaries: list[Var] = []
        self._counts: list[Var] = []
        self._totals: list[Sequence[Var]] = []
        self._switches: list[_Switch] = []
        self._sequences: list[Sequence[Var | None]] = []
        self._values: dict[Var, float] = {}

    def var(self, low: float = 0.0, high: float | None = None, cost: float = 0.0) -> Var:
        """A continuous variable."""
        made = _Variable(f"v{len(self.variables) + 1}", low, high)
        if cost:
            self._costs[made] = cost
        self.variables.append(made)
        return made

    def binary(self, cost: float = 0.0) -> Var:
        """A variable that is 0 or 1."""
        made = self.var(0, 1, cost)
        made.cat = pulp.LpInteger
        self.binaries.append(made)
        return made

    def count(self) -> Var:
        """A variable that is whole in every solution whose binaries are: branch and bound may decide it, too."""
        made = self.var()
        self._counts.append(made)
        return made

    def total(self, some: Sequence[Var]) -> None:
        """Binaries that are much alike: branch and bound may decide how many of them are 1."""
        self._totals.append(some)

    def switch(self, on: Var, var: Var, least: float) -> None:
        """Without ``on``, a binary, ``var`` is 0; with it ``least`` at least, and its own bound at most."""
        most = float(var.upBound)
        self._switches.append(_Switch(on, var, least, most, len(self.rows)))
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

    def start(self, var: Var, price: float) -> None:
        """A preference for few starts, of which the variable is one."""
        self.tie(var, price)
        self._starts.append(var)

    def sequence(self, on: Sequence[Var | None]) -> None:
        """Whether a device is on, by step (None: any power): where a binary says so, it is tried for fewer starts."""
        self._sequences.append(on)

    def at_most(self, terms: Terms, limit: float) -> None:
        """Sum of ``coefficient x variable`` <= ``limit``."""
        self.rows.append(Row(dict(terms), -inf, limit))

    def at_least(self, terms: Terms, limit: float) -> None:
        """Sum of ``coefficient x variable`` >= ``limit``."""
        self.rows.append(Row(dict(terms), limit, inf))

    def equal(self, terms: Terms, value: float) -> None:
        """Sum of ``coefficient x variable`` = ``value``."""
        self.rows.append(Row(dict(terms), value, value))

    def cut(self, terms: Terms, limit: float) -> None:
        """Sum of ``coefficient x variable`` >= ``limit``, which no solution breaks; added where a relaxed one does."""
        self._cuts.append((terms, limit))

    def cuts(self, column: Columns) -> CutPool:
        """Those rows, by column."""
        return CutPool.of([({column[v]: x for v, x in terms.items()}, limit) for terms, limit in self._cuts])

    @property
    def problem(self) -> pulp.LpProblem:
        """The same for PuLP's solvers, costs and all; its rows are made anew each time."""
        made = pulp.LpProblem("plan", pulp.LpMinimize)
        made.setObjective(pulp.LpAffineExpression(self._costs))
        for terms, low, high in self.rows:
            sense, limit = (pulp.LpConstraintGE, low) if high == inf else (pulp.LpConstraintLE, high)
            sense = pulp.LpConstraintEQ if low == high else sense
            made.addConstraint(pulp.LpConstraint(pulp.LpAffineExpression(terms), sense, rhs=limit))
        return made

    def solve(self, effort: Effort, repairs: Repairs | None = None, budget: Budget | None = None) -> SolveResult:
        """Solves; afterwards :meth:`value` tells the variables' values.

        ``budget`` is the time that is shared with other solves, ``effort.seconds`` where there are none.

        ``repairs`` says, of a solution at hand, which bounds would keep it from doing what cannot be; it is then solved
        again with its own decisions and these bounds. ``repaired`` tells whether nothing was left to repair.

        Raises:
            RuntimeError: HiGHS found no solution at all, though none was known.
        """
        column = columns(self.variables)
        model = solver(mip_rel_gap=0.0)
        if self._counts:
            # Measured: of two optimal bases that with devex leads the tree to a first plan, the other does not.
            model.setOptionValue("simplex_dual_edge_weight_strategy", DEVEX)
        model.passModel(translated(self.rows, column, self._costs))
        search = Search(
            model,
            [column[v] for v in self.binaries],
            effort,
            budget or Budget(effort.seconds),
            switches=[Switch(column[s.on], column[s.var], s.least, s.most, s.first_row) for s in self._switches],
            costs={column[v]: price for v, price in self._costs.items()},
            preferences=self._preferences(column),
            counts=[column[v] for v in self._counts],
            totals=[[column[v] for v in some] for some in self._totals],
            cuts=self.cuts(column),
        )

        def broken() -> dict[Var, Range]:
            values = search.values()
            self._values = {var: values[i] for var, i in column.items()}
            return repairs() if repairs is not None else {}

        search.run()
        if not search.found and effort.known_eur is None:
            raise RuntimeError(f"no plan found: {model.getModelStatus()}")

        def repaired() -> bool:
            bounds = broken()
            for _ in range(_REPAIRS):
                if not bounds or not search.without({column[var]: span for var, span in bounds.items()}):
                    break
                bounds = broken()
            return not bounds

        whole = search.found and repaired()
        objective, values = search.objective, self._values
        if whole:
            search.settle_ties()
            if not repaired():
                self._values = values
            else:
                objective = search.objective
        return SolveResult(
            proven=whole and objective - search.bound <= effort.gap_eur + ROUNDING_EUR,
            objective=objective,
            bound=search.bound,
            rows=len(self.rows),
            binaries=len(self.binaries),
            repaired=whole,
        )

    def _preferences(self, column: Columns) -> Preferences:
        return Preferences(
            {column[v]: price for v, price in self._ties.items()},
            [column[v] for v in self._starts],
            [[column[v] if v is not None and is_binary(v) else None for v in on] for on in self._sequences],
        )

    def relaxed_cost(self) -> float:
        """What every solution costs at least, by the relaxation; infinite: there is none."""
        column = columns(self.variables)
        model = solver(presolve="off")
        model.passModel(translated(self.rows, column, self._costs))
        model.run()
        for_many_solves(model)
        model.run()
        self.cuts(column).tighten(model)
        if model.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            return inf
        optimal = model.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return float(model.getInfo().objective_function_value) if optimal else -inf

    def relaxed_range(self, var: Var, most_cost: float) -> Range | None:
        """Where a variable lies in solutions that cost no more, binaries relaxed; None: there are none."""
        column = columns(self.variables)
        model = solver(presolve="off")
        model.passModel(translated(self.rows, column, {}))
        model.addRow(
            -highspy.kHighsInf,
            most_cost,
            len(self._costs),
            [column[v] for v in self._costs],
            list(self._costs.values()),
        )
        found: list[float] = []
        for price in (1.0, -1.0):
            model.changeColCost(column[var], price)
            model.run()
            if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                return None
            found.append(price * float(model.getInfo().objective_function_value))
        return found[0], found[1]

    def value(self, var: Var) -> float:
        """The variable's value in the solution."""
        return float(self._values[var])
