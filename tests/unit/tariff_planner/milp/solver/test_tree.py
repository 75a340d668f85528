"""Branch and bound by linear programs: the best plan, a bound that holds, and few programs where much is alike."""

from itertools import count, product
from math import inf
from random import Random

import highspy
import numpy as np
import pytest

from tariff_planner.domain.milp.solver.budget import Budget
from tariff_planner.domain.milp.solver.highs import solver
from tariff_planner.domain.milp.solver.tree import Tree

BUDGET = Budget(10.0)

type Rows = list[tuple[list[float], float]]


def model(costs: list[float], rows: Rows) -> highspy.Highs:
    """Binaries with costs, and rows whose sum is at least so much; relaxed and solved."""
    made = solver(presolve="off")
    for cost in costs:
        made.addCol(cost, 0.0, 1.0, 0, [], [])
    for terms, least in rows:
        index = np.arange(len(terms), dtype=np.int32)
        made.addRow(least, highspy.kHighsInf, len(terms), index, np.array(terms))
    made.run()
    return made


def tree(
    costs: list[float], rows: Rows, totals: list[list[int]] | None = None, objective: float = inf, gap: float = 1e-6
) -> Tree:
    made, columns = model(costs, rows), range(len(costs))
    return Tree(
        made.getLp(),
        made.getBasis(),
        columns,
        counts=[],
        totals=totals or [],
        objective=objective,
        gap=gap,
    )


def cheapest(costs: list[float], rows: Rows) -> float:
    """Found by trying all."""
    return min(
        (
            float(np.dot(costs, on))
            for on in product((0, 1), repeat=len(costs))
            if all(np.dot(terms, on) >= least - 1e-9 for terms, least in rows)
        ),
        default=inf,
    )


@pytest.mark.parametrize("seed", range(20))
def test_it_finds_what_trying_everything_finds(seed: int) -> None:
    draw = Random(seed)
    costs = [draw.uniform(-0.2, 1.0) for _ in range(8)]
    rows: Rows = [([draw.uniform(-0.5, 1.0) for _ in costs], draw.uniform(0.3, 2.0)) for _ in range(4)]
    found = tree(costs, rows, [[0, 1, 2, 3], [*range(8)]])
    ended = found.search(1000, BUDGET)

    right = cheapest(costs, rows)
    assert ended
    assert found.objective == pytest.approx(right, abs=1e-5)
    assert found.bound <= right + 1e-6
    if found.values is not None:
        assert found.values == pytest.approx([round(value) for value in found.values], abs=1e-6)
        assert float(np.dot(costs, found.values)) == pytest.approx(right, abs=1e-5)


def test_what_costs_no_less_than_the_gap_below_the_plan_at_hand_is_not_looked_for() -> None:
    costs, rows = [1.0, 1.0, 1.1], [([1.0, 1.0, 1.0], 1.5)]
    found = tree(costs, rows, objective=2.4, gap=1.0)
    assert found.search(1000, BUDGET)
    assert found.values is None
    assert found.objective == 2.4
    assert found.bound == pytest.approx(1.5, abs=1e-6)


def test_how_many_of_many_that_are_alike_is_decided_first() -> None:
    costs = [1.0 + i / 1000 for i in range(30)]
    rows: Rows = [([1.0] * 30, 12.5)]
    alike = tree(costs, rows, [[*range(30)]], gap=0.01)
    assert alike.search(1, BUDGET)
    assert alike.objective == pytest.approx(sum(costs[:13]))
    one_by_one = tree(costs, rows, gap=0.01)
    assert not one_by_one.search(1, BUDGET)
    assert one_by_one.bound < alike.bound


def test_when_it_has_to_stop_its_bound_still_holds() -> None:
    costs, rows = [1.0] * 30, [([1.0 + i / 100 for i in range(30)], 12.5)]
    found = tree(costs, rows)
    assert not found.search(1, BUDGET)
    assert -inf < found.bound <= 12.0


def test_it_goes_on_where_it_had_to_stop_and_heeds_what_was_found_meanwhile() -> None:
    draw = Random(5)
    costs = [draw.uniform(0.2, 1.0) for _ in range(10)]
    rows: Rows = [([draw.uniform(0.1, 1.0) for _ in costs], 2.5) for _ in range(60)]
    found, right = tree(costs, rows), cheapest(costs, rows)
    assert not found.search(1, BUDGET)
    found.heed(right + 1e-5)
    assert found.search(1000, BUDGET)
    assert found.objective == pytest.approx(right, abs=2e-5)


def test_it_stops_when_the_clock_says_so() -> None:
    costs, rows = [1.0] * 30, [([1.0 + i / 100 for i in range(30)], 12.5)]
    ticks = count()
    found = tree(costs, rows)
    assert not found.search(1000, Budget(3.0, lambda: float(next(ticks))))
    assert next(ticks) == 4, "a look at the clock before each node"
    assert -inf < found.bound <= 12.0
