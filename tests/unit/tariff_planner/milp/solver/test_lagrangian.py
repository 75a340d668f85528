"""What a solution proves of other decisions: never more than they cost."""

from itertools import product
from random import Random

import highspy
import numpy as np
import pytest

from tariff_planner.domain.milp.solver.highs import columns, objective, solver, translated
from tariff_planner.domain.milp.solver.lagrangian import Lagrangian, Switch
from tariff_planner.domain.milp.solver.linear_program import LinearProgram

STEPS = 4


def charger(seed: int) -> tuple[highspy.Highs, list[int], list[Switch]]:
    """A model of a device with a least power and prices, its binaries, and its switches."""
    draw, lp = Random(seed), LinearProgram()
    missing = lp.var(cost=2.0)
    on, charge, needed = [], [], {missing: 1.0}
    for _ in range(STEPS):
        on.append(lp.binary(cost=draw.uniform(0, 0.2)))
        charge.append(lp.var(0, draw.uniform(1.5, 3), cost=draw.uniform(-0.2, 1)))
        needed[charge[-1]] = 1.0
        lp.switch(on[-1], charge[-1], draw.uniform(0.5, 1.5))
    lp.at_least(needed, draw.uniform(2, 6))
    column = columns(lp.variables)
    model = solver(presolve="off")
    model.passModel(translated(lp.rows, column, lp.costs))
    switches = [
        Switch(column[o], column[c], -lp.rows[2 * t + 1].terms[o], float(c.upBound), 2 * t)
        for t, (o, c) in enumerate(zip(on, charge, strict=True))
    ]
    return model, [column[o] for o in on], switches


def cost(model: highspy.Highs, binaries: list[int], decisions: tuple[int, ...]) -> float:
    """What the best plan with these decisions costs."""
    for i, decided in zip(binaries, decisions, strict=True):
        model.changeColBounds(i, decided, decided)
    model.run()
    return objective(model)


@pytest.mark.parametrize("seed", range(10))
def test_no_plan_costs_less_than_a_relaxation_or_another_plan_proves(seed: int) -> None:
    model, binaries, switches = charger(seed)
    model.run()
    proofs = [Lagrangian.of(model, binaries, switches)]
    for decisions in product((0, 1), repeat=STEPS):
        found = cost(model, binaries, decisions)
        proofs.append(Lagrangian.of(model, binaries, switches))
        assert proofs[-1].least_cost(np.array(decisions)) == pytest.approx(found)
    for decisions in product((0, 1), repeat=STEPS):
        found = cost(model, binaries, decisions)
        assert max(proof.least_cost(np.array(decisions)) for proof in proofs) <= found + 1e-6


def test_what_the_relaxation_has_decided_has_a_price_and_the_rest_has_none() -> None:
    model, binaries, switches = charger(3)
    model.run()
    relaxed = Lagrangian.of(model, binaries, switches)
    assert relaxed.whole.any()
    assert (relaxed.prices[~relaxed.whole] < 1e-6).all()
    assert (relaxed.prices[relaxed.whole] > 0).any()
