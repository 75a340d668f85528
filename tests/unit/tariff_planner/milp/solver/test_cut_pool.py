"""Rows that are added to a relaxation only where it breaks them."""

import highspy

from tariff_planner.domain.milp.solver.cut_pool import CutPool


def model(costs: list[float]) -> highspy.Highs:
    """Columns from 0 to 1, and no rows."""
    made = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy's
    made.setOptionValue("output_flag", False)
    for cost in costs:
        made.addVar(0.0, 1.0)
        made.changeColCost(made.getNumCol() - 1, cost)
    made.run()
    return made


def test_what_is_broken_is_added_until_nothing_is_and_the_rest_is_left_out() -> None:
    relaxed = model([1.0, 2.0])
    # The first is broken at once, the second by what solves the first, the third never.
    rows = [({0: 1.0, 1: 1.0}, 0.5), ({0: -1.0, 1: 1.0}, 0.0), ({0: -1.0}, -1.0)]
    CutPool.of(rows).tighten(relaxed)
    assert relaxed.getNumRow() == 2
    assert list(relaxed.getSolution().col_value) == [0.25, 0.25]


def test_no_rows_change_nothing() -> None:
    relaxed = model([1.0])
    CutPool.of([]).tighten(relaxed)
    assert relaxed.getNumRow() == 0
