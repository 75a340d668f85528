"""Ridge regression in closed form, one for each hour ahead, from sums that a day is simply added to."""

from dataclasses import dataclass

import numpy as np

from ems.forecast.history_grid import Floats

PENALTY = 0.1
"""On coefficients of features that are scaled to a mean square of 1. From 0.02 to 0.5 little changes."""


@dataclass(frozen=True, slots=True, eq=False)
class NormalEquations:
    """Sums over rows: all that a ridge needs of them. The last feature is the constant 1."""

    gram: Floats
    """(leads, features, features)."""
    moment: Floats
    """(leads, features)."""

    @property
    def rows(self) -> int:
        """How many rows there are of the first lead."""
        return int(self.gram[0, -1, -1])

    @classmethod
    def empty(cls, leads: int, features: int) -> "NormalEquations":
        """Of no row."""
        return cls(np.zeros((leads, features, features)), np.zeros((leads, features)))

    def with_rows(self, rows: Floats, wanted: Floats) -> "NormalEquations":
        """With these rows too.

        Args:
            rows: (leads, rows, features).
            wanted: (leads, rows): what should come out; a row without a finite one is left out.
        """
        there = np.isfinite(wanted)
        rows = np.where(there[..., None], rows, 0)
        across = rows.transpose(0, 2, 1)
        moment = (across @ np.where(there, wanted, 0)[..., None])[..., 0]
        return NormalEquations(self.gram + across @ rows, self.moment + moment)

    def coefficients(self, penalty: float = PENALTY) -> Floats:
        """(leads, features): what each feature counts; 0 for a lead without rows. The constant is not shrunk."""
        count = self.gram[:, -1, -1]
        mean = np.maximum(count, 1)[:, None]
        scale = np.sqrt(np.einsum("lff->lf", self.gram) / mean)
        scale = np.where(scale > 0, scale, 1)
        shrunk = np.eye(scale.shape[1]) * penalty
        shrunk[-1, -1] = 0
        scaled = self.gram / mean[..., None] / (scale[:, :, None] * scale[:, None, :]) + shrunk
        scaled[count == 0] = np.eye(scale.shape[1])
        found: Floats = np.linalg.solve(scaled, (self.moment / mean / scale)[..., None])[..., 0] / scale
        return found
