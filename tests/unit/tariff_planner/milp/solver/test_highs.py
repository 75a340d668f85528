"""HiGHS stopped after so many of its own checks, whatever the machine does beside it."""

from random import Random

import highspy
import numpy as np

from tariff_planner.domain.milp.solver.highs import run_for, solver


def puzzle() -> highspy.Highs:
    """Binaries that take branch and bound many checks."""
    draw, made = Random(1), solver()
    for i in range(40):
        made.addCol(-draw.uniform(1, 2), 0.0, 1.0, 0, [], [])
        made.changeColIntegrality(i, highspy.HighsVarType.kInteger)
    for _ in range(5):
        made.addRow(0.0, 20.0, 40, np.arange(40, dtype=np.int32), np.array([draw.uniform(1, 3) for _ in range(40)]))
    return made


def test_a_run_ends_after_so_many_checks_and_the_next_one_knows_nothing_of_it() -> None:
    model = puzzle()
    run_for(model, 2)
    assert model.getModelStatus() == highspy.HighsModelStatus.kInterrupt
    run_for(model, 10**9)
    assert model.getModelStatus() == highspy.HighsModelStatus.kOptimal
