"""What a solved relaxation proves of decisions: no plan that makes them costs less than so much."""

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from tariff_planner.domain.milp.solver.highs import objective

_FAR = 1e-6
"""Distance from 0 or 1 within which a relaxed binary counts as whole."""

type Floats = NDArray[np.float64]
type Bools = NDArray[np.bool_]


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


@dataclass(frozen=True, slots=True)
class Lagrangian:
    """What a solution costs in EUR, and by binary: its value, and what 1 instead of 0 costs more at least.

    These slopes add up: plans that decide two binaries otherwise cost more by both.
    """

    cost: float
    values: Floats
    slopes: Floats

    @classmethod
    def of(cls, model: highspy.Highs, binaries: Sequence[int], switches: Sequence[Switch]) -> "Lagrangian":
        """Read off a model that has just been solved as a linear program, binaries free from 0 to 1 or fixed."""
        found = model.getSolution()
        # highspy copies all values at each access.
        values, reduced, rows = list(found.col_value), list(found.col_dual), list(found.row_dual)
        costs = {i: reduced[i] for i in binaries}
        for s in switches:
            if s.on not in costs:
                continue  # "partly on", later than the binaries reach
            # With the switch's own two rows kept and all others priced: the cost of "on" at its best power.
            upper, lower = rows[s.first_row], rows[s.first_row + 1]
            slope = reduced[s.column] + upper + lower
            costs[s.on] += min(slope * s.least, slope * s.most) - upper * s.most - lower * s.least
        slopes = np.array([costs[i] for i in binaries], dtype=np.float64)
        return cls(objective(model), np.array([values[i] for i in binaries], dtype=np.float64), slopes)

    @property
    def prices(self) -> Floats:
        """By binary, what deciding it otherwise than a relaxation costs more at least."""
        return np.abs(self.slopes)

    @property
    def whole(self) -> Bools:
        """By binary, whether a relaxation has decided it."""
        decided: Bools = (self.values < _FAR) | (self.values > 1 - _FAR)
        return decided

    def least_cost(self, decisions: Bools) -> float:
        """No plan with these decisions costs less, in EUR."""
        return self.cost + float(self.slopes @ (decisions - self.values))
